"""From what the consultant asked for to the files it becomes: one client's report, the guard's list, the board."""

from pathlib import Path
from typing import TYPE_CHECKING

from horetsu_utils.screen import tell, waiting

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
    desk.opened(folder, interpreter.environment(found.config.lang))
    tell(f"JupyterLab を閉じました。保存したノートブックは、ここにあります: {folder}")
