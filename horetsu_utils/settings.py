"""Read a YAML file that people edit, and tell them in Japanese what to mend."""

import re
import zoneinfo
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic_core import ErrorDetails

from horetsu_utils.errors import ConfigError, nearest, shorten

LARGEST_FILE_BYTES = 1_000_000
"""A settings file larger than this was not written by hand."""

Model = TypeVar("Model", bound=BaseModel)
_CHOICE = re.compile(r"'([^']*)'|([^\s,]+)")
"""One of the values that pydantic names: a text in quotes, or a number."""

_REASONS = {
    "missing": "書かれていません",
    "int_parsing": "整数ではありません",
    "int_type": "整数ではありません",
    "int_from_float": "整数ではありません",
    "finite_number": "数ではありません",
    "tuple_type": "「- 」で始まる一覧の形ではありません",
    "float_parsing": "数ではありません",
    "float_type": "数ではありません",
    "string_type": "文字ではありません(数字や yes・no だけの名前は '…' で囲んでください)",
    "literal_error": "選べる値ではありません",
    "dict_type": "「名前: 値」の形ではありません",
    "model_type": "「名前: 値」の形ではありません",
    "too_short": "数が足りません",
    "too_long": "数が多すぎます",
    "greater_than": "小さすぎます",
    "greater_than_equal": "小さすぎます",
    "less_than_equal": "大きすぎます",
    "string_too_short": "空です",
    "string_too_long": "長すぎます",
}


class Strict(BaseModel):
    """A settings record: unknown keys are errors, and nothing changes after reading."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class _TwiceError(Exception):
    """A key stands twice in one mapping: the first would be dropped without a word."""

    def __init__(self, key: str, line: int) -> None:
        self.key = key
        self.line = line


class _Loader(yaml.SafeLoader):
    """Plain data only, and each key once."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        """Return a mapping's data, if no key stands twice."""
        seen = set()
        for key, _ in node.value:
            if isinstance(key.value, str) and key.value in seen:
                raise _TwiceError(key.value, key.start_mark.line + 1)
            seen.add(str(key.value))
        return super().construct_mapping(node, deep)


_zones = lru_cache(maxsize=1)(zoneinfo.available_timezones)
"""Every call of the library's own walks the whole folder of zones; each mapping names one."""


def known_zone(zone: str) -> str:
    """Return a time zone's name, if there is such a zone; ValueError, in Japanese, if not."""
    if zone not in _zones():
        raise ValueError(f"「{zone}」という時間帯はありません(日本なら Asia/Tokyo)")
    return zone


@dataclass(frozen=True)
class Document:
    """What a YAML file says, and in which line it says what."""

    path: Path
    data: dict[str, Any]
    root: yaml.Node | None

    def line(self, location: Sequence[int | str]) -> int:
        """Return the line on which a setting stands, or the nearest one around it."""
        node = self.root
        for part in location:
            node = _inside(node, part) or node
        return node.start_mark.line + 1 if node else 1

    def validate(self, model: type[Model]) -> Model:
        """Turn the document into a settings record, as `validate`; each mistake is told with its line."""
        return validate(model, self.data, where=str(self.path), line=self.line)


def _inside(node: yaml.Node | None, part: int | str) -> yaml.Node | None:
    if isinstance(node, yaml.SequenceNode) and isinstance(part, int):
        return node.value[part] if part < len(node.value) else None
    pairs = node.value if isinstance(node, yaml.MappingNode) else ()
    return next((value for key, value in pairs if key.value == part), None)


def load_yaml(path: Path) -> dict[str, Any]:
    """Return the mapping written in a YAML file; otherwise as `load`."""
    return load(path).data


def load(path: Path) -> Document:
    """Read a YAML file that holds a mapping.

    Errors
        ConfigError when the file is missing, too large, not UTF-8, not YAML, or not a mapping
    """
    return parse(contents(path), path)


@lru_cache(maxsize=128)
def parse(content: bytes, path: Path) -> Document:
    """Read what stands, or is to stand, in a YAML file; otherwise as `load`. (The kit's own are asked often.)"""
    try:
        loader = _Loader(_text(content, path))
        root = loader.get_single_node()
        data = loader.construct_document(root) if root else None
    except _TwiceError as error:
        raise ConfigError(
            f"同じ項目「{shorten(error.key)}」が2回書かれています。",
            where=f"{path} {error.line}行目",
            next_step="1つにまとめてください。",
        ) from error
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        line = f" {mark.line + 1}行目" if mark else ""
        raise ConfigError(
            "設定ファイルの書き方が読み取れません。",
            where=f"{path}{line}",
            next_step="字下げ(半角の空白)と「:」の後の空白を確かめてください。",
        ) from error
    if not isinstance(data, dict):
        raise ConfigError(
            "設定ファイルに「名前: 値」がありません。", where=str(path), next_step="ひな形と見比べてください。"
        )
    return Document(path, data, root)


def contents(path: Path) -> bytes:
    """Return a settings file as it is; ConfigError when it is missing or too large."""
    try:
        if path.stat().st_size > LARGEST_FILE_BYTES:
            raise ConfigError("設定ファイルが大きすぎます。", where=str(path), next_step="中身を確かめてください。")
        return path.read_bytes()
    except OSError as error:
        raise ConfigError(
            "設定ファイルを開けません。", where=str(path), next_step="場所と名前を確かめてください。"
        ) from error


def _text(content: bytes, path: Path) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ConfigError(
            "設定ファイルの文字コードが UTF-8 ではありません。",
            where=str(path),
            next_step="UTF-8 で保存し直してください。",
        ) from error


def validate(
    model: type[Model], data: dict[str, Any], *, where: str, line: Callable[[Sequence[int | str]], int] | None = None
) -> Model:
    """Turn plain data into a settings record; every mistake is gathered, then told once.

    Errors
        ConfigError listing each wrong key, with the nearest known one, and each wrong value
    """
    try:
        return model.model_validate(data)
    except ValidationError as error:
        problems = [
            (f"{line(problem['loc'])}行目: " if line else "") + _sentence(problem, model) for problem in error.errors()
        ]
    raise ConfigError(
        "設定に直すところがあります。\n" + "\n".join(f"・{problem}" for problem in problems),
        where=where,
        next_step="上の項目を直して、もう一度お試しください。",
    )


def _sentence(problem: ErrorDetails, model: type[BaseModel]) -> str:
    name = _place(problem["loc"])
    if problem["type"] == "invalid_key":
        return f"「{shorten(problem['input'])}」は項目の名前に使えません。"
    if problem["type"] == "extra_forbidden":
        guess = nearest(str(problem["loc"][-1]), _known_keys(model, problem["loc"]))
        hint = f"「{guess}」の書き間違いではありませんか。" if guess else "この名前は使えません。"
        return f"「{name}」という項目はありません。{hint}"
    if problem["type"] == "value_error":
        return f"{f'「{name}」: ' if name else ''}{problem['ctx']['error']}。"
    reason = _REASONS.get(problem["type"], "使えません")
    if problem["type"] == "missing":
        return f"「{name}」が{reason}。"
    shown = "" if problem["input"] is None else shorten(problem["input"])
    return f"「{name}」の値「{shown}」は{reason}。{_allowed(problem.get('ctx', {}))}"


def _place(location: tuple[int | str, ...]) -> str:
    """Say where a setting stands: `tables.orders(1つ目).files`."""
    parts = [f"({part + 1}つ目)" if isinstance(part, int) else f".{part}" for part in location]
    return "".join(parts).removeprefix(".")


def _allowed(limits: dict[str, Any]) -> str:
    if "expected" in limits:
        choices = _CHOICE.findall(limits["expected"].replace(" or ", ", "))
        return f"使える値は {'・'.join(text or other for text, other in choices)} です。"
    for key, words in (("ge", "以上"), ("gt", "より大きい数"), ("le", "以下")):
        if key in limits:
            return f"{limits[key]:g} {words}にしてください。"
    return ""


def _known_keys(model: type[BaseModel], location: tuple[int | str, ...]) -> list[str]:
    """Return the keys allowed beside the unknown one, following the models down to it."""
    current: type[BaseModel] = model
    for part in location[:-1]:
        field = current.model_fields.get(str(part))
        found = _inner_model(field.annotation) if field else None
        current = found or current
    return list(current.model_fields)


def _inner_model(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    for inner in getattr(annotation, "__args__", ()):
        if found := _inner_model(inner):
            return found
    return None
