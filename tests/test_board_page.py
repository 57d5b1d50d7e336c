"""The weekly board as a page: one screen, one sheet, nothing asked of any network, and no name that breaks it."""

import datetime as dt
import re
import shutil
from collections.abc import Callable, Iterator
from html import unescape

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from horetsu_utils import assets, board_page, placing
from horetsu_utils.charts import theme
from horetsu_utils.errors import shorten
from horetsu_utils.ledger import cleaned
from horetsu_utils.sentences import board as say

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or ""
NO_BROWSER = "Chromium が見つかりません(Debian なら apt-get install chromium fonts-ipaexfont-gothic)"
WHY = "「普通」や「悪い」が100回続いたあと、12月31日に「良い」。"
CAN = "長く続けてくださることを案じる気持ちを、お一人に宛てて手書きしましょう。"
HOSTILE = ("<script>alert(1)</script>", "長" * 200, "👩‍👩‍👧‍👦" * 12, "\u202eさかさま", "W" * 40, "&amp;\"'")


def worded(each: int, *, who: str = "さくらさん", why: str = WHY, can: str = CAN) -> pd.DataFrame:
    rows = [(heading, who, why, can, say.IS_NEW) for heading in say.KINDS.values() for _ in range(each)]
    return pd.DataFrame(rows, columns=list(say.COLUMNS))


def page(shown: pd.DataFrame, *, records: int = 99, shop_name: str = "さくら化粧品店") -> str:
    week = (dt.date(2026, 6, 24), dt.date(2026, 6, 30))
    return board_page.page(shown, shop_name=shop_name, week_from=week[0], week_to=week[1], records=records)


def words(html: str) -> str:
    """Return what a reader sees of a page."""
    return unescape(re.sub(r"<style>.*?</style>|<[^>]+>", "", html, flags=re.DOTALL))


def test_it_tells_shop_week_sections_and_customers() -> None:
    told = words(page(worded(2)))
    for expected in ("さくら化粧品店", "2026年6月24日〜6月30日", *say.KINDS.values(), "さくらさん", WHY, CAN, "新"):
        assert expected in told
    assert "ほか" not in told


def test_a_week_over_the_turn_of_the_year_names_both_years() -> None:
    html = board_page.page(
        worded(0), shop_name="店", week_from=dt.date(2025, 12, 29), week_to=dt.date(2026, 1, 4), records=2
    )
    assert "2025年12月29日〜2026年1月4日" in html


def test_more_than_fit_are_counted_in_words() -> None:
    """Nine of each kind: six are shown, and three more are told."""
    html = page(worded(9))
    assert html.count('<p class="who">') == 4 * 6
    assert words(html).count("ほか3人") == 4


def test_only_who_is_new_has_the_mark() -> None:
    shown = worded(1)
    shown.loc[1:, say.NEW] = say.NOT_NEW
    assert page(shown).count('<span class="new">新</span>') == 1


def test_an_empty_section_says_what_would_put_somebody_there() -> None:
    told = words(page(worded(0)))
    assert all(sentence in told for sentence in say.EMPTY.values())


@pytest.mark.parametrize("records", [0, 1])
def test_a_first_record_is_told_what_the_second_will_show(records: int) -> None:
    told = words(page(worded(0), records=records))
    assert board_page.START[records] in told
    assert all(sentence in told for sentence in (board_page.SECOND_TITLE, *board_page.SECOND))
    assert not any(sentence in told for sentence in say.EMPTY.values())


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_name_is_text_and_nothing_else(name: str) -> None:
    html = page(worded(1, who=name, why=name, can=name), shop_name=name)
    assert "<script" not in html
    assert html.count("<bdi") == html.count("</bdi>") == 5
    who = re.findall(r"--ems:[^>]*>(.*?)</bdi>", html)
    assert all(len(unescape(each)) <= board_page.LONGEST_WHO for each in who)


@given(name=st.text(st.characters(exclude_categories=("Cs",)), min_size=1, max_size=40))
@settings(max_examples=60, deadline=None)
def test_whatever_a_name_is_it_stands_on_the_page_as_written(name: str) -> None:
    (told,) = re.findall(r"--ems:[^>]*>(.*?)</bdi>", page(worded(1, who=name).head(1)))
    assert unescape(told) == shorten(cleaned(name), board_page.LONGEST_WHO)


def test_the_same_board_gives_the_same_bytes_and_no_address() -> None:
    assert page(worded(6)) == page(worded(6))
    assert not re.search(r"https?:|src=|url\(|@import|<link|<script", page(worded(6)))


def test_its_colours_are_those_of_the_report_and_the_pictures() -> None:
    board, report = ((assets.TEMPLATES / name / "style.css").read_text("utf-8") for name in ("board", "report"))
    colours = re.compile(r"--(ink|muted|rule|paper|tint|accent|warm):(#[0-9a-f]+)")
    assert dict(colours.findall(board.split("*{")[0])) == dict(colours.findall(report.split("*{")[0]))
    assert {theme.INK, theme.ACCENT, theme.WARM, theme.QUIET} <= set(re.findall(r"#[0-9a-f]{6}", board))


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., object]]:
    """Return a function that opens a page in headless Chromium with the network blocked."""
    if not CHROMIUM:
        pytest.skip(NO_BROWSER)
    from playwright.sync_api import sync_playwright

    options = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"]
    path = tmp_path_factory.mktemp("board") / "board.html"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=options)

        def show(html: str, width: int = 1440, height: int = 900, scheme: str = "light") -> object:
            placing.text(path, html)
            context = browser.new_context(
                viewport={"width": width, "height": height}, color_scheme=scheme, offline=True
            )
            shown = context.new_page()
            shown.asked, shown.said = [], []
            shown.on("request", lambda each: shown.asked.append(each.url))
            shown.on("console", lambda each: shown.said.append(each.text))
            shown.on("pageerror", lambda each: shown.said.append(str(each)))
            shown.goto(path.as_uri())
            return shown

        yield show
        browser.close()


FULL = [worded(each, who="さ" * 20) for each in (1, 3, 4, 5, 6, 9)]
FITS = "[document.documentElement.scrollWidth <= innerWidth, document.documentElement.scrollHeight <= innerHeight]"


@pytest.mark.parametrize("shown", FULL, ids=[str(len(each) // 4) for each in FULL])
def test_the_fullest_board_is_one_screen_and_one_sheet_of_a4(opened, shown: pd.DataFrame) -> None:
    """However many stand on it, with the longest names and sentences."""
    board = opened(page(shown))
    assert board.evaluate(FITS) == [True, True]
    sheet = board.pdf(prefer_css_page_size=True, print_background=True)
    assert len(re.findall(rb"/Type /Page\b", sheet)) == 1
    (box,) = set(re.findall(rb"/MediaBox \[0 0 ([0-9.]+) ([0-9.]+)\]", sheet))
    assert [float(side) for side in box] == pytest.approx([842, 595], abs=1)


@pytest.mark.parametrize("name", HOSTILE)
def test_no_name_breaks_the_screen(opened, name: str) -> None:
    for width, height in ((1440, 900), (390, 844)):
        board = opened(page(worded(6, who=name), shop_name=name), width, height)
        across, down = board.evaluate(FITS)
        assert across
        assert down or width == 390
        cut = "[...document.querySelectorAll('.who bdi')].some(each => each.scrollWidth > each.clientWidth + 1)"
        assert not board.evaluate(cut)


def test_it_asks_nothing_complains_of_nothing_and_runs_nothing(opened) -> None:
    board = opened(page(worded(6, who=HOSTILE[0])))
    assert board.asked == [board.url]
    assert board.said == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_is_read_easily_in_the_light_and_in_the_dark(opened, scheme: str) -> None:
    """Text stands out from its ground by 4.5 to 1 (WCAG AA)."""
    board = opened(page(worded(2)), scheme=scheme)
    ground = "getComputedStyle(document.querySelector('{}')).{}"
    for text, behind in (("h1", "body"), (".aim", "body"), (".why", "li"), (".can", "li"), (".new", ".new")):
        front = _light(board.evaluate(ground.format(text, "color")))
        back = _light(board.evaluate(ground.format(behind, "backgroundColor")))
        assert (max(front, back) + 0.05) / (min(front, back) + 0.05) >= 4.5, text


def _light(colour: str) -> float:
    """Return how light a colour is (0-1), as WCAG counts it."""
    parts = [int(each) / 255 for each in re.findall(r"\d+", colour)[:3]]
    linear = [each / 12.92 if each <= 0.04045 else ((each + 0.055) / 1.055) ** 2.4 for each in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def test_headings_make_an_outline(opened) -> None:
    board = opened(page(worded(1)), 390, 844)
    assert board.evaluate("[...document.querySelectorAll('h1,h2,h3')].map(h => h.tagName)") == ["H1", *["H2"] * 4]
    assert board.evaluate("document.documentElement.scrollWidth <= innerWidth")
