"""The house is held to its own rules: sizes, floors' small print, notebooks, and a README that tells all."""

import ast
import re
from pathlib import Path

import nbformat
import pytest
from typer.main import get_command

from horetsu_utils import assets, cli, metrics
from horetsu_utils.ingest import mapping
from horetsu_utils.words import TABLES

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "horetsu_utils"
MODULES = sorted(PACKAGE.rglob("*.py"))
NOTEBOOKS = sorted([*(ROOT / "notebooks").glob("*.ipynb"), *(ROOT / "templates").rglob("*.ipynb")])
README = (ROOT / "README.md").read_text(encoding="utf-8")
LONGEST_MODULE, LONGEST_BODY, MOST_PARAMETERS, LONGEST_CELL = 250, 25, 5, 8


def functions(path: Path) -> list[ast.FunctionDef]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]


def body_lines(function: ast.FunctionDef) -> int:
    statements = function.body[1:] if ast.get_docstring(function) else function.body
    return statements[-1].end_lineno - statements[0].lineno + 1 if statements else 0


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.relative_to(PACKAGE).as_posix())
def test_a_module_stays_small_enough_to_read_at_once(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= LONGEST_MODULE
    assert {each.name: body_lines(each) for each in functions(path) if body_lines(each) > LONGEST_BODY} == {}


@pytest.mark.parametrize("path", sorted((PACKAGE / "metrics").glob("[a-z]*.py")), ids=lambda path: path.stem)
def test_a_metric_is_a_definition(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert not re.search(r"\b(pandas|matplotlib|open\(|read_parquet|\.execute\(|to_pandas)\b", text)
    for function in ast.parse(text).body:
        if isinstance(function, ast.FunctionDef) and not function.name.startswith("_"):
            told = ast.get_docstring(function) or ""
            assert all(part in told for part in ("Shape\n", "Columns\n", "Errors\n", "Source\n")), function.name
            keyword_only = [argument.arg for argument in function.args.kwonlyargs]
            assert len(function.args.args) + len(keyword_only) <= MOST_PARAMETERS
            assert "as_of" not in [argument.arg for argument in function.args.args]


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.relative_to(PACKAGE).as_posix())
def test_no_room_asks_the_clock(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert not re.search(r"\b(today|now|utcnow)\(\)|time\.time\(", text)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_holds_no_outputs_and_no_programs(path: Path) -> None:
    for cell in nbformat.read(path, as_version=4).cells:
        if cell.cell_type == "code":
            assert not cell.outputs
            assert cell.execution_count is None
            assert len(cell.source.splitlines()) <= LONGEST_CELL, cell.source
            kinds = (ast.FunctionDef, ast.ClassDef, ast.For, ast.While, ast.Lambda)
            assert not any(isinstance(node, kinds) for node in ast.walk(ast.parse(cell.source))), cell.source


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_every_widget_has_a_plain_twin(path: Path) -> None:
    cells = [cell for cell in nbformat.read(path, as_version=4).cells if "form" not in cell.metadata.get("tags", [])]
    interactive = [cell for cell in cells if "interactive" in cell.metadata.get("tags", [])]
    plain = "\n".join(cell.source for cell in cells if cell.cell_type == "code" and cell not in interactive)
    assert interactive
    for cell in interactive:
        shown = re.search(r"explore\(\s*(?:partial\()?([\w.]+)", cell.source)
        assert shown is not None
        assert f"{shown[1]}(" in plain, f"{shown[1]} has no static call"


def test_every_analysis_has_its_row_in_the_readme() -> None:
    for path in sorted((ROOT / "notebooks").glob("[0-9]*.ipynb")):
        row = next((line for line in README.splitlines() if line.startswith("|") and path.name in line), "")
        assert "§" in row, f"{path.name} has no row with its section of the method"
        assert "metrics/" in row


def test_every_metric_has_its_worked_examples() -> None:
    for path in (PACKAGE / "metrics").glob("[a-z]*.py"):
        assert (ROOT / "tests" / "metrics" / f"test_{path.stem}.py").is_file()
    assert metrics.__doc__


@pytest.mark.parametrize("name", sorted(get_command(cli.app).commands))
def test_every_command_stands_in_both_readmes(name: str) -> None:
    japanese = (ROOT / "README.ja.md").read_text(encoding="utf-8")
    assert f"horetsu {name}" in README
    assert f"horetsu {name}" in japanese


MAPPINGS = sorted(path.stem for path in assets.MAPPINGS.glob("*.yaml"))


@pytest.mark.parametrize("name", MAPPINGS)
def test_every_mapping_has_its_row_in_the_japanese_readme(name: str) -> None:
    found = mapping.load(assets.MAPPINGS / f"{name}.yaml")
    tables = "・".join(TABLES[table] for table in found.tables)
    asked = "<br>".join(found.from_memory) or "—"
    row = f"| `{name}` | {found.title} | {tables} | {found.source or '—'} | {asked} |"
    assert row in (ROOT / "README.ja.md").read_text(encoding="utf-8").splitlines()
