"""Nested columns → plain ones: a struct by its fields, a list of parameters by their keys, a list by its first item."""

from collections.abc import Callable, Collection, Iterator
from collections.abc import Mapping as Dictionary
from typing import TypeAlias

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

MOST_KEYS = 1_000
"""A list with more different keys is none of parameters: it stays one column."""
KEY, VALUE = "key", "value"
TYPED = "_value"
"""So end the fields of a value that is written in one of several types; fields beside them are not the value."""
_WRAPPED, _WRAPPERS = "list", ({"element"}, {"item"})

Named: TypeAlias = Iterator[tuple[str, pa.Array]]
Text: TypeAlias = Callable[[pa.Array], pa.Array]


def keys(source: pq.ParquetFile) -> dict[str, tuple[str, ...]]:
    """Find the lists of parameters in a file, each with every key that occurs, in the last rows as in the first.

    Shape
        a Parquet file -> {path of a list: its keys as they come}; no keys where they are too many to be parameters
    Errors
        pa.ArrowInvalid or OSError for a broken file
    Source
        FORMATS.md section 17
    """
    whole = [(path, leaf.type) for path, leaf in _leaves(_empty(source.schema_arrow), ())]
    found: dict[str, dict[str, None]] = {path: {} for path, kind in whole if _lists_parameters(kind)}
    paths = [source.schema.column(place).path for place in range(len(source.schema))]
    for batch in source.iter_batches(columns=[path for path in paths if path.endswith(f".{KEY}")]) if found else ():
        for path, leaf in _leaves(batch, found):
            if path in found and len(found[path]) <= MOST_KEYS:
                words = pc.unique(pc.struct_field(leaf.flatten(), KEY)).drop_null()
                found[path] |= dict.fromkeys(map(str, words.to_pylist()))
    return {path: tuple(words) if len(words) <= MOST_KEYS else () for path, words in found.items()}


def names(schema: pa.Schema, known: Dictionary[str, tuple[str, ...]]) -> tuple[str, ...]:
    """Return the headings of the columns that `unfolded` makes of a file's batches."""
    nothing = pa.array([], pa.string())
    return tuple(name for name, _ in unfolded(_empty(schema), known, lambda column: nothing))


def unfolded(batch: pa.RecordBatch, known: Dictionary[str, tuple[str, ...]], text: Text) -> Named:
    """Yield every plain column of a batch as text under its path, such as `device.category`.

    Shape
        a batch -> (path, text column) of as many rows; `known` are the `keys` of its lists of parameters
    Errors
        none
    Source
        FORMATS.md section 17
    """
    for path, leaf in _leaves(batch, known):
        words = known.get(path, ())
        if not words:
            yield path, text(leaf)
        else:
            for word, column in _by_key(leaf, words, text):
                yield f"{path}.{word}", column


def _empty(schema: pa.Schema) -> pa.RecordBatch:
    return pa.RecordBatch.from_pylist([], schema=schema)


def _leaves(batch: pa.RecordBatch, known: Collection[str]) -> Named:
    for name, column in zip(batch.schema.names, batch.columns, strict=True):
        yield from _unfold(name, column, known)


def _unfold(path: str, column: pa.Array, known: Collection[str]) -> Named:
    if isinstance(column, pa.ExtensionArray):
        column = column.storage
    column = _unwrapped(column)
    kind = column.type
    if path in known or _lists_parameters(kind) or not (pa.types.is_struct(kind) or _lists_structs(kind)):
        yield path, column
        return
    fields = column if pa.types.is_struct(kind) else _firsts(column)
    for place, field in enumerate(fields.type):
        yield from _unfold(f"{path}.{field.name}", pc.struct_field(fields, [place]), known)


def _unwrapped(column: pa.Array) -> pa.Array:
    """Take a list out of the two layers that some programs put around it: a struct `list`, its items each `element`."""
    kind = column.type
    if not pa.types.is_struct(kind) or [field.name for field in kind] != [_WRAPPED] or not _is_list(kind[0].type):
        return column
    wrapped = pc.struct_field(column, [0])
    items = wrapped.type.value_type
    if not pa.types.is_struct(items) or {field.name for field in items} not in _WRAPPERS:
        return column
    made = pa.LargeListArray if pa.types.is_large_list(wrapped.type) else pa.ListArray
    return made.from_arrays(wrapped.offsets, pc.struct_field(wrapped.values, [0]))


def _is_list(kind: pa.DataType) -> bool:
    return pa.types.is_list(kind) or pa.types.is_large_list(kind)


def _lists_structs(kind: pa.DataType) -> bool:
    return _is_list(kind) and pa.types.is_struct(kind.value_type)


def _lists_parameters(kind: pa.DataType) -> bool:
    return _lists_structs(kind) and {KEY, VALUE} <= {field.name for field in kind.value_type}


def _firsts(column: pa.Array) -> pa.Array:
    """Return the first item of each list, null where there is none."""
    rows = pc.list_parent_indices(column).to_numpy()
    return _placed(column.flatten(), rows, np.arange(len(rows)), len(column))


def _by_key(column: pa.Array, words: tuple[str, ...], text: Text) -> Named:
    """Yield for each key the value that stands first under it, an empty text where a row has no such key."""
    items, rows = column.flatten(), pc.list_parent_indices(column).to_numpy()
    coded = pc.struct_field(items, KEY).cast(pa.string()).dictionary_encode()
    codes = {word: code for code, word in enumerate(coded.dictionary.to_pylist())}
    told, values = coded.indices.fill_null(-1).to_numpy(), _value(pc.struct_field(items, VALUE), text)
    for word in words:
        places = np.flatnonzero(told == codes.get(word, len(codes)))
        yield word, pc.fill_null(_placed(values, rows[places], places, len(column)), "")


def _value(value: pa.Array, text: Text) -> pa.Array:
    """Return a parameter's value as text, whichever of its types it is written in."""
    if not pa.types.is_struct(value.type):
        return text(value)
    fields = [(field.name, pc.struct_field(value, [place])) for place, field in enumerate(value.type)]
    typed = [column for name, column in fields if name.endswith(TYPED)] or [column for _, column in fields]
    told = [text(column) for column in typed]
    return pc.coalesce(*(pc.if_else(pc.equal(column, ""), pa.scalar(None, pa.string()), column) for column in told))


def _placed(values: pa.Array, rows: np.ndarray, places: np.ndarray, length: int) -> pa.Array:
    """Put `values[places]` into `rows` of a column; of several for one row, the first."""
    chosen = np.full(length, -1)
    chosen[rows[::-1]] = places[::-1]
    return values.take(pa.array(chosen, mask=chosen < 0))
