import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from horetsu_utils import units, wording, words

UNKNOWN = [None, float("nan"), float("inf"), float("-inf")]


@pytest.mark.parametrize(
    ("ratio", "said"),
    [
        (0.623, "62.3%"),
        (0, "0.0%"),
        (1, "100.0%"),
        (0.0005, "0.1%"),
        (-0.0001, "0.0%"),
        (1.5, "150.0%"),
        (0.1225, "12.3%"),
    ],
)
def test_a_ratio_is_said_as_a_percentage(ratio, said) -> None:
    assert wording.percent(ratio) == said


def test_a_percentage_takes_digits() -> None:
    assert wording.percent(0.625, 0) == "63%"


@pytest.mark.parametrize(
    ("amount", "said"),
    [
        (0, "0円"),
        (-0.4, "0円"),
        (0.5, "1円"),
        (9800, "9,800円"),
        (99_999.4, "99,999円"),
        (99_999.5, "10万円"),
        (100_000, "10万円"),
        (1_240_000, "124万円"),
        (1_245_000, "125万円"),
        (99_994_999, "9,999万円"),
        (99_995_000, "1.0億円"),
        (320_000_000, "3.2億円"),
        (1_234_567_890_000, "12,345.7億円"),
        (-9800, "-9,800円"),
        (-1_240_000, "-124万円"),
        (-320_000_000, "-3.2億円"),
    ],
)
def test_money_is_said_at_the_size_people_talk_of(amount, said) -> None:
    assert wording.money(amount) == said


def test_money_is_said_in_the_clients_currency() -> None:
    assert wording.money(9800, "GBP") == "9,800ポンド"
    assert wording.money(1_240_000, "GBP") == "124万ポンド"
    assert {currency: wording.money(1, currency) for currency in units.CURRENCIES} == {
        currency: f"1{unit}" for currency, unit in units.CURRENCIES.items()
    }


@given(st.floats(-1e13, 1e13))
def test_money_never_shows_a_negative_zero_nor_hides_a_sign(amount) -> None:
    said = wording.money(amount)
    assert said.startswith("-") == (amount <= -0.5)
    assert said.endswith("円") and not said.startswith("-0円")


@pytest.mark.parametrize(
    ("number", "unit", "said"),
    [
        (1234, "customer", "1,234人"),
        (0, "day", "0日"),
        (2.5, "order", "3回"),
        (-0.2, "row", "0行"),
        (10**12, "item", "1,000,000,000,000点"),
    ],
)
def test_a_count_is_said_with_its_unit(number, unit, said) -> None:
    assert wording.count(number, unit) == said


def test_a_number_with_a_fraction_is_said_with_its_unit() -> None:
    assert wording.decimal(1234.55, "day") == "1,234.6日"
    assert wording.decimal(-0.04, "score") == "0.0点"
    assert wording.decimal(2.345, "order", 2) == "2.35回"


@pytest.mark.parametrize("unknown", UNKNOWN)
def test_what_is_not_known_is_a_dash(unknown) -> None:
    said = [wording.percent(unknown), wording.money(unknown), wording.count(unknown, "customer")]
    said += [wording.decimal(unknown, "day"), *[wording.figure(unknown, unit) for unit in ("yen", "ratio", "order")]]
    assert said == ["—"] * 7


@pytest.mark.parametrize(
    ("value", "unit", "said"),
    [(0.25, "ratio", "25.0%"), (25_000, "yen", "25,000円"), (3.0, "customer", "3人"), (3.25, "order", "3.3回")],
)
def test_a_figure_is_said_in_the_way_of_its_unit(value, unit, said) -> None:
    assert wording.figure(value, unit) == said


@pytest.mark.parametrize(
    ("ratio", "said"),
    [
        (0.1, "上位1割"),
        (0.1001, "上位1割"),
        (0.104, "上位1割"),
        (0.106, "上位10.6%"),
        (0.25, "上位25.0%"),
        (0.3, "上位3割"),
        (1.0, "全員"),
        (0.999, "全員"),
        (0.001, "上位0.1%"),
        (float("nan"), "上位—"),
    ],
)
def test_a_share_from_the_top_is_said_in_tenths_where_it_is_one(ratio, said) -> None:
    assert wording.top(ratio) == said


@pytest.mark.parametrize(("known", "claims"), [(0, False), (29, False), (30, True), (31, True)])
def test_a_claim_needs_enough_people(known, claims) -> None:
    few = f"期間中に買われた方がまだ{known}人のため、傾向は読み取れません(30人になると読み取れます)"
    assert wording.claim("そうです", known, 30) == ("そうです" if claims else few)


def test_a_day_is_said_as_people_say_it() -> None:
    assert wording.day(dt.date(2026, 6, 3)) == "2026年6月3日"


def test_headings_carry_their_unit() -> None:
    assert wording.heading("amount") == "金額(円)"
    assert wording.heading("amount", "EUR") == "金額(ユーロ)"
    assert wording.heading("discount_rate") == "割引率(%)"
    assert wording.heading("emotion") == "気持ち"
    assert wording.heading("ours") == "ours"


def test_codes_are_said_in_japanese_and_unknown_ones_stay() -> None:
    assert wording.name("state", "fan") == "ファン"
    assert wording.name("band", 0) == "1回だけ(または同じ日)"
    assert wording.name("state", "ours") == "ours" and wording.name("ours", 5) == "5"


def test_the_dictionary_names_every_unit_it_uses() -> None:
    assert {term.unit for term in words.COLUMNS.values()} - {""} <= set(units.UNITS)
    assert all(term.japanese for term in words.COLUMNS.values())
