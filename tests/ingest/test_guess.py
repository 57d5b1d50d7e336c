"""What an unknown export's headings and cells say of its columns: exact guesses, or questions."""

import csv
import datetime as dt
import io

import pyarrow as pa
import pytest

from horetsu_utils import assets, canon, engine
from horetsu_utils.ingest import aliases, evidence, mapping, normalise
from horetsu_utils.ingest.draft import Draft, draft
from horetsu_utils.ingest.guess import Sample

WORDS = aliases.load(assets.RULES / "aliases.yaml")
KIT = {path.stem: mapping.load(path) for path in assets.MAPPINGS.glob("*.yaml")}

JAPANESE = """受注No,受注日,受注時刻,得意先コード,注文者姓,注文者名,電話1,電話2,電話3,品番,品名,数量,単価,\
値引き額,送料,合計金額,状態,送付先氏名
J1,2026/04/01,09:15,K-01,山田,花子,090,0000,0001,LOT,化粧水,2,1500,500,600,3600,発送済,川上桃子
J1,2026/04/01,09:15,K-01,山田,花子,090,0000,0001,SOAP,せっけん,1,500,500,600,3600,発送済,川上桃子
J2,2026/04/02,10:00,K-02,佐藤,次郎,090,0000,0002,LOT,化粧水,1,1500,0,600,3100,キャンセル,佐藤次郎
J2,2026/04/02,10:00,K-02,佐藤,次郎,090,0000,0002,SOAP,せっけん,2,500,0,600,3100,キャンセル,佐藤次郎
J3,2026/04/03,11:30,K-01,山田,花子,090,0000,0001,LOT,化粧水,1,1500,0,600,2100,保留?,山田花子
J4,2026/04/04,11:30,K-03,鈴木,一郎,090,0000,0003,LOT,化粧水,1,1500,0,600,2100,発送済,鈴木一郎
"""
ENGLISH = """Order No.,Order Date,E-mail,Buyer Name,Phone,Item Code,Item Name,Qty,Line Total,Ship Date
1001,"Jan 5, 2026",hana@example.jp,Yamada Hanako,090-0000-0001,A1,Lotion,1,3000,"Jan 7, 2026"
1001,"Jan 5, 2026",hana@example.jp,Yamada Hanako,090-0000-0001,B2,Soap,2,1000,"Jan 7, 2026"
1002,"Jan 6, 2026",taro@example.jp,Sato Taro,090-0000-0002,A1,Lotion,1,3000,"Jan 8, 2026"
1003,"Feb 14, 2026",hana@example.jp,Yamada Hanako,090-0000-0001,A1,Lotion,1,3000,"Feb 15, 2026"
"""
EUROPEAN = """Invoice No;Date;Customer No;Article No;Quantity;Unit Price
1001;31.01.2026;C7;A-1;2;1.250,50
1002;01.02.2026;C8;A-2;1;12,00
1003;02.02.2026;C7;A-1;1;1.250,50
"""
RENAMED = """ご注文番号,会員ID(新),受け付けた日,商品コード,商品名称,販売価格(税抜),ご購入数量
5001,11,2026-04-01 10:00:00,LOT-1,化粧水,3000,1
5002,12,2026-04-02 11:00:00,LOT-1,化粧水,3000,2
5003,11,2026-04-03 12:00:00,SOAP,せっけん,500,1
"""
ORDER_GRAIN = """取引番号,購入日,会員番号,送料,合計
T-1,20260131,M01,600,3600
T-2,20260201,M02,600,1600
T-3,20260203,0,0,5500
"""
NOBODY = """伝票番号,売上日,品名,金額,店舗担当
D1,2026/1/31,茶,1200,東
D2,2026/2/1,菓子,800,東
"""


def drafted(text: str, table: str = "") -> Draft:
    names, *rows = csv.reader(io.StringIO(text), delimiter=";" if ";" in text.splitlines()[0] else ",")
    return draft(Sample.of(names, list(zip(*rows, strict=True))), WORDS, KIT, table=table)


def told(found: Draft) -> dict[str, tuple]:
    return {guess.column: (guess.heading, guess.sure) for guess in found.guesses}


def test_a_japanese_export_with_parts_of_columns_and_a_total_of_the_order() -> None:
    found = drafted(JAPANESE)
    assert found.table == "orders"
    assert told(found) == {
        "order_id": ("受注No", "sure"),
        "customer_id": ("得意先コード", "sure"),
        "ordered_at": (("受注日", "受注時刻"), "sure"),
        "product_id": ("品番", "sure"),
        "product_name": ("品名", "sure"),
        "quantity": ("数量", "sure"),
        "unit_price": ("単価", "sure"),
        "discount": ("値引き額", "sure"),
        "shipping": ("送料", "sure"),
        "status": ("状態", "sure"),
        "phone": (("電話1", "電話2", "電話3"), "likely"),
        "name": (("注文者姓", "注文者名"), "likely"),
        "order_total": ("合計金額", "likely"),
    }
    assert (found.money.computed, found.money.minus) == ("quantity * unit_price", ("送料",))
    assert found["order_total"].why == "注文のどの行にも同じ金額があり、明細の合計と合う注文が 100% です"
    assert found.words == {"status": ("キャンセル", "保留?", "発送済")}
    assert (found.missing, found.left, found.dates, found.either, found.questions) == ((), ("送付先氏名",), (), (), ())
    assert found.known_by == ("受注No", "得意先コード", "受注日", "受注時刻", "数量")


def test_an_english_export_with_spelt_months() -> None:
    found = drafted(ENGLISH)
    assert told(found) == {
        "order_id": ("Order No.", "sure"),
        "ordered_at": ("Order Date", "sure"),
        "amount": ("Line Total", "sure"),
        "product_id": ("Item Code", "sure"),
        "product_name": ("Item Name", "sure"),
        "quantity": ("Qty", "sure"),
        "mail": ("E-mail", "sure"),
        "phone": ("Phone", "sure"),
        "name": ("Buyer Name", "sure"),
    }
    assert (found.missing, found.left, found.dates) == ((), ("Ship Date",), ("%b %d, %Y",))


def test_european_amounts_and_days_are_read_as_such() -> None:
    found = drafted(EUROPEAN)
    assert told(found) == {
        "order_id": ("Invoice No", "sure"),
        "customer_id": ("Customer No", "sure"),
        "ordered_at": ("Date", "sure"),
        "product_id": ("Article No", "sure"),
        "quantity": ("Quantity", "sure"),
        "unit_price": ("Unit Price", "sure"),
    }
    assert (found.european, found.dates, found.money.computed) == (True, ("%d.%m.%Y",), "quantity * unit_price")


def test_renamed_headings_are_asked_about() -> None:
    found = drafted(RENAMED)
    assert told(found) == {
        "order_id": ("ご注文番号", "likely"),
        "customer_id": ("会員ID(新)", "likely"),
        "ordered_at": ("受け付けた日", "check"),
        "product_id": ("商品コード", "sure"),
        "product_name": ("商品名称", "sure"),
        "quantity": ("ご購入数量", "likely"),
        "unit_price": ("販売価格(税抜)", "likely"),
    }
    assert found["order_id"].why == "見出しが「注文番号」とほぼ同じです。中身も番号です"
    assert found["ordered_at"].why == "見出しからは分かりませんが、中身が日付です"


def test_a_misspelt_heading_is_only_ever_asked_about() -> None:
    found = drafted("order numbr,customer no,order date,amout\n1,C1,2026-01-31,100\n2,C2,2026-02-01,200\n")
    assert told(found)["order_id"] == ("order numbr", "check")
    assert found["order_id"].why == "見出しが「order number」に似ています。中身も番号です"
    assert told(found)["amount"] == ("amout", "check")


def test_one_row_an_order_takes_its_total_less_the_postage() -> None:
    found = drafted(ORDER_GRAIN)
    assert told(found) == {
        "order_id": ("取引番号", "sure"),
        "customer_id": ("会員番号", "sure"),
        "ordered_at": ("購入日", "sure"),
        "amount": ("合計", "check"),
        "shipping": ("送料", "sure"),
        "order_total": ("合計", "check"),
    }
    assert (found.money.minus, found.dates, found.nobody) == (("送料",), ("%Y%m%d",), ("0",))
    assert found.questions == ("「合計」に、送料・手数料・ポイントの利用が入っているかを確かめてください",)


def test_an_export_that_tells_no_customer_misses_one_and_nothing_is_made_up() -> None:
    found = drafted(NOBODY)
    assert told(found) == {
        "order_id": ("伝票番号", "sure"),
        "ordered_at": ("売上日", "sure"),
        "amount": ("金額", "sure"),
        "product_name": ("品名", "sure"),
    }
    assert (found.missing, found.is_whole, found.left) == (("customer_id",), False, ("店舗担当",))


def test_headings_without_meaning_are_told_by_their_cells() -> None:
    rows = ["a,b,c,d,e,f"]
    rows += [
        f"Z-{day // 2:03},U{day // 2 % 5:04},2026-01-{1 + day // 2:02},x,{100 + day},{day % 3}" for day in range(40)
    ]
    found = drafted("\n".join(rows).replace("x", "自由な言葉"))
    assert told(found) == {
        "order_id": ("a", "check"),
        "customer_id": ("b", "check"),
        "ordered_at": ("c", "check"),
        "amount": ("e", "check"),
    }
    assert found["order_id"].why == "見出しからは分かりませんが、同じ番号の行は日時も同じです"
    assert found["customer_id"].why == "見出しからは分かりませんが、いくつもの注文に同じ番号がくり返し出てきます"


def test_postcodes_phones_and_running_numbers_are_nobodys_number() -> None:
    rows = ["行,郵便,連絡,日,注文番号,金額"]
    rows += [f"{day},150-{day % 4:04},090-0000-{day % 4:04},2026-01-{day:02},A{day},100" for day in range(1, 21)]
    found = drafted("\n".join(rows))
    assert told(found)["phone"] == ("連絡", "check")
    assert found["customer_id"] is None


def test_the_recipient_is_not_the_buyer() -> None:
    found = drafted(
        "注文番号,注文日,小計,送付先電話番号,お届け先メールアドレス,配送先氏名,発送日\n1,2026-01-31,100,090-0000-0001,a@example.jp,山田,2026-02-01\n"
    )
    assert found.missing == ("customer_id",)
    assert found.left == ("送付先電話番号", "お届け先メールアドレス", "配送先氏名", "発送日")


LINES = """注文番号,会員番号,注文日,商品名,金額
1,A,2026-01-01,茶,{0}
1,A,2026-01-01,菓子,{1}
2,B,2026-01-02,茶,{2}
2,B,2026-01-02,菓子,{3}
3,A,2026-01-03,茶,800
"""


def test_an_amount_that_repeats_over_the_rows_of_an_order_is_its_total() -> None:
    found = drafted(LINES.format(1500, 1500, 900, 900))
    assert told(found)["order_total"] == ("金額", "check")
    assert found["order_total"].why == "明細の金額が無いので、注文の合計を、その注文の行で等分します"
    assert (found.money.computed, found["amount"], found.missing) == ("1", None, ())


def test_an_amount_that_differs_within_an_order_is_the_lines() -> None:
    assert told(drafted(LINES.format(1500, 300, 900, 900)))["amount"] == ("金額", "sure")
    found = drafted(LINES.format(1500, 300, 900, 800).replace("金額", "合計"))
    assert told(found)["amount"] == ("合計", "check")
    assert found["amount"].why == "見出しは合計ですが、注文の行ごとに違うので、1行の金額と見ました"


TOTALS = """注文番号,会員番号,注文日,小計,値引き額,代引手数料,送料,合計金額
1,A,2026-01-01,1000,{0},300,500,{1}
1,A,2026-01-01,500,{0},300,500,{1}
2,B,2026-01-02,700,0,0,500,1200
2,B,2026-01-02,,0,0,500,1200
3,A,2026-01-03,800,100,0,0,{2}
4,A,2026-01-04,800,0,0,0,800
"""


@pytest.mark.parametrize(
    ("total", "third", "minus"), [(2100, 700, ("送料", "代引手数料")), (2300, 800, ("送料", "代引手数料", "値引き額"))]
)
def test_what_a_total_has_in_it_is_told_by_the_lines(total: int, third: int, minus: tuple) -> None:
    found = drafted(TOTALS.format(200, total, third))
    assert told(found)["order_total"] == ("合計金額", "likely")
    assert found.money.minus == minus


def test_a_total_that_the_lines_do_not_bear_out_is_asked_about_and_not_used() -> None:
    found = drafted(TOTALS.format(200, 9999, 5000))
    assert found["order_total"] is None
    assert found.questions == (
        "「合計金額」が明細の合計と合う注文が 0% しかないので、使っていません。"
        "お店の値引きや送料がどう入っているかを確かめてください",
    )


def test_minus_amounts_and_columns_that_may_undo_an_order_are_asked_about() -> None:
    found = drafted(
        "注文番号,会員番号,注文日,金額,キャンセル日,返品区分\n1,A,2026-01-01,-100,,0\n2,B,2026-01-02,100,2026-01-03,0\n"
    )
    assert told(found)["cancelled_on"] == ("キャンセル日", "sure")
    assert found.negative == "金額"
    assert found.questions == (
        "「返品区分」の列が、取り消しや返品を表していないかを確かめてください",
        "「金額」がマイナスの行が、返品や取り消しかどうかを確かめてください",
    )


def test_amounts_whose_point_may_part_thousands_are_asked_about() -> None:
    found = drafted("注文番号,会員番号,注文日,金額\n1,A,2026-01-01,1.200\n2,B,2026-01-02,3.400\n")
    assert found.questions == (
        "金額の「.」が、小数点か、3けたの区切りかを確かめてください(区切りなら numbers: european です)",
    )


def test_a_heading_feeds_one_column_and_the_second_of_two_equal_ones_has_a_name_of_its_own() -> None:
    found = drafted(
        "注文番号,会員番号,注文日,送料,送料,金額,\n1,A,2026-01-01,500,300,100,\n2,B,2026-01-02,500,300,100,\n"
    )
    assert told(found)["shipping"] == ("送料", "sure")
    assert found["shipping"].others == ()
    assert found.left == ("送料#2",)


def test_rivals_for_a_column_are_told() -> None:
    found = drafted(
        "注文番号,会員番号,注文日,受注日,金額\n1,A,2026-01-01,2026-01-02,100\n2,B,2026-01-02,2026-01-03,100\n"
    )
    assert (told(found)["ordered_at"], found["ordered_at"].others) == (("注文日", "sure"), ("受注日",))


def test_a_name_that_its_cells_deny_is_doubted() -> None:
    found = drafted("注文番号,会員番号,注文日,金額\n1,A,きのう,100\n2,B,おととい,100\n")
    assert told(found)["ordered_at"] == ("注文日", "check")
    assert found["ordered_at"].why == "見出しの言葉が合っています。ただし、中身が日時に見えないところがあります"


def test_a_register_of_customers_is_known_for_one_and_any_table_can_be_wished() -> None:
    members = "会員番号,氏名,性別,都道府県,入会日\n1,山田 花子,女,東京都,2026-01-31\n2,佐藤 次郎,男,大阪府,2026-02-01\n"
    found = drafted(members)
    assert found.table == "customers"
    assert told(found) == {
        "customer_id": ("会員番号", "sure"),
        "registered_at": ("入会日", "sure"),
        "gender": ("性別", "sure"),
        "prefecture": ("都道府県", "sure"),
        "name": ("氏名", "sure"),
    }
    assert drafted(members, "orders").missing == ("order_id", "amount")


@pytest.mark.parametrize(
    ("cells", "forms"),
    [
        (["2026-01-31", "2026-02-01 10:00:00"], {"%Y-%m-%d", "%Y-%m-%d %H:%M:%S"}),
        (["2026/1/31 9:05", "2026/12/1 19:05"], {"%Y/%m/%d %H:%M"}),
        (["20260131", "20261121"], {"%Y%m%d"}),
        (["20260131093000"], {"%Y%m%d%H%M%S"}),
        (["31.01.2026", "01.02.2026"], {"%d.%m.%Y"}),
        (["31/01/2026", "01/02/2026"], {"%d/%m/%Y"}),
        (["01/31/2026 10:30 PM"], {"%m/%d/%Y %I:%M %p"}),
        (["Jan 5, 2026", "Dec 25, 2026"], {"%b %d, %Y"}),
        (["2026年1月31日"], {"%Y年%m月%d日"}),
        (["2026-01-31T09:00:00+09:00"], {"%Y-%m-%dT%H:%M:%S%z"}),
        (["1769817600", "1769904000"], {"epoch_s"}),
        (["1769817600000"], {"epoch_ms"}),
    ],
)
def test_ways_of_writing_days(cells: list[str], forms: set[str]) -> None:
    found = evidence.dates(cells, epochs=True)
    assert (set(found.forms), found.share, found.either) == (forms, 1, ())


@pytest.mark.parametrize("cells", [["03/04/2026", "05/06/2026"], ["31/01/2026", "01/31/2026", "03/04/2026"]])
def test_days_that_can_be_read_in_two_ways_are_never_settled(cells: list[str]) -> None:
    (one, cell, first), (other, _, second) = evidence.dates(cells).either
    assert {one, other} == {"%d/%m/%Y", "%m/%d/%Y"}
    assert cell == "03/04/2026"
    assert {first, second} == {dt.datetime(2026, 4, 3), dt.datetime(2026, 3, 4)}


def test_two_digit_years_are_never_settled_alone() -> None:
    assert len(evidence.dates(["26/03/04", "26/05/06"]).either) == 2


@pytest.mark.parametrize("cells", [["4901234567894"], ["99999999"], ["12345"], ["化粧水"], [""], ["18990101"]])
def test_what_is_no_day(cells: list[str]) -> None:
    assert evidence.dates(cells, epochs=False).forms == ()


AMOUNTS = [
    "1,200",
    "1.250,50",
    "¥1,200",
    "１２００円",
    "▲500",
    "(500)",
    "-1.5",
    "090-0000-0001",
    "12.",
    "1,20",
    "1.200",
    "茶",
]


@pytest.mark.parametrize("european", [False, True])
def test_amounts_are_read_as_the_package_reads_them(european: bool) -> None:
    raw = engine.connect().create_table("cells", pa.table({"cell": AMOUNTS}))
    read = raw.select(read=normalise.number(raw.cell, european=european)).to_pyarrow()["read"].to_pylist()
    assert [evidence.number(cell, european=european) for cell in AMOUNTS] == [
        None if each is None else float(each) for each in read
    ]


def test_the_engine_reads_every_way_of_writing_days_that_is_looked_for() -> None:
    day = dt.datetime(2026, 11, 21, 9, 5, 7, tzinfo=dt.UTC)
    cells = {form: day.strftime(form) for form in evidence.FORMS}
    for form, cell in cells.items():
        raw = engine.connect().create_table("cells", pa.table({"cell": [cell]}))
        read = raw.select(read=engine.parse_times(raw.cell, (form,), zone="UTC", to_zone="UTC")).to_pyarrow()
        assert read["read"][0].as_py() == dt.datetime.strptime(cell, form).replace(tzinfo=None), form


def test_every_word_of_the_list_belongs_to_a_column_that_there_is() -> None:
    assert {table: set(columns) - set(canon.TABLES[table].names) for table, columns in WORDS.tables.items()} == {
        table: set() for table in WORDS.tables
    }


def test_no_word_of_the_orders_list_means_two_columns() -> None:
    seen: dict[str, set[str]] = {}
    for column, words in WORDS.tables["orders"].items():
        for word in words:
            seen.setdefault(aliases.bare(word), set()).add(column)
    assert {word: columns for word, columns in seen.items() if len(columns) > 1} == {}
