"""What the engine writes and reads lies where it was said to, whatever signs the path has."""

from pathlib import Path

import ibis
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
    most, unit = engine.connect().raw_sql("SELECT current_setting('memory_limit')").fetchone()[0].split()
    monkeypatch.setattr(engine, "SHARE", float(most) / {"GiB": 0.06, "MiB": 60}[unit])
    spill = tmp_path / "spill"
    connection = engine.session(spill=spill)
    assert not spill.exists()
    numbers = connection.sql("SELECT range AS n, md5(range::varchar) AS text FROM range(4000000)")
    assert engine.keep(connection, numbers).n.sum().execute() == 4_000_000 * 3_999_999 // 2
    assert any(spill.iterdir())
    connection.disconnect()
    assert not spill.exists()
