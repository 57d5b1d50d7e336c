"""The list of customers → sheets for the workbook: everybody, then each stage by itself, in Japanese."""

from collections.abc import Sequence

import pandas as pd

from horetsu_utils import units, wording
from horetsu_utils.people_settings import COLUMNS, FITS, ID
from horetsu_utils.relation import Stage
from horetsu_utils.workbook import Sheet

EVERYBODY = "お客様"
MOST_PARTED = 20_000
"""Of more customers no sheet repeats a stage: the book would be twice as large, and slow to open."""
NOT_PARTED = "お客様が多いため、ステージごとのシートは分けていません。見出しの▼を押すと、見たい行だけに絞りこめます。"
HEADINGS = {
    "first_on": "はじめてのご注文日",
    "last_on": "最後のご注文日",
    "stage": "ステージの番号",
    "stage_name": "ステージ",
    "cooling": "冷めている",
    "cooled_on": "冷めはじめた日",
    "provisional_stage": "暫定のステージ",
    "confidence": "確かさ",
    "expected_orders": f"これからのご注文の見込み({units.unit('order')})",
}
"""What the list calls its columns where the other tables have no word for them, or mean another thing by it."""


def sheets(
    frame: pd.DataFrame,
    *,
    stages: Sequence[Stage],
    currency: str = "JPY",
    columns: Sequence[str] = COLUMNS,
    note: str = "",
) -> list[Sheet]:
    """Lay out the customers on sheets: everybody, then, of MOST_PARTED at most, one sheet per stage that has anybody.

    A column that is empty for everybody is left out of all sheets.

    Shape
        people.People.frame, in either edition -> sheets with the same columns; the note stands below each
    Errors
        none
    """
    told = frame[[column for column in frame if column == ID or frame[column].notna().any()]]
    named, parted = [(EVERYBODY, told)], len(told) <= MOST_PARTED
    for each in stages if parted else ():
        named.append((f"{each.stage} {each.name}", told[frame["stage"].eq(each.stage).fillna(False)]))
    below = note if parted else f"{note}{NOT_PARTED}"
    return [Sheet(title, worded(rows, columns, currency), below) for title, rows in named if len(rows)]


def worded(frame: pd.DataFrame, columns: Sequence[str] = COLUMNS, currency: str = "JPY") -> pd.DataFrame:
    """Return the chosen columns, as far as the frame has them, under their Japanese headings."""
    kept = [column for column in columns if column in frame]
    return frame[kept].set_axis([heading(column, currency) for column in kept], axis=1)


def heading(column: str, currency: str = "JPY") -> str:
    """Return a column's Japanese heading with its unit."""
    if column in FITS:
        kind, place = column.split("_")
        return {"product": "合いそうな品", "reason": "そのわけ"}[kind] + place
    if column == "expected_yen":
        return f"これからの売上の見込み({units.currency(currency)})"
    return HEADINGS.get(column) or wording.heading(column, currency)
