"""What makes customers alike in the look back, what may follow a contact, and from when on a claim is made."""

from dataclasses import dataclass

KNOWN_DAYS = (30, 90, 180)
"""The last day of each band of days since a customer became known; one more band lies above."""
MOST_ORDERS = 2
"""Customers with so many orders or more are alike."""
STRATUM = ("stage", "cooling", "known_band", "orders_so_far")
OUTCOMES = ("order", "complaint", "opted_out_now")


@dataclass(frozen=True)
class LookbackRules:
    """For how many days one looks on after a contact, and the fewest customers on either side that allow a claim.

    Source: METHOD.md section 3; both numbers are the kit's own caution.
    """

    follow_days: int = 90
    least_customers: int = 30
