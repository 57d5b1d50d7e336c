import datetime as dt
import hashlib
from calendar import monthrange
from collections import Counter, defaultdict
from math import sqrt
from typing import Any

import ibis
import ibis.expr.types as ir
import pytest
from by_hand import frozen, records
from hypothesis import given, settings
from hypothesis import strategies as st
from looked_back import RULES, Rows, outcomes, table

from horetsu_utils.lookback_rules import OUTCOMES, STRATUM, LookbackRules
from horetsu_utils.metrics import lookback
from horetsu_utils.relation import Prohibition

AS_OF = dt.date(2026, 6, 29)
PROHIBITIONS = tuple(
    Prohibition(action, stage, "", "", "")
    for action, stage in [("offer_now", 0), ("ask_comment", 0), ("upsell", 1), ("template_reply", 2), ("control", 3)]
)
SPELLS = {
    "customer_id": "string",
    "stage": "int8",
    "cooling": "boolean",
    "since_on": "date",
    "from_on": "date",
    "until_on": "date",
}
TOUCHPOINTS = {
    "customer_id": "string",
    "at": "timestamp(6)",
    "channel": "string",
    "action": "string",
    "direction": "string",
    "reaction": "string",
}


def day(text: str | None) -> dt.date | None:
    return text and dt.date.fromisoformat(text)


def stood(customer: str, stage: int, begin: str, end: str | None = None, *, cooling: bool = False) -> tuple:
    return customer, stage, cooling, day(begin), day(begin), day(end)


def sent(customer: str, at: str, action: str | None, direction: str | None = "out", reaction: str = "none") -> tuple:
    return customer, dt.datetime.fromisoformat(at), "メール", action, direction, reaction


def bought(customer: str, on: str, purchase: bool = True) -> tuple:
    return customer, day(on), purchase


def spells(rows: Rows) -> ir.Table:
    return table(rows, SPELLS)


def touchpoints(rows: Rows) -> ir.Table:
    return table(rows, TOUCHPOINTS)


def orders(rows: Rows) -> ir.Table:
    return table(rows, {"customer_id": "string", "ordered_on": "date", "is_purchase": "boolean"})


def customers(rows: Rows) -> ir.Table:
    return table(rows, {"customer_id": "string", "email_ok": "boolean"})


def broken(contacts: ir.Table, held: ir.Table) -> list[tuple]:
    found = lookback.breaches(contacts, held, prohibitions=PROHIBITIONS)
    return sorted(records(found, "customer_id", "on", "stage", "action"))


STOOD = [
    # A: watching in January, landed on 02-01.
    stood("A", 0, "2026-01-01", "2026-02-01"),
    stood("A", 1, "2026-02-01"),
    # B: known and landed on one day; the spell of no length holds on no day.
    stood("B", 0, "2026-03-10", "2026-03-10"),
    stood("B", 1, "2026-03-10"),
    # E: a tie that cools.
    stood("E", 2, "2026-01-01", "2026-02-01"),
    stood("E", 2, "2026-02-01", cooling=True),
]


@pytest.mark.parametrize(
    ("contact", "stage"),
    [
        # The eve of 02-01 was 01-31: A was still watching, and an offer broke the rule of stage 0, at any hour.
        (sent("A", "2026-02-01T00:00", "offer_now"), 0),
        (sent("A", "2026-02-01T23:59:59", "offer_now"), 0),
        (sent("A", "2026-02-01T09:00", "upsell"), None),
        # A day later the offer fits the rules, and an upsell does not.
        (sent("A", "2026-02-02T09:00", "offer_now"), None),
        (sent("A", "2026-02-02T09:00", "upsell"), 1),
        # What must not be done in another stage is no breach in this one.
        (sent("A", "2026-02-02T09:00", "control"), None),
        # An action that no rule names, and none at all.
        (sent("A", "2026-02-02T09:00", "numeric_evaluation"), None),
        (sent("A", "2026-02-02T09:00", None), None),
        # Before A was known, and on the day A became known: watching.
        (sent("A", "2025-12-01T09:00", "offer_now"), 0),
        (sent("A", "2026-01-01T09:00", "offer_now"), 0),
        (sent("B", "2026-03-10T09:00", "upsell"), None),
        (sent("B", "2026-03-10T09:00", "offer_now"), 0),
        (sent("B", "2026-03-11T09:00", "upsell"), 1),
        (sent("B", "2026-03-11T09:00", "offer_now"), None),
        # Nobody knows C: watching.
        (sent("C", "2026-03-11T09:00", "ask_comment"), 0),
        # What a customer sent is no breach; where the direction is not told, the shop sent it.
        (sent("A", "2026-02-02T09:00", "upsell", "in"), None),
        (sent("A", "2026-02-02T09:00", "upsell", None), 1),
    ],
)
def test_a_breach_is_judged_by_the_stage_of_the_eve(contact, stage) -> None:
    expected = [] if stage is None else [(contact[0], contact[1].date(), stage, contact[3])]
    assert broken(touchpoints([contact]), spells(STOOD)) == expected


def test_a_breach_tells_channel_and_cooling() -> None:
    rows = [sent("E", "2026-02-01T09:00", "template_reply"), sent("E", "2026-02-02T09:00", "template_reply")]
    found = lookback.breaches(touchpoints(rows), spells(STOOD), prohibitions=PROHIBITIONS)
    assert records(found, by="on") == [
        ("E", dt.date(2026, 2, 1), 2, False, "template_reply", "メール"),
        ("E", dt.date(2026, 2, 2), 2, True, "template_reply", "メール"),
    ]


def test_without_the_column_of_actions_nothing_can_be_judged() -> None:
    contacts = touchpoints([sent("A", "2026-02-02T09:00", "upsell")])
    assert broken(contacts.drop("action"), spells(STOOD)) == []
    assert len(broken(contacts.drop("direction"), spells(STOOD))) == 1


def test_without_a_rule_nothing_is_broken() -> None:
    found = lookback.breaches(touchpoints([sent("A", "2026-02-02T09:00", "upsell")]), spells(STOOD), prohibitions=())
    assert records(found) == []


def test_breaches_counted_by_rule() -> None:
    rows = [
        sent("A", "2026-02-02T09:00", "upsell"),
        sent("A", "2026-02-02T18:00", "upsell"),
        sent("B", "2026-03-11T09:00", "upsell"),
        sent("A", "2026-01-05T09:00", "offer_now"),
        sent("A", "2026-01-06T09:00", "ask_comment"),
    ]
    found = lookback.by_rule(lookback.breaches(touchpoints(rows), spells(STOOD), prohibitions=PROHIBITIONS))
    assert records(found, "stage", "action", "breaches", "customers", by=None) == [
        (0, "ask_comment", 1, 1),
        (0, "offer_now", 1, 1),
        (1, "upsell", 3, 2),
    ]


# A shop of nine. All are known since 2025-01-01, 181 days before 2025-07-01, so from then on they stand in the last
# band; all bought twice before. The last day that is looked at is 2026-06-29 - 90 days = 2026-03-31, so the last band
# holds nine whole months, July to March, with one drawn day each.
NAMES = ("T1", "T2", "T3", "T4", "S1", "S2", "U", "N1", "N2")
SHOP_SPELLS = [stood(name, {"U": 3, "N1": 2}.get(name, 1), "2025-01-01", cooling=name == "N2") for name in NAMES]
SHOP_CONTACTS = [
    # 2025-09-01 ± 90 days is 06-03 to 11-30. T1 is spared in December to March: 4 days.
    sent("T1", "2025-09-01T10:00", "upsell"),
    # 2025-10-02 + 90 days is 12-31. T2 is spared in January to March: 3 days.
    sent("T2", "2025-09-01T10:00", "upsell"),
    sent("T2", "2025-10-02T10:00", "upsell"),
    # 2026-03-31 - 90 days is 2025-12-31: T3 is spared in July to December, for 12-31 is not T3's drawn day: 6 days.
    sent("T3", "2026-03-31T10:00", "upsell", reaction="complaint"),
    # One day too late to be looked at: not treated. 2026-04-01 - 90 days is 2026-01-01: spared on 6 days.
    sent("T4", "2026-04-01T10:00", "upsell"),
    sent("S1", "2025-09-01T10:00", "control"),
    # Alone in stage 3, and from 2025-06-03 to 2026-04-01 never far from a breach: nobody alike was spared.
    sent("U", "2025-09-01T10:00", "control"),
    sent("U", "2026-01-01T10:00", "control"),
]
MONTHS = [f"{year}-{month:02d}-01" for year in (2025, 2026) for month in range(1, 13)]
SHOP_ORDERS = [
    *(bought(name, on) for name in NAMES for on in ("2025-02-01", "2025-03-01")),
    # T1 on the 90th day; T2 on the day itself and on the 91st; T3 gave something back; S2 every month.
    bought("T1", "2025-11-30"),
    bought("T2", "2025-09-01"),
    bought("T2", "2025-12-01"),
    bought("T3", "2026-04-10", False),
    *(bought("S2", month) for month in MONTHS),
]
SHOP_CUSTOMERS = [("T1", False), ("T2", None), ("T3", True), ("S1", False), ("S2", True)]


def shop(**tables: ir.Table) -> dict[str, ir.Table]:
    plain = {"touchpoints": touchpoints(SHOP_CONTACTS), "orders": orders(SHOP_ORDERS)}
    return plain | {"customers": customers(SHOP_CUSTOMERS)} | tables


def looked_at(tables: dict[str, ir.Table], rows: Rows = SHOP_SPELLS, rules: LookbackRules = RULES) -> ir.Table:
    held = spells(rows)
    found = lookback.breaches(tables["touchpoints"], held, prohibitions=PROHIBITIONS)
    return frozen(lookback.cases(frozen(found), held, tables, as_of=AS_OF, rules=rules))


def test_each_customers_first_breach_is_looked_at_once_and_only_when_its_days_are_over() -> None:
    treated = looked_at(shop()).filter(ibis._.treated)
    assert records(treated, "customer_id", "on", *STRATUM, *OUTCOMES) == [
        ("T1", dt.date(2025, 9, 1), 1, False, 3, 2, True, False, True),
        ("T2", dt.date(2025, 9, 1), 1, False, 3, 2, False, False, None),
        ("T3", dt.date(2026, 3, 31), 1, False, 3, 2, False, True, False),
        ("U", dt.date(2025, 9, 1), 3, False, 3, 2, False, False, None),
    ]


def test_spared_days_lie_far_from_any_breach_and_in_a_stratum_of_one() -> None:
    spared = looked_at(shop()).filter(~ibis._.treated)
    days = records(spared, "customer_id", "on")
    assert Counter(name for name, _ in days) == {"T1": 4, "T2": 3, "T3": 6, "T4": 6, "S1": 9, "S2": 9}
    assert len({(name, on.year, on.month) for name, on in days}) == len(days), "one day a month"
    assert {came for (came,) in records(spared.filter(ibis._.customer_id == "S2"), "order")} == {True}
    assert {came for (came,) in records(spared.filter(ibis._.customer_id == "S1"), "order")} == {False}


def test_the_shop_compared_by_hand() -> None:
    found = outcomes(looked_at(shop()))
    # T1, T2 and T3 are compared, U is alone in its stage. Orders: 1 of 3.
    # Spared days: of T1 those in December to March, none followed by an order; T2 likewise; T3 and T4 none; S1 none of
    # 9; S2 all 9. So 9 of 4 + 3 + 6 + 6 + 9 + 9 = 37 days.
    order = found["order"]
    assert (order["treated"], order["spared"], order["unmatched"]) == (3, 6, 1)
    assert order["treated_ratio"] == pytest.approx(1 / 3)
    assert order["spared_ratio"] == pytest.approx(9 / 37)
    # T3 complained in answer to the contact itself. Of the spared, T3's days in July to December lie more than 90 days
    # before 03-31: nobody complained.
    complaint = found["complaint"]
    assert (complaint["treated_ratio"], complaint["spared_ratio"]) == (pytest.approx(1 / 3), 0.0)
    # Known today: T1 refuses mail, T3 does not. Spared: T1 (4 days) and S1 (9) refuse, T3 (6) and S2 (9) do not.
    refused = found["opted_out_now"]
    assert (refused["treated"], refused["spared"], refused["unmatched"]) == (2, 4, 0)
    assert (refused["treated_ratio"], refused["spared_ratio"]) == (0.5, pytest.approx(13 / 28))
    assert {row["verdict"] for row in found.values()} == {"too_few"}


FIGURES = [f"{side}_{figure}" for side in ("treated", "spared") for figure in ("ratio", "low", "high")]
UNKNOWN = dict.fromkeys([*FIGURES, "difference", "difference_low", "difference_high"])
UNKNOWN |= {"treated": 0, "spared": 0, "unmatched": 0, "verdict": "too_few"}


@pytest.mark.parametrize("empty", [True, False], ids=["empty", "missing"])
@pytest.mark.parametrize(("name", "outcome"), [("customers", "opted_out_now"), ("orders", "order")])
def test_without_a_table_its_outcome_stays_unknown(name, outcome, empty) -> None:
    tables = shop()
    tables |= {name: tables[name].limit(0)}
    if not empty:
        del tables[name]
    found = outcomes(looked_at(tables))
    assert found[outcome] == UNKNOWN | {"outcome": outcome}
    assert found["complaint"]["treated_ratio"] == pytest.approx(1 / 3)


def test_where_no_reaction_is_recorded_nobody_knows_of_complaints() -> None:
    contacts = touchpoints(SHOP_CONTACTS)
    for unknown in (contacts.drop("reaction"), contacts.mutate(reaction=ibis.null("string"))):
        found = outcomes(looked_at(shop(touchpoints=unknown)))
        assert found["complaint"] == UNKNOWN | {"outcome": "complaint"}
        assert found["order"]["treated_ratio"] == pytest.approx(1 / 3)


def test_where_nobody_knows_who_takes_mail_the_outcome_stays_unknown() -> None:
    unknown = customers([(name, None) for name in NAMES])
    for table_ in (unknown, unknown.drop("email_ok")):
        assert outcomes(looked_at(shop(customers=table_)))["opted_out_now"] == UNKNOWN | {"outcome": "opted_out_now"}


def test_a_shop_that_broke_no_rule_has_nothing_to_compare() -> None:
    found = outcomes(looked_at(shop(touchpoints=touchpoints([]))))
    assert found == {name: UNKNOWN | {"outcome": name} for name in OUTCOMES}


@pytest.mark.parametrize(
    ("days", "band"), [(-5, 0), (0, 0), (1, 0), (30, 0), (31, 1), (90, 1), (91, 2), (180, 2), (181, 3), (400, 3)]
)
def test_bands_of_days_since_the_customer_became_known(days, band) -> None:
    on = dt.date(2025, 9, 1)
    begin = (on - dt.timedelta(days=days)).isoformat()
    contacts = touchpoints([sent("x", f"{on}T10:00", "upsell"), sent("x", f"{on}T10:00", "offer_now")])
    cases = looked_at({"touchpoints": contacts, "orders": orders([])}, [stood("x", 0, begin)])
    assert records(cases.filter(ibis._.treated), "stage", "known_band") == [(0, band)]


@pytest.mark.parametrize(
    ("rows", "count"),
    [
        ([], 0),
        ([bought("x", "2025-09-01")], 0),
        ([bought("x", "2025-08-31")], 1),
        ([bought("x", "2025-08-30"), bought("x", "2025-08-31", False), bought("y", "2025-08-01")], 1),
        ([bought("x", "2025-08-31")] * 2, 2),
        ([bought("x", "2025-08-31")] * 5, 2),
    ],
)
def test_orders_so_far_are_those_before_the_day(rows, count) -> None:
    tables = {"touchpoints": touchpoints([sent("x", "2025-09-01T10:00", "upsell")]), "orders": orders(rows)}
    cases = looked_at(tables, [stood("x", 1, "2025-01-01")])
    assert records(cases.filter(ibis._.treated), "orders_so_far") == [(count,)]


# The twin: the same, day by day, in plain Python.
SMALL = LookbackRules(follow_days=40, least_customers=2)
BANDS = ((0, 30), (31, 90), (91, 180))


def plain_stage(held: Rows, customer: str, on: dt.date) -> tuple[int, bool]:
    for name, stage, cooling, _, begin, end in held:
        if name == customer and begin <= on and (end is None or on < end):
            return stage, cooling
    return 0, False


def plain_breaches(contacts: Rows, held: Rows) -> list[tuple]:
    rules = {(rule.action, rule.stage) for rule in PROHIBITIONS}
    found = []
    for customer, at, _, action, direction, _ in contacts:
        stage, _ = plain_stage(held, customer, at.date() - dt.timedelta(days=1))
        if direction != "in" and (action, stage) in rules:
            found.append((customer, at.date(), stage, action))
    return sorted(found)


def plain_drawn(held: Rows) -> list[tuple[str, dt.date]]:
    found = []
    for customer in {row[0] for row in held}:
        known = min(row[4] for row in held if row[0] == customer)
        number = int(hashlib.md5(customer.encode()).hexdigest()[:4][::-1], 16)
        for month in {(known + dt.timedelta(days=ahead)).replace(day=1) for ahead in range((AS_OF - known).days + 1)}:
            place = (number + month.month * 11) % monthrange(month.year, month.month)[1]
            if month.replace(day=place + 1) > known:
                found.append((customer, month.replace(day=place + 1)))
    return found


@pytest.mark.parametrize("place", [1, 15, 28])
def test_a_drawn_day_counts_for_the_stage_of_its_eve(place) -> None:
    # A customer whose drawn day of September 2025 is that day of the month, and one who was treated in each stage.
    names = (f"n{number}" for number in range(10_000))
    held = (stood(name, 0, "2025-08-31") for name in names)
    name, on = next((name, on) for row in held for name, on in plain_drawn([row]) if on == dt.date(2025, 9, place))
    contacts = [sent("p", "2025-09-10T10:00", "offer_now"), sent("q", "2025-09-10T10:00", "upsell")]
    tables = {"touchpoints": touchpoints(contacts), "orders": orders([])}
    others = [stood("p", 0, "2025-08-31"), stood("q", 1, "2025-08-31")]
    begin, turn = "2025-08-31", on.isoformat()
    for rows, expected in (
        # The stage turns on the drawn day itself: until its eve it was 0.
        ([stood(name, 0, begin, turn), stood(name, 1, turn)], [0]),
        ([stood(name, 1, begin, turn), stood(name, 0, turn)], [1]),
        # First known on the drawn day: on its eve there was nobody to compare.
        ([stood(name, 0, turn)], []),
    ):
        cases = looked_at(tables, rows + others).filter((ibis._.customer_id == name) & (ibis._.on == on))
        assert records(cases, "stage") == [(stage,) for stage in expected]


@pytest.mark.parametrize(("late", "count"), [(-1, 0), (0, 1), (1, 1)])
def test_a_drawn_day_counts_once_its_days_are_over(late, count) -> None:
    rows = [stood("x", 1, "2025-09-10"), stood("p", 1, "2025-09-10")]
    on = min(on for name, on in plain_drawn(rows) if name == "x")
    tables = {"touchpoints": touchpoints([sent("p", "2025-09-12T10:00", "upsell")]), "orders": orders([])}
    follow = (AS_OF - on).days - late
    cases = looked_at(tables, rows, LookbackRules(follow_days=follow))
    assert len(records(cases.filter((ibis._.customer_id == "x") & (ibis._.on == on)))) == count


def plain_cases(contacts: Rows, held: Rows, sales: Rows) -> dict[tuple, tuple]:
    follow = dt.timedelta(days=SMALL.follow_days)
    broke = [(customer, on) for customer, on, *_ in plain_breaches(contacts, held)]
    known = {name: min(row[4] for row in held if row[0] == name) for name in {row[0] for row in held}}

    def told(customer: str, on: dt.date, treated: bool) -> tuple:
        days = max((on - known.get(customer, on)).days, 0)
        band = next((place for place, (low, high) in enumerate(BANDS) if low <= days <= high), len(BANDS))
        before = sum(name == customer and when < on and purchase for name, when, purchase in sales)
        after = [when for name, when, purchase in sales if name == customer and purchase and on < when <= on + follow]
        angry = [at for name, at, *_, how in contacts if name == customer and how == "complaint"]
        upset = any(on <= at.date() <= on + follow for at in angry)
        stratum = (*plain_stage(held, customer, on - dt.timedelta(days=1)), band, min(before, 2))
        order = bool(after) if any(purchase for *_, purchase in sales) else None
        return treated, stratum, order, upset if contacts else None

    firsts = {customer: min(on for name, on in broke if name == customer) for customer, _ in broke}
    found = {(name, on): told(name, on, True) for name, on in firsts.items() if on + follow <= AS_OF}
    wanted = {stratum for _, stratum, *_ in found.values()}
    for customer, on in plain_drawn(held):
        near = any(name == customer and abs(when - on) <= follow for name, when in broke)
        row = told(customer, on, False)
        if not near and on + follow <= AS_OF and row[1] in wanted:
            found[customer, on] = row
    return found


def plain_ratios(found: dict[tuple, tuple]) -> dict[str, Any] | None:
    """Standardise customer by customer: each treated one meets the mean of the spared days alike."""
    days = defaultdict(list)
    for (customer, _), (treated, stratum, order, _) in found.items():
        if not treated:
            days[stratum].append((customer, order))
    sides = [(stratum, order) for treated, stratum, order, _ in found.values() if treated and order is not None]
    met = [(stratum, order) for stratum, order in sides if stratum in days]
    if not met:
        return None
    weight = defaultdict(float)
    for stratum, _ in met:
        for customer, _ in days[stratum]:
            weight[customer] += 1 / len(days[stratum])
    spared = sum(sum(order for _, order in days[stratum]) / len(days[stratum]) for stratum, _ in met) / len(met)
    ours = (sum(order for _, order in met) / len(met), len(met))
    effective = sum(weight.values()) ** 2 / sum(each**2 for each in weight.values())
    (low, high), (spared_low, spared_high) = plain_wilson(*ours), plain_wilson(spared, effective)
    gap = ours[0] - spared
    return {
        "treated": len(met),
        "spared": len(weight),
        "unmatched": len(sides) - len(met),
        "treated_ratio": ours[0],
        "spared_ratio": spared,
        "difference_low": gap - sqrt((ours[0] - low) ** 2 + (spared_high - spared) ** 2),
        "difference_high": gap + sqrt((high - ours[0]) ** 2 + (spared - spared_low) ** 2),
    }


def plain_wilson(ratio: float, count: float) -> tuple[float, float]:
    """Solve (p - ratio)² = z² p (1 - p) / count for p."""
    square = 1.959963984540054**2 / count
    root = sqrt(square**2 + 4 * square * ratio * (1 - ratio))
    return (2 * ratio + square - root) / (2 + 2 * square), (2 * ratio + square + root) / (2 + 2 * square)


PEOPLE = ("a", "b", "c", "d", "e")
DAYS = st.integers(-30, 420).map(lambda days: AS_OF - dt.timedelta(days=days))
PAST = st.integers(0, 420).map(lambda days: AS_OF - dt.timedelta(days=days))


def turned(customer: str, days: list[dt.date], stages: list[tuple[int, bool]]) -> list[tuple]:
    """Make one customer's spells, one from each day on; two on one day leave one of no length."""
    ends = [*sorted(days)[1:], None]
    return [
        (customer, stage, cooling, begin, begin, end)
        for begin, end, (stage, cooling) in zip(sorted(days), ends, stages, strict=False)
    ]


TURNS = st.tuples(
    st.lists(PAST, min_size=1, max_size=3),
    st.lists(st.tuples(st.integers(0, 1), st.booleans()), min_size=3, max_size=3),
)
HELD = st.fixed_dictionaries(dict.fromkeys(PEOPLE[:-1], TURNS)).map(
    lambda turns: [row for name, (days, stages) in turns.items() for row in turned(name, days, stages)]
)
ACTIONS = st.sampled_from(["offer_now", "upsell", "offer_now", "upsell", "control", None])
CONTACT = st.builds(
    lambda name, on, action, *rest: (name, dt.datetime.combine(on, dt.time(10)), "LINE", action, *rest),
    st.sampled_from(PEOPLE),
    PAST,
    ACTIONS,
    st.sampled_from(["out", None, "in"]),
    st.sampled_from(["none", "open", "complaint"]),
)
SALE = st.tuples(st.sampled_from(PEOPLE), PAST, st.sampled_from([True, True, True, False]))
SHOPS = st.tuples(st.lists(CONTACT, max_size=6), HELD, st.lists(SALE, max_size=20))


def late(row: tuple) -> tuple:
    """Move a row behind the analysis date."""
    name, when, *rest = row
    return name, when + dt.timedelta(days=421), *rest


@given(drawn=SHOPS)
@settings(max_examples=25, deadline=None)
def test_random_shops_agree_with_the_plain_twin(drawn) -> None:
    contacts, held, sales = drawn
    assert broken(touchpoints(contacts), spells(held)) == plain_breaches(contacts, held)
    cases = looked_at({"touchpoints": touchpoints(contacts), "orders": orders(sales)}, held, SMALL)
    found = records(cases, "customer_id", "on", "treated", *STRATUM, "order", "complaint")
    expected = plain_cases(contacts, held, sales)
    assert {(name, on): (treated, tuple(rest[:4]), *rest[4:]) for name, on, treated, *rest in found} == expected
    assert len(found) == len(expected)
    row, ratios = outcomes(cases, SMALL)["order"], plain_ratios(expected)
    if ratios is not None:
        assert {name: row[name] for name in ratios} == {name: pytest.approx(value) for name, value in ratios.items()}
    else:
        assert row["difference"] is None


@given(drawn=SHOPS, more=SHOPS)
@settings(max_examples=12, deadline=None)
def test_what_comes_after_the_days_looked_at_changes_nothing(drawn, more) -> None:
    contacts, held, sales = drawn
    contacts = [*contacts, sent("a", "2025-06-01T10:00", None, reaction="open")]
    sales = [*sales, ("a", dt.date(2025, 6, 1), True)]
    later_contacts, later_sales = ([late(row) for row in rows] for rows in (more[0], more[2]))
    before, after = (
        looked_at({"touchpoints": touchpoints(told), "orders": orders(bought_)}, held, SMALL)
        for told, bought_ in ((contacts, sales), (contacts + later_contacts, sales + later_sales))
    )
    keys = ("customer_id", "on")
    assert records(before, by=keys) == records(after, by=keys)
