"""What somebody records in the notebook or at the keyboard → rows of the client's own file, safely.

One writes at a time, the new file takes the place of the old one whole, and rows that are replaced are kept in `控え`.
"""

import csv
import datetime as dt
import io
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias
from zoneinfo import ZoneInfo

from filelock import FileLock, Timeout

from horetsu_utils import assets, cache, canon, engine, ledger, record_files, replacing, scaffold
from horetsu_utils.client import Client
from horetsu_utils.errors import shorten
from horetsu_utils.ingest import answers, one_file
from horetsu_utils.ingest.account import harmless
from horetsu_utils.ingest.dates import PLAIN_DATES
from horetsu_utils.ingest.feed import Feed, keyed
from horetsu_utils.ingest.header import Header
from horetsu_utils.ingest.mapping import Section
from horetsu_utils.ingest.normalise import folded
from horetsu_utils.ingest.prepare import FILES
from horetsu_utils.ingest.read import ROW
from horetsu_utils.ingest.recognise import header_of
from horetsu_utils.ledger import Ledger, RecordingError
from horetsu_utils.words import COLUMNS

HISTORY = "控え"
"""Rows that newer ones replaced are kept in this folder of the client's, which is not read as data."""
WAIT_SECONDS = 20
LONGEST_TEXT = 10_000
"""Characters of one cell."""

Row: TypeAlias = Mapping[str, str]
Cells: TypeAlias = tuple[str, ...]


@dataclass(frozen=True)
class Saved:
    """What was recorded where, and the rows that it replaced: enough to take it back."""

    client: Client
    table: str
    path: Path
    added: tuple[Cells, ...]
    replaced: tuple[Cells, ...]

    @property
    def shown(self) -> Path:
        """The file as people know it: below the folder by which they called the client."""
        return self.client.folder / self.path.relative_to(self.client.folder.resolve())


def current_day(client: Client) -> dt.date:
    """Return the day that it is where the shop is: nobody records what is yet to come."""
    return dt.datetime.now(ZoneInfo(client.config.time_zone)).date()


def ready(client: Client, table: str) -> Path:
    """Return the file that `append` will write, so that nobody answers in vain.

    Errors
        as `append`
    """
    path = record_files.place(client, table).path
    replacing.refuse_open(path)
    return path


def append(client: Client, table: str, rows: Sequence[Row], *, key: Sequence[str] = (), fill: bool = False) -> Saved:
    """Add rows (canonical column → text) to the client's own file of a table; return what `undo` needs.

    Rows of the file with the same `key` (columns) are replaced, and kept in the folder `控え`; with `fill`, a cell that
    a new row leaves empty stays as it was in the row that it replaces.

    Errors
        ConfigError when client.yaml would not read the file; RecordingError or InputError when it cannot be written.
        Then nothing has changed.
    """
    with _alone(client, table):
        feed = record_files.place(client, table)
        replacing.refuse_open(feed.path)
        fitted, places = _fitted(_opened(feed), feed.mapping.tables[table], rows)
        old = _same(fitted, places, table, rows, key)
        new = [_cells(row, places, table, len(fitted.header)) for row in rows]
        if fill:
            same = [[place for place in old if old[place] == _known(row, table, key)] for row in rows]
            new = list(map(fitted.filled, new, same))
        after = fitted.without(old).with_rows(new)
        replaced = tuple(fitted.records[place].told for place in sorted(old))
        kept = client.folder / HISTORY / f"{table}.csv"
        history = {kept: _history(kept, fitted.header, replaced)} if replaced else {}
        replacing.replace(history | {feed.path: after.to_bytes(str(feed.path))})
        return Saved(client, table, feed.path, tuple(each.told for each in after.records[-len(rows) :]), replaced)


def undo(saved: Saved) -> None:
    """Take the rows of one `append` out again, and put back those that they replaced.

    Errors
        RecordingError when somebody has changed them meanwhile; then nothing has changed
    """
    with _alone(saved.client, saved.table):
        feed = record_files.place(saved.client, saved.table)
        replacing.refuse_open(saved.path)
        before = _opened(feed) if feed.path == saved.path and saved.path.exists() else ledger.blank(())
        places = _last_places(before, saved.added)
        if places is None:
            raise RecordingError(
                "記録したあとに書き直されているため、取り消していません。",
                where=str(saved.path),
                next_step="直したいときは、もう一度記録してください。新しい記録に置き換わります。",
            )
        after = before.without(places).with_rows(saved.replaced)
        replacing.replace({saved.path: after.to_bytes(str(saved.path))})


def recorded(client: Client, table: str) -> list[dict[str, Any]]:
    """Return the rows of one table that can be read, typed, file by file in the order they stand."""
    ways = cache.ways_of(client)
    found: list[dict[str, Any]] = []
    connection = engine.connect()
    for feed in record_files.feeds(client, table):
        path = one_file.rows_of(keyed(feed, ways), ways, client.cache / FILES, lambda text: None).path
        rows = engine.read_parquet(connection, path)
        used = rows.filter(rows.outcome == "accepted").order_by(ROW).select(*canon.TABLES[table].names)
        found += used.to_pyarrow().to_pylist()
    connection.disconnect()
    return found


@contextmanager
def _alone(client: Client, table: str) -> Iterator[None]:
    """Wait until nobody else records in this table."""
    place = client.cache / f"{table}.lock"
    with replacing.plainly(place):
        client.cache.mkdir(parents=True, exist_ok=True)
        lock = FileLock(place, timeout=WAIT_SECONDS)
        try:
            lock.acquire()
        except Timeout as error:
            raise RecordingError(
                "ほかの方が記録しているところのようです。何も記録していません。",
                where=str(place),
                next_step="少し待ってから、もう一度記録してください。",
            ) from error
    try:
        yield
    finally:
        lock.release()


def _opened(feed: Feed) -> Ledger:
    """Read the file, or make a new one with the headings of the blank form."""
    if feed.path.exists():
        with replacing.plainly(feed.path):
            return ledger.read(feed.path, header_of(feed.mapping.tables[feed.table], feed.table))
    form = scaffold.form(assets.CLIENT_TEMPLATE / scaffold.FORMS / f"{feed.table}.csv")
    return ledger.blank(form[0])


def _fitted(before: Ledger, section: Section, rows: Sequence[Row]) -> tuple[Ledger, dict[str, int]]:
    """Add the columns that the rows need; return the place of each."""
    needed = list(dict.fromkeys(name for row in rows for name, text in row.items() if text))
    header = Header(before.header)
    lacking = [name for name in needed if not header.found(section.columns[name])]
    fitted = before.with_headings([COLUMNS[name].japanese for name in lacking])
    header = Header(fitted.header)
    return fitted, {name: header.found(section.columns[name])[0][0] for name in needed}


def _cells(row: Row, places: Mapping[str, int], table: str, width: int) -> list[str]:
    """Return the cells of one row; free text cannot run as a formula."""
    cells = [""] * width
    for name, text in row.items():
        if text:
            told = ledger.cleaned(text)
            if len(told) > LONGEST_TEXT:
                raise RecordingError(
                    f"「{COLUMNS[name].japanese}」の文が長すぎるため、何も記録していません。",
                    where=shorten(told),
                    next_step=f"{LONGEST_TEXT:,}文字までにしてください。",
                )
            is_free = canon.TABLES[table][name].kind in ("text", "id")
            cells[places[name]] = harmless(told) if is_free else told
    return cells


def _same(
    fitted: Ledger, places: Mapping[str, int], table: str, rows: Sequence[Row], key: Sequence[str]
) -> dict[int, Cells]:
    """Return the places of the rows that tell of the same as the new ones, with what they are known by."""
    if not key or not set(key) <= set(places):
        return {}
    wanted = {_known(row, table, key) for row in rows}
    told = {
        place: tuple(_plain(table, name, "".join(record.cells[places[name] :][:1])) for name in key)
        for place, record in fitted.rows.items()
    }
    return {place: known for place, known in told.items() if all(known) and known in wanted}


def _known(row: Row, table: str, key: Sequence[str]) -> Cells:
    return tuple(_plain(table, name, row.get(name, "")) for name in key)


def _plain(table: str, column: str, cell: str) -> str:
    """Return a cell as it is compared: a day however it is written, a question however it is called."""
    bare = folded(cell).removeprefix("'")
    if canon.TABLES[table][column].kind == "date":
        return _day(bare)
    meant = answers.meant(column, bare) if (table, column) == (answers.TABLE, "question") else None
    return meant or bare


def _day(text: str) -> str:
    for form in PLAIN_DATES:
        with suppress(ValueError):
            return dt.datetime.strptime(text.upper(), form).date().isoformat()
    return unicodedata.normalize("NFKC", text)


def _last_places(before: Ledger, rows: Sequence[Cells]) -> frozenset[int] | None:
    """Return where the last of each row stands, or None when one of them is not there any more."""
    free = dict(sorted(before.rows.items(), reverse=True))
    found: list[int] = []
    for row in reversed(rows):
        place = next((place for place, record in free.items() if record.told == row), None)
        if place is None:
            return None
        found.append(place)
        del free[place]
    return frozenset(found)


def _history(path: Path, header: Cells, rows: Sequence[Cells]) -> bytes:
    """Return the kept rows with more of them at the end, under the headings that they had."""
    old = path.read_bytes() if path.exists() else ledger.blank(()).mark
    text = io.StringIO(newline="")
    csv.writer(text).writerows(rows)
    heading = ledger.blank(header).records[0].raw.encode()
    return old + (b"" if heading in old else heading) + text.getvalue().encode()
