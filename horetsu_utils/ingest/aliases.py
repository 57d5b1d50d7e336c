"""What a heading says by its name: the words that shops use, and how near a heading comes to one of them."""

import re
from collections.abc import Iterable
from collections.abc import Mapping as Dictionary
from dataclasses import dataclass
from difflib import SequenceMatcher
from pathlib import Path
from typing import Literal

from horetsu_utils import canon
from horetsu_utils.ingest.header import plain
from horetsu_utils.ingest.mapping import Heading, Mapping, Section
from horetsu_utils.settings import Strict, load_yaml, validate
from horetsu_utils.words import COLUMNS

ALIKE = 0.8
"""How alike (0-1) two words must be to be taken for one, and then only to ask."""
PEOPLE = ("mail", "phone", "name")
ORDER_TOTAL, TIME, CANCELLED_ON = "order_total", "time_of_day", "cancelled_on"
"""What a heading can feed beside the columns of its table."""

SAME, SYSTEM, TRIMMED, ALMOST = ("same", "system", "trimmed", "almost")
"""How a name matches: a word for it; a heading of a known system; a word but for what is around it; nearly a word."""


class Words(Strict):
    """The list of words, as templates/rules/aliases.yaml writes it."""

    tables: dict[str, dict[str, tuple[str, ...]]]
    person: dict[Literal["mail", "phone", "name"], tuple[str, ...]]
    family_name: tuple[str, ...]
    given_name: tuple[str, ...]
    order_total: tuple[str, ...]
    fees: tuple[str, ...]
    time_of_day: tuple[str, ...]
    cancelled_on: tuple[str, ...]
    not_the_buyer: tuple[str, ...]
    not_the_day: tuple[str, ...]
    may_undo: tuple[str, ...]


def load(path: Path) -> Words:
    """Return the list of words.

    Errors
        ConfigError listing every unknown key
    """
    return validate(Words, load_yaml(path), where=str(path))


@dataclass(frozen=True)
class Match:
    """What a heading may feed by its name: `word` is the alias it matches, `place` its rank among the aliases."""

    column: str
    level: str
    word: str
    place: int = 0


def bare(name: str) -> str:
    """Fold a heading further than `plain` does: without the signs between its words."""
    return re.sub(r"[\s_\-./・:,'\"{}*]+", "", plain(name))


def holds(name: str, words: Iterable[str]) -> bool:
    """Tell whether a heading has one of some words in it."""
    return any(bare(word) in bare(name) for word in words)


class Names:
    """Every word known for the columns of one table."""

    def __init__(self, table: str, words: Words, mappings: Dictionary[str, Mapping]) -> None:
        self.own: dict[str, list[Match]] = {}
        self.systems: dict[str, list[Match]] = {}
        for column in canon.TABLES[table].names:
            listed = words.tables.get("orders" if column == "customer_id" else table, {})
            self._add(self.own, column, (column, COLUMNS[column].japanese, *listed.get(column, ())), SAME)
        for column, known in words.person.items():
            self._add(self.own, column, known, SAME)
        if table == "orders":
            told = {ORDER_TOTAL: words.order_total, TIME: words.time_of_day, CANCELLED_ON: words.cancelled_on}
            for column, known in told.items():
                self._add(self.own, column, known, SAME)
        for section in (mapping.tables[table] for mapping in mappings.values() if table in mapping.tables):
            known_by_name, level = (self.systems, SYSTEM) if section.known_by else (self.own, SAME)
            for column, headings in _headings(section):
                self._add(known_by_name, column, tuple(name for name in headings if isinstance(name, str)), level)

    @staticmethod
    def _add(known: dict[str, list[Match]], column: str, words: tuple[str, ...], level: str) -> None:
        for place, word in enumerate(words):
            matches = known.setdefault(bare(word), [])
            if column not in [match.column for match in matches]:
                matches.append(Match(column, level, word, place))

    def match(self, heading: str) -> list[Match]:
        """Return what a heading may feed, by the surest kind of match that it has."""
        name, trimmed = bare(heading), bare(_trimmed(heading))
        return (
            self.own.get(name)
            or self.systems.get(name)
            or [Match(each.column, TRIMMED, each.word, each.place) for each in self.own.get(trimmed, [])]
            or self._almost(trimmed)
        )

    def _almost(self, name: str) -> list[Match]:
        alike = [(SequenceMatcher(None, word, name).ratio(), matches) for word, matches in self.own.items()]
        near = sorted((pair for pair in alike if pair[0] >= ALIKE), key=lambda pair: -pair[0])
        best = {match.column: match for _, matches in reversed(near) for match in matches}
        return [Match(each.column, ALMOST, each.word, each.place) for each in best.values()]


def _trimmed(heading: str) -> str:
    """Drop a remark in brackets, and the polite ご or お, from a heading."""
    name = re.sub(r"[(\[【〔<].*?[)\]】〕>]", "", plain(heading)) or plain(heading)
    return re.sub(r"^[ご御お]", "", name) or name


def _headings(section: Section) -> Iterable[tuple[str, tuple[Heading, ...]]]:
    yield from section.columns.items()
    yield from (("customer_id", key.columns) for key in section.customer_key)
    yield from ((kind, getattr(section.person, kind)) for kind in PEOPLE)
    if section.order_total and section.order_total.column:
        yield ORDER_TOTAL, (section.order_total.column,)
