"""Workbooks and Parquet files as they come: built by others, broken on the way, or made to break the reader."""

import datetime as dt
import io
import struct
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from horetsu_utils.errors import InputError
from horetsu_utils.ingest import read
from horetsu_utils.ingest.nested import MOST_KEYS
from horetsu_utils.ingest.read import ROW

SHEET = "xl/worksheets/sheet1.xml"
UNNAMED = "  {}"
NO_BOOK = (
    "Excel ファイルとして開けません(壊れているか、途中で切れています)。\n場所: a.xlsx\n"
    "次に: もう一度保存し直すか、CSV で書き出してください。"
)
LOCKED = (
    "Excel ファイルとして開けません(パスワードが付いているか、古い形式です)。\n場所: a.xlsx\n"
    "次に: パスワードを外して .xlsx の形式で保存し直すか、CSV で書き出してください。"
)
TOO_LARGE = "Excel ファイルが大きすぎます。\n場所: a.xlsx\n次に: CSV で書き出してください。"
TOO_WIDE = (
    "Excel の表が広すぎます。表から遠く離れたセルに、何か書き込まれていませんか。\n場所: a.xlsx\n"
    "次に: 離れたセルを消して保存し直すか、CSV で書き出してください。"
)
NO_PARQUET = "Parquet ファイルとして開けません。\n場所: a.parquet\n次に: もう一度書き出してください。"


def book(*rows: list[Any], change: Callable[[Any], None] = lambda sheet: None) -> bytes:
    made, stream = openpyxl.Workbook(), io.BytesIO()
    for row in rows:
        made.active.append(row)
    change(made.active)
    made.save(stream)
    return stream.getvalue()


def with_parts(content: bytes, **parts: str | Callable[[str], str]) -> bytes:
    """Write a workbook anew with some of its parts changed, or added."""
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as new:
        texts = {name: old.read(name).decode() for name in old.namelist()}
        for name, part in parts.items():
            texts[name] = part if isinstance(part, str) else part(texts[name])
        for name, text in texts.items():
            new.writestr(name, text)
    return stream.getvalue()


def saved(folder: Path, content: bytes, name: str = "a.xlsx") -> Path:
    path = folder / name
    path.write_bytes(content)
    return path


def rows_of(path: Path) -> tuple[tuple[str, ...], list[tuple]]:
    """Return a file's headings, and its rows with their numbers."""
    found = read.read(path)
    table = found.batches.read_all()
    return found.header, list(zip(*(column.to_pylist() for column in table.columns), strict=True))


def refusal(path: Path) -> str:
    with pytest.raises(InputError) as error:
        read.read(path).batches.read_all()
    return str(error.value)


def test_formulas_and_links_to_other_workbooks_give_the_values_they_last_had(tmp_path: Path) -> None:
    content = book(["a", "b", "c", "d"], ["=1+1", "=[1]原価!$B$2", "=NOW()", "=1/0"], [1, 2, 3, 4])

    def calculated(sheet: str) -> str:
        for cell, kind, value in (("A2", "n", "2"), ("B2", "str", "他の本の値"), ("D2", "e", "#DIV/0!")):
            start = sheet.index(f'<c r="{cell}"')
            end = sheet.index("</c>", start)
            changed = sheet[start:end].replace("<v />", f"<v>{value}</v>").replace(">", f' t="{kind}">', 1)
            sheet = sheet[:start] + changed + sheet[end:]
        return sheet

    target = "file:///nowhere/原価.xlsx"
    relation = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/externalLinkPath"
    link = f'<Relationships><Relationship Id="rId1" Type="{relation}" Target="{target}" TargetMode="External"/>'
    parts: dict[str, Any] = {
        SHEET: calculated,
        "xl/externalLinks/externalLink1.xml": '<externalLink><externalBook r:id="rId1"/></externalLink>',
        "xl/externalLinks/_rels/externalLink1.xml.rels": link + "</Relationships>",
    }
    path = saved(tmp_path, with_parts(content, **parts))
    assert rows_of(path) == (
        ("a", "b", "c", "d"),
        [
            (2, "2", "他の本の値", "", ""),
            (3, "1", "2", "3", "4"),
        ],  # an error is no value, nor is what was never computed
    )


def test_a_workbook_cut_short_anywhere_is_refused_in_plain_words(tmp_path: Path) -> None:
    content = book(["a", "b"], *([place, "x"] for place in range(200)))
    cuts = range(4, len(content) - 1, 251)
    assert {refusal(saved(tmp_path, content[:cut])) for cut in cuts} == {NO_BOOK}


def test_a_workbook_with_a_part_cut_short_is_refused_in_plain_words(tmp_path: Path) -> None:
    content = book(["a", "b"], *([place, "x"] for place in range(200)))
    parts: dict[str, Any] = {SHEET: lambda sheet: sheet[: len(sheet) // 2]}
    assert refusal(saved(tmp_path, with_parts(content, **parts))) == NO_BOOK


def test_whatever_byte_of_a_workbook_is_wrong_nothing_but_a_refusal_comes_of_it(tmp_path: Path) -> None:
    content, refused = book(["a", "b"], *([place, "x"] for place in range(50))), set()
    for place in range(0, len(content), 7):
        path = saved(tmp_path, content[:place] + bytes([content[place] ^ 0xFF]) + content[place + 1 :])
        try:
            read.read(path).batches.read_all()
        except InputError as error:
            refused.add(str(error))
    assert NO_BOOK in refused


def test_a_workbook_with_a_password_says_so(tmp_path: Path) -> None:
    assert refusal(saved(tmp_path, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(4096))) == LOCKED


def bomb(size: int) -> bytes:
    """Return an archive of a gigabyte that says it holds `size` bytes."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    block = packer.compress(b" " * (1 << 20)) + packer.flush(zlib.Z_FULL_FLUSH)
    packed = block * 1_000 + packer.flush()
    name = SHEET.encode()
    told = struct.pack("<HHHHIIIHH", 0, 8, 0, 0x21, 0, len(packed), size, len(name), 0)
    local = b"PK\3\4" + struct.pack("<H", 20) + told + name
    central = b"PK\1\2" + struct.pack("<HH", 20, 20) + told + struct.pack("<HHHII", 0, 0, 0, 0, 0) + name
    end = b"PK\5\6" + struct.pack("<HHHHIIH", 0, 0, 1, 1, len(central), len(local) + len(packed), 0)
    return local + packed + central + end


@pytest.mark.parametrize("size", [1_000 << 20, 100], ids=["as it says", "though it denies it"])
def test_a_workbook_that_would_fill_the_memory_is_refused_before_it_is_opened(tmp_path: Path, size: int) -> None:
    content = bomb(size)
    assert len(content) < 3_000_000
    assert refusal(saved(tmp_path, content)) == TOO_LARGE


def far(row: int, column: int) -> bytes:
    def write(sheet: Any) -> None:
        sheet.cell(row, column, 1)

    return book(["a", "b"], [1, 2], change=write)


@pytest.mark.parametrize("quotes", ["as written", "turned"])
def test_a_cell_far_from_the_sheet_is_refused_where_it_would_fill_the_memory(tmp_path: Path, quotes: str) -> None:
    parts: dict[str, Any] = {SHEET: lambda sheet: sheet.replace('"', "'") if quotes == "turned" else sheet}
    assert refusal(saved(tmp_path, with_parts(far(1_048_576, 16_384), **parts))) == TOO_WIDE


def test_a_cell_far_below_or_beside_a_small_sheet_is_a_row_or_nothing(tmp_path: Path) -> None:
    below = saved(tmp_path, far(5_000, 1))
    assert rows_of(below) == (("a", "b"), [(2, "1", "2"), (5_000, "1", "")])
    beside = saved(tmp_path, far(2, 16_384))
    assert rows_of(beside) == (("a", "b"), [(2, "1", "2")])


def test_cells_that_are_only_coloured_do_not_make_a_sheet_too_wide(tmp_path: Path) -> None:
    blank = "".join(f'<row r="{row}"><c r="XFD{row}" s="0"/></row>' for row in range(3, 5_000))
    parts: dict[str, Any] = {SHEET: lambda sheet: sheet.replace("</sheetData>", blank + "</sheetData>")}
    path = saved(tmp_path, with_parts(book(["a", "b"], [1, 2]), **parts))
    assert rows_of(path) == (("a", "b"), [(2, "1", "2")])


def test_merged_titles_above_the_header_are_passed_over(prepare) -> None:
    def merge(sheet: Any) -> None:
        sheet.merge_cells("A1:E1")
        sheet.merge_cells("A2:B2")

    at = dt.datetime(2026, 7, 1, 10)
    content = book(
        ["配信結果(2026年7月)"],
        ["作成者", None, "見本"],
        [],
        ["会員番号", "配信日時", "チャネル", "配信名", "開封日時"],
        [11, at, "メール", "夏のお便り", dt.datetime(2026, 7, 1, 12)],
        ["0012", at, "LINE", "夏のお便り", None],
        change=merge,
    )
    found = prepare({"log.xlsx": content}, UNNAMED)
    names = ("_row", "customer_id", "at", "channel", "campaign_id", "reaction", "outcome")
    assert [tuple(row[name] for name in names) for row in found.table("touchpoints")] == [
        (5, "11", at, "メール", "夏のお便り", "open", "accepted"),
        (6, "0012", at, "LINE", "夏のお便り", "none", "accepted"),
    ]


def test_days_and_times_in_cells_of_their_own_become_one_moment(prepare) -> None:
    def shape(sheet: Any) -> None:
        sheet["B3"].number_format = "h:mm:ss"

    names = ["Date", "Time", "Item", "Qty", "Price Point Name", "Net Sales", "Transaction ID", "Customer ID"]
    rest = ["化粧水", 1, "通常", 1200, "T", "C"]
    day, moment = dt.date(2026, 7, 18), dt.time(12, 59, 30)
    content = book(names, [day, moment, *rest], [day, 0.54131944, *rest[:-2], "T2", "C"], change=shape)
    found = prepare({"items.xlsx": content}, UNNAMED)
    assert [(row["ordered_at"], row["amount"]) for row in found.table("lines")] == [
        (dt.datetime.combine(day, moment), 1200),
        (dt.datetime.combine(day, moment), 1200),
    ]


VALUE = pa.struct(
    [
        ("string_value", pa.string()),
        ("int_value", pa.int64()),
        ("double_value", pa.float64()),
        ("set_timestamp_micros", pa.int64()),
    ]
)
PARAMETERS = pa.list_(pa.struct([("key", pa.string()), ("value", VALUE)]))


def parameters(**told: Any) -> list[dict[str, Any]]:
    kinds = {str: "string_value", int: "int_value", float: "double_value", type(None): "set_timestamp_micros"}
    return [{"key": key, "value": {kinds[type(value)]: value}} for key, value in told.items()]


def parquet(folder: Path, table: pa.Table, **options: Any) -> Path:
    pq.write_table(table, folder / "a.parquet", **options)
    return folder / "a.parquet"


def test_parameters_become_columns_by_their_keys_whatever_type_they_have(tmp_path: Path) -> None:
    cells = [parameters(page="/a", id=7, worth=1.5), None, [], parameters(id=8, page="", never=None)]
    cells += [[{"key": None, "value": {"int_value": 1}}, {"key": "id", "value": None}]]
    cells += [[*parameters(page="先"), *parameters(page="後")]]
    table = pa.table({"n": range(6), "event_params": pa.array(cells, PARAMETERS)})
    assert rows_of(parquet(tmp_path, table)) == (
        ("n", "event_params.page", "event_params.id", "event_params.worth", "event_params.never"),
        [
            (2, "0", "/a", "7", "1.5", ""),
            (3, "1", "", "", "", ""),
            (4, "2", "", "", "", ""),
            (5, "3", "", "8", "", ""),
            (6, "4", "", "", "", ""),
            (7, "5", "先", "", "", ""),
        ],
    )


def test_a_key_of_the_last_rows_only_is_a_column_too(tmp_path: Path) -> None:
    cells = [parameters(id=place) for place in range(40_000)] + [parameters(last="最後")]
    path = parquet(tmp_path, pa.table({"p": pa.array(cells, PARAMETERS)}), row_group_size=9_000)
    header, rows = rows_of(path)
    assert header == ("p.id", "p.last")
    assert (rows[0], rows[39_999], rows[40_000]) == ((2, "0", ""), (40_001, "39999", ""), (40_002, "", "最後"))
    assert [int(row[1]) for row in rows[:-1]] == list(range(40_000))


def test_structs_become_columns_by_their_fields_and_lists_by_their_first_item(tmp_path: Path) -> None:
    device = pa.struct([("category", pa.string()), ("web", pa.struct([("browser", pa.string())]))])
    item = pa.struct([("item_id", pa.string()), ("price", pa.float64()), ("item_params", PARAMETERS)])
    table = pa.table(
        {
            "device": pa.array([{"category": "mobile", "web": {"browser": "x"}}, None, {"web": None}], device),
            "items": pa.array(
                [
                    [{"item_id": "A", "price": 1200.0, "item_params": parameters(色="赤")}, {"item_id": "B"}],
                    [],
                    [{"price": 0.5}],
                ],
                pa.list_(item),
            ),
            "device.category": ["p", "q", "r"],
        }
    )
    fields = ("device.category", "device.web.browser")
    assert rows_of(parquet(tmp_path, table)) == (
        (*fields, "items.item_id", "items.price", "items.item_params.色", "device.category"),
        [
            (2, "mobile", "x", "A", "1200", "赤", "p"),
            (3, "", "", "", "", "", "q"),
            (4, "", "", "", "0.5", "", "r"),
        ],
    )


def test_lists_that_a_warehouse_wraps_twice_are_unwrapped(tmp_path: Path) -> None:
    def wrapped(kind: pa.DataType) -> pa.DataType:
        return pa.struct([("list", pa.list_(pa.struct([("element", kind)])))])

    def wrap(cells: list[dict[str, Any]] | None) -> dict[str, Any] | None:
        return None if cells is None else {"list": [{"element": cell} for cell in cells]}

    table = pa.table(
        {
            "event_params": pa.array(
                [wrap(parameters(id=1)), None, wrap([]), wrap(parameters(page="/b", id=2))],
                wrapped(PARAMETERS.value_type),
            ),
            "items": pa.array(
                [wrap([{"item_id": "A"}]), wrap([]), None, wrap([{"item_id": "B"}, {"item_id": "C"}])],
                wrapped(pa.struct([("item_id", pa.string())])),
            ),
        }
    )
    assert rows_of(parquet(tmp_path, table)) == (
        ("event_params.id", "event_params.page", "items.item_id"),
        [(2, "1", "", "A"), (5, "2", "/b", "B")],  # a row without a filled cell is no row
    )


def test_nested_columns_that_nobody_reads_do_no_harm(prepare, tmp_path: Path) -> None:
    table = pa.table(
        {
            "order_id": ["1", "2"],
            "customer_id": ["11", "12"],
            "ordered_at": pa.array([dt.date(2026, 7, 1)] * 2),
            "amount": [1200, 900],
            "deep": pa.array([[[{"a": [1]}]], None], pa.list_(pa.list_(pa.struct([("a", pa.list_(pa.int8()))])))),
            "map": pa.array([[("x", 1)], []], pa.map_(pa.string(), pa.int32())),
            "bytes": pa.array([b"\xff\xfe", None]),
            "nothing": pa.nulls(2),
            "span": pa.array([dt.timedelta(hours=1), None]),
        }
    )
    found = prepare({"orders.parquet": parquet(tmp_path, table).read_bytes()}, UNNAMED)
    names = ("order_id", "customer_id", "ordered_on", "amount")
    assert [tuple(row[name] for name in names) for row in found.table("orders")] == [
        ("1", "11", dt.date(2026, 7, 1), 1200),
        ("2", "12", dt.date(2026, 7, 1), 900),
    ]


def test_a_list_of_more_keys_than_any_parameters_have_stays_one_column(tmp_path: Path) -> None:
    kind = pa.list_(pa.struct([("key", pa.string()), ("value", pa.string())]))
    cells = [[{"key": f"k{place}", "value": "v"}] for place in range(MOST_KEYS + 1)]
    header, rows = rows_of(parquet(tmp_path, pa.table({"p": pa.array(cells, kind)})))
    assert header == ("p",)
    assert rows[1000] == (1002, "[{'key': 'k1000', 'value': 'v'}]")
    header, rows = rows_of(parquet(tmp_path, pa.table({"p": pa.array(cells[:-1], kind)})))
    assert (len(header), header[0], header[-1]) == (MOST_KEYS, "p.k0", "p.k999")


def test_a_nested_parquet_without_rows_has_its_fields_for_headings(tmp_path: Path) -> None:
    table = pa.schema([("a", pa.struct([("b", pa.int8())])), ("p", PARAMETERS)]).empty_table()
    assert rows_of(parquet(tmp_path, table)) == (("a.b", "p"), [])


def test_whatever_byte_of_a_parquet_is_wrong_nothing_but_a_refusal_comes_of_it(tmp_path: Path) -> None:
    cells = pa.array([parameters(id=place, page=f"/{place % 7}") for place in range(300)], PARAMETERS)
    content = parquet(tmp_path, pa.table({"p": cells, "n": range(300)}), compression="zstd").read_bytes()
    refused = set()
    for place in range(0, len(content) - 2_500, 29):  # beyond lies the footer, whose reader may ask for any memory
        path = saved(tmp_path, content[:place] + bytes([content[place] ^ 0xFF]) + content[place + 1 :], "a.parquet")
        try:
            read.read(path).batches.read_all()
        except InputError as error:
            refused.add(str(error))
    assert refused == {NO_PARQUET}


def test_a_parquet_cut_short_anywhere_is_refused_in_plain_words(tmp_path: Path) -> None:
    content = parquet(tmp_path, pa.table({"n": range(300)})).read_bytes()
    cuts = range(4, len(content), 97)
    assert {refusal(saved(tmp_path, content[:cut], "a.parquet")) for cut in cuts} == {NO_PARQUET}


def test_row_numbers_of_a_parquet_run_on_over_its_batches(tmp_path: Path) -> None:
    path = parquet(tmp_path, pa.table({"n": range(100_000), "s": pa.array([{"a": 1}] * 100_000)}))
    assert read.read(path).batches.read_all()[ROW].to_pylist() == list(range(2, 100_002))


def test_a_book_with_two_filled_sheets_is_not_read_by_half(tmp_path: Path) -> None:
    made, stream = openpyxl.Workbook(), io.BytesIO()
    for title in ("4月", "5月"):
        sheet = made.create_sheet(title)
        sheet.append(["order_id", "amount"])
        sheet.append([title, 100])
    made.save(stream)
    (tmp_path / "a.xlsx").write_bytes(stream.getvalue())
    with pytest.raises(InputError) as error:
        read.read(tmp_path / "a.xlsx")
    assert str(error.value) == (
        "Excel ファイルに、中身のあるシートがいくつもあります。どれを読むか、決められません。\n場所: a.xlsx(4月、5月)\n"
        "次に: 要るシートを1枚ずつ、別のファイルに保存して置いてください。"
    )
