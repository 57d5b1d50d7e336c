"""Distinctive words: log-odds with a Dirichlet prior by hand and beside plain Python; emotions; how a word is said."""

import math
from collections import Counter
from collections.abc import Sequence

import ibis
import ibis.expr.types as ir
import pytest
from by_hand import records
from hypothesis import given, settings
from hypothesis import strategies as st

from horetsu_utils.method import GapRules
from horetsu_utils.metrics import keywords

WORD = {"voice_id": "int64", "word": "string", "denied": "boolean", "shown": "string"}
VOICE = {"voice_id": "int64", "pattern": "string"}
ALL = GapRules(word_comments=1, word_z=-99.0, prior_words=10.0)
"""Every word is told, with a prior of ten words."""
Comment = tuple[str, str]
"""The pattern, and the words with spaces between; a word with ! is denied."""


def tables(comments: Sequence[Comment]) -> tuple[ir.Table, ir.Table]:
    said = [
        {"voice_id": number, "word": word.strip("!"), "denied": word.endswith("!"), "shown": word}
        for number, (_, words) in enumerate(comments)
        for word in words.split()
    ]
    voices = [{"voice_id": number, "pattern": pattern} for number, (pattern, _) in enumerate(comments)]
    return ibis.memtable(said, schema=WORD), ibis.memtable(voices, schema=VOICE)


def told(comments: Sequence[Comment], rules: GapRules = ALL) -> dict[tuple[str, str], tuple]:
    table = keywords.distinctive(*tables(comments), by="pattern", rules=rules)
    rows = records(table, "pattern", "shown", "comments", "ratio", "ratio_others", "log_odds", "z", by=None)
    return {(pattern, shown): tuple(rest) for pattern, shown, *rest in rows}


def test_log_odds_by_hand() -> None:
    # down: a in 3 comments, b in 1: 4 words. up: a in 1, b in 3, c in 2: 6 words. In all: a 4, b 4, c 2 of 10.
    comments = [("down", "a b"), ("down", "a"), ("down", "a"), ("up", "a b c"), ("up", "b c"), ("up", "b")]
    found = told(comments)
    # prior of 10 words: a 4, b 4, c 2. a: down (3 + 4)/(4 + 10 - 7) = 1; up (1 + 4)/(6 + 10 - 5) = 5/11
    # log 1 - log(5/11) = .788457; error sqrt(1/7 + 1/5) = .585540; z 1.346547
    assert found["down", "a"] == (
        3,
        1.0,
        pytest.approx(1 / 3),
        pytest.approx(0.788457, abs=1e-6),
        pytest.approx(1.346547, abs=1e-6),
    )
    # c: up (2 + 2)/(16 - 4) = 1/3; down (0 + 2)/(14 - 2) = 1/6; log 2 = .693147; sqrt(1/4 + 1/2) = .866025; .800377
    assert found["up", "c"][2:] == (0.0, pytest.approx(0.693147, abs=1e-6), pytest.approx(0.800377, abs=1e-6))
    assert ("down", "c") not in found


def test_the_prior_keeps_rare_words_back() -> None:
    comments = [("down", "rare common")] + [("down", "common")] * 9 + [("up", "other")] * 10
    loose = told(comments, GapRules(word_comments=1, word_z=-99.0, prior_words=0.1))
    tight = told(comments, GapRules(word_comments=1, word_z=-99.0, prior_words=500.0))
    assert tight["down", "rare"][4] < loose["down", "rare"][3]
    assert tight["down", "rare"][3] < loose["down", "rare"][3]


def test_without_a_prior_a_word_of_one_group_has_no_odds() -> None:
    found = told(
        [("down", "a b"), ("down", "a"), ("up", "b c")], GapRules(word_comments=1, word_z=-99.0, prior_words=0)
    )
    # b: down 1 of 3, up 1 of 2: log(1/2) - log(1/1) = -.693147; sqrt(1/1 + 1/1) = 1.414214; z -.490129
    assert found == {
        ("down", "b"): (1, 0.5, 1.0, pytest.approx(-0.693147, abs=1e-6), pytest.approx(-0.490129, abs=1e-6)),
        ("up", "b"): (1, 1.0, 0.5, pytest.approx(0.693147, abs=1e-6), pytest.approx(0.490129, abs=1e-6)),
    }


def test_a_letter_that_repeats_a_word_a_thousand_times_speaks_for_one() -> None:
    once = [("down", "a b"), ("down", "c"), ("up", "b c"), ("up", "c")]
    assert told([("down", "a " * 1000 + "b"), *once[1:]]) == told(once)


def test_three_groups_are_each_held_against_the_two_others() -> None:
    # a: 2 of 2 words of down; 1 of 3 of the others. Prior of 10 words: a 10 x 3/5 = 6
    # log((2 + 6)/(2 + 10 - 8)) - log((1 + 6)/(3 + 10 - 7)) = log 2 - log(7/6) = .538997; sqrt(1/8 + 1/7) = .517549
    found = told([("down", "a"), ("down", "a"), ("same", "a"), ("up", "b c")])
    assert found["down", "a"] == (
        2, 1.0, 0.5, pytest.approx(0.538997, abs=1e-6), pytest.approx(0.538997 / 0.517549, abs=1e-5),
    )  # fmt: skip


def test_a_comment_has_a_word_once() -> None:
    once = [("down", "a b"), ("up", "b c"), ("up", "c")]
    often = [("down", "a a a a a a a a b b"), ("up", "b c c"), ("up", "c")]
    assert told(often) == told(once)


def test_a_denied_word_is_another_word() -> None:
    found = told([("down", "良い!"), ("up", "良い")])
    assert set(found) == {("down", "良い!"), ("up", "良い")}


def test_few_comments_and_chance_are_no_words() -> None:
    comments = [("down", "a")] * 200 + [("up", "b")] * 200 + [("down", "x")] * 4 + [("up", "c"), ("down", "c")] * 20
    found = told(comments, GapRules(word_comments=5, word_z=2.58, prior_words=500.0))
    assert set(found) == {("down", "a"), ("up", "b")}


def test_one_group_has_nobody_to_stand_out_from() -> None:
    found = told([("down", "a b"), ("down", "a")])
    assert all(math.isclose(row[3], 0, abs_tol=1e-9) and row[2] is None for row in found.values())


def test_where_all_say_one_word_it_stands_out_nowhere() -> None:
    assert told([("down", "a"), ("down", "a"), ("up", "a")], GapRules(word_comments=1, word_z=0.0)) == {}


def test_without_comments_there_are_no_words() -> None:
    assert told([]) == {}
    assert told([("down", ""), ("up", "")]) == {}


def test_the_most_telling_word_comes_first_and_ties_have_an_order() -> None:
    table = keywords.distinctive(*tables([("down", "b a"), ("up", "c")]), by="pattern", rules=ALL)
    assert records(table, "pattern", "word", by=None) == [("down", "a"), ("down", "b"), ("up", "c")]


def plain(comments: Sequence[Comment], prior: float) -> dict[tuple[str, str], float]:
    """Compute z as the paper writes it, with counters."""
    groups = {pattern: Counter() for pattern, _ in comments}
    for pattern, words in comments:
        groups[pattern].update(set(words.split()))
    whole = sum(groups.values(), Counter())
    total, found = sum(whole.values()), {}
    for pattern, own in groups.items():
        rest = whole - own
        for word in own:
            alpha = prior * whole[word] / total
            sides = [(each[word] + alpha, sum(each.values()) + prior) for each in (own, rest)]
            if len(whole) > 1:
                odds = [y / (n - y) for y, n in sides]
                error = math.sqrt(sum(1 / y for y, _ in sides))
                found[pattern, word] = (math.log(odds[0]) - math.log(odds[1])) / error
    return found


@settings(max_examples=40, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["down", "same", "up"]), st.lists(st.sampled_from("abcdef"), max_size=5).map(" ".join)
        ),
        min_size=2,
        max_size=25,
    ),
    st.sampled_from([0.1, 1.0, 10.0, 500.0]),
)
def test_plain_counters_give_the_same_z(comments: list[Comment], prior: float) -> None:
    found = told(comments, GapRules(word_comments=1, word_z=-99.0, prior_words=prior))
    for key, z in plain(comments, prior).items():
        assert found[key][4] == pytest.approx(z, abs=1e-9)


def test_emotions_by_hand() -> None:
    comments = [("down", "不安 迷う"), ("down", "残念"), ("down", "不安!"), ("down", ""), ("up", "安心 安心 不安!")]
    schema = {"word": "string", "denied": "boolean", "emotion": "string"}
    lexicon = ibis.memtable(
        [
            ("不安", False, "worry"),
            ("迷う", False, "worry"),
            ("残念", False, "letdown"),
            ("不安", True, "relief"),
            ("安心", False, "relief"),
        ],
        schema=schema,
    )
    table = keywords.emotions(*tables(comments), lexicon, by="pattern")
    rows = records(table, "pattern", "emotion", "comments", "commented", "ratio", by=None)
    # a comment that tells one emotion twice tells it once; one without a word is a comment all the same
    assert rows == [
        ("down", "letdown", 1, 4, 0.25), ("down", "relief", 1, 4, 0.25), ("down", "worry", 1, 4, 0.25),
        ("up", "relief", 1, 1, 1.0),
    ]  # fmt: skip
    low, high = records(table, "low", "high", by=None)[0]
    assert (low, high) == pytest.approx((0.04559, 0.69936), abs=5e-5)  # Wilson for 1 of 4, as in test_gap


def test_without_a_lexicon_or_a_comment_nothing_is_felt() -> None:
    schema = {"word": "string", "denied": "boolean", "emotion": "string"}
    some, none = [("不安", False, "worry")], []
    for comments, words in (([("down", "不安")], none), ([], some), ([("down", "")], some)):
        felt = keywords.emotions(*tables(comments), ibis.memtable(words, schema=schema), by="pattern")
        assert records(felt, "emotion", by=None) == []


def test_a_word_is_shown_as_it_is_said_most_often() -> None:
    rows = [(0, "嬉しい", False, "うれしい"), (1, "嬉しい", False, "うれしい"), (2, "嬉しい", False, "嬉しい")]
    rows += [(2, "嬉しい", False, "嬉しい")] * 9  # one letter, however often it says so
    rows += [(0, "良い", True, "良くない"), (1, "良い", True, "よくない")]  # as often: the first in order
    table = keywords.spoken(ibis.memtable(rows, schema=WORD))
    assert records(table, "word", "denied", "shown", by="word") == [
        ("嬉しい", False, "うれしい"),
        ("良い", True, "よくない"),
    ]
