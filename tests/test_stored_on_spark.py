"""Spark reads the tables at an address by itself, and finds what DuckDB finds."""

from pathlib import Path

import both_engines
import pytest
from both_engines import differences, has_spark, walked

from horetsu_utils.shop import Shop

pytestmark = [
    pytest.mark.skipif(not has_spark(), reason=both_engines.WITHOUT),
    pytest.mark.usefixtures("leaves_spark"),
]


@pytest.fixture(scope="module")
def demos(demo_client: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Return the demo shop on DuckDB with its tables here, and on Spark with its tables at an address."""
    room = tmp_path_factory.mktemp("stored")
    settings = f"spark: local[2]\nstore: file://{room}/置き場 1"
    here, there = both_engines.pair(settings, demo_client, room / "demo")
    Shop.open(there, as_of="")  # laid now: what laying asks is no figure
    return here, there


@pytest.mark.parametrize("chapter", ["01_rfm", "04_gap"])
def test_a_chapter_is_the_same(chapter: str, demos: tuple[Path, Path]) -> None:
    assert differences(*(walked(chapter, shop) for shop in demos)) == []


def test_every_table_has_the_same_columns_and_rows(demos: tuple[Path, Path]) -> None:
    here, there = (Shop.open(shop, as_of="").tables for shop in demos)
    assert {name: table.schema() for name, table in here.items()} == {
        name: table.schema() for name, table in there.items()
    }
    for name, table in here.items():
        assert table.count().execute() == there[name].count().execute(), name
