"""The words that give a planned action away: a rule table's phrases found in a letter, however it is written.

`#` in a phrase stands for a number, `…` for a few signs between. Every repeat in a pattern is bounded, and so is their
number in a phrase, so that the time grows no faster than the text.
"""

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache

from horetsu_utils.relation import Prohibition

LONGEST_TEXT = 50_000
"""Characters: what is longer is no letter, and the caller refuses it."""
LONGEST_PHRASE = 50
SHORTEST_WORD = 2
BETWEEN_SIGNS = 12
"""So many signs `…` may stand for."""
LONGEST_NUMBER = 12
MOST_STAND_INS = 3
"""So many `#` and `…` a phrase may hold: each multiplies the ways to try."""
NUMBER, BETWEEN = "#", "…"
_UNSEEN = re.compile(
    "[\\s\u00ad\u034f\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff\U000e0100-\U000e01ef]+"
)
"""White space, and what takes no room: zero-width characters, soft hyphens, marks of direction and variation."""
_DIGITS = "0-9〇一二三四五六七八九十百千万"
_STAND_INS = {
    NUMBER: f"[{_DIGITS}][{_DIGITS}.,]{{0,{LONGEST_NUMBER - 1}}}",
    BETWEEN: f".{{0,{BETWEEN_SIGNS}}}?",
}
_PLEASE = "ください"
_ASKED = "(?:ください|下さい)(?!まし)"
"""A request, in both spellings; くださいました thanks for what was done, and asks for nothing."""
_MARKS = "■□●○◆◇▼▽★☆▶►①-⑳"
_INDENT = "[ \t\u3000]{0,8}"
_TITLE = "【[^】\n]{1,50}】"
_HEADINGS = re.compile(f"^{_INDENT}[{_MARKS}]{{1,20}}{_INDENT}[^\\s{_MARKS}]|{_TITLE}", re.MULTILINE)


def normal(text: str) -> str:
    """Return a text as phrases see it: full width and half width alike (NFKC), and nothing between the signs."""
    # NFKC writes … as three dots, and phrases need it as the sign it is
    parts = [unicodedata.normalize("NFKC", part) for part in text.split(BETWEEN)]
    # a kana and its voicing mark may meet only now
    return unicodedata.normalize("NFC", _UNSEEN.sub("", BETWEEN.join(parts)))


def matched(text: str, prohibitions: Iterable[Prohibition]) -> dict[str, tuple[str, ...]]:
    """Find which actions a text contains, each with the words that show it, in the order they stand.

    A rule with `without` is broken by a text in which none of these words stands; it tells that the first is absent.

    Shape
        a letter -> action code -> words as they stand in the normal form of the text, each once
    Errors
        none; a text without a visible sign breaks nothing
    Source
        METHOD.md section 3; templates/rules/guard.yaml
    """
    read = normal(text)
    if not read:
        return {}
    found = {}
    for rule in prohibitions:
        words = _words(read, rule.words)
        if rule.without and not _words(read, rule.without):
            words = (*words, f"{rule.without[0]}などの言葉なし")
        if words:
            found[rule.action] = words
    return found


def any_of(text: str, phrases: tuple[str, ...]) -> bool:
    """Tell whether any of some phrases stands in a text."""
    return bool(_words(normal(text), phrases))


def _words(read: str, phrases: tuple[str, ...]) -> tuple[str, ...]:
    pattern = _compiled(phrases)
    return tuple(dict.fromkeys(hit[0] for hit in pattern.finditer(read))) if pattern else ()


@lru_cache(maxsize=256)
def _compiled(phrases: tuple[str, ...]) -> re.Pattern[str] | None:
    """Put a rule's phrases into one pattern, the longer first: of two that begin alike the fuller one is told."""
    ordered = sorted((normal(phrase) for phrase in phrases), key=len, reverse=True)
    return re.compile("|".join(map(_pattern, ordered)), re.IGNORECASE) if ordered else None


def _pattern(phrase: str) -> str:
    read = "".join(_STAND_INS.get(sign) or re.escape(sign) for sign in phrase)
    # a number is whole: No.1 does not stand in No.12
    before = "(?<![0-9])" if phrase[0].isdigit() else ""
    after = "(?![0-9])" if phrase[-1].isdigit() else ""
    return before + read.replace(_PLEASE, _ASKED) + after


def topics(text: str) -> int:
    """Count the headings of a letter: lines that begin with a mark such as ■ and go on in words, and titles in 【】.

    A mark with its 【】 is one heading; a line of nothing but marks is a rule between two paragraphs, and none.
    """
    return len(_HEADINGS.findall(text))


def problem(phrase: str) -> str:
    """Say in Japanese why a phrase of a rule file cannot be used; an empty text if it can."""
    read = normal(phrase)
    word = read.replace(NUMBER, "").replace(BETWEEN, "")
    if not any(sign.isalnum() for sign in word):
        return "言葉がありません。探したい言葉を書いてください。"
    if len(word) < SHORTEST_WORD and NUMBER not in read:
        return "1文字だけの言葉は、関係のない文にも当たってしまいます。もう少し長く書いてください。"
    if len(read) > LONGEST_PHRASE:
        return f"長すぎます。{LONGEST_PHRASE}文字までで書いてください。"
    if len(read) - len(word) > MOST_STAND_INS:
        return f"「#」と「…」が多すぎます。合わせて{MOST_STAND_INS}つまでで書いてください。"
    return ""
