"""From what the consultant asked for to the files it becomes: one client's report, the guard's list, the board."""

from pathlib import Path
from typing import TYPE_CHECKING

from horetsu_utils import language
from horetsu_utils.errors import ConfigError
from horetsu_utils.privacy import CONSULTANT
from horetsu_utils.screen import bar, err, tell, waiting

if TYPE_CHECKING:
    from horetsu_utils.client import Client
    from horetsu_utils.guarding import Guarded


def guarded(client: str, campaigns: Path | None, as_of: str, target: Path) -> "tuple[Guarded, Path]":
    """Judge a client's plan, or the one in a file, and list the customers it concerns in a workbook."""
    from horetsu_utils import guarding, lists, planning, standing
    from horetsu_utils.shop import Shop

    found, prepared = read(client)
    with waiting():
        shop = Shop.of(found, prepared, as_of=as_of)
        plan = planning.of_file(shop, campaigns) if campaigns else planning.of_shop(shop)
        where, segments = standing.standing(shop), standing.segmented(shop)
        judged = guarding.judge(where, plan, segments=segments)
        return judged, lists.guard(judged, target / shop.client.id / shop.as_of.isoformat())


def report(client: str, as_of: str, only: list[str], target: Path, reports: set[Path], *, pdf: bool = False) -> None:
    """Write one client's report. `reports` holds the folders written in this run: none is written twice."""
    from horetsu_utils import accounts, cache, letterhead, paper, placing, production
    from horetsu_utils.report import PAGE
    from horetsu_utils.shop import Shop

    if _elsewhere(client, as_of, only, target, reports, pdf=pdf):
        return
    found, prepared = read(client)
    accounts.warn(cache.read_account(prepared), found.folder, err)
    look = letterhead.letterhead(found)
    for note in look.notes:
        tell(note)
    shop = Shop.of(found, prepared, as_of=as_of)
    plans = production.choose(shop, only)
    folder = target / shop.client.id / shop.as_of.isoformat()
    _once(folder, reports, found)
    placing.ready(folder / PAGE)
    executed = []
    for plan in plans:
        with bar(plan.title) as told:
            executed.append(production.execute(shop, plan, folder, told))
    page = production.publish(shop, executed, folder, look, tell)
    tell(f"コンサルタント用の控え(お店の外に出さないでください): {folder / CONSULTANT}")
    if pdf:
        with waiting():
            printed = paper.write(page, page.with_suffix(".pdf"))
        tell(f"印刷用の PDF ができました: {printed}")
    tell(f"レポートができました: {page}")


def _elsewhere(client: str, as_of: str, only: list[str], target: Path, reports: set[Path], *, pdf: bool) -> bool:
    """Have a client's report written by a process that speaks its language; tell whether this one does not."""
    from horetsu_utils import client as clients
    from horetsu_utils import interpreter

    found = clients.find(client)
    if found.config.lang == language.chosen():
        return False
    _once(target / found.id, reports, found)  # on which day it falls, only the other process knows
    wanted = [*(["--pdf"] if pdf else []), *(part for name in only for part in ("--only", name))]
    return interpreter.handed_over(found, "run", client, *wanted, as_of=as_of, out=str(target))


def _once(folder: Path, reports: set[Path], client: "Client") -> None:
    if any(folder in (each, each.parent) or folder.parent == each for each in reports):
        raise ConfigError(
            "同じ名前(ID)のクライアントが2つあり、レポートの置き場所が同じになります。",
            where=f"{client.folder} → {folder}",
            next_step="どちらかのフォルダの名前を変えるか、--out で置き場所を分けて、1つずつお試しください。",
        )
    reports.add(folder)


def read(client: str) -> "tuple[Client, Path]":
    """Find a client and read its files; return it with the folder of its prepared tables."""
    from horetsu_utils import cache
    from horetsu_utils import client as clients

    with waiting() as say:
        found = clients.find(client)
        return found, cache.prepared(found, say=say)


def board(client: str, as_of: str, target: Path) -> Path | None:
    """Write the board of the week as it looks today, or looked on a day; None where another process has done it."""
    from horetsu_utils import client as clients
    from horetsu_utils import interpreter, production, recording
    from horetsu_utils.shop import Shop

    if interpreter.handed_over(clients.find(client), "board", client, as_of=as_of, out=str(target)):
        return None
    found, prepared = read(client)
    with waiting():
        shop = Shop.of(found, prepared, as_of=as_of or recording.current_day(found))
        return production.board(shop, target / shop.client.id / shop.as_of.isoformat())


def compared(client: str, earlier: str, later: str, target: Path) -> Path | None:
    """Write the page that holds two days of one client side by side; None where another process has done it."""
    from horetsu_utils import client as clients
    from horetsu_utils import compare_page, comparing, interpreter, placing
    from horetsu_utils.shop import Shop

    if interpreter.handed_over(clients.find(client), "compare", client, earlier, later, out=str(target)):
        return None
    found, prepared = read(client)
    with waiting():
        before, after = (Shop.of(found, prepared, as_of=day) for day in (earlier, later))
        page = compare_page.page(comparing.compare(before, after))
        folder = target / found.id / f"{before.as_of}_{after.as_of}"
        return placing.text(folder / compare_page.FILE, page)


def lab(client: str, as_of: str) -> None:
    """Lay a client's notebooks ready and open JupyterLab on them, until it is closed."""
    from horetsu_utils import client as clients
    from horetsu_utils import desk, interpreter

    notes: list[str] = []
    with waiting() as say:
        found = clients.find(client)
        folder = desk.prepare(found, as_of, say=say, tell=notes.append)
    for note in notes:
        tell(note)
    tell(f"ノートブックを置きました: {folder}")
    tell("JupyterLab を開きます。終えるときは、この画面で Ctrl と C を押してください。")
    desk.opened(folder, interpreter.environment(found))
    tell(f"JupyterLab を閉じました。保存したノートブックは、ここにあります: {folder}")
