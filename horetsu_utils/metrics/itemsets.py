"""Sets of products of any size that lie in one basket often enough, size by size, and the rules read off them.

The search is Apriori's: a set can only be frequent if every smaller set in it is. `alone` finds each product in its
baskets, `frequent` counts, `longer` joins two sets that differ in their last product alone; and so on until none is
left.
"""

import ibis
import ibis.expr.types as ir

from horetsu_utils import intervals
from horetsu_utils.affinity_rules import AffinityRules, fraction

_SET = {"itemset": "int64", "items": "array<string>"}


def nothing() -> ir.Table:
    """Begin with the empty set.

    Shape
        nothing -> one row
    Columns
        as `frequent`
    Errors
        none
    Source
        Agrawal & Srikant 1994, VLDB 487-499 (Apriori)
    """
    return ibis.memtable([{"itemset": 0, "items": []}], schema=_SET)


def alone(baskets: ir.Table, *, key: tuple[str, ...], rules: AffinityRules) -> ir.Table:
    """Find every product in the baskets that count.

    Shape
        baskets (metrics.affinity) -> one row per basket and product
    Columns
        basket: a number; head: the set without its last product (0 is the empty one); last: the number of that product
    Errors
        none
    Source
        METHOD.md section 8
    """
    kept = baskets.filter(baskets["size"] <= rules.most_products)
    numbered = kept.select("items", basket=ibis.row_number().over(order_by=list(key)))
    return numbered.select("basket", head=ibis.literal(0, "int64"), last=numbered["items"].unnest())


def frequent(found: ir.Table, shorter: ir.Table, products: ir.Table, *, least: int) -> ir.Table:
    """Keep the sets that lie in at least `least` baskets.

    Shape
        found: one row per basket and set (`alone`, `longer`); shorter: the sets of one product less -> one row per set
    Columns
        itemset: its number; head, last: what it was made of; items: names of its products; baskets [basket]
    Errors
        none
    Source
        Agrawal & Srikant 1994, VLDB 487-499 (Apriori)
    """
    counts = found.group_by("head", "last").aggregate(baskets=found.count())
    often = counts.filter(counts.baskets >= least)
    heads = shorter.select(head="itemset", names="items")
    named = often.join(heads, "head").join(products.rename(last="item"), "last")
    return named.select(
        "head",
        "last",
        "baskets",
        itemset=ibis.row_number().over(order_by=["head", "last"]),
        items=named.names.concat(ibis.array([named["product"]])),
    )


def longer(found: ir.Table, frequent: ir.Table) -> ir.Table:
    """Join the frequent sets of a basket that differ in their last product alone.

    Shape
        found, and the frequent of its sets -> one row per basket and set of one product more
    Columns
        as `alone`
    Errors
        none
    Source
        Agrawal & Srikant 1994, VLDB 487-499 (AprioriTid)
    """
    kept = found.join(frequent, ["head", "last"]).select("basket", "head", "last", "itemset")
    other = kept.view()
    both = kept.join(other, [kept.basket == other.basket, kept["head"] == other["head"], kept["last"] < other["last"]])
    return both.select(basket=kept.basket, head=kept.itemset, last=other["last"])


def rules(itemsets: ir.Table, *, whole: int, least_confidence: float) -> ir.Table:
    """Read off rules: whoever has these products has that one, too. One product stands on the right.

    Shape
        sets of all sizes (`frequent`), and all baskets -> one row per rule of at least `least_confidence` (0-1); the
        strongest first
    Columns
        antecedent: names on the left; consequent: the name on the right; both, antecedent_baskets, consequent_baskets,
        whole [basket]; support_ratio, confidence [0-1]; lift [times]; low: its lower 95 % bound
    Errors
        none
    Source
        Agrawal & Srikant 1994, VLDB 487-499; rules as arules counts them (Hahsler, Grün & Hornik 2005, J. Stat. Softw.
        14:15), an empty left side left out
    """
    sets = itemsets.select("items", "baskets")
    split = sets.filter(sets["items"].length() > 1).mutate(consequent=sets["items"].unnest())
    split = split.select("consequent", both="baskets", antecedent=split["items"].remove(split.consequent))
    left = sets.select(antecedent="items", antecedent_baskets="baskets")
    ones = sets.filter(sets["items"].length() == 1)
    right = ones.select(consequent=ones["items"][0], consequent_baskets="baskets")
    told = split.join(left, "antecedent").join(right, "consequent").mutate(whole=ibis.literal(whole, "int64"))
    line = fraction(least_confidence)
    told = told.filter(told.both * line.denominator >= told.antecedent_baskets * line.numerator)
    lift, low = intervals.lift(told.both, told.antecedent_baskets, told.consequent_baskets, told.whole)
    both = told.both.cast("float64")
    weighed = told.mutate(
        support_ratio=both / told.whole, confidence=both / told.antecedent_baskets, lift=lift, low=low
    )
    return weighed.order_by([ibis.desc("lift"), ibis.desc("both"), "antecedent", "consequent"])
