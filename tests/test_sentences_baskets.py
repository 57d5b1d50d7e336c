"""What is bought together, in words: the surest pair first, both ways round, what is left out; and the demo's pair."""

from pathlib import Path

import ibis
import pandas as pd
import pytest

from horetsu_utils import assortment, demo, engine
from horetsu_utils.affinity_rules import AffinityRules
from horetsu_utils.baskets import Baskets, Together, together
from horetsu_utils.charts import signed, tables
from horetsu_utils.sentences import baskets as say
from horetsu_utils.shop import Shop

SOLD = {"origin": "string", "order_id": "string", "customer_id": "string", "product": "string"}
NAMES = {"a": "茶", "b": "菓子", "c": "<b>器</b>", "d": "花"}


def shop(words: list[str], **rules) -> Together:
    """Sell one order a word, one product a letter, each to its own customer; after `?` nobody knows to whom."""
    rows = [
        ("店", f"{number:04d}", None if word.startswith("?") else f"C{number}", NAMES[letter])
        for number, word in enumerate(words)
        for letter in word.removeprefix("?")
    ]
    lines = ibis.memtable([dict(zip(SOLD, row, strict=True)) for row in rows], schema=SOLD)
    return together(engine.connect(), lines, rules=AffinityRules(**rules))


def told(baskets: Baskets, kind: say.Kind = say.IN_ORDER) -> tuple[str, pd.DataFrame, str]:
    rules = baskets.rules
    title = say.title(baskets.pairs, baskets.counts, kind, rules.claim_baskets)
    note = say.note(baskets.pairs, baskets.counts, kind, least=rules.least_baskets, most_products=rules.most_products)
    return title, say.table(baskets.pairs, baskets.counts, kind, rules.claim_baskets), note


MIXED = ["ab"] * 30 + ["a"] * 10 + ["c"] * 30 + ["d"] * 30


def test_the_surest_pair_in_words() -> None:
    title, table, note = told(shop(MIXED).in_order)
    # 30 of 100 orders hold both, 40 tea, 30 sweets: 30 × 100 / (40 × 30) = 2.5; all with sweets hold tea
    assert title == "同じご注文で買われることが目立つのは、「茶」と「菓子」です(たまたま重なる場合の2.5倍)"
    assert table.to_dict("records") == [
        {
            "商品": "菓子",
            "いっしょに買われる商品": "茶",
            "回数": "30回",
            "割合": "100.0%",
            "何倍": "2.5倍(少なくとも2.0倍)",
        }
    ]
    assert note.startswith("100回のご注文から、5回以上あった組み合わせを数えました。")


def test_by_customer_people_are_counted() -> None:
    found = shop(["?ab", *MIXED])
    title, table, note = told(found.by_customer, say.BY_CUSTOMER)
    assert title.startswith("同じお客様に買われることが目立つのは")
    assert table["人数"].tolist() == ["30人"]
    assert note.startswith("100人のお客様から、5人以上あった")
    assert say.unnamed(found.unnamed) == "どなたのご注文か分からない1回は、数えていません。"
    assert say.unnamed(0) == ""


def test_few_orders_claim_nothing() -> None:
    title, table, _ = told(shop(["ab"] * 29).in_order)
    assert title == "ご注文がまだ29回のため、組み合わせは読み取れません(30回から読み取れます)"
    assert table.empty


def test_what_is_bought_alone_or_by_chance() -> None:
    assert told(shop(["a"] * 40).in_order)[0] == "同じご注文で2つ以上の商品が買われたことは、まだありません"
    chance = ["ab"] * 25 + ["a"] * 25 + ["b"] * 25 + ["c"] * 25
    assert told(shop(chance).in_order)[0] == "同じご注文で買われることがはっきり多い組み合わせは、見あたりません"
    assert told(shop([]).in_order)[0] == "ご注文がまだ0回のため、組み合わせは読み取れません(30回から読み取れます)"


def test_large_baskets_are_set_aside_and_told() -> None:
    title, _, note = told(shop([*MIXED, "abcd", "abcd"], most_products=3).in_order)
    assert "「茶」と「菓子」" in title
    assert note.endswith("商品が3種類より多いご注文(2回、最大4種類)は、まとめ買いと見て数えていません。")


def test_a_basket_of_500_lines_is_set_aside() -> None:
    rows = [("店", "1", "C1", f"商品{number}") for number in range(500)]
    rows += [("店", f"{number}", f"C{number}", name) for number in range(2, 40) for name in ("茶", "菓子")]
    lines = ibis.memtable([dict(zip(SOLD, row, strict=True)) for row in rows], schema=SOLD)
    found = together(engine.connect(), lines, rules=AffinityRules()).in_order
    assert (found.counts["set_aside"], found.counts["largest"], found.counts["whole"]) == (1, 500, 38)
    assert len(found.pairs) == 1


def test_names_are_only_text() -> None:
    words = ["ac"] * 30 + ["a", "d"] * 20
    title, table, note = told(shop(words).in_order)
    page = tables.told(table, title, note=note, instead="").data
    assert "<b>器" not in page
    assert "&lt;b&gt;器" in page


def test_the_crossed_picture_and_the_finding() -> None:
    baskets = shop(MIXED).in_order
    picture = say.drawn_crossed(signed.crossed, baskets, say.IN_ORDER, least=5)
    # by chance 40 × 30 / 100 = 12 of the 30 would meet
    assert picture.title == "「茶」と「菓子」が重なったのは30回で、たまたま重なる数より約18回多くなっています"
    found = say.finding(baskets.pairs, baskets.counts, 30)
    assert found.figure == pytest.approx(2.5)
    few = shop(["ab"] * 3).in_order
    assert say.finding(few.pairs, few.counts, 30).figure is None
    assert say.drawn_crossed(signed.crossed, few, say.IN_ORDER, least=5).alt


def test_the_demos_planted_pair_is_the_surest(demo_client: Path) -> None:
    opened = Shop.open(demo_client, as_of="")
    found = together(opened.connection, assortment.assortment(opened).sold, rules=AffinityRules()).in_order
    truths, lines = demo.build().truths, opened.product_lines
    names = lines.filter(lines.product_id.isin(truths.pair)).product_name.to_pyarrow().to_pylist()
    first = found.pairs.iloc[0]
    assert {first["product"], first["other"]} == set(names)
    assert first["low"] > 2
