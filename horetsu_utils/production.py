"""A shop and the kit's notebooks → the executed notebooks and the report of one client."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from horetsu_utils import (
    assets,
    board_page,
    consultant,
    guarding,
    matched,
    planning,
    report,
    runner,
    selling,
    standing,
    storybook,
    wording,
)
from horetsu_utils.errors import ConfigError, MissingDataError, nearest
from horetsu_utils.runner import Plan
from horetsu_utils.shop import PLANS, Shop
from horetsu_utils.words import TABLES

STAGES, STORY, PRODUCTS = "02_stage", "06_story", "07_affinity"
"""The chapters whose customers the consultant's workbook lists, and the one whose board is a page of its own."""
BOARD = "board.html"


def choose(shop: Shop, only: list[str]) -> list[Plan]:
    """Return the notebooks to run: all (or the named ones) whose tables the client has given.

    Errors
        ConfigError for an unknown name; MissingDataError when no notebook can run with what there is
    """
    known = {path.stem: path for path in sorted(assets.NOTEBOOKS.glob("[0-9]*.ipynb"))}
    chosen = [known[_match(name, list(known))] for name in only] or list(known.values())
    plans = [runner.plan(path) for path in chosen]
    ready = [plan for plan in plans if all(map(shop.has, plan.needs))]
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


def execute(shop: Shop, plan: Plan, folder: Path, on_cell: Callable[[int, int], None]) -> Path:
    """Run one notebook for a shop; the executed copy stays with the consultant."""
    parameters = {"client": str(shop.client.folder.resolve()), "as_of": shop.as_of.isoformat()}
    return runner.run(plan.path, parameters, folder / "notebooks" / plan.path.name, about=about(shop), on_cell=on_cell)


def publish(shop: Shop, executed: list[Path], folder: Path) -> Path:
    """Write the client's report from the executed notebooks; with the stages the workbook, with the story the board."""
    chapters = {path.stem for path in executed}
    if STAGES in chapters:
        where, segments = standing.standing(shop), standing.segmented(shop)
        guarded = guarding.judge(where, planning.of_shop(shop), segments=segments)
        further = [consultant.fitting(matched.matched(selling.selling(shop)))] if PRODUCTS in chapters else []
        consultant.write(where, segments, guarded, folder, further=further)
    if STORY in chapters:
        board(shop, folder)
    return report.write(executed, folder, title=f"{shop.name} お客様との関係レポート")


def board(shop: Shop, folder: Path) -> Path:
    """Write the board of the week as a page of its own.

    Errors
        MissingDataError without a story; HoretsuError when the folder cannot be written
    """
    book = storybook.storybook(shop)
    first, last = book.week
    told = {"shop_name": shop.name, "week_from": first, "week_to": last, "records": book.told["records"]}
    board_page.write(folder / BOARD, board_page.page(book.shown, **told))
    return folder / BOARD


def about(shop: Shop) -> dict[str, Any]:
    """Return what the page says of the client and its data."""
    config = shop.client.config
    return {
        "client": {"id": shop.client.id, "name": config.name, "currency": config.currency},
        "as_of": shop.as_of.isoformat(),
        "as_of_words": wording.day(shop.as_of),
        "period_words": f"{config.period_days}日間",
        "account": {name: dict(account) for name, account in shop.account["tables"].items()},
        "notes": [
            f"金額は{wording.name('tax', shop.tax)}です。日付は{config.time_zone}の暦の日です。",
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
