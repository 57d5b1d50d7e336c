"""The words of the matches: honest about the trial, gentle about silence, short about the reason."""

import pandas as pd
import pytest

from horetsu_utils.charts import tables
from horetsu_utils.matching_rules import TRIALS, MatchingRules
from horetsu_utils.sentences import matching as say

TRIED = {
    "customers": 100, "value": 0.4, "low": 0.31, "high": 0.5, "seller_value": 0.3, "seller_low": 0.22,
    "seller_high": 0.4, "gain": 0.1, "gain_low": 0.01, "gain_high": 0.19, "days": 90, "way": "sellers",
}  # fmt: skip


def tried(**other) -> pd.DataFrame:
    return pd.DataFrame([TRIED | other])


@pytest.mark.parametrize(
    ("other", "words"),
    [
        ({}, "90日前までの記録で選んだ品は、売れ筋の3つより、その後に多くの方に買われています(40.0%と30.0%)"),
        (
            {"gain_low": 0.0},
            "90日前までの記録で選んだ品と売れ筋の3つとで、その後に買われた方の割合に、はっきりした差はありません(40.0%と30.0%)",
        ),
        (
            {"gain_low": -0.2, "gain_high": -0.01, "seller_value": 0.5},
            "90日前までの記録で選んだ品より、売れ筋の3つのほうが、その後に多くの方に買われています(40.0%と50.0%)",
        ),
        (
            {"customers": 29},
            "選び方を確かめるには、その後に買われた方がまだ足りません(今29人、30人から確かめられます)",
        ),
    ],
)
def test_the_trial_is_told_honestly(other: dict, words: str) -> None:
    assert say.trial_title(tried(**other), 30) == words


def test_few_people_show_no_share() -> None:
    shown = ["売れ筋の3つ", "100人", "40.0%(31.0〜50.0%)", "30.0%(22.0〜40.0%)", "+10.0ポイント(+1.0〜+19.0)"]
    assert list(say.trial_table(tried(), 30).iloc[0]) == shown
    assert list(say.trial_table(tried(customers=29), 30).iloc[0]) == ["売れ筋の3つ", "29人", "—", "—", "—"]
    assert say.finding(tried(customers=29), {"buyers": 9, "matched": 0}, 30).figure is None
    assert say.finding(tried(), {"buyers": 9, "matched": 3}, 30).figure == pytest.approx(0.1)


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("replenish", "およそ30日ごとに選ばれている品で、そろそろ次の時期です"),
        ("again", "前にも選ばれた品です(同じように選ばれた方の25%が、また選んでいます)"),
        ("next", "「石けん」の次に選ばれることが多い品です(25%、およそ30日後)"),
        ("together", "「石けん」の方の25%が、あわせて選んでいる品です"),
    ],
)
def test_each_reason(kind: str, words: str) -> None:
    assert say.reason({"kind": kind, "because": "石けん", "value": 0.25, "days": 30.2}) == words


def test_one_row_a_customer() -> None:
    rows = [("b", 1, "甲", "again"), ("a", 1, "乙", "next"), ("a", 2, "丙", "together")]
    frame = pd.DataFrame(rows, columns=["customer_id", "place", "product", "kind"]).assign(
        because="丁", value=0.5, days=9.0
    )
    shown = say.one_by_one(frame, 3)
    assert list(shown["顧客番号"]) == ["a", "b"]
    assert list(shown["合いそうな品1"]) == ["乙", "甲"]
    assert list(shown["合いそうな品2"]) == ["丙", ""]
    assert list(shown["合いそうな品3"]) == ["", ""]


def test_a_hostile_product_is_only_text() -> None:
    frame = pd.DataFrame({"product": ["<script>alert(1)</script>"], "kind": ["next"], "customers": [3]})
    page = tables.told(say.table(frame), "題", instead="").data
    assert "<script>" not in page
    assert "&lt;script&gt;" in page


def test_the_table_says_what_it_leaves_out() -> None:
    frame = pd.DataFrame({"product": [f"商品{n}" for n in range(14)], "kind": "again", "customers": 5})
    assert len(say.table(frame)) == 12
    assert say.note(frame).endswith("人数の多い12行だけを並べています(ほか2行)。")
    assert say.note(frame.head(12)) == say.TABLE_NOTE


def ways(**strongest) -> pd.DataFrame:
    """Try against the best-sellers (30 %), and against a stronger yardstick as told."""
    return pd.concat([tried(), tried(way="silent", seller_value=0.9), tried(**strongest)], ignore_index=True)


def test_the_title_holds_the_matches_against_the_strongest_yardstick() -> None:
    trial = ways(way="last", seller_value=0.5, gain=-0.1, gain_low=-0.19, gain_high=-0.01)
    words = "90日前までの記録で選んだ品より、前回と同じ品のほうが、その後に多くの方に買われています(40.0%と50.0%)"
    assert say.trial_title(trial, 30) == words
    finding = say.finding(trial, {"buyers": 9, "matched": 3}, 30)
    assert (finding.figure, finding.next_step) == (pytest.approx(-0.1), say.STEP_CAREFUL)


PRODUCTS = pd.DataFrame({"product": ["石けん"], "kind": ["again"], "customers": [5]})


@pytest.mark.parametrize(
    ("other", "shown"),
    [({}, 1), ({"gain_low": 0.0}, 0), ({"gain_low": -0.2, "gain_high": -0.1}, 0), ({"customers": 29}, 0)],
)
def test_products_are_named_only_where_the_matches_proved_better(other: dict, shown: int) -> None:
    trial = tried(**other)
    assert len(say.named(PRODUCTS, trial, 30)) == shown
    step = say.finding(trial, {"buyers": 9, "matched": 3}, 30).next_step
    assert step == (say.STEP_BETTER if shown else say.STEP_CAREFUL)


def test_why_no_product_is_named() -> None:
    assert say.unnamed({"buyers": 9, "matched": 3, "quiet": 0}) == (
        "商品の名前は、くらべた相手より多くの方に買われると確かめられてから、ここにお出しします。"
    )
    assert say.unnamed({"buyers": 9, "matched": 0, "quiet": 0}) == say.NOBODY


@pytest.mark.parametrize(
    ("quiet", "words"),
    [(0, ""), (3, say.ALL_QUIET), (1, "合いそうな品のある方のうち1人には、前にも選ばれた品だけを選んでいます。")],
)
def test_to_whom_nothing_new_is_offered(quiet: int, words: str) -> None:
    assert say.quiet({"buyers": 9, "matched": 3, "quiet": quiet}) == words


def test_every_trial_has_words_and_the_notes_tell_the_rules_as_they_are() -> None:
    rules = MatchingRules()
    assert set(say.YARDSTICKS) == set(TRIALS)
    days = f"ここ{rules.quiet_days}日"
    assert all(days in text for text in (say.TABLE_NOTE, say.TRIAL_NOTE, say.YARDSTICKS["fresh"]))
    assert f"お一人に{rules.most}つまで" in say.TABLE_NOTE
