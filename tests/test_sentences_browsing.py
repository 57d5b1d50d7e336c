"""The words of browsing: nobody is followed beyond the shop, few people make no claim, names are only text."""

import pandas as pd
import pytest

from horetsu_utils import assortment, browsed
from horetsu_utils.browsing_rules import BrowsingRules
from horetsu_utils.charts import tables
from horetsu_utils.sentences import browsing as say
from horetsu_utils.shop import Shop

TALLY = {
    "visits": 12, "machine_visits": 0, "events": 40, "machine_events": 0, "people": 9, "customers": 4, "joined": 3,
    "shared": 0,
}  # fmt: skip


def test_coverage() -> None:
    plain = "9人の訪問が12回あります(そのうち、どなたか分かる方は4人)。"
    assert say.coverage(TALLY) == plain
    assert say.coverage(TALLY | {"machine_visits": 1, "machine_events": 4000}) == (
        plain + "人とは思えない数のページを見た訪問1回(4,000行)は、機械によるものと見て除きました。"
    )
    assert say.coverage(TALLY | {"shared": 2}).endswith(
        "複数のお客様が使われた端末2台は、どなたのものとも見ていません。"
    )
    assert say.coverage(TALLY | {"events": 0}).startswith(
        "お店のページをご覧になった記録が、まだありません。記入用/events.csv"
    )


LEFT = pd.DataFrame(
    {
        "product": ["石けん", "<b>茶</b>"],
        "people": [70, 50],
        "customers": [40, 29],
        "left": [30, 28],
        "low": [0.6, 0.83],
        "high": [0.86, 0.99],
    }
)


def test_what_was_left() -> None:
    assert say.left_title(LEFT, 30) == "ご覧になって、まだ買われていない方がいちばん多いのは「石けん」です(30人)"
    assert say.left_table(LEFT, 30).to_dict("records") == [
        {
            "商品": "石けん",
            "ご覧になった方": "70人",
            "どなたか分かる方": "40人",
            "まだ買われていない方": "30人(60〜86%)",
        }
    ]
    few = "ご覧になったお客様がまだ足りません(1つの商品に、どなたか分かる方が50人から読み取れます)"
    assert say.left_title(LEFT, 50) == few
    assert say.left_title(LEFT.assign(left=0), 30) == "ご覧になって、まだ買われていない商品は見あたりません"
    page = tables.told(say.left_table(LEFT, 20), "題", instead="").data
    assert "<b>茶" not in page


def test_products_on_a_level_are_named_together() -> None:
    both = pd.concat([LEFT.iloc[:1], LEFT.iloc[:1].assign(product="茶")])
    assert say.left_title(both, 30).endswith("いちばん多いのは「石けん」と「茶」です(どちらも30人)")
    three = pd.concat([both, LEFT.iloc[:1].assign(product="塩")])
    assert say.left_title(three, 30).endswith("いちばん多いのは「石けん」と「茶」などです(30人)")


def test_the_cover_is_told_what_was_left() -> None:
    told = say.finding(LEFT, TALLY, 30)
    assert (told.key, told.figure, told.unit) == ("seen_not_bought", 30.0, "customer")
    assert told.sentence == f"{say.left_title(LEFT, 30)}。"
    assert "「石けん」" in told.next_step
    assert say.finding(LEFT, TALLY, 50).figure is None
    assert say.finding(LEFT.assign(left=0), TALLY, 30).figure is None
    assert say.finding(LEFT.iloc[:0], TALLY | {"events": 0}, 30).sentence == say.NO_EVENTS


def test_the_words_tell_the_days_of_the_rules() -> None:
    days = f"{BrowsingRules().follow_days}日"
    assert all(days in note for note in (say.COMPARED_NOTE, say.SIDES_NOTE, say.SOURCE_NOTE))


def pair(**other) -> pd.DataFrame:
    row = {
        "product": "甲", "other": "乙", "people": 80, "wins": 30, "other_wins": 10, "both": 2, "neither": 38,
        "value": 0.75, "low": 0.6, "high": 0.86,
    }  # fmt: skip
    return pd.DataFrame([row | other])


@pytest.mark.parametrize(
    ("other", "words"),
    [
        ({}, "「甲」は、「乙」と比べた方に、はっきり多く選ばれています"),
        ({"low": 0.1, "high": 0.4}, "「乙」は、「甲」と比べた方に、はっきり多く選ばれています"),
        ({"low": 0.5}, "比べられた品の中で、はっきり多く選ばれているものは見あたりません"),
        ({"wins": 19}, "比べてどちらを選ばれたかは、まだ読み取れません(どちらかを選ばれた方が30人から読み取れます)"),
    ],
)
def test_what_won(other: dict, words: str) -> None:
    assert say.compared_title(pair(**other), 30) == words


def test_a_share_needs_enough_who_chose() -> None:
    column = "前の品を選ばれた方"
    assert say.compared_table(pair(), 30)[column].tolist() == ["30人(60〜86%)"]
    assert say.compared_table(pair(wins=19), 30).empty
    assert say.compared_title(pair().iloc[:0], 30) == "比べてご覧になった記録は、まだありません"


def sides(**other) -> pd.DataFrame:
    rows = [(True, 20, 2.0, 3.0, 4.0, 0.25), (False, 30, 1.0, float("nan"), 2.0, 0.8)]
    names = ["has_bought", "people", "visits", "days", "products", "one_visit_ratio"]
    return pd.DataFrame(rows, columns=names).assign(**other)


def test_both_ways() -> None:
    assert (
        say.sides_title(sides(), 30)
        == "はじめて訪れた方の40%が、30日のうちに買われています(真ん中の方で、訪問2回、3日)"
    )
    assert say.sides_title(sides(days=0.0), 30).endswith("(真ん中の方で、訪問2回、その日のうち)")
    assert (
        say.sides_title(sides(people=10), 30)
        == "はじめての購入までの道のりは、まだ読み取れません(30人から読み取れます)"
    )
    assert say.sides_title(sides().iloc[1:], 30) == (
        "はじめての訪問から30日のうちに買われた方は、まだいらっしゃいません(30人中)"
    )
    assert say.sides_table(sides()).to_dict("records")[1] == {
        "どなた": "買われなかった方",
        "人数": "30人",
        "訪問": "1回",
        "買われるまで": "—",
        "ご覧になった品": "2品",
        "訪問が1回だけの方": "80%",
    }


def sources(lows: tuple[float, float]) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "source": ["検索", "広告"],
            "people": [90, 60],
            "buyers": [45, 12],
            "value": [0.5, 0.2],
            "low": lows,
            "high": [0.6, 0.32],
        }
    )


def test_who_is_left_out_is_counted() -> None:
    # 9 people came, of whom the way of 5 is known; of 157 who walked, 150 tell their source
    five = sides(people=[2, 3])
    assert say.sides_note(five, TALLY) == f"{say.SIDES_NOTE}その方は4人です。"
    assert say.sides_note(five, TALLY | {"people": 5}) == say.SIDES_NOTE
    told = sources((0.4, 0.12))  # 150 people
    assert say.source_note(told, sides(people=[100, 57])) == f"{say.SOURCE_NOTE}分からない方は7人です。"
    assert say.source_note(told, sides(people=[100, 50])) == say.SOURCE_NOTE


def test_a_source_is_named_only_where_it_surely_differs() -> None:
    assert say.source_title(sources((0.4, 0.12)), 30) == "買われた割合がいちばん高いのは、きっかけが「検索」の方々です"
    assert say.source_title(sources((0.3, 0.12)), 30) == "きっかけによる買われる割合のちがいは、はっきりとはありません"
    few = "きっかけごとのちがいは、まだ読み取れません(1つのきっかけに70人から読み取れます)"
    assert say.source_title(sources((0.4, 0.12)), 70) == few


def test_a_shop_without_visits_has_a_page_without_holes(make_client) -> None:
    text = "注文番号,顧客番号,注文日時,金額,商品名\n1,A,2026-06-01,100,石けん\n"
    folder = make_client({"orders.csv": text}, "  orders: [{files: data/orders.csv, mapping: generic}]")
    found = browsed.browsed(assortment.assortment(Shop.open(folder, as_of="")))
    assert say.coverage(found.tally) == say.NO_EVENTS
    assert say.left_table(found.left, 30).empty
    assert say.compared_table(found.compared, 30).empty
    assert say.sides_table(found.sides).empty
    assert say.pages_table(found.last_pages).empty
    assert say.sides_title(found.sides, 30).startswith("はじめての購入までの道のりは、まだ読み取れません")
