"""Whole shops: prepared by the ingest, measured by the kit, and computed again in plain pandas."""

from collections import Counter
from pathlib import Path

import pandas as pd
import pytest
from by_hand import plain_decile, plain_rfm, plain_scores, plain_segment, plain_state

from horetsu_utils import demo
from horetsu_utils.client import secret
from horetsu_utils.ingest import identity
from horetsu_utils.metrics import rfm, value
from horetsu_utils.shop import Shop


def measured(shop: Shop) -> pd.DataFrame:
    known = rfm.rfm(shop.orders, as_of=shop.as_of, period_days=shop.rules.period_days).cache()
    scored = rfm.segment(rfm.score(known, rfm.cut_points(known)), shop.rules.segments)
    whole = value.portfolio(value.state(scored, rules=shop.rules.state), rules=shop.rules.cpm).cache()
    ranked = value.decile(whole).select("customer_id", "decile").to_pandas().set_index("customer_id")
    return whole.to_pandas().set_index("customer_id").sort_index().join(ranked)


@pytest.fixture(scope="module")
def demo_shop(demo_client) -> Shop:
    return Shop.open(demo_client, as_of="")


@pytest.fixture(scope="module")
def built() -> demo.Demo:
    return demo.build()


@pytest.fixture(scope="module")
def demo_customers(demo_shop) -> pd.DataFrame:
    return measured(demo_shop)


@pytest.fixture(scope="module")
def uci(uci_client: Path) -> Shop:
    return Shop.open(uci_client, as_of="")


def test_the_demo_shop_agrees_customer_by_customer_with_plain_pandas(demo_customers, demo_shop, built) -> None:
    lines = built.tables["orders"]
    paid = lines[lines["status"].isna() | (lines["status"] == "paid")]
    guests = paid["customer_id"].str.contains("@")
    hashed = paid["customer_id"].map(identity.Hasher(secret(demo_shop.client), "mail:", identity.mail))
    paid = paid.assign(customer_id=paid["customer_id"].where(~guests, hashed))
    orders = paid.groupby(["order_id", "customer_id"], as_index=False)
    orders = orders.agg(at=("ordered_at", "min"), yen=("amount", "sum"))
    orders = orders.assign(day=orders["at"].dt.normalize(), cents=orders["yen"].astype("int64") * 100, bought=True)
    plain = plain_rfm(orders, demo_shop.as_of)
    assert demo_customers.index.tolist() == plain.index.tolist()
    for column in ("recency_days", "frequency", "monetary_yen", "lifetime_orders", "lifetime_yen", "tenure_days"):
        assert demo_customers[column].tolist() == plain[column].tolist(), column
    scores = plain_scores(plain)
    assert demo_customers[scores.columns].to_dict("list") == scores.to_dict("list")


def test_the_planted_groups_of_the_demo_come_out(demo_customers, built) -> None:
    groups = {name: demo_customers.loc[list(people)] for name, people in built.truths.groups.items()}
    champions, lapsed = groups["champion"], groups["lapsed"]
    assert (champions["segment"] == "loyal").mean() > 0.9
    assert set(champions["state"]) <= {"fan", "repeat"} and (champions["state"] == "fan").mean() > 0.6
    assert set(lapsed["state"]) == {"dormant"}
    assert set(lapsed["segment"]) <= {"dormant", "at_risk", "cooling_loyal"}
    assert (lapsed["segment"] == "dormant").mean() > 0.6
    assert (groups["growing"]["segment"].isin(["loyal", "stable"])).all()


def test_the_demo_shop_looks_on_a_past_day_as_it_looked_then(demo_client, built) -> None:
    past = Shop.open(demo_client, as_of="2025-12-31")
    lines = built.tables["orders"]
    known = lines[(lines["status"] == "paid") & (lines["ordered_at"] < "2026-01-01")]
    found = rfm.rfm(past.orders, as_of=past.as_of)
    assert found.count().to_pandas() == known["customer_id"].nunique()
    assert found.lifetime_orders.sum().to_pandas() == known["order_id"].nunique()


def test_uci_agrees_with_plain_pandas(uci) -> None:
    orders = uci.orders.to_pandas()
    lines = orders.assign(
        day=pd.to_datetime(orders["ordered_on"]),
        cents=(orders["amount"].astype("float64") * 100).round().astype("int64"),
        bought=orders["is_purchase"],
    )
    plain = plain_rfm(lines, uci.as_of)
    found = measured(uci)
    assert len(found) > 4000 and found.index.tolist() == plain.index.tolist()
    plain = plain.join(plain_scores(plain))
    segments = plain.apply(plain_segment, axis=1, rules=uci.rules.segments)
    assert Counter(found["segment"]) == Counter(segments)
    assert Counter(found["state"]) == Counter(plain_state(plain, uci.rules.state.dormant_days))
    assert Counter(found["decile"].dropna().astype("int64")) == Counter(plain_decile(plain))
