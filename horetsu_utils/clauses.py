"""Morphemes → words, each with whether it is denied in its clause (良くない is not 良い).

A word is denied by a ない, ず or なくなる that follows in its own clause, over particles, auxiliaries and light verbs
(良いとは思えない, 効果が出ない). A second one takes the denial back (良くなくはない). Not denied is what is asked
without の (良くないですか, but 届かないのですか), nor anything before a しか or a set phrase (思わず, に違いない).
What is only supposed (良くなければ) or wished for (安いと嬉しい) is told neither way, and is no word.

There is no parser, so a denial reaches the nearest word only: 良い商品がない denies 商品 and leaves 良い. What is
supposed without a ない is told (満足できれば), unless it is a word that wishes are made of. A と after a ない supposes,
unless a verb of saying or thinking follows at once. Where the reading is in doubt, a word is rather left out than told
the wrong way round.
"""

import re
from typing import TypeAlias

from sudachipy import Morpheme, MorphemeList

Word: TypeAlias = tuple[str, bool, str]
"""The dictionary form, whether it is denied, and how that is said."""
Entry: TypeAlias = tuple[int, Word]
"""What a morpheme does in its clause, and the word that it is."""
LONGEST_WORD = 30
"""Characters: what is longer is no word."""
PASSED = frozenset(
    "事 物 時 所 為 方 様 程 訳 筈 間 内 後 前 上 中 分 達 気 こと もの ところ "  # noqa: SIM905
    "思う 言う 感じる 見える 限る 切れる 出る 得る 現れる 表れる 要る いる 知れる "
    "為る 居る 有る 成る 来る 行く 見る 遣る 貰う 呉れる 下さる 頂く 置く 仕舞う 出来る 過ぎる 御座る ござる".split()
)
"""Words without a meaning of their own: a denial passes over them (困ることはない, 満足できない, 良いとは思わない)."""
DENIALS = frozenset("無い ない ず へん 無くなる なくなる 無し なし".split())  # noqa: SIM905
HARD, EASY, NOT = "難い", "易い", "ない"
EASE = {HARD: HARD, "辛い": HARD, EASY: EASY}
"""使いにくい, 使いづらい and 使いやすい are words of their own: neither 使う nor 使わない."""
HARDLY_SAID = ("とは言い", "とはいい", "とも言い", "ともいい")
IDIOMS = frozenset("もったい 勿体 つまら くだら 申し訳 仕方 しかた しかたが たまら しょうが".split())  # noqa: SIM905
"""With ない they are words of their own: there is no 詰まる in つまらない."""
SET_PHRASES = (
    *("思わず", "かかわらず", "関わらず", "問わず", "限らず", "間もなく", "まもなく", "ほどなく", "程なく"),
    *("に違いない", "に違いありません", "にちがいない", "に過ぎない", "にすぎない", "に過ぎません", "にすぎません"),
)
"""They deny nothing before them."""
FRONTS = frozenset("無 不 未 非".split())  # noqa: SIM905
"""無香料 is not 香料."""
BOTH = {"くも": 1, "とも": 0}
"""良くも悪くもない and 良いとも悪いとも言えない deny both; so many signs of the dictionary form do not stand before."""
WANTED, GOOD = "欲しい", "良い"
PLEASING = frozenset((WANTED, GOOD, "嬉しい", "有り難い", "助かる", "幸い"))
"""Words that may tell a wish only: 安いと嬉しい, 続けてほしい."""
LIMITS, ONLY, ON = frozenset(["だけ", "ばかり", "より", "のみ", "か"]), "しか", frozenset(["て", "で"])
"""Particles that a ない after them denies, and not the word before (香りだけでなく)."""
LINK, WORD, WISH, FRONT, DENIAL, SUFFIX, LIMIT, END = range(8)
"""What a morpheme does: it lets a denial through (0), is a word, or one that may be a wish, makes a new word of the
next one (無香料), denies, makes a new word of the one before, is a しか, or ends the clause.
"""
UNLISTED = 0xF000_0000
"""From here on the number of a morpheme does not tell which it is: it stands in no dictionary."""
_WORDS = {"動詞": "", "形容詞": "", "形状詞": "", "副詞": "", "感動詞": "一般", "名詞": ""}
_NO_NOUNS = frozenset(["人名", "地名", "助数詞可能", "数詞", "助動詞語幹"])
_DENYING = ("助動詞-ナイ", "助動詞-ヌ", "助動詞-ヘン")
_END = r"(?:[。、!?….\s)」』]|$)"
_ASKS_BACK = re.compile(
    rf"(?:[な無](?:い|かった)|ん)(?:です|でした|でしょう|だろう)?(?:か(?:な|ね|しら)?[ぁあぇえー]*(?={_END}|と[思言])|\?)"
)
_SUPPOSES = re.compile(
    r"[な無](?:けれ|きゃ|く(?:ては|ちゃ)|かったら|くな(?:れば|ったら|ると))|(?:[な無]い|ん)(?:の|ん|よう)?なら|んでしたら"
    r"|(?:[な無]い|ん)(?:です)?と(?![のもはかきこ思感言聞書話伝考]|い[うっわ])"
)
_MORE = "、?(?:もっと|さらに|更に|なお|より|大変|とても)?$"
_IF = re.compile(f"(?:[えけげせてねべめれ]ば|なら){_MORE}")
_WHEN = re.compile(f"(?:たら|だら|[うくぐすつぬぶむるいだ]と){_MORE}")
_CLOSES = re.compile(
    rf"です|ます|でしょう|だろう|思|か(?!ら)|な[ぁあ]*{_END}|の(?:に|です)|と|けど|けれど|が|よ|ね|{_END}"
)
_MAY = re.compile("(?:(?<!と)(?<!とっ)ても|でも|方が|ほうが)$")
_ASKED = re.compile("(?:の|ん|もの)?(?:でしょう|です|だろう)?か(?![らもっ])")
_BEFORE = 10
"""Characters before a word that tell whether it is wished for."""


class Entries(dict[int, Entry]):
    """What each morpheme of a dictionary does, by its number; `names` are words, whatever else they may be."""

    def __init__(self, names: frozenset[str] = frozenset()) -> None:
        self._names = names

    def learn(self, each: Morpheme) -> Entry:
        """Return what a morpheme does, and remember it if it stands in the dictionary."""
        role = WORD if each.raw_surface().lower() in self._names else _role(each)
        told = role, (each.normalized_form(), False, each.dictionary_form())
        if each.word_id() < UNLISTED:
            self[each.word_id()] = told
        return told


def read(found: list[Word], text: str, morphemes: MorphemeList, entries: Entries) -> None:
    """Add the words of a text to those found, and deny each that a denial of its own clause follows."""
    last, only = None, False  # the last word that can still be denied; whether the next denial belongs to a しか
    front = None  # a 無 or 不 that belongs to the next word
    known, learn = entries.get, entries.learn
    for each in morphemes:
        role, word = known(each.word_id()) or learn(each)
        if not role:
            continue
        if role == WISH:
            role = _meant(word[0], text, each)
        if role == WORD:
            found.append(word if front is None else _fronted(front, word))
            last, front = front or each, None
        elif role == FRONT:
            front = each
        elif role >= LIMIT:
            last, only, front = None, role == LIMIT, None
        elif role == DENIAL and only:
            last, only = None, False
        elif role and last:
            last = (_deny if role == DENIAL else _eased)(found, text, last, each)


def is_word(each: Morpheme) -> bool:
    """Tell whether a morpheme is a word with a meaning."""
    return _role(each) in (WORD, WISH)


def _role(each: Morpheme) -> int:
    """Tell what a morpheme does, by its part of speech and its form."""
    pos, form = each.part_of_speech(), each.normalized_form()
    if pos[0] == "接尾辞" and form in EASE:
        return SUFFIX
    if pos[0] == "接頭辞":
        return FRONT if form in FRONTS else LINK
    if form in DENIALS and (pos[4] in _DENYING or pos[0] in _WORDS):
        return DENIAL
    if pos[0] == "助詞":
        return LIMIT if form == ONLY else END if _ends(pos[1], form) else LINK
    if pos[0] == "補助記号" or "\n" in form:
        return END
    told = _WORDS.get(pos[0])
    if told is None or not pos[1].startswith(told) or not _NO_NOUNS.isdisjoint(pos):
        return LINK
    if form in PASSED or not _tells(form):
        return LINK
    return WISH if form in PLEASING else WORD


def _ends(kind: str, form: str) -> bool:
    """Tell whether no denial reaches over a particle."""
    return form not in ON if kind == "接続助詞" else form in LIMITS


def _tells(form: str) -> bool:
    """Tell whether a word has a meaning: it is neither a lone kana or letter, nor a number."""
    known = 1 < len(form) <= LONGEST_WORD or form >= "一"
    return known and not form.isnumeric() and any(map(str.isalpha, form))


def _deny(found: list[Word], text: str, last: Morpheme, denial: Morpheme) -> Morpheme | None:
    """Deny the last word, or take its denial back; return it while it can still be denied."""
    word, denied, _ = found[-1]
    since, place = last.begin(), denial.begin()
    said = text[since:place]
    if phrase := next((each for each in SET_PHRASES if text.endswith(each, 0, denial.end())), ""):
        if since >= denial.end() - len(phrase):
            found.pop()
    elif _SUPPOSES.match(text, place):
        found.pop()
    elif _ASKS_BACK.match(text, place):
        return last
    elif said in IDIOMS:
        found[-1] = (word + NOT, False, _denied(said, denial))
        return last
    else:
        found[-1] = (word, not denied, word if denied else _denied(said, denial))
        _deny_both(found, text[:since], said)
        return last
    return None


def _deny_both(found: list[Word], before: str, said: str) -> None:
    """Deny the word before the last one as well, where the two are denied as one."""
    tie = next((tie for tie in BOTH if tie in said and before.endswith(tie)), "")
    if tie and len(found) > 1:
        word, _, shown = found[-2]
        tail = found[-1][2]
        found[-2] = (word, True, shown[: len(shown) - BOTH[tie]] + tail[tail.index(tie) :])


def _eased(found: list[Word], text: str, last: Morpheme, suffix: Morpheme) -> Morpheme:
    """Make a new word of the last one: 使い + にくい; but 良いとは言いにくい denies."""
    word, since, ease = found[-1][0], last.begin(), EASE[suffix.normalized_form()]
    said = text[since : suffix.begin()]
    denied = ease == HARD and said.endswith(HARDLY_SAID)
    found[-1] = (word if denied else word + ease, denied, said + suffix.dictionary_form())
    return last


def _fronted(front: Morpheme, word: Word) -> Word:
    form, denied, shown = word
    return front.normalized_form() + form, denied, front.raw_surface() + shown


def _denied(said: str, denial: Morpheme) -> str:
    """Say a denied word as it would end a sentence: 変わら + ず becomes 変わらない."""
    if said.endswith(("ませ", "せ")):  # ません, せず
        return said + denial.raw_surface()
    return said + (NOT if denial.normalized_form() == "ず" else denial.dictionary_form())


def _meant(word: str, text: str, each: Morpheme) -> int:
    """Tell what a pleasing word is: a word, or the end of a clause that only wishes, asks or allows; and 続けてほしい
    is about 続ける.
    """
    begin, end = each.begin(), each.end()
    before = text[max(begin - _BEFORE, 0) : begin]
    if word == WANTED:
        return LINK if before.endswith(tuple(ON)) else WORD
    if word == GOOD and each.raw_surface().endswith("く"):  # 使っても良くならない
        return WORD
    allowed = word == GOOD and bool(_MAY.search(before) or _ASKED.match(text, end))
    wished = text.startswith("ば", end) or _IF.search(before) or (_WHEN.search(before) and _CLOSES.match(text, end))
    return END if allowed or wished else WORD
