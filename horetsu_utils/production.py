"""A shop and the kit's notebooks → the executed notebooks and the report of one client."""

import platform
from dataclasses import asdict
from importlib import metadata
from pathlib import Path
from typing import Any

import nbformat

from horetsu_utils import (
    __version__,
    assets,
    board_page,
    doors,
    guarding,
    lists,
    people,
    placing,
    planning,
    report,
    runner,
    storybook,
    wording,
)
from horetsu_utils.chapters import STAGES, STORY, Plan
from horetsu_utils.errors import ConfigError, MissingDataError, nearest
from horetsu_utils.letterhead import Letterhead
from horetsu_utils.sentences import appendix as appendix_words
from horetsu_utils.shop import PLANS, Shop
from horetsu_utils.words import TABLES

BOARD = "board.html"
TOOLS = {
    "DuckDB": "duckdb",
    "Ibis": "ibis-framework",
    "pandas": "pandas",
    "papermill": "papermill",
    "nbconvert": "nbconvert",
}
"""The tools whose versions a report tells."""


def choose(shop: Shop, only: list[str]) -> list[Plan]:
    """Return the notebooks to run, in the order of their chapters: all (or the named) whose tables the client has.

    Errors
        ConfigError for an unknown name; MissingDataError when no notebook can run with what there is
    """
    known = {path.stem: path for path in sorted(assets.NOTEBOOKS.glob("[0-9]*.ipynb"))}
    chosen = [known[_match(name, list(known))] for name in only] or list(known.values())
    plans = [runner.plan(path) for path in chosen]
    ready = sorted(
        (plan for plan in plans if all(map(shop.has, plan.needs))),
        key=lambda plan: (bool(plan.last_without and not shop.has(plan.last_without)), plan.chapter, plan.path.stem),
    )
    if ready:
        return ready
    missing = sorted({table for plan in plans for table in plan.needs if not shop.has(table)})
    raise MissingDataError(
        f"レポートに要るデータがありません: {'、'.join(TABLES[table] for table in missing)}",
        where=str(shop.client.folder / "client.yaml"),
        next_step="お店のシステムから注文を書き出して、data フォルダに置いてください。"
        if "orders" in missing
        else f"記入用フォルダの {'、'.join(f'{table}.csv' for table in missing)} を data に写して書きはじめられます。",
    )


def _match(name: str, known: list[str]) -> str:
    for stem in known:
        if name in (stem, stem.partition("_")[2], f"{stem}.ipynb"):
            return stem
    guess = nearest(name, known)
    raise ConfigError(
        f"「{name}」という章はありません。" + (f"「{guess}」の書き間違いではありませんか。" if guess else ""),
        where="--only",
        next_step=f"使える名前: {'、'.join(known)}",
    )


def beside(shop: Shop, chapters: set[str], room: Path) -> str:
    """Write what stands beside the page and needs no executed notebook: with the stages the lists, with the story the
    board; return what the consultant should know of it, or nothing.

    What stands in `room` itself is the client's edition; the folder CONSULTANT in it stays with the consultant.
    """
    remark = ""
    if STAGES in chapters:
        known = people.known(shop)
        lists.guard(guarding.judge(known.where, planning.of_shop(shop), segments=known.segments), room)
        remark = lists.customers(known, room)
    if STORY in chapters:
        board(shop, room)
    return remark


def publish(shop: Shop, executed: list[Path], folder: Path, look: Letterhead) -> Path:
    """Write the report from the executed notebooks."""
    extra = {"look": asdict(look), **appendix(shop, {path.stem for path in executed})}
    return report.write(executed, folder, title=f"{shop.name} お客様との関係レポート", extra=extra)


def appendix(shop: Shop, chapters: set[str]) -> dict[str, Any]:
    """Return what the last pages of a report say: the meaning of its words, and how it was made."""
    told = about(shop)
    stages = shop.client.stages().stages if STAGES in chapters else ()
    tools = {"horetsu": __version__, "Python": platform.python_version()}
    versions = tools | {name: metadata.version(package) for name, package in TOOLS.items()}
    return {
        "doors": appendix_words.doors(doors.behind(_told(shop, chapters), shop.has)),
        "terms": appendix_words.terms(shop.rules, stages, chapters, shop.currency),
        "made": appendix_words.made(told, versions),
    }


def _told(shop: Shop, chapters: set[str]) -> list[Any]:
    """Return the notebooks that a report is made of, and those it is not for want of data, in their order."""
    plans = [runner.plan(path) for path in sorted(assets.NOTEBOOKS.glob("[0-9]*.ipynb"))]
    told = [plan for plan in plans if plan.path.stem in chapters or not all(map(shop.has, plan.needs))]
    ordered = sorted(told, key=lambda plan: (plan.chapter, plan.path.stem))
    return [nbformat.read(plan.path, as_version=4) for plan in ordered]


def board(shop: Shop, folder: Path) -> Path:
    """Write the board of the week as a page of its own.

    Errors
        MissingDataError without a story; PlacingError when the folder cannot be written
    """
    book = storybook.storybook(shop)
    first, last = book.week
    told = {"shop_name": shop.name, "week_from": first, "week_to": last, "records": book.told["records"]}
    return placing.text(folder / BOARD, board_page.page(book.shown, **told))


def about(shop: Shop) -> dict[str, Any]:
    """Return what the page says of the client and its data."""
    config = shop.client.config
    return {
        "client": {"id": shop.client.id, "name": config.name, "currency": config.currency},
        "as_of": shop.as_of.isoformat(),
        "as_of_words": wording.day(shop.as_of),
        "period_words": f"{config.period_days}日間",
        "account": {name: dict(account) for name, account in shop.account["tables"].items()},
        "has": [table for table in TABLES if shop.has(table)],
        "notes": [
            *([f"金額は{wording.name('tax', shop.tax)}です。"] if shop.has("orders") else []),
            f"日付は{config.time_zone}の暦の日です。",
            *_later(shop),
        ],
        "fingerprint": shop.fingerprint,
    }


def _later(shop: Shop) -> list[str]:
    """Say that the account counts rows which the analysis, looking from its day, does not see."""
    seen = [table for name, table in shop.account["tables"].items() if name not in PLANS]
    last = max((file["last_day"] or "" for table in seen for file in table["files"]), default="")
    if last <= shop.as_of.isoformat():
        return []
    return [f"上の行数は、読んだすべての行です。{wording.day(shop.as_of)}より後の行は、分析では見ていません。"]
