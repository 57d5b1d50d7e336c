"""From what the consultant asked for to the files it becomes: one client's report, the guard's list, the board."""

from pathlib import Path
from typing import TYPE_CHECKING

from horetsu_utils.errors import ConfigError
from horetsu_utils.screen import bar, err, tell, waiting

if TYPE_CHECKING:
    from horetsu_utils.client import Client
    from horetsu_utils.guarding import Guarded


def guarded(client: str, campaigns: Path | None, as_of: str, target: Path) -> "tuple[Guarded, Path]":
    """Judge a client's plan, or the one in a file, and list the customers it concerns in a workbook."""
    from horetsu_utils import consultant, guarding, planning, standing
    from horetsu_utils.shop import Shop

    found, prepared = read(client)
    with waiting():
        shop = Shop.of(found, prepared, as_of=as_of)
        plan = planning.of_file(shop, campaigns) if campaigns else planning.of_shop(shop)
        where, segments = standing.standing(shop), standing.segmented(shop)
        judged = guarding.judge(where, plan, segments=segments)
        folder = target / shop.client.id / shop.as_of.isoformat()
        return judged, consultant.write(where, segments, judged, folder)


def report(client: str, as_of: str, only: list[str], target: Path, reports: set[Path]) -> None:
    """Write one client's report. `reports` holds the folders written in this run: none is written twice."""
    from horetsu_utils import accounts, cache, production
    from horetsu_utils.shop import Shop

    found, prepared = read(client)
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
        with bar(plan.title) as told:
            executed.append(production.execute(shop, plan, folder, told))
    page = production.publish(shop, executed, folder)
    tell(f"レポートができました: {page}")


def read(client: str) -> "tuple[Client, Path]":
    """Find a client and read its files; return it with the folder of its prepared tables."""
    from horetsu_utils import cache
    from horetsu_utils import client as clients

    with waiting() as say:
        found = clients.find(client)
        return found, cache.prepared(found, say=say)


def board(client: str, as_of: str, target: Path) -> Path:
    """Write the board of the week as it looks today, or looked on a day."""
    from horetsu_utils import production, recording
    from horetsu_utils.shop import Shop

    found, prepared = read(client)
    with waiting():
        shop = Shop.of(found, prepared, as_of=as_of or recording.current_day(found))
        return production.board(shop, target / shop.client.id / shop.as_of.isoformat())
