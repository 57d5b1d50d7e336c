"""The figures against data and results that others have published."""

import datetime as dt
from decimal import Decimal
from pathlib import Path

import ibis
import ibis.expr.types as ir
import pandas as pd
import pyarrow as pa
import pytest
from by_hand import ORDERS, PERIOD, plain_decile, plain_rfm, plain_scores, records

from horetsu_utils.metrics import rfm, value

WHOLE_PAST = 36_500


def as_orders(lines: pd.DataFrame) -> ir.Table:
    """Give plain lines (customer_id, day, cents, bought) the shape of the orders table."""
    amounts = [Decimal(each).scaleb(-2).quantize(Decimal("0.0001")) for each in lines["cents"]]
    columns = [lines["customer_id"].tolist(), lines["day"].dt.date.tolist(), amounts, lines["bought"].tolist()]
    return ibis.memtable(pa.table(columns, schema=ORDERS))


def cents(amounts: pd.Series) -> pd.Series:
    return (amounts * 100).round().astype("int64")


@pytest.fixture(scope="module")
def cdnow(shared_data: Path) -> pd.DataFrame:
    """CDNOW's sample (Fader and Hardie); it has no order id, so that each row is an order."""
    names = ["master", "customer_id", "day", "items", "dollars"]
    lines = pd.read_csv(
        shared_data / "cdnow" / "CDNOW_sample.txt", sep=r"\s+", names=names, dtype={"customer_id": str, "day": str}
    )
    lines["day"] = pd.to_datetime(lines["day"], format="%Y%m%d")
    return lines.assign(cents=cents(lines["dollars"]), bought=True)


def test_cdnow_has_the_published_size(cdnow) -> None:
    assert len(cdnow) == 6919
    known = rfm.rfm(as_orders(cdnow), as_of=dt.date(1998, 6, 30), period_days=WHOLE_PAST)
    totals = known.aggregate(customers=known.count(), orders=known.lifetime_orders.sum())
    assert records(totals, by=None) == [(2357, 6919)]


def test_cdnow_master_has_the_published_totals(shared_data) -> None:
    names = ["customer_id", "day", "items", "dollars"]
    path = shared_data / "cdnow" / "CDNOW_master.txt.gz"
    lines = pd.read_csv(path, sep=r"\s+", names=names, skiprows=1, dtype={"customer_id": str, "day": str})
    lines["day"] = pd.to_datetime(lines["day"], format="%Y%m%d")
    lines = lines.assign(cents=cents(lines["dollars"]), bought=True)
    known = rfm.rfm(as_orders(lines), as_of=dt.date(1998, 6, 30), period_days=WHOLE_PAST)
    once = (known.lifetime_orders == 1).mean()
    found = known.aggregate(customers=known.count(), once=once, sales=known.monetary_yen.sum())
    ((customers, share, sales),) = records(found, by=None)
    assert (customers, round(share, 3), round(sales, 2)) == (23_570, 0.505, 2_500_315.63)


@pytest.mark.parametrize("as_of", [dt.date(1997, 9, 30), dt.date(1998, 6, 30)])
def test_cdnow_customer_by_customer_agrees_with_plain_pandas(cdnow, as_of) -> None:
    known = rfm.rfm(as_orders(cdnow), as_of=as_of, period_days=PERIOD)
    found = rfm.score(known, rfm.cut_points(known)).to_pandas().set_index("customer_id").sort_index()
    plain = plain_rfm(cdnow, as_of)
    assert found.index.tolist() == plain.index.tolist()
    for column in ("recency_days", "frequency", "lifetime_orders", "tenure_days"):
        assert found[column].tolist() == plain[column].tolist(), column
    for column in ("monetary_yen", "lifetime_yen"):
        assert cents(found[column]).tolist() == cents(plain[column]).tolist(), column
    scores = plain_scores(plain)
    assert found[scores.columns].to_dict("list") == scores.to_dict("list")
    ranked = value.decile(known).to_pandas().set_index("customer_id")["decile"].sort_index()
    assert ranked.to_dict() == plain_decile(plain).to_dict()


def test_thresholds_of_the_r_package_rfm(shared_data) -> None:
    """R's rfm 0.3.0 prints each quintile plus one (`bins` in R/utils.R), and scores what lies below it."""
    path = shared_data / "r_rfm" / "rfm_data_orders.csv"
    if not path.is_file():
        pytest.skip("shared/data/r_rfm/rfm_data_orders.csv (customer_id, order_date, revenue) is not there")
    lines = pd.read_csv(path, parse_dates=["order_date"]).rename(columns={"order_date": "day"})
    lines = lines.assign(cents=cents(lines["revenue"]), bought=True)
    known = rfm.rfm(as_orders(lines), as_of=dt.date(2006, 12, 31), period_days=WHOLE_PAST)
    assert (len(lines), known.count().to_pandas()) == (4906, 995)
    cuts = rfm.cut_points(known)
    recency, frequency, monetary = records(cuts, *rfm.MEASURES, by=None)[0]
    assert [cut + 1 for cut in recency] == pytest.approx([115, 181, 297.4, 482])
    assert [cut + 1 for cut in frequency] == [4, 5, 6, 8]
    assert [cut + 1 for cut in monetary] == pytest.approx([255.8, 382, 506.4, 666])
    # The first customer of the package's own README: R 205, F 6, M 472 score 3, 4, 3.
    columns = ["recency_days", "frequency", "monetary_yen", "recency_score", "frequency_score", "monetary_score"]
    first = rfm.score(known, cuts).filter(ibis._.customer_id == "Abbey O'Reilly")
    assert records(first, *columns) == [(205, 6, 472.0, 3, 4, 3)]
