"""What the chapter on products says: few buyers make no claim, names are cut short, nothing is a cause."""

from functools import partial
from pathlib import Path

import pandas as pd
import pytest

from horetsu_utils import selling
from horetsu_utils.charts import bars, dots, tables
from horetsu_utils.product_rules import ProductRules
from horetsu_utils.sentences import products as say
from horetsu_utils.shop import Shop

LEAST, RULES = 30, ProductRules()
LONG = "とても長い名前の化粧水" * 5


def ranking(*rows: tuple, days: int = 90) -> pd.DataFrame:
    columns = ["product", "sales_ratio", "buyers", "watched", "value", "low", "high"]
    told = rows or [("化粧水", 0.6, 200, 180, 0.25, 0.2, 0.3), ("乳液", 0.4, 100, 90, 0.3, 0.22, 0.4)]
    return pd.DataFrame(told, columns=columns).assign(within_days=days)


def firsts(*rows: tuple) -> pd.DataFrame:
    columns = ["product", "customers", "watched", "value", "low", "high", "worth_customers"]
    columns += ["ltv_yen", "ltv_low", "ltv_high"]
    told = rows or [
        ("化粧水", 100, 80, 0.6, 0.5, 0.7, 60, 12000.0, 11000.0, 13000.0),
        ("乳液", 60, 50, 0.3, 0.2, 0.4, 12, 9000.0, 5000.0, 13000.0),
        ("石けん", 9, 4, 1.0, 0.5, 1.0, 0, float("nan"), float("nan"), float("nan")),
    ]
    return pd.DataFrame(told, columns=columns)


def pairs(*rows: tuple) -> pd.DataFrame:
    columns = ["from_product", "to_product", "customers", "days", "watched", "value", "low", "high", "usual"]
    told = rows or [
        ("化粧水", "化粧水", 90, 40.0, 200, 0.45, 0.38, 0.52, float("nan")),
        ("化粧水", "乳液", 52, 25.5, 200, 0.26, 0.2, 0.33, 0.09),
        ("乳液", "石けん", 20, 40.0, 100, 0.2, 0.13, 0.29, 0.1),
    ]
    frame = pd.DataFrame(told, columns=columns)
    return frame.assign(stands_out=(frame["value"] - frame["usual"] > 0.05) & (frame["watched"] >= LEAST))


def rhythm(*rows: tuple) -> pd.DataFrame:
    columns = ["product", "customers", "low_days", "gap_days", "high_days", "is_rhythm"]
    told = rows or [("乳酸菌", 215, 28.0, 30.0, 33.0, True), ("石けん", 90, 31.0, 78.5, 160.0, False)]
    return pd.DataFrame(told, columns=columns)


def test_the_best_selling_product() -> None:
    assert say.sales_title(ranking(), LEAST) == "売上のいちばん大きい商品は「化粧水」で、商品の売上の60.0%です"
    few = ranking(("化粧水", 1.0, 29, 29, 0.1, 0.0, 0.2))
    assert say.sales_title(few, LEAST) == (
        "1つの商品を買われた方がまだ29人のため、傾向は読み取れません(30人になると読み取れます)"
    )
    assert say.sales_title(ranking().iloc[:0], LEAST) == say.NO_PRODUCTS
    assert say.sales_title(ranking((LONG, 1.0, 99, 0, None, None, None)), LEAST).count("…") == 1


def test_only_so_many_products_have_room_and_it_is_said() -> None:
    many = ranking(*[(f"商品{place:02d}", 0.05, 50, 40, 0.1, 0.05, 0.2) for place in range(20)])
    assert len(say.top(many)) == 12
    assert say.sales_note(12, 20) == (
        "取り消し・返品・送料と、ご注文全体への値引きは含みません。"
        "売上の大きい12の商品だけを並べています(商品は全部で20あります)。"
    )
    assert say.sales_note(5, 5) == "取り消し・返品・送料と、ご注文全体への値引きは含みません。"


def test_the_product_that_is_bought_again_most() -> None:
    best = "60日のうちに、もう一度買われた割合がいちばん高いのは「乳液」で、30.0%(22.0〜40.0%)です"
    assert say.again_title(ranking(), 60, LEAST) == best + "。ただし、次に高い商品とのはっきりした差ではありません"
    apart = ranking(("化粧水", 0.6, 200, 180, 0.1, 0.06, 0.15), ("乳液", 0.4, 100, 90, 0.3, 0.22, 0.4))
    assert say.again_title(apart, 60, LEAST) == best
    none = ranking(("化粧水", 1.0, 99, 99, 0.0, 0.0, 0.04))
    assert say.again_title(none, 90, LEAST) == "90日のうちに、もう一度買われた割合は、どの商品も0%です"
    few = ranking(("化粧水", 1.0, 99, 29, 0.5, 0.3, 0.7))
    assert say.again_title(few, 90, LEAST) == "90日たった方が、まだ29人です(30人から読み取れます)"
    assert say.again_title(ranking().iloc[:0], 90, LEAST) == say.NO_PRODUCTS


def test_the_title_speaks_of_what_is_shown() -> None:
    many = [(f"商品{place:02d}", 0.05, 50, 40, 0.1, 0.05, 0.2) for place in range(12)]
    hidden = ranking(*many, ("十三番目", 0.01, 50, 40, 0.9, 0.8, 0.95))
    assert "「商品00」" in say.again_title(hidden, 90, LEAST)


def test_the_picture_of_repeats_tells_its_days() -> None:
    assert say.again_note(60) == (
        "その商品をはじめて買われてから60日たった方のうち、その間に同じ商品をもう一度買われた方の割合です。"
        "上から売上の大きい順です。かっこの中は誤差の幅です。"
    )
    draw = partial(say.drawn, dots.rates, LEAST)
    shown = draw(ranking(days=60))
    assert shown.title.startswith("60日のうちに")
    assert "乳液は30.0%(22.0〜40.0%)" in shown.alt
    assert draw(ranking().iloc[:0]).title == say.NO_PRODUCTS


def test_the_first_product_after_which_most_came_back() -> None:
    assert say.first_title(firsts(), RULES) == (
        "90日までに2回目のご注文をくださった割合がいちばん高いのは「化粧水」で、60.0%(50.0〜70.0%)です"
    )
    few = firsts(("石けん", 9, 4, 1.0, 0.5, 1.0, 0, None, None, None))
    assert say.first_title(few, RULES) == "最初の商品ごとに、90日たった方が、まだ4人です(30人から読み取れます)"
    assert say.first_title(firsts().iloc[:0], RULES) == say.NO_PRODUCTS


def test_figures_that_few_stand_behind_are_not_told() -> None:
    assert say.first_table(firsts(), RULES).to_dict("list") == {
        "最初の商品": ["化粧水", "乳液", "石けん"],
        "来られた方": ["100人", "60人", "9人"],
        "90日までの2回目": ["60.0%(50.0〜70.0%)", "30.0%(20.0〜40.0%)", "—(まだ4人)"],
        "1年の売上(お一人あたり)": ["12,000円(11,000円〜13,000円)", "—(まだ12人)", "—(まだ0人)"],
    }
    assert say.first_table(firsts().iloc[:0], RULES).empty


def test_what_follows_a_product_more_than_usual() -> None:
    assert say.flow_title(pairs(), RULES) == (
        "「化粧水」のあと、もう一度ご注文のあった方の26.0%が、次に「乳液」を買われています(真ん中の方で26日後)"
    )
    assert say.flow_table(pairs()).to_dict("records") == [
        {
            "買われた商品": "化粧水",
            "次のご注文の商品": "乳液",
            "割合": "26.0%(20.0〜33.0%)",
            "ふだんの割合": "9.0%",
            "次のご注文まで": "26日",
            "次に買われた方": "200人のうち52人",
        },
        {
            "買われた商品": "乳液",
            "次のご注文の商品": "石けん",
            "割合": "20.0%(13.0〜29.0%)",
            "ふだんの割合": "10.0%",
            "次のご注文まで": "40日",
            "次に買われた方": "100人のうち20人",
        },
    ]


def test_where_nothing_stands_out_it_is_said() -> None:
    plain = pairs(("化粧水", "乳液", 20, 25.0, 200, 0.1, 0.07, 0.15, 0.09))
    assert say.flow_title(plain, RULES) == say.NO_FLOW
    assert say.flow_table(plain).empty
    few = pairs(("化粧水", "乳液", 20, 25.0, 29, 0.7, 0.5, 0.85, 0.09))
    said = "同じ商品のあとに、もう一度ご注文のあった方がまだ{}人のため、傾向は読み取れません(30人になると読み取れます)"
    assert say.flow_title(few, RULES) == said.format(29)
    assert say.flow_title(pairs().iloc[:0], RULES) == f"{say.FEW_PAIRS}(30人から読み取れます)"


def test_the_rhythm_of_a_product() -> None:
    assert say.rhythm_title(rhythm(), RULES) == "「乳酸菌」は、およそ30日ごとに買われています"
    two = rhythm(("乳酸菌", 215, 28.0, 30.0, 33.0, True), ("青汁", 90, 55.0, 60.0, 62.0, True))
    assert say.rhythm_title(two, RULES).endswith("買われています(ほかに1つの商品で、間隔がそろっています)")
    assert say.rhythm_table(rhythm(), RULES).to_dict("list") == {
        "商品": ["乳酸菌"],
        "次に買われるまで(真ん中)": ["30日"],
        "半分の方が入る幅": ["28日〜33日"],
        "もう一度買われた方": ["215人"],
    }


def test_where_there_is_no_rhythm_it_is_said() -> None:
    assert say.rhythm_title(rhythm(("石けん", 90, 31.0, 78.0, 160.0, False)), RULES) == say.NO_RHYTHM
    few = rhythm(("石けん", 29, 31.0, 78.0, 160.0, False))
    said = "同じ商品をもう一度買われた方がまだ{}人のため、傾向は読み取れません(30人になると読み取れます)"
    assert say.rhythm_title(few, RULES) == said.format(29)
    assert say.rhythm_table(few, RULES).empty
    assert say.rhythm_title(rhythm().iloc[:0], RULES) == said.format(0)


def test_the_cover_is_told_a_figure_only_where_it_is_known() -> None:
    found = say.finding(firsts(), RULES)
    assert (found.figure, found.unit) == (0.6, "ratio")
    assert found.sentence == f"{say.first_title(firsts(), RULES)}。"
    assert found.next_step == "「化粧水」から始められた方のお声や記録を、読みかえしてみましょう。"
    assert say.finding(firsts().iloc[:0], RULES).figure is None


@pytest.mark.parametrize("name", ["<script>alert(1)</script>", "=1+1", "\u202e逆さ", LONG])
def test_names_from_a_file_cannot_harm_the_page(name: str) -> None:
    shown = tables.told(
        say.first_table(firsts((name, 99, 99, 0.5, 0.4, 0.6, 40, 1.0, 1.0, 1.0)), RULES), name, instead=""
    )
    assert "<script>" not in shown.data
    assert bars.ranked(ranking((name, 1.0, 99, 99, 0.5, 0.4, 0.6)), "product", "sales_ratio", title="題").png


def test_the_chapter_names_no_cause_and_speaks_of_the_demo(demo_client: Path) -> None:
    sell = selling.selling(Shop.open(demo_client, as_of=""))
    ranked, rules = sell.ranking(90), sell.rules
    said = [
        say.sales_title(ranked, rules.least_customers),
        say.again_title(ranked, 90, rules.least_customers),
        say.first_title(sell.firsts, rules),
        say.flow_title(sell.pairs, rules),
        say.rhythm_title(sell.rhythm, rules),
        say.finding(sell.firsts, rules).next_step,
        *(say.FIRST_NOTE, say.FLOW_NOTE, say.RHYTHM_NOTE),
    ]
    assert not [text for text in said for word in ("おかげで", "せいで", "効果", "のため", "によって") if word in text]
    assert said[2].startswith("90日までに2回目のご注文をくださった割合がいちばん高いのは「朝もやクレンジング」")
    assert said[3].startswith("「しずく色の化粧水」のあと、")
    assert "次に「やわらぎ乳液」を" in said[3]
    assert said[4] == "「まいにち乳酸菌の粒」は、およそ30日ごとに買われています"


def test_a_shop_without_product_names_is_told_what_to_record(demo_client: Path, make_client) -> None:
    lines = "order_id,customer_id,ordered_at,amount\n1,c1,2026-01-05,900\n2,c1,2026-02-05,900\n"
    folder = make_client({"o.csv": lines}, "  orders:\n    - {files: data/o.csv, mapping: generic}")
    sell = selling.selling(Shop.open(folder, as_of=""))
    assert say.sales_title(sell.ranking(90), LEAST) == say.NO_PRODUCTS
    assert say.first_title(sell.firsts, RULES) == say.NO_PRODUCTS
    assert say.flow_table(sell.pairs).empty
    assert say.rhythm_table(sell.rhythm, RULES).empty
