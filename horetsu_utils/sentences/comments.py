"""What the chapter on expectation and evaluation says of the comments: their words, the emotions in them, quotes."""

from collections.abc import Callable

import pandas as pd

from horetsu_utils.charts.theme import Picture
from horetsu_utils.wording import count, percent
from horetsu_utils.words import CODES

PATTERNS: dict[str, str] = CODES["pattern"]
MOST_WORDS = 6
WORDS_NOTE = (
    "1件のお声に何度出てきても、1件と数えています。「変わらない」のような打ち消しは、「変わる」とは別の言葉です。"
    "よく使われるだけの言葉ではなく、ほかのお声とくらべて目立つ言葉を選んでいます。"
)
EMOTIONS_NOTE = "お声のコメントに出てくる言葉から読み取りました。どの言葉を数えるかは、お店ごとに決められます。"
NO_COMMENTS = "コメントのあるお声が、まだありません"
NO_WORDS = "ほかのお声とくらべて、はっきり目立つ言葉はありません"
NO_EMOTIONS = "お声のコメントから読み取れる気持ちの言葉は、まだありません"
UNTOLD = "なし"
QUOTES_TITLE = "期待を下回ったお声から(お名前や場所、番号は「〇〇」に置きかえています)"


def words(found: pd.DataFrame) -> pd.DataFrame:
    """Choose the words to show: of each pattern the most telling."""
    order = {pattern: place for place, pattern in enumerate(PATTERNS)}
    placed = found.assign(place=found["pattern"].map(order)).sort_values("place", kind="stable")
    told = placed.groupby("pattern", sort=False).head(MOST_WORDS)
    return told.assign(word=told["shown"])[["pattern", "word", "comments", "ratio", "ratio_others"]]


def drawn(picture: Callable[..., Picture], commented: int, found: pd.DataFrame) -> Picture:
    """Hand the words to show, and the title that names them, to a picture; `commented` voices have a comment."""
    shown = words(found)
    title = words_title(shown) if commented else NO_COMMENTS
    return picture(shown, title=title, note=WORDS_NOTE if len(shown) else "")


def words_title(shown: pd.DataFrame) -> str:
    """Name the words that stand out where the expectation was missed, or else elsewhere."""
    for pattern, name in PATTERNS.items():
        own = shown.loc[shown["pattern"] == pattern, "word"].head(3)
        if len(own):
            return f"{name}お声では、「{'」「'.join(own)}」という言葉が目立ちます"
    return NO_WORDS


def emotions_table(found: pd.DataFrame, names: dict[str, str], least: int) -> pd.DataFrame:
    """Lay out the emotions: one row each, one column per pattern with the share of its comments; of few the count."""
    wide = {
        name: found[found["pattern"] == pattern].set_index("emotion")
        for pattern, name in PATTERNS.items()
        if (found["pattern"] == pattern).any()
    }
    told = [code for code in names if code in set(found["emotion"])]
    return pd.DataFrame(
        [{"気持ち": names[code]} | {name: _said(rows, code, least) for name, rows in wide.items()} for code in told]
    )


def _said(rows: pd.DataFrame, code: str, least: int) -> str:
    if code not in rows.index:
        return UNTOLD
    row = rows.loc[code]
    voices = count(row["comments"], "voice")
    return voices if row["commented"] < least else f"{percent(row['ratio'])}({voices})"


def emotions_title(found: pd.DataFrame, names: dict[str, str], least: int) -> str:
    """Name the emotion told most where the expectation was missed, or else elsewhere."""
    if found.empty:
        return NO_EMOTIONS
    for pattern, name in PATTERNS.items():
        own = found[(found["pattern"] == pattern) & (found["commented"] >= least)]
        if len(own):
            first = own.sort_values(["comments", "emotion"], ascending=[False, True]).iloc[0]
            return f"{name}お声の{percent(first['ratio'])}に、「{names[first['emotion']]}」の言葉があります"
    return f"気持ちの割合を言うには、コメントがまだ足りません({least}件ずつから読み取れます)"


def quotes(told: list[str]) -> pd.DataFrame:
    """Lay out the quotes."""
    return pd.DataFrame({"お声": told})
