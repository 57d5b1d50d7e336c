"""Sets and rules: by hand, at exactly the threshold, plain Python beside it, and Groceries as published."""

import itertools
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

import ibis
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from horetsu_utils import baskets as composed
from horetsu_utils import engine
from horetsu_utils.affinity_rules import AffinityRules

SOLD = {"origin": "string", "order_id": "string", "customer_id": "string", "product": "string"}


def shop(baskets: Sequence[str], **rules: float) -> composed.Baskets:
    """Fill one basket a word, one product a letter."""
    rows = [("店", f"{number:03d}", None, product) for number, word in enumerate(baskets) for product in word]
    lines = ibis.memtable([dict(zip(SOLD, row, strict=True)) for row in rows], schema=SOLD)
    return composed.together(engine.connect(), lines, rules=AffinityRules(**rules)).in_order


def sets(baskets: Sequence[str], least: int, **rules: float) -> dict[str, int]:
    rows = shop(baskets, **rules).itemsets(least).to_pyarrow().to_pylist()
    return {"".join(row["items"]): row["baskets"] for row in rows}


def told(found: pd.DataFrame) -> list[tuple[str, str, int, int, int]]:
    return sorted(
        ("".join(row.antecedent), row.consequent, row.both, row.antecedent_baskets, row.consequent_baskets)
        for row in found.itertuples()
    )


def test_sets_by_hand() -> None:
    # a: 1 2 3 5, b: 1 2 4 5, c: 1 2 3 4; ab: 1 2 5, ac: 1 2 3, bc: 1 2 4; abc: 1 2
    five = ("abc", "abc", "ac", "bc", "ab")
    assert sets(five, 2) == {"a": 4, "b": 4, "c": 4, "ab": 3, "ac": 3, "bc": 3, "abc": 2}
    assert sets(five, 3) == {"a": 4, "b": 4, "c": 4, "ab": 3, "ac": 3, "bc": 3}
    assert sets(five, 5) == {}


def test_sets_grow_no_longer_than_asked() -> None:
    three = ("abcd",) * 3
    assert max(map(len, sets(three, 3))) == 4
    assert sorted(sets(three, 3, longest=2)) == ["a", "ab", "ac", "ad", "b", "bc", "bd", "c", "cd", "d"]
    assert sorted(sets(three, 3, longest=1)) == ["a", "b", "c", "d"]


def test_rules_by_hand() -> None:
    # of the 3 baskets with a and b, 2 hold c, too: 2/3; c lies in 4 of 5: lift 2/3 / (4/5) = 10/12
    found = shop(("abc", "abc", "ac", "bc", "ab"), least_confidence=0.5).rules_from(0.4)
    pair = [(one, other, 3, 4, 4) for one in "abc" for other in "abc" if one != other]
    assert told(found) == sorted([*pair, ("ab", "c", 2, 3, 4), ("ac", "b", 2, 3, 4), ("bc", "a", 2, 3, 4)])
    three = found[found["antecedent"].map(len) == 2]
    assert three["lift"].tolist() == pytest.approx([10 / 12] * 3)
    assert three["confidence"].tolist() == pytest.approx([2 / 3] * 3)
    assert three["support_ratio"].tolist() == pytest.approx([0.4] * 3)
    assert [row.consequent for row in three.itertuples()] == ["c", "b", "a"]  # of equals, by the names on the left
    assert (three["low"] < three["lift"]).all()


@pytest.mark.parametrize(("confidence", "rules"), [(0.29, 1), (0.3, 0)])
def test_a_rule_exactly_at_the_threshold_counts(confidence: float, rules: int) -> None:
    # b lies in 29 of the 100 baskets with a: 0.29, though 0.29 × 100 is below 29 in floats; a lies in all with b
    found = shop(("ab",) * 29 + ("a",) * 71, least_confidence=confidence).rules_from(0.29)
    assert told(found) == [("a", "b", 29, 100, 29)] * rules + [("b", "a", 29, 29, 100)]


def test_without_baskets_there_are_no_rules() -> None:
    assert shop(()).rules_from(0.1).empty
    assert shop(("a", "b")).rules_from(0.1).empty


@given(baskets=st.lists(st.text("abcde", min_size=1, max_size=6), min_size=1, max_size=12), least=st.integers(1, 3),
       confidence=st.sampled_from([0.25, 0.5, 0.6, 1.0]))  # fmt: skip
@settings(max_examples=12, deadline=None)
def test_rules_are_those_found_by_trying_all(baskets: list[str], least: int, confidence: float) -> None:
    held = [set(word) for word in baskets]
    every = ("".join(each) for size in range(1, 6) for each in itertools.combinations("abcde", size))
    counts = {name: sum(set(name) <= basket for basket in held) for name in every}
    often = {name: many for name, many in counts.items() if many >= least}
    assert sets(baskets, least) == often
    rules = [
        (left, right, many, often[left], often[right])
        for name, many in often.items()
        if len(name) > 1
        for right in name
        for left in [name.replace(right, "")]
        if Fraction(many, often[left]) >= Fraction(str(confidence))
    ]
    assert told(shop(baskets, least_confidence=confidence).rules_from(least / len(baskets))) == sorted(rules)


@pytest.fixture(scope="module")
def groceries(shared_data: Path) -> composed.Baskets:
    connection = engine.connect()
    lines = connection.read_csv(shared_data / "groceries" / "groceries_long.csv.gz")
    named = lines.select(
        origin=ibis.literal("till"),
        order_id=lines["transaction_no"].cast("string"),
        customer_id=ibis.null("string"),
        product=lines["item"],
    )
    return composed.together(connection, named, rules=AffinityRules(least_confidence=0.5)).in_order


def test_groceries_as_published_by_arules(groceries: composed.Baskets) -> None:
    found = groceries.rules_from(0.001)
    assert groceries.counts == {"whole": 9835, "single": 2159, "set_aside": 0, "largest": 32}
    assert len(found) == 5668
    sizes = found["antecedent"].map(len).value_counts().sort_index()
    assert sizes.to_dict() == {1: 11, 2: 1461, 3: 3211, 4: 939, 5: 46}
    first = found.iloc[0]
    assert (list(first["antecedent"]), first["consequent"]) == (["Instant food products", "soda"], "hamburger meat")
    assert round(first["lift"], 5) == 18.99565


def test_groceries_at_a_larger_support(groceries: composed.Baskets) -> None:
    rules = AffinityRules(least_confidence=0.25)
    held = (groceries.connection, groceries.key, groceries.products, groceries.filled)
    found = composed.Baskets(*held, rules).rules_from(0.006)
    assert len(found) == 463
    assert found["antecedent"].map(len).value_counts().sort_index().to_dict() == {1: 150, 2: 297, 3: 16}
