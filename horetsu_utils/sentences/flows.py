"""What is said of the ways people took between two days: a matrix, the kinds of moves, and what began in between."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import ceil, sqrt

import pandas as pd

from horetsu_utils.privacy import FEW, LEAST_GROUP
from horetsu_utils.sentences.comparing import few, people
from horetsu_utils.wording import claim
from horetsu_utils.words import TABLES

HIDDEN = "—"
LEVELS = 4
NEWCOMERS = {"-1": "新しい方", "not_yet": "まだ購入なし"}
HIDDEN_NOTE = f"「{HIDDEN}」は、{FEW}の数がほかの数から分かってしまわないように、伏せたところです。"
STAGE_NOTE = (
    "縦が前の日、横が後の日のステージです。枠のあるところは、同じステージのままの方です。"
    "だいだい色は、前のステージへ戻られた方です。便りのない間が長くなると、戻ったと見ます。"
)
SEGMENT_NOTE = (
    "縦が前の日、横が後の日の層です。枠のあるところは、同じ層のままの方です。"
    "だいだい色は、足が遠のいた方の動きです。2つの日を、同じ点数の線で分けています。"
)
PEOPLE = {
    "known": ("どちらの日にも記録のある方", "この方々について、下の動きを数えています。"),
    "new": ("新しくお会いした方", "前の日には、まだ記録のなかった方です。"),
    "risen": ("先のステージへ進まれた方", "つながりが深まったしるしのある方です。"),
    "fallen": ("前のステージへ戻られた方", "便りのない間が長くなった方です。"),
    "cooled": ("新しく冷めかけている方", "前の日には、冷めかけていなかった方です。"),
    "warmed": ("冷めかけから戻られた方", "前と同じか、先のステージにいらっしゃる方です。"),
}


@dataclass(frozen=True)
class Cell:
    """The people who took one way: in words, how many at a glance (0-4), and which kind of way it is."""

    words: str
    level: int
    way: str


@dataclass(frozen=True)
class Line:
    """Where the people of one code went."""

    name: str
    cells: tuple[Cell, ...]


def stage_way(source: str, target: str) -> str:
    """Name the kind of a way between two stages, by their numbers."""
    if source in NEWCOMERS:
        return "new"
    return "same" if source == target else "risen" if int(source) < int(target) else "fallen"


def segment_way(source: str, target: str, cold: Sequence[str]) -> str:
    """Name the kind of a way between two segments: those into and out of the cold ones matter."""
    if source in NEWCOMERS:
        return "new"
    if source == target:
        return "same"
    return {(False, True): "away", (True, False): "back"}.get((source in cold, target in cold), "other")


def matrix(ways: pd.DataFrame, names: Mapping[str, str], kinds: Mapping[tuple[str, str], str]) -> list[Line]:
    """Lay the ways out, a line for each code that one came from, groups under five untold.

    The total of a kind of way may stand on the page: where it would give away the small groups of the kind, the next
    smallest is not told, either.
    """
    counts = ways.set_index(["source", "target"])["customers"].to_dict()
    hidden, most = _hidden(counts, kinds), max(counts.values(), default=1)
    came = {source for source, _ in counts}
    lines = []
    for source, name in (NEWCOMERS | dict(names)).items():
        if source in came:
            across = [(source, target) for target in names]
            told = tuple(_cell(counts.get(way, 0), kinds[way], most, hidden=way in hidden) for way in across)
            lines.append(Line(name, told))
    return lines


def _hidden(counts: Mapping[tuple[str, str], int], kinds: Mapping[tuple[str, str], str]) -> set[tuple[str, str]]:
    hidden = set()
    for kind in set(kinds.values()):
        own = sorted((number, way) for way, number in counts.items() if kinds[way] == kind)
        small = [number for number, _ in own if few(number)]
        given_away = (
            len(small),
            len(small) * (LEAST_GROUP - 1),
        )  # a lone one, all of one person, all as many as may be
        if len(small) < len(own) and (len(small) == 1 or (small and sum(small) in given_away)):
            hidden.add(own[len(small)][1])
    return hidden


def _cell(number: int, kind: str, most: int, *, hidden: bool) -> Cell:
    if hidden or few(number):
        return Cell(HIDDEN if hidden else FEW, 0, kind)
    return Cell(f"{number:,}", ceil(LEVELS * sqrt(number / most)), kind)


def hidden_note(lines: Sequence[Line]) -> str:
    """Say why a number is not told; nothing where all are."""
    return HIDDEN_NOTE if any(cell.words == HIDDEN for line in lines for cell in line.cells) else ""


def stages_title(counts: pd.Series, least: int) -> str:
    """Say how many rose and how many went back, of those known on both days."""
    risen, fallen = (people(counts[kind]) for kind in ("risen", "fallen"))
    told = f"先のステージへ進まれた方は{risen}、前のステージへ戻られた方は{fallen}です"
    return claim(told, int(counts["known"]), least, who="どちらの日にも記録のある方") + "。"


def segments_title(ways: pd.DataFrame, kinds: Mapping[tuple[str, str], str], least: int) -> str:
    """Say how many drifted away, and how many came back, of those who had bought by the earlier day."""
    told = ways.assign(kind=[kinds[way] for way in zip(ways["source"], ways["target"], strict=True)])
    sums = told.groupby("kind")["customers"].sum()
    away, back = (people(sums.get(kind, 0)) for kind in ("away", "back"))
    sentence = f"足が遠のいた方は{away}、足の遠のいていたところから戻ってこられた方は{back}です"
    return claim(sentence, int(sums.drop("new", errors="ignore").sum()), least, who="前の日までに買われた方") + "。"


def cards(counts: pd.Series) -> list[tuple[str, str, str, str]]:
    """Return the kinds of moves: code, how many, who they are, and what that means."""
    return [(kind, people(counts[kind]), *words) for kind, words in PEOPLE.items()]


def begun(tables: Sequence[str]) -> str:
    """Say which records began in between, so that a rise may be no more than theirs; nothing where none did."""
    if not tables:
        return ""
    named = "・".join(f"「{TABLES[name]}」" for name in tables)
    return f"{named}は、この間に記録が始まりました。ステージの動きには、記録がふえたための分も含まれます。"
