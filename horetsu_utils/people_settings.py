"""What client.yaml may say of the list of customers: how it is written, and which columns it has."""

from typing import Literal, get_args

from pydantic import field_validator

from horetsu_utils.errors import nearest, shorten
from horetsu_utils.matching_rules import MatchingRules
from horetsu_utils.settings import Strict

ID = "customer_id"
BOUGHT = (
    "first_on",
    "last_on",
    "recency_days",
    "frequency",
    "monetary_yen",
    "recency_score",
    "frequency_score",
    "monetary_score",
    "segment",
    "state",
)
STANDS = (
    "stage",
    "stage_name",
    "since_on",
    "cooling",
    "cooled_on",
    "provisional_stage",
    "confidence",
    "cell",
    "evidence",
)
AHEAD = ("expected_orders", "expected_yen")
FITS = tuple(f"{name}_{place}" for place in range(1, MatchingRules.most + 1) for name in ("product", "reason"))
MANNERS = ("prohibited", "stance", "welcome_action")
COLUMNS = (ID, *BOUGHT, *STANDS, *AHEAD, *FITS, *MANNERS)
"""The columns of the list, in the order in which they stand unless the client chooses another."""


Encoding = Literal["utf-8", "cp932"]


class CustomersSettings(Strict):
    """How the list of customers is written: the encoding of customers.csv, and the columns in their order.

    `cp932` is what older Japanese spreadsheets and shop systems read. The customer's number stands first even when it
    is not chosen: without it nobody knows whose row it is.
    """

    encoding: Encoding = "utf-8"
    columns: tuple[str, ...] = COLUMNS

    @field_validator("encoding", mode="before")
    @classmethod
    def _writable(cls, encoding: object) -> object:
        if encoding not in get_args(Encoding):
            known = "・".join(get_args(Encoding))
            raise ValueError(f"「{shorten(encoding)}」という文字の書き方は選べません(使えるもの: {known})")
        return encoding

    @field_validator("columns")
    @classmethod
    def _known(cls, columns: tuple[str, ...]) -> tuple[str, ...]:
        if not columns:
            raise ValueError("列の名前を1つ以上書いてください")
        for name in columns:
            if name not in COLUMNS:
                guess = nearest(name, COLUMNS)
                hint = f"「{guess}」の書き間違いではありませんか" if guess else f"使える列は {'・'.join(COLUMNS)} です"
                raise ValueError(f"「{shorten(name)}」という列はありません。{hint}")
            if columns.count(name) > 1:
                raise ValueError(f"「{name}」が2回書かれています。どちらか1つにしてください")
        return columns if ID in columns else (ID, *columns)
