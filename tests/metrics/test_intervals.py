import ibis
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from horetsu_utils import intervals


def wilson(pairs: list[tuple[int, int]]) -> list[tuple[float | None, float | None]]:
    table = ibis.memtable(pd.DataFrame(pairs, columns=["successes", "trials"]).reset_index())
    low, high = intervals.wilson(table.successes, table.trials)
    rows = table.mutate(low=low, high=high).order_by("index").to_pyarrow().to_pylist()
    return [(row["low"], row["high"]) for row in rows]


@pytest.mark.parametrize(
    ("successes", "trials", "low", "high"),
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_wilson_gives_the_published_values(successes, trials, low, high) -> None:
    """Newcombe 1998, Statistics in Medicine 17:857-872, table I, method 3."""
    ((found_low, found_high),) = wilson([(successes, trials)])
    assert (round(found_low, 4), round(found_high, 4)) == (low, high)


def test_wilson_worked_by_hand() -> None:
    # z = 1.96, z² = 3.8415. 5 of 10: centre (0.5 + 3.8415 / 20) / (1 + 3.8415 / 10) = 0.69207 / 1.38415 = 0.5.
    # Half: 1.96 / 1.38415 * sqrt(0.25 / 10 + 3.8415 / 400) = 1.41600 * sqrt(0.034604) = 0.26341.
    ((low, high),) = wilson([(5, 10)])
    assert (low, high) == (pytest.approx(0.23659, abs=1e-5), pytest.approx(0.76341, abs=1e-5))


def test_without_trials_there_is_no_interval() -> None:
    assert wilson([(0, 0)]) == [(None, None)]


@given(pairs=st.lists(st.integers(1, 10**6).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))), min_size=1))
@settings(max_examples=10, deadline=None)
def test_wilson_stays_in_0_to_1_and_holds_the_ratio(pairs) -> None:
    mirrored = wilson([(trials - successes, trials) for successes, trials in pairs])
    for (successes, trials), (low, high), (other_low, other_high) in zip(pairs, wilson(pairs), mirrored, strict=True):
        ratio = successes / trials
        assert 0 <= low <= ratio + 1e-12 and ratio - 1e-12 <= high <= 1 and low < high
        assert low == pytest.approx(1 - other_high, abs=1e-9) and high == pytest.approx(1 - other_low, abs=1e-9)
        assert (low == pytest.approx(0, abs=1e-12)) == (successes == 0)
        assert (high == pytest.approx(1, abs=1e-12)) == (successes == trials)


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        # Mean 3, sample deviation sqrt(10 / 4) = 1.58114, half 1.95996 * 1.58114 / sqrt(5) = 1.38590.
        ([1, 2, 3, 4, 5], (1.61410, 4.38590)),
        ([7, 7, 7], (7.0, 7.0)),
        ([7], (None, None)),
        ([], (None, None)),
    ],
)
def test_interval_of_a_mean_worked_by_hand(values, expected) -> None:
    table = ibis.memtable(pd.DataFrame({"value": pd.Series(values, dtype="float64")}))
    figures = table.aggregate(
        average=table.value.mean(), deviation=table.value.std(how="sample"), count=table.value.count()
    )
    low, high = intervals.mean(figures.average, figures.deviation, figures["count"])
    row = figures.select(low=low, high=high).to_pyarrow().to_pylist()[0]
    found = (row["low"], row["high"])
    assert found == expected if None in expected else found == pytest.approx(expected, abs=1e-5)
