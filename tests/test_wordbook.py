"""The words of a shop's comments: read once, anew when something changed, by several processes if there are many."""

import multiprocessing
import os
import shutil
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import ibis
import pandas as pd
import pytest

from horetsu_utils import wordbook
from horetsu_utils.analyser import Analyser
from horetsu_utils.shop import Shop

TABLES = (
    "  voices: [{files: data/voices.csv, mapping: generic}]\n  orders: [{files: data/orders.csv, mapping: generic}]\n"
)
HEAD = "顧客番号,日付,期待,評価,コメント\n"
ORDERS = (
    "注文番号,顧客番号,注文日時,金額,商品名\n1,A,2026-05-01,1000,あさつゆ化粧水\n2,A,2026-06-29,1000,月夜の石けん\n"
)
Make = Callable[..., Path]


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Count how many comments each reading takes."""
    told: list[int] = []
    write = wordbook.write

    def writing(path: Path, comments: list[str], names: list[str]) -> None:
        told.append(len(comments))
        write(path, comments, names)

    monkeypatch.setattr(wordbook, "write", writing)
    return told


def shop(make: Make, comments: list[str], orders: str = ORDERS, as_of: str = "") -> Shop:
    rows = "".join(f'C{place},2026-06-01,4,5,"{text}"\n' for place, text in enumerate(comments))
    return Shop.open(make({"voices.csv": HEAD + rows, "orders.csv": orders}, TABLES), as_of=as_of)


def words(of: Shop, names: list[str] | None = None) -> list[tuple]:
    heard = of.table("heard")
    voices = heard.mutate(voice_id=heard.customer_id)
    found = wordbook.words(of, voices, names or []).order_by("voice_id", "word").to_pandas()
    return [tuple(row) for row in found[["voice_id", "word", "denied"]].itertuples(index=False)]


def test_every_voice_has_its_words(make_client: Make) -> None:
    found = words(shop(make_client, ["香りが良い", "良くない", "", "香りが良い"]))
    assert found == [
        ("C0", "良い", False), ("C0", "香り", False),
        ("C1", "良い", True),
        ("C3", "良い", False), ("C3", "香り", False),
    ]  # fmt: skip


def test_comments_are_read_once(make_client: Make, counted: list[int]) -> None:
    first = words(shop(make_client, ["香りが良い", "良くない", "香りが良い"]))
    assert words(shop(make_client, ["香りが良い", "良くない", "香りが良い"])) == first
    assert counted == [2]  # equal comments are read together


def test_a_new_comment_product_or_name_is_read_anew(make_client: Make, counted: list[int]) -> None:
    words(shop(make_client, ["雪月花石けんが良い"]))
    found = words(shop(make_client, ["雪月花石けんが良い"], ORDERS.replace("月夜の石けん", "雪月花石けん")))
    assert ("C0", "雪月花石けん", False) in found
    words(shop(make_client, ["雪月花石けんが良い", "楽しい"]))
    words(shop(make_client, ["雪月花石けんが良い", "楽しい"]), ["雪月"])
    assert counted == [1, 1, 2, 2]


def test_the_name_of_a_later_product_is_not_known(make_client: Make) -> None:
    told = ["月夜の石けんが良い"]
    assert ("C0", "月夜の石けん", False) in words(shop(make_client, told, as_of="2026-06-30"))
    assert ("C0", "月夜の石けん", False) not in words(shop(make_client, told, as_of="2026-06-15"))


def test_no_comment_and_no_order_are_no_trouble(make_client: Make) -> None:
    assert words(shop(make_client, ["", ""])) == []
    alone = make_client(
        {"voices.csv": HEAD + "A,2026-06-01,4,5,良い\n"}, TABLES.partition("\n")[0] + "\n", name="alone"
    )
    assert words(Shop.open(alone, as_of="")) == [("A", "良い", False)]


def test_only_the_sets_used_last_are_kept_and_nothing_half_made(make_client: Make) -> None:
    for number in range(wordbook.KEPT + 2):
        of = shop(make_client, [f"良い{'。' * number}"])
        words(of)
        folder = of.client.cache / wordbook.FOLDER
        half_made = folder / ".0123456789abcdef.parquet.1"
        half_made.touch()
        os.utime(half_made, (0, 0))
    assert len(list(folder.glob("*.parquet"))) == wordbook.KEPT
    words(shop(make_client, ["新しい"]))
    assert not half_made.exists()


def test_a_new_import_leaves_the_words_and_forgets_old_tables(make_client: Make, counted: list[int]) -> None:
    for number in range(4):
        of = shop(make_client, ["香りが良い"], ORDERS + f"9,A,2026-06-{number + 10},5,あさつゆ化粧水\n")
        words(of)
    assert counted == [1]
    prepared = [path for path in of.client.cache.iterdir() if (path / "account.json").is_file()]
    assert len(prepared) == 2


def test_many_comments_are_read_by_several_processes_and_alike(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    comments = [f"あさつゆ化粧水は{number}日目で良く{'ない' * (number % 2)}" for number in range(500)]
    names = ["あさつゆ化粧水"]
    wordbook.write(tmp_path / "one.parquet", comments, names)
    monkeypatch.setattr(wordbook, "BATCH", 100)
    wordbook.write(tmp_path / "several.parquet", comments, names)
    one, several = (pd.read_parquet(tmp_path / f"{name}.parquet").astype(str) for name in ("one", "several"))
    pd.testing.assert_frame_equal(one, several)
    reader = Analyser(names)
    expected = [(str(number), word) for number, text in enumerate(comments) for word, _, _ in reader.words(text)]
    assert list(zip(one["comment_id"], one["word"], strict=True)) == expected
    assert sorted(path.name for path in tmp_path.iterdir()) == ["one.parquet", "several.parquet"]


def test_a_reading_that_breaks_off_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wordbook, "_rows", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        wordbook.write(tmp_path / "words.parquet", ["良い"], [])
    assert list(tmp_path.iterdir()) == []


def test_a_damaged_table_of_words_can_be_thrown_away(make_client: Make) -> None:
    of = shop(make_client, ["良い"])
    found = words(of)
    shutil.rmtree(of.client.cache / wordbook.FOLDER)
    assert words(of) == found
    assert isinstance(of.table("heard"), ibis.Table)


def written(path: Path) -> int:
    wordbook.write(path, [f"香りが良い{number}回目" for number in range(2000)], ["あさつゆ化粧水"])
    return os.getpid()


def test_two_processes_may_write_the_same_words_at_once(tmp_path: Path) -> None:
    path = tmp_path / "words.parquet"
    with ProcessPoolExecutor(2, mp_context=multiprocessing.get_context("spawn")) as pool:
        assert len(list(pool.map(written, [path] * 4))) == 4
    assert len(pd.read_parquet(path)) == 2 * 2000  # 香り and 良い of each
    assert list(tmp_path.iterdir()) == [path]


def test_what_a_killed_process_left_is_no_set_of_words(make_client: Make, counted: list[int]) -> None:
    of = shop(make_client, ["良い"])
    found = words(of)
    (kept,) = (of.client.cache / wordbook.FOLDER).glob("*.parquet")
    kept.rename(kept.with_name(f".{kept.name}.1"))  # as if it had been killed before the end
    assert words(of) == found
    assert counted == [1, 1]


def test_a_comment_of_signs_only_and_one_that_holds_quotes(make_client: Make) -> None:
    assert words(shop(make_client, ["😀😀", "…", "これは\"\"良い\"\"。\n<b>残念</b>", "=1+1"])) == [
        ("C2", "残念", False), ("C2", "良い", False),
    ]  # fmt: skip
