"""The pictures of the story: every reading in the alt text, gaps as gaps, one record is drawn, few people are not."""

import datetime as dt

import pandas as pd
import pytest
from drawings import drawings, is_whole, watched

from horetsu_utils.charts import growth, theme

pytestmark = pytest.mark.filterwarnings("error")
START = dt.date(2026, 1, 5)


def grown(rows: list[tuple]) -> pd.DataFrame:
    """Rows of day_from, value, spread, customers."""
    frame = pd.DataFrame(rows, columns=["day_from", "value", "spread", "customers"])
    return frame.assign(low=frame["value"] - frame["spread"], high=frame["value"] + frame["spread"])


def weeks(shares: list[tuple[float, float, float]]) -> pd.DataFrame:
    rows = [
        (START + dt.timedelta(weeks=place), mood, ratio)
        for place, each in enumerate(shares)
        for mood, ratio in zip(("良い", "普通", "悪い"), each, strict=True)
        if ratio
    ]
    return pd.DataFrame(rows, columns=["week_on", "emotion", "ratio"])


def points(rows: list[tuple]) -> pd.DataFrame:
    """Rows of day, score, emotion, stretch, level."""
    frame = pd.DataFrame(rows, columns=["day", "score", "emotion", "stretch", "level"])
    return frame.assign(on=[START + dt.timedelta(days=day) for day in frame["day"]])


LONG = [(day, 1 + day / 200, 0.2, 90 - day // 7) for day in range(0, 420, 7)]
MAKERS = {
    "growth": lambda: growth.growth(
        grown([(0, 1.5, 0.1, 40), (7, 2.0, 0.2, 30), (14, 9, 9, 29)]), title="題", least=30
    ),
    "a long growth": lambda: growth.growth(grown(LONG), title="題", least=30),
    "one interval": lambda: growth.growth(grown([(0, 1.5, 0.1, 40)]), title="題", least=30),
    "wave": lambda: growth.wave(weeks([(0.5, 0.25, 0.25), (1, 0, 0), (0, 0.98, 0.02)]), title="題"),
    "a year of weeks": lambda: growth.wave(weeks([(0.4, 0.35, 0.25)] * 52), title="題"),
    "one week": lambda: growth.wave(weeks([(0, 1, 0)]), title="題"),
    "path": lambda: growth.path(
        points([(0, 1, "悪い", 0, 1.0), (5, 3, "普通", 0, 2.0), (60, 5, "良い", 1, 5.0)]), title="題"
    ),
    "one record": lambda: growth.path(points([(0, 3, "良い", 0, 3.0)]), title="題"),
}


@pytest.fixture(scope="module")
def drawn() -> dict:
    return drawings(MAKERS)


@pytest.mark.parametrize("name", MAKERS)
def test_nothing_is_cut_off(drawn, name: str) -> None:
    assert is_whole(drawn[name][0])


def test_few_people_are_neither_drawn_nor_told(drawn) -> None:
    picture, figure = drawn["growth"]
    assert picture.alt == "折れ線グラフ。変化点数の平均は、0日 1.5点(1.4〜1.6) 40人、7日 2.0点(1.8〜2.2) 30人"
    assert list(figure.axes[0].lines[0].get_xdata()) == [0, 7]


def test_a_long_alt_text_tells_some_readings_and_the_last(drawn) -> None:
    told = drawn["a long growth"][0].alt
    assert told.count("人") <= growth.ALT_POINTS
    assert told.endswith("413日 3.1点(2.9〜3.3) 31人")


def test_the_wave_tells_each_weeks_shares(drawn) -> None:
    assert drawn["wave"][0].alt == (
        "週ごとのお気持ちの割合の図。2026年1月5日の週は、良い 50%、普通 25%、悪い 25%。"
        "2026年1月12日の週は、良い 100%、普通 0%、悪い 0%。2026年1月19日の週は、良い 0%、普通 98%、悪い 2%"
    )


def test_a_gap_is_a_gap(drawn) -> None:
    picture, figure = drawn["path"]
    lines = [list(line.get_ydata()) for line in figure.axes[0].lines]
    assert lines == [[1.0, 2.0], [5.0]]
    assert picture.alt == (
        "お一人の変化点数の図。2026年1月5日 1点(悪い)、2026年1月10日 3点(普通)、2026年3月6日 5点(良い)"
    )


def test_an_empty_book_says_so() -> None:
    with watched() as seen:
        empty = [
            growth.growth(grown([]), title="題", least=30),
            growth.growth(grown([(0, 1, 0, 29)]), title="題", least=30),
            growth.wave(weeks([]), title="題"),
            growth.path(points([]), title="題"),
        ]
    assert len(seen) == 4
    assert {picture.alt for picture in empty} == {theme.NOTHING_TO_SHOW}
