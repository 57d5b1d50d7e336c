"""The story: paths, growth, wave and purposes by hand; nothing later leaks in; nobody weighs more for writing more."""

import datetime as dt
import statistics

import ibis
import pandas as pd
import pytest
from by_hand import AS_OF, frozen, records
from hypothesis import given, settings
from hypothesis import strategies as st

from horetsu_utils.metrics import story
from horetsu_utils.story_rules import StoryRules

RULES = StoryRules()
START = dt.date(2026, 1, 5)  # a Monday
SCHEMA = {"customer_id": "string", "date": "date", "change_score": "int64", "emotion": "string", "purpose": "string"}


def book(rows) -> ibis.Table:
    """Records as (customer, day since START, score, emotion, purpose); the last two may be left out."""
    full = [(*row, *("普通", None)[len(row) - 3 :]) for row in rows]
    told = [(who, START + dt.timedelta(days=day), score, mood, why) for who, day, score, mood, why in full]
    frame = pd.DataFrame(told, columns=list(SCHEMA))
    return ibis.memtable(frame, schema=SCHEMA) if told else ibis.memtable([], schema=SCHEMA)


def written(rows, as_of=AS_OF) -> ibis.Table:
    return frozen(story.written(book(rows), as_of=as_of))


def test_days_run_from_each_customers_first_record() -> None:
    found = records(written([("A", 3, 1), ("A", 10, 2), ("B", 0, 5)]), "customer_id", "number", "day", by=None)
    assert sorted(found) == [("A", 1, 0), ("A", 2, 7), ("B", 1, 0)]


def test_coverage_by_hand() -> None:
    found = records(story.coverage(written([("A", 3, 1), ("A", 10, 2), ("B", 0, 5)])), by=None)
    assert found == [(2, 1, 3, START, START + dt.timedelta(days=10))]


def test_a_path_is_the_mean_of_running_medians_between_gaps() -> None:
    # medians over 14 days each way: day 0: {1, 5, 2} -> 2; day 4: {1, 5, 2} -> 2; day 8: the same
    # after 30 days without a record (more than 28) the line begins anew
    found = records(
        story.path(written([("A", 0, 1), ("A", 4, 5), ("A", 8, 2), ("A", 38, 4), ("B", 0, 0)]), "A", rules=RULES),
        "score",
        "stretch",
        "level",
        by=None,
    )
    assert found == [(1, 0, 2.0), (5, 0, 2.0), (2, 0, 2.0), (4, 1, 4.0)]


def test_a_gap_of_just_the_days_is_none() -> None:
    found = records(story.path(written([("A", 0, 1), ("A", 28, 3)]), "A", rules=RULES), "stretch", "level", by=None)
    assert found == [(0, 1.0), (0, 3.0)]  # 28 days apart: beyond 14 days of each other


def test_the_path_of_nobody_is_empty() -> None:
    assert records(story.path(written([("A", 0, 1)]), "X", rules=RULES), by=None) == []


def test_growth_counts_every_customer_once() -> None:
    # days 0-6: A's mean of 1 and 3 is 2, B's is 4: the mean is 3, the deviation sqrt(2); half = 1.96
    rows = [("A", 0, 1), ("A", 6, 3), ("B", 20, 4), ("A", 7, 5)]
    first, second = records(story.growth(written(rows), rules=RULES), by=None)
    assert first == pytest.approx((0, 6, 3.0, 2, 3 - 1.959964, 3 + 1.959964))
    assert second == (7, 13, 5.0, 1, None, None)


def test_ten_thousand_records_of_one_weigh_like_one() -> None:
    # B's 10,000 bad records of the week (on distinct days of 30 years they could not be; the metric does not care)
    rows = [("A", 0, 5, "良い")] + [("B", 1, 0, "悪い")] * 10_000
    found = records(story.wave(written(rows)), "emotion", "ratio", "customers", by=None)
    assert sorted(found) == [("悪い", 0.5, 2), ("良い", 0.5, 2)]


def test_a_week_begins_on_monday() -> None:
    found = records(story.wave(written([("A", 6, 1), ("A", 7, 1)])), "week_on", "ratio", by=None)
    assert found == [(START, 1.0), (START + dt.timedelta(days=7), 1.0)]


def test_changes_by_hand() -> None:
    rows = [
        ("A", 0, 1, "普通", None), ("A", 1, 2, "普通", "乾燥"), ("A", 2, 4, "普通", "別"), ("A", 3, 5, "普通", None),
        ("B", 0, 3),
    ]  # fmt: skip
    # A: the last three after the first are 2, 4, 5: the median 4, a change of 3, and the first purpose told
    found = records(story.changes(written(rows), rules=RULES), "customer_id", "level", "change", "purpose", by=None)
    assert sorted(found) == [("A", 4.0, 3.0, "乾燥"), ("B", None, None, None)]


def test_rare_purposes_are_put_together() -> None:
    rows = [
        row
        for who in range(5)
        for row in ((f"a{who}", 0, 1, "普通", "乾燥"), (f"a{who}", 1, 2 + who % 2, "普通", None))
    ]
    rows += [("b", 0, 1, "普通", "珍しい"), ("b", 1, 5, "普通", None), ("c", 0, 1, "普通", "一度だけ")]
    # five of one purpose: changes 1, 2, 1, 2, 1 -> 1.4; one alone is folded; one record tells no change
    found = records(
        story.purposes(frozen(story.changes(written(rows), rules=RULES)), rules=RULES),
        "purpose", "customers", "value", by=None,
    )  # fmt: skip
    assert found == [("乾燥", 5, pytest.approx(1.4)), (story.REST, 1, 4.0)]


def test_an_empty_book() -> None:
    empty = written([])
    assert records(story.coverage(empty), by=None) == [(0, 0, 0, None, None)]
    changes = frozen(story.changes(empty, rules=RULES))
    tables = (story.growth(empty, rules=RULES), story.wave(empty), story.purposes(changes, rules=RULES))
    assert all(records(table, by=None) == [] for table in tables)


STORIES = st.lists(
    st.tuples(st.sampled_from("ABC"), st.integers(0, 60), st.integers(0, 5), st.sampled_from(("良い", "普通", "悪い"))),
    max_size=25,
    unique_by=lambda row: row[:2],
)


@settings(max_examples=30, deadline=None)
@given(STORIES, st.integers(0, 60))
def test_what_comes_later_changes_nothing(rows, cut) -> None:
    as_of = START + dt.timedelta(days=cut)
    earlier = [row for row in rows if row[1] <= cut]
    both = (written(rows, as_of), written(earlier, as_of))
    for of in (story.coverage, story.wave, lambda each: story.growth(each, rules=RULES)):
        one, other = (pd.DataFrame(records(of(each), by=None)) for each in both)
        pd.testing.assert_frame_equal(one, other, rtol=1e-12)  # of sums, the last bit may differ from run to run


@settings(max_examples=40, deadline=None)
@given(STORIES)
def test_a_path_agrees_with_plain_medians(rows) -> None:
    own = sorted((day, score) for who, day, score, _ in rows if who == "A")
    stretches: list[list[tuple[int, int]]] = []
    for day, score in own:
        if not stretches or day - stretches[-1][-1][0] > RULES.gap_days:
            stretches.append([])
        stretches[-1].append((day, score))
    expected = []
    for each in stretches:
        middle = {day: statistics.median(score for other, score in each if abs(other - day) <= 14) for day, _ in each}
        expected += [statistics.fmean(middle[other] for other in middle if abs(other - day) <= 7) for day, _ in each]
    found = records(story.path(written(rows), "A", rules=RULES), "level", by=None)
    assert [level for (level,) in found] == pytest.approx(expected)
