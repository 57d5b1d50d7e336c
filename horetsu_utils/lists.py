"""The lists of single customers: everybody with what fits them, and for whom a planned action breaks a rule."""

from pathlib import Path

import pandas as pd

from horetsu_utils import client, people, people_book, people_csv, workbook
from horetsu_utils.guarding import Guarded
from horetsu_utils.people import Known, People
from horetsu_utils.privacy import CONSULTANT
from horetsu_utils.sentences import guard as guard_words
from horetsu_utils.shop import Shop
from horetsu_utils.workbook import Sheet

CUSTOMERS, GUARD = "customers.xlsx", "guard.xlsx"
NOT_IN_CP932 = (
    "customers.csv の {count:,} 文字は、cp932(Shift_JIS)にない字のため、〓 と書きました。"
    "そのまま残したいときは、client.yaml の customers の encoding を utf-8 にしてください。"
)


def customers(known: Known, folder: Path) -> str:
    """List the customers one by one: for the client under codes, for the consultant as they are, and as CSV.

    Return what the consultant should know of it, or nothing. Each file appears whole or not at all.

    Errors
        PlacingError when the folder cannot be written
    """
    shop, own = known.shop, people.told(known)
    settings = shop.client.config.customers
    _book(shop, people.for_client(own, client.secret(shop.client)), folder / CUSTOMERS)
    _book(shop, own, folder / CONSULTANT / CUSTOMERS)
    place = folder / CONSULTANT / people_csv.FILE
    encoding, columns = settings.encoding, settings.columns
    replaced = people_csv.write(place, own.frame, encoding=encoding, columns=columns, currency=shop.currency)
    return NOT_IN_CP932.format(count=replaced) if replaced else ""


def _book(shop: Shop, told: People, path: Path) -> None:
    stages, columns = shop.client.stages().stages, shop.client.config.customers.columns
    sheets = people_book.sheets(told.frame, stages=stages, currency=shop.currency, columns=columns, note=told.note)
    workbook.write(path, sheets)


def guard(guarded: Guarded, folder: Path) -> Path:
    """Write what the guard found, and for whom, into a workbook; it appears whole or not at all.

    Errors
        PlacingError when the folder cannot be written
    """
    return workbook.write(folder / CONSULTANT / GUARD, [_verdicts(guarded), _people(guarded)])


def _verdicts(guarded: Guarded) -> Sheet:
    rows = guard_words.rows(guarded.planned, guarded.breaks, guarded.rules, guarded.where.names)
    table = {
        "施策番号": rows["campaign_id"],
        "日付": rows["date"],
        "施策": rows["campaign"],
        "合わないところ": rows["rule_name"],
        "どなたに": rows["stage_name"],
        "お客様の数": rows["customers"],
        "わけ": rows["reason"],
        "代わりの案": rows["instead"],
    }
    problems = [*map(guard_words.problem, guarded.unknown), *guarded.refused]
    note = "確かめられなかったもの: " + " / ".join(problems) if problems else ""
    return Sheet("送る前の確かめ", pd.DataFrame(table), note)


def _people(guarded: Guarded) -> Sheet:
    """List for whom each planned action breaks which rule."""
    rows = guarded.people.order_by("plan", "rule", "customer_id").limit(workbook.MOST_ROWS + 1).to_pandas()
    plans = {each.place: each for each in guarded.planned}
    names = guarded.where.names
    table = {
        "施策番号": [plans[place].campaign_id for place in rows["plan"]],
        "日付": [plans[place].date for place in rows["plan"]],
        "合わないところ": [guarded.rule(code).name for code in rows["rule"]],
        "顧客番号": rows["customer_id"],
        "ステージ": [f"{number} {names[str(number)]}" for number in rows["stage"]],
    }
    return Sheet("施策とお客様", pd.DataFrame(table), people.INSIDE)
