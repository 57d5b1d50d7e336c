"""One person under several ids: found by a shared e-mail address or phone number, told, and never lost."""

from collections.abc import Iterable
from dataclasses import dataclass

import ibis
import ibis.expr.types as ir

from horetsu_utils.ingest import identity

MOST_IDS = 5
"""An address or number that more ids than this share is a shop's own or a family's: it links nobody."""
KEYS = {"mail": identity.MAIL, "phone": identity.PHONE}
_HASHED = tuple(identity.PREFIX.values())


@dataclass(frozen=True)
class Links:
    """Which ids are one person. `linked` gives the id they are known by; `shared` keys were too common to be used."""

    linked: dict[str, str]
    shared: int = 0

    @property
    def people(self) -> int:
        """How many persons have more than one id."""
        return len(set(self.linked.values()))


def links(tables: Iterable[ir.Table], by: Iterable[str]) -> Links:
    """Find the ids that share an address or number.

    Shape
        flagged rows of any tables, the kinds of keys to go by -> Links (ids that stand alone are left out)
    Errors
        none
    Source
        METHOD.md section 1
    """
    pairs = [
        table.filter(table[key].notnull() & table.customer_id.notnull()).select("customer_id", key=table[key])
        for table in tables
        for kind in by
        if (key := KEYS[kind]) in table.columns and "customer_id" in table.columns
    ]
    if not pairs:
        return Links({})
    told = ibis.union(*pairs, distinct=True) if len(pairs) > 1 else pairs[0].distinct()
    several = told.group_by("key").having(told.count() > 1).aggregate(ids=told.customer_id.collect())
    groups = [record["ids"] for record in several.to_pyarrow().to_pylist()]
    usable = [ids for ids in groups if len(ids) <= MOST_IDS]
    return Links(_components(usable), shared=len(groups) - len(usable))


def applied(rows: ir.Table, mapping: ir.Table | None) -> ir.Table:
    """Write the common id of each person; the id that the file gave stays beside it as `own_customer_id`."""
    if mapping is None or "customer_id" not in rows.columns:
        return rows
    both = rows.left_join(mapping, rows.customer_id == mapping.linked_id)
    return both.mutate(own_customer_id=both.customer_id, customer_id=both.person_id.fill_null(both.customer_id)).drop(
        "linked_id", "person_id"
    )


def _components(groups: list[list[str]]) -> dict[str, str]:
    """Return each id's representative: a shop's own number before a hashed key, then the first by its letters."""
    parent: dict[str, str] = {}

    def root(one: str) -> str:
        while parent.setdefault(one, one) != one:
            parent[one] = parent[parent[one]]
            one = parent[one]
        return one

    for first, *others in map(sorted, groups):
        for other in others:
            one, two = sorted((root(first), root(other)), key=_rank)
            parent[two] = one
    return {one: root(one) for one in sorted(parent)}


def _rank(one: str) -> tuple[bool, str]:
    return one.startswith(_HASHED), one
