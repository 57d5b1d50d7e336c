"""The story as people write it: which of the three emotions a word or a sign tells."""

import re

from horetsu_utils.canon import TABLES
from horetsu_utils.ingest.normalise import folded

TABLE = "story"
FACT = ("customer_id", "date")
"""What a record tells of: of one customer and day there is one."""
GOOD, PLAIN, BAD = EMOTIONS = TABLES[TABLE]["emotion"].choices
_WORDS = {
    GOOD: "良い よい いい 良 良好 好調 良かった よかった 笑顔 good",
    PLAIN: "普通 ふつう フツウ 普 まあまあ どちらでもない normal so-so",
    BAD: "悪い わるい 悪 悪かった わるかった 良くない よくない 良くなかった よくなかった 不調 泣き顔 bad",
}
_SIGNS = {GOOD: "◎○〇◯☺😀😁😃😄😆😊😍🙂🤗🥰👍", PLAIN: "△😐😑😶", BAD: "×✕✖☹🙁😞😟😠😡😢😣😥😩😭👎"}
_MEANT = {word: emotion for emotion, words in _WORDS.items() for word in words.split()}
_SIGN_MEANT = {sign: emotion for emotion, signs in _SIGNS.items() for sign in signs}
_SHADES = re.compile("[\ufe0e\ufe0f\U0001f3fb-\U0001f3ff]")
"""How a face is drawn, and of which colour."""
_MORE, _POLITE = "とても|とっても|すごく|大変|かなり|やや|少し|ちょっと|まあまあ", "だった|でした|です|だ"
_WORD = re.compile(rf"(?:{_MORE})?(?P<word>{'|'.join(map(re.escape, _MEANT))})(?:{_POLITE})?[。.!、\s]*")


def meant(word: str) -> str | None:
    """Return the emotion that somebody has written, or None where it is not clear which.

    `よかったです`, `とても良い`, `◎` and `🙂 良い` are 良い; `良いが悪い` and `😊😢` are two, `最高` is none of ours.
    """
    bare = _SHADES.sub("", folded(word))
    told = {_SIGN_MEANT[sign] for sign in bare if sign in _SIGN_MEANT}
    rest = "".join(sign for sign in bare if sign not in _SIGN_MEANT).strip()
    if rest:
        found = _WORD.fullmatch(rest)
        told.add(_MEANT[found["word"]] if found else "")
    return (told.pop() or None) if len(told) == 1 else None
