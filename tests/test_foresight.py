"""Foresight: the areas by hand and by counting pairs, what is planted is found, and noise foretells nothing."""

from fractions import Fraction

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import roc_auc_score

from horetsu_utils import foresight
from horetsu_utils.foresight import Description, ForesightRules

RFM = Description(numbers=("recency_days", "frequency", "monetary_yen"))
TIE = Description(categories=("stage", "cooling"))
EXAMPLES = settings(max_examples=50, deadline=None)


def shop(seed: int, *, effect: float = 0.0, customers: int = 800) -> pd.DataFrame:
    """Make customers whose next order hangs on recency and frequency, and on a stage of its own by `effect`."""
    draw = np.random.default_rng(seed)
    recency = draw.exponential(120, customers).round()
    frequency = 1 + draw.poisson(1.5, customers)
    stage = draw.integers(0, 5, customers)
    log_odds = 0.5 - 0.5 * np.log1p(recency) + np.log1p(frequency) + effect * (stage - 2)
    return pd.DataFrame(
        {
            "recency_days": recency,
            "frequency": frequency,
            "monetary_yen": (frequency * draw.lognormal(8.5, 0.6, customers)).round(),
            "stage": stage,
            "cooling": draw.random(customers) < 0.2,
            "ordered": draw.random(customers) < 1 / (1 + np.exp(-log_odds)),
        }
    )


def living_shop(seed: int, customers: int = 5000) -> pd.DataFrame:
    """Make customers who buy at their own pace until they leave for good; the stage only cuts up R and F."""
    draw = np.random.default_rng(seed)
    known_days, leaves_on = draw.uniform(30, 365, customers), draw.exponential(draw.gamma(2, 150, customers))
    pace, active = draw.gamma(0.6, 1 / 40, customers), np.minimum(leaves_on, known_days)
    repeats = draw.poisson(pace * active)
    last = active * draw.random(customers) ** (1 / np.maximum(repeats, 1)) * (repeats > 0)
    ahead = np.clip(leaves_on - known_days, 0, 90)
    recency, frequency = (known_days - last).round(), repeats + 1
    stage = ((frequency >= 2) | (recency > 14)).astype(int) + ((frequency >= 3) & (recency < 120))
    return pd.DataFrame(
        {
            "recency_days": recency,
            "frequency": frequency,
            "monetary_yen": (frequency * draw.lognormal(8.5, 0.5, customers)).round(),
            "stage": stage,
            "cooling": recency > 90,
            "ordered": draw.poisson(pace * ahead) > 0,
        }
    )


def compared(frame: pd.DataFrame, rules: ForesightRules = foresight.RULES) -> pd.DataFrame:
    return foresight.compare(frame, "ordered", RFM, TIE, rules=rules).set_index("description")


def pair_wins(happened: np.ndarray, scores: np.ndarray) -> np.ndarray:
    """Compare every customer with the event with every one without: 1 above, 1/2 level, 0 below."""
    with_it, without = scores[happened][:, None], scores[~happened][None, :]
    return (with_it > without) + 0.5 * (with_it == without)


# Five customers; A and B ordered, C, D and E did not.
ORDERED = np.array([True, True, False, False, False])
FIRST = np.array([0.9, 0.5, 0.5, 0.4, 0.1])
SECOND = np.array([0.2, 0.8, 0.5, 0.1, 0.3])


def test_areas_of_five_customers_worked_by_hand() -> None:
    # First score: A is above C, D and E (3); B is level with C (1/2), above D and E (2): 5.5 of 6 pairs = 11/12.
    # Second: A is above D only (1); B is above all (3): 4 of 6 = 2/3.
    auc, _ = foresight.areas(ORDERED, [FIRST, SECOND])
    assert auc == pytest.approx([11 / 12, 2 / 3])


def test_variances_of_five_customers_worked_by_hand() -> None:
    # First. A 3/3, B 2.5/3: off their mean 11/12 by +1/12 and -1/12; variance (1/144 + 1/144) / 1 = 1/72.
    #   C (0 + 1/2 below A, B: 1.5/2) 3/4, D 1, E 1: off 11/12 by -1/6, 1/12, 1/12; (4 + 1 + 1)/144 / 2 = 1/48.
    #   1/72 / 2 + 1/48 / 3 = 1/144 + 1/144 = 1/72.
    # Second. A 1/3, B 1: off 2/3 by -1/3, +1/3; variance 2/9. C 1/2, D 1, E 1/2: off by -1/6, 1/3, -1/6;
    #   (1 + 4 + 1)/36 / 2 = 1/12. 2/9 / 2 + 1/12 / 3 = 1/9 + 1/36 = 5/36.
    # Together. (1/12)(-1/3) + (-1/12)(1/3) = -1/18; (-1/6)(-1/6) + (1/12)(1/3) + (1/12)(-1/6) = 1/24, / 2 = 1/48.
    #   -1/18 / 2 + 1/48 / 3 = -4/144 + 1/144 = -1/48.
    _, covariance = foresight.areas(ORDERED, [FIRST, SECOND])
    assert covariance == pytest.approx(np.array([[1 / 72, -1 / 48], [-1 / 48, 5 / 36]]))


@given(
    people=st.lists(st.tuples(st.booleans(), st.integers(0, 6), st.integers(0, 6)), min_size=4, max_size=40).filter(
        lambda people: 2 <= sum(happened for happened, *_ in people) <= len(people) - 2
    )
)
@EXAMPLES
def test_areas_and_covariance_agree_with_counting_pairs(people) -> None:
    happened, first, second = (np.array(column) for column in zip(*people, strict=True))
    auc, covariance = foresight.areas(happened, [first, second])
    wins = [pair_wins(happened, scores) for scores in (first, second)]
    assert auc == pytest.approx([float(Fraction(each.sum()) / each.size) for each in wins])
    assert auc[0] == pytest.approx(roc_auc_score(happened, first))
    rows, columns = (np.cov([each.mean(axis=axis) for each in wins]) for axis in (1, 0))
    assert covariance == pytest.approx(rows / happened.sum() + columns / (~happened).sum(), abs=1e-12)


def test_the_variance_of_a_gain_agrees_with_a_bootstrap() -> None:
    draw = np.random.default_rng(1)
    happened = np.arange(400) < 150
    first = draw.normal(happened * 0.8)
    second = first + draw.normal(happened * 0.4)
    _, covariance = foresight.areas(happened, [first, second])
    expected = np.sqrt(covariance[0, 0] + covariance[1, 1] - 2 * covariance[0, 1])
    difference = pair_wins(happened, second) - pair_wins(happened, first)
    drawn = [
        difference[draw.integers(0, 150, 150)][:, draw.integers(0, 250, 250)].mean(dtype="float64") for _ in range(4000)
    ]
    # 4,000 draws know a deviation to 1 / sqrt(2 * 4000) = 1.1 %; three of those and the 1/n that DeLong leaves out.
    assert np.std(drawn) == pytest.approx(expected, rel=0.04)


def test_nineteen_of_twenty_intervals_hold_the_true_area() -> None:
    # Two normal distributions one deviation apart: the true area is the normal distribution at 1 / sqrt(2) = 0.76025.
    held = 0
    for seed in range(400):
        happened = np.arange(120) < 50
        auc, covariance = foresight.areas(happened, [np.random.default_rng(seed).normal(happened * 1.0)])
        held += abs(auc[0] - 0.76025) <= foresight.Z_95 * np.sqrt(covariance[0, 0])
    # 400 * 0.95 = 380, with a deviation of sqrt(400 * 0.95 * 0.05) = 4.4: two of them to either side.
    assert 371 <= held <= 389


def test_the_table_says_what_out_of_fold_scores_say() -> None:
    frame = shop(3, effect=0.5)
    found = compared(frame)
    assert list(found.index) == list(foresight.DESCRIPTIONS)
    people = frame[["ordered", *RFM.columns, *TIE.columns]].sort_values(
        ["ordered", *RFM.columns, *TIE.columns], ignore_index=True
    )
    for name, description in zip(found.index, (RFM, TIE, RFM + TIE), strict=True):
        scores = foresight.out_of_fold(people, "ordered", description)
        assert found.loc[name, "auc"] == pytest.approx(roc_auc_score(people["ordered"], scores))
    assert (found["customers"] == 800).all() and (found["events"] == frame["ordered"].sum()).all()
    assert (found["low"] < found["auc"]).all() and (found["auc"] < found["high"]).all()
    both = found.loc["both"]
    assert both["gain"] == pytest.approx(both["auc"] - found.loc["base", "auc"])
    assert both["gain_high"] - both["gain"] == pytest.approx(both["gain"] - both["gain_low"])
    assert found.loc["base", ["gain", "gain_low", "gain_high", "verdict"]].isna().all()


def test_a_gain_is_paired_and_surer_than_two_areas_apart() -> None:
    found = compared(shop(3, effect=0.5))
    apart = np.hypot(*(found.loc[name, "high"] - found.loc[name, "auc"] for name in ("base", "both")))
    assert found.loc["both", "gain_high"] - found.loc["both", "gain"] < apart


def test_a_planted_gain_is_found() -> None:
    found = [compared(shop(seed, effect=0.5)).loc["both"] for seed in range(20)]
    assert sum(each["verdict"] == "gain" for each in found) == 20
    assert all(each["gain"] > 0.02 for each in found)


def test_where_nothing_is_planted_nothing_is_found() -> None:
    found = [compared(shop(seed)).loc["both"] for seed in range(40)]
    assert sum(each["verdict"] == "gain" for each in found) <= 1  # one sided, 2.5 % of 40


def test_a_stage_that_only_cuts_up_rfm_gains_nothing_over_it() -> None:
    # The chance to order again bends in R and F and hangs on both at once; a base of straight lines leaves that to the
    # stage, which then seems to gain in most of these shops.
    found = [compared(living_shop(seed)).loc["both"] for seed in range(20)]
    assert sum(each["verdict"] == "gain" for each in found) <= 1
    assert max(each["gain"] for each in found) < 0.005


def test_a_better_description_gains_also_alone_and_a_worse_one_does_not() -> None:
    frame = shop(5, effect=1.5)
    assert compared(frame).loc["added", "verdict"] == "gain"
    turned = foresight.compare(frame, "ordered", TIE, RFM).set_index("description")
    assert turned.loc["added", "verdict"] == "no_gain" and turned.loc["added", "gain_high"] < 0


def test_pure_noise_foretells_nothing() -> None:
    held = 0
    for seed in range(40):
        frame = shop(seed, customers=300)
        frame["ordered"] = np.random.default_rng(seed + 1000).permutation(frame["ordered"])
        both = compared(frame).loc["both"]
        held += both["low"] <= 0.5 <= both["high"]
    assert held >= 36  # 95 % of 40 is 38, with a deviation of 1.4


def test_a_name_of_ones_own_tells_nothing_about_oneself() -> None:
    # Fitted to the customers it scores, a model with a column for each of them would be right every time.
    frame = shop(7, customers=200).assign(customer=range(200))
    found = foresight.compare(frame, "ordered", RFM, Description(categories=("customer",))).set_index("description")
    assert 0.45 < found.loc["added", "auc"] < 0.55


@pytest.mark.parametrize("events", [40, 41, 42, 43, 44])
def test_a_constant_foretells_exactly_nothing_however_the_events_fall_on_the_folds(events) -> None:
    frame = shop(8, customers=200).assign(same=1.0, ordered=np.arange(200) < events)
    for constant in (Description(numbers=("same",)), Description(categories=("same",))):
        found = foresight.compare(frame, "ordered", constant, TIE).set_index("description")
        assert list(found.loc["base", ["auc", "low", "high"]]) == [0.5, 0.5, 0.5]


def test_a_constant_added_changes_nothing() -> None:
    frame = shop(8).assign(same="a")
    found = foresight.compare(frame, "ordered", RFM, Description(categories=("same",))).set_index("description")
    assert found.loc["both", "gain"] == pytest.approx(0, abs=1e-5)
    assert found.loc["both", "verdict"] == "no_gain"


@given(seed=st.integers(0, 2**32 - 1))
@settings(max_examples=8, deadline=None)
def test_the_order_of_rows_and_their_labels_change_nothing(seed) -> None:
    frame = shop(9, effect=0.3, customers=400)
    order = np.random.default_rng(seed).permutation(len(frame))
    pd.testing.assert_frame_equal(compared(frame), compared(frame.iloc[order]), check_exact=True)


def test_negative_amounts_count_as_nothing() -> None:
    frame = shop(10)
    given_back, nothing = frame.copy(), frame.copy()
    given_back.loc[:99, "monetary_yen"], nothing.loc[:99, "monetary_yen"] = -5000.0, 0.0
    people = [each.sort_values("ordered", kind="stable", ignore_index=True) for each in (given_back, nothing)]
    first, second = (foresight.out_of_fold(each, "ordered", RFM) for each in people)
    assert (first == second).all()


def test_stages_are_names_not_amounts() -> None:
    # Customers of stage 2 order, those of 0 and 4 do not: no straight line through 0-4 tells them apart.
    frame = shop(11).assign(ordered=lambda each: each["stage"] == 2)
    assert compared(frame).loc["added", "auc"] == 1.0


@pytest.mark.parametrize(("events", "others", "told"), [(30, 30, True), (29, 31, False), (31, 29, False)])
def test_too_few_on_either_side_give_no_figure(events, others, told) -> None:
    frame = shop(12, customers=events + others).assign(ordered=np.arange(events + others) < events)
    found = compared(frame)
    figures = found[["auc", "low", "high"]]
    assert figures.notna().all(axis=None) if told else figures.isna().all(axis=None)
    assert (found["verdict"] == "too_few").all() != told
    assert (found["customers"] == events + others).all() and (found["events"] == events).all()


@pytest.mark.parametrize("frame", [shop(1).assign(ordered=True), shop(1).assign(ordered=False), shop(1).iloc[:0]])
def test_where_all_or_none_buy_or_nobody_is_there_no_figure_is_given(frame) -> None:
    found = compared(frame)
    assert list(found["verdict"]) == ["too_few"] * 3
    assert (found["customers"] == len(frame)).all() and (found["events"] == frame["ordered"].sum()).all()
    assert found[["auc", "low", "high", "gain", "gain_low", "gain_high"]].isna().all(axis=None)


def test_a_table_without_figures_has_the_same_columns() -> None:
    assert list(compared(shop(1)).columns) == list(compared(shop(1).iloc[:0]).columns)


def test_missing_values_are_refused_by_name() -> None:
    frame = shop(1).astype({"frequency": "float64"})
    frame.loc[3, ["recency_days", "frequency"]] = np.nan
    with pytest.raises(ValueError, match=r"^missing values: recency_days, frequency$"):
        compared(frame)


def test_an_outcome_does_not_describe_itself() -> None:
    with pytest.raises(ValueError, match=r"^the outcome describes itself: ordered$"):
        foresight.compare(shop(1), "ordered", RFM, Description(categories=("ordered",)))


def test_what_never_happened_cannot_be_foretold() -> None:
    with pytest.raises(ValueError):
        foresight.out_of_fold(shop(1).assign(ordered=False), "ordered", RFM)


def test_a_description_needs_a_column_and_a_fold_an_event() -> None:
    with pytest.raises(ValueError, match="needs a column"):
        Description()
    with pytest.raises(ValueError, match="needs an event"):
        ForesightRules(folds=10, least_events=9)


def test_a_column_in_both_descriptions_counts_once() -> None:
    assert RFM + Description(("frequency", "tenure_days"), ("stage",)) == Description(
        ("recency_days", "frequency", "monetary_yen", "tenure_days"), ("stage",)
    )
