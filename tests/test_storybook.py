"""The chapter of the story on whole small shops: from the first record on, with nothing but the story, and the demo."""

import datetime as dt
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from horetsu_utils import demo, storybook
from horetsu_utils.errors import MissingDataError
from horetsu_utils.sentences import story as say
from horetsu_utils.shop import Shop
from horetsu_utils.storybook import Storybook

HEAD = "顧客番号,日付,変化点数,気持ち,目的"
LEAST = 30
HEADINGS = {"changed": "変わった方", "smile": "笑顔の方", "keeps": "続けている方", "low": "元気のない方"}
TUESDAY = dt.date(2026, 6, 30)


@pytest.fixture
def opened(make_client: Callable[..., Path]) -> Callable[..., Storybook]:
    def make(*rows: str, as_of: str = "") -> Storybook:
        text = "\n".join([HEAD, *rows]) + "\n"
        folder = make_client({"story.csv": text}, "  story: [{files: data/story.csv, mapping: generic}]")
        return storybook.storybook(Shop.open(folder, as_of=as_of))

    return make


def test_one_record_says_what_the_second_will_show(opened) -> None:
    book = opened(f"A,{TUESDAY},3,良い,乾燥")
    assert (
        say.coverage(book.told)
        == "記録がはじまりました(2026年6月30日、1件)。2回目の記録がつくと、変化が見えはじめます。"
    )
    assert book.week == (dt.date(2026, 6, 24), TUESDAY)
    assert book.board.empty
    assert book.choices == {"A": "A"}
    assert say.path_title(book.path("A")) == "お一人の歩み: 2回目の記録がつくと、変化が見えはじめます"
    assert say.board_words(book.board, HEADINGS, book.week) == (
        "2026年6月24日から2026年6月30日までの1週間のボードには、まだどなたもいらっしゃいません。記録が続くと、ここに並びます。"
    )
    assert say.growth_title(book.growth, book.told, LEAST) == (
        "記録のある方がまだ1人のため、全体の傾向は読み取れません(30人から読み取れます)"
    )
    assert say.purpose_table(book.purposes).empty
    (only,) = say.finding(book.growth, book.board, book.told, LEAST)
    assert (only.figure, only.sentence) == (
        None,
        "記録がはじまりました(2026年6月30日、1件)。2回目の記録がつくと、変化が見えはじめます。",
    )


def test_the_week_ends_with_the_last_record(opened) -> None:
    rows = ("A,2026-06-01,3,良い,", "A,2026-06-25,3,良い,", "A,2026-06-28,3,良い,")
    assert opened(*rows, as_of="2026-06-27").week == (dt.date(2026, 6, 19), dt.date(2026, 6, 25))
    assert opened(*rows).week == (dt.date(2026, 6, 22), dt.date(2026, 6, 28))


def test_what_is_yet_to_come_is_not_seen(opened) -> None:
    rows = ["A,2026-06-01,1,悪い,", "A,2026-06-08,1,悪い,", "A,2026-06-20,5,良い,"]
    assert opened(*rows, as_of="2026-06-10").told["records"] == 2


def test_a_small_shop_in_words(opened) -> None:
    rows = [
        f"A,2026-06-{day:02},{score},{mood}," for day, score, mood in ((1, 1, "悪い"), (9, 1, "普通"), (25, 4, "良い"))
    ]
    book = opened(*rows)
    assert list(book.board["kind"]) == ["changed", "smile"]
    assert say.board_words(book.board, HEADINGS, (book.week[0], book.week[1])) == (
        "2026年6月19日から2026年6月25日までの1週間は、変わった方1人、笑顔の方1人、"
        "続けている方0人、元気のない方0人です。お一人ずつのことは、ボード(board.html)にあります。"
    )


def test_a_shop_without_a_story_is_told_how_to_begin(make_client) -> None:
    text = "注文番号,顧客番号,注文日時,金額\n1,A,2026-06-01,100\n"
    folder = make_client({"orders.csv": text}, "  orders: [{files: data/orders.csv, mapping: generic}]")
    with pytest.raises(MissingDataError, match=r"記入用/story\.csv を data フォルダに写して"):
        storybook.storybook(Shop.open(folder, as_of=""))


@pytest.fixture(scope="module")
def demo_book(demo_client: Path) -> Storybook:
    return storybook.storybook(Shop.open(demo_client, as_of=""))


def test_the_demos_board(demo_book: Storybook) -> None:
    truths = demo.build().truths
    assert demo_book.week_end == truths.board_week_end
    counts = demo_book.board.groupby("kind").size()
    assert (counts["changed"], counts["smile"], counts["low"]) == (8, 10, 8)
    assert demo_book.board["stage"].notna().all()


def test_the_demos_sentences(demo_book: Storybook) -> None:
    told, growth = demo_book.told, demo_book.growth
    assert say.growth_title(growth, told, LEAST) == (
        "変化の点数の平均は、はじめの週が1.8点、623日目からの週が3.0点(記録を続けている30人)です"
    )
    wave = demo_book.wave()
    assert wave["week_on"].nunique() == storybook.WEEKS
    assert say.wave_title(wave, told, LEAST).startswith("この4週間の「良い」は、平均")
    assert say.purpose_title(demo_book.purposes, LEAST) == "なぜ買われたかによる変化の差は、はっきりとはありません"
    change, low = say.finding(growth, demo_book.board, told, LEAST)
    assert change.figure == pytest.approx(1.2, abs=0.05)
    assert low.sentence == "今週は、笑顔が戻った方が10人、このごろ気にかけたい方が8人いらっしゃいます。"


def test_purposes_differ_only_where_the_intervals_do() -> None:
    frame = pd.DataFrame(
        {"purpose": ["甲", "乙"], "customers": [40, 30], "value": [0.5, 1.5], "low": [0.2, 1.2], "high": [0.8, 1.8]}
    )
    assert (
        say.purpose_title(frame, LEAST) == "「乙」の方々は、「甲」の方々より、大きな変化を感じています(+1.5点と+0.5点)"
    )
    assert (
        say.purpose_title(frame.assign(low=[0.2, 0.8]), LEAST)
        == "なぜ買われたかによる変化の差は、はっきりとはありません"
    )
    few = "目的ごとの変化は、まだ読み取れません(1つの目的に30人から読み取れます)"
    assert say.purpose_title(frame.assign(customers=[40, 29]), LEAST) == few
    rest = pd.concat([frame, frame.iloc[:1].assign(purpose=say.REST, low=float("nan"))])
    assert list(say.purpose_table(rest)["なぜ買われたか"]) == ["甲", "乙", "そのほか"]
    assert say.purpose_table(rest)["感じている変化"].iloc[-1] == "+0.5点"


@pytest.mark.parametrize(("now", "words"), [(0.5, "ほぼ変わりません"), (0.6, "増えています"), (0.4, "減っています")])
def test_the_wave_is_compared_with_the_weeks_before(now: float, words: str) -> None:
    weeks = [TUESDAY - dt.timedelta(weeks=place) for place in range(8)]
    shares = [now] * 4 + [0.5] * 4
    frame = pd.DataFrame({"week_on": weeks, "emotion": "良い", "ratio": shares})
    assert say.wave_title(frame, {"customers": 30}, LEAST) == (
        f"この4週間の「良い」は、平均{now:.0%}です(その前の4週間の50%から{words})"
    )
    assert say.wave_title(frame.iloc[:7], {"customers": 30}, LEAST) == f"この4週間の「良い」は、平均{now:.0%}です"


def test_the_board_as_a_command(make_client, horetsu, tmp_path: Path) -> None:
    rows = [f"A,2026-06-{day:02},{score},良い," for day, score in ((1, 1), (9, 1), (25, 4))]
    folder = make_client(
        {"story.csv": "\n".join([HEAD, *rows])}, "  story: [{files: data/story.csv, mapping: generic}]"
    )
    result = horetsu("board", folder, "--as-of", "2026-06-26")
    assert result.exit_code == 0, result.output
    assert result.output.strip() == "ボードができました: reports/shop/2026-06-26/board.html"
    page = (tmp_path / "reports" / "shop" / "2026-06-26" / "board.html").read_text(encoding="utf-8")
    assert "2026年6月19日〜6月25日" in page
    assert "変化の点数が、1点から4点に上がりました。" in page


def test_a_board_without_a_story_says_how_to_begin(make_client, horetsu) -> None:
    text = "注文番号,顧客番号,注文日時,金額\n1,A,2026-06-01,100\n"
    folder = make_client({"orders.csv": text}, "  orders: [{files: data/orders.csv, mapping: generic}]")
    result = horetsu("board", folder)
    assert result.exit_code == 1
    assert "記入用/story.csv を data フォルダに写して" in result.output
    assert "Traceback" not in result.output
