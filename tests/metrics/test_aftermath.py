import datetime as dt

import pytest
from looked_back import outcomes, table

from horetsu_utils.lookback_rules import LookbackRules


def a_case(customer: str, treated: bool, stage: int, order: bool | None) -> tuple:
    return customer, dt.date(2026, 1, 1), treated, stage, False, 0, 0, order, None, None


CASES = {
    "customer_id": "string",
    "on": "date",
    "treated": "boolean",
    "stage": "int8",
    "cooling": "boolean",
    "known_band": "int8",
    "orders_so_far": "int64",
    "order": "boolean",
    "complaint": "boolean",
    "opted_out_now": "boolean",
}
TWO_STRATA = [
    # Stage 0: 1 of 3; the spared: 1 of 4 days.
    a_case("a1", True, 0, True),
    a_case("a2", True, 0, False),
    a_case("a3", True, 0, False),
    a_case("x", False, 0, True),
    a_case("x", False, 0, False),
    a_case("y", False, 0, False),
    a_case("y", False, 0, False),
    # Stage 1: 1 of 1; the spared: 1 of 2 days.
    a_case("b1", True, 1, True),
    a_case("x", False, 1, True),
    a_case("z", False, 1, False),
    # Stage 2: nobody was spared. Stage 3: nobody was treated. Unknown: not counted.
    a_case("c1", True, 2, True),
    a_case("w", False, 3, True),
    a_case("v", True, 0, None),
]


def test_strata_weigh_as_they_do_among_the_breaches() -> None:
    found = outcomes(table(TWO_STRATA, CASES))["order"]
    assert (found["treated"], found["spared"], found["unmatched"]) == (4, 3, 1)
    # Treated: 2 of 4. Wilson, z² = 3.84146: centre 0.5,
    # half 1.95996 / 1.96036 * sqrt(0.25 / 4 + 3.84146 / 64) = 0.34996.
    assert found["treated_ratio"] == 0.5
    assert (found["treated_low"], found["treated_high"]) == (
        pytest.approx(0.15004, abs=1e-5),
        pytest.approx(0.84996, abs=1e-5),
    )
    # Spared: 3/4 * 1/4 + 1/4 * 1/2 = 0.3125. A day weighs 3/4 in stage 0 and 1/2 in stage 1, so x weighs
    # 2 * 3/4 + 1/2 = 2, y 1.5, z 0.5: as telling as 4² / (4 + 2.25 + 0.25) = 2.46154 customers.
    # Wilson: centre (0.3125 + 0.78030) / 2.56059 = 0.42678,
    # half 1.95996 / 2.56059 * sqrt(0.3125 * 0.6875 / 2.46154 + 3.84146 / (4 * 2.46154²)) = 0.37947.
    assert found["spared_ratio"] == pytest.approx(0.3125)
    assert found["spared_low"] == pytest.approx(0.04730, abs=1e-5)
    assert found["spared_high"] == pytest.approx(0.80625, abs=1e-5)
    # 0.1875 - sqrt(0.34996² + 0.49375²) and 0.1875 + sqrt(0.34996² + 0.26520²).
    assert found["difference"] == pytest.approx(0.1875)
    assert found["difference_low"] == pytest.approx(-0.41769, abs=1e-5)
    assert found["difference_high"] == pytest.approx(0.62660, abs=1e-5)


@pytest.mark.parametrize(("least", "verdict"), [(3, "similar"), (4, "too_few"), (5, "too_few")])
def test_few_customers_on_either_side_allow_no_claim(least, verdict) -> None:
    # Four were treated, three spared.
    assert outcomes(table(TWO_STRATA, CASES), LookbackRules(least_customers=least))["order"]["verdict"] == verdict


@pytest.mark.parametrize(
    ("treated", "spared", "low", "high", "verdict"),
    [
        ((56, 70), (48, 80), 0.0524, 0.3339, "differs"),
        ((48, 80), (56, 70), -0.3339, -0.0524, "differs"),
        ((9, 10), (3, 10), 0.1705, 0.8090, "differs"),
        ((5, 56), (0, 29), -0.0381, 0.1926, "similar"),
        ((0, 10), (0, 20), -0.1611, 0.2775, "similar"),
        ((10, 10), (0, 20), 0.6791, 1.0000, "differs"),
    ],
)
def test_the_difference_has_the_published_interval(treated, spared, low, high, verdict) -> None:
    """Newcombe 1998, Statistics in Medicine 17:873-890, table II, method 10."""
    rows = [
        a_case(f"{side}{place}", side, 0, place < count)
        for side, (count, total) in ((True, treated), (False, spared))
        for place in range(total)
    ]
    found = outcomes(table(rows, CASES), LookbackRules(least_customers=10))["order"]
    assert (round(found["difference_low"], 4), round(found["difference_high"], 4)) == (low, high)
    assert found["verdict"] == verdict


def test_many_days_of_one_customer_make_nobody_surer() -> None:
    once = [a_case(f"t{place}", True, 0, place % 2 == 0) for place in range(10)]
    once += [a_case(f"s{place}", False, 0, place % 4 == 0) for place in range(20)]
    often = once + 5 * [row for row in once if not row[2]]
    few, many = (outcomes(table(rows, CASES))["order"] for rows in (once, often))
    assert many == {name: pytest.approx(value) for name, value in few.items()}
