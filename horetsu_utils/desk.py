"""The analyst's desk: the kit's notebooks laid ready in a client's folder, and the command that opens them there."""

import ast
import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import nbformat

from horetsu_utils import assets, cache, choosing, placing
from horetsu_utils.chapters import METADATA
from horetsu_utils.client import Client
from horetsu_utils.errors import ConfigError
from horetsu_utils.shop import Shop

FOLDER = "notebooks"
LAID = "laid"
"""Under this key a copy keeps the hash of what was laid on the desk."""
PARAMETERS = "parameters"
QUIET = (
    "--ServerApp.ip=127.0.0.1",
    "--LabApp.news_url=None",
    "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
    "--LabApp.extension_manager=readonly",
    "--ServerApp.answer_yes=True",
    "--log-level=WARN",
)
"""Only this machine reaches the server (by the token that Jupyter makes for each start), and it asks nothing of others:
no news, no newer versions, no list of extensions. One Ctrl-C ends it, as the screen says, without an English question;
of its own log only the address and troubles are shown."""
AS_ROOT = "--ServerApp.allow_root=True"
"""In a container everybody is root, and Jupyter would not start; who works as root already may work so here."""


def prepare(
    client: Client,
    as_of: str,
    *,
    say: Callable[[str], None] = lambda text: None,
    tell: Callable[[str], None] = lambda text: None,
) -> Path:
    """Lay copies of the notebooks that this client's data suffices for into `<client>/notebooks`; return that folder.

    Each copy's parameters name the client's folder and the day. What the analyst changed there is left as it is, and
    `tell` says so; a copy that was only run is replaced when something new is to be laid. `say` hears what is being
    done meanwhile.

    Errors
        ConfigError, InputError or MissingDataError as the client's files deserve; PlacingError when the folder cannot
        be written
    """
    shop = Shop.of(client, cache.prepared(client, say=say), as_of=as_of)
    parameters = {"client": str(client.folder.resolve()), "as_of": shop.as_of.isoformat()}
    folder = client.folder.resolve() / FOLDER
    kept = []
    for plan in choosing.choose(shop, []):
        if not _lay(_copy(plan.path, parameters), folder / plan.path.name):
            kept.append(plan.path.name)
    if kept:
        tell(_kept_words(kept))
    return folder


def command(folder: Path) -> list[str]:
    """Return the command line that opens JupyterLab in a folder, for this machine alone and quietly."""
    given = [f"--ServerApp.root_dir={folder.resolve()}", *QUIET, *([AS_ROOT] if _is_root() else [])]
    return [sys.executable, "-m", "jupyter", "lab", *given]


def quietly(environment: Mapping[str, str]) -> dict[str, str]:
    """Return an environment for it: without a question in English whether to fetch news; own settings still hold."""
    paths = [str(assets.LAB_SETTINGS), environment.get("JUPYTER_CONFIG_PATH", "")]
    return {**environment, "JUPYTER_CONFIG_PATH": os.pathsep.join(filter(None, paths))}


def opened(folder: Path, environment: Mapping[str, str]) -> None:
    """Open JupyterLab in a folder and wait until it is closed, by Ctrl-C or from its own menu.

    Ctrl-C reaches the server too, which then ends its kernels and itself: here it is only waited for.

    Errors
        ConfigError when JupyterLab could not be started, or ended by a mistake
    """
    with subprocess.Popen(command(folder), env=quietly(environment)) as server:
        while server.returncode is None:
            with suppress(KeyboardInterrupt):
                server.wait()
    if server.returncode > 0:
        raise ConfigError(
            "JupyterLab が、途中で終わりました。",
            where=str(folder),
            next_step="上の英語の知らせを、作成者にお送りください。書きかえたノートブックは、この場所に残っています。",
        )


def _is_root() -> bool:
    return hasattr(os, "geteuid") and os.geteuid() == 0


def _copy(path: Path, parameters: Mapping[str, str]) -> nbformat.NotebookNode:
    """Return a notebook with other values in its parameters, and the hash of all it says."""
    notebook = nbformat.read(path, as_version=4)
    for cell in notebook.cells:
        if PARAMETERS in cell.metadata.get("tags", []):
            cell.source = _assigned(cell.source, parameters)
    notebook.metadata[METADATA] = {**notebook.metadata.get(METADATA, {}), LAID: _hash(notebook)}
    return notebook


def _assigned(source: str, values: Mapping[str, str]) -> str:
    """Put values in the place of those that some Python text assigns; all else stays, comments too."""
    lines = source.encode("utf-8").splitlines(keepends=True)
    for statement in reversed(ast.parse(source).body):
        match statement:
            case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as old) if name in values:
                place, first, last = old.lineno - 1, old.col_offset, old.end_col_offset
                lines[place] = lines[place][:first] + repr(values[name]).encode("utf-8") + lines[place][last:]
    return b"".join(lines).decode("utf-8")


def _hash(notebook: nbformat.NotebookNode) -> str:
    """Return the hash of what a person writes into a notebook: neither what it shows nor how a cell is folded."""
    told = [(cell.cell_type, cell.source, cell.metadata.get("tags", [])) for cell in notebook.cells]
    return hashlib.sha256(json.dumps(told, ensure_ascii=False).encode("utf-8", "surrogatepass")).hexdigest()


def _lay(copy: nbformat.NotebookNode, place: Path) -> bool:
    """Put a copy into its place, whole or not at all; tell whether what stands there was free to be replaced."""
    laid = copy.metadata[METADATA][LAID]
    if os.path.lexists(place):
        found, was_laid = _standing(place)
        if found == laid:
            return True
        if found is None or found != was_laid:
            return False
    placing.text(place, nbformat.writes(copy) + "\n")
    return True


def _standing(place: Path) -> tuple[str | None, Any]:
    """Return the hash of what a file says now, None where it is no notebook, and the hash of what was laid there."""
    try:
        notebook = nbformat.read(place, as_version=4)
        return _hash(notebook), notebook.metadata.get(METADATA, {}).get(LAID)
    except Exception:  # whatever it is, it is not ours
        return None, None


def _kept_words(names: list[str]) -> str:
    return (
        f"{'、'.join(names)} は、前に書きかえられているので、そのまま残しました(お店と分析日も、前のままです)。"
        "新しい写しが要るときは、その名前を変えてから、もう一度お試しください。"
    )
