"""What the engine writes and reads lies where it was said to, whatever signs the path has."""

from pathlib import Path
from typing import Any

import ibis
import psutil
import pyarrow as pa
import pytest

from horetsu_utils import engine

ODD = ["お店's", 'a"b', "a\\b", "s [a]", "a*", "a?", "{x}", "100%d", "#1", "😊", "**", "x\\[a]'*", "$HOME", "~"]


@pytest.mark.parametrize("name", ODD)
def test_a_table_is_read_back_from_any_folder(tmp_path: Path, name: str) -> None:
    folder = tmp_path / name
    folder.mkdir()
    connection = engine.connect(folder)
    engine.write_parquet(connection, connection.create_table("t", {"n": [1, 2]}), folder / "rows.parquet")
    assert [each.name for each in folder.iterdir()] == ["rows.parquet"]
    assert engine.read_parquet(engine.connect(), folder / "rows.parquet").n.sum().execute() == 3


@pytest.mark.parametrize(("name", "neighbour"), [("s [a]", "s a"), ("a*", "ab"), ("a?", "ac"), ("**", "any")])
def test_a_name_is_no_pattern_for_its_neighbours(tmp_path: Path, name: str, neighbour: str) -> None:
    connection = engine.connect()
    for place, (folder, number) in enumerate([(name, 1), (neighbour, 20)]):
        (tmp_path / folder).mkdir()
        table = connection.create_table(f"t{place}", ibis.memtable({"n": [number]}))
        engine.write_parquet(connection, table, tmp_path / folder / "rows.parquet")
    assert engine.read_parquet(connection, tmp_path / name / "rows.parquet").n.sum().execute() == 1


def test_what_outgrows_memory_waits_on_disk_and_goes_with_the_session(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "LEAST_MEMORY", 60_000_000)
    spill = tmp_path / "spill"
    connection = engine.session(spill=spill)
    assert not spill.exists()
    numbers = connection.sql("SELECT range AS n, md5(range::varchar) AS text FROM range(4000000)")
    assert engine.keep(connection, numbers).n.sum().execute() == 4_000_000 * 3_999_999 // 2
    assert any(spill.iterdir())
    connection.disconnect()
    assert not spill.exists()


def test_a_session_holds_what_its_tables_ask_for_and_never_all_of_the_machine(tmp_path: Path) -> None:
    def limit(**how: Any) -> float:
        told = engine.connect(**how).raw_sql("SELECT value FROM duckdb_settings() WHERE name = 'memory_limit'")
        number, unit = told.fetchone()[0].split()
        return float(number) * 1024 ** {"MiB": 2, "GiB": 3}[unit]

    alone = limit()
    whole = psutil.virtual_memory().total
    # 80 % of the machine alone; 1.6 GB, or four times the tables' 500 MB; a fourth of the 80 % at most
    assert alone == pytest.approx(0.8 * whole, rel=0.1)
    told = [limit(spill=tmp_path, size=size) for size in (0, 500_000_000, 10**13)]
    assert told == pytest.approx([min(each, alone / 4) for each in (1.6e9, 2e9, 10**13)], rel=0.1)


def test_a_stream_that_outgrows_memory_is_laid_down_and_read_as_often_as_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "SMALL_BYTES", 1)
    whole = pa.table({"number": range(5_000), "name": [f"お客様{each % 7}" for each in range(5_000)]})
    connection, spill = engine.connect(tmp_path / "duckdb"), tmp_path / "spill"
    batches = whole.to_reader(max_chunksize=1_000)
    table = engine.stage(connection, batches, ["number", "name"], mark="mark", spill=spill)
    for _ in range(3):
        assert table.select("number", "name").order_by("number").to_pyarrow().to_pylist() == whole.to_pylist()
    assert table.mark.nunique().to_pyarrow().as_py() == 7
    assert list(spill.iterdir()) == []
