"""Where each relationship stands: spells at a stage, the stage of today, and what decided it."""

import datetime as dt
from collections.abc import Iterator

import ibis
import ibis.expr.types as ir
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from horetsu_utils.relation import COOLING, StageRhythm
from horetsu_utils.walk import walk

EPOCH = dt.date(1970, 1, 1)
PART = 1_000_000
"""Signals walked at once [signal]: those of a customer never part."""
REACHED, KEPT, COOLED, FELL = "reached", "kept", "cooled", "fell"
SILENCE, UNMENDED = "silence", "unmended"
"""What cooled a tie where no signal did, and what cost it a stage: that it went on cooling."""


def spells(signals: ir.Table, *, rhythm: StageRhythm, as_of: dt.date) -> ir.Table:
    """Lead each customer along their signals: one row per unbroken time at one stage, warm or cooling.

    A spell of no length is a stage passed through within a day.

    Shape
        signals (customer_id, level, on) -> one row per spell, a customer's in order of time
    Columns
        place: a number that grows along each customer's spells; customer_id; stage [0-4]; cooling; since_on [date]:
        the day the stage was entered; cooled_on [date]: the day the cooling began, null while warm; from_on, until_on
        [date]: the spell's first day and the one after its last, null for the spell that lasts
    Errors
        none
    Source
        METHOD.md section 3
    """
    told = signals.select("customer_id", "on", "level").order_by("customer_id", "on", "level")
    parts: list[pa.Table] = []
    for events in _whole_customers(told.to_pyarrow_batches(chunk_size=PART)):
        parts.append(_led(events, rhythm, (as_of - EPOCH).days, sum(map(len, parts))))
    return ibis.memtable(pa.concat_tables(parts))


def _whole_customers(signals: pa.RecordBatchReader) -> Iterator[pa.RecordBatch]:
    """Cut ordered signals where one customer ends and the next begins, so that few need be held at once."""
    rest = pa.RecordBatch.from_pylist([], schema=signals.schema)
    for batch in signals:
        held = pa.concat_batches([rest, batch])
        owner = held.column("customer_id")
        cut = pc.index(owner, owner[-1]).as_py() if len(owner) else 0
        if cut:
            yield held.slice(0, cut)
        rest = held.slice(cut)
    yield rest


def _led(events: pa.RecordBatch, rhythm: StageRhythm, last_day: int, place: int) -> pa.Table:
    owner, day, level = (_values(events, name) for name in ("customer_id", "on", "level"))
    newcomer = _changes(owner)
    again = ~newcomer & ~_changes(day) & ~_changes(level)
    starts = np.append(np.flatnonzero(newcomer[~again]), np.count_nonzero(~again))
    days, levels = (values.to_numpy(zero_copy_only=False)[~again] for values in (day, level))
    found = walk(starts, days, levels, rhythm=rhythm, last_day=last_day)
    ids = owner.filter(pa.array(newcomer))
    last = np.append(found.owner[1:] != found.owner[:-1], True)[: len(found.owner)]
    columns = {
        "place": pa.array(np.arange(place, place + len(found.owner))),
        "customer_id": ids.take(pa.array(found.owner)),
        "stage": pa.array(found.stage),
        "cooling": pa.array(found.cooling),
        "since_on": _dates(found.since),
        "cooled_on": _dates(found.cooled, unknown=~found.cooling),
        "from_on": _dates(found.first),
        "until_on": _dates(np.append(found.first[1:], 0)[: len(last)], unknown=last),
    }
    return pa.table(columns)


def _values(events: pa.RecordBatch, name: str) -> pa.Array:
    values = events.column(name)
    return values.cast(pa.int32()) if pa.types.is_date32(values.type) else values


def _changes(values: pa.Array) -> np.ndarray:
    """Tell which entries differ from the one before; the first does."""
    found = np.ones(len(values), dtype=bool)
    found[1:] = pc.not_equal(values[1:], values[:-1]).to_numpy(zero_copy_only=False)
    return found


def _dates(days: np.ndarray, unknown: np.ndarray | None = None) -> pa.Array:
    return pa.array(days.astype(np.int32), mask=unknown).cast(pa.date32())


def at(spells: ir.Table, *, on: dt.date) -> ir.Table:
    """Return where each customer stood at the end of a day.

    Shape
        spells -> one row per customer known by that day
    Columns
        as in spells
    Errors
        none
    Source
        METHOD.md section 3
    """
    return spells.filter((spells.from_on <= on) & (spells.until_on.isnull() | (spells.until_on > on)))


def stages(spells: ir.Table, hinted: ir.Table, *, as_of: dt.date, confidence: float) -> ir.Table:
    """Tell each customer's stage at the analysis date, and beside it the one that purchases hint at.

    `confidence` is the share of the tables that can carry signals which the shop has.

    Shape
        spells by the firm signals, spells by all signals -> one row per customer
    Columns
        customer_id; stage [0-4]; cooling; since_on, cooled_on [date]; provisional_stage [0-4]: never below the
        firm one; confidence [0-1]
    Errors
        none
    Source
        METHOD.md section 3 (暫定: never mixed into the firm counts)
    """
    firm = at(spells, on=as_of).select("customer_id", "stage", "cooling", "since_on", "cooled_on")
    maybe = at(hinted, on=as_of).select("customer_id", hinted_stage="stage")
    both = firm.left_join(maybe, "customer_id").drop("customer_id_right")
    provisional = ibis.greatest(both.stage, both.hinted_stage.fill_null(both.stage))
    return both.mutate(provisional_stage=provisional, confidence=ibis.literal(confidence)).drop("hinted_stage")


def by_stage(stages: ir.Table) -> ir.Table:
    """Count the customers at each stage: for sure, cooling among them, and those a provisional stage puts there.

    Shape
        one row per customer -> one row per stage that occurs
    Columns
        stage [0-4]; customers, cooling_customers, hinted_customers [customer]: hinted ones stand lower for sure
    Errors
        none
    Source
        METHOD.md section 3
    """
    firm = stages.group_by("stage").aggregate(customers=stages.count(), cooling_customers=stages.cooling.sum())
    above = stages.filter(stages.provisional_stage > stages.stage)
    maybe = above.group_by(hinted="provisional_stage").aggregate(hinted_customers=above.count())
    both = firm.outer_join(maybe, firm.stage == maybe.hinted)
    counts = {name: both[name].fill_null(0) for name in ("customers", "cooling_customers", "hinted_customers")}
    return both.select(stage=ibis.coalesce(both.stage, both.hinted), **counts).order_by("stage")


def evidence(spells: ir.Table, signals: ir.Table) -> ir.Table:
    """Tell what decided each customer's stage: the steps up, what last kept it warm, what cooled it, what it lost.

    The steps are those that stood at the last rise; a step from which the customer had fallen back by then is no part
    of the answer.

    Shape
        spells, and the signals they were made of -> one row per customer and deciding signal
    Columns
        role: reached (`stage` by this rise), kept (the latest signal, where later), cooled (by a signal, or silence),
        fell (to `stage`, since the last rise); stage [0-4]; signal: a rule's code, SILENCE or UNMENDED; on [date]
    Errors
        none
    Source
        METHOD.md section 3 (evidence: the signals that decided, with dates)
    """
    path = _path(spells)
    peak = (
        path.filter(path.rose)
        .group_by("customer_id")
        .aggregate(peak_place=ibis._.place.max(), risen_on=ibis._.from_on.max(), peak=ibis._.stage.argmax(ibis._.place))
    )
    whole = path.join(peak, "customer_id")
    given = signals.select("customer_id", "signal", level=signals.level.cast("int64"), on=signals.on).distinct()
    steps = _standing(whole.filter(whole.place <= whole.peak_place))
    reached = steps.join(given, ["customer_id", "level", "on"])
    falls = whole.filter((whole.place > whole.peak_place) & (whole.stage < whole.before))
    current = path.filter(path.until_on.isnull())
    parts = [
        _role(reached, REACHED, reached.level, reached.signal, reached.on),
        _kept(current, given, peak.filter(peak.peak > 0)),
        _cooled(current.filter(current.cooling), given),
        _role(falls, FELL, falls.stage, ibis.literal(UNMENDED), falls.from_on),
    ]
    return ibis.union(*parts)


def _path(spells: ir.Table) -> ir.Table:
    """Put beside each spell the stage before it (-1 for a newcomer), and whether it rose."""
    along = ibis.window(group_by="customer_id", order_by="place")
    level = spells.mutate(stage=spells.stage.cast("int64"))
    known = level.mutate(before=level.stage.lag().over(along).fill_null(-1))
    return known.mutate(rose=known.stage > known.before)


def _standing(path: ir.Table) -> ir.Table:
    """Return the rises from which the path, as far as it is given, never came back: customer_id, level, on."""
    onwards = ibis.window(group_by="customer_id", order_by="place", preceding=0, following=None)
    known = path.mutate(lowest=path.stage.min().over(onwards))
    rises = known.filter(known.rose & (known.lowest > known.before))
    return rises.select("customer_id", level=rises.stage, on=rises.from_on)


def _kept(current: ir.Table, given: ir.Table, peak: ir.Table) -> ir.Table:
    """Return the latest signal that kept a tie warm, where it came after the last rise."""
    warm = given.filter((given.level > 0) & (given.level != COOLING)).join(peak, "customer_id")
    latest = warm.filter(warm.on > warm.risen_on).group_by("customer_id").aggregate(on=ibis._.on.max())
    named = latest.join(warm.select("customer_id", "on", "signal"), ["customer_id", "on"])
    one = named.group_by(["customer_id", "on"]).aggregate(signal=named.signal.min())
    held = one.join(current.select("customer_id", "stage"), "customer_id")
    return _role(held, KEPT, held.stage, held.signal, held.on)


def _cooled(cooling: ir.Table, given: ir.Table) -> ir.Table:
    """Return what cooled the ties that are cooling: the signal of that day, or silence."""
    signs = given.filter(given.level == COOLING).select("customer_id", "signal", cooled_on="on")
    told = cooling.left_join(signs, ["customer_id", "cooled_on"])
    return _role(told, COOLED, told.stage, told.signal.fill_null(SILENCE), told.cooled_on)


def _role(rows: ir.Table, role: str, stage: ir.Value, signal: ir.Value, on: ir.Value) -> ir.Table:
    return rows.select(
        "customer_id", role=ibis.literal(role), stage=stage.cast("int64"), signal=signal, on=on
    ).distinct()
