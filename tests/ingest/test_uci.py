"""A real shop's half a million lines: the account of rows is the published one, and plain pandas agrees on the sums."""

import gzip
import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from horetsu_utils import cache, client

ROOT = Path(__file__).resolve().parents[2]
CODES = {"POST", "DOT", "M", "m", "D", "S", "B", "BANK CHARGES", "AMAZONFEE", "CRUK", "C2"}


@pytest.fixture(scope="module")
def raw(shared_data: Path) -> pd.DataFrame:
    path = shared_data / "uci_online_retail" / "online_retail.csv.gz"
    return pd.read_csv(path, dtype=str, keep_default_na=False)


@pytest.fixture(scope="module")
def prepared(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("clients") / "uci"
    for name in ("data", "mappings"):
        (folder / name).mkdir(parents=True)
    export = (shared_data / "uci_online_retail" / "online_retail.csv.gz").read_bytes()
    (folder / "data" / "online_retail.csv").write_bytes(gzip.decompress(export))
    (folder / "mappings" / "uci.yaml").write_bytes((ROOT / "tests" / "mappings" / "uci.yaml").read_bytes())
    (folder / "client.yaml").write_text(
        "name: UCI\ncurrency: GBP\nreference: {annual_ltv_yen: 100}\ncpm: {heavy_yen: 500}\n"
        "time_zone: Europe/London\ntables: {orders: [{files: data/*, mapping: uci}]}\n",
        encoding="utf-8",
    )
    return cache.prepared(client.find(str(folder)))


def test_the_account_of_rows_is_the_published_one(prepared: Path) -> None:
    account = json.loads((prepared / "account.json").read_text(encoding="utf-8"))["tables"]["orders"]
    assert account["read"] == 541_909 == sum(account["outcomes"].values())
    assert account["matching"]["no_customer"]["rows"] == 135_080
    assert account["matching"]["duplicate"]["rows"] == 5_268 == account["outcomes"]["duplicate"]
    assert account["matching"]["cancelled"] == {"rows": 9_288, "orders": 3_836}
    assert account["outcomes"]["rejected"] == 0
    assert account["emptied"] == {}


def test_plain_pandas_agrees_on_every_row(prepared: Path, raw: pd.DataFrame) -> None:
    product = ~raw["StockCode"].isin(CODES) & ~raw["StockCode"].str.startswith("gift_0001_")
    product &= ~raw["Description"].str.upper().isin(["POSTAGE", "SHIPPING"])
    conditions = {
        "duplicate": raw.duplicated(),
        "not_product": ~product,
        "no_customer": raw["CustomerID"] == "",
        "cancelled_or_returned": raw["InvoiceNo"].str.startswith("C"),
    }
    expected = np.select(list(conditions.values()), list(conditions), default="accepted")
    found = pd.read_parquet(prepared / "lines.parquet", columns=["_row", "outcome"]).sort_values("_row")
    assert (found["_row"].to_numpy() == np.arange(2, 541_911)).all()
    assert (found["outcome"].to_numpy() == expected).all()


def test_plain_pandas_agrees_on_orders_and_amount_of_every_customer(prepared: Path, raw: pd.DataFrame) -> None:
    outcome = pd.read_parquet(prepared / "lines.parquet", columns=["_row", "outcome"]).sort_values("_row")["outcome"]
    told = raw[outcome.isin(["accepted", "cancelled_or_returned"]).to_numpy()].assign(
        mils=lambda rows: (
            rows["Quantity"].astype(int) * (rows["UnitPrice"].astype(float) * 1000).round().astype("int64")
        ),
        credit=lambda rows: rows["InvoiceNo"].str.startswith("C"),
    )
    sums = told.groupby("CustomerID")["mils"].sum()
    bought = told[~told["credit"] & (told["mils"] >= 0)].groupby("CustomerID")["InvoiceNo"].nunique()
    orders = pd.read_parquet(prepared / "orders.parquet")
    amounts = (orders.groupby("customer_id")["amount"].sum() * 1000).astype("int64")
    assert sums[sums != 0].to_dict() == amounts[amounts != 0].to_dict()
    assert bought.to_dict() == orders[orders["is_purchase"]].groupby("customer_id").size().to_dict()
