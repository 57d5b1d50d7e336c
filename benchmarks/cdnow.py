"""Draw the hold-out of a published example: weeks 40-78 of CDNOW against BG/NBD fitted on weeks 1-39.

`python -m benchmarks.cdnow` writes docs/cdnow.png; the data lie beside the repository and are not part of it.
"""

import datetime as dt
from pathlib import Path

import ibis
import ibis.expr.types as ir
import pandas as pd
import pyarrow as pa

from benchmarks.__main__ import SHARED
from horetsu_utils import lifetime, outlook
from horetsu_utils.charts import beside
from horetsu_utils.metrics import journey
from horetsu_utils.metrics import outlook as metric

SINCE, UNTIL = dt.date(1997, 9, 30), dt.date(1998, 6, 30)
TARGET = Path(__file__).resolve().parents[1] / "docs" / "cdnow.png"


def orders() -> ir.Table:
    """Read the sample (Fader and Hardie); it has no order number, so that each row is an order."""
    names = ["master", "customer_id", "day", "items", "dollars"]
    kinds = {"customer_id": str, "day": str, "dollars": str}
    rows = pd.read_csv(SHARED / "cdnow" / "CDNOW_sample.txt", sep=r"\s+", names=names, dtype=kinds)
    day = pd.to_datetime(rows["day"], format="%Y%m%d")
    columns = {
        "origin": ["cdnow"] * len(rows),
        "order_id": [f"{place:05d}" for place in range(len(rows))],
        "customer_id": rows["customer_id"].tolist(),
        "ordered_at": day.dt.to_pydatetime().tolist(),
        "ordered_on": day.dt.date.tolist(),
        "amount": pa.array(rows["dollars"]).cast(pa.decimal128(18, 4)),
        "is_purchase": [True] * len(rows),
    }
    return ibis.memtable(pa.table(columns))


def tracked() -> pd.DataFrame:
    """Follow the customers of weeks 1-39 through weeks 40-78: what came, and what was expected of them."""
    told = journey.numbered(orders(), as_of=UNTIL).cache()
    known = metric.alike(metric.histories(told, as_of=SINCE)).to_pandas()
    model = lifetime.fit_orders(known)
    assert model is not None
    weeks = metric.by_week(told, since=SINCE, until=UNTIL).to_pandas()
    return outlook.tracked(weeks, known, model, (UNTIL - SINCE).days)


def main() -> None:
    """Draw, and say where."""
    frame = tracked()
    title = "CDNOW: 40〜78週のご注文と、1〜39週だけから計算した見込み"
    TARGET.write_bytes(beside.growing(frame, title=title, unit="order").png)
    print(frame.iloc[-1].to_dict(), TARGET)


if __name__ == "__main__":
    main()
