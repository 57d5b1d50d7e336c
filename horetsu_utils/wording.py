"""Figures as people say them: 62.3%, 1,234人, 567万円; in English 1,234 people, ¥5.67 million."""

import datetime as dt
import math
from decimal import ROUND_HALF_UP, Decimal

from horetsu_utils import language, units
from horetsu_utils.words import CODES, COLUMNS

TEN_THOUSAND, HUNDRED_MILLION = 10_000, 100_000_000
MILLION, BILLION = 10**6, 10**9
NOTHING = "—"
FEELING = "emotion"
TENTHS = 10
NEAR_A_TENTH = 0.05
"""A share this near to a whole tenth (in tenths) is said in tenths."""


def percent(ratio: float, digits: int = 1) -> str:
    """Say a ratio (0-1) as a percentage; an unknown one is a dash."""
    return NOTHING if _unknown(ratio) else f"{_rounded(ratio * 100, digits):.{digits}f}%"


def top(ratio: float) -> str:
    """Say how far down from the top a share of the customers (0-1) reaches: 上位1割, 上位12.5%, or 全員."""
    tenths = 0 if _unknown(ratio) else round(ratio * TENTHS)
    if not tenths or abs(ratio * TENTHS - tenths) > NEAR_A_TENTH:
        return f"上位{percent(ratio)}"
    if tenths == TENTHS:
        return "全員"
    return f"上位{tenths}割" if _in_japanese() else f"上位{percent(tenths / TENTHS, 0)}"


def count(number: float, unit: str) -> str:
    """Say a whole number with the unit of that code (words.UNITS)."""
    return NOTHING if _unknown(number) else units.after(plain(number, 0), unit)


def decimal(number: float, unit: str, digits: int = 1) -> str:
    """Say a number with a fraction and the unit of that code."""
    return NOTHING if _unknown(number) else units.after(plain(number, digits), unit)


def plain(number: float, digits: int = 1) -> str:
    """Say a number without its unit, as in a row of figures under one heading."""
    return NOTHING if _unknown(number) else f"{_rounded(number, digits):,.{digits}f}"


def money(amount: float, currency: str = "JPY") -> str:
    """Say an amount at the size people talk of: 9,800円, 124万円, 3.2億円; ¥9,800, ¥1.24 million, ¥320 million."""
    if _unknown(amount):
        return NOTHING
    if not _in_japanese():
        return _western(amount, currency)
    unit = units.currency(currency)
    whole = _rounded(amount, 0)
    ten_thousands = _rounded(amount / TEN_THOUSAND, 0)
    if abs(ten_thousands) >= HUNDRED_MILLION / TEN_THOUSAND:
        return f"{_rounded(amount / HUNDRED_MILLION, 1):,.1f}億{unit}"
    if abs(whole) >= 10 * TEN_THOUSAND:
        return f"{ten_thousands:,.0f}万{unit}"
    return f"{whole:,.0f}{unit}"


def exact(amount: float, currency: str = "JPY") -> str:
    """Say an amount to its last whole digit: 1,234,567円, or ¥1,234,567."""
    if _in_japanese():
        return f"{amount:,.0f}{units.currency(currency)}"
    return _priced(amount, currency, 0)


def _western(amount: float, currency: str) -> str:
    """Say an amount as Western languages count: the same digits as in Japanese, in thousands, millions, billions."""
    near = _rounded(amount / TEN_THOUSAND, 0) * TEN_THOUSAND
    if abs(near) >= BILLION:
        return f"{_priced(_rounded(amount / BILLION, 2), currency, 2)} billion"
    if abs(near) >= MILLION:
        digits = 0 if abs(near) >= HUNDRED_MILLION else 2
        return f"{_priced(_rounded(near / MILLION, digits), currency, digits)} million"
    whole = _rounded(amount, 0)
    return _priced(near if abs(whole) >= 10 * TEN_THOUSAND else whole, currency, 0)


def _priced(amount: float, currency: str, digits: int) -> str:
    from babel.numbers import format_currency

    form = "¤#,##0" + ("." + "0" * digits if digits else "")
    return str(format_currency(amount, currency, form, locale=language.chosen(), currency_digits=False))


def claim(sentence: str, known: int, least: int, *, who: str = "期間中に買われた方") -> str:
    """Return the sentence if enough people stand behind it; otherwise say how many it takes."""
    if known >= least:
        return sentence
    return f"{who}がまだ{known:,}人のため、傾向は読み取れません({least:,}人になると読み取れます)"


def day(date: dt.date) -> str:
    """Say a day: 2026年6月30日, or 30 June 2026."""
    return f"{date.year}年{date.month}月{date.day}日" if _in_japanese() else _dated(date, "d MMMM y")


def day_of_year(date: dt.date) -> str:
    """Say a day whose year is known: 6月30日, or 30 June."""
    return f"{date.month}月{date.day}日" if _in_japanese() else _dated(date, "d MMMM")


def unended(sentence: str) -> str:
    """Return a sentence without its full stop, as a title has none."""
    return sentence.removesuffix("。").removesuffix(".")


def month(date: dt.date) -> str:
    """Say a month: 2026年6月, or June 2026."""
    return f"{date.year}年{date.month}月" if _in_japanese() else _dated(date, "MMMM y")


def month_of_year(date: dt.date) -> str:
    """Say a month whose year is known, in little room: 6月, or Jun."""
    return f"{date.month}月" if _in_japanese() else _dated(date, "MMM")


def _dated(date: dt.date, form: str) -> str:
    from babel.dates import format_date

    return str(format_date(date, form, locale=language.chosen()))


def figure(value: float, unit: str, currency: str = "JPY") -> str:
    """Say a figure in the way of its unit: yen, ratio, or a count."""
    if unit == "ratio":
        return percent(value)
    if unit == "yen":
        return money(value, currency)
    whole = not _unknown(value) and float(value).is_integer()
    return count(value, unit) if whole else decimal(value, unit)


def heading(column: str, currency: str = "JPY") -> str:
    """Return a column's Japanese heading with its unit."""
    term = COLUMNS.get(column)
    if term is None:
        return column
    unit = units.currency(currency) if term.unit == "yen" else units.unit(term.unit)
    return f"{term.japanese}({unit})" if unit else term.japanese


def name(column: str, code: object) -> str:
    """Return the words for a code that stands in a column; an unknown code stays as it is."""
    if column == FEELING:
        return units.feeling(str(code))
    return CODES.get(column, {}).get(str(code), str(code))


def _rounded(number: float, digits: int) -> float:
    """Round a half away from zero, as people do, and never to a negative zero."""
    scale = Decimal(1).scaleb(-digits)
    return float(Decimal(repr(float(number))).quantize(scale, ROUND_HALF_UP)) + 0.0


def _in_japanese() -> bool:
    return language.chosen() == language.JAPANESE


def _unknown(number: float | None) -> bool:
    return number is None or not math.isfinite(number)
