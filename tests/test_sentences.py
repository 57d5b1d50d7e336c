import re
from dataclasses import replace

import pandas as pd
import pytest

from horetsu_utils.client import find
from horetsu_utils.findings import Finding
from horetsu_utils.method import CpmRules, ReferenceLines, RfmCuts, Rules, SegmentRule, StateRules
from horetsu_utils.sentences import rfm as say

RULES = Rules()
FIXED = Rules(cuts=RfmCuts((1, 2, 3, 4), (1, 2, 3, 4), (1, 2, 3, 4)))
FEW = "期間中に買われた方がまだ29人のため、傾向は読み取れません(30人になると読み取れます)。"
KEEP = "注文の記録を続けましょう。人数がふえたら、もう一度確かめます。"


def reference(repeat: str, ltv: str, values: tuple[float, float] = (0.5, 15_000)) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "measure": ["repeat_ratio", "annual_ltv_yen"],
            "value": values,
            "low": [0.4, 14_000],
            "high": [0.6, 16_000],
            "line": [0.6, 18_000],
            "verdict": [repeat, ltv],
        }
    )


def deciles(customers: float = 0.1, sales: float = 0.42) -> pd.DataFrame:
    return pd.DataFrame({"decile": [1], "running_ratio": [sales], "running_customer_ratio": [customers]})


@pytest.mark.parametrize(
    ("repeat", "ltv", "title"),
    [
        ("above", "above", "リピート率も年間LTVも、目安に届いています"),
        ("below", "below", "リピート率と年間LTV(1人あたり)が、まだ目安に届いていません"),
        ("below", "above", "リピート率が、まだ目安に届いていません"),
        ("above", "below", "年間LTV(1人あたり)が、まだ目安に届いていません"),
        ("below", "unclear", "リピート率が、まだ目安に届いていません"),
        ("unclear", "below", "年間LTV(1人あたり)が、まだ目安に届いていません"),
        ("unclear", "above", "リピート率は、目安に届いているかどうか、まだ判断できません"),
        ("unclear", "unclear", "リピート率と年間LTV(1人あたり)は、目安に届いているかどうか、まだ判断できません"),
    ],
)
def test_the_title_over_the_lines_fits_every_pair_of_verdicts(repeat, ltv, title) -> None:
    assert say.lines_title(reference(repeat, ltv)) == title


@pytest.mark.parametrize(
    ("verdict", "repeat", "ltv"),
    [
        ("above", "目安の60.0%に届いています。", "目安の18,000円に届いています。"),
        ("below", "目安の60.0%にまだ届いていません。", "目安の18,000円にまだ届いていません。"),
        (
            "unclear",
            "目安の60.0%に届いているかどうかは、まだ判断できません。",
            "目安の18,000円に届いているかどうかは、まだ判断できません。",
        ),
    ],
)
def test_each_verdict_has_its_sentence(verdict, repeat, ltv) -> None:
    found = say.against_lines(reference(verdict, verdict), "JPY")
    assert [item.sentence for item in found] == [
        f"リピート率は50.0%で、{repeat}",
        f"年間LTV(1人あたり)は15,000円で、{ltv}",
    ]
    assert [(item.key, item.figure, item.unit) for item in found] == [
        ("repeat_ratio", 0.5, "ratio"),
        ("annual_ltv_yen", 15_000, "yen"),
    ]


def test_what_falls_short_is_told_first_and_what_is_well_last() -> None:
    assert [item.key for item in say.against_lines(reference("above", "below"), "JPY")] == [
        "annual_ltv_yen",
        "repeat_ratio",
    ]
    assert say.against_lines(reference("unclear", "above"), "JPY")[0].key == "repeat_ratio"


def test_every_verdict_has_an_advice_of_its_own() -> None:
    steps = [
        item.next_step
        for verdict in ("above", "below", "unclear")
        for item in say.against_lines(reference(verdict, verdict), "JPY")
    ]
    assert len(set(steps)) == 6 and all(step.endswith("。") for step in steps)


def test_yearly_value_is_told_in_the_clients_currency() -> None:
    found = say.against_lines(reference("above", "above"), "GBP")[1]
    assert found.sentence == "年間LTV(1人あたり)は15,000ポンドで、目安の18,000ポンドに届いています。"


def test_without_buyers_the_lines_say_that_they_cannot_be_worked_out() -> None:
    unknown = (float("nan"), float("nan"))
    first, second = say.against_lines(reference("unclear", "unclear", unknown), "JPY")
    assert first.sentence == "リピート率は、期間中に買われた方がいないため、計算できません。"
    assert second.sentence == "年間LTV(1人あたり)は、期間中に買われた方がいないため、計算できません。"
    assert first.to_dict()["figure"] is None


@pytest.mark.parametrize(
    ("customers", "who"), [(0.1, "上位1割"), (0.1004, "上位1割"), (0.28, "上位28.0%"), (0.5, "上位5割")]
)
def test_the_top_is_called_as_large_as_it_truly_is(customers, who) -> None:
    sentence = f"購入金額の{who}の方々が、売上の42.0%を支えてくださっています"
    assert say.top_title(deciles(customers)) == sentence
    assert say.top_share(deciles(customers), 30, RULES).sentence == f"{sentence}。"


def test_amounts_that_are_all_alike_have_no_top() -> None:
    assert say.top_title(deciles(1.0)) == "購入金額は、どのお客様もほぼ同じです"


def test_cooling_is_told_with_its_number() -> None:
    found = say.cooling(12, 300, 400, RULES)
    assert (found.sentence, found.figure) == ("この90日で、12人の足が遠のきました。", 12.0)


def test_where_nobody_cooled_nothing_is_urged() -> None:
    found = say.cooling(0, 300, 400, RULES)
    assert found.sentence == "この90日で、足が遠のいた方はいらっしゃいません。"
    assert found.next_step == "今の接し方を大切に続けましょう。"


def test_dormant_is_told_with_the_days_of_the_rule() -> None:
    longer = replace(RULES, state=replace(RULES.state, dormant_days=365))
    assert say.dormant(0.25, 300, 400, longer).sentence == "365日以上お買い物のない方は、お客様全体の25.0%です。"
    assert say.dormant(0.0, 300, 400, RULES).sentence == "180日以上お買い物のない方は、いらっしゃいません。"


@pytest.mark.parametrize(
    "tell",
    [
        lambda buyers: say.top_share(deciles(), buyers, RULES),
        lambda buyers: say.cooling(12, buyers, 400, RULES),
        lambda buyers: say.cooling(0, buyers, 400, RULES),
        lambda buyers: say.dormant(0.25, buyers, 400, RULES),
        lambda buyers: say.dormant(0.0, buyers, 400, RULES),
    ],
)
def test_few_buyers_allow_neither_claim_nor_figure_nor_advice(tell) -> None:
    few, enough = tell(29), tell(30)
    assert few == Finding(enough.key, FEW, None, enough.unit, KEEP)
    assert enough.figure is not None and enough.sentence != FEW and enough.next_step != KEEP


def test_the_fewest_buyers_are_those_of_the_rules() -> None:
    low = replace(RULES, lines=ReferenceLines(minimum_customers=5))
    assert say.cooling(2, 5, 400, low).figure == 2.0 and say.cooling(2, 4, 400, low).figure is None


def test_the_note_on_scores_tells_how_they_were_drawn() -> None:
    clear, tied = (pd.DataFrame({"frequency": [cuts]}) for cuts in ([1.0, 2.0, 3.0, 4.0], [1.0, 1.0, 2.0, 3.0]))
    plain = "点数は、期間中に買われた方を5等分して付けています。ほかの方の買い方が変わると、点数も動くことがあります。"
    assert say.score_note(clear, RULES) == plain
    assert say.score_note(pd.DataFrame({"frequency": [None]}), RULES) == plain
    assert say.score_note(tied, RULES) == (
        plain + "同じ回数の方が多いため、回数の点数には空く段があります。お店が決めた線で付けることもできます。"
    )
    assert say.score_note(tied, FIXED) == "点数は、お店が決めた線で付けています。"


def test_the_note_on_the_portfolio_tells_every_boundary() -> None:
    assert say.cpm_note(CpmRules(1, 2, 3, 4000), "GBP") == (
        "よちよちは在籍1日まで。それより長い方のうち、累計4,000ポンド未満がコツコツ、"
        "4,000ポンド以上は在籍2日までが流行、その先が優良です。最後の注文から3日を過ぎると離脱としています。"
    )


def test_the_note_on_the_lines_tells_who_is_counted() -> None:
    told = (
        "この1年(365日間)に買われた1,234人について。リピート率は、これまでに2回以上買われた方の割合です。"
        "金額は税込です。薄い帯は、人数が限られるための誤差の幅(95%信頼区間)です。"
    )
    assert say.lines_note(pd.DataFrame({"customers": [1234], "history_days": [365]}), "included") == told
    young = say.lines_note(pd.DataFrame({"customers": [1234], "history_days": [90]}), "included")
    assert young == told + "記録がまだ90日ぶんのため、目安に届いていないとは判断しません。"


def test_the_note_on_states_tells_where_the_line_of_a_fan_lies() -> None:
    assert say.state_note(StateRules(), "JPY") == (
        "休眠は180日以上注文のない方、ファンは回数と金額のどちらも平均を大きく(標準偏差1つぶん以上)上回る方、"
        "新規は注文が1回の方、それ以外の方がリピートです。"
    )
    own = say.state_note(StateRules(dormant_days=90, fan_frequency=3, fan_monetary_yen=30000), "JPY")
    assert own == (
        "休眠は90日以上注文のない方、ファンは期間中に3回以上、30,000円以上買われた方、"
        "新規は注文が1回の方、それ以外の方がリピートです。"
    )


def test_the_guide_puts_the_stance_beside_each_segment_in_its_order() -> None:
    rules = (SegmentRule("a", "優良", "よく買う方", "お礼を"), SegmentRule("b", "休眠", "静かな方", "便りを"))
    segments = pd.DataFrame({"segment": ["b", "a"], "customers": [2, 1]})
    assert say.guide(segments, rules).to_dict("records") == [
        {"segment": "b", "customers": 2, "meaning": "静かな方", "next_step": "便りを"},
        {"segment": "a", "customers": 1, "meaning": "よく買う方", "next_step": "お礼を"},
    ]


def test_the_segment_table_speaks_warmly_and_is_whole(demo_client) -> None:
    rules = find(str(demo_client)).rules().segments
    assert len({rule.code for rule in rules}) == len({rule.name for rule in rules}) == len(rules)
    for rule in rules:
        assert rule.meaning.endswith("方") and rule.next_step
        assert not re.search("囲い込[みむ]|刈り|狙|ターゲット|優良客|離脱客", rule.meaning + rule.next_step)
    assert [rule.code for rule in rules if rule.cold] == ["cooling_loyal", "at_risk", "dormant"]


def test_records_too_young_claim_neither_silence_nor_its_absence() -> None:
    found = say.cooling(0, 300, 90, RULES)
    assert found.sentence == "記録がまだ90日ぶんのため、90日のあいだの変化は分かりません。"
    assert found.figure is None
    assert say.cooling(0, 300, 91, RULES).figure == 0.0
    assert say.dormant(0.0, 300, 180, RULES).figure is None
    assert say.dormant(0.0, 300, 181, RULES).figure == 0.0


def test_the_title_of_the_segments_follows_what_is_counted() -> None:
    def drawn(counts: list[int], sales: list[float]) -> tuple:
        columns = {"segment": ["loyal", "new"], "customers": counts, "sales_yen": sales}
        frame = pd.DataFrame(columns).assign(sales_ratio=lambda each: each["sales_yen"] / each["sales_yen"].sum())
        names = {"loyal": "優良", "new": "新規"}
        return say.segments_drawn(lambda _, **told: tuple(told.values()), frame, names, "「{}」".format)

    assert drawn([10, 30], [300.0, 100.0]) == (("loyal",), "「売上の75.0%は、「優良」の10人からいただいています」")
    assert drawn([10, 30], [100.0, 300.0]) == (("new",), "「売上の75.0%は、「新規」の30人からいただいています」")
