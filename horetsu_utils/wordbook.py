"""The words of a shop's comments: read once, kept in the client's cache, and read again only if something changed."""

import hashlib
import multiprocessing
import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import lru_cache
from importlib.metadata import version
from pathlib import Path

import ibis.expr.types as ir
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from horetsu_utils import analyser, clauses, engine
from horetsu_utils.analyser import Analyser
from horetsu_utils.cache import DAY_SECONDS
from horetsu_utils.clauses import Word
from horetsu_utils.shop import Shop

FOLDER, KEPT = "words", 4
"""So many sets of words stay: comments are personal, and old copies must not pile up."""
BATCH, ALONE = 20_000, 3
"""Comments read in one go; up to so many goes it is not worth while to start other processes."""
_SCHEMA = pa.schema(
    [
        ("comment_id", pa.int32()),
        ("word", pa.dictionary(pa.int32(), pa.string())),
        ("denied", pa.bool_()),
        ("shown", pa.dictionary(pa.int32(), pa.string())),
    ]
)


def words(shop: Shop, voices: ir.Table, names: Sequence[str]) -> ir.Table:
    """Read the words of every voice that has a comment.

    Shape
        voices with voice_id and comment -> one row per voice and word: voice_id, word, denied, shown (how it is said)
    Errors
        none
    Source
        METHOD.md section 5; the analyser's own page says how a denial is read
    """
    comments = _comments(voices)
    names = sorted({*names, *_products(shop)})
    path = shop.client.cache / FOLDER / f"{_key(comments, names)}.parquet"
    try:
        os.utime(path)  # what was used last is forgotten last
    except FileNotFoundError:
        path.parent.mkdir(parents=True, exist_ok=True)
        write(path, comments, names)
        _forget_old(path)
    connection = shop.connection
    known = connection.create_table(f"comments_{path.stem}", _numbered(comments), temp=True, overwrite=True)
    told = engine.read_parquet(connection, path)
    return (
        voices.select("voice_id", "comment")
        .join(known, "comment")
        .join(told, "comment_id")
        .drop("comment", "comment_id")
    )


def write(path: Path, comments: Sequence[str], names: Sequence[str]) -> None:
    """Write the words of comments to a Parquet file, which appears whole or not at all."""
    working = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with pq.ParquetWriter(working, _SCHEMA) as writer:
            for table in _tables(comments, names):
                writer.write_table(table)
        working.replace(path)
    finally:
        working.unlink(missing_ok=True)


def _tables(comments: Sequence[str], names: Sequence[str]) -> Iterator[pa.Table]:
    """Yield the words of comments, a batch after the other; many comments are read by all cores at once.

    Reading is Python for a third of its time, so that threads would wait for each other.
    """
    firsts = range(0, len(comments), BATCH)
    batches = [(first, comments[first : first + BATCH]) for first in firsts]
    if len(batches) <= ALONE:
        reader = Analyser(names)
        yield from (_rows(first, batch, reader) for first, batch in batches)
        return
    context = multiprocessing.get_context("spawn")  # a fork of a kernel would take its threads' locks with it
    with ProcessPoolExecutor(mp_context=context, initializer=_prepare, initargs=(names,)) as pool:
        yield from pool.map(_read, batches)


_reader: Analyser
"""The analyser of a process that reads for another."""


def _prepare(names: Sequence[str]) -> None:
    global _reader
    _reader = Analyser(names)


def _read(batch: tuple[int, Sequence[str]]) -> pa.Table:
    return _rows(*batch, _reader)


def _rows(first: int, comments: Sequence[str], reader: Analyser) -> pa.Table:
    """Lay out the words of comments, numbered from `first`; each telling of a word is turned into text once."""
    told = [reader.words(text) for text in comments]
    tellings: dict[Word, int] = {}
    places = [tellings.setdefault(word, len(tellings)) for found in told for word in found]
    numbers = np.arange(first, first + len(told), dtype="int32").repeat([len(found) for found in told])
    distinct = zip(*tellings, strict=True) if tellings else ((), (), ())
    columns = [
        pa.array(values, field.type).take(pa.array(places, pa.int32()))
        for values, field in zip(distinct, list(_SCHEMA)[1:], strict=True)
    ]
    return pa.table([pa.array(numbers, pa.int32()), *columns], schema=_SCHEMA)


def _comments(voices: ir.Table) -> list[str]:
    told = voices.filter(voices.comment.notnull()).select("comment").distinct().order_by("comment")
    found: list[str] = told.to_pyarrow()["comment"].to_pylist()
    return found


def _products(shop: Shop) -> list[str]:
    lines = shop.table_or_empty("product_lines")
    names: list[str] = (
        lines.filter(lines.product_name.notnull()).select("product_name").distinct().to_pyarrow()[0].to_pylist()
    )
    return names


def _numbered(comments: Sequence[str]) -> pa.Table:
    numbers = pa.array(range(len(comments)), pa.int32())
    return pa.table({"comment": pa.array(comments, pa.string()), "comment_id": numbers})


def _key(comments: Sequence[str], names: Sequence[str]) -> str:
    """Return a hash of all that decides the words."""
    digest = hashlib.sha256(_way())
    for part in (names, comments):
        digest.update(str(len(part)).encode())
        for text in part:
            digest.update(hashlib.sha256(text.encode()).digest())
    return digest.hexdigest()[:16]


@lru_cache(maxsize=1)
def _way() -> bytes:
    """Return a hash of the analyser, its dictionary, and our own reading of them."""
    told = [version(name) for name in ("sudachipy", "sudachidict_core")]
    own = [Path(str(module.__file__)).read_bytes() for module in (analyser, clauses)]
    return hashlib.sha256(repr((told, own)).encode()).digest()


def _forget_old(newest: Path) -> None:
    """Keep the sets of words used last, and nothing that a killed process left half-made a day ago."""
    by_age = sorted(newest.parent.glob("*.parquet"), key=_used_at, reverse=True)
    broken = [path for path in newest.parent.glob(".*.parquet.*") if _used_at(path) < _used_at(newest) - DAY_SECONDS]
    for path in (*by_age[KEPT:], *broken):
        path.unlink(missing_ok=True)


def _used_at(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except FileNotFoundError:  # another process has forgotten it already
        return 0.0
