"""How the sales of products are read: a frozen record with its sources."""

from dataclasses import dataclass


@dataclass(frozen=True)
class ProductRules:
    """Windows, and the fewest that allow a figure to be told.

    A product is bought again when another order with it follows within `again_days`; a customer comes back within
    `f2_days` of the first order; what a customer is worth is the amount of the first `worth_days`. A pair of products
    is told once `pair_customers` bought one after the other. It stands out where at least `least_customers` were
    watched and the share lies above the usual one by `flow_z` standard errors: many pairs are looked at, and chance
    must not point at one. A product has a rhythm where at least `least_customers` bought it again and the quartiles of
    the days between lie close: (Q3 - Q1) / (Q3 + Q1) is at most `rhythm_spread` (0-1).
    Source: METHOD.md section 4 for 90 days and section 2 for a year; the quartile coefficient of dispersion is the
    field's (Bonett 2006, Comput. Stat. Data Anal. 50:2953); the lines are the kit's own caution.
    """

    again_days: int = 90
    f2_days: int = 90
    worth_days: int = 365
    least_customers: int = 30
    pair_customers: int = 5
    flow_z: float = 3.0
    rhythm_spread: float = 0.25
