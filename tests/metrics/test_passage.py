import datetime as dt

import ibis
import pytest
from hypothesis import given as drawn
from hypothesis import settings
from test_stage import AS_OF, HISTORY, ROWS, walked

from horetsu_utils.metrics import passage, stage

FIRST = dt.date(2026, 4, 1)


def records(table) -> list[dict]:
    return table.to_pyarrow().to_pylist()


def shown(months: list[dict]) -> dict[str, list[int]]:
    """Return the counts of stages 0-4 by month's end."""
    ends = sorted({row["month_end"] for row in months})
    return {end.isoformat(): [row["customers"] for row in months if row["month_end"] == end] for end in ends}


def test_month_ends_of_the_twelve_worked_by_hand() -> None:
    _, spells = walked(ROWS)
    months = records(passage.snapshots(spells, first=FIRST, as_of=AS_OF))
    # by 04-30: 06 at 2 (reply), 08 at 3 (review), 10 at 1, 11 at 1 (fell on 04-19), 12 at 1 (fell on 04-19)
    # by 05-31: 07 at 3 as well, 12 at 2 (reply on 05-10)
    # by 06-30: 01, 03 and 04 watch, 02 and 05 have landed, 09 has referred somebody
    assert shown(months) == {
        "2026-04-30": [0, 3, 1, 1, 0],
        "2026-05-31": [0, 2, 2, 2, 0],
        "2026-06-30": [3, 4, 2, 2, 1],
    }
    cooling = {(row["month_end"].isoformat(), row["stage"]): row["cooling_customers"] for row in months}
    # 11 and 12 cool in April; 12 is warm again in May; 10 joins 11 in June
    assert [cooling[end, 1] for end in ("2026-04-30", "2026-05-31", "2026-06-30")] == [2, 1, 2]


def test_the_last_month_ends_on_the_analysis_date_and_months_cross_years() -> None:
    _, spells = walked(ROWS)
    months = records(passage.snapshots(spells, first=dt.date(2025, 11, 15), as_of=dt.date(2026, 2, 10)))
    ends = sorted({row["month_end"].isoformat() for row in months})
    assert ends == ["2025-11-30", "2025-12-31", "2026-01-31", "2026-02-10"]
    assert shown(months)["2025-12-31"] == [0, 0, 2, 0, 0]


@settings(max_examples=15, deadline=None)
@drawn(HISTORY)
def test_one_pass_counts_as_many_looks_back_would(rows: list) -> None:
    _, spells = walked(rows)
    months = records(passage.snapshots(spells, first=dt.date(2025, 9, 1), as_of=AS_OF))
    for end in sorted({row["month_end"] for row in months})[::3]:
        then = stage.at(spells, on=end).to_pyarrow().to_pylist()
        told = {row["stage"]: (row["customers"], row["cooling_customers"]) for row in months if row["month_end"] == end}
        for number in range(5):
            here = [row for row in then if row["stage"] == number]
            assert told[number] == (len(here), sum(row["cooling"] for row in here))


def test_movement_between_two_days_names_newcomers() -> None:
    _, spells = walked(ROWS)
    before, after = stage.at(spells, on=dt.date(2026, 4, 30)), stage.at(spells, on=AS_OF)
    moves = {(row["from_stage"], row["to_stage"]): row["customers"] for row in records(passage.movement(before, after))}
    # new: 01, 03, 04 (0), 02, 05 (1), 07 (3), 09 (4); 10 and 11 stay at 1; 12 rose from 1 to 2; 06 and 08 stay
    assert moves == {
        (-1, 0): 3, (-1, 1): 2, (-1, 3): 1, (-1, 4): 1, (1, 1): 2, (1, 2): 1, (2, 2): 1, (3, 3): 1,
    }  # fmt: skip


def test_stays_are_joined_across_cooling_and_lead_on() -> None:
    _, spells = walked([row for row in ROWS if row[1]["customer_id"] == "12"])
    stays = passage.visits(spells).order_by("since_on")
    told = [(r["stage"], r["since_on"].isoformat(), r["next_stage"], r["cooled"], r["cooling"]) for r in records(stays)]
    assert told == [
        (0, "2025-09-01", 1, False, False),
        (1, "2025-09-15", 2, False, False),
        (2, "2025-09-20", 1, True, False),
        (1, "2026-04-19", 2, True, False),
        (2, "2026-05-10", None, False, False),
    ]


def test_passage_counts_risers_within_the_days_among_those_watched_long_enough() -> None:
    _, spells = walked(ROWS)
    rows = {row["stage"]: row for row in records(passage.passage(passage.visits(spells), as_of=AS_OF, within_days=90))}
    # Stage 2: stays of 06 (since 04-01), 08 (04-01, rose to 3 on 04-10), 11 and 12 (2025-09-20, fell on 2026-04-19),
    # 12 again (05-10), and 07 (since 05-15, rose on 05-22): six. 90 days ago is 04-01, so 06, 08, 11 and 12 are
    # watched; only 08 rose within 90 days.
    two = rows[2]
    assert (two["stays"], two["staying"], two["fallen"], two["watched"], two["risen"]) == (6, 2, 2, 4, 1)
    assert two["risen_ratio"] == pytest.approx(1 / 4)
    assert two["low"] < 1 / 4 < two["high"]
    # 08 took 9 days to rise, 07 took 7: the median is 8
    assert two["rise_days"] == pytest.approx(8)
    # 06 has stayed since 04-01 (90 days), 12 since 05-10 (51 days): 70.5
    assert two["staying_days"] == pytest.approx(70.5)


def test_nobody_passes_through_an_empty_shop() -> None:
    _, spells = walked([])
    months = passage.snapshots(spells, first=FIRST, as_of=AS_OF)
    assert {row["customers"] for row in records(months)} == {0}
    assert records(passage.passage(passage.visits(spells), as_of=AS_OF, within_days=90)) == []
    assert isinstance(passage.movement(spells, spells), ibis.Table)
