"""Codes for customers: the same every time, another shop's are others, and no two customers share one."""

import re

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from horetsu_utils import masking
from horetsu_utils.masking import masked

KEY = b"k" * 32


def test_a_code_is_the_start_of_the_hmac_in_base32() -> None:
    """`printf C0001 | openssl dgst -sha256 -hmac kkk…` begins 3b837fcf39d599: in fives of bits HOBX7TZZ2W."""
    assert masked(pd.Series(["C0001"]), KEY).tolist() == ["C-HOBX7TZZ2W"]
    assert masked(pd.Series(["C0001"]), b"other").tolist() == ["C-N6YU6UXIMD"]


def test_unknown_ids_stay_missing_and_the_places_are_kept() -> None:
    ids = pd.Series(["b", None, "a", "b"], index=[7, 3, 9, 1], name="customer_id")
    codes = masked(ids, KEY)
    assert codes.index.tolist() == [7, 3, 9, 1]
    assert codes.name == "customer_id"
    assert codes.isna().tolist() == [False, True, False, False]
    assert codes[7] == codes[1] != codes[9]


def test_nobody_and_only_unknown_ones() -> None:
    assert masked(pd.Series([], dtype="str"), KEY).empty
    assert masked(pd.Series([None, None], dtype="object"), KEY).isna().all()


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"]), max_size=8), max_size=40))
def test_equal_ids_have_equal_codes_and_others_have_others(ids: list[str]) -> None:
    codes = masked(pd.Series(ids, dtype="object"), KEY)
    assert len(set(zip(ids, codes, strict=True))) == len(set(ids)) == codes.nunique()
    assert all(re.fullmatch("C-[A-Z2-7]{10}", code) for code in codes)


def test_codes_that_meet_grow_until_they_differ_in_whatever_order(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(masking, "SIGNS", 1)
    ids = [f"C{number:04}" for number in range(200)]
    codes = masked(pd.Series(ids), KEY)
    assert codes.is_unique
    lengths = codes.str.len() - len(masking.PREFIX)
    assert set(lengths) <= {1, 3, 5, 7}
    assert (lengths > 1).sum() > 150, "of two hundred customers, most share one of the 32 signs with another"
    backwards = masked(pd.Series(ids[::-1]), KEY)
    assert dict(zip(ids, codes, strict=True)) == dict(zip(ids[::-1], backwards, strict=True))


def test_only_those_that_meet_grow(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(masking, "SIGNS", 1)
    first = {number: masked(pd.Series([f"C{number}"]), KEY)[0] for number in range(60)}
    lone, pair = (
        0,
        next(
            (one, other) for one in first for other in first if one < other and first[one] == first[other] != first[0]
        ),
    )
    codes = masked(pd.Series([f"C{number}" for number in (lone, *pair)]), KEY)
    assert codes.str.len().tolist() == [3, 5, 5]
    assert codes[0] == first[0]
