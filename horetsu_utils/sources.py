"""A client's files, each with the table it feeds and the mapping that reads it: as client.yaml says, or by headings."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from horetsu_utils import assets
from horetsu_utils.client import CONFIG_FILE, OUTSIDE, Client
from horetsu_utils.config import AUTO, Source
from horetsu_utils.errors import ConfigError, HoretsuError, InputError, shorten
from horetsu_utils.errors import nearest as nearest_word
from horetsu_utils.ingest import mapping as mappings
from horetsu_utils.ingest import read, scores
from horetsu_utils.ingest.account import Stranger
from horetsu_utils.ingest.feed import Feed
from horetsu_utils.ingest.mapping import Mapping
from horetsu_utils.ingest.recognise import Fit, nearest, recognise, told
from horetsu_utils.words import TABLES

GENERIC = "generic"
DATA = "data/**/*"
"""Where files are looked for when client.yaml names none."""


@dataclass(frozen=True)
class Sources:
    """Every file of a client that a mapping reads, and those that none does."""

    feeds: list[Feed]
    strangers: tuple[Stranger, ...] = ()


@dataclass(frozen=True)
class _File:
    """One file beside the entry of client.yaml that named it, and what its headings speak for."""

    path: Path
    name: str
    source: Source
    fit: Fit


def sources(client: Client) -> Sources:
    """Find the table and mapping of every file of a client.

    Errors
        ConfigError when a mapping or a file that client.yaml names is not there; InputError when none reads a file
    """
    known = mappings.load_all(assets.MAPPINGS, client.folder / "mappings")
    strangers: list[Stranger] = []
    if client.config.tables:
        files = [each for table in client.config.tables for each in _named(client, table, known)]
        named = {file.path for file in files}
        strangers += [Stranger(_name(client, path), (), "unnamed") for path in _all_files(client) if path not in named]
    else:
        files = list(_found(client, known, strangers))
    _refuse_unknown_names(client, known)
    feeds = [feed for name in dict.fromkeys(file.fit.name for file in files) for feed in _feeds(name, files, known)]
    said = client.config
    feeds = [replace(feed, keep=tuple(said.keep), values=said.values.get(feed.mapping_name, {})) for feed in feeds]
    return Sources(_in_shops(feeds), tuple(strangers))


def one(client: Client, path: Path, table: str) -> Feed:
    """Find the mapping that reads one file, wherever it lies, as a given table.

    Errors
        InputError when no mapping reads it so
    """
    known = mappings.load_all(assets.MAPPINGS, client.folder / "mappings")
    rows = read.peek(path)
    fit = recognise(rows, known, table)
    if fit is None:
        raise unrecognised([Stranger(path.name, tuple(map(told, nearest(rows, known, table))))], where=str(path))
    words = client.config.values.get(fit.name, {})
    return Feed(table, path, path.name, fit.name, known[fit.name], values=words)


def _refuse_unknown_names(client: Client, known: dict[str, Mapping]) -> None:
    """Refuse words for a mapping that there is not: they would do nothing, and nobody would notice."""
    for name in client.config.values:
        if name not in known:
            guess = nearest_word(name, known)
            raise ConfigError(
                f"client.yaml の values にある「{shorten(name)}」という対応表はありません。"
                + (f"「{guess}」の書き間違いではありませんか。" if guess else ""),
                where=str(client.folder / CONFIG_FILE),
                next_step="horetsu check の「対応表」に出てくる名前を書いてください。",
            )


def _named(client: Client, table: str, known: dict[str, Mapping]) -> Iterator[_File]:
    """Yield the files that client.yaml names for a table."""
    for source in client.config.tables[table]:
        for path in [path for pattern in source.files for path in client.files(pattern)]:
            yield _File(path, _name(client, path), source, _fit(client, path, source, table, known))


def _fit(client: Client, path: Path, source: Source, table: str, known: dict[str, Mapping]) -> Fit:
    if source.mapping == AUTO:
        rows = read.peek(path)
        fit = recognise(rows, known, table)
        if fit is None:
            raise unrecognised([Stranger(_name(client, path), tuple(map(told, nearest(rows, known, table))))])
        return fit
    mappings.find(source.mapping, known)
    section = known[source.mapping].tables.get(table)
    if section is None:
        raise ConfigError(
            f"対応表「{source.mapping}」は「{TABLES[table]}」({table})を読めません。",
            where=f"client.yaml の tables.{table}",
            next_step=f"この対応表で読める表: {'・'.join(known[source.mapping].tables)}",
        )
    found = recognise(read.peek(path), {source.mapping: known[source.mapping]}, table) if section.join else None
    return found or Fit(source.mapping, (table,))


def _found(client: Client, known: dict[str, Mapping], strangers: list[Stranger]) -> Iterator[_File]:
    """Yield the files in the client's data folder that a mapping reads; the others become strangers."""
    for path in _all_files(client):
        name = _name(client, path)
        try:
            rows = read.peek(path) if read.readable(path) else []
        except HoretsuError as error:
            strangers.append(Stranger(name, (error.what,), "unreadable"))
            continue
        fit = recognise(rows, known)
        if fit:
            yield _File(path, name, Source(files=(name,)), fit)
        else:
            near = tuple(map(told, nearest(rows, known)))
            readable = f"読めるのは {read.SUPPORTED} です。"
            strangers.append(Stranger(name, near) if rows else Stranger(name, (readable,), "unreadable"))


def _all_files(client: Client) -> list[Path]:
    """Return every file in the client's data folder, without what the system or a spreadsheet has put there."""
    try:
        return client.files(DATA)
    except ConfigError as error:
        if client.config.tables:
            return []
        outside = error.what == OUTSIDE
        raise ConfigError(
            error.what if outside else "data フォルダに、読むファイルがありません。",
            where=str(client.folder / "data"),
            next_step="お店のシステムから書き出したファイルそのものを、開かずに data フォルダに置いてください。",
        ) from error


def unrecognised(strangers: list[Stranger], where: str = "data フォルダ") -> InputError:
    """Word that nothing reads some files, with the nearest mappings and what they lack."""
    lines = [f"・{each.file}" + "".join(f"\n   近いもの: {reason}" for reason in each.reasons) for each in strangers]
    return InputError(
        "どのシステムの書き出しか、見出しから分かりません。\n" + "\n".join(lines),
        where=where,
        next_step="horetsu map ファイル で、対応表のひな形を作れます。"
        "書き出し方を変えられるなら、上の見出しを足して書き出し直してください。",
    )


def _feeds(name: str, files: list[_File], known: dict[str, Mapping]) -> Iterator[Feed]:
    """Yield one mapping's files as feeds, each of lines with its partners."""
    own = [file for file in files if file.fit.name == name]
    for table in dict.fromkeys(table for file in own for table in file.fit.tables):
        given = [file for file in own if table in file.fit.tables]
        partners = tuple(_feed(file, table, known) for file in given if file.fit.is_partner)
        lines = [_feed(file, table, known) for file in given if not file.fit.is_partner]
        if known[name].tables[table].join and not (lines and partners):
            raise _half(name, table, known[name], given)
        yield from (replace(feed, partners=partners) for feed in lines)


def _half(name: str, table: str, mapping: Mapping, given: list[_File]) -> InputError:
    join = mapping.tables[table].join
    assert join is not None
    lacking = join.lines_known_by if given[0].fit.is_partner else join.known_by
    return InputError(
        f"{mapping.title} は、2つのファイルを一緒に読みます。もう1つのファイルがありません。",
        where="、".join(file.name for file in given),
        next_step=f"見出しに「{'」「'.join(lacking)}」があるファイルも書き出して、data フォルダに置いてください。",
    )


def _feed(file: _File, table: str, known: dict[str, Mapping]) -> Feed:
    source = file.source
    return Feed(
        table,
        file.path,
        file.name,
        file.fit.name,
        _as_told(known[file.fit.name], table, source),
        source.department,
        source.shop,
    )


def _as_told(mapping: Mapping, table: str, source: Source) -> Mapping:
    """Let what client.yaml says of a source's voices hold in its mapping: their scale, what was expected, whose."""
    if table != scores.TABLE:
        if source.scale or source.expected is not None:
            raise ConfigError(
                "scale と expected は、お客様の声(voices)だけに書けます。",
                where=f"client.yaml の tables.{table}",
                next_step="この2つの行を消すか、tables.voices に移してください。",
            )
        return mapping
    section = mapping.tables[table]
    told = {"department": source.department} if source.department else {}
    told |= {"expectation": f"{source.expected:.10g}"} if source.expected is not None else {}
    constants, scale = section.constants | told, source.scale or section.scale
    if wrong := scores.outside(constants, scale):
        raise ConfigError(
            f"{'、'.join(wrong)}。",
            where=f"client.yaml の tables.{table}",
            next_step="client.yaml の scale(いちばん低い点といちばん高い点)と expected を確かめてください。",
        )
    section = section.model_copy(update={"constants": constants, "scale": scale})
    return mapping.model_copy(update={"tables": mapping.tables | {table: section}})


def _in_shops(feeds: list[Feed]) -> list[Feed]:
    """Keep apart the customer numbers of different systems: 11 here is not 11 there.

    Where orders with numbers of their own come from one system only, all numbers are that system's.
    """
    numbered = {feed.origin for feed in feeds if feed.table == "orders" and _numbers(feed)}
    if len(numbered) < 2:
        return feeds
    apart = numbered - {GENERIC}
    return [replace(feed, shop=feed.shop or (feed.origin if feed.origin in apart else "")) for feed in feeds]


def _numbers(feed: Feed) -> bool:
    section = feed.mapping.tables[feed.table]
    return "customer_id" in section.columns or any(key.kind == "id" for key in section.customer_key)


def _name(client: Client, path: Path) -> str:
    return path.relative_to(client.folder.resolve()).as_posix()
