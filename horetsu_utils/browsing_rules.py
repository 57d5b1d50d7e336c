"""How browsing is read: a frozen record with its sources."""

from dataclasses import dataclass


@dataclass(frozen=True)
class BrowsingRules:
    """When a visit ends, what no person does, and how long a purchase is looked for.

    Where a row tells no session, a visit ends after `pause_minutes` of silence. A visit of more than `most_views`
    views, or one on a day of more than `most_events` events of one visitor, is a machine's, and set aside. What was
    bought counts within `follow_days`. Something is claimed of `least_people` or more.
    Source: 30 minutes is the field's (Catledge & Pitkow 1995 found 25.5; web analytics rounds it up); the rest is the
    kit's own caution.
    """

    pause_minutes: int = 30
    most_views: int = 200
    most_events: int = 1000
    follow_days: int = 30
    least_people: int = 30
