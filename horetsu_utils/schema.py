"""What a canonical table is: columns with types, units and bounds; and the check that holds a table to them."""

from dataclasses import dataclass

import ibis
import ibis.expr.types as ir

from horetsu_utils.errors import SchemaError

DTYPES = {
    "id": "string",
    "text": "string",
    "choice": "string",
    "number": "decimal(18, 4)",
    "integer": "int64",
    "flag": "boolean",
    "date": "date",
    "time": "timestamp(6)",
}


@dataclass(frozen=True)
class Column:
    """One column of a canonical table. `kind` is a key of DTYPES; bounds are inclusive.

    Of an `unsigned` number only the size counts: systems write a discount of 500 as 500 or as -500. A `telling` value
    that cannot be used refuses its row: left empty in silence, an unknown status would count a cancelled order as
    bought, and an unknown action would pass for none.
    """

    name: str
    kind: str
    required: bool = False
    unit: str = ""
    minimum: float | None = None
    maximum: float | None = None
    choices: tuple[str, ...] = ()
    unsigned: bool = False
    telling: bool = False


@dataclass(frozen=True)
class Table:
    """One canonical table. Each group in `one_of` needs at least one of its columns filled."""

    name: str
    row: str
    columns: tuple[Column, ...]
    one_of: tuple[tuple[str, ...], ...] = ()

    def __getitem__(self, name: str) -> Column:
        """Return the column of that name."""
        return next(column for column in self.columns if column.name == name)

    @property
    def names(self) -> tuple[str, ...]:
        """Column names in their order."""
        return tuple(column.name for column in self.columns)

    @property
    def required(self) -> tuple[str, ...]:
        """Names of the columns every row must fill."""
        return tuple(column.name for column in self.columns if column.required)


def valid(column: Column, value: ir.Value) -> ir.BooleanValue:
    """Tell, per row, whether a filled value keeps the column's bounds and choices.

    Shape
        a value of the column's type -> boolean, null where the value is null
    Errors
        none
    Source
        METHOD.md section 1
    """
    checks = [ibis.literal(True)]
    if column.minimum is not None:
        checks.append(value >= column.minimum)
    if column.maximum is not None:
        checks.append(value <= column.maximum)
    if column.choices:
        checks.append(value.isin(column.choices))
    return ibis.and_(*checks)


def check(table: ir.Table, schema: Table) -> None:
    """Hold a canonical table to its schema; every violation is gathered, then raised once.

    Shape
        any table -> nothing
    Errors
        SchemaError naming each missing column, wrong type, empty required value and value out of bounds
    Source
        METHOD.md section 1
    """
    problems = [f"列「{column}」がありません" for column in schema.required if column not in table.columns]
    present = [column for column in schema.columns if column.name in table.columns]
    sound = [column for column in present if _typed(table, column)]
    problems += [
        f"列「{column.name}」の型が {table[column.name].type()} です({DTYPES[column.kind]} が必要です)"
        for column in present
        if column not in sound
    ]
    problems += _row_problems(table, schema, sound)
    if problems:
        raise SchemaError(
            f"{schema.name} の表が決まりに合いません。\n" + "\n".join(f"・{problem}" for problem in problems),
            where=schema.name,
            next_step="対応表(mapping)か元のファイルを直してください。",
        )


def _typed(table: ir.Table, column: Column) -> bool:
    return table[column.name].type().copy(nullable=True) == ibis.dtype(DTYPES[column.kind])


def _row_problems(table: ir.Table, schema: Table, sound: list[Column]) -> list[str]:
    counts: dict[str, ir.IntegerScalar] = {}
    for column in sound:
        value = table[column.name]
        if column.required:
            counts[f"列「{column.name}」が空の行があります"] = value.isnull().sum()
        if column.minimum is not None or column.maximum is not None or column.choices:
            counts[f"列「{column.name}」に決まりの外の値があります"] = (~valid(column, value) & value.notnull()).sum()
    for group in schema.one_of:
        filled = [table[name].notnull() for name in group if name in table.columns]
        label = f"{'・'.join(group)} のどれも無い行があります"
        counts[label] = (~ibis.or_(*filled)).sum() if filled else table.count()
    if not counts:
        return []
    found = table.aggregate(**{f"c{index}": count for index, count in enumerate(counts.values())}).to_pyarrow()
    totals = found.to_pylist()[0].values()
    return [f"{label}({total:,} 行)" for label, total in zip(counts, totals, strict=True) if total]
