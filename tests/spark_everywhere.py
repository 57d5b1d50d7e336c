"""A plug-in for pytest (-p spark_everywhere): what a test makes in memory is computed by Spark instead of DuckDB."""

from collections.abc import Iterator

import hypothesis
import ibis
import pytest

from horetsu_utils import engine

FEW = 5
"""Examples of a property: Spark takes a second where DuckDB takes a hundredth."""

hypothesis.settings.register_profile("spark", max_examples=FEW, deadline=None, database=None)
hypothesis.settings.load_profile("spark")


@pytest.fixture(scope="session", autouse=True)
def _on_spark() -> Iterator[None]:
    before = ibis.options.default_backend
    ibis.set_backend(engine.session("local[2]"))
    yield
    ibis.options.default_backend = before
    engine.leave()
