"""Two days on a page: one file for phone, desk and paper, that names nobody and asks nothing of any network."""

import dataclasses
import re
import shutil
from collections.abc import Callable, Iterator
from html import unescape
from pathlib import Path

import pytest

from horetsu_utils import assets, compare_page, demo, placing
from horetsu_utils.comparing import Comparison, compare
from horetsu_utils.sentences import comparing as say
from horetsu_utils.shop import Shop

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or ""
NO_BROWSER = "Chromium が見つかりません(Debian なら apt-get install chromium fonts-ipaexfont-gothic)"
HOSTILE = ("<script>alert(1)</script>", "長" * 200, "\u202eさかさま", "W" * 60, "&amp;\"'")


@pytest.fixture(scope="module")
def told(demo_client: Path) -> Comparison:
    before, now = (Shop.open(demo_client, as_of=day) for day in ("2026-03-31", "2026-06-30"))
    return compare(before, now)


@pytest.fixture(scope="module")
def html(told: Comparison) -> str:
    return compare_page.page(told)


def words(page: str) -> str:
    """Return what a reader sees of a page."""
    return unescape(re.sub(r"<style>.*?</style>|<[^>]+>", " ", page, flags=re.DOTALL))


def test_it_tells_the_days_the_figures_and_the_people(html: str) -> None:
    seen = words(html)
    for expected in (
        "2026年3月31日 → 2026年6月30日",
        "91日間",
        "リピート率",
        "「良い」の割合",
        "冷めかけから戻られた方",
    ):
        assert expected in seen
    assert html.count('<table class="flow') == 2
    assert html.count('<tr class="') == 10
    assert html.count("<div class=") == 6


def test_no_customer_is_named_and_no_group_under_five_is_told(html: str) -> None:
    ids = set(demo.build().tables["customers"]["customer_id"])
    seen = words(html)
    assert not ids & set(re.findall(r"[A-Za-z0-9-]+", seen)) - {"2026"}
    assert not re.search(r"(?<![\d,.〜])[1-4]人(?!から|未満|あたり|まで)", seen)
    cells = re.findall(r'<td class="l\d [a-z]+">([^<]*)</td>', html)
    assert len(cells) > 50
    assert not set(cells) & {"1", "2", "3", "4"}
    assert "5人未満" in cells
    assert all(level == "0" for level in re.findall(r'<td class="l(\d) [a-z]+">(?:5人未満|—)', html))


def test_a_shop_of_orders_alone_is_shown_without_feelings(make_client: Callable[..., Path]) -> None:
    rows = [f"{n},A{n},2025-03-0{1 + n % 9},1000" for n in range(50)] + [
        f"9{n},A{n},2026-05-01,1000" for n in range(20)
    ]
    tables = "  orders: [{files: data/o.csv, mapping: generic}]"
    client = make_client({"o.csv": "\n".join(["order_id,customer_id,ordered_at,amount", *rows])}, tables)
    page = compare_page.page(compare(*(Shop.open(client, as_of=day) for day in ("2026-02-28", "2026-06-30"))))
    assert "リピート率" in page
    assert "つながりが芽生えている方" not in page
    assert "お気持ちの記録のうち" not in page


def test_a_shop_with_nothing_to_compare_says_so(told: Comparison) -> None:
    bare = dataclasses.replace(
        told, figures=told.figures.head(0), stages=told.stages.head(0), segments=told.segments.head(0)
    )
    page = compare_page.page(bare)
    assert say.NOTHING_COMPARED in page
    assert "<table" not in page


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_name_is_text_and_nothing_else(told: Comparison, name: str) -> None:
    client = told.now.client
    config = client.config.model_copy(update={"name": name})
    now = dataclasses.replace(told.now, client=dataclasses.replace(client, config=config))
    page = compare_page.page(dataclasses.replace(told, now=now, stage_names=dict.fromkeys("01234", name)))
    assert "<script" not in page
    assert re.search(r'<p class="shop"><bdi>[^<]{1,300}</bdi></p>', page)


def test_it_has_no_address_and_gives_the_same_bytes(told: Comparison, html: str) -> None:
    assert not re.search(r"https?:|src=|url\(|@import|<link|<script", html)
    assert "default-src 'none'" in html
    assert compare_page.page(told) == html


def test_its_colours_are_those_of_the_report() -> None:
    own, report = ((assets.TEMPLATES / name / "style.css").read_text("utf-8") for name in ("compare", "report"))
    colours = re.compile(r"--(ink|muted|rule|paper|tint|accent|warm):(#[0-9a-f]+)")
    assert dict(colours.findall(own.split("*{")[0])) == dict(colours.findall(report.split("*{")[0]))


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory, html: str) -> Iterator[Callable[..., object]]:
    """Return a function that opens the page in headless Chromium with the network blocked."""
    if not CHROMIUM:
        pytest.skip(NO_BROWSER)
    from playwright.sync_api import sync_playwright

    options = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"]
    path = placing.text(tmp_path_factory.mktemp("compare") / compare_page.FILE, html)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=options)

        def show(width: int = 1440, scheme: str = "light", shown: str = "") -> object:
            page = browser.new_context(
                viewport={"width": width, "height": 900}, color_scheme=scheme, offline=True
            ).new_page()
            page.asked, page.said = [], []
            page.on("request", lambda each: page.asked.append(each.url))
            page.on("console", lambda each: page.said.append(each.text))
            page.on("pageerror", lambda each: page.said.append(str(each)))
            page.goto(path.as_uri())
            if shown:
                page.set_content(shown)
            return page

        yield show
        browser.close()


@pytest.mark.parametrize("width", [320, 390, 1440])
def test_it_fits_the_screen_asks_nothing_and_complains_of_nothing(opened, width: int) -> None:
    page = opened(width)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert page.asked == [page.url]
    assert page.said == []
    cut = "[...document.querySelectorAll('.flow td,.flow th')].filter(each => each.scrollWidth > each.clientWidth + 1)"
    assert page.evaluate(f"{cut}.length") == 0


def test_the_longest_names_do_not_break_the_screen(opened, told: Comparison) -> None:
    shown = compare_page.page(dataclasses.replace(told, stage_names=dict.fromkeys("01234", "W" * 40)))
    page = opened(390, shown=shown)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_it_is_printed_on_three_sheets_of_a4(opened) -> None:
    sheet = opened().pdf(prefer_css_page_size=True, print_background=True)
    assert len(re.findall(rb"/Type /Page\b", sheet)) == 3


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_is_read_easily_in_the_light_and_in_the_dark(opened, scheme: str) -> None:
    """Text stands out from its ground by 4.5 to 1 (WCAG AA), on the darkest cell of the matrix, too."""
    page = opened(scheme=scheme)
    paint = """colour => { const c = document.createElement('canvas').getContext('2d'); c.fillStyle = colour;
        c.fillRect(0, 0, 1, 1); return [...c.getImageData(0, 0, 1, 1).data].slice(0, 3); }"""
    style = "getComputedStyle(document.querySelector('{}')).{}"
    pairs = [("h1", "body"), (".sure li small", ".sure li"), (".verdict", "body"), (".cards small", ".cards div")]
    pairs += [(".flow .l4.same",) * 2, (".flow .l0",) * 2, (".flow .fallen.l3",) * 2, (".note", "body")]
    for text, behind in pairs:
        front = _light(page.evaluate(paint, page.evaluate(style.format(text, "color"))))
        back = _light(page.evaluate(paint, page.evaluate(style.format(behind, "backgroundColor"))))
        assert (max(front, back) + 0.05) / (min(front, back) + 0.05) >= 4.5, text


def _light(colour: list[int]) -> float:
    """Return how light a colour is (0-1), as WCAG counts it."""
    linear = [each / 255 / 12.92 if each <= 10 else ((each / 255 + 0.055) / 1.055) ** 2.4 for each in colour]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
