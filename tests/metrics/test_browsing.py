"""Browsing by hand: visits, machines, first-party ids alone, what was left, what won; and the demo's machine."""

import datetime as dt
import itertools
from pathlib import Path

import ibis
import pytest
from by_hand import frozen, records
from goods import AS_OF, sold, wilson
from hypothesis import given, settings
from hypothesis import strategies as st

from horetsu_utils import assortment, browsed, demo
from horetsu_utils.browsing_rules import BrowsingRules
from horetsu_utils.metrics import browsing
from horetsu_utils.shop import Shop

RULES = BrowsingRules(most_views=5, most_events=8, least_people=1)
NOON = dt.datetime(2026, 6, 1, 12)
EVENTS = {
    "at": "timestamp",
    "event": "string",
    "product": "string",
    "page": "string",
    "source": "string",
    "session_id": "string",
    "visitor_id": "string",
    "customer_id": "string",
}


def events(rows) -> ibis.Table:
    """Events as (minute since NOON, event, product, visitor, customer, session, source); the last three may lack."""
    told = []
    for row in rows:
        minute, event, product, visitor, customer, session, source = (*row, None, None, None)[:7]
        at = NOON + dt.timedelta(minutes=minute)
        told.append((at, event, product, f"/{product}", source, session, visitor, customer))
    return ibis.memtable([dict(zip(EVENTS, row, strict=True)) for row in told], schema=EVENTS)


def visits(rows, rules=RULES, as_of=AS_OF):
    table = events(rows)
    links = frozen(browsing.links(table, as_of=as_of))
    return frozen(browsing.visits(table, links, as_of=as_of, rules=rules)), links


def test_visitors_are_joined_by_rows_that_tell_both() -> None:
    rows = [
        (0, "view", "A", "v", None),
        (1, "purchase", "A", "v", "c"),
        (2, "view", "A", "w", "c"),
        (3, "view", "A", "w", "d"),
    ]
    table, links = visits([*rows, (4, "view", "B", "x", None), (5, "view", "B", None, "e")])
    assert sorted(records(links, by=None)) == [("v", 1, "c"), ("w", 2, None), ("x", 0, None)]
    told = records(table.order_by("at"), "person", "customer_id", by=None)
    # v is c's also before it said so; w's rows belong to those that they name; x is nobody known
    stranger = browsing.STRANGER + "x"
    assert told == [("c", "c"), ("c", "c"), ("c", "c"), ("d", "d"), (stranger, None), ("e", "e")]


def test_a_visit_ends_after_half_an_hour_of_silence() -> None:
    rows = [(0, "view", "A", "v"), (30, "view", "A", "v"), (61, "view", "A", "v"), (61, "view", "A", "w")]
    table, _ = visits(rows)
    names = [name for (name,) in records(table.order_by("at", "person"), "visit", by=None)]
    assert names[0] == names[1]
    assert len(set(names)) == 3


def test_a_told_session_is_one_visit_whatever_the_pause() -> None:
    table, _ = visits([(0, "view", "A", "v", None, "s"), (500, "view", "A", "v", None, "s")])
    assert len({name for (name,) in records(table, "visit", by=None)}) == 1


def visit_names(rows) -> list[str]:
    table, _ = visits(rows)
    return [name for (name,) in records(table.order_by("at"), "visit", by=None)]


def test_two_people_never_share_a_visit_though_a_tool_numbers_sessions_anew_for_each() -> None:
    names = visit_names([(0, "view", "A", "v", None, "1"), (1, "view", "A", "w", None, "1")])
    assert names[0] != names[1]


def test_a_row_without_a_session_joins_no_visit_from_before_a_session() -> None:
    # a row of its own, a session a day later, and 5 minutes after that a row that tells none: three visits
    rows = [(0, "view", "A", "v"), (1440, "view", "A", "v", None, "1"), (1445, "view", "A", "v")]
    assert len(set(visit_names(rows))) == 3


def test_a_visit_of_a_machine_over_midnight_is_set_aside_whole() -> None:
    # 719 minutes after noon is 23:59: one event that day, and the 9 of the next are too many
    rows = [(719, "visit", None, "v"), *((place, "visit", None, "v") for place in range(721, 730))]
    table, links = visits(rows)
    assert records(browsing.tally(table, links), "visits", "machine_visits", "machine_events", by=None) == [(0, 1, 10)]


def test_machines_are_set_aside_and_counted() -> None:
    rows = [(place, "view", "A", "bot", None, "s") for place in range(6)]  # more than 5 views in a visit
    rows += [(place * 40, "visit", None, "busy") for place in range(9)]  # more than 8 events on a day, one a visit
    rows += [(place, "view", "A", "v") for place in range(5)]
    table, links = visits(rows)
    (counts,) = records(
        browsing.tally(table, links), "visits", "machine_visits", "events", "machine_events", "people", by=None
    )
    assert counts == (1, 10, 5, 15, 1)


def test_nobody_came() -> None:
    table, links = visits([])
    assert records(browsing.tally(table, links), by=None) == [(0,) * 8]
    bought = frozen(browsing.bought(table, sold([]), as_of=AS_OF))
    assert records(browsing.seen_not_bought(table, bought), by=None) == []
    assert records(browsing.compared(table, bought, rules=RULES), by=None) == []


def test_what_was_seen_and_left_by_hand() -> None:
    rows = [(0, "view", "A", "v", "a"), (1, "view", "A", "w", "b"), (2, "view", "B", "w", "b"), (3, "view", "A", "x")]
    table, _ = visits([*rows, (4, "purchase", "A", "x")])
    bought = frozen(browsing.bought(table, sold([("a", 500, "A", 1), ("b", -1, "B", 1)]), as_of=AS_OF))
    # A: seen by a, b and x; a bought it long ago, nobody knows x; B: b's order is yet to come
    found = records(browsing.seen_not_bought(table, bought), by=None)
    assert found == [
        ("A", 3, 2, 1, pytest.approx(1 / 2), *map(pytest.approx, wilson(1, 2))),
        ("B", 1, 1, 1, 1.0, *map(pytest.approx, wilson(1, 1))),
    ]


def test_of_visitors_that_nobody_knows_only_the_viewing_is_told() -> None:
    table, _ = visits([(0, "view", "A", "x"), (1, "view", "A", "y")])
    bought = frozen(browsing.bought(table, sold([]), as_of=AS_OF))
    assert records(browsing.seen_not_bought(table, bought), by=None) == [("A", 2, 0, 0, None, None, None)]


def compared(rows, orders, days=29):
    table, _ = visits(rows)
    bought = frozen(browsing.bought(table, sold(orders), as_of=AS_OF))
    columns = ("product", "other", "people", "wins", "other_wins", "both", "neither", "value")
    return records(browsing.compared(table, bought, rules=RULES), *columns, by=None)


def test_comparisons_by_hand() -> None:
    rows = []
    for who in "abcde":  # all look at B, and compare A with it; twice: once is counted
        rows += [
            (0, "view", "B", who, who, who),
            (1, "compare", "A", who, who, who),
            (2, "compare", "A", who, who, who),
        ]
    rows += [(9, "view", "C", "f", "f", "f"), (10, "view", "B", "f", "f", "f")]  # looked at, not compared
    # 29 days before AS_OF is NOON's day: a and b take A, c takes B, d both, e comes too late
    orders = [("a", 29, "A", 1), ("b", 0, "A", 1), ("c", 9, "B", 1), ("d", 9, "A B", 1), ("e", 30, "A", 1)]
    assert compared(rows, orders) == [("A", "B", 5, 2, 1, 1, 1, pytest.approx(2 / 3))]


def test_all_products_of_a_visits_comparisons_are_held_against_each_other() -> None:
    rows = [
        (0, "view", "D", "a", "a", "s"),
        *((at, "compare", name, "a", "a", "s") for at, name in enumerate("CAB", 1)),
    ]
    # A, B and C are compared; D was only looked at. The order takes C
    assert compared(rows, [("a", 29, "C", 1)]) == [
        ("A", "B", 1, 0, 0, 0, 1, None),
        ("A", "C", 1, 0, 1, 0, 0, 0.0),
        ("B", "C", 1, 0, 1, 0, 0, 0.0),
    ]


def test_a_comparison_that_nobody_decided_has_no_share() -> None:
    rows = [(0, "view", "B", "a", "a", "s"), (1, "compare", "A", "a", "a", "s")]
    assert compared(rows, []) == [("A", "B", 1, 0, 0, 0, 1, None)]


ROWS = st.lists(
    st.tuples(
        st.integers(0, 60 * 24 * 20),
        st.sampled_from(("view", "compare", "purchase")),
        st.sampled_from("AB"),
        st.sampled_from("vw"),
        st.sampled_from(("a", "b", None)),
    ),
    max_size=15,
)


@settings(max_examples=25, deadline=None)
@given(ROWS, st.integers(0, 20))
def test_what_comes_later_changes_nothing(rows, days) -> None:
    as_of = NOON.date() + dt.timedelta(days=days)
    earlier = [row for row in rows if (NOON + dt.timedelta(minutes=row[0])).date() <= as_of]
    told = []
    for each in (rows, earlier):
        table, links = visits(each, as_of=as_of)
        bought = frozen(browsing.bought(table, sold([]), as_of=as_of))
        found = (
            browsing.tally(table, links),
            browsing.seen_not_bought(table, bought),
            browsing.compared(table, bought, rules=RULES),
        )
        told.append([records(part, by=None) for part in found])
    assert told[0] == told[1]


@pytest.fixture(scope="module")
def demo_browsed(demo_client: Path) -> browsed.Browsed:
    return browsed.browsed(assortment.assortment(Shop.open(demo_client, as_of="")))


def test_the_demos_machine_is_found_and_nobody_else(demo_browsed: browsed.Browsed) -> None:
    machine = demo_browsed.visits.filter(demo_browsed.visits.is_machine).select("person").distinct()
    assert records(machine, by=None) == [(browsing.STRANGER + demo.build().truths.bot_visitor_id,)]


def test_the_demos_figures_agree_with_plain_pandas(demo_browsed: browsed.Browsed) -> None:
    built = demo.build().tables
    told = built["events"]
    told = told[told["visitor_id"] != demo.build().truths.bot_visitor_id]
    known = told.dropna(subset=["customer_id"]).groupby("visitor_id")["customer_id"].first()
    customer = told["customer_id"].fillna(told["visitor_id"].map(known))
    person = customer.fillna(told["visitor_id"])
    views = told.assign(person=person)[told["event"] == "view"][["person", "product_id"]].drop_duplicates()
    orders = built["orders"]
    paid = orders[(orders["status"] == "paid") & orders["product_id"].notna()][["customer_id", "product_id"]]
    had = set(zip(paid["customer_id"], paid["product_id"], strict=True))
    names = orders.dropna(subset=["product_id"]).groupby("product_id")["product_name"].first()
    for row in demo_browsed.left.itertuples():
        own = views[views["product_id"].map(names) == row.product]
        mine = own[own["person"].isin(customer)]
        left = [pair for pair in zip(mine["person"], mine["product_id"], strict=True) if pair not in had]
        assert (row.people, row.customers, row.left) == (len(own), len(mine), len(left))


def test_the_demos_comparisons_agree_with_plain_pandas(demo_browsed: browsed.Browsed) -> None:
    built = demo.build()
    orders = built.tables["orders"]
    name = orders.dropna(subset=["product_id"]).groupby("product_id")["product_name"].first()
    told = built.tables["events"].query("visitor_id != @built.truths.bot_visitor_id")
    known = told.dropna(subset=["customer_id"]).groupby("visitor_id")["customer_id"].first()
    told = told.assign(person=told["visitor_id"].map(known).fillna(told["visitor_id"])).sort_values("at")
    met = set()
    for _, visit in told[told["event"].isin(["view", "compare"])].groupby("session_id"):
        rows = visit[["person", "event", "product_id"]].to_records(index=False)  # one comparison a visit in the demo
        for before, now in itertools.pairwise(rows):
            if now.event == "compare" and before.product_id != now.product_id:
                met.add((now.person, *sorted((name[before.product_id], name[now.product_id]))))
    assert demo_browsed.compared["people"].sum() == len(met)


SHOP = {
    "orders.csv": (
        "注文番号,顧客番号,注文日時,金額,商品番号,商品名\n"
        "1,a,2026-06-01,100,P1,石けん\n2,b,2026-06-02,300,SET1,セット\n"
    ),
    "events.csv": (
        "日時,出来事,顧客番号,商品番号\n"
        "2026-05-01 10:00,view,a,P1\n2026-05-01 10:01,view,a,SET1\n2026-05-01 10:02,view,a,P9\n"
    ),
}
BUNDLE = "bundles:\n  - ids: [SET1]\n    holds: [{id: P1}, {name: 乳液}]\n"


def test_what_was_never_sold_goes_by_its_id_and_a_bundle_by_no_product(make_client) -> None:
    tables = (f"  {name}: [{{files: data/{name}.csv, mapping: generic}}]" for name in ("orders", "events"))
    folder = make_client(SHOP, "\n".join(tables))
    (folder / "rules").mkdir()
    (folder / "rules" / "products.yaml").write_text(BUNDLE, encoding="utf-8")
    left = browsed.browsed(assortment.assortment(Shop.open(folder, as_of=""))).left
    assert dict(zip(left["product"], left["left"], strict=True)) == {"P9": 1, "石けん": 0}


def test_orders_that_tell_no_product_end_a_way_all_the_same(make_client) -> None:
    files = {"orders.csv": "注文番号,顧客番号,注文日時,金額\n1,a,2026-05-03,100\n2,b,2026-06-30,100\n"}
    tables = (f"  {name}: [{{files: data/{name}.csv, mapping: generic}}]" for name in ("orders", "events"))
    folder = make_client(SHOP | files, "\n".join(tables))
    sides = browsed.browsed(assortment.assortment(Shop.open(folder, as_of=""))).sides
    assert sides[["has_bought", "people", "days"]].values.tolist() == [[True, 1, 2.0]]
