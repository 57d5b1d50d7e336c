"""Files as they arrive, broken, huge and odd: each is read right, or refused with one plain message."""

import gzip
import random
from collections.abc import Callable
from pathlib import Path

import pytest
from conftest import Prepared

from horetsu_utils import cache, client
from horetsu_utils.errors import ConfigError, HoretsuError, InputError
from horetsu_utils.ingest import survey
from horetsu_utils.ingest.read import BLOCK_BYTES, peek, read

HEADER, JAPANESE = "order_id,customer_id,ordered_at,amount,product_name", "注文番号,会員番号,注文日,金額,商品名"
ROW = "1,c,2026-06-01,100,本"
Run = Callable[..., Prepared]
CHANCE = random.Random(7)


def row(number: int, name: str = "本") -> str:
    return f"{number},c,2026-06-01,100,{name}"


def table(header: str, *rows: str) -> str:
    return "\n".join([header, *rows, ""])


def told(found: Prepared) -> list[tuple[int, str, str, str]]:
    return [(each["_row"], each["order_id"], each["product_name"], each["outcome"]) for each in found.table("lines")]


def refused(prepare: Run, files: dict[str, str | bytes]) -> str:
    with pytest.raises(InputError) as error:
        prepare(files)
    return str(error.value)


UNKNOWN = (
    "文字コードが分かりません(UTF-8・Shift_JIS・UTF-16 のどれでも読めません)。\n場所: a.csv {line}行目のあたり\n"
    "次に: 表計算ソフトで開き、「CSV UTF-8」で保存し直してください。"
)
EMPTY = "ファイルが空です。\n場所: {name}\n次に: もう一度書き出すか、client.yaml から外してください。"
OPEN = (
    '引用符「"」が閉じていないため、そこから先を読み分けられません。\n場所: a.csv {row}行目\n'
    "次に: この行の引用符を直すか、もう一度書き出してください。"
)
BROKEN = (
    "圧縮ファイルが途中で切れているか、壊れています。\n場所: {name}\n次に: もう一度書き出すか、受け取り直してください。"
)
BOMB = (
    "圧縮ファイルを開くと、けたはずれに大きくなります。\n場所: a.csv.gz\n"
    "次に: 中身を確かめ、圧縮していない CSV で置いてください。"
)
TOO_LONG = (
    'ファイルの途中から読めなくなりました(引用符「"」が閉じていないか、1つのセルが長すぎます)。\n場所: data/a.csv\n'
    "次に: もう一度書き出してください。"
)


# ---- compressed files


@pytest.mark.parametrize("lost", [1, 5, 9, 100])
def test_a_compressed_file_that_breaks_off_is_refused(prepare: Run, lost: int) -> None:
    content = gzip.compress(table(HEADER, *(row(number, CHANCE.randbytes(8).hex()) for number in range(200))).encode())
    assert refused(prepare, {"a.csv.gz": content[:-lost]}) == BROKEN.format(name="a.csv.gz")


def test_a_compressed_file_of_several_parts_is_read_to_its_end(prepare: Run) -> None:
    parts = [table(HEADER, row(1)), f"{row(2)}\n", f"{row(3)}\n"]
    found = prepare({"a.csv.gz": b"".join(gzip.compress(part.encode()) for part in parts)})
    assert [number for _, number, _, _ in told(found)] == ["1", "2", "3"]


def test_a_compressed_file_that_grows_beyond_all_measure_is_refused(
    prepare: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(survey, "LARGEST_UNPACKED_BYTES", 100_000)
    monkeypatch.setattr(survey, "LARGEST_RATIO", 20)
    even = gzip.compress(table(HEADER, *(row(number, CHANCE.randbytes(8).hex()) for number in range(5_000))).encode())
    assert prepare({"a.csv.gz": even}).counts() == {"accepted": 5_000}  # large, but not out of measure
    bomb = gzip.compress(table(HEADER, *[row(1)] * 50_000).encode())
    assert refused(prepare, {"a.csv.gz": bomb}) == BOMB


# ---- bytes that are no text


def test_nul_bytes_are_left_out(prepare: Run) -> None:
    found = prepare({"a.csv": b"\0" + table(HEADER, "1\0,c,2026-06-01,1\x0000,\0本\0", "2,c,2026-06-01,1,\0").encode()})
    assert told(found) == [(2, "1", "本", "accepted"), (3, "2", None, "accepted")]
    assert [row["amount"] for row in found.table("lines")] == [100, 1]


@pytest.mark.parametrize("broken", [b"\x81\n", b"a\x81", b"\xff", b"\xa0a", b"\x80", b"\x81\x30"])
@pytest.mark.parametrize(
    ("before", "uneven"),
    [(2, False), (2, True), (50_000, False), (50_000, True)],
    ids=["top", "top uneven", "deep", "deep uneven"],
)
def test_a_broken_byte_in_a_cp932_file_is_told_with_its_line(
    tmp_path: Path, broken: bytes, before: int, uneven: bool
) -> None:
    start = [JAPANESE, *[row(1, "化粧水")] * (before - 1), "1,2" if uneven else ROW, ""]
    content = "\n".join(start).encode("cp932") + b"2,c,2026-06-02,100," + broken + f"\n{ROW}\n".encode("cp932")
    (tmp_path / "a.csv").write_bytes(content)
    with pytest.raises(InputError) as error:
        read(tmp_path / "a.csv", lambda names: names[0] == "注文番号").batches.read_all()
    assert str(error.value) == UNKNOWN.format(line=f"{before + 2:,}")


def test_a_broken_byte_below_an_odd_quote_is_told_too(tmp_path: Path) -> None:
    rows = [JAPANESE, '1,c,2026-06-01,100,24" 画面', *[ROW] * 100_000]
    (tmp_path / "a.csv").write_bytes("\n".join(rows).encode("cp932") + b"\n2,c,2026-06-01,100,\xff\n")
    with pytest.raises(InputError) as error:
        read(tmp_path / "a.csv").batches.read_all()
    assert str(error.value) == UNKNOWN.format(line="100,003")


def test_a_cp932_file_that_ends_within_a_letter_is_refused(prepare: Run) -> None:
    assert refused(
        prepare, {"a.csv": table(JAPANESE, ROW).encode("cp932") + "2,c,2026-06-02,1,本".encode("cp932")[:-1]}
    ) == (UNKNOWN.format(line=3))


@pytest.mark.parametrize("encoding", ["euc_jp", "iso2022_jp"])
@pytest.mark.parametrize(
    ("header", "rows", "line"),
    [(JAPANESE, [row(1)], 1), (HEADER, [row(1, "Book"), row(2, "けしょうすい 化粧水セット")], 3)],
    ids=["japanese headings", "english headings"],
)
def test_older_japanese_encodings_are_refused_and_never_read_as_something_else(
    prepare: Run, encoding: str, header: str, rows: list[str], line: int
) -> None:
    assert refused(prepare, {"a.csv": table(header, *rows).encode(encoding)}) == UNKNOWN.format(line=line)


def test_half_width_kana_is_not_taken_for_an_older_encoding(prepare: Run) -> None:
    names = ["ﾊﾝｶｸ", "ｹｼｮｳｽｲ", "ｼｬﾝﾌﾟｰ･ﾘﾝｽ", "ﾎﾝ", "ﾌﾟﾚｾﾞﾝﾄ ﾎﾞｯｸｽ"]
    for header in (HEADER, JAPANESE):
        content = table(header, *(row(number, name) for number, name in enumerate(names, start=1)))
        found = prepare({"a.csv": content.encode("cp932")})
        assert [name for _, _, name, _ in told(found)] == names


# ---- size


def test_five_thousand_columns_are_read(prepare: Run) -> None:
    extra = [f"列{number}" for number in range(5_000)]
    found = prepare({"a.csv": table(f"{HEADER},{','.join(extra)}", ROW + ",x" * 5_000)})
    assert told(found) == [(2, "1", "本", "accepted")]
    assert found.account["tables"]["orders"]["files"][0]["unused"] == extra


def test_five_thousand_unknown_columns_are_a_stranger(prepare: Run) -> None:
    rows = [",".join(f"見出し{place}の{line}" for place in range(5_000)) for line in range(31)]
    message = refused(prepare, {"a.csv": table(*rows)})
    assert message.startswith("どのシステムの書き出しか、見出しから分かりません。\n・data/a.csv\n   近いもの: ")
    assert len(message) < 1_000


@pytest.mark.parametrize("quote", ["", '"'])
def test_one_cell_of_fifty_megabytes_is_refused(prepare: Run, quote: str) -> None:
    rows = [row(1), row(2, f"{quote}{'x' * 50_000_000}{quote}"), row(3)]
    assert refused(prepare, {"a.csv": table(HEADER, *rows)}) == TOO_LONG


@pytest.mark.parametrize("size", [200_000, 2_000_000, BLOCK_BYTES - 1_000])
@pytest.mark.parametrize("below", [[], [row(3)]], ids=["last", "not last"])
def test_a_very_long_cell_in_the_first_row_hides_nothing(prepare: Run, size: int, below: list[str]) -> None:
    found = prepare({"a.csv": table(HEADER, row(2, f'"{"x" * size}"'), *below)})
    assert [len(name) for _, _, name, _ in told(found)] == [size, *[1] * len(below)]


# ---- lines, quotes and widths


def test_line_ends_of_old_macs_are_read(prepare: Run) -> None:
    for encoding in ("utf-8", "cp932"):
        found = prepare({"a.csv": table(JAPANESE, row(1), row(2)).replace("\n", "\r").encode(encoding)})
        assert told(found) == [(2, "1", "本", "accepted"), (3, "2", "本", "accepted")]


@pytest.mark.parametrize("encoding", ["utf-8", "cp932", "utf-16"])
def test_a_quote_that_nothing_closes_is_told_with_its_row(prepare: Run, encoding: str) -> None:
    content = table(JAPANESE, row(1), row(2, '"二行\nの名"'), row(3, '"紙'), row(4)).encode(encoding)
    assert refused(prepare, {"a.csv": content}) == OPEN.format(row=4)


@pytest.mark.parametrize("encoding", ["utf-8", "cp932", "utf-16"])
def test_an_uneven_row_is_told_by_its_number_and_shows_nothing_of_a_person(prepare: Run, encoding: str) -> None:
    rows = [row(1), "①㈱髙～,c,2026-06-02,100,見本花子,ﾊﾝｶｸ", "hanako@example.jp,髙", "", ",,,,,,,", row(4)]
    found = prepare({"a.csv": table(JAPANESE, *rows).encode(encoding)})
    assert told(found) == [(2, "1", "本", "accepted"), (7, "4", "本", "accepted")]
    assert [(each["row"], each["value"], each["reason"]) for each in found.rejected] == [
        (3, "", "セルの数(6)が見出しの数(5)と違います"),
        (4, "", "セルの数(2)が見出しの数(5)と違います"),
    ]
    assert found.counts() == {"accepted": 2, "rejected": 2}


def test_an_empty_last_column_changes_nothing(prepare: Run) -> None:
    for name, header in (("both", f"{JAPANESE},"), ("spaces", f"{JAPANESE}, ")):
        found = prepare({"a.csv": table(header, f"{row(1)},", f"{row(2)},\u3000")}, name=name)
        assert told(found) == [(2, "1", "本", "accepted"), (3, "2", "本", "accepted")]


def test_a_last_column_that_only_the_rows_have_is_told_row_by_row(prepare: Run) -> None:
    found = prepare({"a.csv": table(JAPANESE, row(1), f"{row(2)},")})
    assert told(found) == [(2, "1", "本", "accepted")]
    assert [(each["row"], each["reason"]) for each in found.rejected] == [(3, "セルの数(6)が見出しの数(5)と違います")]


@pytest.mark.parametrize(
    "content", ["\n\n \n", "\r\n\r\n", "\u3000\n\u3000\n", ",,,\n,,,\n", '"",""\n"",""\n', ";;\n", "\t\t\n", "\0\0\n\0"]
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp932", "utf-16"])
def test_a_file_of_nothing_but_blank_lines_is_empty(tmp_path: Path, content: str, encoding: str) -> None:
    (tmp_path / "a.csv").write_bytes(content.encode(encoding))
    for look in (read, peek):
        with pytest.raises(InputError) as error:
            look(tmp_path / "a.csv")
        assert str(error.value) == EMPTY.format(name="a.csv")


# ---- folders


def prepared(folder: Path) -> Prepared:
    return Prepared(folder, cache.prepared(client.find(str(folder))))


def test_a_folder_that_is_called_like_a_file_is_passed_over(make_client: Callable[..., Path]) -> None:
    folder = make_client({"a.csv": table(HEADER, row(1))}, "  orders: [{files: data/*.csv}]")
    (folder / "data" / "x.csv").mkdir()
    assert told(prepared(folder)) == [(2, "1", "本", "accepted")]


def test_a_link_that_leads_out_of_the_folder_is_not_followed(make_client: Callable[..., Path], tmp_path: Path) -> None:
    (tmp_path / "outside.csv").write_text(table(HEADER, row(9)), encoding="utf-8")
    folder = make_client({"a.csv": table(HEADER, row(1))}, "  orders: [{files: data/*.csv}]")
    (folder / "data" / "b.csv").symlink_to(tmp_path / "outside.csv")
    with pytest.raises(ConfigError) as error:
        prepared(folder)
    assert str(error.value).replace(str(folder), "…") == (
        "クライアントのフォルダの外にあるファイルは読めません。\n場所: client.yaml の files: data/*.csv\n"
        "次に: ファイルを …/data の中に置いてください。"
    )


def test_what_cannot_be_read_stands_beside_what_can(make_client: Callable[..., Path]) -> None:
    folder = make_client({"a.csv": table(HEADER, row(1)), "b.pdf": b"%PDF", "c.zip": b"PK\x05\x06", "d": b"?"}, "")
    (folder / "client.yaml").write_text("name: 見本の店\n", encoding="utf-8")
    found = prepared(folder)
    assert told(found) == [(2, "1", "本", "accepted")]
    kinds = "読めるのは CSV・TSV(.gz も可)・Excel(.xlsx)・Parquet です。"
    assert [(each["file"], each["reasons"]) for each in found.account["strangers"]] == [
        (f"data/{name}", [kinds]) for name in ("b.pdf", "c.zip", "d")
    ]


@pytest.mark.parametrize("name", ["a.csv", "a.tsv", "a.txt", "a.csv.gz", "a.xlsx", "a.parquet", "a.xls", "a"])
@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\n",
        b"\0" * 99,
        b"\xff" * 99,
        b"\xff\xfe",
        b"\xfe\xff\x00",
        b'"',
        b'"\n"',
        bytes(range(256)),
        b"PK\x03\x04",
        b"PAR1PAR1",
        b"\x1f\x8b\x08",
    ],
    ids=range(12),
)
def test_no_bytes_whatever_end_in_a_traceback(prepare: Run, name: str, content: bytes) -> None:
    for packed in (False, True) if name.endswith(".gz") else (False,):
        with pytest.raises(HoretsuError) as error:
            prepare({name: gzip.compress(content, mtime=0) if packed else content})
        assert "\n場所: " in str(error.value) and "\n次に: " in str(error.value)
