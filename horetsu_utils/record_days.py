"""The day of a record: told by a person, never one that is yet to come."""

import datetime as dt

from horetsu_utils import recording
from horetsu_utils.client import Client
from horetsu_utils.errors import ConfigError, shorten
from horetsu_utils.ingest.cast import YEARS


def problem(client: Client, date: dt.date | None, name: str) -> str:
    """Say what is wrong with the day of a record, which is called `name`; empty when nothing is."""
    if date is None:
        return f"{name}を選んでください。"
    if date.year < YEARS[0]:
        return f"{date} は、昔すぎる日です。{name}を確かめてください。"
    today = recording.current_day(client)
    return f"{date} は、まだ来ていない日です。今日({today})までの日にしてください。" if date > today else ""


def told(client: Client, text: str, name: str) -> dt.date:
    """Return the day of a record, told as YYYY-MM-DD; without a word it is today.

    Errors
        ConfigError for what is no day, and for a day to come
    """
    try:
        date = dt.date.fromisoformat(text) if text else recording.current_day(client)
    except ValueError as error:
        raise ConfigError(
            f"「{shorten(text)}」を日付として読めません。",
            where="--date",
            next_step="2026-06-30 のように書いてください。",
        ) from error
    wrong = problem(client, date, name)
    if wrong:
        raise ConfigError(wrong, where="--date", next_step="日付を直すか、--date を省いてください。")
    return date
