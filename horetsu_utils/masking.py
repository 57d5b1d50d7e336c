"""Customer numbers → codes under which nobody is known, the same from report to report."""

import base64
import hmac
from collections import Counter

import pandas as pd

PREFIX = "C-"
SIGNS = 10
"""Fifty bits: among a hundred thousand customers, two codes meet in about one of two hundred thousand shops."""
LONGER = 2
"""Codes that meet grow by so many signs until they differ."""


def masked(ids: pd.Series, key: bytes) -> pd.Series:
    """Give each id its code under a client's secret; without the secret nobody can tell whose it is.

    The alphabet of Base32 leaves out 0, 1, 8 and 9, which are read for letters.

    Shape
        ids -> codes in the same places, unknown ones missing
    Errors
        none; ids whose codes meet all get longer ones, whatever the order in which they come
    Source
        RFC 2104 (HMAC), FIPS 180-4 (SHA-256), RFC 4648 (Base32)
    """
    whole = {each: _code(str(each), key) for each in ids.dropna().unique()}
    shown, signs = {each: code[:SIGNS] for each, code in whole.items()}, SIGNS
    while meeting := _meeting(shown):
        signs += LONGER
        shown |= {each: whole[each][:signs] for each in meeting}
    return ids.map({each: PREFIX + code for each, code in shown.items()})


def _code(text: str, key: bytes) -> str:
    digest = hmac.digest(key, text.encode("utf-8"), "sha256")
    return base64.b32encode(digest).decode("ascii").rstrip("=")


def _meeting(shown: dict[object, str]) -> list[object]:
    """Return the ids that share a code with another."""
    held = Counter(shown.values())
    return [each for each, code in shown.items() if held[code] > 1]
