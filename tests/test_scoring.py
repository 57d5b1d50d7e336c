"""Other cut-offs and another period are tried as the report itself would count them."""

from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from horetsu_utils import scoring
from horetsu_utils.errors import ConfigError
from horetsu_utils.metrics import rfm
from horetsu_utils.shop import Shop

CUTS = {"recency_days": (30, 60, 90, 180), "frequency": (1, 2, 4, 8), "monetary_yen": (5000, 10000, 20000, 50000)}
FIFTHS = dict.fromkeys(CUTS)
ORDERS = "  orders: [{files: data/*.csv, mapping: generic}]"
ROWS = "注文番号,顧客番号,注文日,金額\n" + "".join(
    f"{month}-{who},C{who},2026-{month:02}-{1 + who:02},{1000 * (1 + who)}\n"
    for who in range(20)
    for month in range(1, 2 + who % 5)
)


@pytest.fixture
def shop(make_client: Callable[..., Path]) -> Callable[..., Shop]:
    return lambda more="": Shop.open(make_client({"orders.csv": ROWS}, ORDERS, more), as_of="2026-06-30")


def counted(found: pd.DataFrame) -> dict[str, int]:
    return dict(zip(found["segment"], found["customers"], strict=True))


def test_what_the_shop_goes_by_is_its_setting_or_fifths(shop: Callable) -> None:
    assert scoring.own(shop()) == {"period_days": 365, **FIFTHS}
    lines = "\n".join(f"  {name}: {list(cuts)}" for name, cuts in CUTS.items())
    assert scoring.own(shop(f"period_days: 90\nrfm:\n{lines}")) == {"period_days": 90, **CUTS}


def test_trying_numbers_counts_what_a_shop_with_that_setting_counts(shop: Callable) -> None:
    tried = scoring.Scoring(shop()).segments(period_days=120, **CUTS)
    lines = "\n".join(f"  {name}: {list(cuts)}" for name, cuts in CUTS.items())
    other = shop(f"period_days: 120\nrfm:\n{lines}")
    held = scoring.Scoring(other).segments(**scoring.own(other))
    pd.testing.assert_frame_equal(tried, held)
    assert counted(tried) != counted(scoring.Scoring(shop()).segments(period_days=120, **FIFTHS))
    assert sum(counted(tried).values()) == 20


def test_one_measure_may_have_numbers_and_the_others_fifths(shop: Callable) -> None:
    found = shop()
    alone = scoring.Scoring(found).segments(period_days=365, **(FIFTHS | {"recency_days": (1, 2, 3, 4)}))
    assert counted(alone) != counted(scoring.Scoring(found).segments(period_days=365, **FIFTHS))
    assert "loyal" not in counted(alone)  # nobody bought within the last four days


@pytest.mark.parametrize("told", [(1, 2, 3), (4, 3, 2, 1), (1, 1, 2, 3), (1, 2, 3, 4, 5)])
def test_numbers_that_do_not_part_five_scores_are_refused(shop: Callable, told: tuple[float, ...]) -> None:
    with pytest.raises(ConfigError) as error:
        scoring.Scoring(shop()).segments(period_days=365, **(FIFTHS | {"frequency": told}))
    assert str(error.value) == (
        "点数の線は、小さい順に、同じ数が無いように、4つ書いてください。\n場所: 「注文回数」の線\n"
        "次に: 空にすると、期間中に買われた方を5等分します。"
    )


def test_an_empty_box_says_the_fifths_that_stand_in_its_place(shop: Callable) -> None:
    found = shop()
    told = scoring.hints(rfm.rfm(found.orders, as_of=found.as_of))
    assert told["monetary_yen"].startswith("空なら5等分(いまは ")
    assert told["frequency"] == "空なら5等分(いまは 1.8, 2.6, 3.4, 4.2)"  # four customers each of 1-5 orders


def test_what_is_kept_of_one_period_is_not_taken_for_another(shop: Callable) -> None:
    found = shop()
    kept = scoring.Scoring(found)
    for days in (365, 60, 365):
        for cuts in (CUTS, FIFTHS):
            fresh = scoring.Scoring(found).segments(period_days=days, **cuts)
            pd.testing.assert_frame_equal(kept.segments(period_days=days, **cuts), fresh)
