"""What a person wrote as a plan: at whom it is aimed, what it does, and why it cannot be judged."""

import datetime as dt

import pytest

from horetsu_utils import assets, plans, rulebook
from horetsu_utils.plans import Terms

RULES = rulebook.guard(assets.RULES / "guard.yaml")
TERMS = Terms(
    {"0": "観測", "1": "着地", "2": "共感", "3": "関与", "4": "循環"},
    {"loyal": "優良", "new": "新規", "at_risk": "離反予備"},
)
AS_OF = dt.date(2026, 6, 30)
NUMBERED = "・".join(f"ステージ{number}" for number in range(5))
KNOWN = f"使える言葉: {NUMBERED}・観測・着地・共感・関与・循環・優良・新規・離反予備。"


def row(**more) -> dict:
    plain = {
        "campaign_id": "CP1", "date": dt.date(2026, 7, 1), "channel": "メール", "action": None, "subject": None,
        "body": None, "target": None, "discount_rate": None, "length": None,
    }  # fmt: skip
    return plain | more


def planned(**more) -> plans.Planned:
    (found,) = plans.read([row(**more)], rules=RULES, terms=TERMS, as_of=AS_OF)
    return found


@pytest.mark.parametrize(
    ("target", "aims"),
    [
        ("ステージ0", [("stage", "0")]),
        ("ステージ ３", [("stage", "3")]),
        ("stage2", [("stage", "2")]),
        ("観測", [("stage", "0")]),
        ("観測の方", [("stage", "0")]),
        ("ステージ0〜2", [("stage", "0"), ("stage", "1"), ("stage", "2")]),
        ("ステージ0、ステージ4", [("stage", "0"), ("stage", "4")]),
        ("優良", [("segment", "loyal")]),
        ("at_risk", [("segment", "at_risk")]),
        ("新規・観測", [("segment", "new"), ("stage", "0")]),
        ("1001、1002 1003", [("customer", "1001"), ("customer", "1002"), ("customer", "1003")]),
        ("全員", [("all", "")]),
        ("", [("all", "")]),
        (None, [("all", "")]),
    ],
)
def test_a_target_is_read_as_people_write_it(target, aims) -> None:
    assert planned(subject="お便り", target=target).aims == tuple(aims)


@pytest.mark.parametrize(
    ("target", "told"),
    [
        ("ステージ5", "対象「ステージ5」が分かりません。「ステージ4」の書き間違いではありませんか。"),
        ("離反予費", "対象「離反予費」が分かりません。「離反予備」の書き間違いではありませんか。"),
        ("山の会", f"対象「山の会」が分かりません。{KNOWN}"),
        ("優良、山の会", f"対象「山の会」が分かりません。{KNOWN}"),
    ],
)
def test_an_unknown_target_is_told_with_the_nearest(target: str, told: str) -> None:
    found = planned(subject="お便り", target=target)
    assert found.problem == told + "顧客番号を「、」で並べることもできます。"
    assert found.aims == ()


def test_customers_nobody_knows_are_told() -> None:
    found = planned(subject="お便り", target="1001、1002、1003、1004、1005").among({"1001"})
    assert found.problem == "対象のお客様 4 人が見つかりません(1002、1003、1004 など)。顧客番号を確かめてください。"
    assert planned(subject="お便り", target="1001").among({"1001"}).problem == ""


@pytest.mark.parametrize(("day", "past"), [("2026-06-29", True), ("2026-06-30", False), ("2026-07-01", False)])
def test_a_date_in_the_past_cannot_be_planned(day: str, past: bool) -> None:
    found = planned(subject="お便り", date=dt.date.fromisoformat(day))
    told = f"日付 {day} が、分析日 2026-06-30 より前です。日付を確かめてください"
    told += "(もう送ったものは、レポートで振り返ります)。"
    assert found.problem == (told if past else "")


def test_a_text_too_long_for_a_letter_is_refused_and_not_searched() -> None:
    found = planned(subject="今だけ", body="あ" * 200_000)
    assert found.problem == (
        "件名と本文が200,003文字あり、1通のお便りとしては長すぎます。貼り付けたものを確かめてください。"
    )
    assert found.actions == {}


@pytest.mark.parametrize(
    ("length", "body", "is_long"),
    [(1000, None, True), (999, None, False), (None, "あ" * 1000, True), (None, "あ" * 999, False), (None, None, False)],
)
def test_a_letter_is_long_by_its_given_length_or_its_body(length, body, is_long: bool) -> None:
    assert planned(subject="お便り", length=length, body=body).is_long is is_long


@pytest.mark.parametrize(
    ("facts", "discount"),
    [
        ({"discount_rate": 0.05}, True),
        ({"discount_rate": 0}, False),
        ({"subject": "秋の10%OFF"}, True),
        ({"body": "全品２割引"}, True),
        ({"subject": "値引きのないお店"}, False),
    ],
)
def test_a_discount_is_known_by_its_rate_or_its_words(facts: dict, discount: bool) -> None:
    assert planned(**({"subject": "お便り"} | facts)).is_discount is discount


def test_a_code_counts_with_and_without_words() -> None:
    assert planned(action="control").actions == {"control": ()}
    found = planned(action="offer_now", subject="今だけのご案内、ありがとうございます")
    assert found.actions == {"offer_now": ("今だけ",)}


def test_a_plan_of_nothing_is_no_plan() -> None:
    assert plans.read([], rules=RULES, terms=TERMS, as_of=AS_OF) == []
