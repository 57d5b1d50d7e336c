"""A number put into a YAML file that people wrote: every byte beside it stays as they left it.

The places come from the marks of the parser itself. A library that reads a file and writes it anew (ruamel.yaml) keeps
the comments, but not the indentation of lists, the blanks before comments, the line ends of Windows, or the byte order
mark: of the demo shop's file it changes 40 lines for one number.
"""

import re
from collections.abc import Sequence
from decimal import Decimal

import yaml

Number = int | float
Value = Number | Sequence[Number]
"""What can be put: a number, or a list of numbers."""

INDENT = 2
_LINE_END = re.compile(r"\r\n|\n|\r")
_Pair = tuple[yaml.Node, yaml.Node]


class EntangledError(Exception):
    """The place is written in a way (a value shared by & and *, another kind of value) that is better left alone."""


def put(text: str, location: Sequence[str], value: Value) -> str:
    """Return the text of a YAML mapping with one setting changed, or added where it is not written yet.

    `location` is the setting's name below those of its sections: ("journey", "reading_days").

    Errors
        EntangledError when the place cannot be changed without touching more than it
    """
    mapping = yaml.compose(text, Loader=yaml.SafeLoader)
    for depth, name in enumerate(location):
        if not isinstance(mapping, yaml.MappingNode):
            raise EntangledError
        pair = next((pair for pair in mapping.value if pair[0].value == name), None)
        rest = location[depth + 1 :]
        if pair is None:
            return _added(text, mapping, location[depth:], value, is_whole=not depth)
        if _is_alias(pair):
            raise EntangledError
        if not rest or _is_null(pair[1]):
            return _changed(text, mapping, pair, rest, value)
        mapping = pair[1]
    raise EntangledError


def told(value: Value) -> str:
    """Return a value as YAML has it on one line."""
    if isinstance(value, Sequence):
        return f"[{', '.join(map(told, value))}]"
    return str(int(value)) if value == int(value) else format(Decimal(repr(value)), "f")


def _changed(text: str, mapping: yaml.MappingNode, pair: _Pair, rest: Sequence[str], value: Value) -> str:
    """Put a value, or the names that are still to come and the value, in the place of the pair's own."""
    key, node = pair
    start, end = node.start_mark.index, node.end_mark.index
    if rest and start == end and not mapping.flow_style:
        column = key.start_mark.column + INDENT
        return _below(text, end, [" " * column + line for line in _lines(rest, value)])
    if isinstance(node, yaml.SequenceNode) and node.value and isinstance(value, Sequence):
        return _listed(text, node, value)
    if isinstance(node, yaml.MappingNode) or (isinstance(node, yaml.SequenceNode) and not node.flow_style):
        raise EntangledError
    shown = _flow(rest, value)
    return text[:start] + (" " if start == end else "") + shown + text[end:]


def _listed(text: str, node: yaml.SequenceNode, values: Sequence[Number]) -> str:
    """Change a list item by item, from its end: what stands between the items is somebody's."""
    items = node.value
    if not values or any(item.start_mark.index < node.start_mark.index for item in items):
        raise EntangledError
    kept, more = min(len(items), len(values)), values[len(items) :]
    last = items[-1].end_mark.index
    if node.flow_style:
        first = items[kept - 1].end_mark.index
        if "#" in text[first:last]:
            raise EntangledError
        text = text[:first] + "".join(f", {told(each)}" for each in more) + text[last:]
    elif more:
        text = _below(text, last, [f"{' ' * node.start_mark.column}- {told(each)}" for each in more])
    for item in reversed(items[kept:] if not node.flow_style else []):
        above = [found.start() for found in _LINE_END.finditer(text, 0, item.start_mark.index)][-1]
        text = text[:above] + text[_line_end(text, item.end_mark.index) :]
    for item, value in reversed(list(zip(items, values, strict=False))):
        if _read(item) != value:
            text = text[: item.start_mark.index] + told(value) + text[item.end_mark.index :]
    return text


def _added(text: str, mapping: yaml.MappingNode, names: Sequence[str], value: Value, *, is_whole: bool) -> str:
    """Write a setting that is not there yet behind those of its section; a new section at the end of the file."""
    if mapping.flow_style:
        place = _end(text, mapping.value[-1]) if mapping.value else mapping.start_mark.index + 1
        return text[:place] + (", " if mapping.value else "") + _pairs(names, value) + text[place:]
    lines = [" " * mapping.value[0][0].start_mark.column + line for line in _lines(names, value)]
    if not is_whole:
        return _below(text, _end(text, mapping.value[-1]), lines)
    place, newline = mapping.end_mark.index, _newline(text)
    before, after = text[:place], text[place:]
    if not before.endswith(("\n", "\r")):
        before += newline
    blank = "" if before.endswith(newline * 2) else newline
    return before + blank + newline.join(lines) + newline + after


def _below(text: str, place: int, lines: Sequence[str]) -> str:
    """Put whole lines below the line of a place."""
    newline = _newline(text)
    if text[place - 1] in "\r\n":
        return text[:place] + newline.join(lines) + newline + text[place:]
    end = _line_end(text, place)
    return text[:end] + newline + newline.join(lines) + text[end:]


def _end(text: str, pair: _Pair) -> int:
    """Return where a pair ends, without the comments that follow it."""
    key, node = pair
    if _is_alias(pair):
        stars = (each for each in yaml.scan(text, Loader=yaml.SafeLoader) if isinstance(each, yaml.AliasToken))
        return int(next(each.end_mark.index for each in stars if each.start_mark.index >= key.end_mark.index))
    if isinstance(node, yaml.CollectionNode) and not node.flow_style and node.value:
        last = node.value[-1]
        return _end(text, last if isinstance(node, yaml.MappingNode) else (node, last))
    return int(node.end_mark.index)


def _is_alias(pair: _Pair) -> bool:
    """Tell whether a pair's value stands elsewhere: before its key, or, in a list, before the list."""
    key, node = pair
    place = key.start_mark if isinstance(key, yaml.SequenceNode) else key.end_mark
    return bool(node.start_mark.index < place.index)


def _is_null(node: yaml.Node) -> bool:
    return isinstance(node, yaml.ScalarNode) and _read(node) is None


def _read(node: yaml.Node) -> object:
    return yaml.SafeLoader("").construct_object(node, deep=True)


def _line_end(text: str, place: int) -> int:
    found = _LINE_END.search(text, place)
    return found.start() if found else len(text)


def _newline(text: str) -> str:
    found = _LINE_END.search(text)
    return found[0] if found else "\n"


def _lines(names: Sequence[str], value: Value) -> list[str]:
    """Return a setting as lines of its own, each section above it."""
    ends = [*[""] * (len(names) - 1), f" {told(value)}"]
    return [f"{' ' * INDENT * depth}{name}:{end}" for depth, (name, end) in enumerate(zip(names, ends, strict=True))]


def _pairs(names: Sequence[str], value: Value) -> str:
    first, *rest = names
    return f"{first}: {_flow(rest, value)}"


def _flow(names: Sequence[str], value: Value) -> str:
    """Return a value on one line, in braces with the names that lead to it."""
    return f"{{{_pairs(names, value)}}}" if names else told(value)
