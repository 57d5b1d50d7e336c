"""The check of a client's files: the true account, every doubt with its whole sentence, and JSON for programs."""

import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path

from click.testing import Result

from horetsu_utils import checkup, client, doubts
from horetsu_utils.sentences import doubts as sentences

HEADER = "注文番号,顧客番号,注文日時,商品番号,商品名,数量,金額"
ORDERS = "  orders: [{files: data/*.csv, mapping: generic}]"


def line(order: object, customer: object, day: str, yen: object = 1000, product: str = "P1", quantity: int = 1) -> str:
    return f"{order},{customer},{day},{product},{product}の品,{quantity},{yen}"


def csv(*lines: str) -> str:
    return "\n".join([HEADER, *lines]) + "\n"


def days(first: int, last: int, month: str = "2026-06") -> Iterator[str]:
    return (f"{month}-{day:02d}" for day in range(first, last + 1))


def sound(start: int = 0) -> list[str]:
    """Sixty orders of sixty customers in May and June: nothing in them is doubtful."""
    dates = [*days(1, 30, "2026-05"), *days(1, 30)]
    return [line(start + place, f"C{start + place}", day) for place, day in enumerate(dates)]


def said(folder: Path) -> dict[str, list[str]]:
    """Code -> sentences of the doubts about a client, tax left out."""
    found = checkup.check(client.find(str(folder)))
    told: dict[str, list[str]] = {}
    for doubt, sentence in zip(found.doubts, found.sentences, strict=True):
        told.setdefault(doubt.code, []).append(sentence)
    told.pop("tax", None)
    return told


Make = Callable[..., Path]


def test_sound_data_raises_no_doubt(make_client: Make) -> None:
    assert said(make_client({"a.csv": csv(*sound())}, ORDERS)) == {}


def test_unknown_tax_is_asked_once_and_the_clients_word_or_the_mappings_ends_it(make_client: Make) -> None:
    folder = make_client({"a.csv": csv(*sound())}, ORDERS)
    (doubt,) = checkup.check(client.find(str(folder))).doubts
    assert sentences.say(doubt.code, doubt.facts) == (
        "金額が税込か税抜か、書き出しからは分かりません。お店に確かめて、client.yaml の tax に書いてください。"
    )
    told = make_client({"a.csv": csv(*sound())}, ORDERS, "tax: included", name="told")
    assert checkup.check(client.find(str(told))).doubts == []


def test_amounts_with_and_without_tax_are_not_added_in_silence() -> None:
    assert sentences.say("tax", {"tax": "mixed"}) == (
        "税込の金額と税抜の金額が混ざっています。足した金額は目安です。"
        "書き出しの設定をそろえられるか、確かめてください。"
    )


def test_a_file_of_which_much_cannot_be_read_is_told(make_client: Make) -> None:
    bad = [line(f"X{place}", "C1", "きのう") for place in range(4)]
    folder = make_client({"a.csv": csv(*sound(), *bad)}, ORDERS)
    assert said(folder)["rejected"] == [
        "data/a.csv の 4 行(6.3%)が読めませんでした。rejected.csv で、いちばん多い理由から直してください。"
    ]
    few = make_client({"a.csv": csv(*sound(), *bad[:3])}, ORDERS, name="few")
    assert "rejected" not in said(few)


STATUS = """
title: 状態のあるシステム
tables:
  orders:
    columns: {order_id: [番号], customer_id: [誰], ordered_at: [日], amount: [額], status: [状態]}
    values: {status: {発送済: paid}}
    likely: {status: {"900": cancelled}}
"""


def test_an_unknown_word_is_asked_about_with_what_it_likely_means(make_client: Make) -> None:
    words = ["発送済", "900", "900", "謎"]
    rows = "\n".join(f"{place},C{place},2026-06-01,100,{word}" for place, word in enumerate(words))
    files = {"a.csv": f"番号,誰,日,額,状態\n{rows}\n"}
    folder = make_client(files, "  orders: [{files: data/*.csv, mapping: own}]")
    (folder / "mappings").mkdir()
    (folder / "mappings" / "own.yaml").write_text(STATUS, encoding="utf-8")
    assert said(folder)["unknown_words"] == [
        "注文の「状態」に、意味の分からない言葉があり、その行を使えません: 「900」(2 行)、「謎」(1 行)。"
        "意味を client.yaml に書いてください(おそらくの意味です。お店に確かめてから書いてください)。\n"
        '   values:\n     "own":\n'
        '       status: {"900": cancelled, "謎": ここに意味}\n'
        "   使える意味: paid(買われた)・cancelled(取り消し)・returned(返品)"
    ]
    with (folder / "client.yaml").open("a", encoding="utf-8") as settings:
        settings.write('values:\n  own:\n    status: {"900": cancelled, "謎": returned}\n')
    found = checkup.check(client.find(str(folder)))
    counts = {name: rows for name, rows in found.account["tables"]["orders"]["outcomes"].items() if rows}
    assert counts == {"accepted": 1, "cancelled_or_returned": 3}
    assert [doubt.code for doubt in found.doubts] == ["tax"]


def test_orders_without_any_customer_still_tell_of_products(make_client: Make, horetsu: Callable[..., Result]) -> None:
    own = "title: 客の無いシステム\ntables: {orders: {without_customer: true, columns: %s}}"
    columns = "{order_id: [注文番号], ordered_at: [注文日時], product_name: [商品名], quantity: [数量], amount: [金額]}"
    folder = make_client({"a.csv": csv(*sound())}, "  orders: [{files: data/*.csv, mapping: own}]")
    (folder / "mappings").mkdir()
    (folder / "mappings" / "own.yaml").write_text(own % columns, encoding="utf-8")
    assert said(folder) == {
        "no_customer_at_all": [
            "data/a.csv(客の無いシステム)には、お客様を見分ける列がありません。"
            "商品の分析には使えますが、お客様の分析(RFM など)には使えません。"
        ]
    }
    assert horetsu("check", str(folder)).exit_code == 0


def test_many_rows_without_a_customer_are_told(make_client: Make) -> None:
    nobody = [line(f"N{place}", "", "2026-06-01") for place in range(30)]
    folder = make_client({"a.csv": csv(*sound(), *nobody)}, ORDERS)
    assert said(folder)["no_customer"] == [
        "data/a.csv の 30 行(33.3%)は、お客様が分かりません。"
        "会員番号やメールアドレスの列も書き出せるか、確かめてください。"
    ]


def test_a_month_that_shrank_since_the_last_import_is_told(make_client: Make, horetsu: Callable[..., Result]) -> None:
    folder = make_client({"a.csv": csv(*sound(), *sound(100))}, ORDERS)
    assert said(folder) == {}
    before = max((folder / ".cache").glob("*/account.json"), key=lambda path: path.stat().st_mtime)
    os.utime(before, (1, 1))
    (folder / "data" / "a.csv").write_text(csv(*sound(), *sound(100)[:30]), encoding="utf-8")
    assert said(folder)["lost_since"] == [
        "注文の 2026-06 が、前回の 60 行から 30 行に減りました。"
        "前回のファイルも data に残っているか、書き出しの条件が同じかを確かめてください。"
    ]
    shown = horetsu("check", str(folder)).output
    row = next(line for line in shown.splitlines() if "2026-06 │" in line)
    assert [cell.strip() for cell in row.strip("│ ").split("│")] == [
        *["2026-06", "30", "30,000円", "60", "60,000円", "-30"]
    ]


def test_a_month_without_orders_is_told(make_client: Make) -> None:
    folder = make_client({"a.csv": csv(*sound(), line("z", "C1", "2026-01-31"))}, ORDERS)
    assert said(folder)["month_without_orders"] == [
        "注文が1件もない月があります: 2026-02、2026-03、2026-04。お休みでなければ、その月の書き出しが抜けています。"
    ]


def test_an_order_later_than_its_file_is_told(make_client: Make) -> None:
    folder = make_client({"a.csv": csv(*sound())}, ORDERS)
    os.utime(folder / "data" / "a.csv", (1_782_000_000, 1_782_000_000))  # 2026-06-21 in Japan
    assert said(folder)["future"] == [
        "data/a.csv に、ファイルを書き出した日より後の注文が 9 行あります(最後は 2026-06-30)。"
        "日付の書き間違いか、予約の注文かを確かめてください。"
    ]


def test_customers_of_another_table_who_never_ordered_are_told(make_client: Make) -> None:
    story = "顧客番号,日付,変化点数,気持ち\n" + "".join(f"M{place},2026-06-01,3,良い\n" for place in range(25))
    tables = f"{ORDERS.replace('*', 'a')}\n  story: [{{files: data/s.csv, mapping: generic}}]"
    folder = make_client({"a.csv": csv(*sound()), "s.csv": story}, tables)
    assert said(folder)["unknown_customers"] == [
        "物語(変化の記録)のお客様 25 人のうち 25 人が、注文に出てきません。"
        "注文と同じ番号か確かめてください。お店が2つ以上あるなら、"
        "client.yaml の tables のその表に、shop: 対応表の名前 と書いてください。"
    ]


def test_many_lines_of_nothing_are_told(make_client: Make) -> None:
    gifts = [line(place, f"C{place}", "2026-06-01", yen=0, product="G") for place in range(40)]
    folder = make_client({"a.csv": csv(*sound(), *gifts)}, ORDERS)
    assert said(folder)["zero_amounts"] == [
        "金額が0の明細が 40 行(40.0%)あります。"
        "おまけや見本なら、お店のフォルダの rules/not_products.yaml に names: [商品名] と書くと外せます。"
    ]


def test_one_customer_with_a_large_share_of_sales_is_told(make_client: Make) -> None:
    folder = make_client({"a.csv": csv(*sound(), line("big", "C0", "2026-06-05", yen=5000))}, ORDERS)
    assert said(folder)["customer_sales"] == [
        "お一人(お客様番号 C0 の方)が、売上の 9.2% を占めています(注文 2 回)。"
        "お店の社内用や卸のお取引なら、分けて見てください。"
    ]


def test_a_jump_in_price_is_told(make_client: Make) -> None:
    dear = [line(f"d{place}", f"D{place}", day, yen=1000) for place, day in enumerate(days(1, 5, "2026-05"))]
    dearer = [line(f"e{place}", f"E{place}", day, yen=10000) for place, day in enumerate(days(1, 5))]
    jump = [each.replace("P1", "P9") for each in (*dear, *dearer)]
    folder = make_client({"a.csv": csv(*sound(), *sound(100), *sound(200), *sound(300), *jump)}, ORDERS)
    assert said(folder) == {
        "price_jump": [
            "「P9の品」の1点あたりの金額が、2026-06 に 1,000円 から 10,000円 に変わりました。"
            "値段の改定か、数量や単位の間違いかを確かめてください。"
        ]
    }


MAILED = """
title: mailed
tables:
  orders:
    columns: {order_id: [番号], ordered_at: [日], amount: [額]}
    customer_key: [{columns: [会員]}, {kind: mail}]
    person: {mail: [メール], name: [名]}
"""


def test_an_address_of_many_names_and_one_of_two_ids_are_told(make_client: Make) -> None:
    rows = [f"{place},2026-06-01,100,,shop@example.jp,客{place}" for place in range(12)]
    rows += ["a,2026-06-01,100,7,two@example.jp,山", "b,2026-06-02,100,,two@example.jp,山"]
    files = {"a.csv": "番号,日,額,会員,メール,名\n" + "\n".join(rows)}
    folder = make_client(files, "  orders: [{files: data/*.csv, mapping: own}]")
    (folder / "mappings").mkdir()
    (folder / "mappings" / "own.yaml").write_text(MAILED, encoding="utf-8")
    assert said(folder) == {
        "shared_mail": [
            "1つのメールアドレスを 12 通りのお名前で使っているものがあります(1 件)。"
            "お店が代わりに入力したアドレスなら、お一人の記録ではありません。"
        ],
        "could_link": [
            "同じメールアドレスで、番号の違うお客様が 1 組います。"
            "同じ方として数えるなら、client.yaml に link: [mail] と書いてください(いつでも元に戻せます)。"
        ],
    }


def test_doubts_come_in_the_order_of_their_importance(make_client: Make) -> None:
    bad = [line(f"X{place}", "C1", "きのう") for place in range(9)]
    content = csv(*sound(), *bad, line("z", "C1", "2026-01-31"), line("big", "C0", "2026-06-05", yen=9000))
    found = checkup.check(client.find(str(make_client({"a.csv": content}, ORDERS))))
    assert [doubt.code for doubt in found.doubts] == ["rejected", "month_without_orders", "customer_sales", "tax"]


def test_every_doubt_has_its_words() -> None:
    assert set(doubts.IMPORTANCE) == set(sentences._WORDS)


def test_a_stranger_among_the_files_is_told_with_the_nearest_mappings(
    make_client: Make, horetsu: Callable[..., Result]
) -> None:
    folder = make_client({"a.csv": csv(*sound()), "b.csv": "注文番,顧客番号,金額\n1,2,3\n"}, "")
    (folder / "client.yaml").write_text("name: 店\n", encoding="utf-8")
    (told,) = said(folder)["stranger"]
    assert told.startswith(
        "data/b.csv は、どのシステムの書き出しか分からないため、読んでいません。"
        f"horetsu map {folder / 'data' / 'b.csv'} で、対応表のひな形を作れます。\n   近いもの: "
    )
    assert told.count("近いもの") == 3
    assert horetsu("check", str(folder)).exit_code == 0


def test_check_fails_when_the_orders_are_among_the_strangers(make_client: Make, horetsu: Callable[..., Result]) -> None:
    story = "顧客番号,日付,変化点数,気持ち\nC1,2026-06-01,3,良い\n"
    folder = make_client({"a.csv": "何か,別の,列\n1,2,3\n", "s.csv": story}, "")
    (folder / "client.yaml").write_text("name: 店\n", encoding="utf-8")
    result = horetsu("check", str(folder))
    assert result.exit_code == 1
    assert "✗ 「注文」のファイルが見つかりません。読んでいないファイルを確かめてください。" in result.output


def test_json_tells_the_same_as_the_screen(make_client: Make, horetsu: Callable[..., Result]) -> None:
    folder = make_client({"a.csv": csv(*sound(), line("x", "C1", "きのう"))}, ORDERS)
    result = horetsu("check", str(folder), "--json")
    told = json.loads(result.stdout)
    assert (result.exit_code, told["client"], told["ok"], told["missing"]) == (0, "shop", True, [])
    assert told["tables"]["orders"]["outcomes"]["rejected"] == 1
    assert told["tables"]["orders"]["months"] == [
        {"month": "2026-05", "rows": 30, "amount": 30000.0},
        {"month": "2026-06", "rows": 30, "amount": 30000.0},
    ]
    assert [doubt["code"] for doubt in told["doubts"]] == ["tax"]
    assert told["rejected"][0]["row"] == 62


def test_json_tells_a_failure_too(make_client: Make, horetsu: Callable[..., Result]) -> None:
    folder = make_client({"a.csv": b""}, ORDERS)
    result = horetsu("check", str(folder), "--json")
    assert result.exit_code == 1
    assert json.loads(result.stdout) == {
        "ok": False,
        "error": {
            "what": "ファイルが空です。",
            "where": "a.csv",
            "next": "もう一度書き出すか、client.yaml から外してください。",
        },
    }


def test_the_columns_that_are_not_used_and_those_that_are_dropped_are_told(
    make_client: Make, horetsu: Callable[..., Result]
) -> None:
    rows = "1,2026-06-01,100,7,a@example.jp,山,赤\n"
    files = {"a.csv": f"番号,日,額,会員,メール,名,包装\n{rows}"}
    folder = make_client(files, "  orders: [{files: data/*.csv, mapping: own}]")
    (folder / "mappings").mkdir()
    (folder / "mappings" / "own.yaml").write_text(MAILED, encoding="utf-8")
    shown = horetsu("check", str(folder)).output
    assert "data/a.csv: お客様を見分ける印に変え、中身は残していない列: メール、名\n" in shown
    assert "data/a.csv: 使っていない列: 包装(残したい列は、client.yaml の keep に、列の名前と理由を書きます)\n" in shown


def test_a_column_that_one_of_two_tables_reads_is_in_use(make_client: Make, horetsu: Callable[..., Result]) -> None:
    fixture = Path(__file__).parent / "ingest" / "files" / "google_forms_answers.csv"
    folder = make_client({"a.csv": fixture.read_bytes()}, "")
    (folder / "client.yaml").write_text("name: 店\n", encoding="utf-8")
    shown = horetsu("check", str(folder)).output
    assert "data/a.csv: 使っていない列: お気づきのことを、ご自由にお書きください。(残したい列は" in shown


def test_a_column_is_kept_when_the_client_says_why(make_client: Make) -> None:
    import pyarrow.parquet as pq

    from horetsu_utils import cache

    files = {"a.csv": "番号,日,額,会員,メール,名,包装\n1,2026-06-01,100,7,a@example.jp,山,赤\n"}
    folder = make_client(files, "  orders: [{files: data/*.csv, mapping: own}]", "keep: {包装: 贈り物の分析のため}")
    (folder / "mappings").mkdir()
    (folder / "mappings" / "own.yaml").write_text(MAILED, encoding="utf-8")
    lines = pq.read_table(cache.prepared(client.find(str(folder))) / "lines.parquet").to_pylist()
    assert [row["extra_包装"] for row in lines] == ["赤"]


def test_files_that_client_yaml_does_not_name_are_told(make_client: Make) -> None:
    tables = "  orders: [{files: data/a.csv, mapping: generic}]"
    folder = make_client({"a.csv": csv(*sound()), "b.csv": csv(*sound(100)), "c.pdf": b"%PDF"}, tables)
    assert said(folder) == {
        "unnamed": [
            "client.yaml の tables に書かれていないため、読んでいないファイルがあります: data/b.csv、data/c.pdf。"
            "読むものなら tables に書き足すか、tables を消して、すべて自動で見分けるようにしてください。"
        ]
    }


def test_a_file_that_is_no_table_is_not_sent_to_map(make_client: Make) -> None:
    folder = make_client({"a.csv": csv(*sound()), "b.pdf": b"%PDF"}, "")
    (folder / "client.yaml").write_text("name: 店\n", encoding="utf-8")
    assert said(folder)["stranger"] == [
        "data/b.pdf は、表として読めないため、読んでいません。"
        "読めるのは CSV・TSV(.gz も可)・Excel(.xlsx)・Parquet です。"
    ]


def test_an_export_without_the_column_of_cancelled_orders_is_told(make_client: Make) -> None:
    fixture = Path(__file__).parent / "ingest" / "files" / "ec_cube4_orders.csv"
    text = fixture.read_bytes().decode("cp932").replace("対応状況(ID)", "x").replace("対応状況(名称)", "y")
    folder = make_client({"a.csv": text}, "")
    (folder / "client.yaml").write_text("name: 店\n", encoding="utf-8")
    assert said(folder)["no_status"] == [
        "data/a.csv に、取り消しや返品を見分ける列(対応状況(ID)・対応状況(名称))が1つもありません。"
        "このままでは、取り消された注文も売上に入ります。この列も書き出してください。"
    ]


def test_a_column_of_cancelled_orders_that_the_standard_mapping_leaves_unread_is_told(make_client: Make) -> None:
    lines = [f"{each},2026-05-01" for each in sound()]
    folder = make_client({"a.csv": "\n".join([f"{HEADER},キャンセル日", *lines])}, ORDERS)
    assert said(folder)["may_undo"] == [
        "data/a.csv の列「キャンセル日」は使っていませんが、取り消しや返品を表すかもしれません。"
        "表すなら、対応表に書き足してください。"
    ]


def test_amounts_of_the_order_on_every_line_are_told(make_client: Make) -> None:
    lines = [f"{place},C{place},2026-06-01,P{n},品{n},1,{n * 100 + 100},300" for place in range(30) for n in (0, 1)]
    folder = make_client(
        {"a.csv": "\n".join(["注文番号,顧客番号,注文日時,商品番号,商品名,数量,単価,小計", *lines])}, ORDERS
    )
    assert said(folder)["repeated_amounts"] == [
        "明細が2行以上ある注文 30 件のうち 30 件で、どの明細も同じ金額です"
        "(数量×単価とも合いません。例: data/a.csv)。注文全体の金額を、明細の数だけ数えているかもしれません。"
        "horetsu map に --force を付けて、対応表を作り直してください。"
    ]


def test_one_order_told_by_two_systems_is_told(make_client: Make) -> None:
    tables = "  orders: [{files: data/a.csv, shop: A}, {files: data/b.csv, shop: B}]"
    folder = make_client({"a.csv": csv(*sound()), "b.csv": csv(*sound()[:5])}, tables)
    assert said(folder)["same_orders"] == [
        "同じ注文番号が 5 個、2つ以上のシステム(A・B)に出てきます。"
        "同じ注文を2つの書き出しから読んでいるなら、どちらかのファイルを外してください。"
    ]


def test_a_column_to_keep_that_stands_nowhere_is_told(make_client: Make) -> None:
    folder = make_client({"a.csv": csv(*sound())}, ORDERS, "keep: {無い列: 試しに}")
    assert said(folder)["unknown_keep"] == ["client.yaml の keep にある列「無い列」は、どのファイルにもありません。"]


def test_words_for_a_mapping_that_there_is_not_are_refused(make_client: Make, horetsu: Callable[..., Result]) -> None:
    folder = make_client({"a.csv": csv(*sound())}, ORDERS, "values: {ec_cube: {status: {900: cancelled}}}")
    assert horetsu("check", str(folder)).output == (
        "✗ client.yaml の values にある「ec_cube」という対応表はありません。"
        "「ec_cube4」の書き間違いではありませんか。\n"
        f"場所: {folder}/client.yaml\n次に: horetsu check の「対応表」に出てくる名前を書いてください。\n"
    )


def test_months_show_what_is_left_after_refunds(make_client: Make) -> None:
    lines = [f"{each}," for each in sound()] + ["r,C1,2026-06-09,P1,P1の品,1,-400,返品"]
    folder = make_client({"a.csv": "\n".join([f"{HEADER},状態", *lines])}, ORDERS)
    months = checkup.check(client.find(str(folder))).account["tables"]["orders"]["months"]
    assert [month["amount"] for month in months] == [30000, 29600]


def test_check_prints_the_published_account_of_uci(shared_data: Path, make_client: Make) -> None:
    folder = make_client(
        {"retail.csv.gz": (shared_data / "uci_online_retail" / "online_retail.csv.gz").read_bytes()},
        "  orders: [{files: data/*, mapping: uci}]",
        "currency: GBP\nreference: {annual_ltv_yen: 120}\ncpm: {heavy_yen: 500}\ntime_zone: Europe/London",
    )
    (folder / "mappings").mkdir()
    mapping = Path(__file__).with_name("mappings") / "uci.yaml"
    (folder / "mappings" / "uci.yaml").write_bytes(mapping.read_bytes())
    found = checkup.check(client.find(str(folder)))
    orders = found.account["tables"]["orders"]
    assert orders["read"] == 541_909 == sum(orders["outcomes"].values())
    assert orders["matching"]["no_customer"]["rows"] == 135_080
    assert orders["matching"]["duplicate"]["rows"] == 5_268
    assert orders["matching"]["cancelled"]["orders"] == 3_836
    assert len(orders["months"]) == 13
    assert not found.missing
