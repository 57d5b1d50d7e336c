"""A client's folder: where it is, what its client.yaml says, and which files feed which table."""

import os
import re
import secrets
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import MISSING, dataclass, fields
from pathlib import Path
from typing import Any

from pydantic import create_model

from horetsu_utils import assets, rulebook
from horetsu_utils.config import Config
from horetsu_utils.errors import ConfigError, shorten
from horetsu_utils.method import CpmRules, GapRules, JourneyRules, ReferenceLines, Rules, SegmentRule
from horetsu_utils.places import CLIENTS, CONFIG_FILE, upwards
from horetsu_utils.questions import DiagnosisRules
from horetsu_utils.relation import GuardRules, StageRules, Support
from horetsu_utils.rule_words import shown
from horetsu_utils.settings import Strict, load_yaml, validate

REJECTED = "rejected.csv"
OUTSIDE = "クライアントのフォルダの外にあるファイルは読めません。"
SECRET, SECRET_BYTES = ".secret", 32
RESERVED = ("not_yet",)
"""Codes that the analyses use themselves."""
ID = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")


_SEGMENT: dict[str, Any] = {
    each.name: (each.type, ... if each.default is MISSING else each.default) for each in fields(SegmentRule)
}
_Segment = create_model("_Segment", __base__=Strict, **_SEGMENT)
_SegmentTable = create_model("_SegmentTable", __base__=Strict, segments=(Sequence[_Segment], ...))  # type: ignore[valid-type]
"""What segments.yaml may say: the fields of method.SegmentRule, checked as they are read."""


class _WordLists(Strict):
    names: tuple[str, ...] = ()
    ids: tuple[str, ...] = ()


@dataclass(frozen=True)
class Client:
    """One client: an id, a folder, and its settings."""

    id: str
    folder: Path
    config: Config

    @property
    def cache(self) -> Path:
        """Where the prepared tables live."""
        return self.folder / ".cache"

    def rules(self) -> Rules:
        """Return every threshold of this client: client.yaml over the kit's own, the segment table from a file."""
        table = _rule_file(self.folder, "segments.yaml")
        read = validate(_SegmentTable, load_yaml(table), where=str(table))
        segments = tuple(SegmentRule(**dict(row)) for row in shown(dict(read)["segments"]))
        _refuse_unsound(segments, table)
        config = self.config
        return Rules(
            period_days=config.period_days,
            compare_days=config.compare_days,
            cuts=config.cuts(),
            segments=segments,
            state=config.state(),
            cpm=CpmRules(**dict(config.cpm)),
            lines=ReferenceLines(config.reference.repeat_ratio, config.reference.annual_ltv_yen),
            journey=JourneyRules(**dict(config.journey)),
            gap=GapRules(**dict(config.gap)),
        )

    def stages(self) -> StageRules:
        """Return how the stage of a relationship is found: client.yaml's days over rules/stages.yaml, or the kit's."""
        rules = rulebook.stages(_rule_file(self.folder, "stages.yaml"), kept=tuple(self.config.keep))
        return rules.waiting(**dict(self.config.stage))

    def guard(self) -> GuardRules:
        """Return what must not be done at which stage: the client's own rules/guard.yaml, or the kit's."""
        return rulebook.guard(_rule_file(self.folder, "guard.yaml"))

    def board(self) -> tuple[Support, ...]:
        """Return what can be done for whom on the weekly board: the client's own rules/board.yaml, or the kit's."""
        return rulebook.board(_rule_file(self.folder, "board.yaml"), self.guard().prohibitions)

    def diagnosis(self) -> DiagnosisRules:
        """Return the ten questions and what follows from the answers: rules/diagnosis.yaml, or the kit's."""
        return rulebook.diagnosis(_rule_file(self.folder, "diagnosis.yaml"))

    def lexicon(self) -> Path:
        """Return where the words of emotions stand: the client's own rules/emotions.yaml, or the kit's."""
        return _rule_file(self.folder, "emotions.yaml")

    def products(self) -> Path:
        """Return where it stands which products are one: the client's own rules/products.yaml, or the kit's."""
        return _rule_file(self.folder, "products.yaml")

    def not_products(self) -> dict[str, list[str]]:
        """Return the words for what is no product, the kit's and the client's own, by the column they stand in."""
        paths = {assets.RULES / "not_products.yaml", _rule_file(self.folder, "not_products.yaml")}
        lists = [validate(_WordLists, load_yaml(path), where=str(path)) for path in sorted(paths)]
        return {
            "product_name": sorted({word for each in lists for word in each.names}),
            "product_id": sorted({word for each in lists for word in each.ids}),
        }

    def files(self, pattern: str) -> list[Path]:
        """Return the files that a glob of client.yaml finds, in the order of their names.

        Errors
            ConfigError when nothing is found, or when the glob leads out of the client's folder
        """
        home = self.folder.resolve()
        leads_out = Path(pattern).is_absolute() or ".." in Path(pattern).parts
        found = [] if leads_out else _glob(home, pattern)
        if leads_out or not all(path.resolve().is_relative_to(home) for path in found):
            raise ConfigError(
                OUTSIDE,
                where=f"{CONFIG_FILE} の files: {pattern}",
                next_step=f"ファイルを {self.folder}/data の中に置いてください。",
            )
        if not found:
            raise ConfigError(
                "指定されたファイルが見つかりません。",
                where=f"{CONFIG_FILE} の files: {pattern}",
                next_step=f"{self.folder}/data にファイルを置くか、client.yaml の files を直してください。",
            )
        return found


def secret(client: Client) -> bytes:
    """Return the key of a client's hashes, made at first need: it stays in the client's folder and nowhere else."""
    place = client.folder / SECRET
    with suppress(FileExistsError):
        if not place.is_file():
            working = place.with_name(f"{SECRET}.{os.getpid()}")
            working.touch(mode=0o600)
            working.write_bytes(secrets.token_bytes(SECRET_BYTES))
            try:
                os.link(working, place)  # of two processes, the first wins
            finally:
                working.unlink()
    return place.read_bytes()


def check_id(text: str) -> str:
    """Return a client id that is safe as a folder's name.

    Errors
        ConfigError for anything but a-z, 0-9, - and _
    """
    if ID.fullmatch(text):
        return text
    raise ConfigError(
        "クライアントの名前(ID)に使えない文字があります。",
        where=shorten(text),
        next_step="半角の小文字の英字・数字・ハイフン(-)・下線(_)だけで、英字か数字から始めてください。例: sakura-shop",
    )


def find(name: str) -> Client:
    """Open a client by the path of its folder, or by id: a folder in `clients/` here or above, as from `notebooks/`.

    Errors
        ConfigError when there is no such folder, the id is unsafe, or client.yaml needs mending
    """
    folder = whereabouts(name)
    if not (folder / CONFIG_FILE).is_file():
        raise ConfigError(
            f"クライアント「{name}」が見つかりません。",
            where=str(folder / CONFIG_FILE),
            next_step=f"horetsu new {name} でひな形を作るか、フォルダの場所を指定してください。",
        )
    config = validate(Config, load_yaml(folder / CONFIG_FILE), where=str(folder / CONFIG_FILE))
    return Client(folder.resolve().name, folder, config)


def whereabouts(name: str) -> Path:
    """Return the folder in which a client of this name or path is, or would be."""
    return Path(name) if _is_client(Path(name)) else _home(check_id(name))


def _is_client(folder: Path) -> bool:
    try:
        return (folder / CONFIG_FILE).is_file()
    except OSError:  # no file system takes such a name
        return False


def _home(name: str) -> Path:
    """Return the client's folder in the nearest `clients/`, from here upwards; where there is none, the one here."""
    known = (folder / CLIENTS / name for folder in upwards())
    return next((folder for folder in known if (folder / CONFIG_FILE).is_file()), CLIENTS / name)


def _glob(home: Path, pattern: str) -> list[Path]:
    """Return a pattern's files by name, without what we or a spreadsheet have put beside them."""
    try:
        found = sorted(path for path in home.glob(pattern) if path.is_file())
    except (ValueError, IndexError, NotImplementedError) as error:
        raise ConfigError(
            "files の書き方が読み取れません。",
            where=f"{CONFIG_FILE} の files: {shorten(pattern)}",
            next_step="data/orders*.csv のように、フォルダとファイルの名前を書いてください。",
        ) from error
    own = [home / REJECTED]
    return [path for path in found if path not in own and not _is_hidden(path.relative_to(home))]


def _is_hidden(path: Path) -> bool:
    return path.name.startswith("~$") or any(part.startswith(".") for part in path.parts)


def _rule_file(folder: Path, name: str) -> Path:
    own = folder / "rules" / name
    return own if own.is_file() else assets.RULES / name


def _refuse_unsound(segments: tuple[SegmentRule, ...], path: Path) -> None:
    """Make sure that each rule can hold, has a name of its own, and that the last one takes everybody left."""
    scores = ("recency_score", "frequency_score", "monetary_score")
    counts = ("lifetime_orders", "recency_days")
    problems = []
    for rule in segments:
        spans = {name: getattr(rule, name) for name in (*scores, *counts) if getattr(rule, name) is not None}
        for name, (low, high) in spans.items():
            if low > high or (name in scores and not 1 <= low <= high <= 5) or low < 0:
                problems.append(f"「{rule.code}」の {name} [{low}, {high}] は、[下限, 上限] になっていません。")
    for field in ("code", "name"):
        seen = [getattr(rule, field) for rule in segments]
        problems += [f"{field} の「{word}」が2回出てきます。" for word in sorted(set(seen)) if seen.count(word) > 1]
    problems += [
        f"「{word}」という code は使えません。" for word in RESERVED if word in [rule.code for rule in segments]
    ]
    last = segments[-1] if segments else None
    open_end = last and all(getattr(last, name) == (1, 5) for name in scores)
    if not last or not open_end or any(getattr(last, name) is not None for name in counts):
        problems.append("一覧の最後に、条件を書かない層がありません(どの層にも入らないお客様が出てしまいます)。")
    if problems:
        raise ConfigError(
            "層の決め方に直すところがあります。\n" + "\n".join(f"・{problem}" for problem in problems),
            where=str(path),
            next_step="上のところを直して、もう一度お試しください。",
        )
