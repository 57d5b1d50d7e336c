"""The demo shop's planted relationships are found again from its exports, by the kit's rules and the kit's code."""

import shutil

import pandas as pd
import pytest

from horetsu_utils import assets, demo, standing
from horetsu_utils.client import secret
from horetsu_utils.ingest import identity
from horetsu_utils.metrics import passage
from horetsu_utils.shop import Shop
from horetsu_utils.standing import Standing


@pytest.fixture(scope="module")
def where(demo_client) -> Standing:
    return standing.standing(Shop.open(demo_client, as_of=""))


@pytest.fixture(scope="module")
def truths(where) -> demo.Truths:
    return demo.build().truths


@pytest.fixture(scope="module")
def ids(where, truths) -> dict[str, str]:
    """Return the id in the kit of each planted customer: guests are known by the hash of their address."""
    hashed = identity.Hasher(secret(where.shop.client), "mail:", identity.mail)
    return {who: hashed(who) if "@" in who else who for who in truths.stages["customer_id"]}


def test_the_confusion_table_of_planted_and_found_stages_is_diagonal(where, truths, ids) -> None:
    found = where.stages.to_pandas().set_index("customer_id")
    planted = truths.stages.assign(who=truths.stages["customer_id"].map(ids)).set_index("who")
    assert sorted(found.index) == sorted(planted.index)
    both = planted.join(found.rename(columns={"stage": "stage_found", "cooling": "cooling_found"}))
    table = pd.crosstab(both["stage"], both["stage_found"])
    assert table.index.tolist() == table.columns.tolist() == [0, 1, 2, 3, 4]
    assert table.to_numpy().trace() == table.to_numpy().sum() == 3000, f"\n{table}"
    assert (both["cooling"] == both["cooling_found"]).all()
    assert (pd.to_datetime(both["since"]) == pd.to_datetime(both["since_on"])).all()


def test_every_planted_transition_is_found_on_its_day_and_no_other(where, truths, ids) -> None:
    planted = {
        (ids[row.customer_id], row.date, row.stage_from, row.stage_to) for row in truths.transitions.itertuples()
    }
    found = set()
    for row in passage.visits(where.spells).to_pyarrow().to_pylist():
        if row["left_on"] is not None:
            found.add((row["customer_id"], row["left_on"], row["stage"], row["next_stage"]))
    assert len(planted) > 5000
    assert found == planted


def test_every_planted_month_end_is_counted(where, truths) -> None:
    planted = truths.stage_history.groupby(["month_end", "stage"]).size().to_dict()
    first = min(day for day, _ in planted)
    months = passage.snapshots(where.spells, first=first, as_of=where.shop.as_of).to_pyarrow().to_pylist()
    found = {(row["month_end"], row["stage"]): row["customers"] for row in months if row["customers"]}
    assert found == planted


def test_every_customer_has_evidence_that_ends_at_their_stage(where) -> None:
    told = where.evidence.to_pandas()
    stages = where.stages.to_pandas().set_index("customer_id")["stage"]
    levels = {rule.signal: rule.level for rule in where.rules.signals}
    assert set(told["customer_id"]) == set(stages.index)
    reached = told[told["role"] == "reached"]
    assert (reached["signal"].map(levels) == reached["stage"]).all()
    peak = reached.groupby("customer_id")["stage"].max()
    falls = told[told["role"] == "fell"].groupby("customer_id").size().reindex(stages.index, fill_value=0)
    assert ((peak - falls).reindex(stages.index) == stages).all()


def test_with_orders_alone_nobody_stands_above_landing_and_the_hints_stand_beside(demo_client) -> None:
    shop = Shop.open(demo_client, as_of="")
    orders = {name: table for name, table in shop.tables.items() if name in ("orders", "lines", "product_lines")}
    alone = standing.standing(Shop(shop.client, shop.as_of, shop.rules, orders, shop.account, shop.fingerprint))
    found = alone.stages.to_pandas()
    assert set(found["stage"]) == {0, 1}
    assert (found["provisional_stage"] >= found["stage"]).all()
    assert (found["provisional_stage"] >= 2).sum() > 100
    kept = alone.coverage.to_pandas().set_index("table")
    assert kept.index[kept["present"]].tolist() == ["orders"]
    assert alone.confidence == pytest.approx(1 / 6)
    assert found["confidence"].tolist() == [alone.confidence] * len(found)
    assert kept.loc["touchpoints", "uninformed"] == len(found)


def test_a_consultant_who_edits_the_rules_sees_the_effect(demo_client, tmp_path, where) -> None:
    """Sixty quiet days instead of fourteen: whoever has only the first order of the last two months watches again."""
    folder = tmp_path / "demo"
    shutil.copytree(demo_client, folder)
    (folder / "rules").mkdir()
    kit = (assets.RULES / "stages.yaml").read_text(encoding="utf-8")
    (folder / "rules" / "stages.yaml").write_text(kit.replace("quiet_days: 14", "quiet_days: 60"), encoding="utf-8")
    edited = standing.standing(Shop.open(folder, as_of=""))
    before, after = (each.stages.filter(each.stages.stage == 0).count().to_pandas() for each in (where, edited))
    assert after > before + 50
    same = standing.counts(where.shop, where.rules, landing_days=60, regress_days=where.rules.regress_days)
    assert same.loc[same["stage"] == 0, "customers"].item() == after
