"""What is said of one customer's lifeline: how far the relationship came, and where it stands."""

from collections.abc import Callable, Mapping
from typing import Any

import pandas as pd

from horetsu_utils.wording import count, day

NOTE = (
    "1本の時間の上に、その方の記録を並べました。点線は、冷めかけていた間です。"
    "変化の点数は、同じ点数の中で、上から良い・普通・悪いの順に並べています。"
    "だれかとくらべるためではなく、次の一言を考えるための図です。"
)
UNKNOWN = "その番号のお客様の記録は、分析日までにありません。番号をお確かめください"
COOLING = "cooling"


def title(moments: pd.DataFrame, customer: str, names: Mapping[str, str]) -> str:
    """Say since when a customer is known, how often they ordered, how far the relationship came and where it stands."""
    if moments.empty:
        return UNKNOWN
    orders = moments[(moments["kind"] == "order") & (moments["word"].fillna("") == "")]
    bought = f"、ご注文{count(len(orders), 'order')}" if len(orders) else ""
    head = f"お客様 {customer.strip()} の歩み({day(moments['on'].iloc[0])}から{bought})"
    stages = moments[moments["kind"] == "stage"]
    return f"{head}: {_way(stages, names)}" if len(stages) else head


def _way(stages: pd.DataFrame, names: Mapping[str, str]) -> str:
    now, highest = (names[str(int(value))] for value in (stages["value"].iloc[-1], stages["value"].max()))
    came = f"今は「{now}」です" if now == highest else f"「{highest}」まで進まれ、今は「{now}」です"
    return f"{came}(冷めかけています)" if stages["word"].iloc[-1] == COOLING else came


def drawn(
    draw: Callable[..., Any], of: Callable[[str], pd.DataFrame], names: Mapping[str, str], *, customer: str
) -> Any:
    """Hand one customer's moments to a picture, with their title and note."""
    moments = of(customer)
    return draw(moments, names, title=title(moments, customer, names), note="" if moments.empty else NOTE)
