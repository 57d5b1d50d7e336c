import datetime as dt
from dataclasses import replace

import pytest
from histories import (
    AS_OF,
    RULES,
    bought,
    given,
    heard,
    line,
    recorded,
    refunded,
    registered,
    tables,
    touched,
    visited,
    walked,
)
from hypothesis import given as drawn
from hypothesis import settings
from hypothesis import strategies as st

from horetsu_utils.metrics import signals
from horetsu_utils.relation import COOLING, SignalRule

TOLD = "期待以上でした。友人に話しました。"
WEEKS = [recorded("A", day) for day in ("2026-05-01", "2026-05-08", "2026-05-15")]

HOLDS: dict[str, tuple[list, list[str]]] = {
    "registered": ([registered("A", "2026-05-01")], ["2026-05-01"]),
    "visited": ([visited("A", "2026-05-03"), visited("A", "2026-05-01")], ["2026-05-01"]),
    "bought": ([bought("A", "2026-05-01"), bought("A", "2026-05-09")], ["2026-05-01"]),
    "contacted": ([touched("A", "2026-05-01", "none", direction="out")], ["2026-05-01"]),
    "recorded": ([recorded("A", "2026-05-02", "悪い"), recorded("A", "2026-05-01", "悪い")], ["2026-05-01"]),
    "heard": ([heard("A", "2026-05-01", 4, 2)], ["2026-05-01"]),
    # 14 quiet days end on 2026-05-15; a complaint on the 16th comes too late to undo it
    "landed": ([bought("A", "2026-05-01"), touched("A", "2026-05-16", "complaint")], ["2026-05-15"]),
    "second_order": ([bought("A", f"2026-05-0{day}") for day in (1, 4, 9)], ["2026-05-04", "2026-05-09"]),
    "content": ([heard("A", "2026-05-01", 3, 3), heard("A", "2026-05-02", 3, 4)], ["2026-05-01", "2026-05-02"]),
    "not_bad": ([recorded("A", "2026-05-01"), recorded("A", "2026-05-02", "良い")], ["2026-05-01", "2026-05-02"]),
    "reply": ([touched("A", "2026-05-01", "reply", direction="out")], ["2026-05-01"]),
    "message": ([touched("A", "2026-05-01", None), touched("A", "2026-05-02", "none")], ["2026-05-01", "2026-05-02"]),
    "note": ([recorded("A", "2026-05-01", note="鏡を見るのが楽しみです")], ["2026-05-01"]),
    "good_again": ([recorded("A", f"2026-05-0{day}", "良い") for day in (1, 5, 7)], ["2026-05-05", "2026-05-07"]),
    "personal_contact": ([touched("A", "2026-05-01", "open", "手紙", "out")], ["2026-05-01"]),
    # the fourth week begins on 2026-05-22, 21 days after the first record
    "keeps_record": ([*WEEKS, recorded("A", "2026-05-22")], ["2026-05-22"]),
    "review": ([touched("A", "2026-05-01", "review")], ["2026-05-01"]),
    "answered": ([heard("A", "2026-05-01", 5, 1)], ["2026-05-01"]),
    "participated": ([touched("A", "2026-05-01", "participate", "店頭")], ["2026-05-01"]),
    # the third order lies on 2026-05-10: the record of that day already counts, as 3 is above the first 2
    "rising": (
        [bought("A", f"2026-05-{day:02}") for day in (1, 5, 10)]
        + [recorded("A", "2026-05-01"), recorded("A", "2026-05-09", score=4), recorded("A", "2026-05-10", score=3)],
        ["2026-05-10"],
    ),
    "referral": ([touched("A", "2026-05-01", "referral", "店頭")], ["2026-05-01"]),
    "post": ([touched("A", "2026-05-01", None, "SNS")], ["2026-05-01"]),
    "moved_and_told": ([heard("A", "2026-05-01", 3, 4, TOLD)], ["2026-05-01"]),
    "complaint": ([touched("A", "2026-05-01", "complaint")], ["2026-05-01"]),
    "disappointed": ([heard("A", "2026-05-01", 4, 3)], ["2026-05-01"]),
    # three in a row on the third and on the fourth day; after the good one the count begins anew
    "bad_streak": (
        [recorded("A", f"2026-05-0{day}", "悪い") for day in (1, 2, 3, 4, 6)] + [recorded("A", "2026-05-05", "良い")],
        ["2026-05-03", "2026-05-04"],
    ),
    # gaps 30, 30, 31 days: mean 30.33, deviation 0.47, spread 0.016
    "own_rhythm": (
        [bought("A", day) for day in ("2026-01-01", "2026-01-31", "2026-03-02", "2026-04-02")],
        ["2026-04-02"],
    ),
    # the third within 365 days: 2025-07-01 to 2026-06-30 is 365 days, both counted
    "full_price": ([bought("A", day) for day in ("2025-07-01", "2026-02-01", "2026-06-30")], ["2026-06-30"]),
    "several_categories": (
        [line("A", f"2026-05-0{day}", category=name) for day, name in enumerate(("甲", "甲", "乙", "丙", "丁"), 1)],
        ["2026-05-04", "2026-05-05"],
    ),
    # 3,000 × 1.05 = 3,150 exactly
    "after_price_rise": ([line("A", "2026-04-01", price=3000), line("A", "2026-05-01", price=3150)], ["2026-05-01"]),
    "gift": ([bought("A", "2026-05-01", is_gift=True)], ["2026-05-01"]),
}
"""For each signal a history in which it is given, and on which days."""

JUST_NOT: dict[str, list[list]] = {
    "registered": [[registered("A", None)]],
    "visited": [[visited(None, "2026-05-01")]],
    "bought": [[refunded("A", "2026-05-01")]],
    "landed": [
        [bought("A", "2026-05-01"), touched("A", "2026-05-15", "complaint")],
        [bought("A", "2026-05-01"), refunded("A", "2026-05-15")],
        [bought("A", "2026-05-01"), touched("A", "2026-05-01", "complaint"), bought("A", "2026-05-02")],
        [bought("A", "2026-06-17")],  # quiet until 2026-07-01, which nobody knows yet
    ],
    "second_order": [[bought("A", "2026-05-01"), refunded("A", "2026-05-04")]],
    "content": [[heard("A", "2026-05-01", 3, 2)]],
    "not_bad": [[recorded("A", "2026-05-01", "悪い")]],
    "reply": [[touched("A", "2026-05-01", "click", direction="out")]],
    "message": [[touched("A", "2026-05-01", None, direction="out")], [touched("A", "2026-05-01", "complaint")]],
    "note": [[recorded("A", "2026-05-01", note=None)], [recorded("A", "2026-05-01", note=" 　")]],
    "good_again": [[recorded("A", "2026-05-01", "良い"), recorded("A", "2026-05-02")]],
    "personal_contact": [
        [touched("A", "2026-05-01", "none", "手紙", "out")],
        [touched("A", "2026-05-01", "open", "メール", "out")],
    ],
    "keeps_record": [
        [*WEEKS, recorded("A", "2026-05-21")],  # 20 days after the first: three weeks only
        [*WEEKS, recorded("A", "2026-06-26")],  # 56 days after the first, which is one day too many
    ],
    "review": [[touched("A", "2026-05-01", "reply")]],
    "participated": [[touched("A", "2026-05-01", "click", "店頭")]],
    "rising": [
        [
            bought("A", "2026-05-01"),
            bought("A", "2026-05-02"),
            recorded("A", "2026-05-01"),
            recorded("A", "2026-05-09", score=5),
        ],
        [bought("A", f"2026-05-0{day}") for day in (1, 2, 3)]
        + [recorded("A", "2026-05-04"), recorded("A", "2026-05-09")],
    ],
    "referral": [[touched("A", "2026-05-01", "review")]],
    "post": [
        [touched("A", "2026-05-01", None, "SNS", "out")],
        [touched("A", "2026-05-01", "complaint", "SNS")],  # telling others of one's anger
    ],
    "moved_and_told": [
        [heard("A", "2026-05-01", 3, 3, TOLD)],
        [heard("A", "2026-05-01", 3, 5, "期待以上でした。")],
        [heard("A", "2026-05-01", 3, 5)],
    ],
    "complaint": [[touched("A", "2026-05-01", "reply")]],
    "disappointed": [[heard("A", "2026-05-01", 3, 3)]],
    "bad_streak": [[recorded("A", "2026-05-01", "悪い"), recorded("A", "2026-05-02", "悪い")]],
    # gaps 10, 30, 50 days: mean 30, deviation 16.3, spread 0.54
    "own_rhythm": [
        [bought("A", day) for day in ("2026-01-01", "2026-01-11", "2026-02-10", "2026-04-01")],
        [bought("A", day) for day in ("2026-01-01", "2026-01-31", "2026-03-02")],
    ],
    "full_price": [
        [bought("A", day) for day in ("2025-06-30", "2026-02-01", "2026-06-30")],
        [bought("A", f"2026-05-0{day}", discounted=day == 2) for day in (1, 2, 3)],
    ],
    "several_categories": [[line("A", f"2026-05-0{day}", category="甲乙乙"[day - 1]) for day in (1, 2, 3)]],
    "after_price_rise": [
        [line("A", "2026-04-01", price=3000), line("A", "2026-05-01", price=3149)],
        [line("A", "2026-04-01", price=3000), line("A", "2026-05-01", "P2", price=4000)],
        [line("A", "2026-04-01", price=0), line("A", "2026-05-01", price=3000)],
    ],
    "gift": [[bought("A", "2026-05-01")]],
}
"""For each signal that can fail to be given, histories that come near it."""


def days_of(table, signal: str) -> list[str]:
    rows = table.filter(table.signal == signal).to_pyarrow().to_pylist()
    return sorted(row["on"].isoformat() for row in rows)


def test_every_rule_of_the_kit_has_its_worked_example() -> None:
    marks = {"returned", "third_order"}  # seen in `landed` and `rising`
    assert {rule.signal for rule in RULES.signals} - marks == set(HOLDS)
    always = {"contacted", "recorded", "heard", "answered"}  # any row at all
    assert set(HOLDS) - always == set(JUST_NOT)


@pytest.mark.parametrize("signal", sorted(HOLDS))
def test_a_signal_is_given_on_its_days_and_on_no_other(signal: str) -> None:
    rows, days = HOLDS[signal]
    assert days_of(given(rows), signal) == days


@pytest.mark.parametrize(("signal", "rows"), [(name, rows) for name in sorted(JUST_NOT) for rows in JUST_NOT[name]])
def test_what_comes_near_a_signal_is_none(signal: str, rows: list) -> None:
    assert days_of(given(rows), signal) == []


def test_levels_and_the_provisional_mark_are_those_of_the_rules() -> None:
    rows = [row for rows, _ in HOLDS.values() for row in rows]
    found = {(row["signal"], row["level"], row["provisional"]) for row in given(rows).to_pyarrow().to_pylist()}
    assert found <= {(rule.signal, rule.level, rule.provisional) for rule in RULES.signals}
    assert ("complaint", COOLING, False) in found
    assert not {"returned", "third_order"} & {name for name, _, _ in found}


def test_a_row_without_a_customer_or_after_the_day_gives_nothing() -> None:
    rows = [visited(None, "2026-05-01"), bought("A", "2026-07-01"), touched("A", "2026-07-01", "reply")]
    assert given(rows).count().to_pyarrow().as_py() == 0


def test_a_shop_without_a_table_or_column_has_the_other_signals() -> None:
    rows = [bought("A", "2026-05-01"), touched("A", "2026-05-20", "reply")]
    assert {row["signal"] for row in given(rows, "orders").to_pyarrow().to_pylist()} == {"bought", "landed"}
    lame = tables(rows)
    lame["touchpoints"] = lame["touchpoints"].drop("reaction")
    seen = {rule.signal for rule in signals.visible(lame, RULES)}
    assert not {"reply", "post"} & seen
    assert "contacted" in seen
    assert signals.signals({}, rules=RULES, as_of=AS_OF).count().to_pyarrow().as_py() == 0


def test_a_signal_that_needs_one_the_shop_cannot_see_is_not_given() -> None:
    rows, _ = HOLDS["rising"]
    assert days_of(given(rows, "story"), "rising") == []


def test_a_consultants_own_rule_counts_within_its_days() -> None:
    often = SignalRule("often", "ひと月に3回", 1, "orders", "なぜ", at_least=3, at_most=3, window_days=30)
    rules = replace(RULES, signals=(often,))
    # 05-30 sees 05-01, 05-10 and itself; 06-01, 31 days after the first, sees 05-10, 05-30 and itself
    rows = [bought("A", day) for day in ("2026-05-01", "2026-05-10", "2026-05-30", "2026-06-01")]
    assert days_of(given(rows, rules=rules), "often") == ["2026-05-30", "2026-06-01"]


def test_coverage_counts_the_customers_each_table_tells_of() -> None:
    rows = [bought("A", "2026-05-01"), bought("B", "2026-05-01"), recorded("A", "2026-05-02"), registered("C", None)]
    shop = tables(rows, "orders", "story", "customers")
    known = tables([registered(who, None) for who in "ABC"])["customers"]
    found = signals.coverage(shop, known, rules=RULES, as_of=AS_OF).to_pyarrow().to_pylist()
    told = {row["table"]: (row["present"], row["informed"], row["uninformed"]) for row in found}
    assert list(told) == ["customers", "events", "orders", "touchpoints", "story", "voices"]
    assert told["orders"] == (True, 2, 1)
    assert told["story"] == (True, 1, 2)
    assert told["voices"] == (False, 0, 3)
    assert told["customers"] == (True, 0, 3)  # C stands in the table, but nobody knows since when


DAYS = st.integers(0, 240).map(lambda back: AS_OF - dt.timedelta(days=back - 30))
ROWS = st.lists(
    st.one_of(
        st.builds(bought, st.sampled_from("AB"), DAYS, discounted=st.booleans(), is_gift=st.booleans()),
        st.builds(refunded, st.sampled_from("AB"), DAYS),
        st.builds(
            line,
            st.sampled_from("AB"),
            DAYS,
            st.sampled_from(["P1", "P2"]),
            st.sampled_from("甲乙丙"),
            st.integers(0, 9),
        ),
        st.builds(recorded, st.sampled_from("AB"), DAYS, st.sampled_from(["良い", "普通", "悪い"]), st.integers(0, 5)),
        st.builds(
            touched, st.sampled_from("AB"), DAYS, st.sampled_from([None, "reply", "complaint", "review", "referral"])
        ),
        st.builds(heard, st.sampled_from("AB"), DAYS, st.integers(1, 5), st.integers(1, 5)),
    ),
    max_size=40,
)


def rows_of(table) -> set[tuple]:
    return {tuple(row.values()) for row in table.to_pyarrow().to_pylist()}


@settings(max_examples=15, deadline=None)
@drawn(ROWS, ROWS)
def test_what_happens_after_the_day_changes_nothing(past: list, later: list) -> None:
    """Rows after the analysis date are added, changed and taken away: no signal, and no stage, knows of them."""
    seen = [row for row in past if signal_day(row) <= AS_OF]
    others = [row for row in later if signal_day(row) > AS_OF]
    assert rows_of(given(seen)) == rows_of(given([*seen, *others]))
    assert rows_of(walked(seen)[1]) == rows_of(walked([*seen, *others])[1])


@settings(max_examples=15, deadline=None)
@drawn(ROWS, st.integers(1, 150))
def test_an_earlier_day_looks_as_it_looked_then(rows: list, back: int) -> None:
    """The signals of today, cut at an earlier day, are those of that day: none looks ahead."""
    then = AS_OF - dt.timedelta(days=back)
    today = given(rows)
    assert rows_of(today.filter(today.on <= then)) == rows_of(given(rows, as_of=then))


def signal_day(row) -> dt.date:
    _, facts = row
    told = facts.get("ordered_on") or facts.get("date") or facts.get("ordered_at") or facts.get("at")
    return told.date() if isinstance(told, dt.datetime) else told
