"""Real reviews beside their orders: the step is the promise of the day, and plain pandas agrees on every figure."""

import json
import shutil
from pathlib import Path

import pandas as pd
import pytest

from horetsu_utils import cache, client

ROOT = Path(__file__).resolve().parents[2]
REVIEWS, ORDERS = "olist_order_reviews_dataset.csv", "olist_orders_dataset.csv"
EARLY, ON_TIME, LATE = "約束より早いお届け", "約束どおりのお届け", "約束より遅いお届け"


@pytest.fixture(scope="module")
def sample(shared_data: Path) -> Path:
    return shared_data / "olist_sample_4000"


@pytest.fixture(scope="module")
def prepared(sample: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("clients") / "olist"
    for name in ("data", "mappings"):
        (folder / name).mkdir(parents=True)
    for name in (REVIEWS, ORDERS):
        shutil.copyfile(sample / name, folder / "data" / name)
    (folder / "mappings" / "olist.yaml").write_bytes((ROOT / "tests" / "mappings" / "olist.yaml").read_bytes())
    (folder / "client.yaml").write_text(
        "name: Olist\ntime_zone: America/Sao_Paulo\ntables: {voices: [{files: data/*, mapping: olist}]}\n",
        encoding="utf-8",
    )
    return cache.prepared(client.find(str(folder)))


@pytest.fixture(scope="module")
def told(sample: Path) -> pd.DataFrame:
    """Return reviews with their orders and the step that the promise tells, by pandas alone."""
    reviews = pd.read_csv(sample / REVIEWS, dtype=str, keep_default_na=False)
    both = reviews.merge(pd.read_csv(sample / ORDERS, dtype=str, keep_default_na=False), on="order_id")
    days = {name: pd.to_datetime(both[f"order_{name}_date"]).dt.normalize() for name in _DAYS}
    promised, kept = days["estimated_delivery"], days["delivered_customer"]
    step = pd.Series("-", both.index).mask(kept < promised, EARLY).mask(kept == promised, ON_TIME)
    return both.assign(step=step.mask(kept > promised, LATE), evaluation=both["review_score"].astype(int))


_DAYS = ("estimated_delivery", "delivered_customer")


def test_every_review_is_a_voice_and_every_order_is_accounted_for(prepared: Path) -> None:
    files = json.loads((prepared / "account.json").read_text(encoding="utf-8"))["tables"]["voices"]["files"]
    counted = {Path(each["file"]).name: {name: n for name, n in each["outcomes"].items() if n} for each in files}
    # 4,000 orders less 28 of which nobody wrote anything; 14 orders have two reviews: 3,972 + 14 = 3,986
    assert counted == {REVIEWS: {"accepted": 3986}, ORDERS: {"joined": 3972, "out_of_scope": 28}}


def test_voices_and_mean_evaluation_of_each_step_are_those_of_plain_pandas(prepared: Path, told: pd.DataFrame) -> None:
    voices = pd.read_parquet(prepared / "voices.parquet")
    found = voices.assign(step=voices["step"].fillna("-"), evaluation=voices["evaluation"].astype(int))
    by_step = [table.groupby("step")["evaluation"].agg(["size", "mean"]) for table in (found, told)]
    assert by_step[0].to_dict() == by_step[1].to_dict()
    assert by_step[0]["size"].sum() == 3986 and set(by_step[0].index) == {EARLY, ON_TIME, LATE, "-"}
    assert by_step[0].loc[LATE, "mean"] < by_step[0].loc[EARLY, "mean"]


def test_every_voice_is_told_as_it_was_written(prepared: Path, told: pd.DataFrame) -> None:
    voices = pd.read_parquet(prepared / "voices.parquet").sort_values("_row", ignore_index=True)
    assert voices["is_stand_in"].all() and (voices["expectation"] == 4).all()
    comments = told["review_comment_message"].str.strip()
    assert told["review_comment_message"].str.contains("\r\n").sum() == 137  # line breaks inside of quotes
    assert voices["comment"].fillna("").tolist() == comments.tolist()
    assert voices["customer_id"].tolist() == told["customer_id"].tolist()
    assert voices["date"].astype(str).tolist() == told["review_creation_date"].str[:10].tolist()
