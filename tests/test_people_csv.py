"""customers.csv: it comes back as it was written, nothing in it can run, and what cannot be written is counted."""

import csv
import io
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from horetsu_utils import people_csv
from horetsu_utils.people_csv import write
from horetsu_utils.placing import PlacingError

EXAMPLES = settings(max_examples=150, deadline=None)
FRAME = pd.DataFrame(
    {
        "customer_id": ["0012", "C-2"],
        "last_on": pd.to_datetime(["2026-06-30", None]),
        "frequency": pd.array([3, None], dtype="Int64"),
        "monetary_yen": [-500.0, 1265.41],
        "cooling": pd.array([True, None], dtype="boolean"),
        "product_1": ["石けん, 「大」", None],
        "reason_1": ['"いつもの"\n品です', "品"],
    }
)


def product(tmp_path: Path, name: str, encoding: str = "utf-8") -> tuple[str, int]:
    """Write one product's name; return the cell as a spreadsheet reads it, and how many signs were replaced."""
    frame = pd.DataFrame({"customer_id": ["1"], "product_1": [name]}, dtype="object")
    replaced = write(tmp_path / "a.csv", frame, encoding=encoding)
    text = (tmp_path / "a.csv").read_bytes().decode("utf-8-sig" if encoding == "utf-8" else encoding)
    rows = list(csv.reader(io.StringIO(text, newline="")))
    assert rows[0] == ["顧客番号", "合いそうな品1"]
    return rows[1][1], replaced


def test_the_bytes_are_those_that_a_spreadsheet_reads(tmp_path: Path) -> None:
    assert write(tmp_path / "new" / "customers.csv", FRAME) == 0
    told = (tmp_path / "new" / "customers.csv").read_bytes()
    assert told.decode("utf-8") == (
        "\ufeff顧客番号,最後のご注文日,注文回数(回),購入金額(円),冷めている,合いそうな品1,そのわけ1\r\n"
        '0012,2026-06-30,3,-500,はい,"石けん, 「大」","""いつもの""\n品です"\r\n'
        "C-2,,,1265.41,,,品\r\n"
    )


def test_the_columns_and_the_currency_are_the_clients(tmp_path: Path) -> None:
    chosen = ("monetary_yen", "customer_id", "segment")
    write(tmp_path / "a.csv", FRAME, encoding="cp932", columns=chosen, currency="USD")
    head, first, _ = (tmp_path / "a.csv").read_bytes().decode("cp932").split("\r\n", 2)
    assert (head, first) == ("購入金額(ドル),顧客番号", "-500,0012")


@pytest.mark.parametrize(
    "name",
    [
        "=cmd|' /C calc'!A0",
        "+SUM(A1)",
        "-2+3",
        "@SUM(A1)",
        "\uff1d1+1",
        "\uff0bSUM(A1)",
        "\uff0d2+3",
        "\uff20A1",
        "\uff0d500",
        "   =1+1",
        "\u3000=1+1",
        "\xa0 =1",
        "\t=1",
        "\rx",
        "\tx",
        "\n=1",
        " \t x",
        "\ufeff=1",
        "\u200b=1",
        "-",
        "+8190-1234-5678",
        "-1,000",
    ],
)
def test_what_could_run_begins_with_an_apostrophe(tmp_path: Path, name: str) -> None:
    assert product(tmp_path, name) == (f"'{name}", 0)


@pytest.mark.parametrize(
    "name", ["-500", "+81", "-0.5", "石けん", "<script>alert(1)</script>", "a=1", "  石けん", "'x"]
)
def test_numbers_and_plain_words_stay_as_they_are(tmp_path: Path, name: str) -> None:
    assert product(tmp_path, name) == (name, 0)


@EXAMPLES
@given(name=st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=12))
def test_no_cell_begins_a_formula_whatever_the_name(tmp_path_factory: pytest.TempPathFactory, name: str) -> None:
    for encoding in ("utf-8", "cp932"):
        cell, _ = product(tmp_path_factory.mktemp("csv"), name, encoding)
        bare = cell.lstrip(" \u3000\t\r\n")
        assert not bare.startswith((*"=+-@", *"\uff1d\uff0b\uff0d\uff20")) or people_csv._NUMBER.fullmatch(cell)
        if encoding == "utf-8":
            assert cell.removeprefix("'") == name.removeprefix("'")


def test_what_cp932_cannot_write_is_replaced_and_counted(tmp_path: Path) -> None:
    assert product(tmp_path, "🧴化粧水é", "cp932") == ("〓化粧水〓", 2)
    assert product(tmp_path, "👩‍🦰", "cp932") == ("〓〓", 2)
    assert product(tmp_path, "🧴化粧水é") == ("🧴化粧水é", 0)
    assert product(tmp_path, "\ud800石", "utf-8") == ("〓石", 1)


def test_signs_with_a_twin_are_not_lost_in_cp932(tmp_path: Path) -> None:
    assert product(tmp_path, "5〜6本 £3 ¥5 髙﨑①", "cp932") == ("5～6本 ￡3 ￥5 髙﨑①", 0)
    assert product(tmp_path, "−5", "cp932") == ("'－5", 0), "the twin of the minus could begin a formula"


def test_a_write_that_breaks_off_leaves_the_last_list(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "customers.csv"
    write(path, FRAME)
    before = path.read_bytes()

    def fail(*_: object) -> None:
        raise OSError(28, "no space left")

    monkeypatch.setattr(Path, "replace", fail)
    with pytest.raises(PlacingError, match="空き容量が足りません"):
        write(path, FRAME.head(1))
    assert path.read_bytes() == before
    assert [each.name for each in tmp_path.iterdir()] == ["customers.csv"]


def test_nobody_leaves_the_headings(tmp_path: Path) -> None:
    write(tmp_path / "a.csv", FRAME.iloc[:0], columns=("customer_id", "cooling"))
    assert (tmp_path / "a.csv").read_bytes().decode("utf-8") == "\ufeff顧客番号,冷めている\r\n"


def test_a_hundred_thousand_customers_take_seconds(tmp_path: Path) -> None:
    many = pd.concat([FRAME] * 50_000, ignore_index=True)
    assert write(tmp_path / "a.csv", many, encoding="cp932") == 0
    assert (tmp_path / "a.csv").read_bytes().count(b"\r\n") == 100_001
