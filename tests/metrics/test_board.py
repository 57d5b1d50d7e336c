"""The weekly board: each kind by hand on both sides of its lines, what is new, and the demo's planted heroes."""

import datetime as dt

import pytest
from by_hand import frozen, records
from hypothesis import given, settings
from hypothesis import strategies as st
from test_story import START, STORIES, book

from horetsu_utils import demo
from horetsu_utils.metrics import board, story
from horetsu_utils.story_rules import BoardRules

RULES = BoardRules()
END = START + dt.timedelta(days=55)  # a Sunday: the week is days 49-55
FACTS = ("kind", "customer_id", "place", "is_new")


def on_board(rows, *columns, end=END) -> list[tuple]:
    written = frozen(story.written(book(rows), as_of=end))
    return records(board.board(written, week_end=end, rules=RULES), *(columns or FACTS), by=None)


def of(kind: str, rows, *columns: str, end=END) -> list[tuple]:
    return [row[1:] for row in on_board(rows, "kind", "customer_id", *columns, end=end) if row[0] == kind]


def test_changed_most_by_hand() -> None:
    # A: median of days 21-48 is 1.5 (1, 2), of the week 3.5 (3, 4): a change of 2
    # B: 2 to 3 is less than 1.5; C has one record before; D's earlier records lie before the 28 days
    rows = [
        ("A", 30, 1), ("A", 40, 2), ("A", 49, 3), ("A", 55, 4),
        ("B", 30, 2), ("B", 40, 2), ("B", 50, 3),
        ("C", 40, 0), ("C", 50, 5),
        ("D", 19, 0), ("D", 20, 0), ("D", 50, 5),
    ]  # fmt: skip
    assert of("changed", rows, "score_before", "score_now", "change", "records") == [("A", 1.5, 3.5, 2.0, 4)]


def test_changed_just_on_its_lines() -> None:
    rows = [("A", 21, 1), ("A", 48, 2), ("A", 49, 3)]  # the first and the last day before the week; 1.5 to 3
    assert of("changed", rows, "change") == [("A", 1.5)]
    assert of("changed", [("A", 20, 1), ("A", 48, 2), ("A", 49, 3)], "change") == []  # one record before is too few


def test_a_smile_that_came_back_by_hand() -> None:
    rows = [
        ("A", 10, 4, "良い"), ("A", 20, 1, "悪い"), ("A", 30, 1, "普通"), ("A", 50, 3, "良い"), ("A", 52, 3, "良い"),
        ("B", 30, 1, "悪い"), ("B", 50, 3, "良い"),  # one gloomy record is not enough
        ("C", 20, 1, "悪い"), ("C", 30, 1, "悪い"), ("C", 48, 3, "良い"), ("C", 50, 3, "良い"),  # back a week before
        ("D", 20, 1, "悪い"), ("D", 30, 1, "悪い"), ("D", 50, 3, "良い"), ("D", 51, 3, "普通"),  # gone again
        ("E", 20, 5, "良い"), ("E", 50, 5, "良い"),  # never gone
    ]  # fmt: skip
    assert of("smile", rows, "gloomy", "smiled_on") == [("A", 2, START + dt.timedelta(days=50))]


def test_those_who_keep_on_by_hand() -> None:
    # A: days 28, 41, 42 and 55 lie in the weeks 3, 2, 1 and 0 back; B lacks the week 1 back; C did not record this week
    rows = [("A", 28, 1), ("A", 41, 1), ("A", 42, 1), ("A", 55, 1)]
    rows += [("B", 28, 1), ("B", 35, 1), ("B", 50, 1), ("C", 20, 1), ("C", 28, 1), ("C", 35, 1), ("C", 42, 1)]
    assert of("keeps", rows, "weeks", "is_new") == [("A", 4, True)]
    assert of("keeps", [*rows, ("A", 21, 1)], "weeks", "is_new") == [("A", 5, False)]


def test_low_lately_by_hand() -> None:
    rows = [
        ("A", 42, 2, "悪い"), ("A", 44, 2, "悪い"), ("A", 46, 2, "悪い"),  # three in a row, ten days ago
        ("B", 44, 2, "悪い"), ("B", 46, 2, "悪い"),  # two
        ("C", 38, 2, "悪い"), ("C", 39, 2, "悪い"), ("C", 41, 2, "悪い"),  # the last lies 14 days back: not lately
        ("D", 21, 4), ("D", 41, 4), ("D", 42, 3), ("D", 55, 2),  # 4 on days 21-41, 2.5 on days 42-55
        ("E", 21, 4), ("E", 42, 3),  # a fall of 1
    ]  # fmt: skip
    assert of("low", rows, "bad_streak", "fall") == [("A", 3, 0.0), ("D", 0, 1.5)]


def test_facts_of_other_kinds_are_unknown() -> None:
    rows = [("A", 30, 1), ("A", 40, 1), ("A", 50, 4)]
    told = on_board(rows, "score_now", "gloomy", "smiled_on", "weeks", "bad_streak", "fall", "fall_days")
    assert told == [(4.0, None, None, None, None, None, None)]


def test_kinds_stand_in_their_order_and_places_start_anew() -> None:
    rows = [("A", day, 1) for day in (30, 36, 43)] + [("A", 50, 4)]
    rows += [("B", day, 1) for day in (22, 30, 36, 43)] + [("B", 50, 5)]
    assert on_board(rows) == [
        ("changed", "B", 1, True),
        ("changed", "A", 2, True),
        ("keeps", "B", 1, False),
        ("keeps", "A", 2, True),
    ]


def test_one_record_or_none_puts_nobody_on_the_board() -> None:
    assert on_board([]) == []
    assert on_board([("A", 55, 5, "良い")]) == []


@settings(max_examples=25, deadline=None)
@given(STORIES, st.integers(7, 60))
def test_what_comes_after_the_week_changes_nothing(rows, day) -> None:
    end = START + dt.timedelta(days=day)
    written = frozen(story.written(book(rows), as_of=START + dt.timedelta(days=90)))
    whole = records(board.board(written, week_end=end, rules=RULES), by=None)
    assert whole == on_board([row for row in rows if row[1] <= day], *columns_of(written, end), end=end)


def columns_of(written, end) -> tuple[str, ...]:
    return tuple(board.board(written, week_end=end, rules=RULES).columns)


@settings(max_examples=25, deadline=None)
@given(STORIES)
def test_new_is_who_did_not_stand_there_a_week_before(rows) -> None:
    before = {row[:2] for row in on_board(rows, end=END - dt.timedelta(days=7))}
    assert all(is_new == ((kind, who) not in before) for kind, who, _, is_new in on_board(rows))


@pytest.mark.parametrize(
    ("kind", "planted"), [("changed", "rising"), ("smile", "smile"), ("keeps", "streak"), ("low", "falling")]
)
def test_the_demos_heroes_come_out(kind: str, planted: str) -> None:
    built = demo.build()
    truths, told = built.truths, built.tables["story"]
    rows = zip(told["customer_id"], told["date"], told["change_score"], told["emotion"], strict=True)
    table = book([(who, (day - START).days, score, mood) for who, day, score, mood in rows])
    written = frozen(story.written(table, as_of=truths.as_of))
    found = records(board.board(written, week_end=truths.board_week_end, rules=RULES), "kind", "customer_id", by=None)
    people = [who for each, who in found if each == kind]
    heroes = set(truths.heroes[planted])
    assert set(people[: len(heroes)]) == heroes
    assert kind == "keeps" or len(people) == len(heroes)  # others keep on as well, though not for so long
