"""Whether a report stands there already, whole and unchanged: the key of all that decides it, and where it is kept."""

import hashlib
import json
import platform
import shutil
from collections.abc import Iterator, Sequence
from contextlib import suppress
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Any

import nbformat

from horetsu_utils import assets, movement, placing
from horetsu_utils.client import Client
from horetsu_utils.privacy import CONSULTANT

KEY = "key"
"""Under this name an executed notebook keeps the key of the report that it is a chapter of."""
MARK = "whole.json"
"""Lies beside the consultant's files, written last, when everything else stands there."""
LEFT_OUT = ("data", "notebooks")
"""Folders of a client that decide nothing here: the data is known by its fingerprint, the desk is the analyst's."""
HALF_MADE = ".horetsu-*"
"""What a process that was killed may leave beside the files it was writing."""
TOOLS = ("duckdb", "ibis-framework", "pandas", "matplotlib", "seaborn", "papermill", "nbconvert", "sudachipy")


def key(client: Client, fingerprint: str, folder: Path, asked: Sequence[Any]) -> str:
    """Return a hash of all that decides a report: data, settings, code, tools, what was asked, the report before.

    `fingerprint` stands for the data and how it is read; `asked` for the day, the chapters and the like.
    """
    digest = hashlib.sha256(_kit())
    before = movement.earlier(folder, client.id)
    digest.update(repr((fingerprint, list(asked), before)).encode())
    for path in _own_files(client.folder):
        digest.update(f"{path.relative_to(client.folder)}\0{path.stat().st_size}\0".encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()[:32]


def is_done(executed: Path, key: str) -> bool:
    """Tell whether a chapter was executed for the report with this key."""
    with suppress(OSError, ValueError):
        about = nbformat.read(executed, as_version=4).metadata.get("horetsu", {})
        return bool(about.get(KEY) == key)
    return False


def mark(folder: Path, key: str) -> None:
    """Note that the report in a folder is whole, and by which key."""
    placing.text(folder / CONSULTANT / MARK, json.dumps({KEY: key}) + "\n")


def is_whole(folder: Path, key: str) -> bool:
    """Tell whether the report in a folder was written to its end by this key."""
    with suppress(OSError, ValueError):
        return bool(json.loads((folder / CONSULTANT / MARK).read_text(encoding="utf-8"))[KEY] == key)
    return False


def sweep(folder: Path) -> None:
    """Remove what killed processes left half-made in a report's folder. Nobody else may be writing there."""
    for left in folder.rglob(HALF_MADE):
        shutil.rmtree(left, ignore_errors=True)


@cache
def _kit() -> bytes:
    """Return a hash of the kit's code, notebooks and templates, and of the tools it stands on."""
    digest = hashlib.sha256(platform.python_version().encode())
    digest.update(repr([metadata.version(tool) for tool in TOOLS]).encode())
    package = Path(__file__).parent
    for root in (package, assets.NOTEBOOKS, assets.TEMPLATES):
        for path in sorted(root.rglob("*")):
            if path.is_file() and "__pycache__" not in path.parts and ".ipynb_checkpoints" not in path.parts:
                digest.update(str(path.relative_to(root)).encode() + b"\0" + path.read_bytes())
    return digest.digest()


def _own_files(folder: Path) -> Iterator[Path]:
    """Return a client's files that say how it is looked at: settings, rules, mappings, names, the logo."""
    for path in sorted(folder.rglob("*")):
        own = path.relative_to(folder)
        hidden = any(part.startswith(".") for part in own.parts)
        if path.is_file() and not hidden and own.parts[0] not in LEFT_OUT:
            yield path
