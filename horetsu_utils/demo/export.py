"""Write the demo shop as an ordinary client's folder, with the exports a shop would hand over."""

from pathlib import Path

import pandas as pd

from horetsu_utils.demo import eccube, members
from horetsu_utils.demo.shop import build
from horetsu_utils.demo.truths import Demo
from horetsu_utils.words import COLUMNS

SHIFT_JIS, UTF8_BOM = "cp932", "utf-8-sig"
EXPORTED_ON = "20260701"
PART_SUFFIX = ".part"
GENERIC_TABLES = ("story", "touchpoints", "voices", "events", "scenario", "campaigns", "answers", "context")
CLIENT_HEAD = """\
# デモ商店:架空のお店です。人も商品も数字も、すべて作りものです。
name: デモ商店
time_zone: Asia/Tokyo
currency: JPY
# 金額は税抜きです(EC-CUBE の「価格」)
tax: excluded
# この日数ご注文がない方を「休眠」とみなします
dormant_days: 180
tables:
  # EC-CUBE 4 の受注CSVと会員CSV
  orders:
    - files: data/order_*.csv
      mapping: ec_cube4
  customers:
    - files: data/customer_*.csv
      mapping: ec_cube4
  # ここから下は、見出しが日本語のひな形に書いた表
"""

SECRET = b"the demo shop has nothing to hide"
"""The key of its hashes is the same everywhere, so that its report is, too."""


def write(folder: Path, demo: Demo | None = None) -> Path:
    """Write the demo shop into a client's folder: the exports in data/, and client.yaml.

    Shape
        a demo (the standard one if none is given) -> the folder, made where it is missing
    Errors
        OSError where the folder cannot be written
    Source
        FORMATS.md section 5; DESIGN.md, "A client's folder". Each file is written aside, then renamed.
    """
    tables = (demo or build()).tables
    folder = Path(folder)
    data = folder / "data"
    data.mkdir(parents=True, exist_ok=True)
    people = members.placeholders(tables["customers"], tables["orders"])
    orders = eccube.order_rows(tables["orders"], people)
    customers = members.customer_rows(tables["customers"], tables["orders"], people)
    _put(data / f"order_{EXPORTED_ON}.csv", _csv(orders).encode(SHIFT_JIS))
    _put(data / f"customer_{EXPORTED_ON}.csv", _csv(customers).encode(SHIFT_JIS))
    for name in GENERIC_TABLES:
        _put(data / f"{name}.csv", _csv(_in_japanese(tables[name])).encode(UTF8_BOM))
    _put(folder / ".secret", SECRET)
    _put(folder / "client.yaml", _client_text().encode())  # last: by it a folder is known as a client's
    return folder


def _in_japanese(table: pd.DataFrame) -> pd.DataFrame:
    return table.rename(columns={name: COLUMNS[name].japanese for name in table.columns})


def _csv(table: pd.DataFrame) -> str:
    return table.to_csv(index=False, lineterminator="\n", date_format="%Y-%m-%d %H:%M:%S")


def _client_text() -> str:
    rows = [f"  {name}:\n    - files: data/{name}.csv\n      mapping: generic\n" for name in GENERIC_TABLES]
    return CLIENT_HEAD + "".join(rows)


def _put(path: Path, content: bytes) -> None:
    part = path.with_name(path.name + PART_SUFFIX)
    part.write_bytes(content)
    part.replace(path)
