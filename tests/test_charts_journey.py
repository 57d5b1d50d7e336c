"""The pictures of the first 90 days: every figure in the alt text, nothing clipped, the unknown not drawn."""

import io
import itertools
from collections.abc import Callable

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
from drawings import drawings, watched
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from matplotlib.transforms import Bbox
from PIL import Image

from horetsu_utils.charts import curves, feeling, grid, road, strips, theme
from horetsu_utils.charts.theme import NOTHING_TO_SHOW, Picture

pytestmark = pytest.mark.filterwarnings("error")
NAN = float("nan")
LONG = "とても長い名前の商品で画面のはしまで届いてしまう名前"
HOSTILE = {"a": "$x^2$ & $y", "b": '<script>alert(1)</script>"髙①', "c": LONG, "d": "改行\nと\tタブ😀"}
SMALLEST_POINTS = 11

Rows = list[tuple]


def curve(values: dict[int, float], spread: float = 0.02) -> pd.DataFrame:
    rows = [(day, value, value - spread, value + spread) for day, value in values.items()]
    return pd.DataFrame(rows, columns=["day", "value", "low", "high"])


GROWING = curve({day: 0.004 * day for day in range(1, 91)})
WATCHED = pd.DataFrame({"day": [0, 30, 60, 90], "customers": [1200, 800, 400, 90]})


def groups(codes: str, scale: float = 0.1, names: dict[str, str] | None = None) -> Picture:
    parts = [curve({10: scale, 90: scale * 2 + place * scale / 50}) for place in range(len(codes))]
    frame = pd.concat([part.assign(product=code) for part, code in zip(parts, codes, strict=True)])
    watched = pd.concat([WATCHED.assign(product=code) for code in codes])
    return curves.steps(frame, watched, title="題", by="product", names=names)


def paces(per: list[float], broken: tuple[int, ...] = (), lost: float = 252.4, days: int = 10) -> pd.DataFrame:
    rows = [
        (place * days + (place > 0), (place + 1) * days, value, 5.0, place in broken, lost, place == 0)
        for place, value in enumerate(per)
    ]
    columns = ["day_from", "day_to", "per_thousand", "pace_per_thousand", "is_break", "lost", "is_settling"]
    return pd.DataFrame(rows, columns=columns)


def plan(rows: Rows) -> pd.DataFrame:
    columns = ["step_id", "day_from", "day_to", "channel", "label", "reach_ratio"]
    return pd.DataFrame(rows, columns=columns)


def contacts(silent: range, ratio: float = 0.2) -> pd.DataFrame:
    days = np.arange(91)
    quiet = np.isin(days, silent)
    return pd.DataFrame({"day": days, "contacted_ratio": np.where(quiet, 0.001, ratio), "is_silent": quiet})


PACES = paces([1.0, 9.0, 8.0, 2.0, 2.5, 3.0, 6.0, 5.5, 5.2], (3, 4, 5), lost=84.1)
PLAN = plan([("S2", 62, 66, "メール", "ふりかえり", 0.7), ("S1", 0, 1, "同梱物", "お礼", 0.953)])
TWELVE = plan([(f"S{n}", 7 * n, 7 * n + 20, "LINE", f"{n}番目のご案内のお便り", n / 12) for n in range(12)])
NOBODY = plan([])
NO_CONTACTS = contacts(range(0)).head(0)


def scores(values: list[float], spread: float = 0.4) -> pd.DataFrame:
    rows = [
        (place * 10 + (place > 0), place * 10 + 10, value, value - spread, value + spread, 30 + place)
        for place, value in enumerate(values)
    ]
    return pd.DataFrame(rows, columns=["day_from", "day_to", "value", "low", "high", "customers"])


def emotions(shares: Rows) -> pd.DataFrame:
    rows = [
        (place * 10 + (place > 0), place * 10 + 10, emotion, ratio)
        for place, each in enumerate(shares)
        for emotion, ratio in zip(("良い", "普通", "悪い"), each, strict=True)
    ]
    return pd.DataFrame(rows, columns=["day_from", "day_to", "emotion", "ratio"])


SCORES = scores([2.4, 2.9, 3.6, 2.2, 2.0, 2.6, 3.0, 3.1, 3.2])
EMOTIONS = emotions([(0.3 + 0.02 * place, 0.5, 0.2 - 0.02 * place) for place in range(9)])
PICTURES: dict[str, Callable[[], Picture]] = {
    "curve": lambda: curves.steps(GROWING, WATCHED, title="題", readings=(30, 60, 90)),
    "curve, bare": lambda: curves.steps(GROWING, title="題"),
    "curve, one row": lambda: curves.steps(curve({40: 0.1}), title="題", readings=(30, 40)),
    "curve, on day 0": lambda: curves.steps(curve({0: 0.1}), title="題", readings=(0,)),
    "curve, nobody back": lambda: curves.steps(curve({90: 0.0}, NAN), WATCHED, title="題", readings=(90,)),
    "curve, everybody": lambda: curves.steps(curve({1: 1.0, 90: 1.0}, NAN), title="題", readings=(30, 60, 90)),
    "curve, tiny": lambda: curves.steps(curve({9: 0.0001, 90: 0.0012}, 0.0001), title="題", readings=(30, 60, 90)),
    "curve, a year": lambda: curves.steps(
        curve({day: 0.001 * day for day in range(1, 366)}), title="題", readings=(30, 60, 90, 365)
    ),
    "curve, unknown": lambda: curves.steps(curve({5: 0.1, 40: NAN, 60: 0.2}), WATCHED, title="題", readings=(45, 60)),
    "groups": lambda: groups("ab"),
    "groups, one": lambda: groups("a"),
    "groups, four alike": lambda: groups("abcd", 0.01),
    "groups, hostile": lambda: groups("abcd", 0.4, HOSTILE),
    "road": lambda: road.road(PACES, PLAN, contacts(range(29, 62)), title="題"),
    "road, nothing planned": lambda: road.road(PACES, NOBODY, NO_CONTACTS, title="題"),
    "road, plan alone": lambda: road.road(PACES.head(0), PLAN, NO_CONTACTS, title="題"),
    "road, twelve": lambda: road.road(PACES, TWELVE, contacts(range(3, 6)), title="題"),
    "road, more": lambda: road.road(PACES, pd.concat([TWELVE] * 3), contacts(range(80, 91)), title="題"),
    "road, breaks apart": lambda: road.road(
        paces([3.0, 1.0] * 4 + [9.0], (1, 3, 5, 7), 12345.0), PLAN, NO_CONTACTS, title="題"
    ),
    "road, short intervals": lambda: road.road(
        paces([9.0, 1.0] * 9, (1, 3, 5, 7, 9, 11, 13, 15, 17), 99999.0, 5), PLAN, NO_CONTACTS, title="題"
    ),
    "road, unknown": lambda: road.road(
        paces([NAN, 3.0, NAN], (0, 1), NAN),
        plan([("S1", NAN, NAN, None, NAN, NAN), ("S2", 3, 9, None, "", NAN)]),
        contacts(range(0), NAN),
        title="題",
    ),
    "road, no pace": lambda: road.road(
        PACES.assign(per_thousand=0.0, pace_per_thousand=0.0), PLAN, contacts(range(91), 0.0), title="題"
    ),
    "road, one": lambda: road.road(PACES.tail(1), PLAN.head(1), contacts(range(0)).head(1), title="題"),
    "road, hostile": lambda: road.road(
        PACES, plan([(code, 30, 60, name, name, 1.0) for code, name in HOSTILE.items()]), NO_CONTACTS, title="題"
    ),
    "road, whole windows": lambda: road.road(
        PACES, plan([("S1", 0, 90, LONG, LONG, 0.5), ("S2", 0, 400, "", "", 0.5)]), NO_CONTACTS, title="題"
    ),
    "feeling": lambda: feeling.feeling(SCORES, EMOTIONS, title="題", turns=[21]),
    "feeling, turning at every step": lambda: feeling.feeling(
        scores([0, 5] * 4, 0.0), EMOTIONS, title="題", turns=range(0, 90)
    ),
    "feeling, unknown": lambda: feeling.feeling(
        scores([2.0, NAN, 3.0], NAN), emotions([(NAN, NAN, NAN), (0.5, NAN, 0.5)]), title="題", turns=[11, 21]
    ),
    "feeling, scores alone": lambda: feeling.feeling(SCORES, EMOTIONS.head(0), title="題"),
    "feeling, emotions alone": lambda: feeling.feeling(SCORES.head(0), EMOTIONS, title="題", turns=[21]),
    "feeling, one": lambda: feeling.feeling(SCORES.head(1), EMOTIONS.head(1), title="題"),
    "feeling, all good": lambda: feeling.feeling(SCORES, emotions([(1.0, 0.0, 0.0)] * 9), title="題"),
    "feeling, all bad": lambda: feeling.feeling(SCORES, emotions([(0.0, 0.0, 1.0)] * 9), title="題"),
}


@pytest.fixture(scope="module")
def drawn() -> dict[str, tuple[Picture, Figure]]:
    return drawings(PICTURES)


def written(figure: Figure) -> dict[str, Bbox]:
    """Return the words on a picture, each with the room it takes; equal words are numbered."""
    figure.draw_without_rendering()
    (axes,) = figure.axes
    texts = [text for text in (*axes.texts, *axes.get_xticklabels()) if text.get_text().strip()]
    return {f"{text.get_text().strip()}#{place}": text.get_window_extent() for place, text in enumerate(texts)}


def bars_of(figure: Figure) -> list[Rectangle]:
    return [patch for patch in figure.axes[0].patches if isinstance(patch, Rectangle)]


def words_on(figure: Figure) -> list[str]:
    return [text.get_text() for text in figure.axes[0].texts]


@pytest.mark.parametrize("name", PICTURES)
def test_every_picture_is_whole_and_the_same_twice(name, drawn) -> None:
    picture, figure = drawn[name]
    assert picture.png == PICTURES[name]().png
    shown = np.asarray(Image.open(io.BytesIO(picture.png)).convert("L"), dtype=int)
    assert (shown < 200).any()
    # nothing is cut off: the outermost pixels are paper
    for side in (shown[:2], shown[-2:], shown[:, :2], shown[:, -2:]):
        assert side.min() > 245
    assert picture.title == "題"
    assert "nan" not in picture.alt.lower() and not any("nan" in words.lower() for words in words_on(figure))


@pytest.mark.parametrize("name", PICTURES)
def test_no_words_overlap_or_leave_the_picture(name, drawn) -> None:
    figure = drawn[name][1]
    words = written(figure)
    for (one, here), (other, there) in itertools.combinations(words.items(), 2):
        shared = Bbox.intersection(here, there)
        assert shared is None or min(shared.width, shared.height) < 1, (one, other)
    for word, box in words.items():
        assert figure.bbox.x0 <= box.x0 and box.x1 <= figure.bbox.x1, word
        assert figure.bbox.y0 <= box.y0 and box.y1 <= figure.bbox.y1, word


@pytest.mark.parametrize("name", PICTURES)
def test_type_stays_large_enough_for_a_phone(name, drawn) -> None:
    (axes,) = drawn[name][1].axes
    texts = [text for text in (*axes.texts, *axes.get_xticklabels()) if text.get_text()]
    assert min(text.get_fontsize() for text in texts) >= SMALLEST_POINTS


def test_numbers_at_risk_beyond_the_axis_are_not_written() -> None:
    bare = curves.steps(GROWING, title="題", days=30)
    assert curves.steps(GROWING, WATCHED.tail(2), title="題", days=30) == bare


@pytest.mark.parametrize(
    "make",
    [
        lambda: curves.steps(GROWING.head(0), title="題"),
        lambda: curves.steps(curve({3: NAN}), title="題"),
        lambda: road.road(PACES.head(0), NOBODY, NO_CONTACTS, title="題"),
        lambda: feeling.feeling(SCORES.head(0), EMOTIONS.head(0), title="題"),
    ],
)
def test_without_rows_a_sentence_stands_in_place_of_the_picture(make) -> None:
    assert make().alt == NOTHING_TO_SHOW


def test_a_curve_tells_its_readings_and_who_is_watched() -> None:
    # 0.4 % a day: 30 days 12 %, 60 days 24 %, 90 days 36 %
    assert PICTURES["curve"]().alt == (
        "はじめてのご注文からの日数とともに、割合がふえる線。30日 12.0%、60日 24.0%、90日 36.0%。"
        "見守っている人数は、0日 1,200人、30日 800人、60日 400人、90日 90人"
    )
    assert PICTURES["curve, bare"]().alt.endswith("割合がふえる線。90日 36.0%")


def test_curves_tell_the_last_value_of_each_group() -> None:
    # 2 × 0.1 | 2 × 0.1 + 1 × 0.1 / 50
    alt = groups("ab", names={"a": "石けん", "b": LONG}).alt
    assert f"石けんは90日 20.0%、{LONG}は90日 20.2%" in alt
    assert f"見守っている人数は、{LONG} 0日 1,200人" in alt


def test_nothing_is_read_where_the_curve_has_ended_or_is_unknown(drawn) -> None:
    alt = curves.steps(curve({5: 0.1, 40: 0.2}), title="題", readings=(3, 10, 40, 41), days=90).alt
    assert alt.endswith("3日 0.0%、10日 10.0%、40日 20.0%")
    assert drawn["curve, unknown"][0].alt.startswith("はじめてのご注文からの日数とともに、割合がふえる線。60日 20.0%")


@pytest.mark.parametrize("name", ["curve", "curve, a year", "curve, everybody", "curve, tiny"])
def test_a_reading_does_not_cover_the_line(name, drawn) -> None:
    axes = drawn[name][1].axes[0]
    line = next(line for line in axes.lines if line.get_drawstyle() == "steps-post")
    along, down = line.get_data()
    for text in axes.texts:
        if "日 " in text.get_text():
            box = strips.room(axes, text)
            inside = (along > box.x0) & (along < box.x1)
            assert not ((down[inside] > box.y0) & (down[inside] < box.y1)).any(), text.get_text()


def test_numbers_at_risk_stand_below_their_days(drawn) -> None:
    texts = {text.get_text(): text.get_position() for text in drawn["curve"][1].axes[0].texts}
    pairs = [("0日", "1,200"), ("30日", "800"), ("60日", "400"), ("90日", "90")]
    assert all(texts[day][0] == texts[number][0] for day, number in pairs)
    assert len({texts[number][1] for _, number in pairs}) == 1


def test_at_most_four_curves_differ_in_dashes_and_mark(drawn) -> None:
    lines = drawn["groups, four alike"][1].axes[0].lines
    stepped = [line for line in lines if line.get_drawstyle() == "steps-post"]
    assert len({line.get_linestyle() for line in stepped}) == len(stepped) == 4
    assert {"o", "D", "s", "^"} <= {line.get_marker() for line in lines}


@given(st.lists(st.tuples(st.floats(0, 3), st.floats(0.3, 0.7)), min_size=1, max_size=4))
def test_names_at_the_right_end_never_overlap_nor_leave(labels) -> None:
    wanted, heights = sorted(place for place, _ in labels), [height for _, height in labels]
    middles = theme.apart(wanted, heights, 3.0)
    edges = [(middle - height / 2, middle + height / 2) for middle, height in zip(middles, heights, strict=True)]
    assert edges[0][0] >= -1e-9 and edges[-1][1] <= 3 + 1e-9
    assert all(above[1] <= below[0] + 1e-9 for above, below in itertools.pairwise(edges))


def test_the_road_tells_the_breaks_the_steps_and_the_silence() -> None:
    # three neighbouring intervals of 84.1 missing each are one break: 252.3
    assert PICTURES["road"]().alt == (
        "はじめてのご注文からの日数に沿って、2回目のご注文のペース、予定している便り、届いた便りを並べた図。"
        "2回目のご注文は1,000人のうち1日に、0〜10日 1.0人、11〜20日 9.0人、21〜30日 8.0人、31〜40日 2.0人、"
        "41〜50日 2.5人、51〜60日 3.0人、61〜70日 6.0人、71〜80日 5.5人、81〜90日 5.2人。お店のペースは5.0人。"
        "31〜60日はお店のペースに届かず、少ない人数は約252人。"
        "予定している便りと届いた方の割合は、0〜1日 お礼・同梱物 95.3%、62〜66日 ふりかえり・メール 70.0%。"
        "便りが届いた方の割合の最大は0日の20.0%。便りのない間は、29〜61日"
    )


def test_the_road_leaves_no_strip_open_for_what_is_not_recorded(drawn) -> None:
    picture, figure = drawn["road, nothing planned"]
    whole, of_all = drawn["road"]
    for words in ("予定している便り", "便りが届いた"):
        assert words in whole.alt and words in "".join(words_on(of_all))
        assert words not in picture.alt and words not in "".join(words_on(figure))
    assert "2回目のご注文のペースを並べた図" in picture.alt
    assert figure.get_figheight() < of_all.get_figheight() / 1.5


def test_a_break_is_hatched_up_to_the_pace_and_named_above_it(drawn) -> None:
    axes = drawn["road"][1].axes[0]
    hatched = [bar for bar in bars_of(drawn["road"][1]) if bar.get_hatch() and bar.get_width() != road.KEY_DAYS]
    # missing up to 5.0: 3.0, 2.5, 2.0, on a scale where 9.0 is the longest bar
    expected = [road.BAR_INCHES * missing / 9 for missing in (3.0, 2.5, 2.0)]
    assert [abs(bar.get_height()) for bar in hatched] == pytest.approx(expected)
    (words,) = (text for text in axes.texts if text.get_text() == "約252人")
    assert words.get_position()[0] == (31 + 60) / 2
    assert words.get_position()[1] < min(bar.get_y() + bar.get_height() for bar in hatched)


def test_a_silence_is_shaded_and_named(drawn) -> None:
    shades = [bar for bar in bars_of(drawn["road"][1]) if mpl.colors.to_hex(bar.get_facecolor()) == road.SHADE]
    assert [(shade.get_x(), shade.get_width()) for shade in shades] == [(28.5, 33.0)]
    assert road.SILENT in words_on(drawn["road"][1])
    assert "便りのない間はありません" in road.road(PACES, PLAN, contacts(range(0)), title="題").alt


def test_twelve_steps_are_drawn_and_more_are_counted(drawn) -> None:
    bars = [
        len({bar.get_y() for bar in bars_of(drawn[name][1]) if abs(bar.get_height() - road.STEP_HEIGHT) < 1e-9})
        for name in ("road, twelve", "road, more")
    ]
    assert bars == [12, 12]
    assert not any(words.startswith("ほか") for words in words_on(drawn["road, twelve"][1]))
    assert "ほか 24件" in words_on(drawn["road, more"][1])
    assert drawn["road, more"][0].alt.count("11番目のご案内のお便り") == 3, "the alt text folds nothing"


def test_the_feeling_tells_every_figure() -> None:
    told = feeling.feeling(scores([2.4, NAN]), emotions([(0.5, 0.3, 0.2)]), title="題", turns=[0, 11]).alt
    assert told == (
        "はじめてのご注文からの日数に沿って、変化点数の平均とお気持ちの割合を並べた図。"
        "変化点数は、0〜10日 2.4点(2.0〜2.8点) 30人、11〜20日 — 31人。潮目は、0〜10日。"
        "0〜10日のお気持ちは、良い 50.0%、普通 30.0%、悪い 20.0%"
    )


def test_no_line_crosses_an_interval_without_a_score() -> None:
    with watched() as seen:
        feeling.feeling(scores([2.0, 2.5, NAN, 3.0]), EMOTIONS, title="題")
        feeling.feeling(scores([2.0, 2.5, 2.8, 3.0]).drop(index=2), EMOTIONS, title="題")
    for figure in seen:
        lines = [list(line.get_xdata()) for line in figure.axes[0].lines if line.get_marker() == "o"]
        assert lines == [[5.0, 15.5], [35.5]]


def test_a_turn_is_marked_and_named(drawn) -> None:
    axes = drawn["feeling"][1].axes[0]
    assert [float(line.get_xdata()[0]) for line in axes.lines if line.get_marker() == "D"] == [25.5]
    assert [text.get_position()[0] for text in axes.texts if text.get_text() == feeling.TURN] == [25.5]


def test_drawing_changes_neither_the_frames_nor_the_settings_of_matplotlib() -> None:
    kept = [frame.copy() for frame in (GROWING, WATCHED, PACES, PLAN, SCORES, EMOTIONS)]
    with mpl.rc_context({"font.size": 7.5, "hatch.linewidth": 3.0}):
        before = {key: value for key, value in mpl.rcParams.items() if key != "backend"}
        for name in ("curve", "road", "feeling"):
            PICTURES[name]()
        assert {key: value for key, value in mpl.rcParams.items() if key != "backend"} == before
    for frame, copy in zip((GROWING, WATCHED, PACES, PLAN, SCORES, EMOTIONS), kept, strict=True):
        pd.testing.assert_frame_equal(frame, copy)


@pytest.mark.parametrize(
    ("days", "expected"), [(0, [0]), (7, [0, 7]), (90, [0, 30, 60, 90]), (365, [0, 90, 180, 270, 360])]
)
def test_an_axis_of_days_names_few_of_them(days, expected) -> None:
    assert strips.day_ticks(days) == expected


def cells(unripe: str, rows: Rows) -> Picture:
    frame = pd.DataFrame(rows, columns=["frequency_score", "recency_score", "customers"])
    scales = {"down_order": range(1, 4), "across_order": range(1, 4)}
    return grid.crossed(
        frame, "frequency_score", "recency_score", value="customers", title="題", unripe=unripe, **scales
    )


def test_a_cell_whose_time_has_not_come_is_hatched_and_said() -> None:
    triangle = [(down, across, 10 * down + across) for down in (1, 2, 3) for across in range(1, 5 - down)]
    with watched() as seen:
        plain, told = cells("", triangle), cells("まだ月が満ちていません", triangle)
    assert [sum(bool(bar.get_hatch()) for bar in bars_of(figure)) for figure in seen] == [0, 3]
    assert told.alt == plain.alt + "。斜線(3か所): まだ月が満ちていません"
    assert seen[1].axes[0].get_xlabel().endswith("\n斜線(3か所): まだ月が満ちていません")


def test_a_full_grid_has_nothing_to_hatch() -> None:
    full = list(itertools.product((1, 2, 3), (1, 2, 3), (7,)))
    assert cells("まだ月が満ちていません", full) == cells("", full)
