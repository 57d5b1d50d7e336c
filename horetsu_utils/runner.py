"""One notebook and its parameters → one executed notebook, or a sentence that says which question failed."""

import re
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import nbformat
from jupyter_client.kernelspec import NoSuchKernel
from nbclient.exceptions import CellTimeoutError, DeadKernelError
from papermill.engines import NBClientEngine, NotebookExecutionManager, papermill_engines
from papermill.exceptions import PapermillExecutionError
from papermill.execute import execute_notebook
from papermill.inspection import inspect_notebook

from horetsu_utils import errors, kernels, language, placing, workplace
from horetsu_utils.chapters import METADATA, Limits, Progress
from horetsu_utils.errors import NotebookError, nearest, shorten

ENGINE = "horetsu"
PLAIN = Limits()
INTERACTIVE = "interactive"
"""Cells for the analyst's hand: not run here, as a page has no controls."""
IOPUB_SECONDS = 60
"""What a cell shows may come so much later than word that it is done: much of it takes its time on a busy machine."""
MOST_PRINTED = 100_000
"""Signs kept of what a cell prints: a notebook that prints without end must not fill the disk."""
_OWN_ERRORS = {name for name, kind in vars(errors).items() if isinstance(kind, type)}
_TOO_LARGE = ("MemoryError", "OutOfMemoryException", "ArrowMemoryError", "_ArrayMemoryError")
"""What Python, DuckDB, Arrow and NumPy raise when they get no more memory."""
_COLOUR = re.compile(r"\x1b\[[0-9;]*m")


class _Engine(NBClientEngine):
    """Papermill's own engine, telling how many cells are done."""

    @classmethod
    def execute_managed_notebook(
        cls, nb_man: NotebookExecutionManager, kernel_name: str, *, on_cell: Progress, **options: Any
    ) -> Any:
        total, done, complete = len(nb_man.nb.cells), 0, nb_man.cell_complete

        def told(*args: Any, **kwargs: Any) -> None:
            nonlocal done
            complete(*args, **kwargs)
            done += 1
            on_cell(done, total)

        nb_man.cell_complete = told
        return super().execute_managed_notebook(nb_man, kernel_name, **options)


papermill_engines.register(ENGINE, _Engine)


def run(
    notebook: Path,
    parameters: Mapping[str, Any],
    output: Path,
    *,
    about: Mapping[str, Any] | None = None,
    on_cell: Progress = lambda done, total: None,
    limits: Limits = PLAIN,
) -> Path:
    """Execute a notebook with parameters; the executed copy appears at `output` whole, or not at all.

    `about` is kept in the executed notebook's metadata, for the report. On failure the notebook as far as it came is
    kept beside `output` with the ending `.failed.ipynb`.

    Errors
        NotebookError for an unknown parameter, or naming the question at which the notebook failed; PlacingError when
        the folder cannot be written
    """
    _known(notebook, parameters)
    failed = output.with_suffix(".failed.ipynb")
    with placing.appearing(output) as working:
        failed.unlink(missing_ok=True)
        try:
            with _in_plain_words(notebook, limits):
                _execute(notebook, parameters, working, on_cell, limits)
        except PapermillExecutionError as error:
            working.replace(failed)
            raise _failure(failed, error.ename, error.evalue) from error
        _remember(working, about or {})
    return output


@contextmanager
def _in_plain_words(notebook: Path, limits: Limits) -> Iterator[None]:
    """Turn the ways a kernel can fail, other than by its notebook's own error, into sentences."""
    try:
        yield
    except CellTimeoutError as error:
        raise NotebookError(
            f"「{notebook.stem}」の計算が、{limits.seconds / 60:g}分たっても終わりませんでした。",
            where=notebook.name,
            next_step="期間を短くするか、データを分けてお試しください。",
        ) from error
    except DeadKernelError as error:
        raise NotebookError(
            f"「{notebook.stem}」の計算が途中で止まりました(メモリ不足かもしれません)。",
            where=notebook.name,
            next_step="ほかのソフトを閉じて、もう一度お試しください。",
        ) from error
    except (NoSuchKernel, RuntimeError) as error:
        raise NotebookError(
            "ノートブックを動かす Python(カーネル)を始められませんでした。",
            where=shorten(error),
            next_step="もう一度お試しください。続くときは、make report で準備からやり直してください。",
        ) from error


def _known(notebook: Path, parameters: Mapping[str, Any]) -> None:
    known = inspect_notebook(_literal(notebook))
    for name in parameters:
        if not name.isidentifier() or name not in known:
            guess = nearest(name, known)
            raise NotebookError(
                f"「{shorten(name)}」という設定は、このノートブックにありません。"
                + (f"「{guess}」の書き間違いではありませんか。" if guess else ""),
                where=notebook.name,
                next_step=f"使える設定: {'、'.join(known)}",
            )


def _execute(notebook: Path, parameters: Mapping[str, Any], output: Path, on_cell: Progress, limits: Limits) -> None:
    deadline = time.monotonic() + limits.seconds
    with tempfile.TemporaryDirectory(prefix="k", dir=workplace.own()) as sockets:
        execute_notebook(
            _literal(notebook),
            _literal(output),
            parameters=dict(parameters),
            engine_name=ENGINE,
            progress_bar=False,
            request_save_on_cell_execute=False,
            autosave_cell_every=0,
            timeout_func=lambda cell: max(deadline - time.monotonic(), 0.01),
            iopub_timeout=IOPUB_SECONDS,
            shutdown_kernel="immediate",
            skip_cells_with_tag=INTERACTIVE,
            resources={"metadata": {"path": str(output.parent.parent.resolve())}},  # where its copy will lie
            kernel_manager_class=kernels.MANAGER,
            config=kernels.config(warm=limits.warm, memory_bytes=limits.memory_bytes, connection=Path(sockets)),
            on_cell=on_cell,
        )


def _literal(path: Path) -> str:
    """Return a path that papermill's formatting of paths leaves alone."""
    return str(path.resolve()).replace("{", "{{").replace("}", "}}")


def _remember(path: Path, about: Mapping[str, Any]) -> None:
    notebook = nbformat.read(path, as_version=4)
    notebook.metadata.pop("papermill", None)
    notebook.metadata[METADATA] = {**notebook.metadata.get(METADATA, {}), **about}
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            if len(output.get("text", "")) > MOST_PRINTED:
                output.text = f"{output.text[:MOST_PRINTED]}\n…(長いので、ここから先は残していません)\n"
    nbformat.write(notebook, path)


def _failure(executed: Path, kind: str, message: str) -> NotebookError:
    question = failed_question(nbformat.read(executed, as_version=4))
    kept = f"途中までのノートブック: {executed}"
    if kind in _TOO_LARGE:
        return NotebookError(
            f"「{question}」に答えるには、メモリが足りませんでした。",
            where=kept,
            next_step="ほかのソフトを閉じるか、--memory を大きくして、もう一度お試しください。",
        )
    if kind in _OWN_ERRORS:
        own = _COLOUR.sub("", message)
        return NotebookError(f"「{question}」に答えられませんでした。\n{own}", where=kept)
    return NotebookError(
        f"「{question}」に答える途中で、思わぬ問題が起きました({kind})。",
        where=kept,
        next_step="このノートブックを JupyterLab で開くと、止まった場所が分かります。",
    )


def failed_question(notebook: nbformat.NotebookNode) -> str:
    """Return the last heading before the cell that failed."""
    question = language.text(notebook.metadata.get("title", "ノートブック"))
    for cell in notebook.cells:
        if cell.cell_type == "markdown" and "papermill-error-cell-tag" not in cell.metadata.get("tags", []):
            headings = [
                line.lstrip("# ").strip() for line in language.text(cell.source).splitlines() if line.startswith("#")
            ]
            question = headings[-1] if headings else question
        if any(output.output_type == "error" for output in cell.get("outputs", [])):
            break
    return question
