"""What every command says on the screen: progress, and each problem in plain words, never a traceback."""

import json
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import typer
from rich.console import Console

from horetsu_utils.errors import CANNOT, STOPPED, UNEXPECTED, HoretsuError

LOG = Path("horetsu-error.log")
out = Console()
err = Console(stderr=True)


@contextmanager
def waiting() -> Iterator[Callable[[str], None]]:
    """Show that work goes on, and what is being done."""
    from rich.markup import escape

    with err.status("準備をしています") as status:
        yield lambda text: status.update(escape(text))


@contextmanager
def as_json() -> Iterator[None]:
    """Tell a problem as JSON, so that a program that asked for JSON always gets it."""
    with plainly():
        try:
            yield
        except HoretsuError as error:
            told = {"what": error.what, "where": error.where, "next": error.next_step}
            tell(json.dumps({"ok": False, "error": told}, ensure_ascii=False))
            raise typer.Exit(CANNOT) from error


def tell(text: str) -> None:
    """Print one line of text as it is."""
    out.print(text, markup=False, highlight=False, soft_wrap=True)


@contextmanager
def ends_as_on_ctrl_c() -> Iterator[None]:
    """Let a process that is asked to end (SIGTERM) do so as on Ctrl-C: tidily."""
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


@contextmanager
def plainly() -> Iterator[None]:
    """Tell every problem in plain words; what we did not foresee goes to a file, never to the screen."""
    try:
        yield
    except HoretsuError as error:
        err.print(_shown(error), style="red", markup=False, highlight=False, soft_wrap=True)
        raise typer.Exit(CANNOT) from error
    except KeyboardInterrupt as error:
        err.print("中止しました。途中のファイルは残していません。")
        raise typer.Exit(STOPPED) from error
    except (typer.Exit, typer.Abort):
        raise
    except OSError as error:
        from horetsu_utils.placing import of_system

        err.print(_shown(of_system(error)), style="red", markup=False, highlight=False, soft_wrap=True)
        raise typer.Exit(CANNOT) from error
    except Exception as error:
        err.print(_shown(_unforeseen(error)), style="red", markup=False, highlight=False, soft_wrap=True)
        raise typer.Exit(UNEXPECTED) from error


def refuse(error: HoretsuError, trace: str = "") -> None:
    """Tell a problem in plain words; a trace goes to the file of what we did not foresee."""
    if trace:
        error = _logged(error.what, trace)
    err.print(_shown(error), style="red", markup=False, highlight=False, soft_wrap=True)


def _shown(error: HoretsuError) -> str:
    return f"✗ {error}"


def _unforeseen(error: Exception) -> HoretsuError:
    import traceback

    return _logged(f"思わぬ問題が起きました({type(error).__name__})。", "".join(traceback.format_exception(error)))


def _logged(what: str, trace: str) -> HoretsuError:
    with suppress(OSError):
        LOG.write_text(trace, encoding="utf-8")
    return HoretsuError(what, where=str(LOG.resolve()), next_step="このファイルを、作成者にお送りください。")
