"""The pictures of the diagnosis: a chain of ten links, and how many answers were A each time."""

import datetime as dt
from collections.abc import Callable

import matplotlib as mpl
import pandas as pd
import pytest
from drawings import crowded, drawings, is_whole, words_on
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.figure import Figure
from matplotlib.patches import Arc, Circle, Rectangle

from horetsu_utils.charts import chain, diagnoses, theme
from horetsu_utils.charts.theme import NOTHING_TO_SHOW, Picture

pytestmark = pytest.mark.filterwarnings("error")
NAN = float("nan")
LONG = "とても長い名前の軸でどこまでも続いていて画面のはしまで届いてしまう名前のもの"
MARKUP = '<script>alert(1)</script>"髙①😀'
SMALLEST_POINTS, NARROW_POINTS = 11, 10
ORDER = ("Q10", "Q1", "Q2", "Q3", "Q6", "Q4", "Q5", "Q7", "Q8", "Q9")
VERDICTS = ("supported", "contradicted", "no_data", "", "ready")


def linked(answers: list[object], next_question: str = "", axis: str = "価格よりも体験の質で選ぶ") -> Picture:
    rows = [
        (question, axis, answer, VERDICTS[place % len(VERDICTS)])
        for place, (question, answer) in enumerate(zip(ORDER, answers, strict=False))
    ]
    frame = pd.DataFrame(rows, columns=["question", "axis", "answer", "verdict"])
    return chain.chain(frame, title="題", next_question=next_question)


def earlier(rows: list[tuple]) -> Picture:
    return diagnoses.earlier(pd.DataFrame(rows, columns=["date", "a_count", "grade", "answered_by"]), title="題")


def monthly(many: int, days: int = 31) -> list[tuple]:
    return [(dt.date(2024, 1, 31) + dt.timedelta(days * place), place % 11, "C", "店主") for place in range(many)]


TWO_PEOPLE = [
    (dt.date(2026, 6, 30), 10, "A", "店主"),
    (dt.date(2026, 6, 30), 7, "B", "佐藤"),
    (dt.date(2025, 12, 1), 6, "C", "店主"),
]
PICTURES: dict[str, Callable[[], Picture]] = {
    "chain": lambda: linked(["A", "A", "B", "A", "C", "D", "", "A", "A", "A"], "Q2"),
    "chain, all in order": lambda: linked(["A"] * 10),
    "chain, unanswered": lambda: linked(["", None, NAN, *[""] * 7], "Q10"),
    "chain, one": lambda: linked(["D"], "Q10"),
    "chain, odd": lambda: chain.chain(
        pd.DataFrame(
            [("Q10", LONG, "A", "contradicted"), (LONG, MARKUP, "E", LONG), ("Q2", LONG, "", None)],
            columns=["question", "axis", "answer", "verdict"],
        ),
        title="題",
        next_question="Q2",
    ),
    "diagnoses": lambda: earlier(monthly(3, 180)),
    "diagnoses, one": lambda: earlier([(dt.date(2026, 6, 30), 10, "A", None)]),
    "diagnoses, two people": lambda: earlier(TWO_PEOPLE),
    "diagnoses, twelve": lambda: earlier(monthly(12)),
    "diagnoses, twelve years": lambda: earlier(monthly(12, 366)),
    "diagnoses, many": lambda: earlier(monthly(25)),
    "diagnoses, odd": lambda: earlier(
        [
            (dt.date(2026, 6, 30), 0, "C", MARKUP),
            (dt.date(2026, 6, 30), 10, "A", LONG),
            (dt.date(2026, 6, 30), NAN, None, "鈴木"),
            (None, 4, "C", "店主"),
        ]
    ),
    "diagnoses, a crowd": lambda: earlier([(dt.date(2026, 6, 30), 5, "C", f"担当の者{n}") for n in range(12)]),
}


@pytest.fixture(scope="module")
def drawn() -> dict[str, tuple[Picture, Figure]]:
    return drawings(PICTURES)


@pytest.mark.parametrize("name", PICTURES)
def test_every_picture_is_whole_and_the_same_twice(name, drawn) -> None:
    picture, figure = drawn[name]
    assert picture.png == PICTURES[name]().png and is_whole(picture)
    assert picture.title == "題"
    assert not any(odd in words.lower() for words in (picture.alt, *words_on(figure)) for odd in ("nan", "nat", "none"))


@pytest.mark.parametrize("name", PICTURES)
def test_no_words_overlap_or_leave_the_picture(name, drawn) -> None:
    assert crowded(drawn[name][1]) == []


@pytest.mark.parametrize("name", PICTURES)
def test_type_stays_large_enough_for_a_phone(name, drawn) -> None:
    sizes = {text.get_text(): text.get_fontsize() for text in drawn[name][1].axes[0].texts}
    narrow = [words for words, size in sizes.items() if size < SMALLEST_POINTS]
    assert min(sizes.values()) >= NARROW_POINTS
    assert all("\n" in words for words in narrow), "only the dates of many diagnoses are smaller"


@pytest.mark.parametrize(
    "make", [lambda: linked([]), lambda: earlier([]), lambda: earlier([(dt.date(2026, 6, 30), NAN, None, "店主")])]
)
def test_without_rows_a_sentence_stands_in_place_of_the_picture(make) -> None:
    assert make().alt == NOTHING_TO_SHOW


def test_the_chain_tells_every_link_in_its_order() -> None:
    axis = "「価格よりも体験の質で選ぶ」は"
    assert linked(["A", "B", "", "D"], "Q1").alt == (
        f"整える順に並べた、診断の鎖の図。Q10{axis}A(記録と合う)。Q1{axis}B(記録と違う)、次に整えること。"
        f"Q2{axis}まだお答えなし。Q3{axis}D"
    )


def test_links_in_order_are_filled_others_open_and_the_unanswered_dotted(drawn) -> None:
    patches = drawn["chain"][1].axes[0].patches
    filled = [patch for patch in patches if isinstance(patch, Circle) and patch.get_facecolor()[3]]
    dotted = [patch for patch in patches if isinstance(patch, Circle) and patch.get_linestyle() == ":"]
    assert [len(filled), len(dotted), sum(isinstance(patch, Arc) for patch in patches)] == [6, 1, 3]
    assert {mpl.colors.to_hex(patch.get_facecolor()) for patch in filled} == {theme.ACCENT}
    letters = [words for words in words_on(drawn["chain"][1]) if len(words) == 1]
    assert letters == ["A", "A", "B", "A", "C", "D", "A", "A", "A"]


def test_only_neighbours_in_order_are_tied_firmly(drawn) -> None:
    # A A B A C D - A A A: one tie at the top, two at the end
    firm = [line for line in drawn["chain"][1].axes[0].lines if line.get_linestyle() == "-"]
    assert len(firm) == 3
    assert len(drawn["chain"][1].axes[0].lines) == 9


def test_every_verdict_has_a_mark_of_its_own(drawn) -> None:
    told = set(words_on(drawn["chain"][1]))
    assert {"○ 記録と合う", "△ 記録と違う", "― 記録がまだない", "◇ 土台はある"} <= told


def test_what_to_put_in_order_next_is_framed(drawn) -> None:
    axes = drawn["chain"][1].axes[0]
    (frame,) = [patch for patch in axes.patches if isinstance(patch, Rectangle)]
    inside = [
        text for text in axes.texts if frame.get_y() < text.get_position()[1] < frame.get_y() + frame.get_height()
    ]
    assert {chain.NEXT, "Q2", "B"} <= {text.get_text() for text in inside}
    assert not {"Q1", "Q3"} & {text.get_text() for text in inside}
    assert chain.NEXT not in words_on(drawn["chain, all in order"][1])


def test_the_diagnoses_tell_every_day_in_order() -> None:
    # (10 + 7) / 2 = 8.5
    assert PICTURES["diagnoses, two people"]().alt == (
        "これまでの診断ごとに、Aとお答えの数(10問のうち)を並べた図。2025年12月1日は、店主 6(総合C)。"
        "2026年6月30日は、佐藤 7(総合B)、店主 10(総合A)(平均 8.5)"
    )
    assert earlier([(dt.date(2026, 6, 30), 10, "A", None)]).alt.endswith("。2026年6月30日は、10(総合A)")
    assert PICTURES["diagnoses, odd"]().alt.endswith("日付なしは、店主 4(総合C)")


def test_the_line_joins_the_means_of_the_days(drawn) -> None:
    (line,) = [line for line in drawn["diagnoses, two people"][1].axes[0].lines if line.get_color() == theme.QUIET]
    first, last = line.get_ydata()
    # 6 and 8.5: two and a half answers up
    assert first - last == pytest.approx(2.5 * diagnoses.ANSWER_INCHES)
    assert diagnoses.MEANS in "".join(words_on(drawn["diagnoses, two people"][1]))


@pytest.mark.parametrize("name", ["diagnoses, one", "diagnoses, odd", "diagnoses, a crowd"])
def test_one_day_has_no_line(name, drawn) -> None:
    assert not [line for line in drawn[name][1].axes[0].lines if line.get_color() == theme.QUIET]
    assert diagnoses.MEANS not in "".join(words_on(drawn[name][1]))


def test_people_of_one_day_stand_side_by_side_with_their_names(drawn) -> None:
    axes = drawn["diagnoses, two people"][1].axes[0]
    places = {text.get_text(): text.get_position()[0] for text in axes.texts}
    assert places["6"] < places["7"] == places["佐藤"] < places["10"] == places["店主"]
    assert places["2026年\n6月30日"] == pytest.approx((places["7"] + places["10"]) / 2)


@pytest.mark.parametrize(
    ("name", "days"), [("diagnoses", 3), ("diagnoses, twelve", 12), ("diagnoses, twelve years", 12)]
)
def test_up_to_twelve_days_are_all_written(name, days, drawn) -> None:
    assert sum("日" in words and "\n" in words for words in words_on(drawn[name][1])) == days


def test_the_grades_are_named_where_they_lie(drawn) -> None:
    axes = drawn["diagnoses"][1].axes[0]
    grounds = [patch for patch in axes.patches if isinstance(patch, Rectangle)]
    answers = [round(abs(ground.get_height()) / diagnoses.ANSWER_INCHES, 6) for ground in grounds]
    assert answers == [2, 2, 7]
    names = [text for text in axes.texts if "〜" in text.get_text()]
    assert [text.get_text() for text in names] == ["A  9〜10", "B  7〜8", "C  0〜6"]
    middles = [ground.get_y() + ground.get_height() / 2 for ground in grounds]
    assert [text.get_position()[1] for text in names] == pytest.approx(middles)


@given(st.permutations(TWO_PEOPLE + monthly(4, 40)))
def test_the_order_of_the_rows_changes_nothing(rows) -> None:
    days = diagnoses._days(pd.DataFrame(rows, columns=["date", "a_count", "grade", "answered_by"]))
    assert [day.date for day in days] == sorted(day.date for day in days)
    assert [row["by"] for row in days[-1].rows] == ["佐藤", "店主"]
