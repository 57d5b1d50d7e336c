"""The words of the matches: honest about the trial, gentle about silence, short about the reason."""

import pandas as pd
import pytest

from horetsu_utils.charts import tables
from horetsu_utils.sentences import matching as say

TRIED = {
    "customers": 100, "value": 0.4, "low": 0.31, "high": 0.5, "seller_value": 0.3, "seller_low": 0.22,
    "seller_high": 0.4, "gain": 0.1, "gain_low": 0.01, "gain_high": 0.19, "days": 90,
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
    assert list(say.trial_table(tried(), 30)["その後に買われた方"]) == ["40.0%(31.0〜50.0%)", "30.0%(22.0〜40.0%)"]
    assert list(say.trial_table(tried(customers=29), 30)["その後に買われた方"]) == ["—", "—"]
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
