"""The day from which a shop is looked at: the one asked for, or the last on record."""

import datetime as dt
from collections.abc import Mapping

import ibis
import ibis.expr.types as ir

from horetsu_utils import client as clients
from horetsu_utils.client import Client
from horetsu_utils.errors import ConfigError, MissingDataError
from horetsu_utils.ingest.accounting import MOMENTS

LONE_DAYS, FEW_DAYS = 180, 10
"""A last day this far from the one before is doubted, once there are so many days with orders."""
PLANS = ("scenario", "campaigns")
"""Tables that speak of the future by their nature: they are not cut at the analysis date."""
WITH_UNKNOWN = ("accepted", "no_customer")
"""The outcomes of rows that count where it does not matter whose they are."""
UNDONE = ("cancelled_or_returned",)
"""The outcome of rows that were bought and then taken back: they count only where that is asked."""


def counted(table: str) -> tuple[str, ...]:
    """Return the outcomes of the rows of a table that count: a voice may be anybody's."""
    return WITH_UNKNOWN if table == "voices" else WITH_UNKNOWN[:1]


def choose(whole: Mapping[str, ir.Table], as_of: str | dt.date, client: Client) -> dt.date:
    """Return the day that was asked for, or else the last day with an order, or else with a record.

    Errors
        ConfigError for what is no day; MissingDataError when nothing happened up to it
    """
    first, last = _span(whole)
    if last is None and not _undated(whole, as_of, client):
        raise _nothing(whole, client)
    if last is not None and not as_of:
        _refuse_lone_day(whole, client)
        return last
    try:
        day = as_of if isinstance(as_of, dt.date) else dt.date.fromisoformat(as_of)
    except ValueError as error:
        raise ConfigError(
            f"分析日「{as_of}」を日付として読めません。",
            where="分析する日",
            next_step="2026-06-30 のように書いてください。",
        ) from error
    if first is not None and day < first:
        raise MissingDataError(
            f"分析日 {day} は、最初の記録 {first} より前です。",
            where="分析する日",
            next_step=f"{first} から {last} までの日を選んでください。",
        )
    return day


def _undated(whole: Mapping[str, ir.Table], as_of: str | dt.date, client: Client) -> bool:
    """Tell whether there is nothing but answers without a date: they can be looked at from any day.

    Errors
        MissingDataError when no day was asked for
    """
    answers = whole.get("answers")
    if answers is None or not (answers.outcome == "accepted").any().to_pyarrow().as_py():
        return False
    if as_of:
        return True
    raise MissingDataError(
        "日付のある記録が、まだありません。",
        where=str(client.folder / "data"),
        next_step="--as-of 2026-06-30 のように、分析する日を付けてください。",
    )


def _nothing(whole: Mapping[str, ir.Table], client: Client) -> MissingDataError:
    """Word why there is nothing to analyse."""
    check = f"horetsu check {client.id} で、ファイルと行の内訳を確かめてください。"
    if "lines" not in whole:
        return MissingDataError("注文のファイルがありません。", where=str(client.folder / "data"), next_step=check)
    if (whole["lines"].outcome == "no_customer").any().to_pyarrow().as_py():
        return MissingDataError(
            "どの注文も、お客様が分かりません。お客様の分析はできません。",
            where=str(client.folder / "data"),
            next_step="会員番号やメールアドレスの列がある書き出しも、一緒に置いてください。",
        )
    return MissingDataError("使える行が1行もありません。", where=str(client.folder / clients.REJECTED), next_step=check)


def _refuse_lone_day(whole: Mapping[str, ir.Table], client: Client) -> None:
    """Refuse to take for today a day that stands far after all others: most likely it was mistyped."""
    orders = whole.get("orders")
    if orders is None:
        return
    bought = orders.filter(orders.is_purchase)
    days = bought.select("ordered_on").distinct().order_by(ibis.desc("ordered_on")).limit(FEW_DAYS)
    found = [record["ordered_on"] for record in days.to_pyarrow().to_pylist()]
    if len(found) == FEW_DAYS and (found[0] - found[1]).days > LONE_DAYS:
        raise MissingDataError(
            f"最後の注文の日 {found[0]} だけが、ほかの注文({found[1]} まで)から離れています。"
            "書き間違いかもしれません。",
            where=f"{client.folder} の注文",
            next_step=f"元の日付を直すか、--as-of {found[1]} を付けて、その日の時点で作ってください。",
        )


def _span(whole: Mapping[str, ir.Table]) -> tuple[dt.date | None, dt.date | None]:
    """Return the first and last day with a purchase; without orders, with any record."""
    orders = whole.get("orders")
    edges = [] if orders is None else _edges(orders.filter(orders.is_purchase), "ordered_on")
    others = [] if edges else sorted(MOMENTS.keys() & whole.keys() - {*PLANS, "orders", "customers"})
    for table in others:
        edges += _edges(whole[table].filter(whole[table].outcome.isin(counted(table))), MOMENTS[table])
    return (min(edges), max(edges)) if edges else (None, None)


def _edges(rows: ir.Table, moment: str) -> list[dt.date]:
    """Return the first and the last day of some rows; nothing of none."""
    day = rows[moment].cast("date")
    found = rows.aggregate(first=day.min(), last=day.max()).to_pyarrow().to_pylist()[0]
    return [edge for edge in found.values() if edge]
