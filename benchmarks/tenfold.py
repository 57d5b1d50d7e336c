"""A shop ten times as large as another: each person, order and visit ten times over, under numbers of their own."""

import csv
import shutil
from collections.abc import Iterator
from pathlib import Path

TIMES = 10
NUMBERS = (
    "会員ID",
    "顧客番号",
    "注文ID",
    "注文番号",
    "注文詳細ID",
    "出荷ID",
    "訪問者番号",
    "訪問番号",
    "メールアドレス",
)
"""What tells one from another, in any of the demo shop's exports."""


def write(small: Path, large: Path) -> None:
    """Write the large shop's folder from the small one's, and leave it alone where it stands already."""
    if (large / "client.yaml").is_file():
        return
    (large / "data").mkdir(parents=True, exist_ok=True)
    for path in sorted((small / "data").glob("*.csv")):
        _file(path, large / "data" / path.name)
    shutil.copyfile(small / "client.yaml", large / "client.yaml")


def _file(small: Path, large: Path) -> None:
    encoding = "utf-8-sig" if _reads(small, "utf-8") else "cp932"
    with small.open(encoding=encoding, newline="") as source, large.open("w", encoding=encoding, newline="") as target:
        rows, writer = csv.reader(source), csv.writer(target)
        head = next(rows)
        numbers = {place for place, name in enumerate(head) if name in NUMBERS}
        writer.writerow(head)
        for row in rows:
            writer.writerows(_copies(row, numbers) if numbers else [row])


def _copies(row: list[str], numbers: set[int]) -> Iterator[list[str]]:
    filled = [place for place in numbers if row[place]]
    for each in range(TIMES):
        copy = row.copy()
        for place in filled:
            copy[place] = f"{each}{row[place]}" if "@" in row[place] else f"{row[place]}{each}"
        yield copy


def _reads(path: Path, encoding: str) -> bool:
    try:
        with path.open(encoding=encoding) as text:
            text.readline()
    except UnicodeDecodeError:
        return False
    return True
