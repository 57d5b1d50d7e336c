"""The `horetsu` command. Heavy imports wait inside the commands, so that help appears at once."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn

from horetsu_utils.errors import ConfigError, HoretsuError

if TYPE_CHECKING:
    from horetsu_utils.client import Client

app = typer.Typer(
    help="通販・D2Cのお店のデータから、お客様との関係のレポートを作ります。", no_args_is_help=True, add_completion=False
)
out = Console()
err = Console(stderr=True)

CANNOT, UNEXPECTED, STOPPED = 1, 70, 130
REPORTS = Path("reports")
LOG = Path("horetsu-error.log")

ClientNames = Annotated[list[str], typer.Argument(help="クライアントのID(clients/ の中のフォルダ名)か、フォルダの場所")]
ClientName = Annotated[str, typer.Argument(help="クライアントのID、またはフォルダの場所")]
AsOf = Annotated[str, typer.Option("--as-of", help="分析日(YYYY-MM-DD)。省くと、データの最後の注文日")]


@app.command()
def new(name: Annotated[str, typer.Argument(help="新しいクライアントのID(半角の小文字・数字・-・_)")]) -> None:
    """新しいクライアントのフォルダを作ります。"""
    from horetsu_utils import scaffold

    with _plainly():
        folder = scaffold.create(name)
        _tell(f"作りました: {folder}")
        _tell(f"次に、{folder}/data に、お店の書き出しファイルを開かずにそのまま置いてください。")
        _tell(f"確かめるには: horetsu check {name}")


@app.command()
def check(
    client: ClientName,
    as_json: Annotated[bool, typer.Option("--json", help="機械で読むための形(JSON)で書き出します")] = False,
) -> None:
    """ファイルが正しく読めるかを確かめ、行の内訳と、気になるところを示します。"""
    from horetsu_utils import accounts, checkup
    from horetsu_utils import client as clients

    with _as_json() if as_json else _plainly():
        with _waiting() as say:
            found = checkup.check(clients.find(client), say)
        if as_json:
            _tell(json.dumps(found.to_dict(), ensure_ascii=False, indent=1, default=str))
        else:
            accounts.show(found.account, out)
            accounts.show_months(found.account, found.before, out, found.client.config.currency)
            accounts.warn(found.account | {"strangers": []}, found.client.folder, err)
            accounts.show_columns(found.account, out)
            accounts.show_doubts(found.sentences, out)
            for sentence in found.missing:
                _tell(f"✗ {sentence}")
        if found.missing:
            raise typer.Exit(CANNOT)


@app.command()
def run(
    clients: ClientNames,
    as_of: AsOf = "",
    only: Annotated[list[str] | None, typer.Option("--only", help="この章だけ作ります(例: 01_rfm)")] = None,
    target: Annotated[Path, typer.Option("--out", help="レポートを置くフォルダ")] = REPORTS,
) -> None:
    """レポートを作ります。クライアントはいくつでも並べられます。"""
    failures = 0
    reports: set[Path] = set()
    for client in clients:
        try:
            with _plainly():
                _report(client, as_of, only or [], target, reports)
        except typer.Exit as error:
            if error.exit_code == STOPPED:
                raise
            failures += 1
    raise typer.Exit(CANNOT if failures else 0)


@app.command("map")
def map_file(
    file: Annotated[Path, typer.Argument(help="お店の書き出しファイル")],
    table: Annotated[str, typer.Option("--table", help="どの表として読むか(例: customers)。省くと推し量ります")] = "",
    target: Annotated[Path | None, typer.Option("--out", help="対応表を置く場所")] = None,
    force: Annotated[bool, typer.Option("--force", help="同じ名前の対応表があっても上書きします")] = False,
) -> None:
    """知らない書き出しの見出しと中身から、対応表(mapping)のひな形を作ります。"""
    from horetsu_utils import draft_screen, drafts

    with _plainly():
        drafted = drafts.make(file, table=table, out=target, force=force)
        draft_screen.show(drafted, out)
        problems = draft_screen.problems(drafted)
        for problem in problems:
            _tell(f"✗ {problem}")
        if problems:
            raise typer.Exit(CANNOT)


@app.command()
def demo(target: Annotated[Path, typer.Option("--out", help="作る場所")] = Path("clients/demo")) -> None:
    """練習用の架空のお店「デモ商店」を作ります。"""
    from horetsu_utils import demo as shop

    with _plainly():
        folder = shop.write(target)
        _tell(f"デモ商店を作りました: {folder}")
        _tell(f"レポートを作るには: horetsu run {folder}")


def _report(client: str, as_of: str, only: list[str], target: Path, reports: set[Path]) -> None:
    """Write one client's report. `reports` holds the folders written in this run: none is written twice."""
    from horetsu_utils import accounts, cache, production
    from horetsu_utils.shop import Shop

    found, prepared = _read(client)
    accounts.warn(cache.read_account(prepared), found.folder, err)
    shop = Shop.of(found, prepared, as_of=as_of)
    plans = production.choose(shop, only)
    folder = target / shop.client.id / shop.as_of.isoformat()
    if folder in reports:
        raise ConfigError(
            "同じ名前(ID)のクライアントが2つあり、レポートの置き場所が同じになります。",
            where=f"{found.folder} → {folder}",
            next_step="どちらかのフォルダの名前を変えるか、--out で置き場所を分けて、1つずつお試しください。",
        )
    reports.add(folder)
    executed = []
    for plan in plans:
        with _bar(plan.title) as told:
            executed.append(production.execute(shop, plan, folder, told))
    page = production.publish(shop, executed, folder)
    _tell(f"レポートができました: {page}")


def _read(client: str) -> "tuple[Client, Path]":
    """Find a client and read its files; return it with the folder of its prepared tables."""
    from horetsu_utils import cache
    from horetsu_utils import client as clients

    with _waiting() as say:
        found = clients.find(client)
        return found, cache.prepared(found, say=say)


@contextmanager
def _waiting() -> Iterator[Callable[[str], None]]:
    """Show that work goes on, and what is being done."""
    from rich.markup import escape

    with err.status("準備をしています") as status:
        yield lambda text: status.update(escape(text))


@contextmanager
def _as_json() -> Iterator[None]:
    """Tell a problem as JSON, so that a program that asked for JSON always gets it."""
    with _plainly():
        try:
            yield
        except HoretsuError as error:
            told = {"what": error.what, "where": error.where, "next": error.next_step}
            _tell(json.dumps({"ok": False, "error": told}, ensure_ascii=False))
            raise typer.Exit(CANNOT) from error


def _tell(text: str) -> None:
    out.print(text, markup=False, highlight=False, soft_wrap=True)


@contextmanager
def _bar(title: str) -> Iterator[Callable[[int, int], None]]:
    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), TextColumn("{task.percentage:>3.0f}%"))
    with Progress(*columns, console=err, transient=False) as progress:
        task = progress.add_task(title, total=None)

        def told(done: int, total: int) -> None:
            progress.update(task, completed=done, total=total)

        yield told


@contextmanager
def _plainly() -> Iterator[None]:
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
        told = HoretsuError(
            f"ファイルを読み書きできませんでした({error.strerror or type(error).__name__})。",
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


def main() -> Any:
    """Run the command line."""
    return app()
