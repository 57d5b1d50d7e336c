"""A shop → the chapters of its report, and what each of them tells of the shop: all that a report has to begin with."""

from typing import Any

from horetsu_utils import assets, wording
from horetsu_utils.chapters import Plan, plan
from horetsu_utils.errors import ConfigError, MissingDataError, nearest
from horetsu_utils.shop import PLANS, Shop
from horetsu_utils.words import TABLES


def choose(shop: Shop, only: list[str]) -> list[Plan]:
    """Return the notebooks to run, in the order of their chapters: all (or the named) whose tables the client has.

    Errors
        ConfigError for an unknown name; MissingDataError when no notebook can run with what there is
    """
    known = {path.stem: path for path in sorted(assets.NOTEBOOKS.glob("[0-9]*.ipynb"))}
    chosen = [known[_match(name, list(known))] for name in only] or list(known.values())
    plans = [plan(path) for path in chosen]
    ready = sorted(
        (each for each in plans if all(map(shop.has, each.needs))),
        key=lambda each: (bool(each.last_without and not shop.has(each.last_without)), each.chapter, each.path.stem),
    )
    if ready:
        return ready
    missing = sorted({table for each in plans for table in each.needs if not shop.has(table)})
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
