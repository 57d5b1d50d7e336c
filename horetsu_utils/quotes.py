"""What people wrote, as it may be quoted: names, places and numbers masked.

Whatever may tell who somebody is becomes 〇〇: rather a word too many than one too few.
"""

import re
from functools import lru_cache

from sudachipy import Morpheme

from horetsu_utils.analyser import Analyser, normal

MASK = "〇〇"
LONGEST_QUOTE = 80
"""Characters: a longer comment is cut at the end of a sentence, or else with …"""
LONGEST_READ = 1000
"""Characters of a comment that are looked at for a quote."""
CALLED = frozenset("さん 様 さま ちゃん ちゃま くん 君 氏 殿 嬢 サン サマ チャン クン san".split())  # noqa: SIM905
"""What is put behind a name."""
NOBODY = frozenset(
    "お客 客 皆 皆々 店員 店 店主 店長 社長 部長 課長 主任 担当 担当者 スタッフ オペレーター 受付 係 業者 ドライバー "  # noqa: SIM905
    "奥 旦那 主人 お母 お父 お子 お姉 お兄 お嬢 母 父 子 姉 兄 妹 弟 息子 娘 孫 嫁 婿 親 赤 ばあ じい 婆 爺 "
    "お疲れ ご苦労 疲れ 苦労 女将 大将 若 隣 お隣 得意 お得意 医者 お医者 友達 先輩 後輩 神 仏 犬 猫 ネコ イヌ "
    "ワン ニャン".split()
)
"""Those who are called so without being named."""
TRADES = ("屋", "師", "員", "者", "士", "長", "係", "手")
"""So end what people do for a living: 美容師さん, パン屋さん."""
CHANNELS = frozenset("LINE ライン Instagram インスタ Amazon アマゾン 楽天 Yahoo YouTube Google メルカリ".split())  # noqa: SIM905
"""Names that say where one wrote or bought, and not who did."""
_VARIANTS = str.maketrans("髙﨑𠮷德濵栁瀨", "高崎吉徳濱柳瀬")
"""Signs of family names that the dictionary has in their usual form only."""
_DASH = re.compile(r"(?<=[\d)])\s?[-\u2010-\u2015\u2212ー~〜]\s?(?=[\d(])")
_COMPANY = r"(?:株式会社|有限会社|合同会社|合資会社|医療法人|社団法人|財団法人|\(株\)|\(有\)|\(同\))"
_BUILDING = "(?:コーポ|ハイツ|ハイム|メゾン|マンション|ビル|アパート|レジデンス|タワー|パレス|ハウス|団地|荘|寮)"
_AMOUNT = r"(?:円|年(?!生)|人|名|個|件|回|本|歩|時|日|点|ポイント|%|g|kg|mg|ml|mL|ML|cc|kcal|ppm)"
_KANJI = "〇零一二三四五六七八九"
_KIN, _NO_CHILD = (
    "[娘子孫夫妻人母父姉兄妹弟]",
    "ため|おかげ|もの|こと|ところ|ほう|よう|とき|すすめ|おすすめ|ほか|みな|みんな",
)
_TOLD = re.compile(
    "|".join(
        (
            r"[^\s@、。]{1,64}\s?(?:@|[\[(]at[\])])\s?[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+",  # mail
            r"(?:https?://|www\.)[^\s、。]+|[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*\.[A-Za-z]{2,}(?:/[!-~]*)?",  # pages
            r"@\s?(?:[A-Za-z0-9_.-]+|[^\s、。@!-~]{1,10})|[A-Za-z0-9]+_[A-Za-z0-9_.-]*",  # handles
            r"(?i:(?<=番号)|(?<=ID)|(?<=アカウント)|(?<=内線)|(?<=口座)|(?<=[付員文票理]No))(?:\.|は|が|の|番号|ID|[:=#\s])*[A-Za-z0-9][A-Za-z0-9_.-]*",
            r"(?:明治|大正|昭和|平成|令和|[MTSHR])\s?(?:\d+|元)[年./-](?:\d+[月./-]\d+日?|\d+月)?",  # days
            r"\d+年\d+月(?:\d+日)?|\d+年(?=生)|\d+月\d+日|\d{1,4}[/.-]\d{1,2}[/.-]\d{1,2}",
            rf"誕生日(?:は|が|:|の|\s)*[\d{_KANJI}十元/月日]+|[{_KANJI}]{{7,}}|[{_KANJI}]{{2,}}(?:-[\d{_KANJI}]+)+",
            r"[A-Za-z]{0,4}-?\+?\(?\d+\)?(?:[- ()./・]{1,2}\d+){2,}|〒?\s?\d{3}-\d{4}|\(\d+\)\s?\d+-\d+",  # telephones
            r"[A-Za-z]{0,4}-?(?:\d{2,}-\d{3,}|\d{3,}-\d{2,})|[A-Za-z]{0,4}\d{4,}(?![\d,]|\s?" + _AMOUNT + ")",
            # houses
            r"(?:[東西南北]?\d+条)?[東西南北]?\d+(?:丁目|番(?:地|号|(?=\d))|号室?|室)(?:\d+|-|の(?=\d)|丁目|番地?|号室?)*",
            rf"[^\s、。のにでは]{{0,15}}{_BUILDING}[^\s、。にでは]{{0,15}}\s?\d{{1,4}}(?:号室?|階)?",
            rf"{_COMPANY}\s?[^\s、。ではをがとにへ]{{1,20}}|[^\s、。のはにをがとで]{{1,20}}{_COMPANY}",  # companies
            r"[^\s、。は:]{1,12}(?=と申し|ともうし)|(?:(?<=名前:)|(?<=氏名:)|(?<=ネーム:))\s?[^\s、。]{1,12}",  # names
            rf"(?<={_KIN}の)(?!{_NO_CHILD})[ぁ-んァ-ヶー]{{2,5}}(?=[がはもとにへを、。]|$)|(?<={_KIN}\()[^\s()]{{1,10}}(?=\))",
            r"(?:Mr|Ms|Mrs|Miss|Dr)\.?\s[A-Z][A-Za-z]+(?:\s[A-Z][A-Za-z]+)?",
        )
    )
)
"""What tells of somebody by its form alone."""
_RUN = re.compile(rf"{MASK}(?:[\s・]?{MASK}|-?\d+|-|丁目|番地?|号室?|の(?=\d))*")
_PERSON = "\ue001"
"""Stands for a name until the other half of it is found: たろう alone might be anything."""
_OTHER_HALF = re.compile(rf"{_PERSON}\s[ぁ-んァ-ヶー]{{2,5}}(?=$|[\s、。(]|です|より)")
_LATIN = re.compile("[A-Z][a-z]+")
_ENDS, _BREAKS = "。!?", "。!?、 "


def quote(text: str) -> str:
    """Return a comment as it may be shown: one line, masked, and not long.

    Personal names, companies, places and all numbers by which somebody could be found become 〇〇.
    """
    read = _DASH.sub("-", " ".join(normal(text).translate(_VARIANTS).split()))
    if len(read) > LONGEST_READ:  # cut between words: half a number would not be known for one
        read = read[: max(read.rfind(sign, 0, LONGEST_READ) for sign in _BREAKS) + 1] or MASK
    return _short(_RUN.sub(MASK, _unnamed(_TOLD.sub(MASK, read))))


def _unnamed(text: str) -> str:
    """Mask personal names, places, makers, and whoever is called さん or 様."""
    told: list[str] = []
    address = False  # what follows a place without a particle belongs to it
    for each in _analyser().morphemes(text):
        pos, surface = each.part_of_speech(), each.raw_surface()
        if surface in CALLED:
            _mask_called(told)
        address = _is_place(pos) or (address and pos[0] in ("名詞", "接頭辞", "接尾辞") and surface not in CALLED)
        told.append(_PERSON if pos[2] == "人名" else MASK if address or _names(each) else surface)
    return _OTHER_HALF.sub(MASK, "".join(told)).replace(_PERSON, MASK)


def _is_place(pos: tuple[str, ...]) -> bool:
    return pos[2] == "地名" and pos[3] != "国"


def _names(each: Morpheme) -> bool:
    """Tell whether a word is a name: of a person, of a maker, or one in Latin letters that no dictionary has."""
    pos, surface = each.part_of_speech(), each.raw_surface()
    if pos[1] == "固有名詞" and pos[2] != "地名":
        return surface not in CHANNELS
    return each.is_oov() and bool(_LATIN.fullmatch(surface))


def _mask_called(told: list[str]) -> None:
    """Mask the name before a さん; a nickname may have fallen into pieces of one sign each."""
    place = len(told) - 1
    if place > 0 and told[place] == " ":
        place -= 1
    if place < 0 or _is_nobody(told[: place + 1]):
        return
    while told[place][-1:].isalnum():
        piece, told[place] = told[place], MASK
        place -= 1
        if place < 0 or len(piece) > 1:
            return


def _is_nobody(told: list[str]) -> bool:
    """Tell whether somebody is called by what they are, and not by a name; but Y子さん is somebody."""
    *before, last = told
    initial = bool(before) and before[-1].isascii() and before[-1].isalpha()
    return not initial and (last in NOBODY or last.endswith(TRADES))


@lru_cache(maxsize=1)
def _analyser() -> Analyser:
    return Analyser()


def _short(text: str) -> str:
    if len(text) <= LONGEST_QUOTE:
        return text
    end = max(text.rfind(sign, 0, LONGEST_QUOTE) for sign in _ENDS)
    return text[: end + 1] if end > 0 else f"{text[:LONGEST_QUOTE]}…"
