import datetime as dt
from dataclasses import replace

import ibis
import ibis.expr.types as ir
import pyarrow as pa
import pytest

from horetsu_utils import schema, units, words
from horetsu_utils.canon import ACTIONS, TABLES
from horetsu_utils.errors import SchemaError
from horetsu_utils.schema import DTYPES, Column, Table
from horetsu_utils.shop import Shop

END = "場所: {0}\n次に: 対応表(mapping)か元のファイルを直してください。"
STORY = {"customer_id": "c1", "date": dt.date(2026, 1, 1), "change_score": 3, "emotion": "良い"}


def story(*rows: dict, without: str = "", **kinds: str) -> ir.Table:
    """Make a story table of rows that differ from a sound one; `kinds` turns columns into other types."""
    table = ibis.memtable(
        pa.Table.from_pylist(
            [STORY | row for row in rows],
            schema=pa.schema(
                {"customer_id": pa.string(), "date": pa.date32(), "change_score": pa.int64(), "emotion": pa.string()}
            ),
        )
    )
    table = table.mutate(**{name: table[name].cast(kind) for name, kind in kinds.items()})
    return table.drop(without) if without else table


def message(table: ir.Table, of: Table) -> str:
    with pytest.raises(SchemaError) as caught:
        schema.check(table, of)
    return str(caught.value)


def told(name: str, *problems: str) -> str:
    lines = "\n".join(f"・{problem}" for problem in problems)
    return f"{name} の表が決まりに合いません。\n{lines}\n{END.format(name)}"


@pytest.mark.parametrize("rows", [[], [{}], [{}, {"change_score": 0}, {"change_score": 5, "emotion": "悪い"}]])
def test_a_sound_table_passes(rows) -> None:
    schema.check(story(*rows), TABLES["story"])


def test_extra_columns_are_kept_in_peace() -> None:
    schema.check(story({}).mutate(ours=ibis.literal("x")), TABLES["story"])


@pytest.mark.parametrize(
    ("table", "problem"),
    [
        (story({}, without="date"), "列「date」がありません"),
        (story({}, date="timestamp(6)"), "列「date」の型が timestamp(6) です(date が必要です)"),
        (story({"emotion": None}, {}), "列「emotion」が空の行があります(1 行)"),
        (story({"change_score": 6}, {"change_score": -1}, {}), "列「change_score」に決まりの外の値があります(2 行)"),
        (story({"emotion": "最高"}), "列「emotion」に決まりの外の値があります(1 行)"),
    ],
)
def test_each_kind_of_violation_is_told(table, problem) -> None:
    assert message(table, TABLES["story"]) == told("story", problem)


def test_every_violation_is_gathered_and_told_once() -> None:
    table = story(
        {"customer_id": None, "change_score": 9}, {"customer_id": None}, {}, without="date", change_score="int32"
    ).mutate(emotion=ibis.literal("ふつう"))
    assert message(table, TABLES["story"]) == told(
        "story",
        "列「date」がありません",
        "列「change_score」の型が int32 です(int64 が必要です)",
        "列「customer_id」が空の行があります(2 行)",
        "列「emotion」に決まりの外の値があります(3 行)",
    )


def test_a_row_needs_one_of_a_group_of_columns() -> None:
    events = ibis.memtable(
        pa.table(
            {
                "at": pa.array([dt.datetime(2026, 1, 1)] * 3, pa.timestamp("us")),
                "event": ["view"] * 3,
                "customer_id": ["c1", None, None],
                "visitor_id": pa.array([None, "v1", None], pa.string()),
            }
        )
    )
    problem = "customer_id・visitor_id のどれも無い行があります"
    assert message(events, TABLES["events"]) == told("events", f"{problem}(1 行)")
    nobody = events.drop("customer_id", "visitor_id")
    assert message(nobody, TABLES["events"]) == told("events", f"{problem}(3 行)")
    schema.check(events.filter(events.customer_id.notnull()).drop("visitor_id"), TABLES["events"])


def test_counts_of_rows_are_written_with_thousands() -> None:
    table = ibis.memtable(pa.table({"number": pa.array(range(1500), pa.int64())}))
    kinds = Table("many", "", (Column("number", "integer", maximum=99),))
    assert message(table, kinds) == told("many", "列「number」に決まりの外の値があります(1,400 行)")


@pytest.mark.parametrize(
    ("column", "value", "sound"),
    [
        (Column("x", "integer", minimum=0, maximum=5), 0, True),
        (Column("x", "integer", minimum=0, maximum=5), 5, True),
        (Column("x", "integer", minimum=0, maximum=5), 6, False),
        (Column("x", "integer", minimum=0), -1, False),
        (Column("x", "integer", maximum=0), 1, False),
        (Column("x", "choice", choices=("a", "b")), "b", True),
        (Column("x", "choice", choices=("a", "b")), "B", False),
        (Column("x", "text"), "何でも", True),
    ],
)
def test_bounds_are_inclusive_and_choices_exact(column, value, sound) -> None:
    assert ibis.duckdb.connect().execute(schema.valid(column, ibis.literal(value))) == sound


@pytest.mark.parametrize("name", list(TABLES))
def test_the_tables_of_the_demo_shop_pass(name, demo_client) -> None:
    shop = Shop.open(demo_client, as_of="")
    table = shop.table("lines" if name == "orders" else name)
    schema.check(table, TABLES[name])
    first = next(column for column in TABLES[name].columns if column.required)
    assert message(table.drop(first.name), TABLES[name]).startswith(
        f"{name} の表が決まりに合いません。\n・列「{first.name}」が"
    )


@pytest.mark.parametrize("table", TABLES.values(), ids=list(TABLES))
def test_definitions_are_whole(table) -> None:
    assert len(set(table.names)) == len(table.names) and table.required
    assert table[table.names[-1]] == table.columns[-1]
    assert table.name in words.TABLES and set(table.names) <= set(words.COLUMNS)
    assert {name for group in table.one_of for name in group} <= set(table.names)
    for column in table.columns:
        assert column.kind in DTYPES
        assert bool(column.choices) == (column.kind == "choice")
        assert column.unit in ("", *units.UNITS)


def test_action_codes_are_written_once() -> None:
    assert len(set(ACTIONS)) == len(ACTIONS) == 20
    assert replace(TABLES["campaigns"]["action"], telling=False) == TABLES["touchpoints"]["action"]
