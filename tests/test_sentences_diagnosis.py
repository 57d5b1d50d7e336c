"""What the chapter on the diagnosis says: one next thing, no answer overruled, nobody blamed, every count agreeing."""

import datetime as dt

import pandas as pd
import pytest

from horetsu_utils import assets, rulebook
from horetsu_utils.canon import QUESTIONS
from horetsu_utils.questions import EXACT, MEASURES
from horetsu_utils.sentences import diagnosis as say
from horetsu_utils.sentences import evidence as say_evidence
from horetsu_utils.units import UNITS

RULES = rulebook.diagnosis(assets.RULES / "diagnosis.yaml")
NAN = float("nan")
A, B, C = RULES.grades
ALL = list(QUESTIONS)
BLAME = ("できていません", "不足して", "失敗", "怠", "だめ", "悪い", "問題があ")


def things(*rows: tuple[str, str, float]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["question", "answer", "yen"])


TWO = things(("Q1", "B", NAN), ("Q9", "D", 7_040_000.0))


@pytest.mark.parametrize(
    ("grade", "mature", "unanswered", "title"),
    [
        (A, 10, [], "今の見立ては A です(10問のうち A は10問)"),
        (C, 1, [], "今の見立ては C です(10問のうち A は1問)"),
        (C, 0, [], "今の見立ては C です(A のお答えは、これからです)"),
        (None, 0, ["Q10"], "10問のうち9問にお答えいただきました。あと1問で、見立てをお出しできます"),
        (None, 0, ALL, "10問の診断は、まだこれからです"),
    ],
)
def test_the_grade(grade, mature, unanswered, title) -> None:
    assert say.grade_title(grade, mature, unanswered) == title


def test_a_mature_shop_hears_of_the_next_theme() -> None:
    assert say.grade_words(A, [], [], RULES) == (
        "お客様との関係を育てる土台が、整っています。"
        "次のテーマは、「ご紹介、お客様との商品づくり、お客様どうしの集まり」です。見立ては、A の数だけで決まります。"
    )
    assert say.next_title(things(), [], [], RULES) == (
        "次に整えること: 次のテーマ(ご紹介、お客様との商品づくり、お客様どうしの集まり)から、"
        "始めやすいものを1つ選ぶこと"
    )


def test_a_mature_shop_whose_records_differ_is_asked_to_look_again() -> None:
    words = say.grade_words(A, [], ["Q5", "Q8", "Q9"], RULES)
    assert words.endswith("記録と違って見えるお答えが3つありますので、あとの表で、ご一緒に確かめてみましょう。")
    title = say.next_title(things(), [], ["Q5", "Q8", "Q9"], RULES)
    assert title == "次に整えること: 「便りごとの役目」(Q5)のお答えと記録の違いを、ご一緒に確かめること"


def test_a_shop_at_the_beginning_is_encouraged() -> None:
    assert say.grade_words(C, [], [], RULES).startswith("足りないのは努力ではなく、順番です。")
    joint = pd.DataFrame({"question": ALL, "answer": "D"})
    assert say.chain_title(joint) == "10の輪を、上から1つずつつないでいきましょう"


def test_what_is_still_to_be_answered() -> None:
    assert say.grade_words(None, ["Q10"], [], RULES).startswith("まだのご質問は、CRMは関係の設計(Q10)です。")
    assert say.grade_words(None, ALL, [], RULES) == say.HOW_TO_ANSWER
    assert say.next_title(TWO, ["Q10"], [], RULES) == "次に整えること: まず、残りの1問にお答えいただくこと"
    assert say.next_title(things(), ALL, [], RULES) == "次に整えること: まず、10問にお答えいただくこと"
    (row,) = say.to_ask(["Q10"], RULES).to_dict("records")
    assert list(row) == ["番号", "伺いたいこと", "A", "B", "C", "D"]
    assert row["A"] == RULES["Q10"].answers["A"]
    assert say.to_ask([], RULES).empty


def test_people_are_counted_together() -> None:
    assert say.people_words(pd.DataFrame({"mature": [4]})) == ""
    two = say.people_words(pd.DataFrame({"mature": [2, 6]}))
    assert two == "2人のお答えをあわせて、全員が A の質問を数えています(お一人ずつの A は2問から6問です)。"
    assert "(お一人ずつの A は3問です)" in say.people_words(pd.DataFrame({"mature": [3, 3]}))


def test_answers_given_after_the_analysis_date_are_told_of() -> None:
    day = dt.date(2026, 6, 6)
    assert say.later_words(0, day) == ""
    assert say.later_words(10, day) == (
        "分析日(2026年6月6日)より後の日付のお答えが10件あり、この診断には入っていません。"
        "お答えの日か、それより後の日を分析日にすると、入ります。"
    )


def test_what_to_put_in_order_next() -> None:
    assert say.next_title(TWO, [], ["Q8"], RULES) == "次に整えること: 「年間LTVで決める」(Q1)"
    table = say.next_table(TWO, RULES, "JPY").to_dict("records")
    assert table[0] == {
        "順番": "1番目", "整えること": "年間LTVで決める(Q1)", "今のお答え": "B",
        "はじめの一歩": RULES["Q1"].next_step, "関わる金額": "金額には表していません",
    }  # fmt: skip
    assert table[1]["関わる金額"] == "704万円"
    assert say.next_table(things(("Q8", "B", 0.0)), RULES, "JPY")["関わる金額"].tolist() == ["0円"]
    many = things(*[(question, "D", NAN) for question in RULES.order])
    assert say.next_table(many, RULES, "JPY")["順番"].tolist() == ["1番目", "2番目", "3番目"]
    assert "関わる金額" not in say.next_table(many, RULES, "JPY")
    assert say.next_table(things(), RULES, "JPY").empty


def test_while_questions_are_open_no_order_is_shown() -> None:
    told = {"rules": RULES, "apart": [], "currency": "JPY"}
    show = lambda table, title, **_: (len(table), title)  # noqa: E731
    assert say.drawn_next(show, TWO, unanswered=[], **told) == (2, "次に整えること: 「年間LTVで決める」(Q1)")
    rows, title = say.drawn_next(show, TWO, unanswered=["Q10"], **told)
    assert (rows, title) == (0, "次に整えること: まず、残りの1問にお答えいただくこと")


def test_the_chain_counts_its_links() -> None:
    joint = pd.DataFrame({"question": ALL, "answer": ["A"] * 3 + ["B"] * 7})
    assert say.chain_title(joint) == "10の輪のうち、3つがつながっています"
    assert say.chain_title(joint.assign(answer="A")) == "10の輪が、すべてつながっています"
    assert (
        say.chain_title(joint.assign(answer=None)) == "お答えをいただくと、関係を支える10の輪の、つながり方が分かります"
    )
    links = say.chain(joint, {"Q1": "supported"}, RULES)
    assert links.iloc[0].to_dict() == {
        "question": "Q1", "axis": "年間LTVで決める", "answer": "A", "verdict": "supported",
    }  # fmt: skip


def test_several_people_side_by_side() -> None:
    latest = pd.DataFrame(
        [("店主", "Q10", "A"), ("店主", "Q1", "B"), ("", "Q10", "B"), ("質問", "Q1", "B")],
        columns=["answered_by", "question", "answer"],
    )
    table = say.people_table(latest, RULES)
    assert list(table) == ["質問", "(お名前なし)", "店主", "質問(3)"]
    assert list(table.iloc[0]) == ["◆ CRMは関係の設計(Q10)", "B", "A", "まだ"]
    assert list(table.iloc[1]) == ["年間LTVで決める(Q1)", "まだ", "B", "B"]
    assert say.people_table(latest.head(2), RULES).empty


def test_names_that_are_cut_alike_stay_apart() -> None:
    names = ["長い名前" * 12 + end for end in "甲乙"]
    latest = pd.DataFrame({"answered_by": names, "question": "Q1", "answer": ["A", "B"]})
    assert say.people_table(latest, RULES).columns.is_unique


def test_on_how_many_questions_people_differ() -> None:
    joint = pd.DataFrame({"agreed": [True, False, None]})
    assert say.people_title(joint) == "1つの質問で、お答えが分かれています"
    assert say.people_title(joint.iloc[:1]) == "皆さんのお答えは、そろっています"


def past(*rows: tuple[str, str, int, int]) -> pd.DataFrame:
    told = pd.DataFrame(rows, columns=["on", "answered_by", "answered", "mature"])
    return say.history(told.assign(on=pd.to_datetime(told["on"])), RULES)


def test_earlier_diagnoses() -> None:
    shown = past(("2025-06-10", "店主", 10, 6), ("2025-07-10", "", 9, 9), ("2026-06-10", "", 10, 7))
    assert shown[["a_count", "grade", "answered_by"]].to_numpy().tolist() == [
        [6, "C", "店主"],
        [7, "B", "(お名前なし)"],
    ]


@pytest.mark.parametrize(
    ("rows", "title"),
    [
        ([], say.NO_HISTORY),
        ([("2025-06-10", "店主", 10, 3)], "2025年6月10日の診断が、はじまりの記録です"),
        ([("2025-06-10", "店主", 10, 3), ("2026-06-10", "店主", 10, 5)], "A の数は、3から5にふえました"),
        ([("2025-06-10", "店主", 10, 5), ("2026-06-10", "店主", 10, 3)], "A の数は、5から3に変わりました"),
        ([("2025-06-10", "店主", 10, 3), ("2026-06-10", "店主", 10, 3)], "A の数は、はじめの診断と同じ3です"),
        # 0 + 2 + 0 of three are 0.67, 1 + 5 + 2 are 2.67
        (
            [("2025-06-10", who, 10, many) for who, many in zip("甲乙丙", (0, 2, 0), strict=True)]
            + [("2026-06-10", who, 10, many) for who, many in zip("甲乙丙", (1, 5, 2), strict=True)],
            "A の数(皆さんの平均)は、0.7から2.7にふえました",
        ),
        (
            [("2025-06-10", "店主", 10, 3), ("2026-06-10", "担当", 10, 5)],
            "診断の記録は2回です(お答えの方が同じではないため、ふえ方はくらべません)",
        ),
    ],
)
def test_how_the_number_of_a_has_moved(rows, title) -> None:
    assert say.history_title(past(*rows)) == title


def test_the_cover_hears_the_grade_and_one_first_step() -> None:
    found = say.finding("今の見立ては C です", "「年間LTVで決める」(Q1)", TWO, RULES, (C, 3))
    assert (found.sentence, found.figure, found.next_step) == ("今の見立ては C です。", 3.0, RULES["Q1"].next_step)
    nothing = say.finding("10問の診断は、まだこれからです", "まず、10問にお答えいただくこと", TWO, RULES, (None, 0))
    assert (nothing.figure, nothing.next_step) == (None, "まず、10問にお答えいただくこと。")


def row(question: str, answer: str | None, ground: str, verdict: str | None, **more: float) -> dict:
    rule = next(each for each in RULES.evidence if each.question == question)
    told = {"question": question, "measure": rule.measure, "answer": answer, "ground": ground, "verdict": verdict}
    return told | {"value": 0.4, "low": 0.3, "high": 0.5, "whole": 100.0} | more


def verdicts(**rows: dict) -> pd.DataFrame:
    """Lay out a verdict for each rule; those not told have neither answer nor record."""
    none = {"value": NAN, "low": NAN, "high": NAN, "whole": NAN}
    told = [rows.get(rule.question, row(rule.question, None, "none", None, **none)) for rule in RULES.evidence]
    return pd.DataFrame(told).astype({"answer": object, "verdict": object})


def said(question: str, **more) -> str:
    rule = next(each for each in RULES.evidence if each.question == question)
    return say_evidence.said(row(question, "A", more.pop("ground"), None, **more), rule)


def test_what_the_records_show() -> None:
    assert said("Q8", ground="holds", value=0.0444) == (
        "この1年のご注文のうち、値引きのあったものは4.4%です。多くは、値引きのないご注文です。"
    )
    assert said("Q8", ground="fails", value=0.406) == (
        "この1年のご注文の40.6%に、値引きがありました。"
        "値引きがなくても選んでくださるかどうかは、この記録からは分かりません。"
    )
    assert said("Q4", ground="fails", value=33) == (
        "はじめてのご注文から90日のあいだに、便りがほとんど届いていない期間が33日続いています。"
    )
    assert said("Q7", ground="fails", value=0.6, whole=5) == (
        "90日シナリオに「うれしい行動」が書かれているステージの数は、5つのうち3です。"
    )


def test_what_the_records_cannot_show() -> None:
    assert said("Q8", ground="unsure", value=0.257) == (
        "この1年のご注文のうち、値引きのあった割合は25.7%で、誤差の幅が目安(30%)をまたいでいます。まだ言い切れません。"
    )
    assert said("Q9", ground="none", whole=8) == (
        "今お休みの方のうち、お休みになってから便りをお届けした割合は、もとになる記録がまだ8件のため、言い切れません。"
    )
    assert said("Q9", ground="none", whole=NAN) == "接触の記録と1年分のご注文の記録があれば、確かめられます。"


def test_what_is_not_whole_is_never_said_to_be_all() -> None:
    assert "99.9%は" in said("Q1", ground="holds", value=0.9999)
    assert "100%は" in said("Q1", ground="holds", value=1.0)


@pytest.mark.parametrize("rule", RULES.evidence, ids=lambda rule: rule.question)
@pytest.mark.parametrize("ground", ["holds", "fails", "unsure", "none"])
def test_every_figure_has_its_place_and_its_unit(rule, ground) -> None:
    told = said(rule.question, ground=ground, value=33.0 if MEASURES[rule.measure] == "day" else 0.4)
    assert "{" not in told
    assert told.endswith("。")
    if rule.measure not in EXACT and ground in ("holds", "fails"):
        assert "40%" in told
    if MEASURES[rule.measure] == "day" and ground != "none":
        assert f"33{UNITS['day']}" in told


def test_an_answer_beside_the_records() -> None:
    told = verdicts(Q3=row("Q3", "A", "holds", "supported"), Q8=row("Q8", "B", "unsure", "no_data"))
    table = say_evidence.table(told, RULES).set_index("質問")
    assert table.loc["2回目までを見守る(Q3)", "くらべると"] == "記録と合う"
    assert table.loc["値引きより体験(Q8)", "くらべると"] == "まだ言い切れない"
    assert table.loc["年間LTVで決める(Q1)", ["お答え", "くらべると"]].tolist() == ["まだ", "まだ"]
    assert say_evidence.note(told) == say_evidence.NOTE
    assert list(say_evidence.table(verdicts(), RULES)) == ["質問", "記録から"]
    assert say_evidence.note(verdicts()) == say_evidence.NOTE_UNANSWERED


def test_one_verdict_for_each_question() -> None:
    told = verdicts(Q3=row("Q3", "A", "holds", "supported"), Q8=row("Q8", "B", "none", "no_data", whole=9.0))
    assert say_evidence.by_question(told) == {"Q3": "supported", "Q8": "まだ言い切れない"}
    twice = pd.concat([told, verdicts(Q3=row("Q3", "A", "fails", "contradicted"))])
    assert say_evidence.by_question(twice)["Q3"] == "contradicted"


def test_the_answers_that_the_records_contradict_are_named_kindly() -> None:
    apart = {question: row(question, "A", "fails", "contradicted") for question in ("Q5", "Q8", "Q9", "Q1")}
    one = say_evidence.title(verdicts(Q8=apart["Q8"]), RULES)
    assert one == "「値引きより体験」は、お答えと記録が違って見えます。ご一緒に確かめてみましょう"
    four = say_evidence.title(verdicts(**apart), RULES)
    assert four.startswith("「年間LTVで決める」「便りごとの役目」「値引きより体験」など4つは、")
    assert say_evidence.contradicted(verdicts(**apart), RULES.order) == ["Q1", "Q5", "Q8", "Q9"]


def test_titles_without_a_contradiction() -> None:
    title = lambda **rows: say_evidence.title(verdicts(**rows), RULES)  # noqa: E731
    ready = row("Q1", "D", "holds", "ready")
    assert title(Q1=ready) == ("お答えと違う記録は見あたりません。1つの質問では、A への土台になる記録がもうあります")
    assert title(Q1=row("Q1", "A", "holds", "supported")) == "お答えと違う記録は、見あたりません"
    assert title(Q1=row("Q1", "A", "none", "no_data", whole=NAN)) == say_evidence.NOTHING_TO_COMPARE
    assert title(Q1=row("Q1", None, "holds", None)) == "お答えをいただく前に、記録から分かることが1つあります"
    assert title() == "くらべられる記録が、まだありません"


def test_no_sentence_of_the_rules_blames_anybody() -> None:
    told = [each.ask + each.next_step for each in RULES.questions]
    told += [rule.holds + rule.fails + rule.missing for rule in RULES.evidence]
    assert not [sentence for sentence in told if any(word in sentence for word in BLAME)]
