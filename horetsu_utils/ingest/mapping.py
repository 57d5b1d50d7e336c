"""Their names → ours: what a mapping file may say."""

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Literal, TypeAlias

from pydantic import Field, field_validator, model_validator

from horetsu_utils import canon
from horetsu_utils.engine import EPOCHS
from horetsu_utils.errors import ConfigError, nearest
from horetsu_utils.ingest import scores
from horetsu_utils.ingest.conditions import Case, Condition
from horetsu_utils.ingest.dates import DIRECTIVES, PLAIN_DATES
from horetsu_utils.ingest.normalise import names_in
from horetsu_utils.ingest.scores import FIVE_POINTS, Scale
from horetsu_utils.schema import Column
from horetsu_utils.settings import Strict, known_zone, load_yaml, validate

Heading: TypeAlias = str | tuple[str, ...]
"""One heading of theirs, or several whose cells are read together with a space between them."""


class Person(Strict):
    """Where a file names the person. The cells become keys at the door, and are not kept themselves."""

    mail: tuple[Heading, ...] = ()
    phone: tuple[Heading, ...] = ()
    name: tuple[Heading, ...] = ()


class Key(Strict):
    """One way to tell who the customer is: an id in `columns`, or by what `person` says.

    `empty` lists the cells that mean nobody.
    """

    kind: Literal["id", "mail", "phone", "name_and_phone"] = "id"
    columns: tuple[Heading, ...] = ()
    empty: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _columns_of_ids(self) -> "Key":
        if (self.kind == "id") != bool(self.columns):
            raise ValueError("columns は、会員番号のような番号(kind: id)のときだけに書いてください")
        return self


class Join(Strict):
    """Another file of the same export, one row an order, whose cells are added to the lines with the same `by`."""

    by: str
    known_by: tuple[str, ...]
    lines_known_by: tuple[str, ...]


class Promise(Strict):
    """The days that tell the step of a voice where none is written: when something was promised, and when it came."""

    promised: tuple[Heading, ...]
    kept: tuple[Heading, ...]


class OrderTotal(Strict):
    """An order-level amount that the order's lines must add up to, wherever in the order it stands.

    Where there is no such column, they add up to their own sum less `minus`. What stands in `minus` is taken off
    whichever its sign: systems write a discount of 500 as 500 or as -500.
    """

    column: str = ""
    minus: tuple[str, ...] = ()


class Section(Strict):
    """How one file becomes one canonical table. Names on the left are ours, lists on the right are theirs.

    `known_by` are headings that only this export has together. `split` names a column of ours whose cell lists several
    values, and the mark between them. `scale` is the lowest and the highest score that a voice can give. `likely`
    values are known from memory only: they are offered to the consultant, and hold once client.yaml says so.
    """

    known_by: tuple[str, ...] = ()
    columns: dict[str, tuple[Heading, ...]]
    constants: dict[str, str] = Field(default_factory=dict)
    computed: dict[str, str] = Field(default_factory=dict)
    when: dict[str, tuple[Case, ...]] = Field(default_factory=dict)
    dates: tuple[str, ...] = PLAIN_DATES
    empty: tuple[str, ...] = ()
    person: Person = Person()
    customer_key: tuple[Key, ...] = ()
    without_customer: bool = False
    join: Join | None = None
    split: dict[str, str] = Field(default_factory=dict)
    fill_in_order: tuple[str, ...] = ()
    order_total: OrderTotal | None = None
    scale: Scale = FIVE_POINTS
    promise: Promise | None = None
    cancelled: tuple[Condition, ...] = ()
    returned: tuple[Condition, ...] = ()
    not_product: tuple[Condition, ...] = ()
    out_of_scope: tuple[Condition, ...] = ()
    values: dict[str, dict[str, str]] = Field(default_factory=dict)
    likely: dict[str, dict[str, str]] = Field(default_factory=dict)

    @field_validator("dates")
    @classmethod
    def _readable(cls, formats: tuple[str, ...]) -> tuple[str, ...]:
        for form in formats:
            if form in EPOCHS:
                continue
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
    """One shop system's exports. `time_zone` is that of times without an offset (default: the client's).

    `system` is shared by several reports of one shop, and by copies of a mapping: within it, the same number is the
    same order.
    """

    title: str
    system: str = ""
    source: str = ""
    from_memory: tuple[str, ...] = ()
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
    named = (section.columns, section.constants, section.computed, section.when, section.values, section.likely)
    used = dict.fromkeys([*(name for part in named for name in part), *section.split, *sorted(parts)])
    unknown = [name for name in used if name not in known]
    problems = [
        f"表「{table}」に「{name}」という列はありません(近い名前: {nearest(name, known) or 'なし'})" for name in unknown
    ]
    for name in sorted({*section.computed, *parts} & known.keys()):
        if known[name].kind != "number":
            problems.append(f"表「{table}」の「{name}」は数の列ではないので、計算には使えません")
    if table == scores.TABLE:
        problems += scores.outside(section.constants, section.scale)
    elif {"scale", "promise"} & section.model_fields_set:
        problems.append(f"表「{table}」に scale と promise は書けません(使える表: {scores.TABLE})")
    return problems + [each for name in known for each in _wrong_values(table, section, known[name])]


def _wrong_values(table: str, section: Section, column: Column) -> list[str]:
    """Return every value that a section gives to a column which is none of the column's choices."""
    meant = [value for words in (section.values, section.likely) for value in words.get(column.name, {}).values()]
    cases = [case.value for case in section.when.get(column.name, ())] if column.choices else []
    wrong = [value for value in (*meant, *cases) if value not in column.choices]
    choices = "・".join(column.choices) or "なし"
    return [
        f"表「{table}」の「{column.name}」に「{value}」という値はありません(使える値: {choices})" for value in wrong[:1]
    ]


def find(name: str, known: Iterable[str]) -> str:
    """Return a mapping's name, if there is such a mapping.

    Errors
        ConfigError naming the nearest mapping there is
    """
    if name in known:
        return name
    guess = nearest(name, known)
    raise ConfigError(
        f"「{name}」という対応表(mapping)はありません。"
        + (f"「{guess}」の書き間違いではありませんか。" if guess else ""),
        where="client.yaml の tables",
        next_step=f"次の中から選んでください: {'、'.join(sorted(known))}",
    )


def load_all(*folders: Path) -> dict[str, Mapping]:
    """Return the mappings of some folders by name; of two with one name, the later folder's.

    Errors
        ConfigError as `load`
    """
    paths = {path.stem: path for folder in folders for path in sorted(folder.glob("*.yaml"))}
    return {name: load(path) for name, path in paths.items()}


def load(path: Path) -> Mapping:
    """Return the mapping that a file describes.

    Errors
        ConfigError listing every unknown key, table or column
    """
    return validate(Mapping, load_yaml(path), where=str(path))
