"""Which engine computes: said in client.yaml, and where it is not to be had, told what to install."""

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from horetsu_utils import client, engine
from horetsu_utils.errors import ConfigError

ORDERS = "  orders: [{files: data/*.csv}]"


@pytest.mark.parametrize(
    ("said", "master"),
    [
        ("", ""),
        ("engine: duckdb", ""),
        ("engine: spark://10.0.0.2:7077", "spark://10.0.0.2:7077"),
        ("engine: spark://one:7077,other:7077", "spark://one:7077,other:7077"),
        ("spark: local[2]", "local[2]"),
        ("spark: local[*]", "local[*]"),
    ],
)
def test_the_engine_is_said_in_client_yaml(make_client: Callable[..., Path], said: str, master: str) -> None:
    assert client.find(str(make_client({}, ORDERS, said))).config.master == master


@pytest.mark.parametrize(
    ("said", "problem"),
    [
        ("engine: duck", "「engine」: 「duck」では計算できません(使えるもの: duckdb・spark://ホスト名:7077)"),
        (
            "spark: local[0]",
            "「spark」: 「local[0]」では計算できません(使えるもの: local・local[2]・local[*]・spark://ホスト名:7077)",
        ),
        ("engine: duckdb\nspark: local", "engine と spark は、どちらか1つだけ書いてください"),
    ],
)
def test_another_engine_is_refused(make_client: Callable[..., Path], said: str, problem: str) -> None:
    with pytest.raises(ConfigError) as error:
        client.find(str(make_client({}, ORDERS, said)))
    assert problem in str(error.value)


def test_without_pyspark_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "horetsu_utils.spark", raising=False)
    monkeypatch.delattr("horetsu_utils.spark", raising=False)
    for name in ("pyspark", "ibis.backends.pyspark"):
        monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(ConfigError) as error:
        engine.session("local[2]")
    assert str(error.value) == (
        "Spark を使う準備ができていません。\n"
        "場所: client.yaml の engine(または spark)\n"
        '次に: pip install "horetsu[spark]" と Java 17 を入れてください。その行を消すと、この機械だけで計算します。'
    )
