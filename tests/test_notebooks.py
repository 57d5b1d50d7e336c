"""The analyst's side of each notebook: its controls move, and what they show changes."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import ipywidgets
import nbformat
import pytest

from horetsu_utils import save_button, widgets
from horetsu_utils.chapters import METADATA

ROOT = Path(__file__).resolve().parents[1]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))


def last_values(path: Path, client: Path) -> Iterator[tuple[list[str], object]]:
    """Run a notebook's cells in this process; give each code cell's tags and last value."""
    space: dict[str, object] = {}
    for cell in nbformat.read(path, as_version=4).cells:
        if cell.cell_type == "code":
            *body, last = ast.parse(cell.source).body
            if isinstance(last, ast.Expr):
                exec(compile(ast.Module(body, []), path.name, "exec"), space)
                value = eval(compile(ast.Expression(last.value), path.name, "eval"), space)
            else:
                exec(compile(cell.source, path.name, "exec"), space)
                value = None
            tags = cell.metadata.get("tags", [])
            if "parameters" in tags:
                space["client"] = str(client)
            yield tags, value


def moved(control: ipywidgets.ValueWidget) -> object:
    """Return another value that a person could choose by this control."""
    if isinstance(control, ipywidgets.Dropdown):
        return next(value for _, value in control.options if value != control.value)
    if isinstance(control, ipywidgets.Combobox):
        return next(each for each in control.options if each != control.value)
    if isinstance(control, ipywidgets.IntSlider):
        return control.min if control.value != control.min else control.max
    if isinstance(control, widgets.Numbers):
        return "1, 2, 3, 4"
    assert isinstance(control, ipywidgets.Textarea)
    return "いつもありがとうございます。"


def controls(box: ipywidgets.VBox) -> list[ipywidgets.ValueWidget]:
    return [each for each in box.children if isinstance(each, ipywidgets.ValueWidget) and each is not page(box)]


def page(box: ipywidgets.VBox) -> ipywidgets.HTML:
    """Return what stands below the controls."""
    return next(each for each in box.children if isinstance(each, ipywidgets.HTML))


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_moving_a_control_changes_what_is_shown(path: Path, demo_client: Path) -> None:
    boxes = [value for tags, value in last_values(path, demo_client) if "interactive" in tags and "form" not in tags]
    assert boxes
    for box in boxes:
        assert isinstance(box, ipywidgets.VBox)
        assert page(box).value
        drawn: list[object] = []
        page(box).observe(drawn.append, names="value")
        for control in controls(box):
            first, before = control.value, len(drawn)
            control.value = moved(control)
            assert len(drawn) == before + 1
            changed = page(box).value
            assert "思わぬ問題" not in changed
            control.value = first
            assert page(box).value != changed
        assert_it_starts_from_what_holds(box)


def assert_it_starts_from_what_holds(box: ipywidgets.VBox) -> None:
    """Press the button that writes into client.yaml, where there is one: nothing moved, nothing to write."""
    for saver in (each for each in box.children if isinstance(each, ipywidgets.VBox)):
        offer = next(each for each in saver.children if isinstance(each, ipywidgets.Button))
        offer.click()
        assert saver.children[-1].value == f"<p>{save_button.SAME}</p>"


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_it_asks_nothing_of_jupyterlab_alone(path: Path) -> None:
    """What GitHub and VS Code show as well: plain Markdown, the plain Python kernel, no attachment.

    Metadata under the house's own name is for the report; every other programme passes over it.
    """
    notebook = nbformat.read(path, as_version=4)
    assert notebook.metadata.kernelspec.name == "python3"
    assert set(notebook.metadata) == {METADATA, "kernelspec", "language_info", "title"}
    for cell in notebook.cells:
        assert set(cell.metadata) <= {"tags", METADATA}
        assert not cell.get("attachments")
        if cell.cell_type == "markdown":
            assert not re.search(r"</?[a-zA-Z]|:::|\$", cell.source)
        else:
            assert not re.search(r"^\s*[%!]", cell.source, flags=re.MULTILINE)
