"""The shop's practice: each count by hand, at the edges of the period and of the stay, and on the demo shop."""

import datetime as dt
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

import ibis
import ibis.expr.types as ir
import pyarrow as pa
import pytest
from by_hand import AS_OF, ago, bought, credited, orders, records

from horetsu_utils import demo, diagnosing
from horetsu_utils.metrics import practice
from horetsu_utils.shop import Shop

LINE = {
    "origin": "string",
    "order_id": "string",
    "customer_id": "string",
    "ordered_at": "timestamp(6)",
    "amount": "decimal(18, 4)",
    "discount": "decimal(18, 4)",
    "status": "string",
}
CONTACT = {
    "customer_id": "string",
    "at": "timestamp(6)",
    "direction": "string",
    "step_id": "string",
    "campaign_id": "string",
}
YEAR = {"as_of": AS_OF, "period_days": 365}


def at(days: int) -> dt.datetime:
    return dt.datetime.combine(ago(days), dt.time(23, 59))


def lines(*rows: dict[str, Any]) -> ir.Table:
    plain = {"origin": "shop", "customer_id": "A", "amount": 100, "status": "paid"}
    told = [{name: (plain | row).get(name) for name in LINE} for row in rows]
    money = {
        name: [None if row[name] is None else Decimal(row[name]) for row in told] for name in ("amount", "discount")
    }
    columns = {name: [row[name] for row in told] for name in LINE} | money
    return ibis.memtable(pa.table(columns, schema=ibis.schema(LINE).to_pyarrow()))


def contacts(rows: Iterable[dict[str, Any]]) -> ir.Table:
    return ibis.memtable([{name: row.get(name) for name in CONTACT} for row in rows], schema=CONTACT)


def test_known_orders_by_hand() -> None:
    table = lines(
        {"order_id": "1", "ordered_at": at(0)},
        {"order_id": "1", "ordered_at": at(0), "amount": 200},  # a second line of the same order
        {"order_id": "2", "ordered_at": at(364), "customer_id": None, "amount": 700},
        {"order_id": "2", "ordered_at": at(364), "origin": "mall"},  # the same number of another system
        {"order_id": "3", "ordered_at": at(365)},  # a day before the period
        {"order_id": "4", "ordered_at": at(10), "status": "returned"},
    )
    found = records(practice.known_orders(table, **YEAR), by=None)
    assert found == [(2, 3, 400, 1100, 365)]


def test_known_tenure_by_hand() -> None:
    bills = [
        bought("A", ago(900), 1), bought("A", ago(5), 1),  # of the first day on record: who knows since when
        bought("B", ago(720), 1), bought("B", ago(5), 1),  # 180 days after it: not more than 180
        bought("C", ago(719), 1), bought("C", ago(5), 1),  # 181 days after it
        bought("D", ago(800), 1), bought("D", ago(5), 1),  # early, but registered on a day on record
        bought("E", ago(10), 1),
        bought("F", ago(800), 1),  # no buyer of the year
        credited("G", ago(3), 1),  # a credit note makes no buyer
    ]  # fmt: skip
    people = ibis.memtable(
        [{"customer_id": "D", "registered_at": at(800)}, {"customer_id": "A", "registered_at": None}],
        schema={"customer_id": "string", "registered_at": "timestamp(6)"},
    )
    table = practice.known_tenure(orders(bills), people, **YEAR, early_days=180)
    assert records(table, "known", "buyers", by=None) == [(3, 5)]  # C, D and E of A to E


def test_planned_contacts_by_hand() -> None:
    rows = [
        {"customer_id": "A", "at": at(1), "direction": "out", "step_id": "S1"},
        {"customer_id": "A", "at": at(2), "direction": None, "campaign_id": "C1"},  # without a direction: the shop's
        {"customer_id": "A", "at": at(3), "direction": "out"},
        {"customer_id": "A", "at": at(4), "direction": "in", "step_id": "S1"},  # the customer's own
        {"customer_id": "A", "at": at(365), "direction": "out"},
    ]
    assert records(practice.planned_contacts(contacts(rows), **YEAR), "planned", "contacts", by=None) == [(2, 3)]


def test_contacts_to_all_states_by_hand() -> None:
    stated = ibis.memtable({"customer_id": ["A", "B", "C", "D"], "state": ["new", "repeat", "dormant", "dormant"]})
    rows = [{"customer_id": who, "at": at(1), "campaign_id": "all"} for who in "ABCD"]
    rows += [{"customer_id": who, "at": at(1), "campaign_id": "two"} for who in "ABB"]
    rows += [{"customer_id": "A", "at": at(1)}, {"customer_id": "X", "at": at(1), "campaign_id": "two"}]
    table = practice.to_all_states(contacts(rows), stated, **YEAR)
    # four contacts reached all three states; three of "two" did not; X is nobody known
    assert records(table, "to_all", "contacts", "states", by=None) == [(4, 7, 3)]


def test_welcomed_stages_by_hand() -> None:
    rows = [(0, "返事をくださる"), (0, "記録を続ける"), (1, " "), (2, "ご紹介"), (None, "ご注文"), (3, None)]
    plan = ibis.memtable(rows, schema={"stage": "int64", "welcome_action": "string"})
    assert records(practice.welcomed_stages(plan), "welcomed", "stages", "steps", by=None) == [(2, 5, 5)]


def test_discounts_by_hand() -> None:
    bills = ibis.memtable(
        [
            {"customer_id": "A", "ordered_on": ago(1), "is_purchase": True, "discounted": True},
            {"customer_id": "B", "ordered_on": ago(364), "is_purchase": True, "discounted": False},
            {"customer_id": "C", "ordered_on": ago(365), "is_purchase": True, "discounted": True},
            {"customer_id": "D", "ordered_on": ago(1), "is_purchase": False, "discounted": True},
        ],
        schema={"customer_id": "string", "ordered_on": "date", "is_purchase": "boolean", "discounted": "boolean"},
    )
    table = lines(
        {"order_id": "1", "ordered_at": at(1), "discount": 50},
        {"order_id": "1", "ordered_at": at(1), "amount": -30},  # a discount on a line of its own
        {"order_id": "2", "ordered_at": at(364), "discount": 0},
        {"order_id": "3", "ordered_at": at(365), "discount": 500},
        {"order_id": "4", "ordered_at": at(1), "discount": 90, "status": "returned"},
        {"order_id": "5", "ordered_at": at(1)},
    )
    found = records(practice.discounted(bills, table, **YEAR), "discounted", "orders", "discount_yen", "told", by=None)
    assert found == [(1, 2, 80, 4)]


def test_greeted_dormant_by_hand() -> None:
    bills = [bought(who, ago(days), 1) for who, days in {"A": 300, "B": 300, "C": 181, "D": 180, "E": 300}.items()]
    rows = [
        {"customer_id": "A", "at": at(119)},  # 181 days after the last order
        {"customer_id": "A", "at": at(100)},
        {"customer_id": "B", "at": at(120)},  # 180 days after: not dormant yet
        {"customer_id": "E", "at": at(10), "direction": "in"},
        {"customer_id": "D", "at": at(0)},
    ]
    table = practice.greeted_dormant(orders(bills), contacts(rows), as_of=AS_OF, dormant_days=180)
    assert records(table, "greeted", "dormant", by=None) == [(1, 4)]  # A of A, B, C and E; D is not dormant


def test_nothing_sold_and_nobody_contacted_is_nothing() -> None:
    assert records(practice.known_orders(lines(), **YEAR), by=None) == [(0, 0, None, None, None)]
    nobody = ibis.memtable([], schema={"customer_id": "string", "registered_at": "timestamp(6)"})
    assert records(practice.known_tenure(orders([]), nobody, **YEAR, early_days=180), by=None) == [(0, 0)]
    assert records(practice.planned_contacts(contacts([]), **YEAR), by=None) == [(0, 0)]
    stated = ibis.memtable([], schema={"customer_id": "string", "state": "string"})
    assert records(practice.to_all_states(contacts([]), stated, **YEAR), by=None) == [(0, 0, 0)]
    assert records(practice.greeted_dormant(orders([]), contacts([]), as_of=AS_OF, dormant_days=1), by=None) == [(0, 0)]


@pytest.fixture(scope="module")
def verdicts(demo_client) -> dict[str, tuple[str, float]]:
    found = diagnosing.diagnosing(Shop.open(demo_client, as_of="")).verdicts
    return {row["question"]: (row["verdict"], row["value"]) for row in found.to_dict("records")}


def test_of_the_demo_only_the_planted_answer_is_contradicted(verdicts: dict[str, tuple[str, float]]) -> None:
    contradicted = tuple(question for question, (verdict, _) in verdicts.items() if verdict == "contradicted")
    assert contradicted == demo.build().truths.contradicted_questions


def test_the_discounts_of_the_demo_are_those_planted(verdicts: dict[str, tuple[str, float]]) -> None:
    assert verdicts["Q8"][1] == pytest.approx(demo.build().truths.discount_ratio, abs=0.02)


def test_the_silence_of_the_demo_is_its_hole(verdicts: dict[str, tuple[str, float]]) -> None:
    first, last = demo.build().truths.hole_days
    assert verdicts["Q4"][1] >= last - first + 1
