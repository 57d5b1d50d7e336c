"""What would change in a client's client.yaml if a setting held, shown before it is written; and the writing."""

import copy
import difflib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from horetsu_utils import assets, replacing, settings, wording, yaml_places
from horetsu_utils.client import CLIENTS, CONFIG_FILE, Client
from horetsu_utils.config import Config
from horetsu_utils.errors import ConfigError
from horetsu_utils.ledger import RecordingError
from horetsu_utils.yaml_places import EntangledError, Value

MARK = "\ufeff"


@dataclass(frozen=True)
class Setting:
    """A setting that the notebooks write: its place in client.yaml, what it means, and how its numbers are said."""

    place: tuple[str, ...]
    meaning: str
    unit: str


SETTINGS = {
    each.place[-1]: each
    for each in (
        Setting(("period_days",), "分析日までの何日間を見るか", "day"),
        Setting(("rfm", "recency_days"), "最近さの点数の線", "day"),
        Setting(("rfm", "frequency"), "回数の点数の線", "order"),
        Setting(("rfm", "monetary_yen"), "金額の点数の線", "yen"),
        Setting(("stage", "landing_days"), "はじめのご注文から落ち着くまでの日数", "day"),
        Setting(("stage", "regress_days"), "冷めてから1つ前のステージへ戻るまでの日数", "day"),
        Setting(("journey", "reading_days"), "はじめのご注文から何日目に、2回目のご注文を数えるか", "day"),
        Setting(("journey", "repair_points"), "整えたときに、100人につき何人ふえると見るか", "customer"),
    )
}
"""By the name that the controls have; the names of client.yaml below their sections."""


@dataclass(frozen=True)
class Change:
    """One setting as it holds and as it would: in words."""

    meaning: str
    before: str
    after: str


@dataclass(frozen=True)
class Plan:
    """What is to be written: the file as it was seen, as it would be, and the changes in words."""

    path: Path
    before: bytes
    after: bytes
    changes: tuple[Change, ...]

    @property
    def difference(self) -> str:
        """The unified difference of the file."""
        old, new = (each.decode("utf-8-sig").splitlines() for each in (self.before, self.after))
        name = self.path.name
        return "\n".join(difflib.unified_diff(old, new, f"{name}(いま)", f"{name}(書いたあと)", lineterm=""))


class ChangedError(ConfigError):
    """Somebody has changed the file since it was shown."""


def plan(client: Client, wanted: Mapping[str, Value | None]) -> Plan:
    """Say what writing these settings (by their names in SETTINGS) would change; nothing where they hold already.

    None stands for a setting that is left to the kit.

    Errors
        ConfigError when client.yaml, as it is or as it would be, is refused by `horetsu check`, in the same words; when
        a setting would have to be taken out, or stands where it cannot be changed alone; for the kit's own files
    """
    path = _own(client)
    before = settings.contents(path)
    document = settings.parse(before, path)
    now = replace(client, config=settings.validate(Config, document.data, where=str(path)))
    changed = {name: value for name, value in wanted.items() if value != _in_effect(now, name)}
    if any(name in changed for name in wanted if _is_of_whole(name)) and now.config.rfm is None:
        changed |= {name: value for name, value in wanted.items() if _is_of_whole(name)}
    told = tuple(_change(now, name, value) for name, value in changed.items() if value is not None)
    text, data = before.decode("utf-8-sig"), copy.deepcopy(document.data)
    for name, value in changed.items():
        if value is not None:
            text = _put(text, data, name, value, path)
        elif _in_effect(now, name) is not None:
            raise _left_empty(name, path)
    after = (MARK if before.decode("utf-8").startswith(MARK) else "").encode() + text.encode()
    _refuse_unsound(after, data, path)
    return Plan(path, before, after, told)


def write(planned: Plan) -> None:
    """Write what was shown, whole or not at all.

    Errors
        ChangedError when the file is not any more what was shown; ConfigError when it cannot be written
    """
    if settings.contents(planned.path) != planned.before:
        raise ChangedError(
            f"違いをお見せしたあとに、{CONFIG_FILE} が書きかえられていました。まだ何も書いていません。",
            where=str(planned.path),
            next_step="新しい違いを確かめて、もう一度「書きます」を押してください。",
        )
    try:
        replacing.refuse_open(planned.path.resolve())
        replacing.replace({planned.path.resolve(): planned.after})
    except RecordingError as error:
        raise ConfigError(
            f"{CONFIG_FILE} に書き込めませんでした。{CONFIG_FILE} は前のままです。",
            where=str(planned.path),
            next_step="ファイルやフォルダが「読み取り専用」になっていないか、ほかのソフトで開いていないか、"
            "空き容量が足りるかを確かめて、もう一度お試しください。",
        ) from error


def name_of(client: Client) -> str:
    """Return how the commands call a client: its id where it stands in `clients`, or else its folder."""
    folder = client.folder.resolve()
    return client.id if folder.parent.name == CLIENTS.name else str(folder)


def _own(client: Client) -> Path:
    """Return the client's file, unless it is one of the kit's own."""
    path = client.folder / CONFIG_FILE
    if path.resolve().is_relative_to(assets.TEMPLATES.resolve()):
        raise ConfigError(
            "これは horetsu のひな形なので、書きかえません。",
            where=str(path),
            next_step="horetsu new で作ったお店のフォルダを、ノートブックのはじめの client に書いてください。",
        )
    return path


def _in_effect(client: Client, name: str) -> Value | None:
    """Return the value that holds now, whether client.yaml says it or not."""
    section, *inner = SETTINGS[name].place
    if section == "stage":
        days: int = getattr(client.stages(), name)
        return days
    told = getattr(client.config, section)
    value: Value | None = getattr(told, name) if inner and told is not None else told
    return value


def _is_of_whole(name: str) -> bool:
    """Tell whether a setting holds only together with the others of its section."""
    return SETTINGS[name].place[0] == "rfm"


def _change(client: Client, name: str, value: Value) -> Change:
    old = _in_effect(client, name)
    currency = client.config.currency
    said = "期間中に買われた方を5等分" if old is None else _words(old, name, currency)
    return Change(SETTINGS[name].meaning, said, _words(value, name, currency))


def _words(value: Value, name: str, currency: str) -> str:
    each = [value] if isinstance(value, int | float) else value
    return "・".join(wording.figure(number, SETTINGS[name].unit, currency) for number in each)


def _put(text: str, data: dict[str, Any], name: str, value: Value, path: Path) -> str:
    """Put one setting into the text, and into the data that the text is to say."""
    place = SETTINGS[name].place
    plain = value if isinstance(value, int | float) else list(value)
    inner = data
    for section in place[:-1]:
        inner[section] = dict(inner.get(section) or {})
        inner = inner[section]
    inner[name] = plain
    try:
        return yaml_places.put(text, place, plain)
    except EntangledError as error:
        raise _entangled(path, ".".join(place)) from error


def _refuse_unsound(after: bytes, data: dict[str, Any], path: Path) -> None:
    """Make sure that the new text says what it should and nothing else, and that the kit takes it."""
    settings.validate(Config, data, where=str(path))
    try:
        document = settings.parse(after, path)
    except ConfigError as error:
        raise _entangled(path) from error
    if document.data != data:
        raise _entangled(path)


def _entangled(path: Path, place: str = "") -> ConfigError:
    return ConfigError(
        f"{CONFIG_FILE} の書き方が込み入っているため、ここだけを書きかえることができません。まだ何も書いていません。",
        where=f"{path}{f' の {place}' if place else ''}",
        next_step=f"{CONFIG_FILE} を開き、「&」や「*」で値を共有しているところを、ふつうの書き方に直してください。",
    )


def _left_empty(name: str, path: Path) -> ConfigError:
    return ConfigError(
        f"「{SETTINGS[name].meaning}」が空です。{CONFIG_FILE} に書いてある設定を消すことは、ここではできません。",
        where=f"{path} の {'.'.join(SETTINGS[name].place)}",
        next_step=f"数を書いてください。もとの決め方に戻すときは、{CONFIG_FILE} を開いて、"
        "その設定の行のはじめに「# 」を付けてください。",
    )
