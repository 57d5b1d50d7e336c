import base64
import datetime as dt
import io
import re
import subprocess
import sys
import warnings
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import replace
from html.parser import HTMLParser

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
from PIL import Image

from horetsu_utils.charts import bars, flow, grid, lines, tables, theme
from horetsu_utils.charts.theme import Picture

pytestmark = pytest.mark.filterwarnings("error")
UNKNOWN = float("nan")
MARKUP = ["<script>alert(1)</script>", '"><img onerror=alert(1)>', "$x^2$ & $y"]
HOSTILE = [*MARKUP, "髙①〜㈱﨑", "改行\nと\tタブ", "絵文字😀"]
LONG = "とても長い名前の層でどこまでも続いていて画面のはしまで届いてしまう名前"
TITLE = "売上は<b>どこ</b>から"


def segment_bars(rows: list[tuple], **more) -> Picture:
    frame = pd.DataFrame(rows, columns=["segment", "customers"])
    return bars.ranked(frame, "segment", "customers", title=TITLE, note="注<i>", **more)


def score_grid(rows: list[tuple], value: str = "customers") -> Picture:
    frame = pd.DataFrame(rows, columns=["frequency_score", "recency_score", value])
    scales = {"down_order": range(5, 0, -1), "across_order": range(1, 6)}
    return grid.crossed(frame, "frequency_score", "recency_score", value=value, title=TITLE, **scales)


def share_line(rows: list[tuple], along: str = "running_customer_ratio") -> Picture:
    frame = pd.DataFrame(rows, columns=[along, "running_ratio"])
    return lines.running_share(frame, along, "running_ratio", title=TITLE)


def reference(rows: list[tuple], currency: str = "JPY") -> Picture:
    frame = pd.DataFrame(rows, columns=["measure", "value", "low", "high", "line"])
    return lines.against_line(frame, title=TITLE, currency=currency)


def moves(rows: list[tuple], names: dict[str, str] | None = None) -> Picture:
    frame = pd.DataFrame(rows, columns=["from_segment", "to_segment", "customers"])
    order = ["not_yet", "a", "b", "c", *HOSTILE]
    ends = ("2026年4月1日", "2026年6月30日")
    return flow.between(frame, order=order, names=names or {}, ends=ends, title=TITLE, highlight=("c",))


CELLS = [(f, r, 10 * f * r) for f in range(1, 6) for r in range(1, 6) if (f, r) != (3, 4)]
PICTURES: dict[str, Callable[[], Picture]] = {
    "bars": lambda: segment_bars([("loyal", 1204), ("new", 30), ("dormant", 1)], highlight=("new",)),
    "bars, none": lambda: segment_bars([]),
    "bars, one": lambda: segment_bars([("loyal", 1)]),
    "bars, all zero": lambda: segment_bars([("loyal", 0), ("new", 0)]),
    "bars, extreme": lambda: segment_bars([("loyal", 10**9), ("new", -(10**7)), (LONG, UNKNOWN), ("x", 1)]),
    "bars, hostile": lambda: segment_bars([(name, place + 1) for place, name in enumerate(HOSTILE)]),
    "bars, many": lambda: segment_bars([(f"層{place}", place) for place in range(40)]),
    "grid": lambda: score_grid(CELLS),
    "grid, none": lambda: score_grid([]),
    "grid, one": lambda: score_grid([(3, 3, 7)]),
    "grid, yen": lambda: score_grid([(f, r, (f * r) ** 5 * 1e5) for f, r, _ in CELLS], "sales_yen"),
    "grid, extreme": lambda: score_grid([(1, 1, -5), (5, 5, 10**9), (2, 2, 0)]),
    "grid, unknown": lambda: score_grid([(1, 1, UNKNOWN)]),
    "share": lambda: share_line([(0.1, 0.42), (0.2, 0.6), (0.5, 0.9), (1.0, 1.0)]),
    "share, by tenths": lambda: share_line([(tenth, tenth**0.5 / 10**0.5) for tenth in range(1, 11)], "decile"),
    "share, none": lambda: share_line([]),
    "share, one": lambda: share_line([(1.0, 1.0)]),
    "share, extreme": lambda: share_line([(0.5, 1.9), (0.8, 1.2), (1.0, 1.0)]),
    "share, unknown": lambda: share_line([(0.5, UNKNOWN), (1.0, UNKNOWN)]),
    "lines": lambda: reference([("repeat_ratio", 0.4, 0.3, 0.5, 0.6), ("annual_ltv_yen", 19e3, 18.5e3, 2e4, 18e3)]),
    "lines, none": lambda: reference([]),
    "lines, one": lambda: reference([("repeat_ratio", 1.0, 0.9, 1.0, 0.6)]),
    "lines, extreme": lambda: reference([("repeat_ratio", 0.0, 0.0, 0.9, 0.6), ("annual_ltv_yen", 9e9, -1e9, 2e10, 1)]),
    "lines, no line": lambda: reference([("repeat_ratio", 0.4, 0.3, 0.5, 0.0)]),
    "lines, unknown": lambda: reference(
        [("repeat_ratio", *[UNKNOWN] * 3, 0.6), ("annual_ltv_yen", 500, UNKNOWN, UNKNOWN, 18_000)]
    ),
    "flow": lambda: moves([("a", "b", 300), ("a", "a", 20), ("b", "c", 40), ("not_yet", "a", 5)], {"a": "優良"}),
    "flow, none": lambda: moves([]),
    "flow, one": lambda: moves([("a", "a", 1)]),
    "flow, extreme": lambda: moves([("a", "a", 10**9), ("b", "c", 1), ("c", "b", 1), ("not_yet", "c", 1)]),
    "flow, hostile": lambda: moves([(name, "c", 5) for name in HOSTILE]),
}


class _Tags(HTMLParser):
    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data


def pixels(picture: Picture) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(picture.png)).convert("RGB"))


@pytest.fixture(scope="module")
def drawn() -> dict[str, Picture]:
    """Draw every picture once; a warning, such as a glyph that the font lacks, is an error."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        return {name: draw() for name, draw in PICTURES.items()}


@pytest.mark.parametrize("name", PICTURES)
def test_every_picture_is_a_png_with_words(name, drawn) -> None:
    picture = drawn[name]
    assert picture.png.startswith(b"\x89PNG\r\n") and (pixels(picture) < 255).any()
    assert picture.title == TITLE
    assert re.search("[ぁ-ん一-龥]", picture.alt), "alt text is Japanese"
    assert not re.search(r"\bnan\b|None|NaT|<NA>", picture.alt)


@pytest.mark.parametrize("name", PICTURES)
def test_nothing_is_cut_off_at_the_edges(name, drawn) -> None:
    shown = pixels(drawn[name])
    for edge in (shown[:2], shown[-2:], shown[:, :2], shown[:, -2:]):
        assert (edge == 255).all()


@pytest.mark.parametrize("name", PICTURES)
def test_html_of_a_picture_lets_no_text_become_markup(name, drawn) -> None:
    page = _Tags(drawn[name].to_html())
    assert {tag for tag, _ in page.found} <= {"figure", "figcaption", "img", "p"}
    if drawn[name].alt == theme.NOTHING_TO_SHOW:
        assert page.found == [("p", {"class": "hz-remark"})]
        assert page.text == f"{TITLE}。"
        return
    (image,) = [attributes for tag, attributes in page.found if tag == "img"]
    assert set(image) == {"alt", "src"} and image["alt"] == drawn[name].alt
    assert base64.b64decode(str(image["src"]).removeprefix("data:image/png;base64,")) == drawn[name].png
    assert page.text == TITLE + drawn[name].note


@pytest.mark.parametrize("name", ["bars", "grid", "share", "lines", "flow", "bars, none"])
def test_the_same_figures_give_the_same_bytes(name, drawn) -> None:
    assert PICTURES[name]().png == drawn[name].png


@pytest.mark.parametrize("name", ["bars", "grid", "share", "lines", "flow", "bars, none"])
def test_drawing_leaves_the_settings_of_matplotlib_as_they_were(name) -> None:
    with mpl.rc_context({"font.size": 7.5, "font.family": ["serif"], "axes.grid": True}):
        before = {key: value for key, value in mpl.rcParams.items() if key != "backend"}
        PICTURES[name]()
        assert {key: value for key, value in mpl.rcParams.items() if key != "backend"} == before


def test_importing_the_charts_changes_no_setting_of_matplotlib() -> None:
    code = (
        "import matplotlib as mpl; before = dict(mpl.rcParams)\n"
        "from horetsu_utils.charts import bars, flow, grid, lines, tables\n"
        "assert dict(mpl.rcParams) == before, set(mpl.rcParams.items()) ^ set(before.items())"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_a_picture_is_drawn_in_the_japanese_font() -> None:
    with theme.canvas(1.0) as (figure, axes):
        words = axes.text(0, 0, "髙①〜㈱")
        assert not words.get_parse_math(), "a $ is a sign of money, never of a formula"
        assert words.get_fontname() == theme.FONT and figure.get_facecolor() == (1.0, 1.0, 1.0, 1.0)


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("髙①〜㈱﨑", "髙①〜㈱﨑"),
        ("贈り物😀", "贈り物〓"),
        ("上\n下\t右", "上 下 右"),
        ("", ""),
        (LONG, LONG[:15] + "…"),
    ],
)
def test_a_label_is_one_short_line_of_signs_the_font_has(name, shown) -> None:
    assert theme.label(name) == shown


def test_alt_text_keeps_the_whole_name_that_the_picture_shortens() -> None:
    assert segment_bars([(LONG, 3)]).alt == f"棒グラフ。{LONG} 3人"


def test_two_bars_of_one_name_stay_two_bars() -> None:
    picture = segment_bars([("a", 4), ("b", 2)], names={"a": "同じ名", "b": "同じ名"})
    assert picture.alt == "棒グラフ。同じ名 4人、同じ名 2人"
    colour = np.array([int(theme.ACCENT[place : place + 2], 16) for place in (1, 3, 5)])
    rows = (pixels(picture) == colour).all(axis=2).sum(axis=1)
    lengths = sorted(set(rows[rows > 40]))
    assert len(lengths) == 2 and lengths[0] == pytest.approx(lengths[1] / 2, rel=0.02)


def test_bars_word_money_in_the_clients_currency() -> None:
    frame = pd.DataFrame({"state": ["new", "fan"], "sales_yen": [9800.0, 1_240_000.0]})
    picture = bars.ranked(frame, "state", "sales_yen", title="売上", currency="GBP")
    assert picture.alt == "棒グラフ。新規 9,800ポンド、ファン 124万ポンド"


def test_bars_take_words_of_the_callers_own() -> None:
    picture = segment_bars([("a", 4)], say=lambda number: f"およそ{number:.0f}組")
    assert picture.alt == "棒グラフ。a およそ4組"


def test_a_pair_that_does_not_occur_is_no_zero() -> None:
    assert score_grid([(3, 3, 7), (1, 5, 0)]).alt == "回数の点数と最近さの点数を組み合わせた表。3×3 7人、1×5 0人"


def test_the_running_share_says_how_many_stand_behind_it() -> None:
    found = share_line([(0.1, 0.42), (0.35, 0.8), (1.0, 1.0)]).alt
    assert found == "お客様を購入金額の多い順に足したときの、売上の割合。上位1割で42.0%、上位35.0%で80.0%、全員で100.0%"


def test_the_reference_picture_tells_value_and_line() -> None:
    picture = reference([("repeat_ratio", 0.4, 0.3, 0.5, 0.6), ("annual_ltv_yen", 1.0, 0.5, 2.0, 1.0)], "USD")
    told = "リピート率は40.0%、目安は60.0%。年間LTV(1人あたり)は1ドル、目安は1ドル"
    assert picture.alt == f"目安の線と比べた図。{told}"


def test_the_flow_tells_the_widest_ways_first() -> None:
    names = {"a": "優良", "b": "安定", "c": "休眠"}
    assert moves([("a", "b", 2), ("b", "c", 30), ("a", "a", 99)], names).alt == (
        "層のあいだの移り変わり。多い順に、安定から休眠へ30人、優良から安定へ2人"
    )
    assert moves([("a", "a", 99)], names).alt == "層のあいだの移り変わり。動いた方はいません"


def test_without_rows_a_picture_says_so() -> None:
    for name in (
        "bars, none",
        "grid, none",
        "grid, unknown",
        "share, none",
        "lines, none",
        "lines, no line",
        "flow, none",
    ):
        assert PICTURES[name]().alt == "お見せできる数字が、まだありません。"


def cells(frame: pd.DataFrame, *args, **more) -> list[str]:
    return re.findall(r"<td[^>]*>(.*?)</td>", tables.table(frame, *args, **more).data)


def test_a_table_words_headings_codes_and_units() -> None:
    frame = pd.DataFrame({"state": ["fan"], "customers": [1234], "sales_yen": [9800.0], "sales_ratio": [0.256]})
    shown = tables.table(frame, caption="顧客状態").data
    assert re.findall(r"<th [^>]*>(.*?)</th>", shown) == ["顧客状態", "お客様の数", "売上", "売上の割合"]
    assert "<caption>顧客状態</caption>" in shown
    assert cells(frame) == ["ファン", "1,234人", "9,800円", "25.6%"]
    assert cells(frame, ["sales_yen"], currency="GBP") == ["9,800ポンド"]


@pytest.mark.parametrize("unknown", [None, UNKNOWN, pd.NA, pd.NaT, np.nan])
@pytest.mark.parametrize("column", ["customers", "sales_yen", "sales_ratio", "note", "state", "ordered_on", "ours"])
def test_a_table_shows_a_dash_for_what_is_not_known(column, unknown) -> None:
    assert cells(pd.DataFrame({column: pd.Series([unknown], dtype=object)})) == ["—"]


def test_a_table_words_days_and_yes_and_no() -> None:
    frame = pd.DataFrame({"ordered_on": [dt.date(2026, 6, 30)], "email_ok": [True], "line_ok": [np.False_]})
    assert cells(frame) == ["2026年6月30日", "はい", "いいえ"]
    assert cells(pd.DataFrame({"ordered_on": pd.to_datetime(["2026-06-30"])})) == ["2026年6月30日"]


def test_a_table_shows_codes_that_are_numbers_in_words() -> None:
    assert cells(pd.DataFrame({"band": [0, 5], "ours": [1234, 5]})) == [
        "1回だけ(または同じ日)",
        "1,234",
        "366日以上",
        "5",
    ]


@pytest.mark.parametrize("name", MARKUP)
def test_a_table_lets_no_text_become_markup(name) -> None:
    frame = pd.DataFrame({name: [name], "segment": ["x"], "product_name": [name]})
    page = _Tags(tables.table(frame, names={"x": name}, caption=name).data)
    assert {tag for tag, _ in page.found} == {"div", "table", "caption", "thead", "tr", "th", "tbody", "td"}
    assert page.text.count(name) == 5
    assert {key for _, attributes in page.found for key in attributes} <= {"class", "scope", "data-label"}


def test_an_empty_table_keeps_its_headings() -> None:
    shown = tables.table(pd.DataFrame({"customers": pd.Series([], dtype="int64")})).data
    assert "お客様の数" in shown and "<td" not in shown


def test_a_table_of_many_texts_turns_to_cards_on_a_narrow_screen() -> None:
    wide = pd.DataFrame({"segment": ["x"], "meaning": ["x"], "next_step": ["x"], "customers": [1]})
    assert 'class="hz-table hz-cards"' in tables.table(wide).data
    assert 'class="hz-table"' in tables.table(wide, ["segment", "customers"]).data


def test_for_somebody_who_waits_the_picture_is_the_same_to_the_eye_and_quicker_made() -> None:
    drawn = []
    for around in (nullcontext, theme.at_once, nullcontext):
        with around(), theme.canvas(1.0) as (figure, axes):
            axes.barh([0, 1], [1, 2], color=[theme.ACCENT, theme.WARM])
            drawn.append(theme.finish(figure, "t", "a", "n"))
    small, quick = (Image.open(io.BytesIO(each.png)).convert("RGB") for each in drawn[:2])
    assert np.abs(np.asarray(small, dtype=int) - np.asarray(quick)).mean() < 2
    assert len(drawn[1].png) > len(drawn[0].png)
    assert drawn[0] == drawn[2]
    assert replace(drawn[1], png=b"") == replace(drawn[0], png=b"")
