"""The way of the first-time buyers put together, and the year ahead: on the demo shop and on shops gone odd."""

import datetime as dt
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from horetsu_utils import groups, outlook, pathway, repairs, walking
from horetsu_utils.errors import ConfigError
from horetsu_utils.metrics import survival
from horetsu_utils.shop import Shop

ORDERS = "  orders:\n    - files: data/orders.csv\n      mapping: generic\n"
HEAD = "注文番号,顧客番号,注文日時,金額,商品名\n"
START = dt.date(2026, 1, 1)


def order(number: object, who: object, day: int, yen: int = 3000, name: str = "品") -> str:
    return f"{number},{who},{START + dt.timedelta(days=day)},{yen},{name}\n"


@pytest.fixture(scope="module")
def demo_path(demo_client: Path) -> pathway.Pathway:
    return pathway.pathway(Shop.open(demo_client, as_of=""))


@pytest.fixture
def shop(make_client: Callable[..., Path]) -> Callable[..., pathway.Pathway]:
    def make(rows: str, more: str = "", as_of: object = "", **files: str) -> pathway.Pathway:
        named = {f"{name}.csv": text for name, text in files.items()}
        tables = ORDERS + "".join(
            f"  {name}:\n    - files: data/{name}.csv\n      mapping: generic\n" for name in files
        )
        folder = make_client({"orders.csv": HEAD + rows} | named, tables, more)
        return pathway.pathway(Shop.open(folder, as_of=as_of))

    return make


def test_the_planted_star_product_stands_out(demo_path) -> None:
    from horetsu_utils import demo
    from horetsu_utils.demo import catalog

    star = catalog.PRODUCTS[catalog.position(demo.build().truths.star_first_product)].name
    found = demo_path.groups("first_product")
    assert found.test.p < 0.001
    own = found.read[found.read["first_product"] != survival.REST]
    assert own.sort_values("value")["first_product"].iloc[-1] == star
    assert found.test.outstanding(0.01)[0] == star
    assert len(found.read) == pathway.MOST_GROUPS + 1
    assert found.read["customers"].sum() == demo_path.customers
    assert len(found.drawn) == groups.DRAWN_GROUPS


def test_months_are_told_apart_by_chance_only(demo_path) -> None:
    found = demo_path.groups("first_month")
    assert found.test.p > 0.01
    assert found.read["first_month"].tolist()[0] == "2025-07"
    assert len(found.read) == 12


def test_the_dip_is_the_most_valuable_repair_of_the_demo(demo_path) -> None:
    found = demo_path.breaks(demo_path.pace())
    ranked = repairs.repairs(demo_path).ranked(found, 90)
    assert ranked["repair"].iloc[0] == "break"
    assert (ranked["day_from"].iloc[0], ranked["day_to"].iloc[0]) == (31, 60)
    assert ranked["gain_yen"].is_monotonic_decreasing
    assert (ranked["gain_low_yen"] <= ranked["gain_yen"]).all()


def test_what_was_done_in_the_dip_is_nothing(demo_path) -> None:
    way = walking.walking(demo_path)
    worst = way.done(demo_path.breaks(demo_path.pace())).iloc[0]
    assert (worst["planned_steps"], worst["silent_days"], worst["days"]) == (0, 30, 30)
    assert worst["contacts_each"] < 0.05
    assert way.has_contacts and way.heard > 300


def test_the_demo_shop_is_refused_a_year_ahead_since_the_quarter_did_not_hold(demo_path) -> None:
    ahead = outlook.outlook(demo_path)
    tried = ahead.trial
    assert tried.verdict == "bad"
    assert abs(tried.expected / tried.actual - 1) > 0.25
    assert ahead.people.empty and ahead.ahead.empty
    assert tried.by_week["actual"].iloc[-1] == tried.actual
    assert tried.by_week["expected"].iloc[-1] == pytest.approx(tried.expected)
    assert tried.by_frequency["followed"].sum() == tried.actual


def test_ucis_quarter_is_tried_and_told(uci_client) -> None:
    path = pathway.pathway(Shop.open(uci_client, as_of=""))
    ahead = outlook.outlook(path)
    tried = ahead.trial
    assert tried.repeaters > 1000
    # the quarter before Christmas: 4,460 customer-days came, a model without seasons expects 26 % fewer
    assert (tried.verdict, tried.actual, round(tried.expected)) == ("bad", 4460, 3300)
    assert ahead.people.empty


def test_a_steady_shop_is_given_a_year_ahead(shop) -> None:
    """Customers who order at rates of their own, and leave by and by: what the model is made for."""
    import numpy as np

    draw = np.random.default_rng(11)
    rows, number = [], 0
    for who in range(900):
        day, rate, leaves = float(draw.integers(0, 500)), draw.gamma(1.2, 1 / 40), draw.beta(1, 5)
        usual = 12_000 / draw.gamma(4, 1)
        while day <= 600:
            number += 1
            rows.append(order(number, who, int(day), int(usual * draw.gamma(8, 1 / 8))))
            if draw.random() < leaves:
                break
            day += 1 + draw.exponential(1 / rate)
    rows.append(order("last", "Z", 600))
    ahead = outlook.outlook(shop("".join(rows)))
    assert ahead.trial.verdict == "good"
    assert ahead.has_yen
    assert len(ahead.people) == 901
    assert ahead.people["yen"].notna().all() and (ahead.people["orders"] >= 0).all()
    assert ahead.ahead["customers"].sum() == 901
    assert ahead.ahead["yen"].sum() == pytest.approx(ahead.people["yen"].sum())


def test_a_good_trial_without_a_model_of_today_shows_no_year_ahead(demo_path, monkeypatch) -> None:
    good = outlook.Trial("good", 200, 100.0, 101.0)
    monkeypatch.setattr(outlook, "trial", lambda *_: good)
    monkeypatch.setattr(outlook.lifetime, "fit_orders", lambda _: None)
    assert outlook.outlook(demo_path).trial.verdict == "no_fit"


def test_who_registered_before_the_records_is_no_first_time_buyer(shop) -> None:
    rows = "".join(order(f"A{who}", who, who) for who in range(40))
    members = "顧客番号,登録日時\n" + "".join(
        f"{who},{'2020-01-01' if who < 25 else '2026-01-01'}\n" for who in range(40)
    )
    path = shop(rows, customers=members)
    assert (path.known_before, path.customers) == (25, 15)
    everybody = shop(rows, customers="顧客番号,登録日時\n" + "".join(f"{who},2020-01-01\n" for who in range(40)))
    assert (everybody.known_before, everybody.customers) == (40, 0)
    assert everybody.readings()["value"].isna().all()
    assert everybody.groups("first_product").test is None
    assert everybody.first_day == "—"


def test_a_subscription_shop_has_no_break_before_its_own_rhythm(shop) -> None:
    rows = "".join(order(f"{who}-{turn}", who, who % 20 + 30 * turn) for who in range(60) for turn in range(6))
    path = shop(rows)
    assert path.readings()["value"].tolist() == [1.0, 1.0, 1.0]
    assert path.breaks(path.pace()).to_pandas().empty


def test_hundreds_of_products_are_folded(shop) -> None:
    rows = "".join(order(who, who, who % 50, name=f"品{who % 300}") for who in range(600))
    found = shop(rows).groups("first_product")
    assert len(found.read) == pathway.MOST_GROUPS + 1
    assert found.read["first_product"].iloc[-1] == survival.REST
    assert found.read["customers"].sum() == 600


def test_the_clients_own_days_are_read(shop) -> None:
    path = shop("".join(order(who, who, who) for who in range(120)), "journey: {reading_days: [14, 45]}")
    assert path.readings()["day"].tolist() == [14, 45, 90]


def test_other_days_can_be_marked_and_are_held_to_what_client_yaml_may_say(shop) -> None:
    path = shop("".join(order(who, who, who) for who in range(120)), "journey: {reading_days: [14, 45]}")

    def marks(**given: object) -> list[int]:
        drawn = path.draw(lambda *_, readings, **__: readings, days=90, title="", note="", **given)
        assert isinstance(drawn, list)
        return drawn

    assert marks() == marks(reading_days=None) == [14, 45, 90]
    assert marks(reading_days=(7, 60, 200)) == [7, 60, 90]
    with pytest.raises(ConfigError, match="小さい順に、同じ数が無いように"):
        marks(reading_days=(60, 7))


def test_the_size_of_a_repair_is_the_clients_own(shop, demo_path) -> None:
    path = shop("".join(order(who, who, who) for who in range(120)), "journey: {repair_points: 3}")
    assert repairs.repairs(path).points == 3
    five = repairs.repairs(demo_path)
    assert five.points == 5
    found = demo_path.breaks(demo_path.pace())
    gains = [each.ranked(found, 90).set_index("repair")["gain_yen"] for each in (five, replace(five, points=3))]
    assert gains[1]["reading"] == pytest.approx(gains[0]["reading"] * 3 / 5)
    assert gains[1]["break"] == gains[0]["break"]


def test_cells_of_cohorts_leave_unripe_months_unknown(demo_path) -> None:
    cells, scales = demo_path.cells(demo_path.cohorts())
    assert scales["down_order"][-1] == "2026年6月"
    last = cells[cells["cohort"] == "2026年6月"]
    assert last["month"].tolist() == [0]
    may = cells[(cells["cohort"] == "2026年5月") & (cells["month"] == 1)]
    assert may["retention_ratio"].notna().all()
    past = pathway.pathway(Shop.open(demo_path.shop.client.folder, as_of="2026-06-15"))
    young, _ = past.cells(past.cohorts())
    assert young.loc[young["cohort"] == "2026年6月", "ltv_yen"].isna().all()


def test_at_risk_counts_who_is_still_watched() -> None:
    curve = pd.DataFrame({"day": [5, 10, 20], "left": [1, 2, 3]})
    assert groups.at_risk(curve, [0, 10, 11, 21])["customers"].tolist() == [6, 5, 3, 0]


def test_contacts_and_plans_gone_wrong_give_figures(shop) -> None:
    rows = "".join(order(who, who, who % 60) for who in range(80)) + "".join(
        order(f"B{who}", who, who % 60 + 30) for who in range(40)
    )
    steps = ("S1,0,10,メール,ご注文", "S2,30,20,LINE,", "S3,-9,-2,DM,参加")
    plan = "\n".join(["ステップ番号,開始日目,終了日目,チャネル,うれしい行動", *steps, ""])
    sent = [f"{who},2026-01-03 10:00,メール,out,S1,open" for who in ("0", "X")]
    contacts = "\n".join(["顧客番号,日時,チャネル,向き,ステップ番号,反応", *sent, ""])
    path = shop(rows, scenario=plan, touchpoints=contacts)
    way = walking.walking(path)
    assert dict(zip(way.steps["step_id"], way.steps["sound"], strict=True)) == {"S1": True, "S2": False, "S3": False}
    assert way.strangers["contacts"].tolist() == [1]


def test_records_that_begin_in_mid_life_are_found_out(shop) -> None:
    regulars = "".join(
        order(f"R{who}-{turn}", f"R{who}", who % 30 + 35 * turn) for who in range(200) for turn in range(12)
    )
    newcomers = "".join(order(f"N{who}", f"N{who}", 200 + who) for who in range(200))
    found = shop(regulars + newcomers).early
    assert (found.days, found.value) == (180, 0.0)
    assert shop("".join(order(who, who, who) for who in range(400))).early is None


def test_a_product_called_rest_stays_itself(shop) -> None:
    rows = "".join(order(who, who, who % 50, name="rest" if who % 2 else f"品{who % 40}") for who in range(400))
    found = shop(rows).groups("first_product").read.set_index("first_product")["customers"]
    assert found["rest"] == 200


def test_a_years_worth_is_told_only_of_records_of_a_year_and_a_quarter(shop) -> None:
    def two(days: int) -> pathway.Pathway:
        pairs = [(day, turn) for day in range(0, 60) for turn in (0, 40)]
        rows = "".join(order(f"{day}-{turn}", day, day + turn) for day, turn in pairs)
        return shop(rows, as_of=START + dt.timedelta(days=days - 1))

    assert repairs.repairs(two(454)).moved(90, 5).empty
    assert len(repairs.repairs(two(455)).moved(90, 5)) == 1


def test_regulars_from_before_the_records_have_no_part_in_a_newcomers_worth(shop) -> None:
    regulars = "".join(
        order(f"R{who}-{turn}", f"R{who}", who % 30 + 35 * turn) for who in range(200) for turn in range(16)
    )
    pairs = [(who, turn) for who in range(80) for turn in ((0, 100) if who < 40 else (0,))]
    newcomers = "".join(order(f"N{who}-{turn}", f"N{who}", 190 + who % 10 + turn, 700) for who, turn in pairs)
    path = shop(regulars + newcomers + order("last", "Z", 600))
    assert path.early is not None
    found = repairs.repairs(path).rungs.to_pandas()
    # only the newcomers of day 190 on: 80 of them, 40 of whom came once more, for 700
    assert found["customers"].tolist() == [80, 40]
    assert found["value_yen"].tolist() == [1050.0, 700.0]
