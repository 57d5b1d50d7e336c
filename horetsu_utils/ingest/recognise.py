"""Which shop system wrote a file: told by its headings, and where none fits, which come nearest and what they lack."""

from collections.abc import Callable, Iterator, Sequence
from collections.abc import Mapping as Dictionary
from dataclasses import dataclass
from itertools import islice

from horetsu_utils import canon
from horetsu_utils.canon import TABLES
from horetsu_utils.ingest.header import Header, headings, lacking, missing, parts, used
from horetsu_utils.ingest.mapping import Mapping, Section
from horetsu_utils.ingest.scores import SCORES

NEAREST = 3
TELLING_COLUMNS = 3
"""A file that has so many required columns of a table is taken for that table; a lone customer number says little."""
Row = tuple[str, ...]


@dataclass(frozen=True)
class Fit:
    """A mapping that reads a file, and the tables it feeds. A partner's cells are added to the lines of other files."""

    name: str
    tables: tuple[str, ...]
    is_partner: bool = False


@dataclass(frozen=True)
class Near:
    """A mapping that does not read a file, with the headings it would need, and for each the one most like it."""

    name: str
    title: str
    lacking: tuple[str, ...]
    instead: tuple[str, ...]


def recognise(rows: Sequence[Row], mappings: Dictionary[str, Mapping], table: str = "") -> Fit | None:
    """Return the mapping that a file's headings speak for; the more of its headings it reads, the better.

    A mapping that names the headings it is known by goes before one that takes any file with the required columns.

    Shape
        a file's first rows, mappings by name, the one table wanted (or any) -> a fit, or None
    Errors
        none
    Source
        FORMATS.md (match by name, never by position)
    """
    for known in (True, False):
        for row in rows:
            fits = list(_fits(Header(row), mappings, table, known)) if any(row) else []
            if fits:
                return max(fits, key=lambda fit: fit[0])[1]
    return None


def nearest(rows: Sequence[Row], mappings: Dictionary[str, Mapping], table: str = "") -> list[Near]:
    """Return the mappings that come nearest to a file's headings, the nearest first, each with what it lacks."""
    headers = [Header(row) for row in rows if any(row)]
    found = [
        (len(absent) / wanted, len(absent), name, place, each, absent)
        for place, heading in enumerate(headers)
        for name, mapping in mappings.items()
        for each, section in _sections(mapping, table)
        for absent, wanted in [_absent(section, each, heading)]
    ]
    best: dict[str, tuple[Header, tuple[str, ...]]] = {}
    for _, _, name, place, each, absent in sorted(found):
        best.setdefault(name, (_unread(mappings[name].tables[each], headers[place]), absent))
    return [
        Near(name, mappings[name].title, absent, tuple(unread.like((word,)) for word in absent))
        for name, (unread, absent) in islice(best.items(), NEAREST)
    ]


def _unread(section: Section, header: Header) -> Header:
    """Return the headings that a section does not read: only these may stand for one that it lacks."""
    read = used(section, header)
    return Header(tuple(name for place, name in enumerate(header.names) if place not in read))


def header_of(section: Section, table: str) -> Callable[[Row], bool]:
    """Return a test for the row of a file that is the header of this section's lines."""
    return lambda row: any(row) and _is_lines(section, table, Header(row))


def partner_header_of(section: Section) -> Callable[[Row], bool]:
    """Return a test for the row of a file that is the header of this section's partner."""
    return lambda row: _is_partner(section, Header(row))


def _fits(
    header: Header, mappings: Dictionary[str, Mapping], table: str, known: bool
) -> Iterator[tuple[tuple[int, int], Fit]]:
    for name, mapping in mappings.items():
        sections = [pair for pair in _sections(mapping, table) if bool(_known_by(pair[1])) == known]
        lines = [each for each, section in sections if _is_lines(section, each, header)]
        lines = [each for each in lines if not _is_misspelt(mapping.tables[each], each, header)]
        counts = {each: len(used(mapping.tables[each], header)) for each in lines}
        if not (known or table):
            lines = [each for each in lines if _speaks(mapping.tables[each], each, header)]
        if lines and known:
            yield (
                (sum(map(len, map(_known_by, (mapping.tables[each] for each in lines)))), max(counts.values())),
                Fit(name, tuple(lines)),
            )
        elif lines:
            best = max(lines, key=counts.__getitem__)
            yield (0, counts[best]), Fit(name, (best,))
        for each, section in sections:
            if _is_partner(section, header) and each not in lines:
                yield (len(_known_by(section)), len(used(section, header))), Fit(name, (each,), is_partner=True)


def _speaks(section: Section, table: str, header: Header) -> bool:
    """Tell whether a table's required columns, or else most of a file's headings, speak for the table."""
    headings = sum(map(bool, header.names))
    required = len(TABLES[table].required) - len(lacking(section, table, header))
    return required >= TELLING_COLUMNS or len(used(section, header)) * 2 >= headings


def _is_misspelt(section: Section, table: str, header: Header) -> bool:
    """Tell whether a score that a file seems to lack is more likely one of its unread headings, written otherwise."""
    absent = [name for name in lacking(section, table, header) if name in SCORES]
    return any(_unread(section, header).like(headings(section, name, header)) for name in absent)


def _sections(mapping: Mapping, table: str) -> list[tuple[str, Section]]:
    return [(name, section) for name, section in mapping.tables.items() if table in ("", name)]


def _known_by(section: Section) -> tuple[str, ...]:
    return section.join.lines_known_by if section.join else section.known_by


def _is_lines(section: Section, table: str, header: Header) -> bool:
    known = all(header.position(name) is not None for name in _known_by(section))
    return known and (section.join is not None or not missing(section, table, header))


def _is_partner(section: Section, header: Header) -> bool:
    join = section.join
    return join is not None and all(header.position(name) is not None for name in (join.by, *join.known_by))


def _absent(section: Section, table: str, header: Header) -> tuple[tuple[str, ...], int]:
    """Return the headings that a section misses in a file, and how many it wants in all.

    It wants those it is known by, and one for each required column.
    """
    first = {name: headings(section, name, header)[:1] for name in canon.TABLES[table].required}
    words = {name: [part for heading in found for part in parts(heading)] for name, found in first.items()}
    absent = [word for name in lacking(section, table, header) for word in words[name]]
    known = _known_by(section)
    told = tuple(word for word in dict.fromkeys([*known, *absent]) if header.position(word) is None)
    return told, max(len({*known, *(word for found in words.values() for word in found)}), 1)


def told(near: Near) -> str:
    """Word why a mapping does not read a file."""
    pairs = list(zip(near.lacking, near.instead, strict=True))
    lacking = "".join(f"「{word}」" + (f"(「{guess}」に似ています)" if guess else "") for word, guess in pairs[:4])
    more = f"ほか{len(pairs) - 4}個" if len(pairs) > 4 else ""
    return f"{near.title}({near.name}): 見出し{lacking}{more}がありません"
