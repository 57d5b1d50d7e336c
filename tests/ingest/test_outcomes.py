"""Every row ends in exactly one outcome, and the outcomes add up to the rows that were read."""

import csv
import datetime as dt
import gzip
import io
import tempfile
from decimal import Decimal
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from horetsu_utils import assets
from horetsu_utils.ingest import mapping
from horetsu_utils.ingest.prepare import Account, Feed, Ways, prepare

HEADER = "order_id,customer_id,ordered_at,amount,product_name,status"
NOT_PRODUCTS = {"product_name": ["送料", "POSTAGE"], "product_id": ["POST"]}


def test_the_worst_reason_names_the_row_and_all_of_them_are_counted(prepare) -> None:
    rows = [
        "1,c,2026-06-01,100,本,",
        "1,c,2026-06-01,100,本,",  # a repeat
        "2,,2026-06-01,x,送料,キャンセル",  # everything at once: cannot be read
        "3,,2026-06-01,100,送料,キャンセル",
        "3,,2026-06-01,100,送料,キャンセル",  # a repeat of that
        "4,,2026-06-01,100,本,キャンセル",
        "5,c,2026-06-01,100,本,返品",
        "6,c,2026-06-01,100,送料,",
        "7,c,2026-06-01,100,本,,余り",
    ]
    found = prepare({"a.csv": "\n".join([HEADER, *rows])})
    assert found.outcomes() == {
        2: "accepted",
        3: "duplicate",
        4: "rejected",
        5: "not_product",
        6: "duplicate",
        7: "no_customer",
        8: "cancelled_or_returned",
        9: "not_product",
        10: "rejected",
    }
    table = found.account["tables"]["orders"]
    assert table["read"] == 9 == sum(table["outcomes"].values())
    assert table["matching"] == {
        "cancelled": {"rows": 5, "orders": 4},
        "not_product": {"rows": 4, "orders": 3},
        "no_customer": {"rows": 4, "orders": 3},
        "duplicate": {"rows": 2, "orders": 2},
    }
    assert [each["row"] for each in found.rejected] == [4, 10]


def test_a_row_of_another_width_is_told_by_its_number(prepare) -> None:
    found = prepare({"a.csv": f"{HEADER}\n1,c,2026-06-01,1,200,本,\n2,c\n3,c,2026-06-01,1,本,\n"})
    mend = "カンマや引用符、改行を確かめてください"
    assert [tuple(each.values())[1:] for each in found.rejected] == [
        (2, "", "", "セルの数(7)が見出しの数(6)と違います", mend),
        (3, "", "", "セルの数(2)が見出しの数(6)と違います", mend),
    ]


def test_what_is_no_product_is_known_by_any_spelling_of_its_word(prepare) -> None:
    names = ["送料", "送 料", "ＰＯＳＴＡＧＥ", "postage", "ﾌﾟﾚｾﾞﾝﾄ", "送料無料の本", "プレゼントの本"]
    rows = [f"{number},c,2026-06-01,1,{name},x" for number, name in enumerate(names)]
    ids = [f"{number},c,2026-06-01,1,本,{code}" for number, code in enumerate(["post", "ＰＯＳＴ", "POST-1"], start=10)]
    found = prepare(
        {"a.csv": "\n".join(["order_id,customer_id,ordered_at,amount,product_name,product_id", *rows, *ids])}
    )
    kept = [row["product_name"] for row in found.table("lines") if row["outcome"] == "accepted"]
    assert kept == ["送料無料の本", "プレゼントの本", "本"]


def test_a_client_may_add_to_the_list_of_what_is_no_product(prepare, make_client) -> None:
    folder = make_client({}, "  orders: [{files: data/*}]")
    (folder / "rules").mkdir()
    (folder / "rules" / "not_products.yaml").write_text("names: [お試し]\nids: []\n", encoding="utf-8")
    found = prepare({"a.csv": f"{HEADER}\n1,c,2026-06-01,1,送料,\n2,c,2026-06-01,1,お試し,\n3,c,2026-06-01,1,本,\n"})
    assert found.outcomes() == {2: "not_product", 3: "not_product", 4: "accepted"}


def test_two_files_that_overlap_count_every_line_once_and_the_newest_holds(prepare) -> None:
    old = ["1,c,2026-06-01,100,本,", "1,c,2026-06-01,50,紙,", "2,c,2026-06-02,100,本,", "3,c,2026-06-03,100,本,"]
    new = ["2,c,2026-06-02,120,本,", "3,c,2026-06-03,100,本,キャンセル", "4,c,2026-06-04,100,本,"]
    found = prepare({"orders_06.csv": "\n".join([HEADER, *old]), "orders_07.csv": "\n".join([HEADER, *new])})
    orders = {row["order_id"]: row["amount"] for row in found.table("orders")}
    assert orders == {"1": 150, "2": 120, "4": 100}
    assert found.counts() == {"accepted": 4, "cancelled_or_returned": 1, "duplicate": 2}
    assert found.account["notes"] == [
        "注文: data/orders_06.csv の 2 行は、より新しい行(名前の順で後のファイル)にも"
        "同じ内容があるため、数えていません。"
    ]
    first, second = found.account["tables"]["orders"]["files"]
    assert (first["read"], first["outcomes"]["duplicate"]) == (4, 2)
    assert (second["read"], second["outcomes"]["duplicate"]) == (3, 0)
    assert (first["first_day"], first["last_day"]) == ("2026-06-01", "2026-06-03")


def test_an_order_split_over_two_files_stays_whole(prepare) -> None:
    found = prepare({"a.csv": f"{HEADER}\n1,c,2026-06-01,100,本,\n", "b.csv": f"{HEADER}\n1,c,2026-06-01,50,紙,\n"})
    (order,) = found.table("orders")
    assert (order["amount"], order["line_count"]) == (150, 2)


def test_the_same_product_twice_in_one_order_is_two_lines_in_every_file(prepare) -> None:
    rows = ["1,c,2026-06-01,100,本,", "1,c,2026-06-01,80,本,"]
    found = prepare({"a.csv": "\n".join([HEADER, *rows]), "b.csv": "\n".join([HEADER, *rows])})
    assert [row["amount"] for row in found.table("orders")] == [180]
    assert found.counts() == {"accepted": 2, "duplicate": 2}


def test_a_row_that_cannot_be_read_does_not_remove_the_good_older_one(prepare) -> None:
    found = prepare({"a.csv": f"{HEADER}\n1,c,2026-06-01,100,本,\n", "b.csv": f"{HEADER}\n1,c,2026-06-01,x,本,\n"})
    assert [(row["file"], row["outcome"]) for row in found.table("lines")] == [
        ("data/a.csv", "accepted"),
        ("data/b.csv", "rejected"),
    ]


def test_a_file_that_two_globs_find_counts_once(prepare) -> None:
    content = f"{HEADER}\n1,c,2026-06-01,100,本,\n"
    one = prepare({"a.csv": content}, "  orders: [{files: [data/*.csv, data/a.csv]}]", name="one")
    two = prepare({"a.csv": content}, "  orders: [{files: data/*.csv}, {files: data/a.csv}]", name="two")
    assert [each.counts() for each in (one, two)] == [{"accepted": 1}] * 2


def test_equal_order_numbers_of_two_systems_are_two_orders(prepare) -> None:
    columns = "{order_id: [number], customer_id: [who], ordered_at: [at], amount: [yen]}"
    other = f"title: other\ntables: {{orders: {{columns: {columns}}}}}"
    tables = "  orders: [{files: data/a.csv}, {files: data/b.csv, mapping: other, department: 店頭}]"
    files = {"a.csv": f"{HEADER}\n1,c,2026-06-01,100,,\n", "b.csv": "number,who,at,yen\n1,c,2026-06-01,30\n"}
    found = prepare(files, tables, other=other)
    assert [(row["origin"], row["amount"]) for row in found.table("orders")] == [("generic", 100), ("other", 30)]
    assert [row["department"] for row in found.table("lines")] == ["", "店頭"]


def test_a_customer_stands_once_in_the_register_with_the_newest_values(prepare) -> None:
    header = "customer_id,registered_at,prefecture"
    old = f"{header}\nA,2026-01-01,東京都\nB,2026-01-02,大阪府\nB,2026-01-02,大阪府\n,2026-01-03,京都府\n"
    new = f"{header}\nA,2026-01-01,北海道\nC,2026-02-01,\nC,2026-02-01,沖縄県\n,2026-01-04,京都府\n"
    found = prepare({"m1.csv": old, "m2.csv": new}, "  customers: [{files: data/*}]")
    kept = {row["customer_id"]: row["prefecture"] for row in found.table("customers") if row["outcome"] == "accepted"}
    assert kept == {"A": "北海道", "B": "大阪府", "C": "沖縄県"}
    assert found.counts("customers") == {"accepted": 3, "duplicate": 3, "no_customer": 2}


def test_the_same_day_of_a_story_arriving_twice_counts_once(prepare) -> None:
    header, row = "customer_id,date,change_score,emotion,note", "c,2026-06-01,3,良い,"
    files = {"a.csv": f"{header}\n{row}\nc,2026-06-02,1,悪い,\n", "b.csv": f"{header}\n{row}\n"}
    found = prepare(files, "  story: [{files: data/*}]")
    assert found.counts("story") == {"accepted": 2, "duplicate": 1}


def test_a_header_without_rows_beside_a_good_file_is_no_trouble(prepare) -> None:
    found = prepare({"a.csv": HEADER, "b.csv": f"{HEADER}\n1,c,2026-06-01,100,本,\n"})
    assert [file["read"] for file in found.account["tables"]["orders"]["files"]] == [0, 1]


def test_no_heading_clashes_with_a_name_of_ours(prepare) -> None:
    ours = [
        "c0",
        "c1",
        "_row",
        "outcome",
        "file",
        "origin",
        "problem",
        "doubt",
        "is_repeat",
        "mark",
        "told_again",
        "ROW",
    ]
    many = [f"列{number}" for number in range(190)]
    header = ["order_id", "customer_id", "ordered_at", "amount", *ours, *many]
    row = ["1", "c", "2026-06-01", "100", *["x"] * (len(ours) + len(many))]
    found = prepare({"a.csv": f"{','.join(header)}\n{','.join(row)}\n"})
    assert found.counts() == {"accepted": 1}


def test_names_of_files_and_folders_may_hold_anything(prepare) -> None:
    found = prepare({"注文 '26 [1] {x}*.csv": f"{HEADER}\n1,c,2026-06-01,100,本,\n"}, name="お店's [1] {x}")
    assert [row["file"] for row in found.table("lines")] == ["data/注文 '26 [1] {x}*.csv"]
    assert [row["amount"] for row in found.table("orders")] == [100]


def test_a_heading_that_stands_twice_is_told_apart(prepare) -> None:
    columns = "{order_id: [番号], customer_id: [誰], ordered_at: [日], amount: [額], shipping: ['送料#2'], tax: [送料]}"
    twice = f"title: twice\ntables: {{orders: {{columns: {columns}}}}}"
    content = "番号,誰,日,額,送料,送 料\n1,c,2026-06-01,100,550,330\n"
    found = prepare({"a.csv": content}, "  orders: [{files: data/*, mapping: twice}]", twice=twice)
    assert [(row["tax"], row["shipping"]) for row in found.table("lines")] == [(550, 330)]


def test_english_and_japanese_headings_give_the_same_rows(prepare) -> None:
    english = "order_id,customer_id,ordered_at,product_name,quantity,unit_price,status"
    japanese = "注文番号,会員番号,注文日,商品名,数量,単価,状態"
    full_width = " 注文ＩＤ ,顧客ＩＤ,購入 日時,商品名,個数,販売単価,ステータス"
    row = "1,c,2026-06-01 09:00,本,2,550,完了"
    tables = [
        prepare({"a.csv": f"{header}\n{row}\n"}, name=f"s{place}").table("lines")
        for place, header in enumerate((english, japanese, full_width))
    ]
    assert tables[0] == tables[1] == tables[2]
    (line,) = tables[0]
    assert (
        line
        | {
            "order_id": "1",
            "customer_id": "c",
            "ordered_at": dt.datetime(2026, 6, 1, 9),
            "product_name": "本",
            "quantity": 2,
            "unit_price": 550,
            "amount": 1100,
            "status": "paid",
            "outcome": "accepted",
        }
        == line
    )


CUSTOMER_KEYS = """
title: keys
tables:
  orders:
    columns: {order_id: [number], ordered_at: [at], amount: [yen]}
    customer_key:
      - {columns: [member], empty: ["0", ゲスト]}
      - {kind: mail}
      - {kind: name_and_phone}
      - {kind: phone}
    person: {mail: [mail], phone: [tel], name: [[sei, mei]]}
"""


def test_a_guest_is_known_by_mail_then_by_name_and_phone(prepare) -> None:
    rows = {
        "7,A@Example.jp,090-0000-1234,山,花": "7",
        "0,A@Example.jp,090-0000-1234,山,花": "mail",
        ",ａ@example.JP,,,": "mail",
        "ゲスト,Ａ,'+81 90-0000-1234,山,花": "person",
        ",,（０９０）００００－１２３４,ヤマ,ﾊﾅ": "another person",
        ",,09000001234,やま　は,な": "another person",
        ",,９０－００００－１２３４,山花,": "person",
        ",,090 0000 1234,,": "phone",
        ",,9.0E+10,山,花": None,
        ",,123,山,花": None,
        ",,,,": None,
    }
    lines = [f"{number},2026-06-01,1,{row}" for number, row in enumerate(rows)]
    content = "\n".join(["number,at,yen,member,mail,tel,sei,mei", *lines])
    found = prepare({"a.csv": content}, "  orders: [{files: data/*, mapping: keys}]", keys=CUSTOMER_KEYS)
    ids = [row["customer_id"] for row in found.table("lines")]
    told = dict(zip(ids, rows.values(), strict=True))
    assert [told[each] for each in ids] == list(rows.values())
    assert len(set(told.values())) == len(told)
    assert [each and each.partition(":")[0] for each in ids] == [
        *["7", "mail", "mail", "person", "person", "person", "person", "phone", None, None, None]
    ]
    assert found.counts() == {"accepted": 8, "no_customer": 3}


GENERIC = mapping.load(assets.MAPPINGS / "generic.yaml")
COLUMNS = ("order_id", "customer_id", "ordered_at", "amount", "product_name", "status")
ROW = st.tuples(
    st.sampled_from(["1", "2", "3", "", "5.8E+13"]),
    st.sampled_from(["甲", "乙", ""]),
    st.sampled_from(["2026-06-01", "2026/6/2 9:05", "2026-02-30", ""]),
    st.sampled_from(["100", "￥１，２００", "(50)", "1,20", "", "一"]),
    st.sampled_from(["本", "送料", "ＰＯＳＴＡＧＥ", '二行の\n"名", ほか', ""]),
    st.sampled_from(["", "完了", "キャンセル", "RETURNED", "謎"]),
)
TABLE = st.lists(
    st.one_of(ROW, ROW, ROW, ROW.map(lambda row: row[:4]), ROW.map(lambda row: (*row, "余り"))), max_size=30
)


def expected(rows: list[tuple[str, ...]]) -> list[str]:
    """Say each row's outcome by the plain words of the method."""
    told, seen = [], set()
    for row in rows:
        if len(row) != len(COLUMNS):
            told.append("rejected")
            continue
        order, customer, at, amount, name, status = row
        if order in ("", "5.8E+13") or at in ("2026-02-30", "") or amount in ("1,20", "", "一"):
            told.append("rejected")
        elif row in seen:
            told.append("duplicate")
        elif name in ("送料", "ＰＯＳＴＡＧＥ"):
            told.append("not_product")
        elif not customer:
            told.append("no_customer")
        else:
            told.append("cancelled_or_returned" if status in ("キャンセル", "RETURNED") else "accepted")
        seen.add(row)
    return told


def encoded(rows: list[tuple[str, ...]], encoding: str, end: str) -> bytes:
    stream = io.StringIO(newline="")
    csv.writer(stream, lineterminator=end).writerows([COLUMNS, *rows])
    return stream.getvalue().encode(encoding)


def account_of(content: bytes, name: str, folder: Path) -> Account:
    (folder / name).write_bytes(content)
    feed = Feed("orders", folder / name, name, "generic", GENERIC)
    return prepare([feed], folder / "cache" / "x", ways=Ways("Asia/Tokyo", 0, NOT_PRODUCTS, b"secret"))


@settings(max_examples=25, deadline=None, derandomize=True)
@given(
    rows=TABLE,
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "cp932", "utf-16", "utf-16-le", "utf-16-be"]),
    end=st.sampled_from(["\n", "\r\n"]),
    packed=st.booleans(),
)
def test_outcomes_of_any_table_are_those_of_the_method_and_add_up(
    rows: list[tuple[str, ...]], encoding: str, end: str, packed: bool
) -> None:
    rows = [row for row in rows if any(row)]
    content = encoded([*rows, ("9", "丙", "2026-06-09", "1", "終わり", "")], encoding, end)
    name = "a.csv.gz" if packed else "a.csv"
    with tempfile.TemporaryDirectory() as folder:
        account = account_of(gzip.compress(content) if packed else content, name, Path(folder)).tables["orders"]
    told = [*expected(rows), "accepted"]
    assert account.read == len(told)
    assert {outcome: count for outcome, count in account.outcomes.items() if count} == {
        outcome: told.count(outcome) for outcome in set(told)
    }


@settings(max_examples=5, deadline=None, derandomize=True)
@given(rows=st.lists(ROW, min_size=1, max_size=20))
def test_a_file_given_twice_under_two_names_adds_nothing(rows: list[tuple[str, ...]]) -> None:
    content = encoded([*rows, ("9", "丙", "2026-06-09", "1", "終わり", "")], "utf-8", "\n")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        once = account_of(content, "a.csv", folder)
        (folder / "b.csv").write_bytes(content)
        feeds = [Feed("orders", folder / file, file, "generic", GENERIC) for file in ("a.csv", "b.csv")]
        twice = prepare(feeds, folder / "cache" / "y", ways=Ways("Asia/Tokyo", 0, NOT_PRODUCTS, b"secret"))
    kept = ("accepted", "cancelled_or_returned", "not_product", "no_customer")
    assert [once.tables["orders"].outcomes[each] for each in kept] == [
        twice.tables["orders"].outcomes[each] for each in kept
    ]


def test_amounts_keep_their_digits(prepare) -> None:
    found = prepare(
        {"a.csv": f"{HEADER}\n1,c,2026-06-01,0.1,本,\n1,c,2026-06-01,0.2,紙,\n"},
        settings="currency: GBP\nreference: {annual_ltv_yen: 100}\ncpm: {heavy_yen: 500}",
    )
    assert [row["amount"] for row in found.table("orders")] == [Decimal("0.3")]
