import datetime as dt

import ibis
import pytest
from histories import bought, refunded, tables, touched

from horetsu_utils.metrics import hindsight

THEN, NOW = dt.date(2026, 4, 1), dt.date(2026, 6, 30)
KNOWN = {
    "customer_id": "string", "recency_days": "int64", "frequency": "int64", "monetary_yen": "float64",
    "stage": "int8", "cooling": "boolean",
}  # fmt: skip


def known(rows: list, people: dict[str, int]) -> list[dict]:
    facts = [
        {"customer_id": who, "recency_days": 9, "frequency": 1, "monetary_yen": 1.0, "stage": at, "cooling": False}
        for who, at in people.items()
    ]
    then = ibis.memtable(facts, schema=KNOWN)
    shop = tables(rows)
    table = hindsight.known_then(then, then, shop["orders"], shop["touchpoints"], until=(THEN, NOW))
    return table.order_by("customer_id").to_pyarrow().to_pylist()


def test_only_what_came_after_the_day_and_up_to_today_followed() -> None:
    rows = [
        bought("A", "2026-04-01"),  # on the day itself: known then
        bought("B", "2026-04-02"),  # the first day after
        bought("C", "2026-06-30"),  # today
        bought("D", "2026-07-01"),  # not yet
        refunded("E", "2026-05-01"),  # no purchase
        touched("A", "2026-05-01", "referral"),
        touched("B", "2026-04-01", "referral"),
        touched("C", "2026-05-01", "review"),
    ]
    found = known(rows, dict.fromkeys("ABCDE", 1))
    assert [row["ordered"] for row in found] == [False, True, True, False, False]
    assert [row["referred"] for row in found] == [True, False, False, False, False]


def test_rates_by_stage_with_wilsons_interval() -> None:
    rows = [bought(f"{place}", "2026-05-01") for place in range(3)]
    people = {f"{place}": 0 if place < 10 else 2 for place in range(12)}
    found = known(rows, people)
    table = ibis.memtable(found, schema=KNOWN | {"stage": "int64", "ordered": "boolean", "referred": "boolean"})
    low, high = hindsight.by_stage(table, outcome="ordered").to_pyarrow().to_pylist()
    # 3 of 10: centre (0.3 + 3.8415 / 20) / 1.38415 = 0.35551, half width 0.24776 (z = 1.96)
    assert (low["stage"], low["customers"], low["value"]) == (0, 10, pytest.approx(0.3))
    assert low["low"] == pytest.approx(0.10779, abs=1e-5)
    assert low["high"] == pytest.approx(0.60323, abs=1e-5)
    assert (high["stage"], high["customers"], high["value"]) == (2, 2, 0.0)


def test_nobody_known_then_has_no_rates() -> None:
    table = ibis.memtable([], schema=KNOWN | {"ordered": "boolean", "referred": "boolean"})
    assert hindsight.by_stage(table, outcome="ordered").count().to_pyarrow().as_py() == 0
