"""Spark and DuckDB tell the same: every table of every metric, and every figure that leaves the engine."""

from collections.abc import Callable
from pathlib import Path

import both_engines
import pytest
from both_engines import differences, functions, has_spark, recording, walked

from horetsu_utils import assets, assortment, baskets, comparing, pathway, people, selling
from horetsu_utils.affinity_rules import AffinityRules
from horetsu_utils.method import JourneyRules
from horetsu_utils.metrics import outlook, silence
from horetsu_utils.shop import Shop

pytestmark = [
    pytest.mark.skipif(not has_spark(), reason=both_engines.WITHOUT),
    pytest.mark.usefixtures("leaves_spark"),
]

HERE = "spark: local[2]"
CHAPTERS = sorted(path.stem for path in assets.NOTEBOOKS.glob("[0-9]*.ipynb"))
OF_ORDERS = ("01_rfm", "02_stage", "03_journey", "07_affinity")
"""The chapters that a shop of orders alone can fill."""


@pytest.fixture(scope="module")
def demos(demo_client: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Return the demo shop on DuckDB and on Spark."""
    return both_engines.pair(HERE, demo_client, tmp_path_factory.mktemp("spark") / "demo")


@pytest.fixture(scope="module")
def reached() -> set[str]:
    """Return the metrics that were compared so far."""
    return set()


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_a_chapter_of_the_demo_shop(chapter: str, demos: tuple[Path, Path], reached: set[str]) -> None:
    duckdb, spark = (walked(chapter, shop) for shop in demos)
    reached |= {place for place, _ in duckdb}
    assert differences(duckdb, spark) == []


def listed(shop: Path) -> None:
    people.told(people.known(Shop.open(shop, as_of="")))


def two_days(shop: Path) -> None:
    comparing.compare(*(Shop.open(shop, as_of=day) for day in ("2026-03-31", "2026-06-30")))


def sets_of_any_size(shop: Path) -> None:
    opened = Shop.open(shop, as_of="")
    sold = assortment.assortment(opened).sold
    baskets.together(opened.connection, sold, rules=AffinityRules()).in_order.rules_from(0.002)


def asked_by_the_analyst(shop: Path) -> None:
    opened = Shop.open(shop, as_of="")
    selling.selling(opened).by_customer.to_pandas()
    silence.planned_silences(opened.table("scenario"), rules=JourneyRules())
    outlook.spenders(outlook.histories(pathway.pathway(opened).everybody, as_of=opened.as_of))


@pytest.mark.parametrize("work", [listed, two_days, sets_of_any_size, asked_by_the_analyst])
def test_what_stands_beside_the_chapters(
    work: Callable[[Path], None], demos: tuple[Path, Path], reached: set[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    told = []
    for shop in demos:
        with recording(monkeypatch) as each:
            work(shop)
        told.append(each)
    reached |= {place for place, _ in told[0]}
    assert differences(*told) == []


def test_no_metric_was_left_out(reached: set[str]) -> None:
    assert sorted(functions().keys() - reached) == []


@pytest.mark.parametrize("chapter", OF_ORDERS)
def test_a_chapter_of_a_real_shop(chapter: str, uci_client: Path, tmp_path: Path) -> None:
    duckdb, spark = (walked(chapter, shop) for shop in both_engines.pair(HERE, uci_client, tmp_path / "uci"))
    assert differences(duckdb, spark) == []
