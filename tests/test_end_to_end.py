"""The main job, as a consultant does it: exports in a folder, one command, one page, opened in a real browser."""

import itertools
import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from command import horetsu
from reading import flaws

from horetsu_utils import demo

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or ""
NO_BROWSER = "Chromium が見つかりません(Debian なら apt-get install chromium fonts-ipaexfont-gothic)"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder in which the demo shop's report has been made by the command itself."""
    folder = tmp_path_factory.mktemp("home")
    assert horetsu(folder, "demo").returncode == 0
    result = horetsu(folder, "run", "demo")
    assert result.returncode == 0, result.stdout + result.stderr
    assert result.stdout.strip().endswith("reports/demo/2026-06-30/report.html")
    return folder


@pytest.fixture(scope="module")
def report(home: Path) -> Path:
    return home / "reports" / "demo" / "2026-06-30"


def test_the_report_and_nothing_half_made_is_left(home: Path, report: Path) -> None:
    assert sorted(path.name for path in report.iterdir()) == [
        "board.html",
        "consultant",
        "customers.xlsx",
        "report.html",
        "report.json",
    ]
    own = report / "consultant"
    assert sorted(path.name for path in own.iterdir()) == [
        "customers.csv",
        "customers.xlsx",
        "guard.xlsx",
        "notebooks",
        "report.html",
        "whole.json",
    ]
    chapters = ("01_rfm", "02_stage", "03_journey", "04_gap", "05_diagnosis", "06_story", "07_affinity")
    notebooks = [f"{name}.ipynb" for name in chapters]
    assert sorted(path.name for path in (own / "notebooks").iterdir()) == notebooks
    assert sorted(path.name for path in home.iterdir()) == ["clients", "reports"]
    hidden = (home / "clients" / "demo" / ".cache").iterdir()
    others = ("files", "words", ".running.lock", "reports.json")
    assert len([path.name for path in hidden if path.name not in others]) == 1


def test_with_nothing_after_its_day_no_row_is_told_to_be_left_out(report: Path) -> None:
    assert "分析では見ていません" not in (report / "report.html").read_text(encoding="utf-8")


def test_the_findings_agree_with_the_demo_shops_own_rows(report: Path) -> None:
    told = json.loads((report / "report.json").read_text(encoding="utf-8"))
    figures = {item["key"]: item["figure"] for item in told["findings"]}
    orders = demo.build().tables["orders"]
    paid = orders[orders.status == "paid"]
    first_day_out = "2025-06-30"
    per_order = paid.groupby(["order_id", "customer_id"]).agg(amount=("amount", "sum"), day=("ordered_at", "min"))
    per_order = per_order.reset_index()
    recent = per_order[per_order.day.astype(str).str[:10] > first_day_out]
    buyers = recent.customer_id.unique()
    lifetime = per_order.groupby("customer_id").size()
    assert figures["repeat_ratio"] == pytest.approx((lifetime[buyers] >= 2).mean(), abs=1e-6)
    assert figures["annual_ltv_yen"] == pytest.approx(recent.groupby("customer_id").amount.sum().mean(), abs=1e-4)


def test_the_same_inputs_give_the_same_bytes(home: Path, report: Path) -> None:
    again = horetsu(home, "run", "clients/demo", "--out", "again")
    assert again.returncode == 0, again.stderr
    for name in ("report.json", "report.html", "board.html", "consultant/guard.xlsx", "consultant/report.html"):
        assert (home / "again" / "demo" / "2026-06-30" / name).read_bytes() == (report / name).read_bytes()


def test_a_day_long_after_the_last_order_is_told_in_words(tmp_path: Path, home: Path) -> None:
    result = horetsu(home, "run", "demo", "--as-of", "2030-01-01", "--out", str(tmp_path))
    assert result.returncode == 1
    assert "2030-01-01 までの365日間に、注文が1件もありません。" in result.stderr
    assert "Traceback" not in result.stderr
    assert not list(tmp_path.rglob("report.*"))


@pytest.fixture(scope="module", params=[390, 1440], ids=["phone", "desktop"])
def page(request: pytest.FixtureRequest, report: Path) -> Iterator[object]:
    """Open the report in headless Chromium with the network blocked."""
    if not CHROMIUM:
        pytest.skip(NO_BROWSER)
    from playwright.sync_api import sync_playwright

    options = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=options)
        opened = browser.new_context(viewport={"width": request.param, "height": 900}, offline=True).new_page()
        opened.asked, opened.said = [], []
        opened.on("request", lambda each: opened.asked.append(each.url))
        opened.on("console", lambda each: opened.said.append(each.text))
        opened.on("pageerror", lambda each: opened.said.append(str(each)))
        opened.goto((report / "report.html").as_uri())
        yield opened
        browser.close()


def test_it_asks_nothing_and_complains_of_nothing(page, report: Path) -> None:
    assert [url for url in page.asked if not url.startswith("data:")] == [(report / "report.html").as_uri()]
    assert page.said == []


def test_it_reads_as_a_whole_document(report: Path) -> None:
    assert flaws((report / "report.html").read_text(encoding="utf-8")) == []


def test_on_a_phone_long_tables_and_notes_open_by_a_button(page) -> None:
    buttons, hidden = page.locator(".hz-unfold"), ".hz-answer tbody tr:nth-child(6), .hz-answer .hz-note.hz-folded"
    if page.viewport_size["width"] > 1000:
        assert not any(each.is_visible() for each in buttons.all())
        assert all(each.is_visible() for each in page.locator(hidden).all())
        return
    assert page.evaluate("document.documentElement.scrollHeight") < 45_000
    button = page.locator(".hz-answer .hz-cards").locator("xpath=../following-sibling::button").first.element_handle()
    rest = page.locator(".hz-answer .hz-cards.hz-folded").first.locator("tbody tr").nth(2)
    assert (button.get_attribute("aria-expanded"), rest.count(), rest.is_visible()) == ("false", 1, False)
    button.click()
    assert (button.get_attribute("aria-expanded"), button.text_content()) == ("true", "たたむ")
    assert page.locator(".hz-answer .hz-cards:not(.hz-folded) tbody tr:nth-child(3)").first.is_visible()
    button.click()


def test_it_fits_the_screen(page) -> None:
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def test_its_tables_are_titled_in_lines_not_in_a_column_of_single_signs(page) -> None:
    widths = page.evaluate("[...document.querySelectorAll('caption')].map(c => c.getBoundingClientRect().width)")
    assert len(widths) >= 4
    assert min(widths) > 200


def test_its_headings_make_an_outline_with_findings_first(page) -> None:
    levels = page.evaluate("[...document.querySelectorAll('h1,h2,h3,h4')].map(h => +h.tagName[1])")
    assert levels[:2] == [1, 2]
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in itertools.pairwise(levels))
    assert page.evaluate("document.querySelector('h2').textContent") == "今回わかったこと"
    assert page.locator(".hz-findings li").count() == 3
    assert page.locator(".hz-told li").count() == 18


def test_every_picture_is_drawn_and_described_in_japanese(page) -> None:
    title = "i.parentNode.querySelector('figcaption').textContent"
    pictures = page.evaluate(f"[...document.images].map(i => [i.naturalWidth, i.alt, {title}])")
    assert len(pictures) == 41
    for width, alt, title in pictures:
        assert width > 600
        assert len(alt) > 20
        assert len(title) > 8
        assert any(letter > "\u3040" for letter in alt)


def test_the_first_page_shows_the_guards_table_before_the_contents(page) -> None:
    order = page.evaluate("[...document.querySelectorAll('.hz-cover-table, nav')].map(each => each.className)")
    assert order == ["hz-cover-table", "hz-contents"]
    assert page.locator(".hz-summary .hz-cover-table caption").text_content().startswith("予定の施策12件のうち8件は")
    assert page.locator(".hz-summary .hz-cover-table tbody tr").count() == 11


def test_no_customer_is_named_on_the_page(page, report: Path) -> None:
    """The chapter lists customers one by one for the consultant: in the executed notebook, never on the page."""
    ids = set(demo.build().tables["customers"]["customer_id"])
    executed = (report / "consultant" / "notebooks" / "02_stage.ipynb").read_text(encoding="utf-8")
    listed = set(re.findall(r">(\d{4})</td>", executed)) & ids
    assert listed
    cells = set(page.evaluate("[...document.querySelectorAll('td')].map(cell => cell.textContent)"))
    assert not cells & ids
    assert "mail:" not in page.content()


def test_its_contents_lead_to_every_question(page) -> None:
    links = page.evaluate("[...document.querySelectorAll('nav a')].map(a => a.getAttribute('href').slice(1))")
    assert len(links) == 60
    assert all(page.evaluate(f"!!document.getElementById({json.dumps(link)})") for link in links)


def test_its_glyphs_are_whole(page) -> None:
    """A glyph that is missing is drawn as the same box as any other missing one."""
    drawn = """letter => { const c = document.createElement('canvas'); c.width = c.height = 40;
        const x = c.getContext('2d'); x.font = '32px ' + getComputedStyle(document.body).fontFamily;
        x.fillText(letter, 2, 34); return c.toDataURL(); }"""
    missing = page.evaluate(drawn, "\U000e0fff")
    letters = page.evaluate("[...new Set(document.body.textContent)].filter(c => c > '\\u2fff').join('')")
    assert len(letters) > 100
    boxed = [letter for letter in letters if letter != "\u3000" and page.evaluate(drawn, letter) == missing]
    assert boxed == []


def until(page, condition: str) -> None:
    """Wait until a condition holds: asked again and again, as the page's policy lets nobody else run code in it."""
    for _ in range(100):
        if page.evaluate(condition):
            return
        page.wait_for_timeout(50)
    raise AssertionError(condition)


def test_its_contents_follow_the_reader(page) -> None:
    here = "document.querySelector('.hz-contents [aria-current]')?.textContent"
    page.evaluate("scrollTo({top: 0, behavior: 'instant'})")
    until(page, f"{here} === undefined")
    chapters = page.evaluate("[...document.querySelectorAll('.hz-opens h2')].map(each => each.textContent)")
    assert chapters[:3] == ["お店の診断", "お客様との関係は、今どこにありますか", "はじめてのご注文からの90日"]
    assert chapters[-1] == "お客様・商品・情報"
    page.evaluate("document.querySelectorAll('.hz-opens')[2].scrollIntoView({behavior: 'instant'})")
    until(page, f"{here} === 'はじめてのご注文からの90日'")


def test_on_a_phone_the_contents_open_and_close_by_a_button(page) -> None:
    button, contents = page.locator(".hz-menu"), page.locator(".hz-contents")
    if page.viewport_size["width"] > 1000:
        assert (button.is_visible(), contents.is_visible()) == (False, True)
        return
    assert (button.get_attribute("aria-expanded"), contents.is_visible()) == ("false", False)
    button.click()
    assert (button.get_attribute("aria-expanded"), contents.is_visible()) == ("true", True)
    page.keyboard.press("Escape")
    assert not contents.is_visible()
    button.click()
    contents.get_by_text("期待と評価", exact=True).click()
    assert not contents.is_visible()
    until(page, "Math.abs(document.querySelectorAll('.hz-opens')[3].getBoundingClientRect().top) < 60")


def test_a_long_table_is_sorted_and_searched(page) -> None:
    page.evaluate("for (const each of document.querySelectorAll('details')) each.open = true")
    table = page.locator(".hz-cover-table table")
    rows = "[...document.querySelectorAll('.hz-cover-table tbody tr')]"
    counts = f"{rows}.map(row => +row.cells[3].textContent.replace(/[^0-9]/g, ''))"
    head = table.locator("th", has_text="お客様の数")
    for click, order in ((1, "descending"), (2, "ascending")):
        page.evaluate("[...document.querySelectorAll('.hz-cover-table .hz-sort')][3].click()")
        assert head.get_attribute("aria-sort") == order, click
        found = page.evaluate(counts)
        assert found == sorted(found, reverse=order == "descending")
        assert len(set(found)) > 2


def test_on_paper_no_picture_is_cut_and_nothing_is_folded(page) -> None:
    page.emulate_media(media="print")
    try:
        heights = page.evaluate(
            "[...document.querySelectorAll('.hz-figure')].map(f => [getComputedStyle(f).breakInside, f.offsetHeight])"
        )
        assert {each for each, _ in heights} == {"avoid"}
        assert max(height for _, height in heights) < 950  # CSS pixels of A4 between its margins: 1,002
        assert not page.locator(".hz-contents").is_visible()
        folded = page.locator(".hz-folded:is(p, dl), .hz-folded tbody tr")
        assert folded.count() > 100
        assert page.evaluate(
            "[...document.querySelectorAll('.hz-folded:is(p, dl), .hz-folded tbody tr')].every(e => e.offsetHeight)"
        )
    finally:
        page.emulate_media(media="screen")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_screen_reader_and_weak_eyes_find_no_serious_obstacle(page, report: Path, scheme: str) -> None:
    from axe_playwright_python.sync_playwright import Axe

    size = page.viewport_size
    context = page.context.browser.new_context(viewport=size, color_scheme=scheme, bypass_csp=True, offline=True)
    try:
        opened = context.new_page()
        opened.goto((report / "report.html").as_uri())
        found = Axe().run(opened).response["violations"]
    finally:
        context.close()
    grave = [(each["id"], each["nodes"][0]["html"]) for each in found if each["impact"] in ("serious", "critical")]
    assert grave == []
