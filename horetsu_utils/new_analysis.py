"""A new analysis: its metric, notebook, test and rows in the READMEs, copied from the skeleton, whole or not at all."""

import ast
import builtins
import json
import keyword
import os
import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path

from horetsu_utils.errors import ConfigError, shorten

SKELETON = Path("templates") / "analysis"
PLACE_HOLDER, NUMBERED = "my_analysis", "NN_my_analysis"
"""What stands in the skeleton for the name, and for the name with its number."""
METRICS, NOTEBOOKS, TESTS = Path("horetsu_utils") / "metrics", Path("notebooks"), Path("tests")
ROWS = {"row.md": "README.md", "row.ja.md": "README.ja.md"}
"""The rows of the tables of analyses, and where these tables stand."""
NAME = re.compile(r"[a-z][a-z0-9_]{0,29}")
NUMBER = re.compile(r"(\d+)_.*\.ipynb")
_ROW = re.compile(r"\|.*\(notebooks/\d+_\w+\.ipynb\).*\|")


def create(name: str, *, root: Path) -> list[Path]:
    """Copy the skeleton of an analysis into a checkout of the kit, under a name; return what was written or changed.

    Errors
        ConfigError for a folder that is no checkout, for a name that cannot be used or is taken, and when a file cannot
        be written: then everything is as it was before
    """
    _refuse_elsewhere(root)
    _refuse_name(name, root)
    _refuse_taken(name, root)
    contents = _contents(name, root)
    _appear(contents)
    return list(contents)


def _refuse_elsewhere(root: Path) -> None:
    """Make sure that a folder is a checkout of the kit, with its skeleton and the tables that take the rows."""
    folders = (METRICS, NOTEBOOKS, TESTS / "metrics", SKELETON)
    whole = all((root / folder).is_dir() for folder in folders)
    if whole and all((root / readme).is_file() and _last_row(_lines(root / readme)) for readme in ROWS.values()):
        return
    raise ConfigError(
        "ここは、分析キットのもとのフォルダではないようです。",
        where=str(root.resolve()),
        next_step="git で取り出した、README.md と horetsu_utils のあるフォルダに移って、もう一度お試しください。",
    )


def _refuse_name(name: str, root: Path) -> None:
    """Make sure that a name can stand in Python for a module, and means nothing else there or in the skeleton."""
    if not NAME.fullmatch(name):
        raise ConfigError(
            "分析の名前に使えない文字があるか、長すぎます。",
            where=shorten(name),
            next_step="半角の小文字の英字で始め、英小文字・数字・下線(_)だけで、30文字までにしてください。例: gifts",
        )
    meant = keyword.iskeyword(name) or keyword.issoftkeyword(name) or hasattr(builtins, name)
    if meant or name in _used(root / SKELETON):
        raise ConfigError(
            f"「{name}」は、Python かひな形の中で別の意味に使われている言葉です。",
            where=name,
            next_step=f"別の名前を選んでください。例: {name}_analysis",
        )


def _used(skeleton: Path) -> set[str]:
    """Return the names that the code of the skeleton uses, but for the one that is replaced."""
    notebook = json.loads((skeleton / "notebook.ipynb").read_text(encoding="utf-8"))
    cells = ["".join(cell["source"]) for cell in notebook["cells"] if cell["cell_type"] == "code"]
    texts = [*cells, *(path.read_text(encoding="utf-8") for path in skeleton.glob("*.py"))]
    return {name for text in texts for name in _names(ast.parse(text))} - {PLACE_HOLDER}


def _names(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        match node:
            case ast.Name(id=name) | ast.arg(arg=name) | ast.FunctionDef(name=name):
                yield name
            case ast.alias(name=name, asname=other):
                yield other or name.partition(".")[0]


def _refuse_taken(name: str, root: Path) -> None:
    """Make sure that nothing has the name yet; pytest wants every test's file to have a name of its own."""
    known = [root / METRICS / f"{name}.py", root / METRICS / name]
    known += [path for path in _notebooks(root) if path.stem.partition("_")[2] == name]
    known += (root / TESTS).rglob(f"test_{name}.py")
    found = [path for path in known if os.path.lexists(path)]
    if found:
        raise ConfigError(
            f"「{name}」という名前は、もう使われています。",
            where="、".join(str(path.relative_to(root)) for path in found),
            next_step="別の名前を選ぶか、そのファイルを書きかえてお使いください。",
        )


def _contents(name: str, root: Path) -> dict[Path, bytes]:
    """Return what each file will hold: the new ones first, and then the READMEs with their rows."""
    number = 1 + max((int(NUMBER.fullmatch(path.name)[1]) for path in _notebooks(root)), default=0)  # type: ignore[index]
    numbered = f"{number:02d}_{name}"
    places = {
        "metric.py": METRICS / f"{name}.py",
        "notebook.ipynb": NOTEBOOKS / f"{numbered}.ipynb",
        "test_metric.py": TESTS / "metrics" / f"test_{name}.py",
    }
    told = {
        part: _named((root / SKELETON / part).read_text(encoding="utf-8"), name, numbered) for part in places | ROWS
    }
    written = {root / place: told[part].encode() for part, place in places.items()}
    for part, readme in ROWS.items():
        lines = _lines(root / readme)
        last = _last_row(lines)
        end = lines[last].removeprefix(lines[last].rstrip())
        lines.insert(last + 1, f"{told[part].rstrip()}{end}")
        written[root / readme] = "".join(lines).encode()
    return written


def _named(text: str, name: str, numbered: str) -> str:
    return text.replace(NUMBERED, numbered).replace(PLACE_HOLDER, name)


def _notebooks(root: Path) -> list[Path]:
    return [path for path in (root / NOTEBOOKS).iterdir() if NUMBER.fullmatch(path.name)]


def _lines(readme: Path) -> list[str]:
    return readme.read_bytes().decode("utf-8").splitlines(keepends=True)


def _last_row(lines: list[str]) -> int:
    """Return where the last row of the table of analyses stands; 0 where there is none."""
    return max((place for place, line in enumerate(lines) if _ROW.fullmatch(line.strip())), default=0)


def _appear(contents: Mapping[Path, bytes]) -> None:
    """Write every file beside its place, then put all into their places; take all back when one cannot be written."""
    before = {path: path.read_bytes() if path.exists() else None for path in contents}
    beside = {path: path.with_name(f".{path.name}.{os.getpid()}") for path in contents}
    placed: list[Path] = []
    try:
        for path, working in beside.items():
            working.write_bytes(contents[path])
        for path, working in beside.items():
            working.replace(path)
            placed.append(path)
    except BaseException as error:
        for done in placed:
            _restore(done, before[done])
        if not isinstance(error, OSError):
            raise
        raise ConfigError(
            "ファイルを書き込めなかったため、何も作りませんでした。",
            where=str(path),
            next_step="フォルダに書き込めるか、空き容量が足りるかを確かめて、もう一度お試しください。",
        ) from error
    finally:
        for working in beside.values():
            with suppress(OSError):
                working.unlink(missing_ok=True)


def _restore(path: Path, content: bytes | None) -> None:
    if content is None:
        path.unlink()
    else:
        path.write_bytes(content)
