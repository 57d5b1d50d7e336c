"""One customer's moments: every kind worked by hand, in their order, nothing after the day, nothing of others."""

import datetime as dt
from collections.abc import Callable
from pathlib import Path

import pytest

from horetsu_utils import lifeline, standing
from horetsu_utils.lifeline import KINDS, Lifelines
from horetsu_utils.shop import Shop

FILES = {
    "orders": """注文番号,顧客番号,注文日時,金額
1,A,2026-01-10,1000
2,A,2026-03-01 09:00,3000
3,A,2026-03-01 08:00,2500
4,B,2026-02-01,500
5,A,2026-06-30,9999
""",
    "touchpoints": """顧客番号,日時,チャネル,向き,反応
A,2026-01-12 10:00,メール,out,open
A,2026-01-11,手紙,,none
A,2026-03-05,LINE,in,complaint
B,2026-03-06,LINE,in,reply
A,2026-06-30,LINE,in,reply
""",
    "story": """顧客番号,日付,変化点数,気持ち
A,2026-03-01,2,悪い
A,2026-06-29,5,良い
A,2026-06-30,0,悪い
""",
    "voices": """顧客番号,日付,期待,評価
A,2026-03-02,4,2
A,2026-03-03,3,3
B,2026-03-03,3,5
A,2026-06-30,1,5
""",
}
AS_OF = dt.date(2026, 6, 29)


@pytest.fixture
def told(make_client: Callable[..., Path]) -> Callable[..., Lifelines]:
    def make(*tables: str, as_of: dt.date = AS_OF) -> Lifelines:
        settings = "\n".join(f"  {name}: [{{files: data/{name}.csv, mapping: generic}}]" for name in tables)
        folder = make_client({f"{name}.csv": FILES[name] for name in tables}, settings)
        return lifeline.lifelines(standing.standing(Shop.open(folder, as_of=as_of)))

    return make


def moments(lives: Lifelines, customer: str, *, but: str = "") -> list[tuple]:
    """Return day, kind, value and word; of nothing there is None."""
    frame = lives.of(customer).astype(object)
    rows = frame.where(frame.notna(), None).itertuples(index=False)
    return [(str(on)[5:10], *rest) for on, *rest in rows if rest[0] != but]


def test_one_persons_moments_worked_by_hand(told) -> None:
    lives = told(*FILES)
    assert moments(lives, "A", but="stage") == [
        ("01-10", "order", 1000, None),
        ("01-11", "contact_out", None, "none"),
        ("01-12", "contact_out", None, "open"),
        ("03-01", "order", 2500, None),
        ("03-01", "order", 3000, None),
        ("03-01", "change", 2, "悪い"),
        ("03-02", "voice", -2, "disappointed"),
        ("03-03", "voice", 0, "content"),
        ("03-05", "contact_in", None, "complaint"),
        ("06-29", "change", 5, "良い"),
    ]
    assert moments(lives, "B", but="stage") == [
        ("02-01", "order", 500, None),
        ("03-03", "voice", 2, "moved"),
        ("03-06", "contact_in", None, "reply"),
    ]


def test_the_stages_are_those_of_the_spells(told) -> None:
    lives = told(*FILES)
    spells = lives.where.spells.filter(lives.where.spells.customer_id == "A").order_by("place").to_pyarrow().to_pylist()
    assert [row[2:] for row in moments(lives, "A") if row[1] == "stage"] == [
        (row["stage"], "cooling" if row["cooling"] else "warm") for row in spells
    ]
    assert [row[0] for row in moments(lives, "A") if row[1] == "stage"] == [str(row["from_on"])[5:] for row in spells]


def test_nothing_after_the_day_is_seen(told) -> None:
    early = told(*FILES, as_of=dt.date(2026, 3, 1))
    assert max(row[0] for row in moments(early, "A")) == "03-01"
    late = told(*FILES, as_of=dt.date(2026, 6, 30))
    assert {row[1] for row in moments(late, "A") if row[0] == "06-30"} >= set(KINDS[:1] + KINDS[2:5])


def test_a_shop_with_orders_alone_has_lifelines_too(told) -> None:
    assert {row[1] for row in moments(told("orders"), "A")} == {"order", "stage"}
    assert {row[1] for row in moments(told("story"), "A")} == {"change", "stage"}


@pytest.mark.parametrize("customer", ["", "C", "' OR 1=1 --", "%", "A B", "\x00", "お客様"])
def test_nobody_of_that_number_has_no_moments(told, customer: str) -> None:
    found = told("orders").of(customer)
    assert found.empty
    assert list(found.columns) == ["on", "kind", "value", "word"]


def test_space_around_a_number_is_no_part_of_it(told) -> None:
    lives = told("orders")
    assert moments(lives, " A ") == moments(lives, "A") != []


def test_a_credit_note_is_told_from_an_order(make_client) -> None:
    rows = FILES["orders"] + "6,A,2026-04-01,-700\n"
    folder = make_client({"orders.csv": rows}, "  orders: [{files: data/orders.csv, mapping: generic}]")
    lives = lifeline.lifelines(standing.standing(Shop.open(folder, as_of=AS_OF)))
    assert ("04-01", "order", -700, "credit") in moments(lives, "A")


def test_those_who_moved_most_come_first_and_ties_by_number(told, demo_client: Path) -> None:
    lives = lifeline.lifelines(standing.standing(Shop.open(demo_client, as_of="")))
    assert len(lives.choices) == len(set(lives.choices)) == lifeline.MOST_CHOICES
    spells = lives.where.spells.order_by("place").to_pandas()
    stages = spells.groupby("customer_id")["stage"]
    order = [
        (-stages.get_group(who).nunique(), -(stages.get_group(who).diff().fillna(0) != 0).sum())
        for who in lives.choices
    ]
    assert order == sorted(order)
    assert order[0] == min(
        zip(-stages.nunique(), -stages.apply(lambda each: (each.diff().fillna(0) != 0).sum()), strict=True)
    )
    few = told("orders")
    assert few.choices == ["A", "B"]
    assert few.first_choice == "A"


def test_each_moment_of_the_shop_belongs_to_somebody_once(demo_client: Path) -> None:
    shop = Shop.open(demo_client, as_of="")
    lives = lifeline.lifelines(standing.standing(shop))
    counts = dict(lives.moments.group_by("kind").aggregate(n=lives.moments.count()).to_pandas().itertuples(index=False))
    assert counts["order"] == shop.orders.count().to_pyarrow().as_py()
    assert counts["contact_in"] + counts["contact_out"] == shop.table("touchpoints").count().to_pyarrow().as_py()
    assert counts["change"] == shop.table("story").count().to_pyarrow().as_py()
    assert counts["voice"] == shop.table("voices").count().to_pyarrow().as_py()
