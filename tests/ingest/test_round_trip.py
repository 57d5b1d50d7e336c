"""Whatever a table holds and however it is written down, all its cells arrive, in their rows, and every row is told."""

import codecs
import csv
import gzip
import io
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from horetsu_utils import assets
from horetsu_utils.ingest import mapping
from horetsu_utils.ingest.account import TableAccount
from horetsu_utils.ingest.feed import Feed, Ways
from horetsu_utils.ingest.mapping import Mapping
from horetsu_utils.ingest.prepare import prepare
from horetsu_utils.ingest.read import ROW, Ragged, read

HEADER = ("番号", "b", "備考①")
LETTERS = "aZ0 ,;\t\"'\n\r\\|~#=あア漢①㈱髙～ｱ、。\u3000ー"
"""What breaks readers of tables: delimiters, quotes, line ends, the second bytes of cp932, wide spaces."""
BLANKS = " \t\n\r\0\u3000"

Rows = list[tuple[str, ...]]
Read = tuple[list[tuple[int, tuple[str, ...]]], list[tuple[int, int]]]


def words(letters: str) -> st.SearchStrategy[str]:
    return st.one_of(st.just(""), st.text(st.sampled_from(letters), max_size=6))


def tables(letters: str = LETTERS + "\0") -> st.SearchStrategy[Rows]:
    cell = words(letters)
    even, uneven = st.tuples(cell, cell, cell), st.lists(cell, min_size=2, max_size=5).map(tuple)
    return st.lists(st.one_of(even, even, even, uneven, st.just(())), max_size=8)


def trimmed(row: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(cell.replace("\0", "").strip(BLANKS) for cell in row)


def expected(rows: Rows) -> Read:
    """Rows as they should arrive, with their numbers, and the numbers and widths of those of another width."""
    numbered = list(enumerate(rows, start=2))
    whole = [(number, trimmed(row)) for number, row in numbered if len(row) == len(HEADER)]
    uneven = [(number, len(row)) for number, row in numbered if len(row) != len(HEADER) and any(trimmed(row))]
    return [(number, row) for number, row in whole if any(row)], uneven


def found(path: Path) -> tuple[Read, list[Ragged]]:
    source = read(path, lambda row: row == HEADER)
    assert source.header == HEADER
    table = source.batches.read_all()
    columns = [table[f"c{place}"].to_pylist() for place in range(len(HEADER))]
    rows = list(zip(table[ROW].to_pylist(), zip(*columns, strict=True), strict=True))
    return (rows, [(each.row, each.cells) for each in source.ragged]), source.ragged


@dataclass(frozen=True)
class Form:
    """A way to write a table down: encoding, mark, delimiter, line ends, quotes, compression."""

    encoding: str
    mark: bytes
    delimiter: str
    end: str
    always_quoted: bool
    packed: bool

    def _cell(self, text: str) -> str:
        needed = self.always_quoted or self.delimiter == "\t" or any(letter in text for letter in ',;"\r\n')
        return f'"{text.replace(chr(34), chr(34) * 2)}"' if needed else text

    def write(self, rows: Rows, path: Path) -> None:
        lines = [self.delimiter.join(map(self._cell, row)) + self.end for row in [HEADER, *rows]]
        content = self.mark + "".join(lines).encode(self.encoding)
        path.write_bytes(gzip.compress(content, mtime=0) if self.packed else content)


ENCODINGS = [
    ("utf-8", b""),
    ("utf-8", codecs.BOM_UTF8),
    ("cp932", b""),
    ("utf-16-le", codecs.BOM_UTF16_LE),
    ("utf-16-be", codecs.BOM_UTF16_BE),
    ("utf-16-le", b""),
    ("utf-16-be", b""),
]
FORMS = st.builds(
    lambda encoding, *others: Form(*encoding, *others),
    st.sampled_from(ENCODINGS),
    st.sampled_from([",", ";", "\t"]),
    st.sampled_from(["\n", "\r\n"]),
    st.booleans(),
    st.booleans(),
)


@settings(max_examples=800, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
@given(rows=tables(), form=FORMS)
def test_text_in_any_form_gives_back_its_cells_and_its_row_numbers(rows: Rows, form: Form) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / ("a.csv.gz" if form.packed else "a.csv")
        form.write(rows, path)
        told, ragged = found(path)
    assert told == expected(rows)
    for each in ragged:  # what is shown of a row of another width can be read, whatever the file's encoding
        assert all(cell in each.text.replace('""', '"') for cell in (c.replace("\0", "") for c in rows[each.row - 2]))


@settings(max_examples=60, deadline=None, derandomize=True)
@given(rows=tables(LETTERS.translate({ord(letter): None for letter in '\t\n\r"'})), form=FORMS)
def test_a_table_with_tabs_and_without_quotes_is_read_as_it_stands(rows: Rows, form: Form) -> None:
    lines = ["\t".join(row) for row in [HEADER, *rows]]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.txt"
        path.write_bytes(form.mark + form.end.join([*lines, ""]).encode(form.encoding))
        assert found(path)[0] == expected(rows)


def padded(rows: Rows) -> Rows:
    return [(*row, *[""] * len(HEADER))[: len(HEADER)] for row in rows]


@settings(max_examples=60, deadline=None, derandomize=True)
@given(rows=tables(LETTERS.replace("\r", "")))
def test_a_workbook_gives_back_its_cells_and_its_row_numbers(rows: Rows) -> None:
    book = openpyxl.Workbook()
    for number, row in enumerate([HEADER, *padded(rows)], start=1):
        for place, text in enumerate(row, start=1):
            if text:
                book.active.cell(number, place).value = text
                book.active.cell(number, place).data_type = "s"
    with tempfile.TemporaryDirectory() as folder:
        book.save(Path(folder) / "a.xlsx")
        assert found(Path(folder) / "a.xlsx")[0] == expected(padded(rows))


@settings(max_examples=60, deadline=None, derandomize=True)
@given(rows=tables())
def test_a_parquet_file_gives_back_its_cells_and_its_row_numbers(rows: Rows) -> None:
    whole = padded(rows)
    with tempfile.TemporaryDirectory() as folder:
        columns = {name: pa.array([row[place] for row in whole], pa.string()) for place, name in enumerate(HEADER)}
        pq.write_table(pa.table(columns), Path(folder) / "a.parquet")
        assert found(Path(folder) / "a.parquet")[0] == expected(whole)


def test_a_row_of_another_width_is_shown_as_text_in_every_encoding(tmp_path: Path) -> None:
    for number, (encoding, mark) in enumerate(ENCODINGS):
        path = tmp_path / f"{number}.csv"
        path.write_bytes(mark + "番号,b,備考①\n1,髙,①\n2,～㈱\n3,ﾊﾝｶｸ,終\n".encode(encoding))
        assert found(path) == (
            ([(2, ("1", "髙", "①")), (4, ("3", "ﾊﾝｶｸ", "終"))], [(3, 2)]),
            [Ragged(3, 2, "2,～㈱")],
        )


# ---- every row that was read is told in the account, whatever became of it

GENERIC = mapping.load(assets.MAPPINGS / "generic.yaml")
ORDERS = ("order_id", "customer_id", "ordered_at", "amount", "product_id", "status")
LINE = st.tuples(
    st.sampled_from(["1", "2", "3", "4", ""]),
    st.sampled_from(["甲", "乙", ""]),
    st.sampled_from(["2026-06-01", "2026-06-02", "六月"]),
    st.sampled_from(["100", "250", "0", "一"]),
    st.sampled_from(["本", "紙,本", "本, ,紙", "送料", ""]),
    st.sampled_from(["", "支払済", "キャンセル", "返品", "謎"]),
)
LINES = st.lists(
    st.one_of(LINE, LINE, LINE, LINE, st.lists(st.sampled_from(["1", "あ"]), min_size=2, max_size=8).map(tuple)),
    max_size=8,
)


def told(content: str) -> Iterator[tuple[str, ...]]:
    yield from csv.reader(io.StringIO(content, newline=""))


def text(header: tuple[str, ...], rows: Rows) -> str:
    stream = io.StringIO(newline="")
    csv.writer(stream, lineterminator="\n").writerows([header, *rows])
    return stream.getvalue()


def account_of(feeds: list[tuple[str, str, Mapping]], partners: dict[str, str], folder: Path) -> TableAccount:
    def feed(name: str, content: str, mapped: Mapping) -> Feed:
        (folder / name).write_text(content, encoding="utf-8")
        return Feed("orders", folder / name, name, "own", mapped)

    beside = tuple(feed(name, content, feeds[0][2]) for name, content in partners.items())
    given = [Feed(**(vars(feed(*each)) | {"partners": beside})) for each in feeds]
    ways = Ways("Asia/Tokyo", 0, {"product_name": ["送料"], "product_id": []}, b"secret")
    return prepare(given, folder / "cache" / "x", ways=ways).tables["orders"]


def assert_whole(account: TableAccount, contents: dict[str, str]) -> None:
    """Every filled row of every file stands in the account once."""
    filled = {name: [row for row in told(content) if any(map(str.strip, row))] for name, content in contents.items()}
    rows = {name: len(each) - 1 for name, each in filled.items()}
    assert {each.file: each.read for each in account.files} == rows
    assert {each.file: sum(each.outcomes.values()) for each in account.files} == rows
    assert account.read == sum(account.outcomes.values()) == sum(rows.values())
    uneven = sum(len(row) != len(each[0]) for each in filled.values() for row in each)
    assert account.outcomes["rejected"] >= uneven


LAST = ("9", "丙", "2026-06-09", "1", "終わり", "")
JOINED = mapping.Mapping.model_validate(
    {
        "title": "joined",
        "tables": {
            "orders": {
                "join": {"by": "番号", "known_by": ["注文日"], "lines_known_by": ["品"]},
                "columns": {
                    "order_id": ["番号"],
                    "customer_id": ["会員"],
                    "ordered_at": ["注文日"],
                    "amount": ["額"],
                    "product_id": ["品"],
                    "status": ["状態"],
                },
                "values": GENERIC.tables["orders"].values,
            }
        },
    }
)
SPLIT = GENERIC.model_copy(
    update={"tables": {"orders": GENERIC.tables["orders"].model_copy(update={"split": {"product_id": ","}})}}
)


@settings(max_examples=8, deadline=None, derandomize=True)
@given(old=LINES, new=LINES, shared=LINES)
@pytest.mark.parametrize("mapped", [GENERIC, SPLIT], ids=["lines", "split"])
def test_every_row_of_two_overlapping_files_is_told_once(mapped: Mapping, old: Rows, new: Rows, shared: Rows) -> None:
    contents = {"a.csv": text(ORDERS, [*old, *shared, LAST]), "b.csv": text(ORDERS, [*shared, *new])}
    with tempfile.TemporaryDirectory() as folder:
        account = account_of([(name, each, mapped) for name, each in contents.items()], {}, Path(folder))
    assert_whole(account, contents)


@settings(max_examples=8, deadline=None, derandomize=True)
@given(lines=LINES, orders=LINES, more=LINES)
def test_every_row_of_a_joined_pair_is_told_once(lines: Rows, orders: Rows, more: Rows) -> None:
    """The same cells seen as lines (number, amount, product) and as orders (number, customer, day, status)."""
    kept = [(row[0], row[3], row[4]) if len(row) == 6 else row for row in [*lines, LAST]]
    heads = [(row[0], row[1], row[2], row[5]) if len(row) == 6 else row for row in [*orders, LAST]]
    later = [(row[0], row[1], row[2], row[5]) if len(row) == 6 else row for row in more]
    items = {"items.csv": text(("番号", "額", "品"), kept)}
    beside = {
        name: text(("番号", "会員", "注文日", "状態"), rows)
        for name, rows in (("orders_1.csv", heads), ("orders_2.csv", later))
    }
    with tempfile.TemporaryDirectory() as folder:
        account = account_of([(name, each, JOINED) for name, each in items.items()], beside, Path(folder))
    assert_whole(account, items | beside)
