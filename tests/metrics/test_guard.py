import datetime as dt

import ibis
import pytest
from histories import tables, touched

from horetsu_utils.metrics import guard
from horetsu_utils.relation import ContactRules

RULES = ContactRules(signup_days=30, long_days=7, week_days=7, contacts_a_week=3)
PEOPLE = {"A": (0, "new"), "B": (0, "loyal"), "C": (2, "loyal"), "D": (4, None)}
ON = dt.date(2026, 7, 10)


def memory(rows: list[dict], **schema: str) -> ibis.Table:
    return ibis.memtable(rows, schema=schema)


CUSTOMERS = memory(
    [{"customer_id": who, "stage": stage, "segment": segment} for who, (stage, segment) in PEOPLE.items()],
    customer_id="string", stage="int8", segment="string",
)  # fmt: skip


def aimed(*aims: tuple[int, str, str]) -> ibis.Table:
    rows = [{"plan": plan, "kind": kind, "value": value} for plan, kind, value in aims]
    return guard.audience(memory(rows, plan="int64", kind="string", value="string"), CUSTOMERS)


def dated(*plans: tuple[int, dt.date], stage: int | None = None) -> ibis.Table:
    extra = {} if stage is None else {"stage": stage}
    rows = [{"plan": plan, "date": date} | extra for plan, date in plans]
    return memory(rows, plan="int64", date="date", **dict.fromkeys(extra, "int64"))


def pairs(table: ibis.Table) -> set[tuple[int, str]]:
    return {(row["plan"], row["customer_id"]) for row in table.to_pyarrow().to_pylist()}


def test_an_aim_reaches_a_stage_a_segment_named_customers_or_all() -> None:
    found = aimed(
        (0, "stage", "0"), (1, "segment", "loyal"), (2, "customer", "D"), (2, "customer", "X"), (3, "all", "")
    )
    assert pairs(found) == {
        (0, "A"), (0, "B"), (1, "B"), (1, "C"), (2, "D"), (3, "A"), (3, "B"), (3, "C"), (3, "D"),
    }  # fmt: skip


def test_two_aims_at_one_customer_reach_them_once() -> None:
    found = aimed((0, "stage", "0"), (0, "segment", "new"))
    assert found.count().to_pyarrow().as_py() == 2


def test_an_action_is_forbidden_in_its_stage_only() -> None:
    rows = [{"plan": 0, "rule": "offer_now", "stage": 0}, {"plan": 0, "rule": "auto_reply", "stage": 2}]
    actions = memory(rows, plan="int64", rule="string", stage="int64")
    found = guard.forbidden(aimed((0, "all", "")), actions)
    assert {(row["rule"], row["customer_id"]) for row in found.to_pyarrow().to_pylist()} == {
        ("offer_now", "A"), ("offer_now", "B"), ("auto_reply", "C"),
    }  # fmt: skip
    told = guard.verdicts(found).to_pyarrow().to_pylist()
    assert told == [
        {"plan": 0, "rule": "offer_now", "stage": 0, "customers": 2},
        {"plan": 0, "rule": "auto_reply", "stage": 2, "customers": 1},
    ]


@pytest.mark.parametrize(("days", "breaks"), [(0, True), (30, True), (31, False), (-1, False)])
def test_a_discount_breaks_the_rule_up_to_the_last_day_after_signup(days: int, breaks: bool) -> None:
    known = memory(
        [{"customer_id": "A", "known_on": ON - dt.timedelta(days=days)}], customer_id="string", known_on="date"
    )
    found = guard.soon_after_signup(aimed((0, "all", "")), dated((0, ON), stage=0), known, rules=RULES)
    assert pairs(found) == ({(0, "A")} if breaks else set())


@pytest.mark.parametrize(("apart", "breaks"), [(0, True), (6, True), (7, False)])
def test_two_long_letters_within_seven_days_break_the_rule_by_the_later(apart: int, breaks: bool) -> None:
    letters = dated((0, ON), (1, ON + dt.timedelta(days=apart)), stage=0)
    nothing = memory([], customer_id="string", on="date")
    found = guard.in_series(aimed((0, "stage", "0"), (1, "customer", "A")), letters, nothing, rules=RULES)
    assert pairs(found) == ({(1, "A")} if breaks else set())


@pytest.mark.parametrize(("ago", "breaks"), [(1, True), (6, True), (7, False)])
def test_a_long_letter_that_was_sent_counts_too(ago: int, breaks: bool) -> None:
    sent = memory([{"customer_id": "A", "on": ON - dt.timedelta(days=ago)}], customer_id="string", on="date")
    found = guard.in_series(aimed((0, "stage", "0")), dated((0, ON), stage=0), sent, rules=RULES)
    assert pairs(found) == ({(0, "A")} if breaks else set())


def contacts(*days: int, channel: str = "メール", direction: str = "out") -> ibis.Table:
    rows = [touched("A", ON - dt.timedelta(days=day), "none", channel, direction) for day in days]
    return tables(rows)["touchpoints"]


@pytest.mark.parametrize(
    ("sent", "breaks"),
    [
        (contacts(1, 3, 6), True),  # with the plan itself the fourth within seven days
        (contacts(1, 3, 7), False),  # one lies a day too far back
        (contacts(1, 3), False),
        (contacts(1, 3, 6, channel="同梱物"), False),  # what lies in the parcel is not counted
        (contacts(1, 3, 6, direction="in"), False),  # nor is what the customer sent
    ],
)
def test_contacts_of_a_week_are_counted_from_what_was_sent_and_planned(sent, breaks: bool) -> None:
    found = guard.too_often(aimed((0, "all", "")), dated((0, ON)), sent, rules=RULES)
    assert pairs(found) == ({(0, "A")} if breaks else set())


def test_planned_contacts_count_among_themselves_for_each_customer_alone() -> None:
    plans = dated(*[(place, ON + dt.timedelta(days=place)) for place in range(4)])
    everybody = [(place, "all", "") for place in range(3)]
    found = guard.too_often(aimed(*everybody, (3, "customer", "C")), plans, contacts(), rules=RULES)
    assert pairs(found) == {(3, "C")}


def test_a_plan_without_an_audience_breaks_nothing() -> None:
    nobody = aimed((0, "stage", "3"))
    assert pairs(nobody) == set()
    assert pairs(guard.too_often(nobody, dated((0, ON)), contacts(1, 2, 3, 4), rules=RULES)) == set()
    assert (
        guard.verdicts(guard.too_often(nobody, dated((0, ON)), contacts(), rules=RULES)).count().to_pyarrow().as_py()
        == 0
    )
