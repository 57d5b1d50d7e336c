"""How products that are bought together are counted: a frozen record with its source, and what a share comes to."""

from dataclasses import dataclass
from fractions import Fraction

SHARE_PARTS = 1_000_000
"""A share is compared in whole millionths: whole numbers lose no rule that lies exactly on the line."""


@dataclass(frozen=True)
class AffinityRules:
    """When baskets, pairs and rules count.

    A basket of more than `most_products` different products is set aside: it is rarely one person's choice, and its
    pairs grow with the square. A pair, or a set of products, counts from `least_baskets` on, a rule from
    `least_confidence` (0-1) on; sets hold at most `longest` products. Something is claimed of a shop once
    `claim_baskets` baskets are known.
    Source: METHOD.md section 8 asks for a minimum count; 10 products is the default of arules (Hahsler et al. 2005);
    the rest is the kit's own caution.
    """

    most_products: int = 100
    least_baskets: int = 5
    least_confidence: float = 0.25
    longest: int = 10
    claim_baskets: int = 30


def fraction(ratio: float) -> Fraction:
    """Return a share (0-1) as it is written: 0.1 is one tenth."""
    return Fraction(str(ratio)).limit_denominator(SHARE_PARTS)


def least_of(ratio: float, whole: int) -> int:
    """Return the smallest count that is at least this share of the whole; one basket is the least there is."""
    part = fraction(ratio)
    return max(-(-part.numerator * whole // part.denominator), 1)
