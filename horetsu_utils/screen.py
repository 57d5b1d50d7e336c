"""What every command says on the screen: progress, and each problem in plain words, never a traceback."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn

from horetsu_utils.errors import HoretsuError

CANNOT, UNEXPECTED, STOPPED = 1, 70, 130
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
def bar(title: str) -> Iterator[Callable[[int, int], None]]:
    """Show a bar, and yield a function that moves it: how many of how many are done."""
    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), TextColumn("{task.percentage:>3.0f}%"))
    with Progress(*columns, console=err, transient=False) as progress:
        task = progress.add_task(title, total=None)

        def told(done: int, total: int) -> None:
            progress.update(task, completed=done, total=total)

        yield told


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
        from horetsu_utils.placing import why

        told = HoretsuError(
            f"ファイルを読み書きできませんでした({why(error)})。",
            where=str(error.filename or ""),
            next_step="フォルダに書き込めるか、空き容量があるかを確かめてください。",
        )
        err.print(_shown(told), style="red", markup=False, highlight=False, soft_wrap=True)
        raise typer.Exit(CANNOT) from error
    except Exception as error:
        err.print(_shown(_unforeseen(error)), style="red", markup=False, highlight=False, soft_wrap=True)
        raise typer.Exit(UNEXPECTED) from error


def _shown(error: HoretsuError) -> str:
    return f"✗ {error}"


def _unforeseen(error: Exception) -> HoretsuError:
    import traceback

    with suppress(OSError):
        LOG.write_text("".join(traceback.format_exception(error)), encoding="utf-8")
    return HoretsuError(
        f"思わぬ問題が起きました({type(error).__name__})。",
        where=str(LOG.resolve()),
        next_step="このファイルを、作成者にお送りください。",
    )
