"""The pictures of the stage chapter: every figure in the alt text, nothing clipped, the sure told from the hinted."""

import datetime as dt
import io
import itertools
import subprocess
import sys
from collections.abc import Callable

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
from drawings import drawings, watched
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.figure import Figure
from matplotlib.transforms import Bbox
from PIL import Image

from horetsu_utils.charts import dots, flow, grid, layers, theme
from horetsu_utils.charts.theme import NOTHING_TO_SHOW, Picture

pytestmark = pytest.mark.filterwarnings("error")
NAMES = {"0": "観測", "1": "着地", "2": "共感", "3": "関与", "4": "循環"}
LONG = "とても長い名前のステージで画面のはしまで届いてしまう名前"
HOSTILE = {"0": "", "1": "$x^2$ & $y", "2": '<script>alert(1)</script>"髙①', "3": LONG, "4": "改行\nと\tタブ😀"}
NAN = float("nan")
SMALLEST_POINTS = 11
"""On a phone, 360 pixels wide, this is ten pixels high: the smallest the house writes."""


def bars(firm: list[float], hinted: list[float], names: dict[str, str] = NAMES) -> Picture:
    frame = pd.DataFrame({"stage": range(len(firm)), "customers": firm, "hinted_customers": hinted})
    return layers.firm_and_hinted(frame, "stage", "customers", "hinted_customers", title="題", names=names)


def months(counts: list[list[int | None]], names: dict[str, str] = NAMES) -> Picture:
    ends = [dt.date(2025 + place // 12, place % 12 + 1, 28) for place in range(len(counts))]
    pairs = [(end, *each) for end, row in zip(ends, counts, strict=True) for each in enumerate(row)]
    rows = [row for row in pairs if row[2] is not None]
    frame = pd.DataFrame(rows, columns=["month_end", "stage", "customers"])
    return layers.over_time(frame, "month_end", "stage", "customers", order=range(5), title="題", names=names)


def rates(rows: list[tuple], by: str = "", names: dict[str, str] = NAMES, claim_from: int = 0) -> Picture:
    columns = [*(["outcome_after", "group"] if by else ["stage"]), "value", "low", "high", "customers"]
    frame = pd.DataFrame(rows, columns=columns)
    return dots.rates(frame, columns[0], "customers", title="題", by=by, names=names, claim_from=claim_from)


PAIRS = [
    ("order", "treated", 0.239, 0.153, 0.353, 67),
    ("order", "spared", 0.233, 0.222, 0.244, 2230),
    ("opted_out_now", "treated", 0.0, 0.0, 0.054, 67),
    ("opted_out_now", "spared", 0.004, 0.0, 0.007, 2230),
]
STAGES = [(place, 0.1 * place, 0.09 * place, 0.12 * place, 300 - place) for place in range(5)]
PICTURES: dict[str, Callable[[], Picture]] = {
    "bars": lambda: bars([1050, 1044, 516, 276, 114], [0, 0, 310, 45, 0]),
    "bars, orders alone": lambda: bars([2000, 3000, 0, 0, 0], [0, 0, 310, 45, 0]),
    "bars, huge": lambda: bars([10**9, 1], [0, 250_000_000]),
    "bars, hinted beyond all": lambda: bars([1, 1], [0, 10**9]),
    "bars, unknown": lambda: bars([3, NAN], [NAN, 0]),
    "bars, nobody": lambda: bars([0, 0], [0, 0]),
    "bars, one": lambda: bars([1], [1]),
    "bars, hostile": lambda: bars([10**9, 2, 3, 4, 5], [0, 0, 9, 10**9, 0], HOSTILE),
    "months": lambda: months([[10 + place, 20, 15, 5, 1] for place in range(24)]),
    "months, falling": lambda: months([[42 * left, 24 * left, 12 * left, 30, 10] for left in (10, 9, 8, 7, 6)]),
    "months, thin bands": lambda: months([[1000, 1, 1, 1, 1], [2000, 1, 0, 1, 1]]),
    "months, top-heavy": lambda: months([[0, 0, 0, 0, 9], [0, 0, 0, 1, 900]]),
    "months, huge": lambda: months([[10**9, 1, 1, 1, 1]] * 12, HOSTILE),
    "months, one": lambda: months([[3, 2, 1, 0, 0]]),
    "months, nobody": lambda: months([[0, 0, 0, 0, 0]] * 3),
    "months, five years": lambda: months([[place, place, 1, 1, 0] for place in range(60)], HOSTILE),
    "rates": lambda: rates(STAGES),
    "rates, hostile": lambda: rates(STAGES, names=HOSTILE),
    "rates, unknown": lambda: rates([(0, NAN, NAN, NAN, 0), (1, 0.5, NAN, NAN, 2)]),
    "rates, all unknown": lambda: rates([(0, NAN, NAN, NAN, 0)]),
    "rates, zero and one": lambda: rates([(0, 0.0, 0.0, 0.0001, 9_999_999), (3, 1.0, 0.9999, 1.0, 10**9)], "", HOSTILE),
    "rates, tiny": lambda: rates([(0, 0.001, 0.0002, 0.003, 4000)]),
    "rates, pairs": lambda: rates(PAIRS, "group"),
    "rates, hostile pairs": lambda: rates(PAIRS, "group", {"treated": LONG, "spared": "😀", "order": f"😀{LONG}"}),
}


EXTREME = {"bars, hostile", "rates, zero and one", "rates, hostile pairs"}
"""The longest names beside the longest figures: these alone may be written smaller."""


@pytest.fixture(scope="module")
def drawn() -> dict[str, tuple[Picture, Figure]]:
    return drawings(PICTURES)


def pixels(picture: Picture) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(picture.png)).convert("L"), dtype=int)


def written(figure: Figure) -> dict[str, Bbox]:
    """Return the words on a picture, each with the room it takes; equal words are numbered."""
    figure.draw_without_rendering()  # measures at the figure's own resolution, which saving had changed
    (axes,) = figure.axes
    ticks = [*axes.get_xticklabels(), *axes.get_yticklabels()]
    texts = [text for text in (*axes.texts, *ticks) if text.get_text().strip()]
    return {f"{text.get_text().strip()}#{place}": text.get_window_extent() for place, text in enumerate(texts)}


@pytest.mark.parametrize("name", PICTURES)
def test_every_picture_is_whole_and_the_same_twice(name, drawn) -> None:
    picture, _ = drawn[name]
    assert picture.png == PICTURES[name]().png
    shown = pixels(picture)
    assert (shown < 200).any()
    # nothing is cut off: the outermost pixels are paper
    for side in (shown[:2], shown[-2:], shown[:, :2], shown[:, -2:]):
        assert side.min() > 245
    assert picture.title == "題" and "nan" not in picture.alt.lower()


@pytest.mark.parametrize("name", PICTURES)
def test_no_words_overlap_or_leave_the_picture(name, drawn) -> None:
    figure = drawn[name][1]
    words = written(figure)
    for (one, here), (other, there) in itertools.combinations(words.items(), 2):
        # two boxes that merely touch share no room
        shared = Bbox.intersection(here, there)
        assert shared is None or min(shared.width, shared.height) < 1, (one, other)
    for word, box in words.items():
        assert figure.bbox.x0 <= box.x0 and box.x1 <= figure.bbox.x1, word
        assert figure.bbox.y0 <= box.y0 and box.y1 <= figure.bbox.y1, word


@pytest.mark.parametrize("name", sorted(set(PICTURES) - EXTREME))
def test_type_stays_large_enough_for_a_phone(name, drawn) -> None:
    (axes,) = drawn[name][1].axes
    texts = [*axes.texts, *axes.get_xticklabels(), *axes.get_yticklabels()]
    assert min((text.get_fontsize() for text in texts), default=SMALLEST_POINTS) >= SMALLEST_POINTS


def test_a_picture_of_bars_tells_every_figure() -> None:
    told = "観測 1,050人、着地 1,044人、共感 516人 暫定 310人、関与 276人 暫定 45人、循環 114人"
    assert PICTURES["bars"]().alt == f"棒グラフ。{told}"
    assert PICTURES["bars, unknown"]().alt == "棒グラフ。観測 3人、着地 —", "what is not known is no zero"
    assert LONG in PICTURES["bars, hostile"]().alt


def test_a_picture_over_time_tells_every_month_and_counts_0_where_a_part_does_not_occur() -> None:
    assert months([[3, 2, 1, 0, None], [4, None, 1, 1200, 7]]).alt == (
        "積み重ねグラフ。2025年1月は観測 3人、着地 2人、共感 1人、関与 0人、循環 0人。"
        "2025年2月は観測 4人、着地 0人、共感 1人、関与 1,200人、循環 7人"
    )


def test_a_picture_over_time_does_not_depend_on_the_order_of_the_rows_or_the_type_of_the_day() -> None:
    rows = [(dt.date(2025, month, 28), stage, 10 * month + stage) for month in (1, 2, 3) for stage in range(5)]
    frame = pd.DataFrame(rows, columns=["month_end", "stage", "customers"])
    shape = {"order": range(5), "names": NAMES, "title": "題"}
    given_frames = (frame, frame[::-1], frame.assign(month_end=pd.to_datetime(frame["month_end"])))
    pictures = [layers.over_time(each, "month_end", "stage", "customers", **shape) for each in given_frames]
    assert len({(picture.png, picture.alt) for picture in pictures}) == 1


def test_a_picture_of_rates_tells_every_figure() -> None:
    assert rates([(0, NAN, NAN, NAN, 0), (1, 0.5, NAN, NAN, 2), (2, 0.182, 0.14, 0.233, 312)]).alt == (
        "割合と誤差の幅の図。観測は—  0人、着地は50.0%  2人、共感は18.2%(14.0〜23.3%)  312人"
    )
    assert rates(PAIRS, "group").alt == (
        "割合と誤差の幅の図。"
        "ご注文はあった方 23.9%(15.3〜35.3%)  67人、ご注文はなかった方 23.3%(22.2〜24.4%)  2,230人、"
        "今、メールを受け取っていないはあった方 0.0%(0.0〜5.4%)  67人、"
        "今、メールを受け取っていないはなかった方 0.4%(0.0〜0.7%)  2,230人"
    )


@pytest.mark.parametrize("make", [lambda: bars([], []), lambda: months([]), lambda: rates([])])
def test_without_rows_a_sentence_stands_in_place_of_the_picture(make) -> None:
    assert make().alt == NOTHING_TO_SHOW


def test_drawing_changes_neither_the_frame_nor_the_settings_of_matplotlib() -> None:
    frame = pd.DataFrame(PAIRS, columns=["outcome_after", "group", "value", "low", "high", "customers"])
    kept = frame.copy()
    with mpl.rc_context({"font.size": 7.5, "hatch.linewidth": 3.0}):
        before = {key: value for key, value in mpl.rcParams.items() if key != "backend"}
        dots.rates(frame, "outcome_after", "customers", title="題", by="group", claim_from=100)
        PICTURES["bars"](), PICTURES["months"]()
        assert {key: value for key, value in mpl.rcParams.items() if key != "backend"} == before
    pd.testing.assert_frame_equal(frame, kept)


def test_importing_the_charts_changes_no_setting_of_matplotlib() -> None:
    code = (
        "import matplotlib as mpl; before = dict(mpl.rcParams)\n"
        "from horetsu_utils.charts import dots, layers\n"
        "assert dict(mpl.rcParams) == before, set(mpl.rcParams.items()) ^ set(before.items())"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_the_hatched_part_differs_from_the_sure_one_without_colour() -> None:
    with watched() as seen:
        shown = pixels(bars([100], [100]))
    boxes = [patch.get_window_extent() for patch in seen[0].axes[0].patches]
    scale = theme.PIXELS_PER_INCH / seen[0].dpi
    inside = [
        shown[
            shown.shape[0] - int(box.y1 * scale) + 4 : shown.shape[0] - int(box.y0 * scale) - 4,
            int(box.x0 * scale) + 4 : int(box.x1 * scale) - 4,
        ]
        for box in boxes
    ]
    sure, hinted = inside
    assert sure.max() < 110 and sure.std() < 1, "dark and even"
    assert hinted.mean() > 200 and hinted.std() > 10, "pale and striped"
    assert boxes[1].height < boxes[0].height and boxes[1].x0 > boxes[0].x1, "slimmer, and apart"
    assert boxes[1].width == pytest.approx(boxes[0].width), "on the same scale"


def test_where_nobody_is_hinted_at_nothing_is_drawn() -> None:
    with watched() as seen:
        plain, unknown = bars([5, 3], [0, 0]), bars([5, 3], [NAN, NAN])
    assert plain == unknown and "暫定" not in plain.alt
    assert len(seen[0].axes[0].patches) == 2


@pytest.mark.parametrize("name", ["months", "months, falling"])
def test_a_label_stands_beside_the_middle_of_its_band(name, drawn) -> None:
    # the last month: 10 + 23 = 33, 20, 15 | falling: 42 × 6 = 252, 24 × 6 = 144, 12 × 6 = 72; so the middles are
    middles = {"months": (16.5, 43.0, 60.5), "months, falling": (126.0, 324.0, 432.0)}[name]
    boxes = list(written(drawn[name][1]).values())
    (axes,) = drawn[name][1].axes
    for box, middle in zip(boxes[:3], middles, strict=True):
        assert (box.y0 + box.y1) / 2 == pytest.approx(axes.transData.transform((0, middle))[1], abs=3)


def test_a_label_that_had_to_move_stays_tied_to_the_middle_of_its_band(drawn) -> None:
    # thin bands: 2000, 1, 0, 1, 1 at the last month; so the middles are
    middles = [1000.0, 2000.5, 2001.0, 2001.5, 2002.5]
    (axes,) = drawn["months, thin bands"][1].axes
    tied = [float(line.get_ydata()[0]) * axes.get_ylim()[1] for line in axes.lines]
    assert tied == pytest.approx(middles)
    ends = [float(line.get_ydata()[1]) for line in axes.lines]
    assert ends == [text.get_position()[1] for text in axes.texts]


@pytest.mark.parametrize("name", ["months, huge", "months, five years"])
def test_long_names_leave_the_bands_their_room(name, drawn) -> None:
    figure = drawn[name][1]
    assert figure.axes[0].get_window_extent().width > 0.45 * figure.bbox.width


@pytest.mark.parametrize("count", [1, 2, 3, 7, 13, 24, 60])
def test_the_axis_names_the_last_month_and_few_others_evenly(count) -> None:
    with watched() as seen:
        months([[5, 4, 3, 2, 1]] * count)
    (axes,) = seen[0].axes
    places, names = sorted(axes.get_xticks()), [text.get_text() for text in axes.get_xticklabels()]
    assert f"{2025 + (count - 1) // 12}年{(count - 1) % 12 + 1}月" in names and places[-1] == count - 1
    assert len(names) <= 5 and len(set(np.diff(places))) <= 1


@given(st.lists(st.floats(0, 1), min_size=1, max_size=12).map(sorted))
def test_labels_at_the_right_end_never_overlap_however_thin_the_bands(middles) -> None:
    placed = layers._apart(middles)
    assert (np.diff(placed) >= layers.LABEL_GAP - 1e-9).all()
    assert placed[0] > 0 and placed[-1] < 1


def test_labels_with_room_stay_where_their_bands_are() -> None:
    assert layers._apart([0.1, 0.3, 0.5, 0.9]) == [0.1, 0.3, 0.5, 0.9]


def drawn_values(figure: Figure) -> list[float]:
    """Return where dots stand."""
    lines = [line for line in figure.axes[0].lines if line.get_marker() not in ("None", None, "")]
    return [float(value) for line in lines for value in line.get_xdata() if value == value]


def test_too_few_customers_make_no_claim() -> None:
    rows = [(0, 0.5, 0.1, 0.9, 4), (1, 0.2, 0.15, 0.26, 400)]
    with watched() as seen:
        shy = rates(rows, claim_from=5).alt
        bold = rates(rows, claim_from=4).alt
    assert shy == "割合と誤差の幅の図。観測は—  4人(まだ人数が足りません)、着地は20.0%(15.0〜26.0%)  400人"
    assert bold.startswith("割合と誤差の幅の図。観測は50.0%(10.0〜90.0%)  4人、")
    assert [drawn_values(figure) for figure in seen] == [[0.2], [0.5, 0.2]]
    # the axis ends a little above the largest interval that is drawn: 0.26 × 1.08, 0.9 × 1.08
    assert [figure.axes[0].get_xlim()[1] for figure in seen] == pytest.approx([0.2808, 0.972])


def test_a_row_without_a_value_has_no_dot() -> None:
    with watched() as seen:
        rates([(0, NAN, NAN, NAN, 0), (1, 0.3, 0.2, 0.4, 9)])
        rates([(0, NAN, NAN, NAN, 0)])
    assert [drawn_values(figure) for figure in seen] == [[0.3], []]
    # up to 0.4 × 1.08, in at most four steps of a round width: 0, 20, 40% | and no scale at all where nothing is drawn
    assert [list(figure.axes[0].get_xticks()) for figure in seen] == [pytest.approx([0, 0.2, 0.4]), []]


def test_two_groups_differ_in_shape_and_stand_together_under_their_label() -> None:
    with watched() as seen:
        together = rates(PAIRS, "group")
        scattered = rates([PAIRS[0], PAIRS[2], PAIRS[1], PAIRS[3]], "group")
    assert scattered == together
    shapes = [line.get_marker() for line in seen[0].axes[0].lines if line.get_marker() not in ("None", None, "")]
    assert shapes == ["o", "D", "o", "D"]
    texts = sorted(seen[0].axes[0].texts, key=lambda text: text.get_position()[1])
    first_words = [text.get_text().split("  ")[0] for text in texts]
    assert first_words == [
        "ご注文",
        "あった方",
        "なかった方",
        "今、メールを受け取っていない",
        "あった方",
        "なかった方",
    ]


def test_two_labels_of_one_name_stay_two_rows() -> None:
    same = {"0": "同じ名", "1": "同じ名"}
    assert rates([(0, 0.1, 0.0, 0.2, 50), (1, 0.2, 0.1, 0.3, 60)], names=same).alt.count("同じ名は") == 2


def test_a_flow_between_stages_marks_the_ways_back_and_names_its_kind() -> None:
    rows = [("-1", "0", 5), ("0", "1", 3), ("2", "1", 4), ("1", "1", 9)]
    frame = pd.DataFrame(rows, columns=["from_stage", "to_stage", "customers"])
    names = NAMES | {"-1": "(まだお会いしていない)"}
    shape = {"order": ["-1", *NAMES], "names": names, "ends": ("前", "今"), "title": "題", "of": "stage"}
    plain, marked = flow.between(frame, **shape), flow.between(frame, **shape, backward=True)
    assert plain.alt == marked.alt
    assert marked.alt.startswith(
        "ステージのあいだの移り変わり。多い順に、(まだお会いしていない)から観測へ5人、共感から着地へ4人"
    )
    assert plain.png != marked.png
    upward = frame[frame["from_stage"] != "2"]
    assert flow.between(upward, **shape).png == flow.between(upward, **shape, backward=True).png
    numbers = frame.astype({"from_stage": "int64", "to_stage": "int64"})
    assert flow.between(numbers, **shape, backward=True) == marked, "codes may be numbers"


def test_a_grid_takes_the_clients_own_names() -> None:
    frame = pd.DataFrame({"rfm_level": ["high", "low"], "stage": [0, 4], "customers": [3, 5]})
    scales = {"down_order": ("high", "low"), "across_order": range(5), "names": NAMES}
    told = grid.crossed(frame, "rfm_level", "stage", value="customers", title="題", **scales).alt
    assert told == "RFMの高さとステージを組み合わせた表。高い×観測 3人、低い×循環 5人"
