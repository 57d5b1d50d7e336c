"""Whole shops through the command: an earlier day, one order, and a real public shop."""

import json
import re
import shutil
from pathlib import Path

from command import horetsu
from reading import flaws

ROOT = Path(__file__).resolve().parents[1]


def test_an_earlier_day_sees_nothing_later(tmp_path: Path) -> None:
    """Rows after the analysis date are cut from every file: the report of that date stays the same."""
    home = tmp_path
    assert horetsu(home, "demo").returncode == 0
    cut = home / "clients" / "cut"
    shutil.copytree(home / "clients" / "demo", cut, ignore=shutil.ignore_patterns(".cache"))
    (path,) = (cut / "data").glob("order_*.csv")
    header, *rows = path.read_text(encoding="cp932").splitlines()
    day = header.split(",").index("受注日")
    kept = [row for row in rows if row.split(",")[day][:10] <= "2025-12-31"]
    assert len(kept) < len(rows)
    path.write_text("\n".join([header, *kept]) + "\n", encoding="cp932")
    past = horetsu(home, "run", "demo", "cut", "--as-of", "2025-12-31", "--out", "past")
    assert past.returncode == 0, past.stderr
    told = [
        json.loads((home / "past" / name / "2025-12-31" / "report.json").read_text(encoding="utf-8"))["findings"]
        for name in ("demo", "cut")
    ]
    assert told[0] == told[1]
    page = (home / "past" / "demo" / "2025-12-31" / "report.html").read_text(encoding="utf-8")
    assert "2025年12月31日より後の行は、分析では見ていません。" in page


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
    # of one order, more than one question has no answer but that it is too early
    assert [each for each in flaws(page) if not each.startswith(("told", "an apology"))] == []
    assert "nan" not in page.lower().replace("base64", "").split("<style>")[0]
    told = (tmp_path / "reports" / "tiny" / "2026-04-01" / "report.json").read_text(encoding="utf-8")
    assert "NaN" not in told


def test_a_shop_with_only_a_story_gets_a_whole_document(tmp_path: Path) -> None:
    """Every chapter tells what the records can; what they cannot is a question at the end, each told once."""
    assert horetsu(tmp_path, "demo").returncode == 0
    folder = tmp_path / "clients" / "story"
    (folder / "data").mkdir(parents=True)
    (folder / "client.yaml").write_text("name: 記録の店\n", encoding="utf-8")
    head, *rows = (tmp_path / "clients" / "demo" / "data" / "story.csv").read_text(encoding="utf-8-sig").splitlines()
    (folder / "data" / "story.csv").write_text("\n".join([head, *rows[:4000]]) + "\n", encoding="utf-8")
    result = horetsu(tmp_path, "run", "story")
    assert result.returncode == 0, result.stderr
    (path,) = (tmp_path / "reports" / "story").glob("*/report.html")
    page = path.read_text(encoding="utf-8")
    assert flaws(page) == []
    body, doors = page.split('class="hz-doors"')
    chapters = re.findall(r'class="hz-question hz-opens"[^>]*>\s*<h2>([^<]+)</h2>', body)
    assert chapters == ["お客様との関係は、今どこにありますか", "変化の物語", "お店の診断"]
    for question in ("数字とつながりは、重なっていますか", "これから送るものは、今の関係に合っていますか"):
        assert question not in body
        assert doors.count(question) == 1
    assert "「はじめてのご注文からの90日」の章" in doors
    assert "金額は" not in doors
    assert "つながりが芽生えている方" in body.split('class="hz-contents"')[0]
    for word in ("R・F・M", "リピート率", "暫定のステージ"):
        assert word not in doors


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
    assert flaws(page) == []
    assert "ポンド" in page
    assert "円" not in page.split("<main")[1]
