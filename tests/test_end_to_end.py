"""The main job, as a consultant does it: exports in a folder, one command, one page, opened in a real browser."""

import itertools
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from horetsu_utils import demo

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or ""
NO_BROWSER = "Chromium が見つかりません(Debian なら apt-get install chromium fonts-ipaexfont-gothic)"
ROOT = Path(__file__).resolve().parents[1]


def horetsu(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", "from horetsu_utils.cli import main; main()", *words]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, env={**os.environ, "COLUMNS": "300"})


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
        "consultant.xlsx",
        "notebooks",
        "report.html",
        "report.json",
    ]
    chapters = ("01_rfm", "02_stage", "03_journey", "04_gap", "05_diagnosis", "06_story", "07_affinity")
    notebooks = [f"{name}.ipynb" for name in chapters]
    assert sorted(path.name for path in (report / "notebooks").iterdir()) == notebooks
    assert sorted(path.name for path in home.iterdir()) == ["clients", "reports"]
    hidden = (home / "clients" / "demo" / ".cache").iterdir()
    assert len([path.name for path in hidden if path.name not in ("files", "words")]) == 1


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
    for name in ("report.json", "report.html", "board.html", "consultant.xlsx"):
        assert (home / "again" / "demo" / "2026-06-30" / name).read_bytes() == (report / name).read_bytes()


def test_an_earlier_day_sees_nothing_later(home: Path) -> None:
    """Rows after the analysis date are cut from every file: the report of that date stays the same."""
    past = horetsu(home, "run", "demo", "--as-of", "2025-12-31", "--out", "past")
    assert past.returncode == 0, past.stderr
    cut = home / "clients" / "cut"
    shutil.copytree(home / "clients" / "demo", cut, ignore=shutil.ignore_patterns(".cache"))
    (path,) = (cut / "data").glob("order_*.csv")
    header, *rows = path.read_text(encoding="cp932").splitlines()
    day = header.split(",").index("受注日")
    kept = [row for row in rows if row.split(",")[day][:10] <= "2025-12-31"]
    assert len(kept) < len(rows)
    path.write_text("\n".join([header, *kept]) + "\n", encoding="cp932")
    now = horetsu(home, "run", "cut", "--as-of", "2025-12-31", "--out", "past")
    assert now.returncode == 0, now.stderr
    told = [
        json.loads((home / "past" / name / "2025-12-31" / "report.json").read_text(encoding="utf-8"))["findings"]
        for name in ("demo", "cut")
    ]
    assert told[0] == told[1]
    page = (home / "past" / "demo" / "2025-12-31" / "report.html").read_text(encoding="utf-8")
    assert "2025年12月31日より後の行は、分析では見ていません。" in page
    assert "分析では見ていません" not in (home / "reports" / "demo" / "2026-06-30" / "report.html").read_text("utf-8")


def test_a_shop_with_one_order_gets_a_page_without_claims(tmp_path: Path) -> None:
    folder = tmp_path / "clients" / "tiny"
    (folder / "data").mkdir(parents=True)
    (folder / "client.yaml").write_text(
        "name: 小さな店\ntables:\n  orders:\n    - files: data/a.csv\n", encoding="utf-8"
    )
    (folder / "data" / "a.csv").write_text("注文番号,顧客番号,注文日,金額\nA1,C1,2026-04-01,5480\n", encoding="utf-8")
    result = horetsu(tmp_path, "run", "tiny")
    assert result.returncode == 0, result.stderr
    page = (tmp_path / "reports" / "tiny" / "2026-04-01" / "report.html").read_text(encoding="utf-8")
    assert "まだ判断できません" in page
    assert "傾向は読み取れません" in page
    assert "nan" not in page.lower().replace("base64", "").split("<style>")[0]
    told = (tmp_path / "reports" / "tiny" / "2026-04-01" / "report.json").read_text(encoding="utf-8")
    assert "NaN" not in told


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
    assert page.locator(".hz-findings li").count() == 21


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
    assert page.locator(".hz-summary .hz-cover-table caption").inner_text().startswith("予定の施策12件のうち8件は")
    assert page.locator(".hz-summary .hz-cover-table tbody tr").count() == 11


def test_no_customer_is_named_on_the_page(page, report: Path) -> None:
    """The chapter lists customers one by one for the consultant: in the executed notebook, never on the page."""
    ids = set(demo.build().tables["customers"]["customer_id"])
    executed = (report / "notebooks" / "02_stage.ipynb").read_text(encoding="utf-8")
    listed = set(re.findall(r">(\d{4})</td>", executed)) & ids
    assert listed
    cells = set(page.evaluate("[...document.querySelectorAll('td')].map(cell => cell.textContent)"))
    assert not cells & ids
    assert "mail:" not in page.content()


def test_its_contents_lead_to_every_question(page) -> None:
    links = page.evaluate("[...document.querySelectorAll('nav a')].map(a => a.getAttribute('href').slice(1))")
    assert len(links) == 59
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


def test_uci_gives_a_report_with_the_published_account(shared_data: Path, tmp_path: Path) -> None:
    """Published: 541,909 lines, 135,080 without a customer, 5,268 exact duplicates, 3,836 cancelled invoices."""
    assert horetsu(tmp_path, "new", "uci").returncode == 0
    folder = tmp_path / "clients" / "uci"
    shutil.copy(shared_data / "uci_online_retail" / "online_retail.csv.gz", folder / "data")
    (folder / "mappings").mkdir()
    shutil.copy(ROOT / "tests" / "mappings" / "uci.yaml", folder / "mappings")
    settings = "name: Online Retail\ncurrency: GBP\ntime_zone: Europe/London\n"
    settings += "reference: {annual_ltv_yen: 120}\ncpm: {heavy_yen: 500}\n"
    tables = "tables:\n  orders:\n    - files: data/online_retail.csv.gz\n      mapping: uci\n"
    (folder / "client.yaml").write_text(settings + tables, encoding="utf-8")
    result = horetsu(tmp_path, "run", "uci")
    assert result.returncode == 0, result.stderr
    report = tmp_path / "reports" / "uci" / "2011-12-09"
    orders = json.loads((report / "report.json").read_text(encoding="utf-8"))["account"]["orders"]
    assert orders["read"] == 541_909
    assert sum(orders["outcomes"].values()) == 541_909
    assert orders["matching"]["no_customer"]["rows"] == 135_080
    assert orders["matching"]["duplicate"]["rows"] == 5_268
    assert orders["matching"]["cancelled"]["orders"] == 3_836
    page = (report / "report.html").read_text(encoding="utf-8")
    for figure in ("541,909", "135,080行", "5,268行", "3,836件"):
        assert figure in page
    assert "ポンド" in page
    assert "円" not in page.split("<main")[1]
