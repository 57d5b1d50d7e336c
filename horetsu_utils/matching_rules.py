"""Which products fit a customer next, and to whom nothing is offered: a frozen record with its sources."""

from dataclasses import dataclass

REPLENISH, AGAIN, NEXT, TOGETHER = KINDS = ("replenish", "again", "next", "together")
"""Why a product fits: its rhythm is due; people choose it again; it is bought next, or by the same people."""
COOLING, NO_OFFER, UNKNOWN = SILENCES = ("cooling", "no_offer", "unknown")
"""Why nothing is offered: the relationship is cooling, the stage forbids it, the stage is unknown."""

SELLERS, FRESH, LAST, SILENT = TRIALS = ("sellers", "fresh", "last", "silent")
"""What matches are tried against: the best-sellers; those of them not just bought; what each bought last; and the
best-sellers once more where silence is kept."""
NEVER_QUIET = -1
"""No purchase is so few days old: nothing counts as just bought."""


@dataclass(frozen=True)
class MatchingRules:
    """Up to `most` products for each customer, those first whose lower bound of being chosen is the highest.

    Nothing bought within `quiet_days` is named, unless its own rhythm is due: from the first quartile of the days
    between two purchases up to `overdue_times` their median. How likely a product is chosen again is told by how often
    it was bought, up to `most_times`. Of what is bought by the same people, each product has its `partners` surest. A
    figure of fewer than `least_customers` is no reason. At the stages `silent_stages` nothing is offered, at the stages
    `quiet_stages` only what the customer has chosen before. The matches are tried on the last `trial_days`, known only
    from what lay before; the best-sellers they are held against are those of the `period_days` before it.
    Source: METHOD.md section 8 for three products and silence, section 3 for the stages; the numbers are the kit's own.
    """

    most: int = 3
    most_times: int = 3
    quiet_days: int = 30
    overdue_times: float = 2.0
    partners: int = 10
    least_customers: int = 30
    silent_stages: tuple[int, ...] = (0,)
    quiet_stages: tuple[int, ...] = (1,)
    trial_days: int = 90
    period_days: int = 365
