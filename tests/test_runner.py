"""Notebooks run in a kernel of their own; what fails is told by its question, and nothing half-made is left."""

from pathlib import Path

import nbformat
import pytest

from horetsu_utils import chapters, runner
from horetsu_utils.errors import NotebookError


def write(path: Path, *cells: str, title: str = "試しの章") -> Path:
    """Write a notebook: a text that starts with # is a heading, any other is code; the first code is parameters."""
    notebook = nbformat.v4.new_notebook(
        metadata={"title": title, "kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    )
    for text in cells:
        make = nbformat.v4.new_markdown_cell if text.startswith("#") else nbformat.v4.new_code_cell
        notebook.cells.append(make(text))
    next(cell for cell in notebook.cells if cell.cell_type == "code").metadata["tags"] = ["parameters"]
    path.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(notebook, path)
    return path


def texts(path: Path) -> str:
    cells = nbformat.read(path, as_version=4).cells
    return "".join(output.get("text", "") for cell in cells for output in cell.get("outputs", []))


def test_parameters_reach_the_notebook_and_progress_is_told(tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []
    notebook = write(tmp_path / "greets.ipynb", 'name: str = "だれか"', "print(f'こんにちは {name}')")
    executed = runner.run(
        notebook,
        {"name": "山田"},
        tmp_path / "out" / "greets.ipynb",
        about={"as_of": "2026-06-30"},
        on_cell=lambda *at: told.append(at),
    )
    assert texts(executed) == "こんにちは 山田\n"
    assert told[-1] == (3, 3)
    metadata = nbformat.read(executed, as_version=4).metadata
    assert metadata["horetsu"]["as_of"] == "2026-06-30"
    assert "papermill" not in metadata
    assert [path.name for path in executed.parent.iterdir()] == ["greets.ipynb"]


def test_an_unknown_parameter_is_refused_with_the_nearest_known_one(tmp_path: Path) -> None:
    notebook = write(tmp_path / "strict.ipynb", 'as_of: str = ""')
    with pytest.raises(NotebookError) as caught:
        runner.run(notebook, {"as_off": "2026-06-30"}, tmp_path / "out.ipynb")
    assert str(caught.value) == (
        "「as_off」という設定は、このノートブックにありません。「as_of」の書き間違いではありませんか。\n"
        "場所: strict.ipynb\n"
        "次に: 使える設定: as_of"
    )
    assert not (tmp_path / "out.ipynb").exists()


def test_a_parameter_name_can_never_become_code(tmp_path: Path) -> None:
    notebook = write(tmp_path / "strict.ipynb", 'as_of: str = ""')
    with pytest.raises(NotebookError):
        runner.run(notebook, {"as_of = 1\nopen('owned', 'w')": ""}, tmp_path / "out.ipynb")
    assert not list(tmp_path.rglob("owned"))


def test_a_failing_notebook_names_its_question_and_is_kept(tmp_path: Path) -> None:
    notebook = write(tmp_path / "divides.ipynb", "n: int = 0", "# 章", "## 何人ですか", "1 / n", "## 何円ですか")
    output = tmp_path / "out" / "divides.ipynb"
    with pytest.raises(NotebookError) as caught:
        runner.run(notebook, {}, output)
    kept = output.with_suffix(".failed.ipynb")
    assert str(caught.value) == (
        "「何人ですか」に答える途中で、思わぬ問題が起きました(ZeroDivisionError)。\n"
        f"場所: 途中までのノートブック: {kept}\n"
        "次に: このノートブックを JupyterLab で開くと、止まった場所が分かります。"
    )
    assert kept.is_file()
    assert [path.name for path in output.parent.iterdir()] == [kept.name]


def test_our_own_errors_are_told_in_full(tmp_path: Path) -> None:
    raising = (
        "from horetsu_utils.errors import InputError\n"
        "raise InputError('読めません。', where='a.csv', next_step='直してください。')"
    )
    notebook = write(tmp_path / "says.ipynb", "n: int = 0", "## 何人ですか", raising)
    with pytest.raises(NotebookError) as caught:
        runner.run(notebook, {}, tmp_path / "out.ipynb")
    assert "「何人ですか」に答えられませんでした。\n読めません。\n場所: a.csv\n次に: 直してください。" in str(
        caught.value
    )


def test_a_kernel_that_dies_is_told_and_leaves_nothing(tmp_path: Path) -> None:
    notebook = write(tmp_path / "dies.ipynb", "n: int = 0", "import os, signal\nos.kill(os.getpid(), signal.SIGKILL)")
    output = tmp_path / "out" / "dies.ipynb"
    with pytest.raises(NotebookError, match="途中で止まりました"):
        runner.run(notebook, {}, output)
    assert not output.parent.exists()


def test_success_after_failure_forgets_the_failure(tmp_path: Path) -> None:
    notebook = write(tmp_path / "maybe.ipynb", "n: int = 0", "## 何人ですか", "1 / n")
    output = tmp_path / "out" / "maybe.ipynb"
    with pytest.raises(NotebookError):
        runner.run(notebook, {}, output)
    runner.run(notebook, {"n": 1}, output)
    assert [path.name for path in output.parent.iterdir()] == ["maybe.ipynb"]


def test_folders_with_braces_and_spaces_are_only_names(tmp_path: Path) -> None:
    folder = tmp_path / "{client} 見本"
    executed = runner.run(write(folder / "plain.ipynb", "n: int = 1", "print(n)"), {"n": 5}, folder / "out.ipynb")
    assert texts(executed) == "5\n"


def test_the_plan_tells_what_a_notebook_needs() -> None:
    from horetsu_utils import assets

    plan = chapters.plan(assets.NOTEBOOKS / "01_rfm.ipynb")
    assert plan.title == "RFMとお客様の価値"
    assert plan.needs == ("orders",)


def test_cells_for_the_analysts_hand_are_not_run(tmp_path: Path) -> None:
    path = write(tmp_path / "moves.ipynb", "n: int = 0", "raise SystemError('a control was drawn')", "print(n)")
    notebook = nbformat.read(path, as_version=4)
    notebook.cells[1].metadata["tags"] = [runner.INTERACTIVE]
    nbformat.write(notebook, path)
    executed = runner.run(path, {"n": 7}, tmp_path / "out.ipynb")
    assert texts(executed) == "7\n"
    assert nbformat.read(executed, as_version=4).cells[2].outputs == []
