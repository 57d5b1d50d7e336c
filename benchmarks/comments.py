"""A million comments of about 40 characters: read by the wordbook, and by the bare analyser."""

import random
import tempfile
from collections.abc import Callable
from pathlib import Path

from benchmarks.sizes import LINES

COMMENTS, LENGTH = LINES // 10, 40
SEED = 20260630
BEGINNINGS = (
    "箱を開けたとき、手紙が入っていてうれしく",
    "思っていたほど香りが強くなく、夜に使いやすくて",
    "説明のとおりに続けましたが、まだ変わらず",
    "届くのが予定より遅く、少し心配しましたが",
    "質問にていねいに答えていただき、安心して",
    "家族にもすすめたところ、とても喜ばれて",
    "値段のわりに量が少なく、もう少し",
    "肌がしっとりして、朝の支度が楽しみになり",
)
ENDINGS = ("続けています", "満足しています", "残念でした", "また頼みます", "迷っています", "助かりました", "困りました")


def comments() -> list[str]:
    """Make the comments, all different."""
    draw = random.Random(SEED)
    made = []
    for number in range(COMMENTS):
        text = f"{draw.choice(BEGINNINGS)}、{number}日目で{draw.choice(ENDINGS)}。{draw.choice(BEGINNINGS)}"
        made.append(text[:LENGTH])
    return made


def ours() -> Callable[[], None]:
    """Read every comment's words and lay them down, as the chapter does the first time."""
    from horetsu_utils import wordbook

    texts = comments()
    target = Path(tempfile.mkdtemp(prefix="horetsu-bench-")) / "words.parquet"
    return lambda: wordbook.write(target, texts, ["しずく美容液", "みどりの石けん"])


def bare() -> Callable[[], None]:
    """Let the analyser alone cut every comment, and look at nothing."""
    from sudachipy import Dictionary, SplitMode

    texts = comments()
    tokenizer = Dictionary(dict="core").tokenizer(mode=SplitMode.C)

    def case() -> None:
        for text in texts:
            tokenizer.tokenize(text)

    return case
