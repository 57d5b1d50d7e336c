"""Whole shops through the command: an earlier day, one order, and a real public shop."""

import json
import shutil
from pathlib import Path

from command import horetsu

ROOT = Path(__file__).resolve().parents[1]


def test_an_earlier_day_sees_nothing_later(tmp_path: Path) -> None:
    """Rows after the analysis date are cut from every file: the report of that date stays the same."""
    home = tmp_path
    assert horetsu(home, "demo").returncode == 0
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
