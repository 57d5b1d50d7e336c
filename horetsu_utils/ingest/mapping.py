"""Their names → ours: what a mapping file may say."""

import re
from pathlib import Path
from typing import Literal

import pyarrow as pa
import pyarrow.compute as pc
from pydantic import Field, field_validator, model_validator

from horetsu_utils import canon
from horetsu_utils.errors import ConfigError, nearest
from horetsu_utils.ingest.normalise import names_in
from horetsu_utils.settings import Strict, known_zone, load_yaml, validate

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
    "%Y-%m-%dT%H:%M",
    "%Y-%m-%d %H:%M:%S.%f",
    "%Y-%m-%dT%H:%M:%S.%f",
    "%Y-%m-%d %H:%M:%S %z",
    "%Y-%m-%d %H:%M:%S%z",
    "%Y-%m-%dT%H:%M:%S%z",
    "%Y-%m-%dT%H:%M:%S.%f%z",
    "%Y/%m/%d %H:%M:%S %z",
)
DIRECTIVES = frozenset("aAbBcdfgGHIjmMnpSuUVwWxXyYzZ%")
"""The letters that may follow a % in a date's format (a - between them drops the leading zero)."""


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

    @field_validator("matches")
    @classmethod
    def _searchable(cls, pattern: str | None) -> str | None:
        try:  # the same library of patterns as the engine's
            pc.match_substring_regex(pa.array([""]), pattern or "")
        except pa.ArrowInvalid as error:
            raise ValueError(f"「{pattern}」は正規表現として読めません") from error
        return pattern


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

    @field_validator("dates")
    @classmethod
    def _readable(cls, formats: tuple[str, ...]) -> tuple[str, ...]:
        for form in formats:
            letters = re.findall(r"%-?(.?)", form)
            if not letters or not DIRECTIVES.issuperset(letters):
                raise ValueError(f"「{form}」は日付の書き方として読めません(例: %Y-%m-%d %H:%M:%S)")
        return formats

    @field_validator("computed")
    @classmethod
    def _computable(cls, computed: dict[str, str]) -> dict[str, str]:
        for expression in computed.values():
            names_in(expression)
        return computed


class Mapping(Strict):
    """One shop system's exports. `time_zone` is that of times without an offset (default: the client's)."""

    title: str
    source: str = ""
    tax: Literal["included", "excluded", "unknown"] = "unknown"
    time_zone: str | None = None
    numbers: Literal["plain", "european"] = "plain"
    tables: dict[str, Section]

    @field_validator("time_zone")
    @classmethod
    def _known_zone(cls, zone: str | None) -> str | None:
        return zone if zone is None else known_zone(zone)

    @model_validator(mode="after")
    def _known_names(self) -> "Mapping":
        problems = [problem for table, section in self.tables.items() for problem in _problems(table, section)]
        if problems:
            raise ValueError("、".join(problems))
        return self


def _problems(table: str, section: Section) -> list[str]:
    """Return every name in a section that its table does not know, or knows as something else."""
    if table not in canon.TABLES:
        return [f"「{table}」という表はありません(使える表: {'・'.join(canon.TABLES)})"]
    known = {column.name: column for column in canon.TABLES[table].columns}
    parts = set().union(*map(names_in, section.computed.values()))
    used = dict.fromkeys((*section.columns, *section.constants, *section.computed, *section.values, *sorted(parts)))
    unknown = [name for name in used if name not in known]
    problems = [
        f"表「{table}」に「{name}」という列はありません(近い名前: {nearest(name, known) or 'なし'})" for name in unknown
    ]
    for name in sorted({*section.computed, *parts} & known.keys()):
        if known[name].kind != "number":
            problems.append(f"表「{table}」の「{name}」は数の列ではないので、計算には使えません")
    for name in filter(known.__contains__, section.values):
        wrong = [meant for meant in section.values[name].values() if meant not in known[name].choices]
        if wrong:
            choices = "・".join(known[name].choices) or "なし"
            problems.append(f"表「{table}」の「{name}」に「{wrong[0]}」という値はありません(使える値: {choices})")
    return problems


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
