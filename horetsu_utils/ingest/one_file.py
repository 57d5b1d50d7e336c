"""One file → its typed rows, each with what is wrong with it; kept, and read again only if something changed."""

import json
import os
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path

import ibis
import ibis.expr.types as ir
from ibis.backends.duckdb import Backend

from horetsu_utils import engine
from horetsu_utils.errors import InputError
from horetsu_utils.ingest import cast, clean, header, identity, join, normalise, read, recognise, settle, texts
from horetsu_utils.ingest.feed import Feed, Ways
from horetsu_utils.ingest.header import Header
from horetsu_utils.ingest.mapping import Section
from horetsu_utils.ingest.texts import Door

ROWS, REFUSED, ORDERS, TOLD = "rows.parquet", "refused.parquet", "orders.parquet", "told.json"
_WORKING = (cast.VALUE, clean.MARK, "by_rule", "order_total", join.UNMATCHED)
"""Columns that lead to a row's outcome and are of no use after it."""
EXTRA = "extra_"
"""Put before the headings that a client wants to keep beside the canonical columns."""


@dataclass(frozen=True)
class Told:
    """What reading one file told beside its rows: how it is written, and what stands in it.

    `ragged` are the rows that had more or fewer cells than the header, each (row, cells); `unused` are the headings
    that nothing reads, `personal` those that only told who the person is, `kept` those the client keeps; `lacking` are
    the headings by which the mapping would tell cancelled orders, where the file has none of them.
    """

    encoding: str
    headings: list[str]
    unused: list[str]
    personal: list[str]
    ragged: list[tuple[int, int]]
    kept: list[str]
    lacking: list[str]
    labels: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class FileRows:
    """Where the rows of one file lie, what it told, and the same of its partners, whose rows are in `orders`."""

    feed: Feed
    path: Path
    told: Told
    partners: list[Told] = field(default_factory=list)

    @property
    def as_labelled(self) -> bool:
        """Whether the rows carry the labels that the file has now; it may have been renamed since."""
        return not self.partners and self.told.labels == list(self.feed.labels.values())

    @property
    def refused(self) -> Path:
        """The rows that cannot be used: ROW, the problem, and the text that is to blame; there may be none."""
        return self.path.with_name(REFUSED)

    @property
    def orders(self) -> Path:
        """The rows of the partners: FILE, ROW, KEY, is_last."""
        return self.path.with_name(ORDERS)


def rows_of(feed: Feed, ways: Ways, home: Path, say: Callable[[str], None]) -> FileRows:
    """Return the folder with a file's rows, and what the file told; it is read only where no such folder is.

    Shape
        one file -> rows.parquet (ROW, PART, every canonical column, keys of the person, problem, doubt, the reasons to
        set a row aside) and told.json, in `home/<key>`
    Errors
        InputError for a file that cannot be read at all
    Source
        METHOD.md section 1
    """
    folder = home / feed.key
    if not (folder / TOLD).is_file():
        say(f"{feed.name} を読んでいます")
        home.mkdir(parents=True, exist_ok=True)
        workshop = Path(tempfile.mkdtemp(prefix=".reading-", dir=home))
        try:
            _read(feed, ways, workshop)
            appear(workshop, folder)
        finally:
            shutil.rmtree(workshop, ignore_errors=True)
    os.utime(folder)
    told, *partners = json.loads((folder / TOLD).read_text(encoding="utf-8"))
    return FileRows(feed, folder / ROWS, Told(**told), [Told(**each) for each in partners])


def appear(workshop: Path, target: Path) -> None:
    """Move a finished folder to its place, unless somebody made the same one meanwhile."""
    try:
        workshop.replace(target)
    except OSError:
        if not target.exists():
            raise


def _read(feed: Feed, ways: Ways, folder: Path) -> None:
    spill = folder / "spill"
    connection = engine.connect(spill=spill)
    try:
        opened, *partners = (_open(connection, each, feed, ways, spill) for each in (feed, *feed.partners))
        raw, heading = _joined(connection, opened, partners, folder / ORDERS)
        header.require(opened.section, feed.table, heading, where=feed.name)
        door = Door(feed.table, feed.mapping, heading, ways.zone, feed.shop, feed.values)
        _write(connection, _flagged(connection, raw, door, feed, ways), feed, folder)
    finally:
        connection.disconnect()
        shutil.rmtree(spill, ignore_errors=True)
    told = [asdict(each.told()) for each in (opened, *partners)]
    told[0]["labels"] = list(feed.labels.values())
    (folder / TOLD).write_text(json.dumps(told, ensure_ascii=False), encoding="utf-8")


def _write(connection: Backend, flagged: ir.Table, feed: Feed, folder: Path) -> None:
    """Write the rows as they are if this file stands alone, and beside them those that cannot be used."""
    labelled = flagged.mutate(**labels(feed))
    alone = settle.settled([labelled], feed.table).drop(*[name for name in _WORKING if name in labelled.columns])
    engine.write_parquet(connection, alone, folder / ROWS)
    written = engine.read_parquet(connection, folder / ROWS)
    if written.filter(written[cast.PROBLEM].notnull()).count().to_pyarrow().as_py():
        bad = flagged.filter(flagged[cast.PROBLEM].notnull() & ~flagged.is_out_of_scope)
        told = {cast.VALUE: normalise.without_contacts(bad[cast.VALUE])}
        engine.write_parquet(connection, bad.select(read.ROW, cast.PROBLEM, **told), folder / REFUSED)


def labels(feed: Feed) -> dict[str, ir.Value]:
    """Return the columns that say where a row comes from."""
    return {name: ibis.literal(value) for name, value in feed.labels.items()}


@dataclass
class _Opened:
    """One opened file: its cells stand in the engine as `raw`."""

    section: Section
    source: read.TextFile
    header: Header
    raw: ir.Table
    keep: tuple[str, ...]

    def told(self) -> Told:
        personal = identity.places(self.header, self.section.person) - header.used(self.section, self.header)
        used = header.used(self.section, self.header) | personal
        names, kept = self.header.names, set(self.header.first(self.keep))
        return Told(
            encoding=self.source.encoding,
            headings=list(names),
            unused=[" ".join(name.split()) for place, name in enumerate(names) if name and place not in used | kept],
            personal=[names[place] for place in sorted(personal - kept)],
            ragged=[(bad.row, bad.cells) for bad in self.source.ragged],
            kept=[names[place] for place in sorted(kept)],
            lacking=header.lacking_tests(self.section, self.header),
        )


def _open(connection: Backend, file: Feed, feed: Feed, ways: Ways, spill: Path) -> _Opened:
    section = feed.mapping.tables[feed.table]
    is_partner = file is not feed
    is_header = recognise.partner_header_of(section) if is_partner else recognise.header_of(section, feed.table)
    source = read.read(file.path, is_header)
    heading = Header(source.header)
    if not section.join:
        header.require(section, feed.table, heading, where=file.name)
    kept = heading.first(feed.keep)
    cells = [f"c{place}" for place in sorted(header.used(section, heading) | set(kept))]
    batches = identity.keyed(source.batches, heading, section, ways.secret)
    keys = [name for name in batches.schema.names if name in identity.KEYS]
    try:
        raw = engine.stage(connection, batches, [read.ROW, *cells, *keys], mark=clean.MARK, spill=spill)
    except engine.StreamError as error:
        raise InputError(
            'ファイルの途中から読めなくなりました(引用符「"」が閉じていないか、1つのセルが長すぎます)。',
            where=file.name,
            next_step="もう一度書き出してください。",
        ) from error
    return _Opened(section, source, heading, raw, feed.keep)


def _joined(connection: Backend, lines: _Opened, partners: list[_Opened], told: Path) -> tuple[ir.Table, Header]:
    rule = lines.section.join
    if rule is None or not partners:
        return lines.raw, lines.header
    headers = [each.header for each in partners]
    orders = join.orders([each.raw for each in partners], headers, rule, len(lines.header.names))
    orders = engine.keep(connection, orders, "orders_of_lines")
    engine.write_parquet(connection, orders.select(join.FILE, read.ROW, join.KEY, "is_last"), told)
    return join.joined(connection, lines.raw, lines.header, orders, rule), join.header(lines.header, headers)


def _flagged(connection: Backend, raw: ir.Table, door: Door, feed: Feed, ways: Ways) -> ir.Table:
    repeated = clean.repeats(connection, raw, "raw")
    listed = clean.listed(clean.split(raw, door), door, ways.not_products) if feed.table == "orders" else {}
    kept = {
        f"{EXTRA}{name}": raw[f"c{place}"] for name in feed.keep if (place := door.header.position(name)) is not None
    }
    filled = texts.filled_in_order(raw.drop(clean.MARK).mutate(**kept), door)
    if door.section.fill_in_order:
        filled = engine.keep(connection, filled, "filled")
    return clean.flagged(clean.split(filled, door), repeated, door, listed, digits=ways.digits)
