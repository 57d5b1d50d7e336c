"""Units, currencies and feelings as people say them, in each language."""

from horetsu_utils import language

UNITS = {
    "yen": "円",
    "day": "日",
    "order": "回",
    "customer": "人",
    "row": "行",
    "item": "点",
    "ratio": "%",
    "score": "点",
    "celsius": "℃",
    "character": "文字",
    "month": "か月",
    "campaign": "件",
    "contact": "回",
    "point": "ポイント",
    "voice": "件",
    "question": "問",
    "times": "倍",
}

CURRENCIES = {
    "JPY": "円",
    "USD": "ドル",
    "EUR": "ユーロ",
    "GBP": "ポンド",
    "CNY": "元",
    "KRW": "ウォン",
    "TWD": "台湾ドル",
}

ENGLISH_UNITS = {
    "yen": ("yen", "yen"),
    "day": ("day", "days"),
    "order": ("order", "orders"),
    "customer": ("person", "people"),
    "row": ("row", "rows"),
    "item": ("item", "items"),
    "score": ("point", "points"),
    "celsius": ("°C", "°C"),
    "character": ("character", "characters"),
    "month": ("month", "months"),
    "campaign": ("campaign", "campaigns"),
    "contact": ("contact", "contacts"),
    "point": ("point", "points"),
    "voice": ("response", "responses"),
    "question": ("question", "questions"),
    "times": ("time", "times"),
}
"""One, and several."""

ENGLISH_FEELINGS = {"良い": "good", "普通": "so-so", "悪い": "bad"}


def unit(code: str) -> str:
    """Return what a unit is called in a heading."""
    if language.chosen() == language.JAPANESE or code not in ENGLISH_UNITS:
        return UNITS.get(code, "")
    return ENGLISH_UNITS[code][1]


def after(number: str, code: str) -> str:
    """Return a written number with its unit: 3人, or 3 people."""
    if language.chosen() == language.JAPANESE or code not in ENGLISH_UNITS:
        return number + UNITS[code]
    one, several = ENGLISH_UNITS[code]
    return f"{number} {one if number.lstrip('-') == '1' else several}"


def without(words: str, code: str) -> str:
    """Return words about a figure without its unit."""
    if language.chosen() == language.JAPANESE or code not in ENGLISH_UNITS:
        return words.replace(UNITS[code], "")
    one, several = ENGLISH_UNITS[code]
    return words.replace(f" {several}", "").replace(f" {one}", "")


def currency(code: str) -> str:
    """Return what a currency is called in a heading: 円, or ¥."""
    if language.chosen() == language.JAPANESE:
        return CURRENCIES[code]
    from babel.numbers import get_currency_symbol

    return get_currency_symbol(code, locale=language.chosen())


def feeling(word: str) -> str:
    """Return how one of the story's feelings is called."""
    return word if language.chosen() == language.JAPANESE else ENGLISH_FEELINGS.get(word, word)
