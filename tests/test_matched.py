"""The matches of whole shops: the demo's planted products, silence by its own guard, nothing later leaks in."""

import datetime as dt
from pathlib import Path

import pandas as pd
import pytest

from horetsu_utils import demo, matched, selling
from horetsu_utils.matched import Matched
from horetsu_utils.metrics import matching
from horetsu_utils.sentences import matching as say
from horetsu_utils.shop import Shop

LEAST = 30


@pytest.fixture(scope="module")
def shop(demo_client: Path) -> Shop:
    return Shop.open(demo_client, as_of="")


@pytest.fixture(scope="module")
def matches(shop: Shop) -> Matched:
    return matched.matched(selling.selling(shop))


@pytest.fixture(scope="module")
def chosen(matches: Matched) -> pd.DataFrame:
    return matches.chosen.to_pandas()


def named(product_id: str) -> str:
    lines = demo.build().tables["orders"]
    return str(lines.loc[lines["product_id"] == product_id, "product_name"].iloc[0])


def test_where_to_be_silent_is_read_from_the_guard(matches: Matched) -> None:
    assert (matches.rules.silent_stages, matches.rules.quiet_stages) == ((0,), (1,))


def test_the_planted_products_come_out(chosen: pd.DataFrame) -> None:
    truths = demo.build().truths
    kinds = chosen.groupby("kind")
    due = kinds.get_group("replenish")
    assert set(due["product"]) == {named(truths.replenished_product)}
    assert due["days"].between(25, 35).all()
    lead, follower = map(named, truths.flow)
    followed = kinds.get_group("next")
    assert set(zip(followed["because"], followed["product"], strict=True)) >= {(lead, follower)}
    one, other = map(named, truths.pair)
    beside = kinds.get_group("together")
    best = beside.sort_values("low", ascending=False).iloc[0]
    assert {best["because"], best["product"]} == {one, other}


def test_nobody_is_offered_what_does_not_become_their_stage(matches: Matched, chosen: pd.DataFrame) -> None:
    known = matches.stages.to_pandas().set_index("customer_id")
    theirs = known.loc[chosen["customer_id"]]
    assert not theirs["cooling"].any()
    assert (theirs["stage"] > 0).all()
    landed = chosen[theirs["stage"].eq(1).to_numpy()]
    assert set(landed["kind"]) <= {"again", "replenish"}


def test_never_what_they_returned_or_just_bought(matches: Matched, chosen: pd.DataFrame) -> None:
    back = matches.selling.assortment.sent_back.to_pandas()
    pairs = set(zip(chosen["customer_id"], chosen["product"], strict=True))
    assert len(back)
    assert not pairs & set(zip(back["customer_id"], back["product"], strict=True))
    sold = matches.selling.assortment.sold.to_pandas()
    recent = sold[pd.to_datetime(sold["ordered_on"]) >= pd.Timestamp(matches.shop.as_of) - pd.Timedelta(days=30)]
    fresh = chosen[chosen["kind"] != "replenish"]
    assert not set(zip(fresh["customer_id"], fresh["product"], strict=True)) & set(
        zip(recent["customer_id"], recent["product"], strict=True)
    )
    assert chosen.groupby("customer_id")["place"].max().max() <= 3


def test_the_trial_agrees_with_plain_pandas(matches: Matched, shop: Shop) -> None:
    rows = matches.trial(90).set_index("way")
    cut = shop.as_of - dt.timedelta(days=90)
    back = matches.selling.assortment.sent_back
    then = matching.chosen(matches._candidates(cut), back.filter(back.returned_on <= cut), rules=matches.rules)
    picks = then.to_pandas()
    sold = matches.selling.assortment.sold.to_pandas()
    days = pd.to_datetime(sold["ordered_on"])
    later = sold[(days > pd.Timestamp(cut)) & (days <= pd.Timestamp(shop.as_of))]
    bought = later.groupby("customer_id")["product"].agg(set)
    mine = picks.groupby("customer_id")["product"].agg(set)
    people = mine.index.intersection(bought.index)
    year = sold[(days <= pd.Timestamp(cut)) & (days > pd.Timestamp(cut) - pd.Timedelta(days=365))]
    sellers = set(year.groupby("product")["customer_id"].nunique().sort_values(ascending=False).index[:3])
    near = sold[(days <= pd.Timestamp(cut)) & (days >= pd.Timestamp(cut) - pd.Timedelta(days=30))]
    had = near.groupby("customer_id")["product"].agg(set)
    hits = sum(bool(mine[who] & bought[who]) for who in people)
    before = sold[days <= pd.Timestamp(cut)].dropna(subset="customer_id")
    last_day = before[before["ordered_on"] == before.groupby("customer_id")["ordered_on"].transform("max")]
    often = before.groupby(["customer_id", "product"])["ordered_on"].nunique()
    yardsticks = {
        "sellers": lambda who: sellers,
        "fresh": lambda who: sellers - had.get(who, set()),
        "last": lambda who: set(sorted(last[who], key=lambda product: (-often[who, product], product))[:3]),
    }
    last = last_day.groupby("customer_id")["product"].agg(set)
    for way, offered in yardsticks.items():
        theirs = sum(bool(offered(who) & bought[who]) for who in people)
        row = rows.loc[way]
        assert (row["customers"], row["hits"], row["seller_hits"]) == (len(people), hits, theirs)
        assert row["gain"] == pytest.approx((hits - theirs) / len(people))


def test_the_silent_trial_leaves_out_whom_the_stage_of_that_day_forbade(matches: Matched, demo_client: Path) -> None:
    """The stages of that day, read off today's spells, are those of a shop opened on that day."""
    days = 90
    then = matches.shop.as_of - dt.timedelta(days=days)
    early = matched.matched(selling.selling(Shop.open(demo_client, as_of=then)))
    offered = set(early.chosen.customer_id.to_pandas())
    sold = matches.selling.assortment.sold.to_pandas()
    later = sold[pd.to_datetime(sold["ordered_on"]) > pd.Timestamp(then)]
    row = matches.trial(days).set_index("way").loc["silent"]
    assert row["customers"] == len(offered & set(later["customer_id"].dropna())) > LEAST


def test_what_came_later_changes_no_match(matches: Matched, demo_client: Path) -> None:
    """The matches of an earlier day are the same whether or not the files go on."""
    day = dt.date(2026, 3, 1)
    early = matched.matched(selling.selling(Shop.open(demo_client, as_of=day)))
    columns = ["customer_id", "product", "kind", "because", "low"]
    both = [
        each.to_pandas().sort_values(columns)[columns].reset_index(drop=True)
        for each in (matches._candidates(day), early._candidates(day))
    ]
    pd.testing.assert_frame_equal(*both)


def test_the_demo_in_words(matches: Matched) -> None:
    assert say.title(matches.counts).startswith("買われた方の45%(1,296人)に")
    words = "90日前までの記録で選んだ品より、売れ筋の3つのほうが、その後に多くの方に買われています(40.8%と48.9%)"
    assert say.trial_title(matches.trial(90), LEAST) == words
    assert say.named(matches.by_product, matches.trial(90), LEAST).empty
    assert say.quiet(matches.counts) == "合いそうな品のある方のうち625人には、前にも選ばれた品だけを選んでいます。"
    assert say.silence_title(matches.silences) == "1,309人には、今は何もおすすめしません"


def test_a_shop_with_one_order(make_client) -> None:
    text = "注文番号,顧客番号,注文日時,金額,商品名\n1,A,2026-06-01,100,石けん\n"
    folder = make_client({"orders.csv": text}, "  orders: [{files: data/orders.csv, mapping: generic}]")
    lone = matched.matched(selling.selling(Shop.open(folder, as_of="")))
    assert (lone.counts, lone.by_product.empty) == ({"buyers": 1, "matched": 0, "quiet": 0}, True)
    assert say.title(lone.counts) == "今、お一人ずつに合いそうな品は、まだ選べません"
    assert say.trial_title(lone.trial(90), LEAST).startswith(say.NO_TRIAL)
    assert say.table(lone.by_product).empty
    assert lone.chosen.count().to_pyarrow().as_py() == 0
