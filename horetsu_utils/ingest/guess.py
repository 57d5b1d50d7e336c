"""Which heading of an unknown export feeds which canonical column: guessed from names and cells, never certain."""

import re
from collections.abc import Iterator, Sequence
from collections.abc import Mapping as Dictionary
from dataclasses import dataclass, field

from horetsu_utils import canon
from horetsu_utils.ingest import evidence
from horetsu_utils.ingest.aliases import ALMOST, CANCELLED_ON, ORDER_TOTAL, PEOPLE, SAME, TIME, Names, Words, holds
from horetsu_utils.ingest.evidence import FITS, Cells
from horetsu_utils.ingest.header import Header, plain
from horetsu_utils.ingest.mapping import Heading, Mapping

SURE, LIKELY, CHECK = "sure", "likely", "check"
MOST_CHOICES = 30
"""A column with more different words than this says no choice."""
_SCORES = {SAME: 30.0, "system": 22.0, "trimmed": 20.0, ALMOST: 10.0, "cells": 3.0}
_FIT, _MISFIT = 3.0, -16.0
_KINDS = {"mail": "mail", "phone": "phone", "name": "name", ORDER_TOTAL: "number", TIME: "clock", CANCELLED_ON: "date"}
_NOTHING = {"number": "金額や数", "integer": "整数", "id": "番号", "time": "日時", "date": "日付"}
_SEEN = {
    "mail": "メールアドレス",
    "phone": "電話番号",
    "clock": "時刻",
    "name": "お名前",
    "choice": "選択肢",
} | _NOTHING


@dataclass(frozen=True)
class Sample:
    """The first rows of a file: its headings, as a mapping names them, each with its cells."""

    columns: Dictionary[str, Cells]

    @classmethod
    def of(cls, names: Sequence[str], columns: Sequence[Cells]) -> "Sample":
        """Name each column as a mapping does: the second of two equal headings is `name#2`; blank ones are left out."""
        places = {place: name for name, place in Header(tuple(names)).positions.items() if plain(names[place])}
        shown = {place: names[place] if plain(names[place]) == name else name for place, name in places.items()}
        return cls({shown[place]: columns[place] for place in sorted(shown)})

    @property
    def rows(self) -> int:
        """How many rows the sample has."""
        return max(map(len, self.columns.values()), default=0)


@dataclass(frozen=True)
class Guess:
    """One heading that seems to feed one column (of ours, of the person, or of the whole order), how sure, and why.

    `others` are headings that could feed it as well.
    """

    column: str
    heading: Heading
    sure: str
    why: str
    others: tuple[str, ...] = ()


@dataclass(frozen=True)
class Candidate:
    """A heading that could feed a column. `fits` tells whether its cells look so; None where they cannot tell."""

    column: str
    heading: str
    level: str
    fits: bool | None
    why: str
    rank: float = 0.0

    @property
    def score(self) -> float:
        """The higher, the better."""
        return _SCORES[self.level] + {True: _FIT, False: _MISFIT, None: 0.0}[self.fits] - self.rank

    def guess(self, others: tuple[str, ...] = ()) -> Guess:
        """Take the candidate."""
        doubtful = self.fits is False or self.level in (ALMOST, "cells")
        sure = CHECK if doubtful else SURE if self.level == SAME and self.fits else LIKELY
        return Guess(self.column, self.heading, sure, self.why, others)


@dataclass
class Columns:
    """What is guessed so far: the guess of each column, and the headings that are still free."""

    found: dict[str, Guess] = field(default_factory=dict)
    free: list[str] = field(default_factory=list)

    def take(self, guess: Guess) -> None:
        """Keep a guess; its heading feeds nothing else."""
        self.found[guess.column] = guess
        used = (guess.heading,) if isinstance(guess.heading, str) else guess.heading
        self.free = [heading for heading in self.free if heading not in used]

    def drop(self, column: str) -> Guess:
        """Take a guess back."""
        guess = self.found.pop(column)
        self.free += [guess.heading] if isinstance(guess.heading, str) else list(guess.heading)
        return guess


def by_names_and_cells(sample: Sample, table: str, names: Names, words: Words) -> Columns:
    """Give each column of a table the heading that speaks best for it; one heading feeds one column.

    Shape
        a sample -> Columns
    Errors
        none
    Source
        FORMATS.md (match by name, never by position)
    """
    found = [each for heading in sample.columns for each in _candidates(heading, sample, table, names, words)]
    found.sort(key=lambda each: -each.score)
    columns = Columns(free=list(sample.columns))
    for each in found:
        if each.column not in columns.found and each.heading in columns.free:
            columns.take(each.guess())
    for column, guess in columns.found.items():
        rivals = dict.fromkeys(each.heading for each in found if each.column == column and each.heading in columns.free)
        columns.found[column] = Guess(guess.column, guess.heading, guess.sure, guess.why, tuple(rivals)[:3])
    return columns


def best_table(sample: Sample, words: Words, mappings: Dictionary[str, Mapping]) -> str:
    """Return the table a file seems made for: orders, unless another's columns are all there and its own are not."""
    counts = {}
    for table in canon.TABLES.values():
        names = Names(table.name, words, mappings)
        matched = {each.column for heading in sample.columns for each in names.match(heading) if each.level == SAME}
        counts[table.name] = (len(set(table.required) - matched), len(matched & set(table.names)))
    lacking, known = counts["orders"]
    whole = {name: count for name, (lost, count) in counts.items() if lost == 0 and lacking >= 2 and count > known}
    return max(whole, key=lambda name: whole[name], default="orders")


def _candidates(heading: str, sample: Sample, table: str, names: Names, words: Words) -> Iterator[Candidate]:
    cells, taken = sample.columns[heading], False
    for match in names.match(heading):
        kind = kind_of(table, match.column)
        fit = fits(kind, cells)
        barred = match.level != SAME and _barred(match.column, heading, words)
        barred = barred or (match.level == ALMOST and kind == "name")  # any text could be a name
        if not barred and (fit is not False or match.level == SAME):
            taken = True
            why = _by_name(match.level, match.word) + _by_cells(kind, cells, fit)
            yield Candidate(match.column, heading, match.level, fit, why, match.place / 100)
    if not taken:
        yield from _by_cells_alone(heading, cells, table, words)


def _by_cells_alone(heading: str, cells: Cells, table: str, words: Words) -> Iterator[Candidate]:
    when = next((name for name in ("ordered_at", "at", "date") if name in canon.TABLES[table].names), "")
    told = {"mail": "mail", "phone": "phone", **({when: "date"} if when else {})}
    if table == "customers":
        told["prefecture"] = "prefecture"
    for column, kind in told.items():
        if not _barred(column, heading, words) and evidence.filled(cells) and _reads(kind, cells) >= FITS:
            why = "見出しからは分かりませんが、中身が" + _SEEN.get(kind, "都道府県") + "です"
            yield Candidate(column, heading, "cells", True, why)


def _barred(column: str, heading: str, words: Words) -> bool:
    if column in (*PEOPLE, "customer_id"):
        return holds(heading, words.not_the_buyer) or bool(re.search("カナ|かな|ふりがな|フリガナ|kana", heading, re.I))
    return column == "ordered_at" and holds(heading, words.not_the_day)


def kind_of(table: str, column: str) -> str:
    """Return the kind of what a column holds, those of the person and of the whole order among them."""
    return canon.TABLES[table][column].kind if column in canon.TABLES[table].names else _KINDS[column]


def fits(kind: str, cells: Cells) -> bool | None:
    """Tell whether a column's cells can be of a kind; None where nothing is written, or any text would do."""
    if not evidence.filled(cells):
        return None
    if kind == "choice":
        return len(set(cells)) <= MOST_CHOICES
    if kind == "name":
        return evidence.share(cells, lambda cell: evidence.number(cell) is not None or evidence.mail(cell)) < 0.1
    return _reads(kind, cells) >= FITS if kind not in ("text", "flag") else True


def _reads(kind: str, cells: Cells) -> float:
    """Return the share (0-1) of the filled cells that read as a kind."""
    if kind in ("date", "time"):
        return evidence.dates(cells, epochs=kind == "time").share
    if kind == "number":
        share = evidence.share
        plainly = share(cells, lambda cell: evidence.number(cell) is not None)
        return max(plainly, share(cells, lambda cell: evidence.number(cell, european=True) is not None))
    tests = {
        "integer": evidence.whole,
        "id": evidence.identifier,
        "mail": evidence.mail,
        "phone": evidence.phone,
        "clock": evidence.time_of_day,
        "prefecture": evidence.prefecture,
    }
    return evidence.share(cells, tests[kind])


def _by_name(level: str, word: str) -> str:
    return {
        SAME: "見出しの言葉が合っています",
        "system": "ほかのシステムの書き出しと同じ見出しです",
        "trimmed": f"見出しが「{word}」とほぼ同じです",
        ALMOST: f"見出しが「{word}」に似ています",
    }[level]


def _by_cells(kind: str, cells: Cells, fit: bool | None) -> str:
    if not evidence.filled(cells):
        return "。中身が空なので、確かめられません"
    if kind not in _SEEN or kind == "choice":
        return ""
    return f"。中身も{_SEEN[kind]}です" if fit else f"。ただし、中身が{_SEEN[kind]}に見えないところがあります"
