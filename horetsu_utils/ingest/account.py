"""The account of rows: what became of every row read, in numbers that add up."""

import csv
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal

from horetsu_utils import schema
from horetsu_utils.errors import nearest
from horetsu_utils.ingest import answers, cast
from horetsu_utils.ingest.clean import UNMATCHED
from horetsu_utils.ingest.scores import SCORES
from horetsu_utils.words import COLUMNS

REJECTED_SHOWN = 20
"""So many rejected rows stand in the account itself; all of them stand in rejected.csv."""


@dataclass(frozen=True)
class FileAccount:
    """One file's rows by outcome, and how it was read.

    `system` is what its mapping is for and `tax` that mapping's word on its amounts; `unused` headings nothing reads,
    `personal` ones only told who the person is; `from_memory` is what nobody has confirmed about such files.
    """

    file: str
    mapping: str
    encoding: str
    read: int
    outcomes: dict[str, int]
    first_day: str | None = None
    last_day: str | None = None
    system: str = ""
    tax: str = "unknown"
    tells_customer: bool = True
    unused: tuple[str, ...] = ()
    personal: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()
    lacking: tuple[str, ...] = ()
    from_memory: tuple[str, ...] = ()


@dataclass(frozen=True)
class Word:
    """A word in a column of choices that nobody has explained, and what it likely means (from memory only)."""

    mapping: str
    column: str
    word: str
    rows: int
    likely: str = ""


@dataclass(frozen=True)
class Stranger:
    """A file that is not read, and why.

    No mapping knows its headings (`reasons` are the nearest mappings and what they lack), it cannot be read at all, or
    client.yaml names other files only.
    """

    file: str
    reasons: tuple[str, ...]
    kind: Literal["unknown", "unreadable", "unnamed"] = "unknown"


@dataclass(frozen=True)
class Month:
    """What one table tells of one month. `amount` is that of the orders, in the client's currency."""

    month: str
    rows: int
    amount: float | None = None


@dataclass(frozen=True)
class TableAccount:
    """One canonical table's rows by outcome.

    `outcomes` add up to `read`. `matching` counts all rows (and orders) to which a reason applies, whatever their
    outcome: a repeated line without a customer stands once in `outcomes` and in two of `matching`.
    """

    table: str
    read: int
    outcomes: dict[str, int]
    matching: dict[str, dict[str, int]]
    emptied: dict[str, int]
    files: tuple[FileAccount, ...] = ()
    months: tuple[Month, ...] = ()
    unknown_words: tuple[Word, ...] = ()


@dataclass(frozen=True)
class Rejected:
    """A row that could not be used, in the words of the person who will mend it."""

    file: str
    row: int
    column: str
    value: str
    reason: str
    mend: str

    def __str__(self) -> str:
        """Return the whole message on one line."""
        place = f"{self.file} {self.row:,}行目" + (f" 列「{self.column}」" if self.column else "")
        shown = f"の値「{self.value}」" if self.value else ""
        return f"{place}{shown}: {self.reason}。{self.mend}。"


@dataclass(frozen=True)
class Account:
    """What became of every row a client gave, table by table, with the first rejected rows."""

    tables: dict[str, TableAccount]
    rejected: tuple[Rejected, ...] = ()
    notes: tuple[str, ...] = field(default=())
    strangers: tuple[Stranger, ...] = ()
    linked: dict[str, int] = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """Return the account as plain data for JSON."""
        return asdict(self)


HALF = "half"
_TROUBLES = {
    cast.MISSING: ("値が空です", "値を入れるか、この行が要らなければ消してください"),
    cast.UNREADABLE: ("{kind}として読めません", "{example}のような形に直してください"),
    cast.OUTSIDE: ("決められた値ではありません", "{range}に直してください"),
    cast.MANGLED: (
        "表計算ソフトが番号を書きかえています",
        "元のシステムからもう一度書き出し、表計算ソフトで開かずにそのまま置いてください",
    ),
    UNMATCHED.partition("|")[0]: (
        "この番号の注文が、注文のファイルにありません",
        "同じ期間の注文のファイルも書き出して、一緒に置いてください",
    ),
    "no_lines": (
        "この注文の明細が、明細のファイルにありません",
        "同じ期間の明細のファイルも書き出して、一緒に置いてください",
    ),
    HALF: (
        "期待か評価のどちらかが空です",
        "もう一方を書き足すか、もう一方の答えがあるファイルも一緒に置いてください"
        "(お客様と旅の段階が同じ答えどうしを、1件につなぎます)。"
        "評価だけを伺っているなら、client.yaml の tables の voices に、files と並べて expected: 4 のように、"
        "「期待どおり」にあたる点を書いてください",
    ),
    answers.CONFLICT: (
        "同じ質問に、違う答えが2つあります",
        "正しい答えの行だけを残して、ほかの行を消してください",
    ),
    "ragged": ("セルの数({cells})が見出しの数({width})と違います", "カンマや引用符、改行を確かめてください"),
}
ASK = "この言葉の意味を、client.yaml の values に書いてください(horetsu check が書き方をお知らせします)"
SCALE = (
    "点数を、{range}に直してください。違う点数で伺ったなら、client.yaml の tables の voices に、files と並べて "
    "scale: [0, 10] のように、いちばん低い点といちばん高い点を書いてください"
)
_CHOOSE = {"question": "Q1からQ10までのどれか1つ", "answer": "A・B・C・Dのどれか1つ"}
_KINDS = {
    "date": ("日付", "2026-06-30"),
    "time": ("日時", "2026-06-30 09:00"),
    "number": ("数", "1200"),
    "integer": ("整数", "3"),
    "flag": ("はい・いいえ", "はい"),
}


def sentence(file: str, row: int, code: str, value: str, *, heading: str, column: schema.Column) -> Rejected:
    """Word one rejected row by the code of its trouble; `heading` is what the shop's file calls the column."""
    name, example = _KINDS.get(column.kind, ("値", ""))
    reason, mend = _TROUBLES[code]
    shown = heading or (COLUMNS[column.name].japanese if column.name in COLUMNS else column.name)
    if code == cast.OUTSIDE and column.name in SCORES:
        mend = SCALE
    unknown_word = code == cast.OUTSIDE and column.choices and column.name not in _CHOOSE
    told = _asked(value, column) if unknown_word else mend.format(example=example, range=_range(column))
    return Rejected(file, row, shown, value, reason.format(kind=name), told)


def _asked(word: str, column: schema.Column) -> str:
    guess = nearest(word, column.choices)
    return f"「{guess}」の書き間違いではありませんか。そうでなければ、{ASK}" if guess else ASK


def _range(column: schema.Column) -> str:
    if column.minimum is not None and column.maximum is not None:
        return f"{column.minimum:g}から{column.maximum:g}までの数"
    return _CHOOSE.get(column.name, "正しい値")


def ragged(file: str, row: int, cells: int, width: int) -> Rejected:
    """Word one row whose number of cells differs from the header's."""
    reason, mend = _TROUBLES["ragged"]
    return Rejected(file, row, "", "", reason.format(cells=cells, width=width), mend)


def write_csv(rejected: Iterable[Rejected], path: Path) -> tuple[Rejected, ...]:
    """Write every rejected row to a file that a spreadsheet opens without running anything; return the first ones."""
    shown: list[Rejected] = []
    with path.open("w", encoding="utf-8-sig", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(["ファイル", "行", "列", "値", "理由", "直し方"])
        for each in rejected:
            cells = (each.file, each.row, each.column, each.value, each.reason, each.mend)
            writer.writerow([harmless(cell) if isinstance(cell, str) else cell for cell in cells])
            if len(shown) < REJECTED_SHOWN:
                shown.append(each)
    return tuple(shown)


def read_csv(path: Path) -> Iterator[Rejected]:
    """Read the rejected rows back from the file that `write_csv` wrote."""
    with path.open(encoding="utf-8-sig", newline="") as stream:
        rows = csv.reader(stream)
        next(rows)
        for file, row, *told in rows:
            yield Rejected(file.removeprefix("'"), int(row), *told)


def harmless(cell: str) -> str:
    """Keep a spreadsheet from running a cell as a formula: such a cell starts with an apostrophe."""
    return f"'{cell}" if cell[:1] in ("=", "+", "-", "@", "\t", "\r") else cell
