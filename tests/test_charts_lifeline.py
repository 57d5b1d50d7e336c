"""The picture of one customer's lifeline: nothing covers anything, every lane is told, hostile names are only names."""

import datetime as dt

import pandas as pd
import pytest
from drawings import crowded, drawings, is_whole, watched, words_on

from horetsu_utils.charts import lifeline, theme

pytestmark = pytest.mark.filterwarnings("error")
UNTIL = dt.date(2026, 6, 30)
NAMES = {"0": "観測", "1": "着地", "2": "共感", "3": "関与", "4": "循環"}
EVIL = {number: f"<b>${name}$</b>とても長い名前🌸" for number, name in NAMES.items()}


def frame(*rows: tuple) -> pd.DataFrame:
    """Rows of days before the last one, kind, value, word."""
    told = [(UNTIL - dt.timedelta(days=ago), kind, value, word) for ago, kind, value, word in rows]
    return pd.DataFrame(told, columns=["on", "kind", "value", "word"])


WHOLE = frame(
    (400, "order", 3000.0, None),
    (400, "stage", 0.0, "warm"),
    (380, "contact_out", None, "none"),
    (380, "stage", 1.0, "warm"),
    (200, "change", 2.0, "悪い"),
    (199, "change", 4.0, "良い"),
    (150, "voice", 1.0, "moved"),
    (140, "voice", -1.0, "disappointed"),
    (120, "contact_in", None, "complaint"),
    (120, "stage", 1.0, "cooling"),
    (90, "order", -500.0, "credit"),
    (30, "stage", 0.0, "cooling"),
)
LONG = frame(*[(day, "change", float(day % 6), ("良い", "普通", "悪い")[day % 3]) for day in range(3000, 0, -1)])


def draw(moments: pd.DataFrame, names: dict = NAMES, **words: str) -> theme.Picture:
    return lifeline.lifeline(moments, names, until=UNTIL, title="題", **words)


MAKERS = {
    "whole": lambda: draw(WHOLE),
    "one order today": lambda: draw(frame((0, "order", 1000.0, None), (0, "stage", 0.0, "warm"))),
    "a month": lambda: draw(frame((31, "order", 1000.0, None), (31, "stage", 0.0, "warm"))),
    "half a year": lambda: draw(frame((170, "contact_out", None, "none"), (170, "stage", 0.0, "warm"))),
    "eight years": lambda: draw(LONG),
    "a century": lambda: draw(frame((36_500, "order", 1.0, None))),
    "a free order": lambda: draw(frame((40, "order", 0.0, None), (40, "stage", 0.0, "warm"))),
    "only given back": lambda: draw(frame((40, "order", -900.0, "credit"))),
    "a huge amount": lambda: draw(frame((40, "order", 987_654_321.0, None), (39, "order", -987_654_321.0, "credit"))),
    "no stage": lambda: draw(frame((40, "voice", 0.0, "content"))),
    "hostile names": lambda: draw(WHOLE, EVIL),
    "dollars": lambda: draw(WHOLE, currency="USD"),
}


@pytest.fixture(scope="module")
def drawn() -> dict:
    return drawings(MAKERS)


@pytest.mark.parametrize("name", MAKERS)
def test_nothing_is_cut_off_and_no_words_cover_others(drawn, name: str) -> None:
    picture, figure = drawn[name]
    assert is_whole(picture)
    assert crowded(figure) == []


def test_every_lane_is_told_in_words(drawn) -> None:
    assert drawn["whole"][0].alt == (
        "お一人の歩みを、時間に沿って並べた図。ステージは、2025年5月26日 観測、2025年6月15日 着地、"
        "2026年3月2日 着地(冷めかけ)、2026年5月31日 観測(冷めかけ)。変化の点数は、2025年12月12日 2点(悪い)、"
        "2025年12月13日 4点(良い)。お声は、2026年1月31日 期待を超えた、2026年2月10日 期待を下回った。"
        "ご注文は、2025年5月26日 3,000円、2026年4月1日 -500円。連絡は、お店から 1回、お客様から 1回。そのうち苦情は 1回"
    )


def test_an_empty_lane_says_so_and_shows_no_key(drawn) -> None:
    words = words_on(drawn["one order today"][1])
    assert words.count(lifeline.NOTHING) == 2
    assert "良い" not in words
    assert "期待を超えた" not in words
    assert words_on(drawn["whole"][1]).count(lifeline.NOTHING) == 0


def test_a_long_alt_text_tells_some_records_and_the_last(drawn) -> None:
    told = drawn["eight years"][0].alt
    assert told.count("点(") <= 12
    assert told.endswith("2026年6月29日 1点(普通)")


@pytest.mark.parametrize(("name", "most"), [("a month", 6), ("half a year", 6), ("eight years", 6), ("a century", 6)])
def test_the_calendar_has_few_marks_in_order(drawn, name: str, most: int) -> None:
    texts = [text for text in drawn[name][1].axes[0].texts if text.get_text().endswith("月") or "/" in text.get_text()]
    places = [text.get_position()[0] for text in texts]
    assert 2 <= len(places) <= most
    assert places == sorted(places)


def test_bars_are_as_high_as_amounts_and_what_was_given_back_hangs_below(drawn) -> None:
    bars = drawn["whole"][1].axes[0].patches
    up, down = (bar.get_height() for bar in bars)  # inches count down the picture
    assert up < 0 < down
    assert up / down == pytest.approx(-6)


def test_a_steps_line_is_broken_while_the_tie_cools(drawn) -> None:
    lines = [line for line in drawn["whole"][1].axes[0].lines if line.get_linewidth() == 2.4]
    spells = [line for line in lines if line.get_xdata()[0] >= lifeline.FIRST and len(set(line.get_ydata())) == 1]
    assert [line.get_color() for line in spells[-4:]] == [theme.ACCENT, theme.ACCENT, theme.WARM, theme.WARM]
    ends = [tuple(line.get_xdata()) for line in spells[-4:]]
    assert [first for first, _ in ends[1:]] == [last for _, last in ends[:-1]]
    assert ends[-1][1] == pytest.approx(lifeline.LAST)


def test_nothing_gives_a_sentence_instead_of_a_picture() -> None:
    with watched():
        picture = draw(WHOLE.iloc[:0], note="注")
    assert (picture.title, picture.alt, picture.note) == ("題", theme.NOTHING_TO_SHOW, "注")


def test_names_are_escaped_on_the_page(drawn) -> None:
    assert "<b>" not in drawn["hostile names"][0].to_html()
