"""`horetsu map`: draft a mapping for an export that none knows, show the guesses, and try the draft on the file."""

import re
import secrets
import tempfile
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from horetsu_utils import assets, client, draft_text, placing
from horetsu_utils.canon import TABLES
from horetsu_utils.client import Client
from horetsu_utils.errors import ConfigError, HoretsuError, InputError
from horetsu_utils.ingest import aliases, evidence, read, recognise
from horetsu_utils.ingest import mapping as mappings
from horetsu_utils.ingest.aliases import Names, Words
from horetsu_utils.ingest.draft import Draft, draft
from horetsu_utils.ingest.evidence import harmless
from horetsu_utils.ingest.feed import Feed, Ways
from horetsu_utils.ingest.guess import Sample
from horetsu_utils.ingest.identity import Hasher
from horetsu_utils.ingest.mapping import Mapping
from horetsu_utils.ingest.prepare import prepare

SAMPLE_ROWS, PREVIEW_ROWS, WARNED = 1_000, 10, 3
WORDS = assets.RULES / "aliases.yaml"
OWN = "own"
KEY_DIGITS = 8
"""So much of a customer's keyed hash is shown: enough to see who comes again."""
FEWEST_NAMES, FEWEST_CELLS = 2, 2
"""A row with so many words for columns is a header; a row of fewer filled cells is none."""


@dataclass(frozen=True)
class Drafted:
    """A written mapping: where, what was guessed, and what the package's own reading made of the file with it."""

    path: Path
    draft: Draft
    rows: tuple[dict[str, Any], ...] = ()
    outcomes: dict[str, int] | None = None
    rejected: tuple[str, ...] = ()
    trouble: str = ""


def make(file: Path, *, table: str = "", out: Path | None = None, force: bool = False) -> Drafted:
    """Draft a mapping for one export, write it, and read the file with it.

    Errors
        InputError for a file that cannot be read, has no headings, or that a mapping reads already; ConfigError for an
        unknown table, or where a file is in the way
    """
    _check_table(table)
    home = _home(file)
    path = _place(file, home, out)
    if path.exists() and not force:
        raise ConfigError(
            "同じ名前の対応表が、もうあります。",
            where=str(path),
            next_step="上書きしてよければ --force を、別の場所に作るなら --out を付けてください。",
        )
    words, kit = aliases.load(WORDS), mappings.load_all(assets.MAPPINGS)
    sample = sampled(file, words, kit)
    found = draft(sample, words, kit, table=table)
    if not force:
        _refuse_known(file, kit | (mappings.load_all(home.folder / "mappings") if home else {}), found.table)
    pattern = _within(file, home)
    meant = _meanings(kit, found.table)
    placing.text(path, draft_text.text(found, file=file.name, pattern=pattern, stem=path.stem, meanings=meant))
    return _tried(file, path, found, home) if found.is_whole else Drafted(path, found)


def _check_table(table: str) -> None:
    if table and table not in TABLES:
        raise ConfigError(
            f"「{harmless(table)}」という表はありません。", where="--table", next_step=f"使える表: {'・'.join(TABLES)}"
        )


def _home(file: Path) -> Client | None:
    """Return the client in whose folder a file lies, if it lies in one."""
    if not file.is_file():
        raise InputError("ファイルが見つかりません。", where=str(file), next_step="場所と名前を確かめてください。")
    folders = [folder for folder in file.resolve().parents if (folder / client.CONFIG_FILE).is_file()]
    return client.find(str(folders[0])) if folders else None


def _place(file: Path, home: Client | None, out: Path | None) -> Path:
    """Return where the mapping is written: where it is wished, in the client's folder, or here."""
    if out is not None and not out.is_dir():
        return out
    name = unicodedata.normalize("NFKC", file.name).partition(".")[0].casefold()
    stem = re.sub(r"[^a-z0-9_-]", "", re.sub(r"\s+", "_", name)).strip("_-")[:50] or OWN
    if (assets.MAPPINGS / f"{stem}.yaml").is_file():  # a client's mapping of that name would hide the kit's
        stem = f"{stem}_{OWN}"
    return (out or (home.folder / "mappings" if home else Path())) / f"{stem}.yaml"


def _within(file: Path, home: Client | None) -> str:
    if home is None:
        return f"data/{file.name}"
    return file.resolve().relative_to(home.folder.resolve()).as_posix()


def _refuse_known(file: Path, known: dict[str, Mapping], table: str) -> None:
    fit = recognise.recognise(read.peek(file), known)
    if fit and table in fit.tables and known[fit.name].tables[table].known_by:
        raise InputError(
            f"この書き出しは、対応表「{fit.name}」({harmless(known[fit.name].title)})で、もう読めます。",
            where=str(file),
            next_step="そのまま horetsu check でお試しください。別の対応表を作るなら --force を付けてください。",
        )


def _meanings(kit: dict[str, Mapping], table: str) -> dict[str, dict[str, str]]:
    """Gather what words mean in all known systems; where two differ, nothing is known."""
    told: dict[str, dict[str, set[str]]] = {}
    for mapping in kit.values():
        for column, values in (mapping.tables[table].values if table in mapping.tables else {}).items():
            for word, meant in values.items():
                told.setdefault(column, {}).setdefault(word, set()).add(meant)
    return {
        column: {word: next(iter(meant)) for word, meant in words.items() if len(meant) == 1}
        for column, words in told.items()
    }


def sampled(file: Path, words: Words, kit: dict[str, Mapping]) -> Sample:
    """Read the first rows of an export, wherever its header stands.

    Errors
        InputError as for `read.read`, and for a file without headings or without rows
    """
    source = read.read(file, _is_header(words, kit))
    if not _says_names(source.header):
        source = read.read(file, _says_names)
    if not _says_names(source.header):
        raise InputError(
            "見出しの行が見つかりません。",
            where=file.name,
            next_step="1行目に見出し(注文番号、注文日 など)を書き足してから、もう一度お試しください。",
        )
    columns = _first_rows(source)
    if not columns[0]:
        raise InputError(
            "見出しだけで、その下に行がありません。",
            where=file.name,
            next_step="書き出す期間や条件を確かめて、もう一度書き出してください。",
        )
    return Sample.of(source.header, columns)


def _first_rows(source: read.TextFile) -> list[list[str]]:
    columns: list[list[str]] = [[] for _ in source.header]
    try:
        for batch in source.batches:
            for cells, column in zip(columns, batch.columns[1:], strict=True):
                cells += column.slice(0, SAMPLE_ROWS - len(cells)).to_pylist()
            if len(columns[0]) >= SAMPLE_ROWS:
                break
    except pa.ArrowInvalid as error:
        raise InputError(
            "ファイルの途中から読めなくなりました。",
            where=source.path.name,
            next_step="もう一度書き出してください。",
        ) from error
    return columns


def _is_header(words: Words, kit: dict[str, Mapping]) -> Callable[[tuple[str, ...]], bool]:
    """Return a test for a row of which several cells are words that shops use for columns."""
    known = [Names(table, words, kit) for table in ("orders", "customers")]
    return lambda row: sum(any(aliases.bare(cell) in each.own for each in known) for cell in row) >= FEWEST_NAMES


def _says_names(row: tuple[str, ...]) -> bool:
    filled = evidence.filled(row)
    values = [evidence.number(cell) is not None or evidence.dates([cell]).share > 0 for cell in filled]
    return len(filled) >= FEWEST_CELLS and not any(values)


def _tried(file: Path, path: Path, found: Draft, home: Client | None) -> Drafted:
    """Read the whole file with the mapping as it was written."""
    feed = Feed(found.table, file.resolve(), file.name, path.stem, mappings.load(path))
    key = client.secret(home) if home else secrets.token_bytes(client.SECRET_BYTES)
    zone, digits = (home.config.time_zone, home.config.digits) if home else ("Asia/Tokyo", 0)
    with tempfile.TemporaryDirectory(prefix="horetsu-map-") as folder:
        target = Path(folder) / "prepared"
        try:
            account = prepare([feed], target, ways=Ways(zone, digits, home.not_products() if home else {}, key))
        except HoretsuError as error:
            return Drafted(path, found, trouble=str(error))
        rows = pq.read_table(target / f"{'lines' if found.table == 'orders' else found.table}.parquet").to_pylist()
    first = sorted(rows, key=lambda row: (row["_row"], row.get("_part") or 0))[:PREVIEW_ROWS]
    hasher = Hasher(key, "", str)
    hidden = [row | {"customer_id": (hasher(row.get("customer_id") or "") or "")[:KEY_DIGITS]} for row in first]
    rejected = tuple(map(str, account.rejected[:WARNED]))
    return Drafted(path, found, tuple(hidden), account.tables[found.table].outcomes, rejected)
