"""A shop on two days: each figure as its own chapter has it, each difference with its interval, each person once."""

from collections.abc import Callable
from pathlib import Path

import ibis
import numpy as np
import pandas as pd
import pytest

from horetsu_utils import comparing, intervals, standing
from horetsu_utils.comparing import Comparison, compare, difference_interval, together
from horetsu_utils.day_figures import FEELING_DAYS, day_figures
from horetsu_utils.errors import ConfigError, MissingDataError
from horetsu_utils.metrics import passage, rfm, story, value
from horetsu_utils.pathway import pathway
from horetsu_utils.shop import Shop

DAYS = ("2026-03-31", "2026-06-30")
ORDERS = "  orders: [{files: data/o.csv, mapping: generic}]"


@pytest.fixture(scope="module")
def shops(demo_client: Path) -> tuple[Shop, Shop]:
    before, now = (Shop.open(demo_client, as_of=day) for day in DAYS)
    return before, now


@pytest.fixture(scope="module")
def told(shops: tuple[Shop, Shop]) -> Comparison:
    return compare(*shops)


def test_the_figures_are_those_of_their_own_chapters(shops: tuple[Shop, Shop], told: Comparison) -> None:
    figures = told.figures.set_index("key")
    assert tuple(figures.index) == comparing.KEYS
    for side, shop in zip(("before", "now"), shops, strict=True):
        year = rfm.rfm(shop.orders, as_of=shop.as_of)
        lines = value.against_lines(year, rules=shop.rules.lines).to_pandas().set_index("measure")["value"]
        assert figures.loc["repeat_ratio", side] == lines["repeat_ratio"]
        assert figures.loc["annual_ltv_yen", side] == lines["annual_ltv_yen"]
        assert figures.loc["f2_ratio", side] == pathway(shop).readings()["value"][0]
        stages = standing.standing(shop).stages.to_pandas()
        assert figures.loc["near_ratio", side] == pytest.approx((stages.stage >= 2).mean())
        assert figures.loc["cooling_ratio", side] == pytest.approx(stages[stages.stage >= 1].cooling.mean())
        orders = shop.orders.to_pandas()
        recent = orders[pd.to_datetime(orders.ordered_on) > pd.Timestamp(shop.as_of) - pd.Timedelta(days=365)]
        assert figures.loc["sales_yen", side] == pytest.approx(recent.amount.sum())
        assert figures.loc["orders", side] == recent.is_purchase.sum()
        assert figures.loc["buyers", side] == recent[recent.is_purchase].customer_id.nunique()


def test_the_feelings_weigh_everybody_the_same_week_by_week(shops: tuple[Shop, Shop], told: Comparison) -> None:
    shop = shops[1]
    rows = story.written(shop.table("story"), as_of=shop.as_of).to_pandas()
    ago = (pd.Timestamp(shop.as_of) - pd.to_datetime(rows.on)).dt.days
    rows = rows.assign(week=ago // 7, good=rows.emotion == "良い")[ago < FEELING_DAYS]
    weekly = rows.groupby(["week", "customer_id"])["good"].mean().groupby("week").mean()
    assert len(weekly) == 4
    assert told.figures.set_index("key").loc["good_ratio", "now"] == pytest.approx(weekly.mean())


def test_the_interval_of_the_feelings_is_that_of_people_and_not_of_weeks(shops: tuple[Shop, Shop]) -> None:
    """Drawing the people again, with all their weeks, gives the same width."""
    shop = shops[1]
    row = day_figures(shop).rows.loc["good_ratio"]
    rows = story.written(shop.table("story"), as_of=shop.as_of).to_pandas()
    ago = (pd.Timestamp(shop.as_of) - pd.to_datetime(rows.on)).dt.days
    rows = rows.assign(week=ago // 7, good=rows.emotion == "良い")[ago < FEELING_DAYS]
    shares = rows.pivot_table(index="customer_id", columns="week", values="good", aggfunc="mean").to_numpy(float)
    chance = np.random.default_rng(8)
    drawn = [np.nanmean(shares[chance.integers(0, len(shares), len(shares))], axis=0).mean() for _ in range(1500)]
    assert row["high"] - row["low"] == pytest.approx(2 * 1.96 * np.std(drawn), rel=0.08)


def test_the_ways_are_cut_from_the_later_path_and_agree_with_the_earlier_day(shops, told: Comparison) -> None:
    """No signal looks ahead, so a stage cut at the earlier day is the one that was told on it."""
    before, now = (standing.standing(shop).stages for shop in shops)
    one, two = before.to_pandas().set_index("customer_id"), now.to_pandas().set_index("customer_id")
    both = two.join(one, rsuffix="_then", how="inner")
    stood = pd.crosstab(both.stage_then.astype(str), both.stage.astype(str)).stack()
    ways = told.stages.set_index(["source", "target"])["customers"]
    assert {way: n for way, n in ways.items() if way[0] != "-1"} == {way: n for way, n in stood.items() if n}
    assert ways["-1"].sum() == len(two) - len(both) == told.people["new"]
    assert told.people["known"] == len(both)
    assert told.people["risen"] == (both.stage > both.stage_then).sum()
    assert told.people["fallen"] == (both.stage < both.stage_then).sum()
    cool, was = both.cooling & (both.stage > 0), both.cooling_then & (both.stage_then > 0)
    assert told.people["cooled"] == (cool & ~was).sum()
    assert told.people["warmed"] == (was & ~cool & (both.stage >= both.stage_then)).sum()


def test_the_segments_move_by_the_later_days_cut_points(shops, told: Comparison) -> None:
    assert told.segments["customers"].sum() == standing.segmented(shops[1]).count().to_pandas()
    again = comparing._segments(shops[1], shops[0].as_of).to_pandas()
    assert told.segments["customers"].tolist() == again["customers"].tolist()
    assert set(told.segments["source"]) <= {rfm.NOT_YET, *shops[1].rules.segment_names}
    assert str(passage.NOT_YET) not in set(told.segments["source"])


def side(successes: int, trials: int) -> pd.Series:
    """Return a share with Wilson's interval, as the engine has it."""
    counts = ibis.memtable({"k": [successes], "n": [trials]})
    low, high = intervals.wilson(counts.k, counts.n)
    return counts.select(value=counts.k / counts.n, low=low, high=high).to_pandas().iloc[0]


def test_an_interval_worked_by_hand() -> None:
    """50 of 100 (0.4038 to 0.5962) against 65 of 100 (0.5525 to 0.7364).

    0.15 - sqrt(0.0975^2 + 0.0962^2) = 0.0131; 0.15 + sqrt(0.0864^2 + 0.0962^2) = 0.2793.
    """
    one, two = side(50, 100), side(65, 100)
    low, high = difference_interval(one, two, 0.0)
    assert (low, high) == pytest.approx((0.0131, 0.2793), abs=1e-4)
    closer = difference_interval(one, two, 0.5)
    assert low < closer[0] < 0.15 < closer[1] < high
    assert difference_interval(one, one, 1.0) == pytest.approx((0.0, 0.0), abs=1e-9)


def test_how_far_two_averages_go_together_by_hand() -> None:
    """Off the mean -1, 0, 1 before and -1, 1 now: those in both give 1 + 1, and 2 / sqrt(2 * 2) = 1."""
    before = pd.Series({"a": 1.0, "b": 2.0, "c": 3.0})
    assert together(before, pd.Series({"a": 4.0, "c": 6.0})) == pytest.approx(1.0)
    assert together(before, pd.Series({"a": 4.0, "d": 6.0})) == pytest.approx(0.5)
    assert together(before, pd.Series({"x": 4.0, "y": 6.0})) == 0.0
    assert together(before, pd.Series({"a": 5.0, "c": 5.0})) == 0.0


def test_a_side_without_an_interval_gives_none() -> None:
    plain = pd.Series({"value": 10.0, "low": float("nan"), "high": float("nan")})
    assert all(np.isnan(each) for each in difference_interval(plain, plain, 0.0))


def test_its_intervals_hold_the_truth_as_often_as_they_say() -> None:
    """A hundred people on each day, sixty of them the same, who lean as they lean: nothing has moved."""
    chance, sides, held, wide = np.random.default_rng(20), [side(k, 100) for k in range(101)], 0, 0
    for _ in range(2000):
        leaning = chance.random(140) < 0.5
        drawn = [np.where(chance.random(140) < 0.7, leaning, chance.random(140) < 0.5) for _ in range(2)]
        one, two = pd.Series(drawn[0][:100].astype(float)), pd.Series(drawn[1][40:].astype(float), range(40, 140))
        ends = sides[int(one.sum())], sides[int(two.sum())]
        low, high = difference_interval(*ends, together(one, two))
        apart = difference_interval(*ends, 0.0)
        held += low <= 0 <= high
        wide += apart[0] <= 0 <= apart[1]
    assert 0.935 < held / 2000 < 0.965
    assert wide > held


def orders(*rows: tuple[str, str, int]) -> str:
    lines = [f"{place},{who},{day},{yen}" for place, (who, day, yen) in enumerate(rows)]
    return "\n".join(["order_id,customer_id,ordered_at,amount", *lines])


@pytest.fixture
def plain(make_client: Callable[..., Path]) -> Path:
    """Return a shop of 40 buyers with nothing but orders: ten come back between the two days, five come anew."""
    first = [(f"A{n}", "2024-01-10", 1000) for n in range(40)] + [(f"A{n}", "2025-12-01", 1000) for n in range(40)]
    later = [(f"A{n}", "2026-05-01", 2000) for n in range(10)] + [(f"B{n}", "2026-05-02", 3000) for n in range(5)]
    return make_client({"o.csv": orders(*first, *later)}, ORDERS)


def test_a_shop_of_orders_alone_is_compared_by_hand(plain: Path) -> None:
    told = compare(Shop.open(plain, as_of="2026-03-31"), Shop.open(plain, as_of="2026-06-30"))
    figures = told.figures.set_index("key")
    assert figures.loc["buyers", ["before", "now", "difference", "verdict"]].tolist() == [40, 45, 5, "added"]
    assert figures.loc["orders", ["before", "now"]].tolist() == [40, 55]
    assert figures.loc["sales_yen", ["before", "now"]].tolist() == [40_000, 40_000 + 20_000 + 15_000]
    assert figures.loc["repeat_ratio", ["before", "now"]].tolist() == [1.0, pytest.approx(40 / 45)]
    assert figures.loc["annual_ltv_yen", ["before", "now"]].tolist() == [1000, pytest.approx(75_000 / 45)]
    assert figures.loc["annual_ltv_yen", "verdict"] == "more"
    assert not {"near_ratio", "good_ratio", "bad_ratio"} & set(figures.index)
    assert told.people[["known", "new"]].tolist() == [40, 5]
    assert told.begun == ()


def test_a_record_of_less_than_a_year_is_not_compared_over_the_year(make_client) -> None:
    rows = [(f"A{n}", "2026-01-10", 1000) for n in range(40)] + [(f"A{n}", "2026-05-01", 9000) for n in range(40)]
    client = make_client({"o.csv": orders(*rows)}, ORDERS)
    told = compare(Shop.open(client, as_of="2026-03-31"), Shop.open(client, as_of="2026-06-30"))
    verdicts = told.figures.set_index("key")["verdict"]
    assert set(verdicts[list(comparing.OVER_THE_YEAR)]) == {"young"}


def test_of_few_people_nothing_is_claimed(make_client) -> None:
    rows = [(f"A{n}", "2024-01-10", 1000) for n in range(29)] + [(f"A{n}", "2025-12-01", 1000) for n in range(29)]
    rows += [(f"A{n}", "2026-05-01", 90_000) for n in range(29)]
    client = make_client({"o.csv": orders(*rows)}, ORDERS)
    told = compare(Shop.open(client, as_of="2026-03-31"), Shop.open(client, as_of="2026-06-30"))
    figures = told.figures.set_index("key")
    assert figures.loc["annual_ltv_yen", "verdict"] == "few"
    assert set(figures["verdict"]) == {"added", "few"}


def test_a_kind_of_record_that_begins_in_between_makes_no_claim_about_ties(plain: Path) -> None:
    """Records of good feelings lift forty people, who may have felt the same before anybody wrote it down."""
    rows = [f"A{n},2026-05-{day},3,良い" for n in range(40) for day in (10, 20)]
    (plain / "data" / "s.csv").write_text("\n".join(["顧客番号,日付,変化点数,気持ち", *rows]), "utf-8")
    settings = plain / "client.yaml"
    records = "  story: [{files: data/s.csv, mapping: generic}]\n"
    settings.write_text(settings.read_text("utf-8") + records, "utf-8")
    told = compare(Shop.open(plain, as_of="2026-03-31"), Shop.open(plain, as_of="2026-06-30"))
    figures = told.figures.set_index("key")
    assert told.begun == ("story",)
    assert figures.loc["near_ratio", "now"] > figures.loc["near_ratio", "before"] == 0
    assert set(figures.loc[["near_ratio", "cooling_ratio"], "verdict"]) == {"begun"}


@pytest.mark.parametrize(
    ("days", "what"),
    [
        (("2026-06-30", "2026-03-31"), "比べる2つの日の順が、逆です。"),
        (("2026-06-30", "2026-06-30"), "比べる2つの日が、同じ日です。"),
    ],
)
def test_days_in_the_wrong_order_are_told_in_words(demo_client: Path, days: tuple[str, str], what: str) -> None:
    with pytest.raises(ConfigError) as error:
        compare(*(Shop.open(demo_client, as_of=day) for day in days))
    assert error.value.what == what
    assert error.value.where == f"{days[0]} と {days[1]}"
    assert error.value.next_step.startswith("horetsu compare demo 2026-03-31 2026-06-30 のように")


def test_two_shops_are_not_compared(demo_client: Path, plain: Path) -> None:
    with pytest.raises(ConfigError, match="2つの別のお店は、比べられません。"):
        compare(Shop.open(plain, as_of="2026-03-31"), Shop.open(demo_client, as_of="2026-06-30"))


def test_a_day_before_the_first_record_is_refused_by_the_shop_itself(plain: Path) -> None:
    with pytest.raises(MissingDataError, match="最初の記録 2024-01-10 より前です"):
        Shop.open(plain, as_of="2023-12-31")
