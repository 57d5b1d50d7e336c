"""What the chapter on products says of those bought together: the surest pair, all pairs, what is left out."""

from collections.abc import Callable
from typing import Any, NamedTuple, Protocol

import pandas as pd

from horetsu_utils.affinity_rules import AffinityRules
from horetsu_utils.charts.theme import Picture
from horetsu_utils.errors import shorten
from horetsu_utils.findings import Finding
from horetsu_utils.wording import count, decimal, percent

MOST_PAIRS, MOST_CROSSED, LONGEST_NAME = 15, 6, 24
CROSSED_NOTE = (
    "上の数は、たまたま重なる数との差です。プラスなら、たまたまより多く重なっています。下の数は、実際に重なった数です。"
)
LEAST_TIMES = 1.05
"""A pair is told whose lower bound is at least so many times chance: below, it would be said as 1.0 times."""


class Kind(NamedTuple):
    """How baskets of one kind are spoken of: what makes one, what a share is of, and how their number is told."""

    whole: str
    within: str
    share: str
    unit: str
    heading: str
    column: str


IN_ORDER = Kind(
    "ご注文",
    "同じご注文で",
    "はじめの商品が入ったご注文のうち、「いっしょに買われる商品」も入っていた割合",
    "order",
    "回数",
    "frequency",
)
BY_CUSTOMER = Kind(
    "お客様",
    "同じお客様に",
    "はじめの商品を買われたお客様のうち、「いっしょに買われる商品」も買われた割合",
    "customer",
    "人数",
    "customers",
)


class Baskets(Protocol):
    """The baskets of one kind, counted."""

    @property
    def counts(self) -> dict[str, int]:
        """How many baskets count, hold one product, or were set aside, and how large the largest is."""

    @property
    def rules(self) -> AffinityRules:
        """From when on a pair or a claim counts."""

    def pairs_from(self, least: int) -> pd.DataFrame:
        """Tell the pairs that lie together in at least so many baskets."""

    def pairs_among(self, names: list[str]) -> pd.DataFrame:
        """Tell all pairs among these products."""


def sure(pairs: pd.DataFrame) -> pd.DataFrame:
    """Keep the pairs that lie together more often than by chance, even at the low end of what is known."""
    return pairs[pairs["low"] >= LEAST_TIMES].reset_index(drop=True)


def title(pairs: pd.DataFrame, counts: dict[str, int], kind: Kind, claim_from: int) -> str:
    """Name the pair that lies together surely the most often beside chance."""
    if counts["whole"] < claim_from:
        known, wanted = (count(number, kind.unit) for number in (counts["whole"], claim_from))
        return f"{kind.whole}がまだ{known}のため、組み合わせは読み取れません({wanted}から読み取れます)"
    if counts["single"] == counts["whole"]:
        return f"{kind.within}2つ以上の商品が買われたことは、まだありません"
    told = sure(pairs)
    if told.empty:
        return f"{kind.within}買われることがはっきり多い組み合わせは、見あたりません"
    first = told.iloc[0]
    times = decimal(first["lift"], "times")
    return f"{kind.within}買われることが目立つのは、{named(first)}です(たまたま重なる場合の{times})"


def named(pair: Any) -> str:
    """Name a pair: 「化粧水」と「乳液」."""
    return "と".join(f"「{shorten(pair[name], LONGEST_NAME)}」" for name in ("product", "other"))


def table(pairs: pd.DataFrame, counts: dict[str, int], kind: Kind, claim_from: int) -> pd.DataFrame:
    """Lay out the sure pairs; on the left stands the product whose buyers more often take the other one, too."""
    enough = counts["whole"] >= claim_from
    rows = sure(pairs).head(MOST_PAIRS).to_dict("records") if enough else []
    return pd.DataFrame([_row(pair, kind) for pair in rows])


def _row(pair: dict[Any, Any], kind: Kind) -> dict[str, str]:
    turned = pair["other_confidence"] > pair["confidence"]
    left, right = ("other", "product") if turned else ("product", "other")
    ratio = max(pair["confidence"], pair["other_confidence"])
    return {
        "商品": shorten(pair[left], LONGEST_NAME),
        "いっしょに買われる商品": shorten(pair[right], LONGEST_NAME),
        kind.heading: count(pair["both"], kind.unit),
        "割合": percent(ratio),
        "何倍": f"{decimal(pair['lift'], 'times')}(少なくとも{decimal(pair['low'], 'times')})",
    }


def note(pairs: pd.DataFrame, counts: dict[str, int], kind: Kind, *, least: int, most_products: int) -> str:
    """Say how the table is read, from how many baskets on a pair counts, and what was set aside."""
    many = len(sure(pairs))
    cut = f"全部で{many:,}組あるうちの、上から{MOST_PAIRS}組です。" if many > MOST_PAIRS else ""
    known, wanted = (count(number, kind.unit) for number in (counts["whole"], least))
    return (
        f"{known}の{kind.whole}から、{wanted}以上あった組み合わせを数えました。"
        f"「割合」は、{kind.share}です。"
        "「何倍」は、たまたま重なる場合とくらべた多さで、かっこの中は、誤差を見込んだ低めの値です。"
        "この低めの値が大きい順に並べています。多くの組み合わせを見ているので、下のほうは偶然のこともあります。"
        f"{cut}{aside(counts, kind, most_products)}"
    )


def aside(counts: dict[str, int], kind: Kind, most_products: int) -> str:
    """Say how many baskets were set aside for their size, if any were."""
    if not counts["set_aside"]:
        return ""
    many = count(counts["set_aside"], kind.unit)
    return (
        f"商品が{most_products:,}種類より多い{kind.whole}({many}、最大{counts['largest']:,}種類)は、"
        "まとめ買いと見て数えていません。"
    )


def unnamed(orders: int) -> str:
    """Say how many orders nobody is known to have placed, if any."""
    return f"どなたのご注文か分からない{count(orders, 'order')}は、数えていません。" if orders else ""


def drawn(show: Callable[..., Any], baskets: Baskets, kind: Kind, *, least: int) -> Any:
    """Hand `show` the table of the pairs that lie together in at least so many baskets, its title and its note."""
    counts, rules, pairs = baskets.counts, baskets.rules, baskets.pairs_from(least)
    said = title(pairs, counts, kind, rules.claim_baskets)
    below = note(pairs, counts, kind, least=least, most_products=rules.most_products)
    return show(table(pairs, counts, kind, rules.claim_baskets), said, note=below, instead=f"{said}。")


def foremost(pairs: pd.DataFrame) -> list[str]:
    """List the products of the surest pairs, as many as a picture has room for."""
    names = (name for pair in sure(pairs)[["product", "other"]].to_numpy() for name in pair)
    return list(dict.fromkeys(names))[:MOST_CROSSED]


def crossed(every: pd.DataFrame, kind: Kind) -> pd.DataFrame:
    """Turn each pair round as well, so that a product stands both beside and above the cells."""
    turned = every.rename(columns={"product": "other", "other": "product"})
    both = pd.concat([every, turned], ignore_index=True)[["product", "other", "surplus", "both"]]
    return both.rename(columns={"both": kind.column})


def drawn_crossed(picture: Callable[..., Picture], baskets: Baskets, kind: Kind, *, least: int) -> Picture:
    """Hand a picture the products of the surest pairs, crossed, and the pair that meets most beyond chance."""
    rules = baskets.rules
    enough = baskets.counts["whole"] >= rules.claim_baskets
    pairs = baskets.pairs_from(least)
    order = foremost(pairs) if enough else []
    frame = crossed(baskets.pairs_among(order), kind)
    said = crossed_title(sure(pairs), kind) if order else title(pairs, baskets.counts, kind, rules.claim_baskets)
    size: dict[str, Any] = {"value": "surplus", "count": kind.column, "claim_from": least}
    axes = {"down_order": order, "across_order": order}
    return picture(frame, "product", "other", title=said, note=CROSSED_NOTE if order else "", **size, **axes)


def crossed_title(told: pd.DataFrame, kind: Kind) -> str:
    """Say of the sure pair that goes farthest beyond chance, by how much it does."""
    most = told.sort_values(["surplus", "product", "other"], ascending=[False, True, True]).iloc[0]
    many, more = count(most["both"], kind.unit), count(most["surplus"], kind.unit)
    return f"{named(most)}が重なったのは{many}で、たまたま重なる数より約{more}多くなっています"


def finding(pairs: pd.DataFrame, counts: dict[str, int], claim_from: int) -> Finding:
    """Tell the cover the pair of one order that stands out."""
    said = f"{title(pairs, counts, IN_ORDER, claim_from)}。"
    told = sure(pairs)
    if told.empty or counts["whole"] < claim_from:
        return Finding("basket_pair", said, None, "times", "ご注文の記録を、これからも続けて残していきましょう。")
    step = f"{named(told.iloc[0])}を、いっしょにお使いいただくご案内があるか、見てみましょう。"
    return Finding("basket_pair", said, float(told.iloc[0]["lift"]), "times", step)
