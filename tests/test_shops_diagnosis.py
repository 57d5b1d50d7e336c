"""Whole small shops through the hearing and the diagnosis: what each of them is told, and the one next thing."""

import datetime as dt
from collections.abc import Callable, Iterator
from itertools import chain
from pathlib import Path

import pytest

from horetsu_utils import diagnosing, hearing
from horetsu_utils.canon import QUESTIONS
from horetsu_utils.diagnosing import Diagnosing
from horetsu_utils.sentences import diagnosis as say
from horetsu_utils.sentences import evidence as say_evidence
from horetsu_utils.sentences import gap as say_gap
from horetsu_utils.shop import Shop

LAST = dt.date(2026, 6, 30)
LEAST, FEWEST = 30, 20
ANSWERED = "2026-06-15"
HEADS = {
    "answers": "質問,答え,答えた人,日付",
    "orders": "注文番号,顧客番号,注文日時,金額,商品名,値引き額,状態",
    "touchpoints": "顧客番号,日時,チャネル,向き,ステップ番号,施策番号,反応",
    "scenario": "ステップ番号,開始日目,終了日目,チャネル,うれしい行動,ステージ",
    "customers": "顧客番号,登録日時",
    "voices": "顧客番号,日付,期待,評価,旅の段階,部門",
}
Open = Callable[..., Shop]


@pytest.fixture
def opened(make_client: Callable[..., Path]) -> Open:
    """Return a function that opens a shop made out of tables, each a list of rows without their headings."""

    def make(as_of: str = "", **tables: list[str]) -> Shop:
        files = {f"{name}.csv": "\n".join([HEADS[name], *rows]) + "\n" for name, rows in tables.items()}
        settings = "\n".join(f"  {name}: [{{files: data/{name}.csv, mapping: generic}}]" for name in tables)
        return Shop.open(make_client(files, settings), as_of=as_of)

    return make


def answers(letters: str, who: str = "店主", date: str = ANSWERED) -> list[str]:
    return [f"{question},{letter},{who},{date}" for question, letter in zip(QUESTIONS, letters, strict=False)]


def bought(days: range, *, discounted: bool) -> Iterator[str]:
    """Each customer buys twice, 30 days apart; half of them have been silent for more than 180 days."""
    for number, ago in enumerate(days):
        for place, day in enumerate((LAST - dt.timedelta(ago), LAST - dt.timedelta(max(ago - 30, 0)))):
            yield f"A{number}-{place},C{number},{day} 10:00,5000,石けん,{500 if discounted else 0},paid"


def sent(days: range, *, planned: bool, greeted: bool) -> Iterator[str]:
    """Send something every eight days of the first 90, all or a fifth by plan; greet the dormant, or do not."""
    for number, ago in enumerate(days):
        first, step = LAST - dt.timedelta(ago), "ST1" if planned or not number % 5 else ""
        for after in range(1, 90, 8):
            if after < ago:
                yield f"C{number},{first + dt.timedelta(after)} 09:00,メール,out,{step},,open"
        if greeted and ago > 30 + 190:
            yield f"C{number},{first + dt.timedelta(30 + 190)} 09:00,DM,out,,CP1,none"


def records(*, discounted: bool = False, planned: bool = True, greeted: bool = True) -> dict[str, list[str]]:
    days = range(5, 400)
    stages = [f"ST{stage + 1},{stage * 18},{stage * 18 + 8},メール,お返事をくださる,{stage}" for stage in range(5)]
    return {
        "orders": list(bought(days, discounted=discounted)),
        "touchpoints": list(sent(days, planned=planned, greeted=greeted)),
        "customers": [f"C{number},{LAST - dt.timedelta(ago)} 09:00" for number, ago in enumerate(days)],
        "scenario": stages,
    }


def voices(many: int, *, step: str = "1か月", department: str = "発送", named: bool = True) -> list[str]:
    """Tell voices of which two of three find one point less than they expected."""
    return [
        f"{f'C{number}' if named else ''},2026-05-{number % 28 + 1:02d},4,{4 - (number % 3 > 0)},{step},{department}"
        for number in range(many)
    ]


def told(found: Diagnosing) -> tuple[str, str, str]:
    """Return the titles: the grade, the one next thing, and the answers beside the records."""
    apart = say_evidence.contradicted(found.verdicts, found.rules.order)
    return (
        say.grade_title(found.grade, found.mature, found.unanswered),
        say.next_words(found.next_things, found.unanswered, apart, found.rules),
        say_evidence.title(found.verdicts, found.rules),
    )


def test_ten_a_that_the_records_support(opened: Open) -> None:
    found = diagnosing.diagnosing(opened(answers=answers("A" * 10), **records()))
    assert told(found) == (
        "今の見立ては A です(10問のうち A は10問)",
        "次のテーマ(ご紹介、お客様との商品づくり、お客様どうしの集まり)から、始めやすいものを1つ選ぶこと",
        "お答えと違う記録は、見あたりません",
    )
    assert "contradicted" not in set(found.verdicts["verdict"])
    assert found.next_question == ""
    assert say.people_words(found.people) == ""


def test_ten_a_of_which_the_records_contradict_three(opened: Open) -> None:
    wrong = records(discounted=True, planned=False, greeted=False)
    found = diagnosing.diagnosing(opened(answers=answers("A" * 10), **wrong))
    assert found.grade is not None
    assert (found.grade.grade, found.mature) == ("A", 10)  # an answer is never overruled
    assert told(found)[1:] == (
        "「便りごとの役目」(Q5)のお答えと記録の違いを、ご一緒に確かめること",
        "「便りごとの役目」「値引きより体験」「離れた方を迎える」は、お答えと記録が違って見えます。"
        "ご一緒に確かめてみましょう",
    )


def test_ten_d_are_shown_one_first_step(opened: Open) -> None:
    found = diagnosing.diagnosing(opened(answers=answers("D" * 10), **records()))
    grade, following, beside = told(found)
    assert (grade, following) == ("今の見立ては C です(A のお答えは、これからです)", "「CRMは関係の設計」(Q10)")
    assert beside.startswith("お答えと違う記録は見あたりません。")
    assert "A への土台になる記録がもうあります" in beside
    assert say.chain_title(found.joint) == "10の輪を、上から1つずつつないでいきましょう"


def test_a_mixed_shop_hears_of_its_contradiction_and_of_the_earliest_gap(opened: Open) -> None:
    found = diagnosing.diagnosing(opened(answers=answers("BBACBCDADA"), **records(discounted=True)))
    assert told(found) == (
        "今の見立ては C です(10問のうち A は3問)",
        "「年間LTVで決める」(Q1)",
        "「値引きより体験」は、お答えと記録が違って見えます。ご一緒に確かめてみましょう",
    )
    (row,) = found.verdicts[found.verdicts["question"] == "Q8"].to_dict("records")
    assert (row["answer"], row["verdict"], row["value"]) == ("A", "contradicted", 1.0)


@pytest.mark.parametrize(("date", "as_of"), [(ANSWERED, ""), ("", "2026-06-30")])
def test_answers_alone_are_enough(opened: Open, date: str, as_of: str) -> None:
    found = diagnosing.diagnosing(opened(as_of, answers=answers("ABCABCABCA", date=date)))
    assert told(found) == (
        "今の見立ては C です(10問のうち A は4問)", "「お付き合いの長さ」(Q2)", say_evidence.NOTHING_TO_COMPARE,
    )  # fmt: skip
    first = f"{ANSWERED[:4]}年6月15日の診断が、はじまりの記録です" if date else say.NO_HISTORY
    assert say.history_title(say.history(found.history, found.rules)) == first
    assert "関わる金額" not in say.next_table(found.next_things, found.rules, "JPY")


def test_records_alone_ask_for_the_answers_first(opened: Open) -> None:
    found = diagnosing.diagnosing(opened(**records()))
    grade, following, beside = told(found)
    assert (grade, following) == ("10問の診断は、まだこれからです", "まず、10問にお答えいただくこと")
    known = int(found.verdicts["ground"].isin(("holds", "fails")).sum())
    assert known > 0
    assert beside == f"お答えをいただく前に、記録から分かることが{known}つあります"
    assert say.people_table(found.latest, found.rules).empty
    assert say.history(found.history, found.rules).empty


def test_nine_answers_give_no_grade(opened: Open) -> None:
    found = diagnosing.diagnosing(opened(answers=answers("AABACABAA")))
    assert found.unanswered == ["Q10"]
    assert told(found)[:2] == (
        "10問のうち9問にお答えいただきました。あと1問で、見立てをお出しできます",
        "まず、残りの1問にお答えいただくこと",
    )
    assert found.next_question == ""


def test_three_people_who_see_it_differently(opened: Open) -> None:
    rounds = {
        "2025-06-10": ("BBDDCCDACA", "CCDDDDDBDD", "BCDDCDDBDB"),
        "2026-06-10": ("AABCBBCAAA", "BBBCBCDACB", "ABBCBBCBBA"),
    }
    rows = chain.from_iterable(
        answers(letters, who, date)
        for date, each in rounds.items()
        for who, letters in zip(("オーナー", "CRM担当", "コールセンター"), each, strict=True)
    )
    found = diagnosing.diagnosing(opened(answers=list(rows)))
    assert told(found)[:2] == ("今の見立ては C です(A のお答えは、これからです)", "「CRMは関係の設計」(Q10)")
    assert say.people_words(found.people) == (
        "3人のお答えをあわせて、全員が A の質問を数えています(お一人ずつの A は1問から5問です)。"
    )
    # they agree on Q3 (B B B), Q4 (C C C) and Q5 (B B B)
    assert say.people_title(found.joint) == "7つの質問で、お答えが分かれています"
    history = say.history(found.history, found.rules)
    # A at first: 2, 0, 0; at last: 5, 1, 2
    assert say.history_title(history) == "A の数(皆さんの平均)は、0.7から2.7にふえました"
    assert list(say.people_table(found.latest, found.rules))[1:] == ["CRM担当", "オーナー", "コールセンター"]


def test_answers_of_a_later_day_are_not_seen_but_told_of(opened: Open) -> None:
    shop = opened(answers=answers("A" * 10, date="2026-07-03"), **records())
    found = diagnosing.diagnosing(shop)
    assert (found.later, len(found.unanswered)) == (10, 10)
    assert say.later_words(found.later, shop.as_of).startswith("分析日(2026年6月30日)より後の日付のお答えが10件あり")
    assert diagnosing.diagnosing(opened("2026-07-03", answers=answers("A" * 10, date="2026-07-03"))).later == 0


def mending(heard: hearing.Hearing) -> str:
    return say_gap.mend_title(heard.to_mend, heard.largest_place, heard.coverage, LEAST, FEWEST)


def test_a_shop_that_was_told_of_one_place(opened: Open) -> None:
    heard = hearing.hearing(opened(voices=voices(90), **records()))
    # two of three find one point less: -0.67 on average
    assert mending(heard) == "いちばん先に見直したいのは、「1か月」の「発送」です(評価が期待を平均0.7点下回っています)"
    assert say_gap.steps_title(heard.steps, heard.below("step"), FEWEST) == (
        "「1か月」で、評価が期待を平均0.7点下回っています"
    )
    crossed = say_gap.crossed_title(heard.crossed, heard.below("step", "department"), FEWEST)
    assert crossed == "お一人あたりの差がいちばん大きいのは、「1か月」の「発送」です"


def test_a_shop_that_has_voices_alone(opened: Open) -> None:
    heard = hearing.hearing(opened(voices=voices(90)))
    assert mending(heard).startswith("いちばん先に見直したいのは、「1か月」の「発送」です")
    assert say_gap.coverage(heard.coverage, 365) == "お声は90件(90人)です。"


def test_twelve_voices_claim_nothing(opened: Open) -> None:
    heard = hearing.hearing(opened(voices=voices(12), **records()))
    assert mending(heard) == "お声がまだ12件のため、傾向は読み取れません(あと18件で読み取れます)"
    found = say_gap.finding(heard.to_mend, heard.shares(), mending(heard), heard.coverage, LEAST)
    assert found.figure is None


def test_voices_that_tell_no_place(opened: Open) -> None:
    heard = hearing.hearing(opened(voices=voices(60, step="", department="")))
    assert (heard.largest_place, mending(heard)) == (0, say_gap.NO_PLACES)
    assert heard.crossed.empty
    assert say_gap.steps_title(heard.steps, heard.below("step"), FEWEST) == say_gap.NO_STEPS


def test_of_many_steps_those_with_most_people_are_shown(opened: Open) -> None:
    rows = [row for number in range(25) for row in voices(3 + number, step=f"段階{number:02d}")]
    heard = hearing.hearing(opened(voices=rows))
    assert heard.many("step") == (20, 25)
    assert set(heard.shown(heard.steps, "step")["step"]) == {f"段階{number:02d}" for number in range(5, 25)}
    assert heard.many("department") == (1, 1)


def test_of_few_customers_no_money_is_told(opened: Open) -> None:
    few = list(bought(range(5, 13), discounted=False))
    found = diagnosing.diagnosing(opened(answers=answers("D" * 10, date="2026-06-01"), orders=few))
    assert found.next_things["yen"].isna().all()
    assert found.next_things["question"].tolist() == list(found.rules.order)
