"""What a look at a file's cells teaches before they are cast: the spellings of its words, and how plain they are.

Folding a cell takes the engine microseconds, and its branches cannot be trusted to be lazy: what two of them share is
computed for every row. So the folding is done once for each spelling, and only where a column needs it.
"""

from dataclasses import replace

import ibis
import ibis.expr.types as ir

from horetsu_utils import engine, schema
from horetsu_utils.ingest import answers, normalise, story
from horetsu_utils.ingest.cast import plainly
from horetsu_utils.ingest.texts import Door, texts

MOST_SPELLINGS = 1_000
"""A column of choices with more spellings than this is none; those beyond stay as they are."""
SAMPLE_ROWS = 1_000
_PLAIN = ("number", "integer", "date", "time")


def learn(raw: ir.Table, door: Door) -> Door:
    """Look at a file's cells once.

    Shape
        raw text rows -> the same door with `spellings`, `dates` (the likeliest first) and `plain`
    Errors
        none
    Source
        measured: benchmarks/RESULTS.md
    """
    told = {name: (door.schema[name], value) for name, value in _cells(raw, door).items()}
    door = replace(door, spellings=_spellings(raw, door, told), dates=_dates(raw, door, told))
    return replace(door, plain=_plainly_written(raw, door, told))


def _cells(raw: ir.Table, door: Door) -> dict[str, ir.StringColumn]:
    """Return the columns' texts but for those that the mapping itself gives."""
    return {name: value for name, value in texts(raw, door).items() if isinstance(value, ir.Column)}


_Told = dict[str, tuple[schema.Column, ir.StringValue]]


def _spellings(raw: ir.Table, door: Door, told: _Told) -> dict[str, dict[str, str]]:
    found = {}
    for column, value in told.values():
        if column.kind in ("choice", "flag"):
            seen = raw.select(spelling=value).filter(lambda t: t.spelling.notnull()).distinct().limit(MOST_SPELLINGS)
            words = sorted(record["spelling"] for record in seen.to_pyarrow().to_pylist())
            meanings = {word: _meaning(column, word, door) for word in words}
            found[column.name] = {word: meant for word, meant in meanings.items() if meant is not None}
    return found


def _meaning(column: schema.Column, word: str, door: Door) -> str | None:
    if column.kind == "flag":
        return normalise.flag_of(word)
    known = {choice: choice for choice in column.choices}
    known |= {**door.section.values.get(column.name, {}), **door.values.get(column.name, {})}
    told = {normalise.folded(seen): meant for seen, meant in known.items()}.get(normalise.folded(word))
    if door.table == answers.TABLE:
        return told or answers.meant(column.name, word)
    return told or story.meant(word) if door.table == story.TABLE else told


def _dates(raw: ir.Table, door: Door, told: _Told) -> tuple[str, ...]:
    """Put the forms that read most of the first rows' dates first: a form that does not fit is dear."""
    sample = raw.limit(SAMPLE_ROWS)
    values = [value for column, value in _cells(sample, door).items() if told[column][0].kind in ("date", "time")]
    forms = door.section.dates
    if not values:
        return forms
    counts = {
        f"form{place}": sum((_reads(value, form).cast("int64").sum() for value in values), ibis.literal(0))
        for place, form in enumerate(forms)
    }
    reads = sample.aggregate(**counts).to_pyarrow().to_pylist()[0]
    return tuple(sorted(forms, key=lambda form: -(reads[f"form{forms.index(form)}"] or 0)))


def _reads(value: ir.StringValue, form: str) -> ir.BooleanValue:
    return engine.parse_times(value, (form,), zone="UTC", to_zone="UTC").notnull()


def _plainly_written(raw: ir.Table, door: Door, told: _Told) -> frozenset[str]:
    """Find the columns without a full-width digit, currency sign or grouping comma: they are read the quick way."""
    if door.mapping.numbers == "european":
        return frozenset()
    unread = {
        name: (plainly(column, value, door).isnull() & value.notnull()).sum().fill_null(0)
        for name, (column, value) in told.items()
        if column.kind in _PLAIN
    }
    counts = raw.aggregate(**unread).to_pyarrow().to_pylist()[0] if unread else {}
    return frozenset(name for name, count in counts.items() if count == 0)
