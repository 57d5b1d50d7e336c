"""Which of a client's files hold a table, and which of them takes new rows."""

from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import Path, PurePath

from horetsu_utils import assets
from horetsu_utils.client import CONFIG_FILE, Client
from horetsu_utils.config import AUTO, Source
from horetsu_utils.errors import ConfigError, HoretsuError
from horetsu_utils.ingest import mapping as mappings
from horetsu_utils.ingest import read
from horetsu_utils.ingest.feed import Feed
from horetsu_utils.ingest.mapping import Mapping
from horetsu_utils.ingest.recognise import recognise
from horetsu_utils.ledger import RecordingError
from horetsu_utils.replacing import UNCHANGED
from horetsu_utils.sources import DATA, GENERIC
from horetsu_utils.words import TABLES

TEXT = (".csv", ".tsv", ".txt")
_WILD = "*?["


def feeds(client: Client, table: str) -> list[Feed]:
    """Return the files that feed one table, by name. Files of other tables may be missing or broken meanwhile."""
    known = _known(client)
    found = {feed.path: feed for source in _sources(client, table) for feed in _feeds(client, table, source, known)}
    return [found[path] for path in sorted(found)]


def place(client: Client, table: str) -> Feed:
    """Return the file that takes new rows of a table, whether it is there yet or not.

    It is the one CSV file that feeds the table in the kit's own headings; where there is none, or several,
    `data/<table>.csv`.

    Errors
        ConfigError when client.yaml names files, but not this one; RecordingError when a file of that name is another
    """
    own = [each for each in feeds(client, table) if each.mapping_name == GENERIC and each.path.suffix.lower() in TEXT]
    if len(own) == 1:
        return own[0]
    home = client.folder.resolve()
    name = _new_name(client, table)
    new = Feed(table, home / name, name, GENERIC, _known(client)[GENERIC])
    if not new.path.resolve().is_relative_to(home):
        raise RecordingError(
            f"data フォルダが、クライアントのフォルダの外にあるため、書き足せません。{UNCHANGED}",
            where=str(client.folder / "data"),
            next_step=f"data フォルダを {client.folder} の中に置いてください。",
        )
    if new.path.exists() and new.path not in [each.path for each in own]:
        raise RecordingError(
            f"{name} は、「{TABLES[table]}」の表として読めないため、書き足せません。{UNCHANGED}",
            where=str(client.folder / name),
            next_step=f"このファイルの名前を変えるか、見出しを 記入用/{table}.csv と同じにしてください。",
        )
    return new


def _known(client: Client) -> dict[str, Mapping]:
    return mappings.load_all(assets.MAPPINGS, client.folder / "mappings")


def _sources(client: Client, table: str) -> tuple[Source, ...]:
    tables = client.config.tables
    return tables.get(table, ()) if tables else (Source(files=(DATA,)),)


def _feeds(client: Client, table: str, source: Source, known: dict[str, Mapping]) -> Iterator[Feed]:
    for path in [path for pattern in source.files for path in _files(client, pattern)]:
        name = _mapping_name(client, path, table, source, known)
        if name:
            words = client.config.values.get(name, {})
            yield Feed(
                table,
                path.resolve(),
                path.relative_to(client.folder.resolve()).as_posix(),
                name,
                known[name],
                source.department,
                source.shop,
                values=words,
                keep=tuple(client.config.keep),
            )


def _files(client: Client, pattern: str) -> list[Path]:
    try:
        return client.files(pattern)
    except ConfigError:  # nothing there yet
        return []


def _mapping_name(client: Client, path: Path, table: str, source: Source, known: dict[str, Mapping]) -> str:
    """Return the mapping that reads a file as the table; empty where none does."""
    if source.mapping != AUTO:
        return source.mapping if source.mapping in known and table in known[source.mapping].tables else ""
    try:
        rows = read.peek(path) if read.readable(path) else []
    except HoretsuError:
        return ""
    fit = recognise(rows, known, table if client.config.tables else "")
    return fit.name if fit and table in fit.tables else ""


def _new_name(client: Client, table: str) -> str:
    """Return the name of the file to make: `data/<table>.csv`, or the one that client.yaml is waiting for."""
    usual = f"data/{table}.csv"
    if not client.config.tables:
        return usual
    sources = [source for source in _sources(client, table) if source.mapping in (AUTO, GENERIC)]
    patterns = [pattern for source in sources for pattern in source.files]
    if any(fnmatch(usual, pattern.replace("**/", "")) for pattern in patterns):
        return usual
    waiting = [name for name in patterns if _is_waiting(client, name)]
    if waiting:
        return waiting[0]
    raise _unnamed(client, table, usual)


def _is_waiting(client: Client, name: str) -> bool:
    """Tell whether client.yaml names a CSV file in the client's folder that is not there yet."""
    path = PurePath(name)
    inside = not path.is_absolute() and ".." not in path.parts and not set(name) & set(_WILD)
    return inside and path.suffix.lower() == ".csv" and not (client.folder / name).exists()


def _unnamed(client: Client, table: str, usual: str) -> ConfigError:
    entry, lines = f"    - files: {usual}", f"  {table}:\n    - files: {usual}"
    known = bool(client.config.tables.get(table))
    told = (
        f"client.yaml の tables にある {table}: の下に、次の1行を"
        if known
        else "client.yaml の tables: の下に、次の2行を"
    )
    return ConfigError(
        f"client.yaml に、「{TABLES[table]}」を書き足すファイル({usual})が書かれていません。"
        "このまま記録しても読まれないため、記録していません。",
        where=str(client.folder / CONFIG_FILE),
        next_step=f"{told}書き足してから、もう一度記録してください。\n{entry if known else lines}",
    )
