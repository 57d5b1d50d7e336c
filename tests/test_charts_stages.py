"""The pictures of the stage chapter: every figure in the alt text, nothing clipped, the sure told from the hinted."""

import datetime as dt
import io

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from horetsu_utils.charts import dots, flow, grid, layers
from horetsu_utils.charts.theme import NOTHING_TO_SHOW, Picture

pytestmark = pytest.mark.filterwarnings("error")
NAMES = {"0": "観測", "1": "着地", "2": "共感", "3": "関与", "4": "循環"}
HOSTILE = {
    **NAMES,
    "2": '<script>alert(1)</script>"髙①',
    "3": "とても長い名前のステージで画面のはしまで届いてしまう名前",
}
NAN = float("nan")


def bars(firm: list[float], hinted: list[float], names: dict[str, str] = NAMES) -> Picture:
    frame = pd.DataFrame({"stage": range(len(firm)), "customers": firm, "hinted_customers": hinted})
    return layers.firm_and_hinted(frame, "stage", "customers", "hinted_customers", title="題", names=names)


def months(counts: list[list[int]], names: dict[str, str] = NAMES) -> Picture:
    ends = [dt.date(2025 + place // 12, place % 12 + 1, 28) for place in range(len(counts))]
    rows = [(end, stage, people) for end, each in zip(ends, counts, strict=True) for stage, people in enumerate(each)]
    frame = pd.DataFrame(rows, columns=["month_end", "stage", "customers"])
    return layers.over_time(frame, "month_end", "stage", "customers", order=range(5), title="題", names=names)


def rates(rows: list[tuple], by: str = "") -> Picture:
    columns = [*(["outcome_after", "group"] if by else ["stage"]), "value", "low", "high", "customers"]
    frame = pd.DataFrame(rows, columns=columns)
    return dots.rates(frame, columns[0], "customers", title="題", by=by, names=NAMES)


def pixels(picture: Picture) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(picture.png)).convert("L"), dtype=int)


PICTURES = {
    "bars": lambda: bars([1002, 1115, 503, 261, 119], [0, 37, 119, 3, 0]),
    "bars, huge": lambda: bars([1_000_000, 1], [0, 250_000]),
    "bars, unknown": lambda: bars([3, NAN], [NAN, 0]),
    "bars, nobody": lambda: bars([0, 0], [0, 0]),
    "bars, hostile": lambda: bars([1, 2, 3, 4, 5], [0, 0, 9, 9, 0], HOSTILE),
    "months": lambda: months([[10 + place, 20, 15, 5, 1] for place in range(24)]),
    "months, thin bands": lambda: months([[1000, 1, 1, 1, 1], [2000, 1, 0, 1, 1]]),
    "months, top-heavy": lambda: months([[0, 0, 0, 0, 9], [0, 0, 0, 1, 900]]),
    "months, one": lambda: months([[3, 2, 1, 0, 0]]),
    "months, nobody": lambda: months([[0, 0, 0, 0, 0]] * 3),
    "months, five years": lambda: months([[place, place, 1, 1, 0] for place in range(60)], HOSTILE),
    "rates": lambda: rates([(0, 0.064, 0.047, 0.087, 606), (4, 0.512, 0.425, 0.599, 123)]),
    "rates, unknown": lambda: rates([(0, NAN, NAN, NAN, 0), (1, 0.5, NAN, NAN, 2)]),
    "rates, all unknown": lambda: rates([(0, NAN, NAN, NAN, 0)]),
    "rates, zero and one": lambda: rates([(0, 0.0, 0.0, 0.0001, 9_999_999), (1, 1.0, 0.9999, 1.0, 1)]),
    "rates, pairs": lambda: rates(
        [("order", "treated", 0.239, 0.153, 0.353, 67), ("order", "spared", 0.233, 0.222, 0.244, 2230),
         ("complaint", "treated", 0.0, 0.0, 0.054, 67), ("complaint", "spared", 0.004, 0.0, 0.007, 2230)], "group"
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", sorted(PICTURES))
def test_every_picture_is_whole_and_the_same_twice(name: str) -> None:
    picture = PICTURES[name]()
    assert picture.png == PICTURES[name]().png
    edge = pixels(picture)
    # nothing is cut off: the outermost pixels are paper
    for side in (edge[0], edge[-1], edge[:, 0], edge[:, -1]):
        assert side.min() > 245
    assert "nan" not in picture.alt.lower()


def test_the_alt_texts_tell_every_figure() -> None:
    told = PICTURES["bars"]().alt
    assert (
        told == "棒グラフ。観測 1,002人、着地 1,115人 暫定 37人、共感 503人 暫定 119人、関与 261人 暫定 3人、循環 119人"
    )
    assert PICTURES["months, one"]().alt == (
        "2025年1月から2025年1月までの積み重ねグラフ。さいごの月は、観測 3人、着地 2人、共感 1人、関与 0人、循環 0人"
    )
    assert PICTURES["rates, unknown"]().alt == "割合と誤差の幅の図。観測は— 0人、着地は50.0% 2人"
    assert "ご注文はあった方 23.9%(15.3%〜35.3%) 67人、ご注文はなかった方 23.3%(22.2%〜24.4%) 2,230人" in (
        PICTURES["rates, pairs"]().alt
    )


@pytest.mark.parametrize("make", [lambda: bars([], []), lambda: months([]), lambda: rates([])])
def test_without_rows_a_sentence_stands_in_place_of_the_picture(make) -> None:
    assert make().alt == NOTHING_TO_SHOW


def test_the_hatched_part_differs_from_the_sure_one_without_colour() -> None:
    sure, hinted = pixels(bars([100], [0])), pixels(bars([1], [100]))
    assert (sure < 100).mean() > 10 * (hinted < 100).mean()


def test_labels_at_the_right_end_never_overlap_however_thin_the_bands() -> None:
    for middles in ([0.0, 0.01, 0.02, 0.03, 0.99], [0.95, 0.96, 0.97, 0.98, 0.99], [0.1, 0.3, 0.5, 0.7, 0.9]):
        placed = layers._apart(middles)
        gaps = np.diff(placed)
        assert (gaps >= layers.LABEL_GAP - 1e-9).all()
        assert placed[0] > 0 and placed[-1] < 1


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


def test_a_grid_takes_the_clients_own_names() -> None:
    frame = pd.DataFrame({"rfm_level": ["high", "low"], "stage": [0, 4], "customers": [3, 5]})
    scales = {"down_order": ("high", "low"), "across_order": range(5), "names": NAMES}
    told = grid.crossed(frame, "rfm_level", "stage", value="customers", title="題", **scales).alt
    assert told == "RFMの高さとステージを組み合わせた表。高い×観測 3人、低い×循環 5人"
