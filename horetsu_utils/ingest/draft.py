"""All that can be guessed of an unknown export, and all that must be asked: the draft of a mapping."""

import re
from collections.abc import Mapping as Dictionary
from dataclasses import dataclass

from horetsu_utils import canon
from horetsu_utils.ingest import evidence, persons
from horetsu_utils.ingest.aliases import CANCELLED_ON, ORDER_TOTAL, PEOPLE, TIME, Names, Words, holds
from horetsu_utils.ingest.evidence import Cells, Dates, Either, harmless
from horetsu_utils.ingest.guess import Columns, Guess, Sample, best_table, by_names_and_cells, kind_of
from horetsu_utils.ingest.header import parts
from horetsu_utils.ingest.mapping import PLAIN_DATES, Heading, Mapping
from horetsu_utils.ingest.money import Money, money

MOST_WORDS = 20
"""A column of choices with more different words than this is not asked about word by word."""
CORE = ("quantity", "unit_price", "mail", ORDER_TOTAL)
KNOWN_BY = (3, 5)
"""So few and so many headings tell an export from others."""


@dataclass(frozen=True)
class Draft:
    """What is guessed of one export.

    `missing` are required columns of ours that nothing feeds; `left` headings that feed nothing; `dates` the forms to
    list (none where the usual ones do), `either` two of which only one can be right; `words` what stands in columns of
    choices; `nobody` the ids that mean no customer; `negative` the heading of which some
    amounts are below nothing; `questions` what the consultant must ask the shop.
    """

    table: str
    guesses: tuple[Guess, ...]
    missing: tuple[str, ...]
    left: tuple[str, ...]
    known_by: tuple[str, ...]
    dates: tuple[str, ...]
    either: Either
    european: bool
    money: Money
    words: Dictionary[str, tuple[str, ...]]
    nobody: tuple[str, ...]
    negative: str
    questions: tuple[str, ...]

    def __getitem__(self, column: str) -> Guess | None:
        """Return the guess for a column, if there is one."""
        return next((guess for guess in self.guesses if guess.column == column), None)

    @property
    def is_whole(self) -> bool:
        """Whether the mapping can read the file as it is drafted."""
        return not self.missing and not self.either


def draft(sample: Sample, words: Words, mappings: Dictionary[str, Mapping], *, table: str = "") -> Draft:
    """Guess what every heading of an export feeds.

    Shape
        up to a thousand rows, the words shops use, the mappings of known systems -> Draft
    Errors
        none
    Source
        FORMATS.md (match by name, never by position)
    """
    table = table or best_table(sample, words, mappings)
    columns = by_names_and_cells(sample, table, Names(table, words, mappings), words)
    european = evidence.european([sample.columns[str(name)] for name in _numbers(columns, table)])
    persons.people(sample, columns, words)
    amounts = Money()
    if table == "orders":
        persons.ids(sample, columns, words)
        amounts = money(sample, columns, words, european=european)
    written = _dates(sample, columns, table)
    left = _left(sample, columns, amounts)
    return Draft(
        table=table,
        guesses=tuple(sorted(columns.found.values(), key=lambda guess: _order(table).index(guess.column))),
        missing=_missing(table, columns, amounts),
        left=left,
        known_by=_known_by(columns, table, sample),
        dates=() if set(written.forms) <= set(PLAIN_DATES) else written.forms,
        either=written.either,
        european=european,
        money=amounts,
        words=_words(sample, columns, table),
        nobody=_nobody(sample, columns),
        negative=_negative(sample, columns),
        questions=(*amounts.questions, *_questions(sample, columns, left, words)),
    )


def _left(sample: Sample, columns: Columns, amounts: Money) -> tuple[str, ...]:
    used = {part for guess in columns.found.values() for part in parts(guess.heading)} | set(amounts.minus)
    return tuple(heading for heading in sample.columns if heading not in used)


def _order(table: str) -> list[str]:
    return [*canon.TABLES[table].names, *PEOPLE, ORDER_TOTAL, CANCELLED_ON, TIME]


def _numbers(columns: Columns, table: str) -> list[Heading]:
    return [guess.heading for name, guess in columns.found.items() if kind_of(table, name) == "number"]


def _dates(sample: Sample, columns: Columns, table: str) -> Dates:
    """Find how the file's days are written; a day and an hour in two columns are put together first."""
    when, clock = columns.found.get("ordered_at"), columns.found.pop(TIME, None)
    if clock:
        columns.free += parts(clock.heading)
    told = {name: guess for name, guess in columns.found.items() if kind_of(table, name) in ("date", "time")}
    if when and clock and not any("%H" in form or "%I" in form for form in evidence.dates(_of(sample, when)).forms):
        both = (*parts(when.heading), *parts(clock.heading))
        columns.take(Guess("ordered_at", both, when.sure, f"{when.why}。時刻は別の列にあります", when.others))
        told["ordered_at"] = columns.found["ordered_at"]
    read = [evidence.dates(_of(sample, guess), epochs=True) for guess in told.values()]
    forms = dict.fromkeys(form for each in read for form in each.forms)
    return Dates(tuple(forms), 1.0, next((each.either for each in read if each.either), ()))


def _of(sample: Sample, guess: Guess) -> Cells:
    rows = zip(*(sample.columns[name] for name in parts(guess.heading)), strict=True)
    return [" ".join(cells).strip() for cells in rows]


def _missing(table: str, columns: Columns, amounts: Money) -> tuple[str, ...]:
    told = set(columns.found) | ({"amount"} if amounts.computed else set())
    if {"mail", "phone"} & told:
        told.add("customer_id")
    lacking = [name for name in canon.TABLES[table].required if name not in told]
    return (*lacking, *(group[0] for group in canon.TABLES[table].one_of if not told & set(group)))


def _known_by(columns: Columns, table: str, sample: Sample) -> tuple[str, ...]:
    """Choose headings that a shop would hardly leave out: those of the required columns, and of money, come first."""
    fewest, most = KNOWN_BY
    core = (*canon.TABLES[table].required, *CORE)
    ranked = sorted(
        columns.found.values(), key=lambda guess: (guess.column not in core, _order(table).index(guess.column))
    )
    used = dict.fromkeys(part for guess in ranked for part in parts(guess.heading))
    rest = [heading for heading in sample.columns if heading not in used]
    return (*list(used)[:most], *rest[: max(0, fewest - len(used))])


def _words(sample: Sample, columns: Columns, table: str) -> dict[str, tuple[str, ...]]:
    found = {}
    for name, guess in columns.found.items():
        if kind_of(table, name) == "choice":
            words = sorted(set(evidence.filled(_of(sample, guess))))
            found[name] = tuple(words) if len(words) <= MOST_WORDS else ()
    return found


def _nobody(sample: Sample, columns: Columns) -> tuple[str, ...]:
    guess = columns.found.get("customer_id")
    seen = set(_of(sample, guess)) if guess else set()
    return tuple(sorted(cell for cell in seen if cell.casefold() in persons.NOBODY)) if len(seen) > 1 else ()


def _negative(sample: Sample, columns: Columns) -> str:
    """Return the heading of the amounts or counts of which some are below nothing."""
    for guess in (columns.found.get(name) for name in ("quantity", "amount")):
        if guess and any(re.match(r"[-▲△(]\s*[¥\\]?\d", cell) for cell in _of(sample, guess)):
            return str(guess.heading)
    return ""


def _undoes(sample: Sample, heading: str, words: Words) -> bool:
    """Tell whether a column that nothing reads has few words, and among them one that undoes an order."""
    seen = set(evidence.filled(sample.columns[heading]))
    return 1 < len(seen) <= MOST_WORDS and any(holds(word, words.may_undo) for word in seen)


def _questions(sample: Sample, columns: Columns, left: tuple[str, ...], words: Words) -> list[str]:
    asked = [
        f"「{harmless(heading)}」の列が、取り消しや返品を表していないかを確かめてください"
        for heading in left
        if holds(heading, words.may_undo) or _undoes(sample, heading, words)
    ]
    if heading := _negative(sample, columns):
        asked.append(f"「{harmless(heading)}」がマイナスの行が、返品や取り消しかどうかを確かめてください")
    amounts = [_of(sample, guess) for name, guess in columns.found.items() if name in ("amount", "unit_price")]
    if any(evidence.filled(cells) and evidence.share(cells, _three) == 1 for cells in amounts):
        asked.append("金額の「.」が、小数点か、3けたの区切りかを確かめてください(区切りなら numbers: european です)")
    return asked


def _three(cell: str) -> bool:
    return bool(re.fullmatch(r"-?\d{1,3}\.\d{3}", cell))
