"""A file's headings: how they are compared, where they stand, and whether they can feed a canonical table."""

import unicodedata
from collections.abc import Mapping as Dictionary
from difflib import SequenceMatcher
from functools import cached_property

from horetsu_utils import canon
from horetsu_utils.errors import InputError
from horetsu_utils.ingest.mapping import Section
from horetsu_utils.ingest.normalise import names_in
from horetsu_utils.words import COLUMNS


def plain(name: str) -> str:
    """Return a heading as it is compared: NFKC, no spaces around or within, lower case."""
    return "".join(unicodedata.normalize("NFKC", name).split()).casefold()


CLOSE = 0.6
"""How alike (0-1) a heading must be to be offered as the one that was meant."""


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

    def like(self, names: tuple[str, ...]) -> str:
        """Return the heading most like one of `names`, or an empty text."""
        alike = [
            (SequenceMatcher(None, plain(wanted), plain(name)).ratio(), name) for wanted in names for name in self.names
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
    missing = [name for name in canon.TABLES[table].required if not _has_source(section, name, header)]
    if not missing:
        return
    lines = []
    for name in missing:
        wanted = _headings(section, name, header)
        guess = header.like(wanted)
        found = f"一番近い見出しは「{guess}」です。" if guess else "似た見出しもありません。"
        lines.append(f"・{COLUMNS[name].japanese}({name})。見出しの候補: {'、'.join(wanted[:4])}。{found}")
    raise InputError(
        "必要な列が見つかりません。\n" + "\n".join(lines),
        where=where,
        next_step="別のシステムの書き出しなら、client.yaml の mapping を変えてください。"
        "見出しだけが違うなら、対応表を写してお店のフォルダの mappings に置き、見出しを書き足してください。",
    )


def _headings(section: Section, name: str, header: Header) -> tuple[str, ...]:
    """Return the headings that could feed a column, or else those missing from the expression that computes it."""
    if name == "customer_id" and section.customer_key:
        return tuple(heading for key in section.customer_key for heading in key.columns)
    parts = [part for part in names_in(section.computed.get(name, "0")) if not _has_source(section, part, header)]
    return section.columns.get(name, ()) or tuple(
        each for part in sorted(parts) for each in _headings(section, part, header)
    )


def _has_source(section: Section, name: str, header: Header) -> bool:
    if name in section.constants:
        return True
    if name == "customer_id" and any(header.first(key.columns) for key in section.customer_key):
        return True
    if header.first(section.columns.get(name, ())):
        return True
    expression = section.computed.get(name)
    return expression is not None and all(_has_source(section, part, header) for part in names_in(expression))
