"""What leaves the house: marks planted in every table and column are nowhere in the bytes of the client's edition."""

import csv
import datetime as dt
import io
import json
import shutil
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from command import horetsu

from horetsu_utils import canon

MAIL, PHONE = "taro.mark@example.com", "090-1111-2222"
SECRET = "MARKED"
"""In every column that no page shows, and in headings that no table knows."""
SHOWN = {
    "orders": ("product_name", "category", "source", "channel"),
    "customers": ("first_source", "gender", "prefecture"),
    "story": ("purpose",),
    "touchpoints": ("channel",),
    "voices": ("step", "department", "medium"),
    "events": ("page", "source"),
    "scenario": ("channel", "purpose", "welcome_action"),
    "campaigns": ("channel", "subject"),
    "answers": ("answered_by",),
    "context": ("weather", "event", "place"),
}
"""What a page may name by its nature (a product, a channel, a letter's subject): addresses in it are masked."""
LAST = dt.date(2026, 6, 30)
PEOPLE = 60


def rows(table: str) -> Iterator[dict[str, object]]:
    """Tell sensible figures, days and choices; texts and ids are planted over them."""
    for number in range(PEOPLE):
        for turn in range(3):
            day = LAST - dt.timedelta(days=number * 5 % 300 + turn * 40)
            who = {"customer_id": f"{SECRET}-C{number:03d}"}
            yield {
                "orders": who | {"order_id": f"{SECRET}-O{number}-{turn}", "ordered_at": day, "amount": 1000 + number},
                "customers": who | {"registered_at": day, "birth_year": 1960},
                "story": who | {"date": day, "change_score": turn + 1, "emotion": "良い"},
                "touchpoints": who
                | {"at": day, "direction": "out", "campaign_id": f"CP{turn}", "step_id": f"ST{turn}"},
                "voices": who | {"date": day, "expectation": 4, "evaluation": 3 - turn % 2},
                "events": who | {"at": day, "event": "view", "product_id": f"P{turn}"},
                "scenario": {"step_id": f"ST{turn}", "day_from": turn * 30, "day_to": turn * 30 + 9, "stage": turn},
                "campaigns": {
                    "campaign_id": f"CP{turn}",
                    "date": LAST + dt.timedelta(days=turn + 1),
                    "discount_rate": 0.2,
                },
                "answers": {"question": f"Q{turn + 1}", "answer": "B", "date": day},
                "context": {"date": LAST - dt.timedelta(days=number * 3 + turn), "temperature": 20},
            }[table]


def planted(table: str) -> bytes:
    """Write a table with a mark in every text and id, and two columns that no mapping knows."""
    columns = [column for column in canon.TABLES[table].columns if column.kind in ("id", "text") or column.required]
    told = {column.name for column in canon.TABLES[table].columns}
    text = io.StringIO()
    seen: dict[tuple[object, ...], dict[str, object]] = {}
    for place, row in enumerate(rows(table)):
        marked = dict(row)
        for column in columns:
            if column.name in SHOWN[table]:
                marked.setdefault(column.name, f"品{place % 3} {MAIL} {PHONE}")
            elif column.kind in ("id", "text"):
                marked.setdefault(column.name, f"{SECRET}_{table}_{column.name}")
        marked |= {"氏名": f"{SECRET}太郎", "メールアドレス": MAIL}
        seen.setdefault(tuple(row.values()), marked)
    fields = [name for name in [*told, "氏名", "メールアドレス"] if any(name in each for each in seen.values())]
    writer = csv.DictWriter(text, fields)
    writer.writeheader()
    writer.writerows(seen.values())
    return text.getvalue().encode()


@pytest.fixture(scope="module")
def sent(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the report's folder of a shop in whose data every column is marked."""
    home = tmp_path_factory.mktemp("planted")
    folder = home / "clients" / "planted"
    (folder / "data").mkdir(parents=True)
    for table in canon.TABLES:
        (folder / "data" / f"{table}_{SECRET}様.csv").write_bytes(planted(table))
    tables = "".join(f"  {name}: [{{files: 'data/{name}_*.csv', mapping: generic}}]\n" for name in canon.TABLES)
    (folder / "client.yaml").write_text(f"name: 見本の店\ntables:\n{tables}", encoding="utf-8")
    printing = ("--pdf",) if shutil.which("chromium") else ()
    result = horetsu(home, "run", "planted", *printing)
    assert result.returncode == 0, result.stdout + result.stderr
    return home / "reports" / "planted" / LAST.isoformat()


def contents(path: Path) -> Iterator[str]:
    """Return everything that stands in a file, of a workbook everything in its parts."""
    data = path.read_bytes()
    if path.suffix != ".xlsx":
        yield data.decode("utf-8", errors="replace")
        return
    with zipfile.ZipFile(io.BytesIO(data)) as book:
        for name in book.namelist():
            yield book.read(name).decode("utf-8", errors="replace")


@pytest.mark.parametrize("name", ["report.html", "report.json", "customers.xlsx", "report.pdf"])
def test_no_mark_leaves_the_house(sent: Path, name: str) -> None:
    path = sent / name
    if name == "report.pdf" and not path.is_file():
        pytest.skip("Chromium が見つかりません(Debian なら apt-get install chromium)")
    for text in contents(path):
        for mark in (SECRET, MAIL, PHONE, str(sent.parents[2]), "clients/planted"):
            assert mark not in text, (name, mark, text[max(0, text.find(mark) - 200) : text.find(mark) + 100])


def test_the_chapters_were_there_to_leak(sent: Path) -> None:
    told = json.loads((sent / "report.json").read_text(encoding="utf-8"))
    assert len(told["analyses"]) == 7
    assert {name for name, each in told["account"].items() if each["outcomes"]["accepted"]} == set(canon.TABLES)


def test_the_consultant_keeps_the_true_numbers(sent: Path) -> None:
    own = sent / "consultant"
    assert f"{SECRET}-C001" in (own / "customers.csv").read_text(encoding="utf-8-sig")
    assert any(f"{SECRET}-C001" in part for part in contents(own / "customers.xlsx"))
