"""The pictures of expectation against evaluation: every figure in the alt text, few voices claim nothing."""

from collections.abc import Callable

import matplotlib as mpl
import pandas as pd
import pytest
from drawings import crowded, drawings, is_whole, watched, words_on
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from horetsu_utils.charts import levels, parts, sheet, signed, strips, theme, told_words
from horetsu_utils.charts.theme import NOTHING_TO_SHOW, Picture

pytestmark = pytest.mark.filterwarnings("error")
NAN = float("nan")
LONG = "とても長い名前の段階でどこまでも続いていて画面のはしまで届いてしまう名前のもの"
MARKUP = '<script>alert(1)</script>"髙①😀'
SMALLEST_POINTS = 11
WIDE = ["crossed, twelve across", "crossed, many people"]
"""Twelve columns are written in smaller type."""


def shares(rows: dict[str, tuple[float, float, float]], spread: float = 0.1, **more) -> Picture:
    """Draw rows of three counts: disappointed, content, moved."""
    frame = pd.DataFrame(
        [
            (step, pattern, voices, voices / sum(counts) if sum(counts) else NAN)
            for step, counts in rows.items()
            for pattern, voices in zip(("moved", "content", "disappointed"), reversed(counts), strict=True)
        ],
        columns=["step", "pattern", "voices", "ratio"],
    )
    frame = frame.assign(low=(frame["ratio"] - spread).clip(0), high=(frame["ratio"] + spread).clip(upper=1))
    return parts.shares(frame, "step", title="題", note="注", **more)


def steps(rows: list[tuple]) -> Picture:
    columns = ["step", "expectation", "evaluation", "gap", "low", "high", "customers", "turned"]
    return levels.levels(pd.DataFrame(rows, columns=columns), title="題")


def crossed(rows: list[tuple], down: list[str], across: list[str], claim_from: int = 5, **more) -> Picture:
    frame = pd.DataFrame(rows, columns=["step", "department", "gap", "customers"])
    orders = {"down_order": down, "across_order": across}
    return signed.crossed(
        frame, "step", "department", value="gap", count="customers", claim_from=claim_from, title="題", **orders, **more
    )


def table(rows: int, columns: int, people: int = 40, **more) -> Picture:
    down, across = [f"段階{place}" for place in range(rows)], [f"部門その{place}" for place in range(columns)]
    cells = [
        (step, part, (row - column) / 4, people + row * column)
        for row, step in enumerate(down)
        for column, part in enumerate(across)
    ]
    return crossed(cells, down, across, **more)


def told(rows: list[tuple]) -> Picture:
    return told_words.words(
        pd.DataFrame(rows, columns=["pattern", "word", "comments", "ratio", "ratio_others"]), title="題"
    )


USUAL_STEPS = [
    ("買う", 3.2, 3.9, 0.7, 0.4, 1.0, 45, False),
    ("届く", 4.4, 3.25, -1.15, -1.5, -0.9, 1238, True),
    ("使う", 4.0, 4.0, 0.0, NAN, NAN, 7, False),
    ("-", NAN, NAN, NAN, NAN, NAN, 0, None),
]
SMALL_TABLE = [
    ("買う", "店頭", 0.44, 12),
    ("買う", "配送", -1.14, 5),
    ("届く", "配送", 0.04, 1234),
    ("届く", "店頭", 2.0, 4),
]
PICTURES: dict[str, Callable[[], Picture]] = {
    "shares": lambda: shares({"all": (30, 80, 40), "届く": (5, 2, 1)}, least=10, names={"all": "すべてのお声"}),
    "shares, one": lambda: shares({"買う": (1, 0, 0)}),
    "shares, nobody": lambda: shares({"買う": (0, 0, 0), "届く": (123456, 0, 123456)}),
    "shares, at the left": lambda: shares({"買う": (1, 1, 98)}),
    "shares, at the right": lambda: shares({"買う": (98, 1, 1)}),
    "shares, odd": lambda: shares({LONG: (1, 1, 1), MARKUP: (2, 0, 3), "-": (0, 9, 0)}, NAN),
    "levels": lambda: steps(USUAL_STEPS),
    "levels, one": lambda: steps(USUAL_STEPS[:1]),
    "levels, unknown": lambda: steps([("買う", 3.0, NAN, NAN, NAN, NAN, NAN, False), USUAL_STEPS[3]]),
    "levels, extreme": lambda: steps(
        [(LONG, 1.0, 5.0, 4.0, 3.9, 4.1, 123456, True), (MARKUP, 7.0, 0.0, -7.0, -8.0, -6.0, 0, True)]
    ),
    "crossed": lambda: table(6, 5),
    "crossed, one": lambda: table(1, 1),
    "crossed, twelve down": lambda: table(12, 3),
    "crossed, twelve across": lambda: table(3, 12),
    "crossed, many people": lambda: table(3, 12, 123456),
    "crossed, many people in few columns": lambda: table(3, 4, 123456),
    "crossed, few": lambda: table(3, 3, 1, claim_from=1000),
    "crossed, odd": lambda: crossed(
        [("a", "x", NAN, 9), ("b", "y", -0.04, 123456), ("a", "y", 9.0, 0), ("b", "x", 1.0, NAN)],
        ["a", "b"],
        ["x", "y"],
        names={"a": LONG, "b": MARKUP, "x": MARKUP, "y": LONG},
    ),
    "words": lambda: told(
        [("disappointed", "遅い", 12, 0.343, 0.05), ("disappointed", "箱", 8, 0.229, 0.3), ("moved", "母", 1, 0.1, 0.0)]
    ),
    "words, one": lambda: told([("良い", "香り", 3, 0.5, 0.5)]),
    "words, seven": lambda: told([("moved", f"言葉{place}", place, 0.1, 0.2) for place in range(7)]),
    "words, odd": lambda: told(
        [("良い", LONG, 123456, 1.0, 0.0), ("良い", MARKUP, 0, 0.0, 1.0), (MARKUP, "", NAN, NAN, NAN)]
    ),
    "words, nothing": lambda: told([("悪い", "箱", 0, 0.0, 0.0)]),
}


@pytest.fixture(scope="module")
def drawn() -> dict[str, tuple[Picture, Figure]]:
    return drawings(PICTURES)


def hatches(figure: Figure) -> int:
    return sum(bool(patch.get_hatch()) for patch in figure.axes[0].patches)


def cells_of(figure: Figure) -> list[Rectangle]:
    return [patch for patch in figure.axes[0].patches if isinstance(patch, Rectangle)]


@pytest.mark.parametrize("name", PICTURES)
def test_every_picture_is_whole_and_the_same_twice(name, drawn) -> None:
    picture, figure = drawn[name]
    assert picture.png == PICTURES[name]().png and is_whole(picture)
    assert picture.title == "題"
    assert not any("nan" in words.lower() for words in (picture.alt, *words_on(figure)))


@pytest.mark.parametrize("name", PICTURES)
def test_no_words_overlap_or_leave_the_picture(name, drawn) -> None:
    assert crowded(drawn[name][1]) == []


@pytest.mark.parametrize("name", sorted(set(PICTURES) - set(WIDE) - {"words, odd"}))
def test_type_stays_large_enough_for_a_phone(name, drawn) -> None:
    assert min(text.get_fontsize() for text in drawn[name][1].axes[0].texts) >= SMALLEST_POINTS


@pytest.mark.parametrize(
    "make",
    [
        lambda: shares({}),
        lambda: steps([]),
        lambda: crossed([], ["買う"], ["店頭"]),
        lambda: crossed([("買う", "店頭", 1.0, 9)], ["届く"], ["店頭"]),
        lambda: crossed([("買う", "店頭", 1.0, NAN)], ["買う"], ["店頭"]),
        lambda: told([]),
    ],
)
def test_without_rows_a_sentence_stands_in_place_of_the_picture(make) -> None:
    assert make().alt == NOTHING_TO_SHOW


def test_shares_tell_every_figure_and_claim_nothing_of_few() -> None:
    # 30 + 80 + 40 = 150: 20.0 %, 53.3 %, 26.7 %, each 10 points around; 5 + 2 + 1 = 8 < 10
    assert PICTURES["shares"]().alt == (
        "期待を下回った・期待どおり・期待を超えたお声の割合を並べた図。"
        "すべてのお声は150件で、期待を下回った 20.0%(10.0〜30.0%)、期待どおり 53.3%(43.3〜63.3%)、"
        "期待を超えた 26.7%(16.7〜36.7%)。届くは8件(まだ少数)"
    )
    assert "届くは246,912件で、期待を下回った 50.0%" in PICTURES["shares, nobody"]().alt
    assert "買うは0件(まだありません)" in PICTURES["shares, nobody"]().alt


def test_the_patterns_run_from_left_to_right_and_few_voices_are_hatched(drawn) -> None:
    bars = cells_of(drawn["shares"][1])
    known, few = bars[:3], bars[3:]
    whole = parts.BAR_RIGHT - sheet.LEFT
    assert [bar.get_width() / whole for bar in known] == pytest.approx([30 / 150, 80 / 150, 40 / 150])
    colours = [mpl.colors.to_hex(bar.get_facecolor()) for bar in known]
    assert colours == [theme.WARM, theme.RULE, theme.ACCENT]
    assert not any(bar.get_hatch() for bar in known) and all(bar.get_hatch() for bar in few)
    assert [words for words in words_on(drawn["shares"][1]) if "%" in words] == ["20.0%", "53.3%", "26.7%"]
    assert words_on(drawn["shares"][1]).count("期待どおり") == 1


def test_a_share_without_room_is_not_written(drawn) -> None:
    # 1 % of 4.3 inches
    assert [words for words in words_on(drawn["shares, at the left"][1]) if "%" in words] == ["98.0%"]
    assert "期待どおり 1.0%" in drawn["shares, at the left"][0].alt


def test_two_rows_of_one_name_stay_two_rows() -> None:
    names = {"買う": "同じ名", "届く": "同じ名"}
    assert shares({"買う": (1, 0, 0), "届く": (0, 0, 1)}, names=names).alt.count("同じ名は1件で") == 2


def test_a_step_with_few_voices_claims_nothing() -> None:
    columns = ["step", "expectation", "evaluation", "gap", "low", "high", "customers", "turned"]
    rows = [("届く", 3.4, 3.7, 0.3, 0.1, 0.4, 20, False), ("1か月", 3.3, 2.0, -1.3, -2.6, 0.0, 19, False)]
    picture = levels.levels(pd.DataFrame(rows, columns=columns), title="題", least=20)
    assert picture.alt.endswith("届くは、期待 3.4、評価 3.7、差 +0.3(+0.1〜+0.4)、20人。1か月は、まだ少数、19人")


def test_levels_tell_every_figure() -> None:
    assert PICTURES["levels"]().alt == (
        "旅の段階ごとに、期待と評価の平均(1〜5点)を比べた図。"
        "買うは、期待 3.2、評価 3.9、差 +0.7(+0.4〜+1.0)、45人。"
        "届く(この前で潮目)は、期待 4.4、評価 3.3、差 -1.2(-1.5〜-0.9)、1,238人。"
        "使うは、期待 4.0、評価 4.0、差 0.0、7人。"
        "段階の記録なしは、期待 —、評価 —、期待と評価を比べられるお声がありません、0人"
    )


def test_the_gap_is_drawn_from_expectation_to_evaluation_in_the_colour_of_its_sign(drawn) -> None:
    axes = drawn["levels"][1].axes[0]
    thick = [line for line in axes.lines if line.get_linewidth() == 6]
    assert [line.get_color() for line in thick] == [theme.ACCENT, theme.WARM, theme.QUIET, theme.QUIET]
    inches_a_point = (levels.LAST - levels.FIRST) / 4
    first, last = thick[0].get_xdata()
    assert last - first == pytest.approx(0.7 * inches_a_point)
    assert [len([line for line in axes.lines if line.get_marker() == mark]) for mark in "Do"] == [3, 3]


def test_a_turn_is_a_dotted_line_above_its_step(drawn) -> None:
    axes = drawn["levels"][1].axes[0]
    (dotted,) = [line for line in axes.lines if line.get_linestyle() == ":"]
    places = {text.get_text(): text.get_position()[1] for text in axes.texts}
    assert places["買う"] < dotted.get_ydata()[0] == places[levels.TURN] < places["届く"]


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        (0.44, "+0.4"),
        (-1.1, "-1.1"),
        (0.0, "0.0"),
        (0.04, "0.0"),
        (-0.04, "0.0"),
        (0.05, "+0.1"),
        (-0.05, "-0.1"),
        (10.0, "+10.0"),
        (1234.5, "+1,234.5"),
        (NAN, "—"),
    ],
)
def test_a_difference_is_said_with_its_sign(number, expected) -> None:
    assert signed.words(number) == expected


@given(st.floats(-4, 4))
def test_a_difference_and_its_opposite_differ_in_the_sign_alone(number) -> None:
    one, other = signed.words(number), signed.words(-number)
    assert one.lstrip("+-") == other.lstrip("+-")
    assert {one[0], other[0]} == ({"+", "-"} if one.strip("+-0.") else {"0"})


def test_the_crossing_tells_differences_and_counts_and_claims_nothing_of_few() -> None:
    with watched() as seen:
        picture = crossed(SMALL_TABLE, ["買う", "届く", "使う"], ["店頭", "配送"])
    assert picture.alt == (
        "旅の段階と部門を組み合わせた、評価と期待の差の表。"
        "買う×店頭 +0.4 12人、買う×配送 -1.1 5人、届く×店頭 4人、届く×配送 0.0 1,234人。"
        "斜線(1か所): まだ5人に満たないため、差は読みません"
    )
    assert hatches(seen[0]) == 1 and len(cells_of(seen[0])) == 4
    assert "+2.0" not in words_on(seen[0])
    assert "斜線(1か所): まだ5人に満たないため、差は読みません" in words_on(seen[0])


def test_the_colours_meet_in_paper_at_zero_and_stay_light_for_small_differences() -> None:
    rows = [("買う", "店頭", 0.0, 9), ("買う", "配送", 0.5, 9), ("届く", "店頭", -0.5, 9), ("届く", "配送", 9.0, 1)]
    with watched() as seen:
        crossed(rows, ["買う", "届く"], ["店頭", "配送"])
    shades = [mpl.colors.to_rgb(cell.get_facecolor()) for cell in cells_of(seen[0])]
    # the 9.0 of one person counts for nothing: half of a reach of 1.0 is half of each colour
    half = [
        [(1 + part) / 2 for part in mpl.colors.to_rgb(colour)] for colour in (theme.PAPER, theme.ACCENT, theme.WARM)
    ]
    assert [list(shade) for shade in shades[:3]] == [pytest.approx(each, abs=0.01) for each in half]


def test_the_words_tell_every_figure() -> None:
    assert PICTURES["words"]().alt == (
        "お声に多い言葉と、その言葉が出てくるお声の割合の図。"
        "「期待を下回った」のお声では、「遅い」12件・34.3%(ほかの声では5.0%)、「箱」8件・22.9%(ほかの声では30.0%)。"
        "「期待を超えた」のお声では、「母」1件・10.0%(ほかの声では0.0%)"
    )


def test_at_most_six_words_a_block_are_shown_in_their_order(drawn) -> None:
    picture, figure = drawn["words, seven"]
    assert [words for words in words_on(figure) if words.startswith("言葉")] == [f"言葉{place}" for place in range(6)]
    assert "言葉6" not in picture.alt
    assert words_on(figure)[-1] == told_words.TICK


def test_the_bar_is_the_ratio_and_the_tick_that_of_the_others(drawn) -> None:
    axes = drawn["words"][1].axes[0]
    ticks = [line.get_xdata()[0] for line in axes.lines if line.get_color() == theme.INK]
    whole = told_words.LAST - told_words.FIRST
    # the longest bar, 34.3 %, takes the whole width
    assert [bar.get_width() / whole for bar in cells_of(drawn["words"][1])] == pytest.approx([1, 229 / 343, 100 / 343])
    assert [(tick - told_words.FIRST) / whole for tick in ticks] == pytest.approx([50 / 343, 300 / 343, 0])


@given(st.text(min_size=1, max_size=60), st.floats(0.2, 5))
def test_a_name_is_cut_to_its_room(name, inches) -> None:
    with sheet.page(1.0) as (_, axes):
        text = sheet.name(axes, 0, 0.5, name, inches)
        assert strips.room(axes, text).width <= inches or len(text.get_text()) <= sheet.LEAST_SIGNS


def test_drawing_changes_neither_the_frames_nor_the_settings_of_matplotlib() -> None:
    frame = pd.DataFrame(SMALL_TABLE, columns=["step", "department", "gap", "customers"])
    kept = frame.copy()
    orders = {"down_order": ["買う", "届く"], "across_order": ["店頭", "配送"]}
    with mpl.rc_context({"font.size": 7.5, "hatch.linewidth": 3.0}):
        before = {key: value for key, value in mpl.rcParams.items() if key != "backend"}
        signed.crossed(frame, "step", "department", value="gap", count="customers", claim_from=5, title="題", **orders)
        for name in ("shares", "levels", "words"):
            PICTURES[name]()
        assert {key: value for key, value in mpl.rcParams.items() if key != "backend"} == before
    pd.testing.assert_frame_equal(frame, kept)
