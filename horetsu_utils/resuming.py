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

from horetsu_utils import assets, language, movement, placing
from horetsu_utils.chapters import METADATA
from horetsu_utils.client import REJECTED, Client
from horetsu_utils.privacy import CONSULTANT, PAGE

KEY = "key"
"""Under this name an executed notebook keeps the key of the report that it is a chapter of."""
MARK = "whole.json"
"""Lies beside the consultant's files, written last, when everything else stands there."""
BEFORE, ADDRESS = "before", "address"
KNOWN, MOST_KNOWN = "reports.json", 50
"""In the client's cache: where the report of each key was laid."""
LEFT_OUT = ("notebooks", REJECTED)
"""What decides nothing in a client's folder: the analyst's desk, and what we write there ourselves."""
HALF_MADE = ".horetsu-*"
"""What a process that was killed may leave beside the files it was writing."""
TOOLS = ("duckdb", "ibis-framework", "pandas", "matplotlib", "seaborn", "papermill", "nbconvert", "sudachipy")


def key(client: Client, asked: Sequence[Any]) -> str:
    """Return a hash of what decides a report but for the reports before it: the client's files, the kit, what is asked.

    `asked` is the day, the chapters and the like, as they were typed. Times of files decide nothing.
    """
    digest = hashlib.sha256(_kit() + repr([language.chosen(), *asked]).encode())
    for path in _own_files(client.folder):
        digest.update(f"{path.relative_to(client.folder)}\0{path.stat().st_size}\0".encode())
        with path.open("rb") as stream:
            digest.update(hashlib.file_digest(stream, "sha256").digest())
    return digest.hexdigest()[:32]


def is_done(executed: Path, key: str) -> bool:
    """Tell whether a chapter was executed for the report with this key."""
    with suppress(OSError, ValueError, KeyError, TypeError, AttributeError):
        about = json.loads(executed.read_text(encoding="utf-8"))["metadata"][METADATA]
        return bool(about.get(KEY) == key)
    return False


def mark(client: Client, folder: Path, key: str, address: str = "") -> None:
    """Note that the report in a folder is whole, by which key it was made, after which report, and at which address
    it lies as well.
    """
    told = {KEY: key, BEFORE: _before(client, folder), ADDRESS: address}
    placing.text(folder / CONSULTANT / MARK, json.dumps(told) + "\n")
    known = {**_known(client), key: str(folder.resolve())}
    placing.text(client.cache / KNOWN, json.dumps(dict([*known.items()][-MOST_KNOWN:]), indent=1) + "\n")


def standing(client: Client, key: str, target: Path, address: str = "") -> Path | None:
    """Return the folder in `target` where the report with this key stands, whole; None where it has to be made, or
    was not laid at the address.
    """
    folder = Path(_known(client).get(key, ""))
    with suppress(OSError, ValueError, TypeError):
        told = json.loads((folder / CONSULTANT / MARK).read_text(encoding="utf-8"))
        here = folder.parent == (target / client.id).resolve() and (folder / PAGE).is_file()
        lies = address in ("", told.pop(ADDRESS, ""))
        if here and lies and told == {KEY: key, BEFORE: _before(client, folder)}:
            return target / client.id / folder.name
    return None


def _known(client: Client) -> dict[str, str]:
    with suppress(OSError, ValueError, TypeError):
        return dict(json.loads((client.cache / KNOWN).read_text(encoding="utf-8")))
    return {}


def _before(client: Client, folder: Path) -> str:
    """Return the report that the one in a folder tells its movement from."""
    return repr(movement.earlier(folder, client.id))


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
    """Return a client's files that decide what is told of it: data, settings, rules, mappings, names, the logo."""
    for path in sorted(folder.rglob("*")):
        own = path.relative_to(folder)
        hidden = any(part.startswith(".") for part in own.parts)
        if path.is_file() and not hidden and own.parts[0] not in LEFT_OUT:
            yield path
