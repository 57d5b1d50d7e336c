"""Their names → ours: what a mapping file may say, and how its column names meet a file's header."""

import unicodedata
from collections.abc import Mapping as Dictionary
from functools import cached_property
from pathlib import Path
from typing import Literal

from pydantic import Field, model_validator

from horetsu_utils import schema
from horetsu_utils.errors import ConfigError, InputError, nearest
from horetsu_utils.ingest.normalise import names_in
from horetsu_utils.settings import Strict, load_yaml, validate

PLAIN_DATES = (
    "%Y-%m-%d %H:%M:%S",
    "%Y-%m-%d %H:%M",
    "%Y-%m-%d",
    "%Y/%m/%d %H:%M:%S",
    "%Y/%m/%d %H:%M",
    "%Y/%m/%d",
    "%Y年%m月%d日 %H:%M:%S",
    "%Y年%m月%d日 %H:%M",
    "%Y年%m月%d日",
    "%Y-%m-%dT%H:%M:%S",
    "%Y-%m-%d %H:%M:%S.%f",
)


class Condition(Strict):
    """A test on one of the file's own columns; exactly one of the tests is given."""

    column: str
    is_in: tuple[str, ...] | None = None
    starts_with: str | None = None
    matches: str | None = None
    below: float | None = None
    filled: bool | None = None

    @model_validator(mode="after")
    def _one_test(self) -> "Condition":
        tests = [self.is_in, self.starts_with, self.matches, self.below, self.filled]
        if sum(test is not None for test in tests) != 1:
            raise ValueError("条件は is_in・starts_with・matches・below・filled のうち1つだけを書いてください")
        return self


class Key(Strict):
    """One way to tell who the customer is. `empty` lists the cells that mean nobody."""

    columns: tuple[str, ...]
    kind: Literal["id", "mail", "phone", "text"] = "id"
    empty: tuple[str, ...] = ()


class OrderTotal(Strict):
    """An order-level amount that the order's lines must add up to, wherever in the order it stands."""

    column: str
    minus: tuple[str, ...] = ()


class Section(Strict):
    """How one file becomes one canonical table. Names on the left are ours, lists on the right are theirs."""

    columns: dict[str, tuple[str, ...]]
    constants: dict[str, str] = Field(default_factory=dict)
    computed: dict[str, str] = Field(default_factory=dict)
    dates: tuple[str, ...] = PLAIN_DATES
    customer_key: tuple[Key, ...] = ()
    fill_in_order: tuple[str, ...] = ()
    order_total: OrderTotal | None = None
    cancelled: tuple[Condition, ...] = ()
    returned: tuple[Condition, ...] = ()
    not_product: tuple[Condition, ...] = ()
    values: dict[str, dict[str, str]] = Field(default_factory=dict)


class Mapping(Strict):
    """One shop system's exports. `time_zone` is that of times without an offset (default: the client's)."""

    title: str
    source: str = ""
    tax: Literal["included", "excluded", "unknown"] = "unknown"
    time_zone: str | None = None
    numbers: Literal["plain", "european"] = "plain"
    tables: dict[str, Section]

    @model_validator(mode="after")
    def _known_names(self) -> "Mapping":
        for table, section in self.tables.items():
            if table not in schema.TABLES:
                raise ValueError(f"「{table}」という表はありません(使える表: {'・'.join(schema.TABLES)})")
            known = schema.TABLES[table].names
            used = set().union(*map(names_in, section.computed.values()))
            for name in (*section.columns, *section.constants, *section.computed, *section.values, *sorted(used)):
                if name not in known:
                    raise ValueError(
                        f"表「{table}」に「{name}」という列はありません(近い名前: {nearest(name, known) or 'なし'})"
                    )
        return self


def find(name: str, folders: list[Path]) -> Path:
    """Return the mapping file called `name`, from the first folder that has it.

    Errors
        ConfigError naming the nearest mapping there is
    """
    known = {path.stem: path for folder in reversed(folders) for path in sorted(folder.glob("*.yaml"))}
    if name in known:
        return known[name]
    guess = nearest(name, known)
    raise ConfigError(
        f"「{name}」という対応表(mapping)はありません。"
        + (f"「{guess}」の書き間違いではありませんか。" if guess else ""),
        where="client.yaml の tables",
        next_step=f"次の中から選んでください: {'、'.join(sorted(known))}",
    )


def load(path: Path) -> Mapping:
    """Return the mapping that a file describes.

    Errors
        ConfigError listing every unknown key, table or column
    """
    return validate(Mapping, load_yaml(path), where=str(path))


def plain(name: str) -> str:
    """Return a heading as it is compared: NFKC, no spaces around or within, lower case."""
    return "".join(unicodedata.normalize("NFKC", name).split()).casefold()


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

    def first(self, names: tuple[str, ...]) -> list[int]:
        """Return the positions of those of `names` that the file has, in the order of `names`."""
        return [place for place in map(self.position, names) if place is not None]


def require(section: Section, table: str, header: Header, *, where: str) -> None:
    """Make sure a file can feed the table's required columns.

    Errors
        InputError naming each missing column, the headings it may have, and the nearest one found
    """
    missing = [name for name in schema.TABLES[table].required if not _has_source(section, name, header)]
    if not missing:
        return
    lines = []
    for name in missing:
        wanted = section.columns.get(name, ()) or tuple(key for keys in section.customer_key for key in keys.columns)
        guess = nearest(wanted[0] if wanted else name, header.names)
        found = f"一番近い見出しは「{guess}」です。" if guess else "似た見出しもありません。"
        lines.append(f"・{name}(見出しの候補: {'、'.join(wanted[:4])})。{found}")
    raise InputError(
        "必要な列が見つかりません。\n" + "\n".join(lines),
        where=where,
        next_step="別のシステムの書き出しなら、client.yaml の mapping を変えてください。"
        "見出しだけが違うなら、対応表に見出しを書き足してください。",
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
