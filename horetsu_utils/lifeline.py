"""A shop → one customer's whole story on one time line: orders, contacts, feelings, voices and stages."""

from dataclasses import dataclass
from functools import cached_property

import ibis
import ibis.expr.types as ir
import pandas as pd

from horetsu_utils.metrics import gap
from horetsu_utils.shop import Shop
from horetsu_utils.standing import Standing

KINDS = ("order", "contact_out", "contact_in", "change", "voice", "stage")
"""What can happen, in the order in which the things of one day are told."""
WARM, COOLING = "warm", "cooling"
CREDIT = "credit"
"""What a credit note is called: it takes back of an amount, and is no order."""
MOST_CHOICES = 200
"""So many people are offered; any other number can be typed."""
MOMENT = {"kind": "string", "on": "date", "value": "float64", "word": "string", "place": "int64"}


@dataclass(frozen=True)
class Lifelines:
    """The stories of a shop's customers. `moments` has one row per moment of anybody, looked up as they are asked."""

    where: Standing
    moments: ir.Table

    @cached_property
    def choices(self) -> list[str]:
        """The customers who moved through most stages, most often, with most kinds of moments; ties by number."""
        along = ibis.window(group_by="customer_id", order_by="place")
        spells = self.where.spells
        path = spells.mutate(moved=(spells.stage != spells.stage.lag().over(along)).fill_null(False))
        people = path.group_by("customer_id").aggregate(stages=path.stage.nunique(), moves=path.moved.sum())
        told = self.moments.group_by("customer_id").aggregate(kinds=self.moments.kind.nunique())
        order = [ibis.desc(name) for name in ("stages", "moves", "kinds")]
        ranked = people.join(told, "customer_id").order_by([*order, "customer_id"]).limit(MOST_CHOICES)
        found: list[str] = ranked.customer_id.to_pyarrow().to_pylist()
        return found

    @property
    def first_choice(self) -> str:
        """Whom to look at first."""
        return self.choices[0]

    def of(self, customer: str) -> pd.DataFrame:
        """Return one customer's moments in order of time; none of somebody unknown.

        Shape
            a customer's number -> one row per moment
        Columns
            on [date]; kind (KINDS); value: the amount of an order [the shop's currency], the change score [0-5],
            evaluation less expectation of a voice [score], the stage [0-4] entered; word: CREDIT, the reaction of a
            contact, the emotion, the pattern of a voice, WARM or COOLING
        Errors
            none
        Source
            METHOD.md sections 1 and 3
        """
        number = customer.replace("\0", "").strip()  # which no number has, and the engine cannot read
        mine = self.moments.filter(self.moments.customer_id == number)
        found = mine.select("on", "kind", "value", "word", "place").to_pandas()
        order = {kind: place for place, kind in enumerate(KINDS)}
        ordered = found.assign(rank=found["kind"].map(order)).sort_values(["on", "rank", "place"], ignore_index=True)
        return ordered[["on", "kind", "value", "word"]]


def lifelines(where: Standing) -> Lifelines:
    """Lay all moments of a shop side by side; no copy is made of them, which would outgrow a large shop's memory."""
    shop = where.shop
    parts = [_orders(shop), _contacts(shop), _changes(shop), _voices(shop), _stages(where.spells)]
    return Lifelines(where, ibis.union(*parts))


def _orders(shop: Shop) -> ir.Table:
    orders = shop.table_or_empty("orders")
    word = orders.is_purchase.ifelse(ibis.null("string"), CREDIT)
    return _moments(orders, ibis.literal(KINDS[0]), orders.ordered_on, (orders.amount, word), orders.ordered_at)


def _contacts(shop: Shop) -> ir.Table:
    """Return the contacts; one without a direction is held to be the shop's."""
    contacts = shop.table_or_empty("touchpoints")
    kind = (contacts.direction.fill_null("out") == "in").ifelse("contact_in", "contact_out")
    return _moments(contacts, kind, contacts["at"], (ibis.null("float64"), contacts.reaction), contacts["at"])


def _changes(shop: Shop) -> ir.Table:
    records = shop.table_or_empty("story")
    return _moments(records, ibis.literal("change"), records.date, (records.change_score, records.emotion))


def _voices(shop: Shop) -> ir.Table:
    voices = gap.judged(shop.table_or_empty("voices"), rules=shop.rules.gap)
    return _moments(voices, ibis.literal("voice"), voices.date, (voices["gap"], voices.pattern))


def _stages(spells: ir.Table) -> ir.Table:
    word = spells.cooling.ifelse(COOLING, WARM)
    return _moments(spells, ibis.literal("stage"), spells.from_on, (spells.stage, word), spells.place)


def _moments(
    rows: ir.Table, kind: ir.Value, on: ir.Value, told: tuple[ir.Value, ir.Value], place: ir.Value | None = None
) -> ir.Table:
    """Return rows as moments. `told` holds their value and word; `place` orders those of one day and kind."""
    if place is None:
        place = ibis.literal(0)
    elif place.type().is_timestamp():
        place = place.epoch_seconds()
    given = {"kind": kind, "on": on, "value": told[0], "word": told[1], "place": place}
    return rows.select("customer_id", **{name: given[name].cast(dtype) for name, dtype in MOMENT.items()})
