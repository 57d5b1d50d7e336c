"""Which shop system wrote a file: told by its headings, and where none fits, which come nearest and what they lack."""

from collections.abc import Callable, Iterator, Sequence
from collections.abc import Mapping as Dictionary
from dataclasses import dataclass
from itertools import islice

from horetsu_utils.ingest.header import Header, headings, missing, parts, used
from horetsu_utils.ingest.mapping import Mapping, Section

NEAREST = 3
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
    found = []
    for row in filter(any, rows):
        heading = Header(row)
        for name, mapping in mappings.items():
            for each, section in _sections(mapping, table):
                needed = _needed(section, each, heading)
                lacking = tuple(word for word in needed if heading.position(word) is None)
                share = 1 - len(lacking) / max(len(needed), 1)
                found.append(
                    (
                        -share,
                        len(lacking),
                        name,
                        Near(name, mapping.title, lacking, tuple(heading.like((word,)) for word in lacking)),
                    )
                )
    best: dict[str, Near] = {}
    for *_, name, near in sorted(found, key=lambda each: each[:3]):
        best.setdefault(name, near)
    return list(islice(best.values(), NEAREST))


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
        counts = {each: len(used(mapping.tables[each], header)) for each in lines}
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


def _sections(mapping: Mapping, table: str) -> list[tuple[str, Section]]:
    return [(name, section) for name, section in mapping.tables.items() if table in ("", name)]


def _known_by(section: Section) -> tuple[str, ...]:
    return section.join.lines_known_by if section.join else section.known_by


def _is_lines(section: Section, table: str, header: Header) -> bool:
    known = all(header.position(name) is not None for name in _known_by(section))
    return known and (section.join is not None or not missing(section, table, header))


def _is_partner(section: Section, header: Header) -> bool:
    join = section.join
    return join is not None and all(header.position(name) is not None for name in (join.on, *join.known_by))


def _needed(section: Section, table: str, header: Header) -> list[str]:
    """List the headings a section is known by, and one for each required column that the file cannot feed."""
    wanted = [headings(section, name, header)[:1] for name in missing(section, table, header)]
    lacking = [name for found in wanted for heading in found for name in parts(heading)]
    return list(dict.fromkeys([*_known_by(section), *lacking]))


def told(near: Near) -> str:
    """Word why a mapping does not read a file."""
    pairs = list(zip(near.lacking, near.instead, strict=True))
    lacking = "".join(f"「{word}」" + (f"(「{guess}」に似ています)" if guess else "") for word, guess in pairs[:4])
    more = f"ほか{len(pairs) - 4}個" if len(pairs) > 4 else ""
    return f"{near.title}({near.name}): 見出し{lacking}{more}がありません"
