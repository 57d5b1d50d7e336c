"""The analyst's desk: copies that open on the client, what was changed stays, and JupyterLab asks nothing of others."""

import ast
import json
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import nbformat
import pytest
from jupyterlab.labapp import LabApp

from horetsu_utils import assets, client, desk
from horetsu_utils.errors import MissingDataError
from horetsu_utils.placing import PlacingError

ORDERS = "注文番号,顧客番号,注文日時,金額\n1,A,2026-05-01,1000\n2,B,2026-06-30,2000\n"
STORY = "顧客番号,日付,変化点数,気持ち\nA,2026-06-01,3,良い\n"
TABLES = "  orders: [{files: data/orders.csv, mapping: generic}]"
STORIED = f"{TABLES}\n  story: [{{files: data/story.csv, mapping: generic}}]"
HOSTILE = 'お店 "花" 🌸 {x} %s'


@pytest.fixture
def shop(make_client: Callable[..., Path]) -> client.Client:
    return client.find(str(make_client({"orders.csv": ORDERS}, TABLES)))


def parameters(path: Path) -> dict[str, object]:
    """Return what a notebook's parameters say, as Python reads them."""
    cells = nbformat.read(path, as_version=4).cells
    (cell,) = [cell for cell in cells if "parameters" in cell.metadata.get("tags", [])]
    return {node.target.id: ast.literal_eval(node.value) for node in ast.parse(cell.source).body}


def change(path: Path, act: Callable[[nbformat.NotebookNode], object]) -> bytes:
    """Change a notebook as an editor would; return what stands there now."""
    notebook = nbformat.read(path, as_version=4)
    act(notebook)
    nbformat.write(notebook, path)
    return path.read_bytes()


def write_on(notebook: nbformat.NotebookNode) -> None:
    notebook.cells[-1].source += "\n1 + 1"


def test_the_copies_name_the_client_and_the_day(shop) -> None:
    folder = desk.prepare(shop, "")
    assert folder == shop.folder.resolve() / "notebooks"
    for path in folder.iterdir():
        assert parameters(path) == {"client": str(shop.folder.resolve()), "as_of": "2026-06-30"}
    assert {"as_of": "2026-05-31"}.items() <= parameters(desk.prepare(shop, "2026-05-31") / "01_rfm.ipynb").items()


def test_all_but_the_parameters_is_the_kits_own_comments_too(shop) -> None:
    copy = nbformat.read(desk.prepare(shop, "") / "01_rfm.ipynb", as_version=4)
    kits = nbformat.read(assets.NOTEBOOKS / "01_rfm.ipynb", as_version=4)
    differing = [(one, other) for one, other in zip(copy.cells, kits.cells, strict=True) if one != other]
    ((here, there),) = differing
    assert here.metadata.tags == ["parameters"]
    assert [line.partition("#")[2] for line in here.source.splitlines()] == [
        line.partition("#")[2] for line in there.source.splitlines()
    ]


def test_only_what_the_data_suffices_for_is_laid_out(shop, make_client) -> None:
    names = {path.name for path in desk.prepare(shop, "").iterdir()}
    assert "01_rfm.ipynb" in names
    assert "06_story.ipynb" not in names
    told = client.find(str(make_client({"orders.csv": ORDERS, "story.csv": STORY}, STORIED, name="told")))
    assert "06_story.ipynb" in {path.name for path in desk.prepare(told, "").iterdir()}


def test_a_path_with_quotes_signs_and_pictures_is_a_path(make_client) -> None:
    folder = make_client({"orders.csv": ORDERS}, TABLES, name=HOSTILE)
    laid = desk.prepare(client.find(str(folder)), "")
    assert parameters(laid / "01_rfm.ipynb")["client"] == str(folder.resolve())
    assert desk.command(laid)[4] == f"--ServerApp.root_dir={folder.resolve() / 'notebooks'}"


@pytest.mark.parametrize(
    "text", ["'", '"', "'\"", "a\\'\n# b", "\udce3\udc81", '"""', "🌸", "{client}", "'; import os #"]
)
def test_any_text_becomes_the_value_and_nothing_else(text: str, tmp_path: Path) -> None:
    notebook = desk._copy(assets.NOTEBOOKS / "01_rfm.ipynb", {"client": text, "as_of": text})
    nbformat.write(notebook, tmp_path / "copy.ipynb")
    assert parameters(tmp_path / "copy.ipynb") == {"client": text, "as_of": text}


@pytest.mark.parametrize(
    "act",
    [
        write_on,
        lambda notebook: notebook.cells.pop(),
        lambda notebook: notebook.cells.append(nbformat.v4.new_markdown_cell("私のメモ")),
        lambda notebook: notebook.cells.reverse(),
    ],
    ids=["written", "removed", "added", "moved"],
)
def test_what_the_analyst_changed_stays_and_is_told(shop, act: Callable) -> None:
    path = desk.prepare(shop, "") / "01_rfm.ipynb"
    changed = change(path, act)
    said: list[str] = []
    desk.prepare(shop, "2026-05-31", tell=said.append)
    assert path.read_bytes() == changed
    assert said[-1] == (
        "01_rfm.ipynb は、前に書きかえられているので、そのまま残しました(お店と分析日も、前のままです)。"
        "新しい写しが要るときは、その名前を変えてから、もう一度お試しください。"
    )
    assert parameters(path.with_name("02_stage.ipynb"))["as_of"] == "2026-05-31"


def test_what_was_only_run_stays_until_something_new_is_to_be_laid(shop) -> None:
    path = desk.prepare(shop, "") / "01_rfm.ipynb"

    def ran(notebook: nbformat.NotebookNode) -> None:
        code = next(cell for cell in notebook.cells if cell.cell_type == "code")
        code.execution_count, code.metadata["scrolled"] = 1, True
        code.outputs = [nbformat.v4.new_output("stream", text="shown")]

    shown, said = change(path, ran), []
    desk.prepare(shop, "", tell=said.append)
    assert path.read_bytes() == shown
    desk.prepare(shop, "2026-05-31", tell=said.append)
    assert b"shown" not in path.read_bytes()
    assert not [word for word in said if "そのまま残しました" in word]


@pytest.mark.parametrize("content", [b"", b"{}", b"\xff\xfe", b'{"cells": "x", "nbformat": 4, "metadata": 3}'])
def test_a_file_that_is_no_notebook_of_ours_stays(shop, content: bytes) -> None:
    place = shop.folder / "notebooks" / "01_rfm.ipynb"
    place.parent.mkdir()
    place.write_bytes(content)
    said: list[str] = []
    desk.prepare(shop, "", tell=said.append)
    assert place.read_bytes() == content
    assert said[-1].startswith("01_rfm.ipynb は、前に書きかえられている")


def test_a_kits_notebook_put_there_by_hand_stays(shop) -> None:
    (shop.folder / "notebooks").mkdir()
    place = Path(shutil.copy(assets.NOTEBOOKS / "01_rfm.ipynb", shop.folder / "notebooks"))
    desk.prepare(shop, "")
    assert place.read_bytes() == (assets.NOTEBOOKS / "01_rfm.ipynb").read_bytes()


def test_a_forged_hash_of_another_kind_does_no_harm(shop) -> None:
    path = desk.prepare(shop, "") / "01_rfm.ipynb"
    changed = change(path, lambda notebook: notebook.metadata.update(horetsu={"laid": {"a": [1]}}))
    desk.prepare(shop, "2026-05-31")
    assert path.read_bytes() == changed


def test_nothing_else_is_left_in_the_folder(shop) -> None:
    desk.prepare(shop, "")
    assert {path.suffix for path in desk.prepare(shop, "2026-05-31").iterdir()} == {".ipynb"}


def test_a_file_where_the_folder_should_be_is_told(shop) -> None:
    (shop.folder / "notebooks").write_text("", encoding="utf-8")
    with pytest.raises(PlacingError, match=r"\.ipynb を書き込めませんでした") as refused:
        desk.prepare(shop, "")
    assert refused.value.where == f"{shop.folder.resolve()}/notebooks"


def test_a_day_before_the_first_record_is_refused(shop) -> None:
    with pytest.raises(MissingDataError):
        desk.prepare(shop, "2020-01-01")
    assert not (shop.folder / "notebooks").exists()


def test_jupyterlab_opens_there_for_this_machine_alone_and_asks_nothing_of_others(tmp_path: Path) -> None:
    (tmp_path / "a b").mkdir()
    started = desk.command(tmp_path / "a b")
    assert started[:4] == [sys.executable, "-m", "jupyter", "lab"]
    lab = LabApp()
    lab.parse_command_line(started[4:])
    assert lab.news_url is None
    assert lab.extension_manager == "readonly"
    assert lab.check_for_updates_class.__name__ == "NeverCheckForUpdate"
    server = lab.serverapp_class()
    server.update_config(lab.config)
    assert (server.ip, server.root_dir) == ("127.0.0.1", str((tmp_path / "a b").resolve()))
    assert not json.dumps(started).count("token")
