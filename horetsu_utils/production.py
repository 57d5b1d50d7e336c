"""A shop and its executed notebooks → the report of one client, and what stands beside it."""

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
    choosing,
    doors,
    guarding,
    lists,
    people,
    placing,
    planning,
    report,
    storybook,
)
from horetsu_utils.chapters import STAGES, STORY, plan
from horetsu_utils.letterhead import Letterhead
from horetsu_utils.sentences import appendix as appendix_words
from horetsu_utils.shop import Shop

BOARD = "board.html"
TOOLS = {
    "DuckDB": "duckdb",
    "Ibis": "ibis-framework",
    "pandas": "pandas",
    "papermill": "papermill",
    "nbconvert": "nbconvert",
}
"""The tools whose versions a report tells."""


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
    told = choosing.about(shop)
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
    plans = [plan(path) for path in sorted(assets.NOTEBOOKS.glob("[0-9]*.ipynb"))]
    told = [each for each in plans if each.path.stem in chapters or not all(map(shop.has, each.needs))]
    ordered = sorted(told, key=lambda each: (each.chapter, each.path.stem))
    return [nbformat.read(each.path, as_version=4) for each in ordered]


def board(shop: Shop, folder: Path) -> Path:
    """Write the board of the week as a page of its own.

    Errors
        MissingDataError without a story; PlacingError when the folder cannot be written
    """
    book = storybook.storybook(shop)
    first, last = book.week
    told = {"shop_name": shop.name, "week_from": first, "week_to": last, "records": book.told["records"]}
    return placing.text(folder / BOARD, board_page.page(book.shown, **told))
