"""A notebook opened as it stands finds the demo shop: written where nobody has, and never over somebody's own."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

from horetsu_utils import assets
from horetsu_utils.demo import at_hand
from horetsu_utils.errors import ConfigError
from horetsu_utils.shop import Shop


@pytest.fixture
def clone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the place of a fresh clone; whoever works stands somewhere else."""
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    monkeypatch.chdir(elsewhere)
    monkeypatch.setattr(assets, "ROOT", tmp_path / "clone")
    return tmp_path / "clone"


def test_the_demo_shop_is_written_into_the_clone_and_found_again(clone: Path) -> None:
    first = Shop.open("demo", as_of="")
    assert (first.name, first.client.folder) == ("デモ商店", clone / "clients" / "demo")
    assert sorted(path.name for path in (clone / "clients").iterdir()) == ["demo"]
    written = (clone / "clients" / "demo" / "client.yaml").stat().st_mtime_ns
    assert Shop.open("demo", as_of="").fingerprint == first.fingerprint
    assert (clone / "clients" / "demo" / "client.yaml").stat().st_mtime_ns == written
    assert list(Path().iterdir()) == []


def test_a_client_of_that_name_from_here_upwards_comes_first(clone: Path, demo_client: Path) -> None:
    shutil.copytree(demo_client, Path("clients") / "demo", ignore=shutil.ignore_patterns(".cache"))
    assert at_hand.opened("demo").folder.resolve() == Path("clients/demo").resolve()
    assert not clone.exists()


def test_a_demo_shop_that_needs_mending_is_not_written_over(clone: Path) -> None:
    own = clone / "clients" / "demo" / "client.yaml"
    own.parent.mkdir(parents=True)
    own.write_text("nmae: x\n", encoding="utf-8")
    with pytest.raises(ConfigError):
        at_hand.opened("demo")
    assert own.read_text(encoding="utf-8") == "nmae: x\n"


def test_a_folder_left_half_written_becomes_whole(clone: Path) -> None:
    (clone / "clients" / "demo" / "data").mkdir(parents=True)
    assert at_hand.opened("demo").config.name == "デモ商店"
    assert sorted(path.name for path in (clone / "clients").iterdir()) == ["demo"]


def test_an_installed_kit_writes_it_here(clone: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(assets, "IS_CLONE", False)
    assert at_hand.opened("demo").folder == Path("clients/demo")
    assert not clone.exists()


@pytest.mark.parametrize("name", ["sakura", "demo2"])
def test_no_other_client_is_ever_made_up(clone: Path, name: str) -> None:
    with pytest.raises(ConfigError) as refused:
        Shop.open(name, as_of="")
    assert str(refused.value).startswith(f"クライアント「{name}」が見つかりません。")
    assert not clone.exists()


def test_a_place_that_cannot_be_written_is_told_in_words(clone: Path) -> None:
    clone.write_text("", encoding="utf-8")
    with pytest.raises(ConfigError) as refused:
        Shop.open("demo", as_of="")
    assert str(refused.value) == (
        f"練習用のお店「デモ商店」を置けませんでした。\n場所: {clone}/clients/demo\n"
        "次に: horetsu demo --out フォルダ で書き込める所に作り、その場所を client に書いてください。"
    )


def test_stock_papermill_runs_a_notebook_as_it_stands_from_a_fresh_clone(tmp_path: Path) -> None:
    """The package is a copy, as in a clone in which no command was run yet; the work goes on elsewhere."""
    clone, here = tmp_path / "clone", tmp_path / "here"
    here.mkdir()
    for part in ("horetsu_utils", "notebooks", "templates"):
        shutil.copytree(assets.ROOT / part, clone / part, ignore=shutil.ignore_patterns("__pycache__"))
    command = [sys.executable, "-m", "papermill", str(clone / "notebooks" / "01_rfm.ipynb"), "out.ipynb"]
    own = {**os.environ, "PYTHONPATH": str(clone)}
    ran = subprocess.run(command, cwd=here, capture_output=True, text=True, timeout=300, env=own, check=False)
    assert ran.returncode == 0, ran.stderr
    outputs = [
        each for cell in nbformat.read(here / "out.ipynb", as_version=4).cells for each in cell.get("outputs", ())
    ]
    assert {each.output_type for each in outputs} == {"execute_result"}
    plain = {"text/html", "application/vnd.jupyter.widget-view+json"}
    assert all(plain & set(each.data) for each in outputs)  # what VS Code, GitHub and nbconvert can show
    assert sum("data:image/png" in each.data.get("text/html", "") for each in outputs) >= 5
    assert (clone / "clients" / "demo" / "client.yaml").is_file()
    assert [path.name for path in here.iterdir()] == ["out.ipynb"]
