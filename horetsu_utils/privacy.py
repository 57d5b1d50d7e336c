"""What may leave the house: the client's edition of a text, in which no small group and no address can be read.

The consultant's edition shows everything; the client's is what is sent to the shop, and passed on from there.
"""

import re
from typing import Any

from horetsu_utils import language

CLIENT, CONSULTANT = EDITIONS = ("client", "consultant")
"""What is sent to the shop, and what stays with the consultant: the latter in a folder of its name."""
PAGE = "report.html"
LEAST_GROUP = 5
"""A group of fewer people may be known by its number. Source: five is the least cell of most published tables."""
FEW = f"{LEAST_GROUP}人未満"
MASK = "〇〇"

_FEW_PEOPLE = re.compile(
    rf"(?<![\d,.〜%])(?:お)?([1-{LEAST_GROUP - 1}])人(?!あたり|前|用|分|以上|から|目|つき|に1|未満)"
    r"(?:\(\d+(?:\.\d+)?%\))?"
)
_FEW_IN_ENGLISH = re.compile(
    rf"(?<![\d,.–%])\b[1-{LEAST_GROUP - 1}] ((?:[a-z-]+ ){{0,3}}(?:people|persons?|customers?|buyers?|others?))\b"
    r"(?: ?\(\d+(?:\.\d+)?%\))?"
)
_ADDRESS = re.compile(
    r"[A-Za-z0-9._%+-]{1,64}[@＠][A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63})+"  # mail
    r"|(?<![\d-])(?:\+81[- ]?|0)\d{1,4}[- (]\d{1,4}[- )]\d{3,4}(?![\d-])"  # telephone, in parts
    r"|(?<!\d)0[5789]0\d{8}(?!\d)"  # mobile, in one
)
_TAG = re.compile(r"(<(?:style|script)\b.*?</(?:style|script)>|<[^>]*>)", re.DOTALL | re.IGNORECASE)
_SPOKEN = re.compile(r'((?:alt|title|aria-label)=")([^"]*)(")')


def told(text: str) -> str:
    """Return a sentence as the client may read it: groups under five folded, mail addresses and telephones masked."""
    folded = _FEW_PEOPLE.sub(FEW, text)
    if language.chosen() == language.ENGLISH:
        folded = _FEW_IN_ENGLISH.sub(_few, folded)
    return _ADDRESS.sub(MASK, folded)


def _few(found: re.Match[str]) -> str:
    return f"fewer than {LEAST_GROUP} {re.sub('persons?$', 'people', found[1])}"


def page(html: str) -> str:
    """Return an HTML page as the client may read it: what is shown or read aloud is `told`, tags stay as they are."""
    parts = _TAG.split(html)
    parts[::2] = map(told, parts[::2])
    parts[1::2] = (_SPOKEN.sub(lambda found: found[1] + told(found[2]) + found[3], tag) for tag in parts[1::2])
    return "".join(parts)


def finding(item: dict[str, Any]) -> dict[str, Any]:
    """Return a finding as machines may read it: no count of a group under five."""
    few = item["unit"] == "customer" and item["figure"] is not None and 0 < item["figure"] < LEAST_GROUP
    words = {name: told(item[name]) for name in ("sentence", "next_step")}
    return {**item, **words, **({"figure": None} if few else {})}
