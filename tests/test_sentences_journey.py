"""What the chapter on the 90 days says: few people make no claim, numbers agree, and nothing is called a cause."""

import ast
import datetime as dt
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pandas as pd
import pytest

from horetsu_utils import sentences
from horetsu_utils.logrank import LogRank
from horetsu_utils.method import CpmRules, JourneyRules, OutlookRules
from horetsu_utils.sentences import breaks as say_breaks
from horetsu_utils.sentences import journey as say
from horetsu_utils.sentences import outlook as say_outlook
from horetsu_utils.sentences import scenario as say_scenario

NAN = float("nan")
LEAST = 30
RULES, OUTLOOK = JourneyRules(), OutlookRules()
CAUSES = ("おかげで", "せいで", "効果があ", "が原因で")
FEW = "はじめての方がまだ29人のため、傾向は読み取れません(あと1人で読み取れます)"


def reading(value=0.407, plain=0.406, young=445, watched=2406, day=90) -> pd.DataFrame:
    row = {"day": day, "value": value, "low": value, "high": value, "at_risk": 100, "young": young, "watched": watched}
    return pd.DataFrame([row | {"value_plain": plain, "low_plain": plain, "high_plain": plain}])


def broken(**more) -> pd.DataFrame:
    row = {
        "day_from": 31, "day_to": 60, "at_risk": 2000, "came": 87, "expected": 360.0, "lost": 273.0, "lost_low": 253.0,
        "lost_high": 290.0, "second_yen": 4982.0, "lost_yen": 1_360_000.0, "kind": "dip", "is_sure": True,
        "times_needed": 0.01, "planned_steps": 0, "contacts_each": 0.0, "silent_days": 30, "days": 30,
    }  # fmt: skip
    return pd.DataFrame([row | more])


def test_the_f2_reading_and_its_finding() -> None:
    title = "はじめての方の40.7%が、90日までに2回目のご注文をくださっています"
    assert say.curve_title(reading(), 90, 30, LEAST) == title
    found = say.f2(reading(), 90, 30, LEAST)
    assert (found.sentence, found.figure) == (f"{title}。", 0.407)


def test_29_first_time_buyers_make_no_claim_anywhere() -> None:
    assert say.curve_title(reading(), 90, 29, LEAST) == FEW
    assert say.f2(reading(), 90, 29, LEAST).figure is None
    assert say.waits_title({"back": 9, "median": 20}, 29, LEAST) == FEW
    assert say_breaks.title(broken(), pace(at_risk=29, last=9), LEAST, "JPY") == FEW
    few = say_breaks.worst(broken(), FEW)
    assert (few.figure, few.sentence) == (None, f"{FEW}。")
    rung = pd.DataFrame({"number": [1], "watched": [29], "value": [0.4]})
    assert "まだ人数が足りません" in say.ladder_title(rung, LEAST)
    young = pd.DataFrame({"month": [0], "customers": [29], "ltv_yen": [1.0], "repeat_ratio": [0.1]})
    assert "まだ人数が足りません" in say_outlook.cohort_title(young, 6, LEAST, "JPY")
    step = pd.DataFrame({"watched": [29], "sound": [True], "reach_ratio": [0.5], "step_id": ["S"]})
    assert "まだ人数が足りません" in say_scenario.title(step, LEAST)


def test_nobody_came_back_or_nobody_was_watched_long_enough() -> None:
    assert say.curve_title(reading(0.0), 90, 99, LEAST) == "はじめての方の、90日までの2回目のご注文は、まだありません"
    few = say.curve_title(reading(0.4, watched=1), 90, 99, LEAST)
    assert few == "はじめてのご注文から90日たった方が、まだ1人です(30人から読み取れます)"
    assert say.f2(reading(0.4, watched=1), 90, 99, LEAST).figure is None
    told = say.curve_title(reading(NAN, plain=1.0), 90, 99, LEAST)
    assert told == "90日見守り終えた方の100.0%が、90日までに2回目のご注文をくださっています"
    early = pace(counted=29), pace(last=29)
    assert {say_breaks.title(broken(is_sure=False), each, LEAST, "JPY") for each in early} == {say_breaks.TOO_EARLY}
    assert say_breaks.worst(broken(is_sure=False), say_breaks.TOO_EARLY).next_step == say.FEW_STEP
    assert say.waits_title({"back": 0, "median": None}, 99, LEAST) == say.NEVER
    assert say_breaks.title(broken(), pace(counted=0), LEAST, "JPY") == say_breaks.NO_PACE
    assert say_breaks.worst(broken(), say_breaks.NO_PACE).next_step == say.FEW_STEP


def test_the_difference_of_two_rates_is_explained_in_one_sentence() -> None:
    told = say.difference(reading(0.407, 0.401), 90)
    assert told == (
        "はじめの割合は、まだ90日たっていない445人も、見守った日数のぶんだけ数に入れています。"
        "「見守り終えた方だけ」の割合との0.6ポイントの差は、その方々を数に入れるかどうかの違いです。"
    )
    assert (
        say.difference(reading(young=0), 90)
        == "どの方も90日より長く見守っているので、2つの数え方は同じ割合になります。"
    )
    assert "まだいらっしゃらない" in say.difference(reading(plain=NAN), 90)
    assert "ほとんど同じ" in say.difference(reading(0.4, 0.4), 90)


def test_a_day_with_two_orders_is_told() -> None:
    assert say.waits_title({"back": 80, "median": 0}, 99, LEAST).endswith("はじめてと同じ日のご注文です")
    assert "同じ日に2回ご注文になった方が80人" in say.waits_note(80)
    assert "同じ日" not in say.waits_note(0)


def test_bands_are_named() -> None:
    frame = pd.DataFrame({"day_from": [0, 1, 366], "day_to": [0, 10, say.LAST_BAND]})
    assert say.bands(frame)["days_band"].tolist() == ["同じ日", "1〜10日", "366日から先"]


def groups(*rows: tuple[str, int, float]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["first_product", "watched", "value"])


def pace(counted: int = 900, at_risk: int = 2851, last: int = 1500) -> pd.DataFrame:
    return pd.DataFrame({"at_risk": [at_risk, last], "counted": [counted, counted]})


def test_groups_are_told_apart_only_beyond_chance() -> None:
    two = groups(("石けん", 100, 0.3), ("化粧水", 100, 0.6), (say.REST_CODE, 100, 0.9))
    alone = {"石けん": -1.0, "化粧水": 4.0, say.REST_CODE: 1.0}
    sure, chance = (LogRank(9.0, 2, p, {}, {}, alone) for p in (0.001, 0.2))
    told = say.groups_title(two, "first_product", sure, RULES, LEAST)
    best = "最初の商品が「化粧水」の方は、2回目をくださる割合がほかより多く、60.0%です"
    assert told == f"{best}(偶然とは言いにくい違いです)"
    none = replace(sure, alone={"石けん": -1.0, "化粧水": 2.0, say.REST_CODE: 1.0})
    assert (
        say.groups_title(two, "first_product", none, RULES, LEAST)
        == "最初の商品による違いは、偶然とは言いにくい大きさです"
    )
    assert (
        say.groups_title(two, "first_product", chance, RULES, LEAST)
        == "最初の商品による違いは、偶然でも起こるくらいの大きさです"
    )
    assert "差は0.1%ほどの割合で出ます" in say.groups_note(sure)
    assert "差は0.1%より少ない割合でしか出ません" in say.groups_note(replace(sure, p=1e-9))
    one = groups(("石けん", 100, 0.3), ("化粧水", 29, 0.6))
    assert "まだ人数が足りません" in say.groups_title(one, "first_product", sure, RULES, LEAST)
    assert "の記録がないため" in say.groups_title(groups(), "first_product", None, RULES, LEAST)


def test_the_ladder_names_where_most_people_stop() -> None:
    rungs = pd.DataFrame({"number": [1, 2], "watched": [100, 80], "value": [0.445, 0.515]})
    assert (
        say.ladder_title(rungs, LEAST)
        == "次のご注文へ進まれる割合がいちばん低いのは、1回目から2回目のあいだです(44.5%)"
    )
    assert say.rungs(rungs) == {"1": "1回目→2回目", "2": "2回目→3回目"}


def test_the_first_break_its_yen_and_the_next_step() -> None:
    title = say_breaks.title(broken(), pace(), LEAST, "JPY")
    assert title == (
        "はじめてのご注文から31〜60日目は、2回目のご注文が、お店の平均のペースより約273人少なくなっています"
        "(2回目のご注文の金額だけで、およそ136万円)"
    )
    found = say_breaks.worst(broken(), title)
    assert (found.figure, found.unit) == (1_360_000.0, "yen")
    assert "売り込みではない便りを1通" in found.next_step
    assert "お気持ちに合っているか" in say_breaks.worst(broken(planned_steps=2), title).next_step


def test_a_break_within_chance_is_none_and_says_how_many_more_it_takes() -> None:
    unsure = broken(is_sure=False, times_needed=1.5)
    assert say_breaks.title(unsure, pace(), LEAST, "JPY") == say_breaks.NO_BREAK
    (row,) = say_breaks.table(unsure, 100, "JPY", silent=True).to_dict("records")
    assert row["少ない人数"] == "偶然かもしれません(あと50人ほどふえると、確かめられます)"
    assert row["金額にすると"] == "—"
    (far,) = say_breaks.table(broken(is_sure=False, times_needed=999.0), 100, "JPY", silent=True).to_dict("records")
    assert far["少ない人数"] == "偶然かもしれません"


def test_what_was_and_was_not_done() -> None:
    (row,) = say_breaks.table(broken(), 2851, "JPY", silent=True).to_dict("records")
    assert row["していたこと・していなかったこと"] == "予定の便りなし、連絡はほとんどなし、30日のうち30日は便りのない日"
    (none,) = say_breaks.table(broken(contacts_each=NAN), 2851, "JPY", silent=False).to_dict("records")
    assert "していたこと・していなかったこと" not in none
    planned = broken(contacts_each=NAN).assign(planned_steps=1)
    (one,) = say_breaks.table(planned, 2851, "JPY", silent=False).to_dict("records")
    assert one["していたこと・していなかったこと"] == "予定の便り 1件(連絡の記録はありません)"
    assert "便りのない間" in say_breaks.road_note(True)
    assert "便りのない間" not in say_breaks.road_note(False)


def repairs(customers=100) -> pd.DataFrame:
    base = {"gain_low_yen": 2e6, "gain_high_yen": 2.5e6, "customers": customers, "more": 154.0}
    rows = [
        {"repair": "break", "day_from": 31, "day_to": 60, "gain_yen": 2.29e6},
        {"repair": "reading", "day_to": 90, "gain_yen": 1.3e6},
        {"repair": "rung", "number": 2, "gain_yen": 6e5},
        {"repair": "rung", "number": 3, "gain_yen": 5e5},
    ]
    return pd.DataFrame([base | row for row in rows])


def test_three_repairs_are_named_with_their_yen() -> None:
    size = {"least": LEAST, "currency": "JPY"}
    told = say_breaks.repairs_table(repairs(), 5, **size)
    assert told["整えるところ"].tolist() == [
        "はじめてのご注文から31〜60日目の2回目を、お店の平均のペースに近づける",
        "90日までに2回目をくださる方を、100人につき5人ふやす",
        "2回目の方のうち3回目へ進まれる方を、100人につき5人ふやす",
    ]
    assert told["1年の売上の違い"].iloc[0] == "およそ229万円"
    found = say_breaks.best_repair(repairs(), 5, **size)
    assert found.figure == 2.29e6
    young = say_breaks.best_repair(repairs(29), 5, **size)
    assert young.figure is None
    assert young.sentence.startswith(say_breaks.TOO_YOUNG)
    assert say_breaks.repairs_table(repairs(29), 5, **size).empty


def test_the_sliders_sentence() -> None:
    frame = repairs().iloc[[0]].assign(day=60, points=5)
    told = say_breaks.moved(frame, 1606, LEAST, "JPY")
    assert told.startswith(
        "60日までに2回目をくださる方が100人につき5人ふえると、1年にはじめて来られる1,606人では約154人"
    )
    assert "およそ229万円(200万円〜250万円)" in told
    assert say_breaks.TOO_YOUNG in say_breaks.moved(frame.iloc[:0], 1606, LEAST, "JPY")


def steps(**more) -> pd.DataFrame:
    row = {
        "step_id": "S1", "day_from": -3, "day_to": 5, "channel": "メール", "purpose": "お礼",
        "welcome_action": "お返事",
        "sound": True, "watched": 100, "reached": 80, "reach_ratio": 0.8, "reacted": 40, "reacted_ratio": 0.5,
    }  # fmt: skip
    return pd.DataFrame([row | more])


def after(**more) -> pd.DataFrame:
    return pd.DataFrame([{"step_id": "S1", "shows": "reply", "asked": 70, "followed": 7, "value": 0.1} | more])


def test_a_planned_step_is_told() -> None:
    (row,) = say_scenario.steps(steps(), after()).to_dict("records")
    assert row == {
        "予定": "1. 0〜5日目 メール", "ねらい": "お礼", "届いた割合": "80.0%(100人のうち)", "反応": "50%",
        "その後14日": "お返事 10.0%(70人のうち)",
    }  # fmt: skip


def test_what_cannot_be_counted_is_said() -> None:
    (row,) = say_scenario.steps(steps(sound=False), after()).to_dict("records")
    assert row["届いた割合"] == say_scenario.UNSOUND
    assert row["予定"] == "1. -3〜5日目 メール"
    (row,) = say_scenario.steps(steps(reacted_ratio=NAN), after(value=NAN)).to_dict("records")
    assert (row["反応"], row["その後14日"]) == ("記録なし", "お返事の記録がありません")
    (row,) = say_scenario.steps(steps(), after(shows=None, value=NAN)).to_dict("records")
    assert row["その後14日"] == "「お返事」は、記録からは分かりません"


def test_contacts_outside_the_plan_and_of_strangers() -> None:
    channels = pd.DataFrame({"channel": ["メール", "電話"], "contacts": [90, 10], "unplanned": [5, 10]})
    strangers, silences = (
        pd.DataFrame({"contacts": [3]}),
        pd.DataFrame({"day_from": [29], "day_to": [61], "days": [33]}),
    )
    assert say_scenario.contacts(channels, strangers, silences, 90) == (
        "90日までの連絡100回のうち、予定になかったものは15回です(電話 10回、メール 5回)。"
        "29〜61日目の33日間は、便りがほぼどなたにも届いていません。"
        "ご注文の記録がない方への連絡3回は、数に入れていません。"
    )
    assert "touchpoints.csv" in say_scenario.contacts(channels.iloc[:0], strangers, silences, 90)


def test_the_turn_of_the_feeling() -> None:
    scores = pd.DataFrame({"customers": [100, 90]})
    turn = pd.DataFrame({"day_from": [21], "day_to": [30], "kind": ["peak"]})
    assert say_scenario.feeling_title(scores, turn, LEAST) == "お気持ちは、21〜30日目を境に下向きに変わっています"
    assert "見あたりません" in say_scenario.feeling_title(scores, turn.iloc[:0], LEAST)
    assert "まだ足りません" in say_scenario.feeling_title(scores // 10, turn, LEAST)
    assert say_scenario.feeling_title(scores.iloc[:0], turn, LEAST) == say_scenario.NO_STORY


def test_the_gap_between_expectation_and_evaluation() -> None:
    gaps = pd.DataFrame(
        [("1か月", 31.0, 3.5, 2.4, -1.1, -1.0, 134, True)],
        columns=["step", "day", "expectation", "evaluation", "gap", "high", "customers", "turned"],
    )
    assert say_scenario.gap_title(gaps, LEAST) == "「1か月」で、評価が期待を平均1.1点下回っています"
    (row,) = say_scenario.gaps(gaps).to_dict("records")
    assert list(row.values()) == ["◆ 1か月", 31, 134, 3.5, 2.4, -1.1]
    assert "まだ足りません" in say_scenario.gap_title(gaps.assign(customers=29), LEAST)
    assert "見あたりません" in say_scenario.gap_title(gaps.assign(high=0.1), LEAST)


def ahead(verdict: str, repeaters=1111, actual=653.0) -> SimpleNamespace:
    return SimpleNamespace(verdict=verdict, repeaters=repeaters, actual=actual)


def test_the_year_ahead_is_shown_only_if_the_last_quarter_held() -> None:
    good = pd.DataFrame({"frequency": [0, 7], "customers": [10, 5], "orders": [4.0, 16.0], "yen": [1e4, 9e4]})
    title = say_outlook.ahead_title("good", good, True, OUTLOOK, "JPY")
    assert title == "今のお客様からの、これから1年のご注文は、およそ20回(およそ10万円)の見込みです"
    table = say_outlook.ahead_table(good, True, "JPY")
    assert table["これまでのご注文"].tolist() == ["1回だけの方", "8回以上の方"]
    assert "1年の売上の見込み" not in say_outlook.ahead_table(good, False, "JPY")
    for verdict, words in say_outlook.REFUSED.items():
        assert say_outlook.ahead_title(verdict, good.iloc[:0], False, OUTLOOK, "JPY") == words
        assert say_outlook.check_title(verdict, 1, 1, OUTLOOK) == words
    assert say_outlook.check_title("good", 100, 90, OUTLOOK).endswith("実際100回に対して見込み90回でした(差10.0%)")


def test_a_refusal_says_what_it_would_take() -> None:
    assert "100人から試せます" in say_outlook.check_note(ahead("too_small", repeaters=60), OUTLOOK)
    assert "30回から試せます" in say_outlook.check_note(ahead("too_small", actual=9.0), OUTLOOK)
    assert "25%を超えた" in say_outlook.check_note(ahead("bad"), OUTLOOK)
    assert "使えません" in say_outlook.check_note(ahead("no_fit"), OUTLOOK)


def test_the_definitions_of_others_and_why_they_differ() -> None:
    f2 = pd.DataFrame(
        [("watched", 2406, 978, 0.406), ("no_window", 2851, 1355, 0.475), ("repeaters_only", 0, 0, NAN)],
        columns=["definition", "customers", "came", "value"],
    )
    table = say_outlook.definitions(f2, 0.407, 2851)
    assert table["2回目をくださった割合(F2転換率)"].tolist() == ["40.7%", "40.6%", "47.5%", "—"]
    assert say_outlook.definitions_title(f2, 0.407).endswith("40.6%から47.5%まで変わります")
    assert say_outlook.definitions_title(f2.assign(value=0.0), 0.0) == "今は、どの数え方でもF2転換率は0.0%です"
    assert "70,000円" in say_outlook.portfolio_title(CpmRules(), "JPY")


@pytest.mark.parametrize("name", ["journey", "breaks", "scenario", "outlook"])
def test_no_sentence_names_a_cause(name: str) -> None:
    path = Path(sentences.__path__[0]) / f"{name}.py"
    words = [node.value for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.Constant)]
    assert not [word for word in words if isinstance(word, str) and any(cause in word for cause in CAUSES)]


def test_old_customers_taken_for_new_ones_are_warned_of() -> None:
    assert say.early_note(None, 90) == ""
    told = say.early_note((180, dt.date(2026, 6, 30), 0.187), 90)
    assert told.endswith("その方々を除くと、90日までの割合は18.7%です。")


def test_the_sign_of_the_small_groups_is_one_and_the_same() -> None:
    from horetsu_utils.metrics import survival
    from horetsu_utils.wording import name

    assert say.REST_CODE == survival.REST
    assert {name(by, survival.REST) for by in ("first_product", "first_source")} == {"そのほか"}
