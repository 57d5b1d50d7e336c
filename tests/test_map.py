"""`horetsu map`: from an export that no mapping knows to a mapping that reads it, and plain words where it cannot."""

import datetime as dt
import gzip
import re
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
import yaml
from click.testing import Result
from hypothesis import example, given, settings
from hypothesis import strategies as st

from horetsu_utils import assets, cache, client
from horetsu_utils.draft_text import flow, scalar, text
from horetsu_utils.ingest import aliases, identity, mapping
from horetsu_utils.ingest.draft import draft
from horetsu_utils.ingest.guess import Sample

JAPANESE = """受注No,受注日,受注時刻,注文者姓,注文者名,メール,品番,品名,数量,単価,送料,合計金額,状態
J1,2026/04/01,09:15,山田,花子,hanako@example.jp,LOT,化粧水,2,1500,600,4100,発送済
J1,2026/04/01,09:15,山田,花子,hanako@example.jp,SOAP,せっけん,1,500,600,4100,発送済
J2,2026/04/02,10:00,佐藤,次郎,jiro@example.jp,LOT,化粧水,1,1500,600,3000,キャンセル
J2,2026/04/02,10:00,佐藤,次郎,jiro@example.jp,SOAP,せっけん,2,450,600,3000,キャンセル
J3,2026/04/03,11:30,山田,花子,hanako@example.jp,LOT,化粧水,1,1500,600,2100,保留?
J4,2026/04/04,12:30,鈴木,一郎,ichiro@example.jp,LOT,化粧水,1,1500,600,2100,発送済
"""
EUROPEAN = """Invoice No;Date;Customer No;Article No;Quantity;Unit Price
1001;31.01.2026;C7;A-1;2;1.250,50
1002;01.02.2026;C8;A-2;1;12,00
1003;02.02.2026;C7;A-1;1;1.250,50
"""
ORDER_GRAIN = (
    "取引番号,購入日,会員番号,送料,合計\nT-1,20260131,M01,600,3600\nT-2,20260201,M02,600,1600\nT-3,20260203,0,0,5500\n"
)
RENAMED = """ご注文番号,会員ID(新),受け付けた日,商品コード,商品名称,販売価格(税抜),ご購入数量
5001,11,2026-04-01 10:00:00,LOT-1,化粧水,3000,1
5002,12,2026-04-02 11:00:00,LOT-1,化粧水,3000,2
"""
SHARED_TOTAL = """伝票番号,会員番号,売上日,品名,合計金額
1,A,2026-01-01,茶,1500
1,A,2026-01-01,菓子,1500
2,B,2026-01-02,茶,900
2,B,2026-01-02,菓子,900
3,A,2026-01-03,茶,800
"""
EITHER = "order no,date,email,amount due\n1,03/04/2026,hana@example.jp,1200\n2,05/06/2026,taro@example.jp,340\n"
HOSTILE = (
    '"注文\n番号","顧客番号","日付: #1","[red]金額[/red]","{品名}",'
    '"- \'x\' & *y","!!python/name:os.system","a\u2028b\x1b[31mc"\n'
    "A1,C1,2026-01-01,1200,本,1,2,3\nA2,C2,2026-01-02,1300,[bold]紙,1,2,3\n"
)


Mapped = Callable[..., tuple[Result, Path, list[dict[str, Any]]]]


@pytest.fixture
def mapped(horetsu: Callable[..., Result], make_client: Callable[..., Path]) -> Mapped:
    """Return a function that maps one export in a client's folder, then reads the folder with what was drafted."""

    def run(content: str | bytes, settings: str = "") -> tuple[Result, Path, list[dict[str, Any]]]:
        tables = "  orders: [{files: data/*, mapping: export}]"
        folder = make_client({"export.csv": content}, tables, settings)
        result = horetsu("map", folder / "data" / "export.csv")
        prepared = cache.prepared(client.find(str(folder)))
        rows = sorted(pq.read_table(prepared / "lines.parquet").to_pylist(), key=lambda row: row["_row"])
        return result, folder, rows

    return run


def picked(rows: list[dict[str, Any]], *names: str) -> list[tuple]:
    return [tuple(row[name] for name in names) for row in rows]


def key(folder: Path, address: str) -> str | None:
    return identity.Hasher((folder / client.SECRET).read_bytes(), "mail:", str)(address)


def test_a_japanese_export_becomes_exact_rows(mapped: Mapped) -> None:
    result, folder, rows = mapped(JAPANESE)
    assert result.exit_code == 0, result.output
    hanako, jiro, ichiro = (key(folder, f"{name}@example.jp") for name in ("hanako", "jiro", "ichiro"))
    names = ("order_id", "customer_id", "ordered_at", "product_id", "amount", "quantity", "status", "outcome")
    first, second = dt.datetime(2026, 4, 1, 9, 15), dt.datetime(2026, 4, 2, 10)
    assert picked(rows, *names) == [
        ("J1", hanako, first, "LOT", 3000, 2, "paid", "accepted"),
        ("J1", hanako, first, "SOAP", 500, 1, "paid", "accepted"),
        ("J2", jiro, second, "LOT", 1500, 1, "cancelled", "cancelled_or_returned"),
        ("J2", jiro, second, "SOAP", 900, 2, "cancelled", "cancelled_or_returned"),
        ("J3", hanako, dt.datetime(2026, 4, 3, 11, 30), "LOT", 1500, 1, "paid", "rejected"),
        ("J4", ichiro, dt.datetime(2026, 4, 4, 12, 30), "LOT", 1500, 1, "paid", "accepted"),
    ]


def test_the_screen_tells_guesses_reasons_and_the_first_rows(mapped: Mapped) -> None:
    result, folder, _ = mapped(JAPANESE)
    lines = [re.sub(" +", " ", line) for line in result.output.splitlines()]
    assert lines[0] == "「注文」の表として読みます(違うときは --table で選べます)。"
    assert (
        "│ 注文日時 │ 受注日 + 受注時刻 │ たしか │ 見出しの言葉が合っています。中身も日時です。時刻は別の列にあります │"
        in lines
    )
    assert "│ お名前 │ 注文者姓 + 注文者名 │ たぶん │ 姓と名が、2つの列に分かれています │" in lines
    assert "│ 金額 │ 数量 × 単価 │ たぶん │ 金額の列が無いので、掛けて求めます │" in lines
    assert "この対応表で読んだ、はじめの6行(お客様は暗号で示します):" in lines
    first = [line for line in lines if line.startswith("│ J1")]
    shown = str(re.search(r"│ J1 │ (\w{8}) │", first[0])[1])
    assert first == [
        f"│ J1 │ {shown} │ 2026-04-01 09:15 │ 3,000 │ LOT │ 化粧水 │ 2 │ 1,500 │ 600 │ paid │ 分析に使う行 │",
        f"│ J1 │ {shown} │ 2026-04-01 09:15 │ 500 │ SOAP │ せっけん │ 1 │ 500 │ 600 │ paid │ 分析に使う行 │",
    ]
    assert "行の内訳: 分析に使う行 3、取り消し・返品 2、読めなかった行 1" in lines
    assert f"対応表を書きました: {folder / 'mappings' / 'export.yaml'}" in lines


def test_no_person_stands_on_the_screen_or_in_the_mapping(mapped: Mapped) -> None:
    result, folder, _ = mapped(JAPANESE)
    written = (folder / "mappings" / "export.yaml").read_text(encoding="utf-8")
    for told in (result.output, written):
        assert not re.search("山田|花子|佐藤|次郎|鈴木|一郎|@", told)


def test_the_mapping_tells_why_and_what_is_to_be_asked(mapped: Mapped) -> None:
    _, folder, _ = mapped(JAPANESE)
    written = (folder / "mappings" / "export.yaml").read_text(encoding="utf-8")
    assert written == (
        "# 「export.csv」の見出しと中身から、horetsu map が作った対応表のひな形です。\n"
        "# 左が horetsu の列、右がファイルの見出しです。\n"
        "# 「要確認」の行はお店に確かめ、「TODO」のところは書き足してください。\n"
        'title: "export.csv"\n'
        "tax: unknown             # 金額が税込なら included、税抜なら excluded に直してください\n"
        "tables:\n"
        "  orders:              # 注文: 注文の明細1行\n"
        "    known_by: [受注No, 受注日, 受注時刻, 数量, 単価]   # この書き出しを見分ける見出しの組\n"
        "    columns:\n"
        "      order_id: [受注No]   # たしか。見出しの言葉が合っています。中身も番号です\n"
        "      ordered_at: [[受注日, 受注時刻]]"
        "   # たしか。見出しの言葉が合っています。中身も日時です。時刻は別の列にあります\n"
        "      product_id: [品番]   # たしか。見出しの言葉が合っています。中身も番号です\n"
        "      product_name: [品名]   # たしか。見出しの言葉が合っています\n"
        "      quantity: [数量]   # たしか。見出しの言葉が合っています。中身も金額や数です\n"
        "      unit_price: [単価]   # たしか。見出しの言葉が合っています。中身も金額や数です\n"
        "      shipping: [送料]   # たしか。見出しの言葉が合っています。中身も金額や数です\n"
        "      status: [状態]   # たしか。見出しの言葉が合っています\n"
        "    computed: {amount: quantity * unit_price}   # 金額の列が無いので、数量と単価を掛けます\n"
        "    order_total:           # たぶん。注文のどの行にも同じ金額があり、明細の合計と合う注文が 100% です\n"
        "      column: 合計金額\n"
        "      minus: [送料]   # 合計に入っている、商品ではない金額\n"
        "    person:                # 値そのものは残さず、鍵つきの暗号にして使います\n"
        "      mail: [メール]   # たしか。見出しの言葉が合っています。中身もメールアドレスです\n"
        "      name: [[注文者姓, 注文者名]]   # たぶん。姓と名が、2つの列に分かれています\n"
        "    customer_key:          # お客様を見分ける順\n"
        "      - {kind: mail}\n"
        "    values:                # お店の言葉: horetsu の値\n"
        "      status:\n"
        "        キャンセル: cancelled\n"
        "        発送済: paid\n"
        "        # TODO 次の言葉の意味を「paid・cancelled・returned」から選んで右に書き、「# 」を消してください。\n"
        '        # "保留?":\n'
        "# このファイルをお店のフォルダの mappings に置けば、見出しが合う書き出しは自動でこれで読みます。\n"
        "# client.yaml に書いて決めるときは、次の行の「# 」を消して、client.yaml に写してください。\n"
        "# tables:\n"
        "#   orders:\n"
        '#     - files: "data/export.csv"\n'
        "#       mapping: export\n"
    )


def test_european_amounts_and_days_become_exact_rows(mapped: Mapped) -> None:
    result, _, rows = mapped(EUROPEAN, "currency: EUR\nreference: {annual_ltv_yen: 100}\ncpm: {heavy_yen: 500}")
    assert result.exit_code == 0, result.output
    assert picked(rows, "order_id", "customer_id", "ordered_at", "amount") == [
        ("1001", "C7", dt.datetime(2026, 1, 31), 2501),
        ("1002", "C8", dt.datetime(2026, 2, 1), 12),
        ("1003", "C7", dt.datetime(2026, 2, 2), 1250.5),
    ]


def test_one_row_an_order_is_worth_its_total_less_the_postage(mapped: Mapped) -> None:
    result, _, rows = mapped(ORDER_GRAIN)
    assert result.exit_code == 0, result.output
    assert picked(rows, "order_id", "customer_id", "ordered_at", "amount", "outcome") == [
        ("T-1", "M01", dt.datetime(2026, 1, 31), 3000, "accepted"),
        ("T-2", "M02", dt.datetime(2026, 2, 1), 1000, "accepted"),
        ("T-3", None, dt.datetime(2026, 2, 3), 5500, "no_customer"),
    ]


def test_lines_without_amounts_share_the_total_of_their_order(mapped: Mapped) -> None:
    result, _, rows = mapped(SHARED_TOTAL)
    assert result.exit_code == 0, result.output
    assert picked(rows, "order_id", "amount") == [("1", 750), ("1", 750), ("2", 450), ("2", 450), ("3", 800)]


def test_renamed_headings_in_cp932_become_exact_rows(mapped: Mapped) -> None:
    result, _, rows = mapped(RENAMED.encode("cp932"))
    assert result.exit_code == 0, result.output
    assert picked(rows, "order_id", "customer_id", "product_name", "amount") == [
        ("5001", "11", "化粧水", 3000),
        ("5002", "12", "化粧水", 6000),
    ]


def test_a_title_above_the_headings_is_passed_over(mapped: Mapped) -> None:
    _, _, rows = mapped("見本の店 売上一覧\n\n" + SHARED_TOTAL)
    assert picked(rows, "_row", "order_id")[0] == (4, "1")


def test_hostile_headings_load_back_as_they_are_and_do_nothing(mapped: Mapped) -> None:
    result, folder, rows = mapped(HOSTILE)
    assert result.exit_code == 0, result.output
    section = mapping.load(folder / "mappings" / "export.yaml").tables["orders"]
    assert section.columns == {
        "order_id": ("注文\n番号",),
        "ordered_at": ("日付: #1",),
        "amount": ("[red]金額[/red]",),
        "product_name": ("{品名}",),
    }
    assert picked(rows, "order_id", "customer_id", "amount", "product_name") == [
        ("A1", "C1", 1200, "本"),
        ("A2", "C2", 1300, "[bold]紙"),
    ]
    assert "[red]金額[/red]" in result.output
    assert "[bold]紙" in result.output
    assert "\x1b" not in result.output
    assert "!!python/name:os.system" in result.output


@given(st.lists(st.text(max_size=12), min_size=1, max_size=3))
@example(["yes", "null", "2026-01-31"])
@example(["- a", "a: b # c", "\u0085\u2028\u202e"])
def test_every_heading_loads_back_from_yaml_as_it_was(names: list[str]) -> None:
    read = yaml.safe_load(f"one: {scalar(names[0])}   # why\nmany: {flow((names[0], tuple(names)))}   # why")
    assert read == {"one": names[0], "many": [names[0], names]}


WORDS = aliases.load(assets.RULES / "aliases.yaml")
CELLS = st.one_of(st.text(max_size=6), st.sampled_from(["", "A1", "100", "-5", "2026-01-31", "03/04/26", "0", "▲1"]))
HEADINGS = st.one_of(
    st.text(max_size=6), st.sampled_from(["注文番号", "合計", "日付", "date", "送料", "状態", "会員番号", "姓", "名"])
)


@settings(max_examples=200, deadline=None)
@given(
    st.integers(1, 8).flatmap(
        lambda n: st.tuples(
            st.lists(HEADINGS, min_size=n, max_size=n),
            st.lists(st.lists(CELLS, min_size=n, max_size=n), min_size=1, max_size=6),
        )
    )
)
def test_whatever_stands_in_a_file_the_draft_is_a_mapping(drawn: tuple[list[str], list[list[str]]]) -> None:
    headings, rows = drawn
    sample = Sample.of([heading.strip() for heading in headings], list(zip(*rows, strict=True)))
    found = draft(sample, WORDS, {})
    written = text(found, file="export.csv", pattern="data/export.csv", stem="export", meanings={})
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "export.yaml"
        path.write_text(written, encoding="utf-8")
        section = mapping.load(path).tables[found.table]
    assert set(section.known_by) <= set(sample.columns)
    assert section.known_by == found.known_by


def test_days_that_can_be_read_in_two_ways_are_asked(horetsu: Callable[..., Result], tmp_path: Path) -> None:
    (tmp_path / "sales.csv").write_text(EITHER.replace("amount due", "subtotal"), encoding="utf-8")
    result = horetsu("map", "sales.csv")
    assert result.exit_code == 1
    assert result.output.endswith(
        "対応表を書きました: sales.yaml\n"
        "✗ 日付「03/04/2026」が、2026年4月3日か2026年3月4日か、決められません。\n"
        "✗ sales.yaml の「TODO」のところを直してください。\n"
    )
    written = (tmp_path / "sales.yaml").read_text(encoding="utf-8")
    assert (
        "    # TODO 日付の書き方が2通りに読めます。正しい方の行の、はじめの「# 」を消してください。\n"
        '    # dates: ["%d/%m/%Y"]   # 03/04/2026 を 2026年4月3日 と読みます\n'
        '    # dates: ["%m/%d/%Y"]   # 03/04/2026 を 2026年3月4日 と読みます\n'
    ) in written
    (tmp_path / "sales.yaml").write_text(written.replace('# dates: ["%m', 'dates: ["%m'), encoding="utf-8")
    assert mapping.load(tmp_path / "sales.yaml").tables["orders"].dates == ("%m/%d/%Y",)


def test_what_is_missing_is_told_and_stands_as_todo_in_its_place(
    horetsu: Callable[..., Result], tmp_path: Path
) -> None:
    (tmp_path / "sales.csv").write_text("伝票番号,売上日,品名,金額\n1,2026-01-31,茶,100\n", encoding="utf-8")
    result = horetsu("map", "sales.csv")
    assert result.exit_code == 1
    assert result.output.endswith(
        "対応表を書きました: sales.yaml\n"
        "✗ 顧客番号(customer_id)の見出しが見つかりません。\n"
        "✗ sales.yaml の「TODO」のところを直してください。\n"
    )
    section = mapping.load(tmp_path / "sales.yaml").tables["orders"]
    assert section.columns["customer_id"] == ("TODO 顧客番号の見出しに書き換えてください",)
    assert not section.without_customer
    written = (tmp_path / "sales.yaml").read_text(encoding="utf-8")
    assert "    # without_customer: true\n" in written


def test_a_mapping_is_never_written_over_unless_told(horetsu: Callable[..., Result], tmp_path: Path) -> None:
    (tmp_path / "sales.csv").write_text(SHARED_TOTAL, encoding="utf-8")
    assert horetsu("map", "sales.csv").exit_code == 0
    (tmp_path / "sales.yaml").write_text("mine", encoding="utf-8")
    result = horetsu("map", "sales.csv")
    assert result.exit_code == 1
    assert result.output == (
        "✗ 同じ名前の対応表が、もうあります。\n"
        "場所: sales.yaml\n"
        "次に: 上書きしてよければ --force を、別の場所に作るなら --out を付けてください。\n"
    )
    assert (tmp_path / "sales.yaml").read_text(encoding="utf-8") == "mine"
    assert horetsu("map", "sales.csv", "--out", "other/place.yaml").exit_code == 0
    assert (tmp_path / "other" / "place.yaml").is_file()
    assert horetsu("map", "sales.csv", "--force").exit_code == 0
    assert mapping.load(tmp_path / "sales.yaml").title == "sales.csv"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["other", "sales.csv", "sales.yaml"]


@pytest.mark.parametrize(
    ("file", "stem"),
    [
        ("Orders 2026-04 (1).csv", "orders_2026-04_1"),
        ("受注一覧.csv", "own"),
        ("ＯＲＤＥＲＳ.csv", "orders"),
        ("generic.csv", "generic_own"),
        ("a'b\"#.csv", "ab"),
        ("sales.csv.gz", "sales"),
    ],
)
def test_the_mapping_is_named_safely_after_its_file(
    horetsu: Callable[..., Result], tmp_path: Path, file: str, stem: str
) -> None:
    data = SHARED_TOTAL.encode("utf-8")
    (tmp_path / file).write_bytes(gzip.compress(data) if file.endswith(".gz") else data)
    assert horetsu("map", file).exit_code == 0
    assert (tmp_path / f"{stem}.yaml").is_file()


def refused(horetsu: Callable[..., Result], *words: object) -> str:
    result = horetsu("map", *words)
    assert result.exit_code == 1
    return result.output


def test_every_refusal_says_what_where_and_what_next(
    horetsu: Callable[..., Result], tmp_path: Path, make_client: Callable[..., Path]
) -> None:
    header = "Name,Email,Financial Status,Created at,Lineitem quantity,Lineitem name,Lineitem price"
    line = "#1,a@example.jp,paid,2026-04-01 09:00:00 +0900,1,本,500"
    known = make_client({"orders.csv": f"{header}\n{line}\n"}, "  orders: [{files: data/*}]")
    (tmp_path / "numbers.csv").write_text("1,19970101,29.33\n2,19970102,10.00\n", encoding="utf-8")
    (tmp_path / "alone.csv").write_text("受注No,受注日,会員番号,金額\n", encoding="utf-8")
    (tmp_path / "empty.csv").write_text("", encoding="utf-8")
    (tmp_path / "sales.pdf").write_text("%PDF", encoding="utf-8")
    path = known / "data" / "orders.csv"
    assert refused(horetsu, "none.csv") == (
        "✗ ファイルが見つかりません。\n場所: none.csv\n次に: 場所と名前を確かめてください。\n"
    )
    assert refused(horetsu, path) == (
        "✗ この書き出しは、対応表「shopify」(Shopify(注文・お客様のエクスポート))で、もう読めます。\n"
        f"場所: {path}\n"
        "次に: そのまま horetsu check でお試しください。別の対応表を作るなら --force を付けてください。\n"
    )
    assert not (known / "mappings").exists()
    assert refused(horetsu, path, "--table", "sales") == (
        "✗ 「sales」という表はありません。\n場所: --table\n"
        "次に: 使える表: orders・customers・story・touchpoints・voices・events・scenario・campaigns・answers・context\n"
    )
    assert refused(horetsu, "numbers.csv") == (
        "✗ 見出しの行が見つかりません。\n場所: numbers.csv\n"
        "次に: 1行目に見出し(注文番号、注文日 など)を書き足してから、もう一度お試しください。\n"
    )
    assert refused(horetsu, "alone.csv") == (
        "✗ 見出しだけで、その下に行がありません。\n場所: alone.csv\n"
        "次に: 書き出す期間や条件を確かめて、もう一度書き出してください。\n"
    )
    assert refused(horetsu, "empty.csv") == (
        "✗ ファイルが空です。\n場所: empty.csv\n次に: もう一度書き出すか、client.yaml から外してください。\n"
    )
    assert refused(horetsu, "sales.pdf") == (
        "✗ 読めない種類のファイルです。\n場所: sales.pdf\n"
        "次に: CSV・TSV(.gz も可)・Excel(.xlsx)・Parquet で書き出してください。\n"
    )
    assert list(tmp_path.glob("*.yaml")) == []


def test_a_drafted_mapping_is_found_by_its_headings_without_a_word_in_the_settings(
    horetsu: Callable[..., Result], make_client: Callable[..., Path]
) -> None:
    folder = make_client({"export.csv": SHARED_TOTAL}, "  orders: [{files: data/*}]")
    assert horetsu("map", folder / "data" / "export.csv").exit_code == 0
    rows = pq.read_table(cache.prepared(client.find(str(folder))) / "lines.parquet").to_pylist()
    assert {row["origin"] for row in rows} == {"export"}
    result = horetsu("map", folder / "data" / "export.csv", "--out", folder / "mappings" / "second.yaml")
    assert "✗ この書き出しは、対応表「export」(export.csv)で、もう読めます。" in result.output


def test_a_real_shops_header_is_guessed_right(
    horetsu: Callable[..., Result], tmp_path: Path, shared_data: Path
) -> None:
    (tmp_path / "uci.csv.gz").write_bytes((shared_data / "uci_online_retail" / "online_retail.csv.gz").read_bytes())
    result = horetsu("map", "uci.csv.gz")
    assert result.exit_code == 0, result.output
    section = mapping.load(tmp_path / "uci.yaml").tables["orders"]
    assert section.columns == {
        "order_id": ("InvoiceNo",),
        "ordered_at": ("InvoiceDate",),
        "product_id": ("StockCode",),
        "product_name": ("Description",),
        "quantity": ("Quantity",),
        "unit_price": ("UnitPrice",),
    }
    assert section.computed == {"amount": "quantity * unit_price"}
    assert [key.columns for key in section.customer_key] == [("CustomerID",)]
    assert "使わなかった見出し: Country\n" in result.output
    assert "要確認: 「Quantity」がマイナスの行が、返品や取り消しかどうかを確かめてください。\n" in result.output


def test_items_without_buyer_and_day_tell_what_is_missing(horetsu: Callable[..., Result], shared_data: Path) -> None:
    result = horetsu("map", shared_data / "olist_sample_4000" / "olist_order_items_dataset.csv")
    assert result.exit_code == 1
    assert result.output.endswith(
        "対応表を書きました: olist_order_items_dataset.yaml\n"
        "✗ 顧客番号(customer_id)の見出しが見つかりません。\n"
        "✗ 注文日時(ordered_at)の見出しが見つかりません。\n"
        "✗ olist_order_items_dataset.yaml の「TODO」のところを直してください。\n"
    )


def test_the_kit_has_no_mapping_called_as_a_client_would_call_theirs() -> None:
    assert not (assets.MAPPINGS / "own.yaml").exists()
