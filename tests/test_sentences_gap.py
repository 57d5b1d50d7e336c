"""What the chapter on expectation and evaluation says: few voices make no claim, figures agree, nothing is a cause."""

import ast
from pathlib import Path
from types import SimpleNamespace

import pandas as pd
import pytest

from horetsu_utils import sentences
from horetsu_utils.sentences import comments as say_words
from horetsu_utils.sentences import followed as say_after
from horetsu_utils.sentences import gap as say

LEAST, FEWEST = 30, 20
FEW = "お声がまだ29件のため、傾向は読み取れません(あと1件で読み取れます)"
CAUSES = ("おかげで", "せいで", "効果があ", "が原因で", "によって")


def told(**more: int) -> dict[str, int]:
    usual = {"voices": 400, "heard": 223, "unnamed": 0, "stand_ins": 0, "buyers": 189, "buyers_heard": 146}
    return usual | more


def shares(low: int = 131, whole: int = 400) -> pd.DataFrame:
    rows = [("disappointed", low), ("content", whole - low), ("moved", 0)]
    frame = pd.DataFrame(rows, columns=["pattern", "voices"]).assign(whole=whole)
    return frame.assign(ratio=frame["voices"] / whole, low=0.283, high=0.375)


def places(*rows: tuple, step: str = "1か月") -> pd.DataFrame:
    columns = ["department", "expectation", "evaluation", "gap", "low", "high", "customers"]
    return pd.DataFrame(rows or [("発送", 3.4, 2.4, -1.04, -1.2, -0.8, 31)], columns=columns).assign(step=step)


def test_how_many_were_heard() -> None:
    assert say.coverage(told(), 365) == (
        "お声は400件(223人)です。この365日に買われた189人のうち、お声を伺えたのは146人(77.2%)です。"
    )
    assert say.coverage(told(voices=1, heard=1, buyers=0), 365) == "お声は1件(1人)です。"


def test_voices_of_nobody_known_and_voices_that_were_not_asked_what_to_expect() -> None:
    nameless = say.coverage(told(voices=80, heard=0, unnamed=80, buyers_heard=0), 365)
    assert nameless == (
        "お声は80件です。どのお声も、どなたのお声か分かりません。"
        "割合には数え、「その後、実際にどうなりましたか」には数えていません。"
    )
    some = say.coverage(told(buyers=0, unnamed=3, stand_ins=100), 365)
    assert "このうち3件は、どなたのお声か分かりません。" in some
    assert some.endswith(
        "このうち100件は、評価だけのお声です。期待は伺っていないため、お店の決めた「期待どおり」の点とくらべています。"
    )


def test_the_share_of_the_disappointed() -> None:
    title = "お声の32.8%(28.3〜37.5%)で、評価が期待を下回っています"
    assert say.shares_title(shares(), told(), LEAST) == title
    alone = say.shares_title(shares(), told(stand_ins=400), LEAST)
    assert alone == "お声の32.8%(28.3〜37.5%)で、評価が、お店の決めた「期待どおり」の点を下回っています"
    assert say.shares_title(shares(0), told(), LEAST) == "お声400件のうち、期待を下回ったものはありません"
    found = say.finding(places().iloc[:0], shares(), "題", told(), LEAST)
    assert (found.sentence, found.figure, found.unit) == (f"{title}。", 0.3275, "ratio")


def test_29_voices_make_no_claim_anywhere() -> None:
    few = told(voices=29)
    assert say.shares_title(shares(9, 29), few, LEAST) == FEW
    assert say.mend_title(places(), 29, few, LEAST, FEWEST) == FEW
    found = say.finding(places(), shares(9, 29), FEW, few, LEAST)
    assert (found.key, found.sentence, found.figure) == ("disappointed_ratio", f"{FEW}。", None)
    emotions = pd.DataFrame({"pattern": ["moved"], "emotion": ["joy"], "comments": [9], "commented": [29]})
    names = {"joy": "うれしさ"}
    assert "まだ足りません" in say_words.emotions_title(emotions.assign(ratio=0.3), names, LEAST)
    table = say_words.emotions_table(emotions.assign(ratio=0.3), names, LEAST)
    assert table.to_dict("records") == [{"気持ち": "うれしさ", "期待を超えた": "9件"}]


def test_no_voices_at_all() -> None:
    found = say.finding(places().iloc[:0], shares().iloc[:0], "題", told(voices=0), LEAST)
    assert (found.sentence, found.figure) == ("題。", None)


def test_the_whole_stands_above_the_departments_and_one_alone_is_not_repeated() -> None:
    both = pd.concat([shares().assign(department=name) for name in ("広報", "物流")])
    assert say.with_whole(shares(), both, "department")["department"].unique().tolist() == ["whole", "広報", "物流"]
    alone = say.with_whole(shares(), shares().assign(department="広報"), "department")
    assert alone["department"].unique().tolist() == ["whole"]


def test_many_steps_are_told_to_be_more_than_are_shown() -> None:
    assert say.most_heard("注。", 20, 60, "時期") == (
        "注。お声の多い20の時期だけを並べています(時期は全部で60あります)。"
    )
    assert say.most_heard("注。", 20, 20, "時期") == "注。"


def steps(*rows: tuple) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["step", "customers", "turned"])


def test_the_step_that_falls_below() -> None:
    known = steps(("商品到着", 62, False), ("1か月", 69, True), ("-", 9, False))
    one, none = places().drop(columns="department"), places().iloc[:0]
    said = "「1か月」で、評価が期待を平均1.0点下回っています(潮目は「1か月」)"
    assert say.steps_title(known, one, FEWEST) == said
    two = pd.concat([one, one.assign(step="2か月", gap=-1.5)])
    assert say.steps_title(known, two, FEWEST).startswith(
        "評価が期待を下回っている時期は2つで、差がいちばん大きいのは「2か月」です(平均1.5点)"
    )
    calm = say.steps_title(known.assign(turned=False), none, FEWEST)
    assert calm == "評価が期待をはっきり下回る時期は、見あたりません"
    assert "まだ足りません(1つの時期に20人から" in say.steps_title(known.assign(customers=19), none, FEWEST)
    assert say.steps_title(steps(("-", 90, False)), none, FEWEST) == say.NO_STEPS


def test_the_first_place_to_mend_and_its_finding() -> None:
    title = say.mend_title(places(), 69, told(), LEAST, FEWEST)
    assert title == "いちばん先に見直したいのは、「1か月」の「発送」です(評価が期待を平均1.0点下回っています)"
    found = say.finding(places(), shares(), title, told(), LEAST)
    assert (found.key, found.figure, found.unit) == ("gap_place", -1.04, "score")
    assert (
        found.next_step == "「1か月」の「発送」でお伝えしていることと、お届けの前のご案内を、読みくらべてみましょう。"
    )


def test_nothing_to_mend_and_why() -> None:
    none = places().iloc[:0]
    assert say.mend_title(none, 69, told(), LEAST, FEWEST) == "期待をはっきり下回っているところは、見あたりません"
    assert "まだ足りません(1つの時期か部門に20人から" in say.mend_title(none, 19, told(), LEAST, FEWEST)
    assert say.mend_title(none, 0, told(), LEAST, FEWEST) == say.NO_PLACES
    assert say.mend_table(none, 3.5).empty


@pytest.mark.parametrize(
    ("step", "department", "name"),
    [("1か月", "発送", "「1か月」の「発送」"), ("1か月", None, "「1か月」"), ("-", "発送", "「発送」")],
)
def test_a_place_is_named(step: str, department: str | None, name: str) -> None:
    assert say.place({"step": step, "department": department}) == name


def test_a_name_without_end_is_cut() -> None:
    assert say.place({"step": "長い" * 150}) == f"「{'長い' * 11}長…」"


@pytest.mark.parametrize(
    ("expectation", "advice"),
    [
        (3.8, "お届けの前のご案内と、実際とのあいだに、開きがないか(期待が、お店の平均より高めです)"),
        (3.5, "このころに届く説明や声かけが、足りているか(期待は、お店の平均と同じくらいです)"),
        (3.0, "このころに届く説明や声かけが、足りているか(期待は、お店の平均より低めです)"),
    ],
)
def test_what_to_look_at_first(expectation: float, advice: str) -> None:
    (row,) = say.mend_table(places(("発送", expectation, 2.4, -1.04, -1.2, -0.8, 31)), 3.45).to_dict("records")
    assert row == {
        "見直したい順": "1番目", "どこで": "「1か月」の「発送」", "期待 → 評価": f"{expectation:.1f} → 2.4",
        "差(幅)": "-1.0(-1.2〜-0.8)", "伺った方": "31人", "まず見たいこと": advice,
    }  # fmt: skip


def test_steps_and_departments_together() -> None:
    low = ("発送", 3.4, 2.4, -1.0, -1.2, -0.8, 31), ("商品企画", 3.5, 2.4, -1.1, -1.3, -0.9, 25)
    title = say.crossed_title(places(*low), places(*low), FEWEST)
    assert title == "お一人あたりの差がいちばん大きいのは、「1か月」の「商品企画」です"
    assert "見あたりません" in say.crossed_title(places(*low), places().iloc[:0], FEWEST)
    assert "1つの組み合わせに20人から" in say.crossed_title(places().assign(customers=19), places().iloc[:0], FEWEST)
    assert say.crossed_title(places().iloc[:0], places().iloc[:0], FEWEST) == say.NO_PAIRS


def followed(customers: int = 100, low: float = 0.1, high: float = 0.4) -> pd.DataFrame:
    rows = [
        (pattern, outcome, customers, round(customers * ratio), ratio, max(ratio - 0.05, 0.0), ratio + 0.05)
        for pattern, ratio in (("disappointed", low), ("content", 0.2), ("moved", high))
        for outcome in ("repeat", "referral")
    ]
    return pd.DataFrame(rows, columns=["pattern", "outcome", "customers", "came", "ratio", "low", "high"])


def test_what_followed_is_told_apart_only_beyond_chance() -> None:
    assert say_after.title(followed(), told(), LEAST) == (
        "90日以内のご注文は、期待を下回った方で10.0%、超えた方で40.0%です。"
        "ご紹介・口コミは、期待を下回った方で10.0%、超えた方で40.0%です"
    )
    alike = say_after.title(followed(high=0.15), told(), LEAST)
    assert alike == "期待を下回った方と超えた方で、その後にはっきりした違いは見られません"
    few = say_after.title(followed(29), told(), LEAST)
    assert few == "その後の違いを言うには、まだ人数が足りません(期待を下回った方・超えた方が30人ずつから読み取れます)"


def test_why_nothing_is_known_of_what_followed() -> None:
    assert say_after.title(followed(), told(heard=0), LEAST) == say_after.NAMELESS
    assert say_after.title(followed().iloc[:0], told(), LEAST) == say_after.NO_RECORDS
    assert say_after.title(followed(0), told(), LEAST) == say_after.TOO_SOON
    assert say_after.table(followed(0), LEAST).empty


def test_what_followed_row_by_row() -> None:
    first = say_after.table(followed(), LEAST).to_dict("records")[0]
    share = "10.0%(5.0〜15.0%) 10人"
    assert first == {
        "期待とくらべて": "期待を下回った", "伺った方": "100人", "90日以内のご注文": share, "ご紹介・口コミ": share,
    }  # fmt: skip
    assert say_after.table(followed(29), LEAST)["90日以内のご注文"].tolist() == ["3人", "6人", "12人"]
    nobody = followed().assign(came=0, ratio=0.0, low=0.0, high=0.03)
    none = say_after.table(nobody, LEAST).to_dict("records")[0]
    assert (none["90日以内のご注文"], none["ご紹介・口コミ"]) == ("0.0%(0.0〜3.0%) 0人", "記録なし")


def keywords(*rows: tuple[str, str]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=["pattern", "shown"])
    return frame.assign(comments=9, ratio=0.3, ratio_others=0.1)


def test_the_words_that_stand_out() -> None:
    low = [("disappointed", word) for word in "一二三四五六七"]
    found = say_words.words(keywords(("moved", "感動"), *low))
    assert found["word"].tolist() == [*"一二三四五六", "感動"]
    assert say_words.words_title(found) == "期待を下回ったお声では、「一」「二」「三」という言葉が目立ちます"
    assert say_words.words_title(found.tail(1)) == "期待を超えたお声では、「感動」という言葉が目立ちます"


@pytest.mark.parametrize(("commented", "title"), [(0, say_words.NO_COMMENTS), (12, say_words.NO_WORDS)])
def test_no_word_stands_out(commented: int, title: str) -> None:
    drawn = say_words.drawn(lambda shown, **said: SimpleNamespace(**said), commented, keywords())
    assert (drawn.title, drawn.note) == (title, "")


def test_the_emotions_of_the_comments() -> None:
    found = pd.DataFrame(
        [("disappointed", "worry", 75, 131), ("moved", "joy", 36, 128)],
        columns=["pattern", "emotion", "comments", "commented"],
    )
    found["ratio"] = found["comments"] / found["commented"]  # 75 / 131 = 0.5725, 36 / 128 = 0.28125
    names = {"joy": "うれしさ", "worry": "不安・迷い"}
    title = say_words.emotions_title(found, names, LEAST)
    assert title == "期待を下回ったお声の57.3%に、「不安・迷い」の言葉があります"
    assert say_words.emotions_title(found.tail(1), names, LEAST).startswith("期待を超えたお声の28.1%に")
    table = say_words.emotions_table(found, names, LEAST)
    assert table.to_dict("records") == [
        {"気持ち": "うれしさ", "期待を下回った": "なし", "期待を超えた": "28.1%(36件)"},
        {"気持ち": "不安・迷い", "期待を下回った": "57.3%(75件)", "期待を超えた": "なし"},
    ]
    assert say_words.emotions_title(found.iloc[:0], names, LEAST) == say_words.NO_EMOTIONS
    assert say_words.quotes(["香りが強いです。"]).to_dict("records") == [{"お声": "香りが強いです。"}]


@pytest.mark.parametrize("name", ["gap", "followed", "comments", "diagnosis", "evidence"])
def test_no_sentence_names_a_cause(name: str) -> None:
    path = Path(sentences.__path__[0]) / f"{name}.py"
    words = [node.value for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.Constant)]
    assert not [word for word in words if isinstance(word, str) and any(cause in word for cause in CAUSES)]
