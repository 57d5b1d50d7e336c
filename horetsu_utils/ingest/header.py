"""A file's headings: how they are compared, where they stand, and whether they can feed a canonical table."""

import unicodedata
from collections.abc import Mapping as Dictionary
from difflib import SequenceMatcher
from functools import cached_property

from horetsu_utils import canon
from horetsu_utils.errors import InputError
from horetsu_utils.ingest.mapping import Heading, Key, Section
from horetsu_utils.ingest.normalise import names_in
from horetsu_utils.ingest.scores import SCORES
from horetsu_utils.words import COLUMNS


def plain(name: str) -> str:
    """Return a heading as it is compared: NFKC, no spaces around or within, lower case."""
    return "".join(unicodedata.normalize("NFKC", name).split()).casefold()


ANONYMOUS = ("voices",)
"""Tables whose files need not tell who the customer is: such voices count in the shares, and in nothing else."""
CLOSE = 0.6
"""How alike (0-1) a heading must be to be offered as the one that was meant."""


def parts(heading: Heading) -> tuple[str, ...]:
    """Return the single headings of which a heading consists."""
    return (heading,) if isinstance(heading, str) else heading


def shown(heading: Heading) -> str:
    """Write a heading as a message shows it."""
    return "+".join(parts(heading))


class Header:
    """A file's headings and where each stands. The second of two equal headings is called `name#2`."""

    def __init__(self, names: tuple[str, ...]) -> None:
        self.names = names

    @cached_property
    def positions(self) -> Dictionary[str, int]:
        """Position of each heading, under its plain name."""
        places: dict[str, int] = {}
        seen: dict[str, int] = {}
        for index, name in enumerate(map(plain, self.names)):
            seen[name] = seen.get(name, 0) + 1
            places[name if seen[name] == 1 else f"{name}#{seen[name]}"] = index
        return places

    def position(self, name: str) -> int | None:
        """Return where a heading stands, or None."""
        return self.positions.get(plain(name))

    def places(self, heading: Heading) -> tuple[int, ...]:
        """Return where all the parts of a heading stand; empty when one of them is missing."""
        found = [self.position(name) for name in parts(heading)]
        return tuple(place for place in found if place is not None) if None not in found else ()

    def found(self, headings: tuple[Heading, ...]) -> list[tuple[int, ...]]:
        """Return the places of those of `headings` that the file has, in the order of `headings`."""
        return [places for places in map(self.places, headings) if places]

    def like(self, headings: tuple[Heading, ...]) -> str:
        """Return the heading most like one of `headings`, or an empty text."""
        alike = [
            (SequenceMatcher(None, plain(wanted), plain(name)).ratio(), name)
            for heading in headings
            for wanted in parts(heading)
            for name in self.names
        ]
        best, name = max(alike, default=(0, ""))
        return name if best >= CLOSE else ""

    def first(self, names: tuple[str, ...]) -> list[int]:
        """Return the positions of those of `names` that the file has, in the order of `names`."""
        return [place for place in map(self.position, names) if place is not None]


def require(section: Section, table: str, header: Header, *, where: str) -> None:
    """Make sure a file can feed the table's required columns.

    Errors
        InputError naming each missing column, the headings it may have, and the nearest one found
    """
    lines = []
    for name in missing(section, table, header):
        wanted = headings(section, name, header)
        guess = header.like(wanted)
        found = f"一番近い見出しは「{guess}」です。" if guess else "似た見出しもありません。"
        told = "、".join(map(shown, wanted[:4]))
        lines.append(f"・{COLUMNS[name].japanese}({name})。見出しの候補: {told}。{found}")
    if lines:
        raise InputError(
            "必要な列が見つかりません。\n" + "\n".join(lines),
            where=where,
            next_step="別のシステムの書き出しなら、client.yaml の mapping を変えてください。"
            "見出しだけが違うなら、対応表を写してお店のフォルダの mappings に置き、見出しを書き足してください。",
        )


def missing(section: Section, table: str, header: Header) -> list[str]:
    """List the columns that a file lacks for its table. Of two scores one is enough: the other may stand elsewhere."""
    found = lacking(section, table, header)
    is_half = not set(SCORES) <= set(found)
    return [
        name
        for name in found
        if not (name in SCORES and is_half) and not (name == "customer_id" and table in ANONYMOUS)
    ]


def lacking(section: Section, table: str, header: Header) -> list[str]:
    """List the table's required columns that a file cannot feed."""
    needed = [name for name in canon.TABLES[table].required if name != "customer_id" or not section.without_customer]
    return [name for name in needed if not _has_source(section, name, header)]


def names_customer(section: Section, table: str, header: Header) -> bool:
    """Tell whether a file says who the customer is, where its table has customers."""
    return not section.without_customer and "customer_id" not in lacking(section, table, header)


def headings(section: Section, name: str, header: Header) -> tuple[Heading, ...]:
    """Return the headings that could feed a column, or else those missing from the expression that computes it."""
    if name == "customer_id" and section.customer_key:
        return tuple(heading for key in section.customer_key for heading in of_key(key, section))
    needed = names_in(section.computed.get(name, "0")) - {name}
    computed = [part for part in needed if not _has_source(section, part, header)]
    cases = tuple(case.column for case in section.when.get(name, ()))
    return (*section.columns.get(name, ()), *cases) or tuple(
        each for part in sorted(computed) for each in headings(section, part, header)
    )


def of_key(key: Key, section: Section) -> tuple[Heading, ...]:
    """Return the headings that one way of telling the customer reads."""
    person = section.person
    return {
        "id": key.columns,
        "mail": person.mail,
        "phone": person.phone,
        "name_and_phone": (*person.name, *person.phone),
    }[key.kind]


def usable(key: Key, section: Section, header: Header) -> bool:
    """Tell whether a file has what one way of telling the customer needs."""
    if key.kind == "name_and_phone":
        return bool(header.found(section.person.name) and header.found(section.person.phone))
    return bool(header.found(of_key(key, section)))


def used(section: Section, header: Header) -> frozenset[int]:
    """Return the places of every cell that the mapping reads, but for those that only tell who the person is."""
    named: list[Heading] = [heading for alternatives in section.columns.values() for heading in alternatives]
    named += [heading for key in section.customer_key for heading in key.columns]
    tests = (section.cancelled, section.returned, section.not_product, section.out_of_scope, *section.when.values())
    named += [condition.column for conditions in tests for condition in conditions]
    total = section.order_total
    named += [*([total.column] if total.column else []), *total.minus] if total else []
    named += [section.join.by] if section.join else []
    named += [*section.promise.promised, *section.promise.kept] if section.promise else []
    return frozenset(place for heading in named for place in header.places(heading))


def lacking_tests(section: Section, header: Header) -> list[str]:
    """List the headings by which a mapping tells cancelled and returned orders, if a file has none of them."""
    named: list[Heading] = list(section.columns.get("status", ()))
    named += [condition.column for condition in (*section.cancelled, *section.returned)]
    named += [case.column for case in section.when.get("status", ())]
    known = any(header.places(heading) for heading in named)
    return [] if known or not section.known_by else list(dict.fromkeys(map(shown, named)))


def _has_source(section: Section, name: str, header: Header) -> bool:
    if name in section.constants:
        return True
    if name == "customer_id" and any(usable(key, section, header) for key in section.customer_key):
        return True
    if header.found(section.columns.get(name, ())):
        return True
    if any(header.position(case.column) is not None for case in section.when.get(name, ())):
        return True
    expression = section.computed.get(name)
    needed = names_in(expression) if expression is not None else {name}
    return name not in needed and all(_has_source(section, part, header) for part in needed)
