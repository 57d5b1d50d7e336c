"""Japanese literals in Python text: found as messages, and replaced by what a catalogue says, by one and the same walk.

A literal is one message, and so are literals joined by `+`. In the message of an f-string each expression stands in
braces as it is written, `{count(n, 'customer')}` or `{days:,}`; one that would confuse a translator (with Japanese, a
brace or many words in it) goes by a short name. A translation may move, repeat or leave out expressions; it has no
others, as what stands in a catalogue is compared with them and never compiled.
"""

import ast
import copy
import inspect
import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field

JAPANESE = re.compile("[\u3001-\u30ff\u3400-\u9fff\uf900-\ufaff\uff01-\uff9f]")
LONGEST_EXPRESSION = 60
"""Characters: a longer expression goes by a short name in its message."""
_CONFUSING = re.compile(rf"[{{}}\\\n]|{JAPANESE.pattern}")
_LITERAL = "Literal"


class MisfitError(ValueError):
    """A translation holds a brace or an expression that its message does not have."""


@dataclass(frozen=True)
class Message:
    """One text to translate: the line it stands in, and its expressions by the words that stand for them."""

    text: str
    line: int
    parts: Mapping[str, ast.FormattedValue] = field(default_factory=dict)
    is_template: bool = False
    """Whether braces in the text mean expressions, as in an f-string; in a plain literal they are braces."""


Say = Callable[[Message], str | None]


class Walker(ast.NodeTransformer):
    """Hand every Japanese literal of a syntax tree to `say`, and put what it answers in its place; None leaves it.

    Docstrings are for developers, except those of commands, which are their help. `left` are names: what is assigned
    to or defined by them is matched against data, and stays.
    """

    def __init__(self, say: Say, *, left: Collection[str] = (), words: Collection[str] = ()) -> None:
        self._say = say
        self._left = left
        self._words = words

    def visit_Expr(self, node: ast.Expr) -> ast.AST:
        """Leave a literal that stands alone: it is a docstring."""
        return node if isinstance(node.value, ast.Constant) else self.generic_visit(node)

    def visit_Assign(self, node: ast.Assign) -> ast.AST:
        """Leave what is assigned to a name that is left alone."""
        names = {each.id for target in node.targets for each in ast.walk(target) if isinstance(each, ast.Name)}
        return node if names & set(self._left) else self.generic_visit(node)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.AST:
        """Leave what is assigned to a name that is left alone."""
        left = isinstance(node.target, ast.Name) and node.target.id in self._left
        return node if left else self.generic_visit(node)

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        """Leave a function that is left alone; the docstring of a command is its help."""
        if node.name in self._left:
            return node
        self.generic_visit(node)
        first = node.body[0]
        if any(map(_is_command, node.decorator_list)) and isinstance(first, ast.Expr):
            told = first.value
            if isinstance(told, ast.Constant):
                first.value = self._plain(told, inspect.cleandoc(str(told.value)))
        return node

    def visit_Subscript(self, node: ast.Subscript) -> ast.AST:
        """Leave the choices of a type."""
        is_type = isinstance(node.value, ast.Name) and node.value.id == _LITERAL
        return node if is_type else self.generic_visit(node)

    def visit_BinOp(self, node: ast.BinOp) -> ast.AST:
        """Take literals that stand side by side in a sum as one."""
        terms = _terms(node)
        if not any(map(_is_text, terms)):
            return self.generic_visit(node)
        merged: list[ast.expr] = []
        for term in terms:
            if merged and _is_text(merged[-1]) and _is_text(term):
                merged[-1] = _merged(merged[-1], term)
            else:
                merged.append(term)
        whole = self.visit(merged[0])
        for term in merged[1:]:
            whole = ast.copy_location(ast.BinOp(whole, ast.Add(), self.visit(term)), node)
        return whole

    def visit_Constant(self, node: ast.Constant) -> ast.expr:
        """Replace a plain literal."""
        return self._plain(node, node.value) if isinstance(node.value, str) else node

    def visit_JoinedStr(self, node: ast.JoinedStr) -> ast.expr:
        """Replace an f-string, or only what stands in its expressions."""
        message = _message(node)
        told = self._say(message) if _is_japanese(node) else None
        for each in node.values:  # the text between the expressions is no message of its own
            if isinstance(each, ast.FormattedValue):
                self.generic_visit(each)  # `message` holds the same expressions
        if told is None:
            return node
        return ast.copy_location(ast.JoinedStr(pieces(told, message)), node)

    def _plain(self, node: ast.Constant, text: str) -> ast.Constant:
        if not JAPANESE.search(text) or text in self._words:
            return node
        told = self._say(Message(text, node.lineno))
        return node if told is None else ast.copy_location(ast.Constant(told), node)


def pieces(told: str, message: Message) -> list[ast.expr]:
    """Return what an f-string is made of, by its translation and the expressions of its message.

    Errors
        MisfitError when the translation has a brace that is neither doubled nor of one of the expressions
    """
    known = sorted(message.parts, key=len, reverse=True)
    found = re.split("|".join([*(f"({re.escape(each)})" for each in known), r"(\{\{)", r"(\}\})", r"([{}])"]), told)
    made: list[ast.expr] = []
    for each in (part for part in found if part):
        if each in message.parts:
            made.append(copy.deepcopy(message.parts[each]))
        elif each in ("{", "}"):
            raise MisfitError(f"{told!r} has a brace that {message.text!r} does not have")
        else:
            made.append(ast.Constant({"{{": "{", "}}": "}"}.get(each, each)))
    return made


def _message(node: ast.JoinedStr) -> Message:
    """Return an f-string as a message. Equal expressions share their words."""
    text, parts = "", {}
    for place, value in enumerate(node.values):
        if isinstance(value, ast.FormattedValue):
            words = f"{{{_expression(value, place)}}}"
            parts[words] = value
            text += words
        elif isinstance(value, ast.Constant):
            text += str(value.value).replace("{", "{{").replace("}", "}}")
    return Message(text, node.lineno, parts, is_template=True)


def _expression(value: ast.FormattedValue, place: int) -> str:
    """Return an expression as it is written, or the first name in it and its place where that would confuse."""
    written = ast.unparse(value.value)
    if _CONFUSING.search(written) or len(written) > LONGEST_EXPRESSION:
        names = [each.id for each in ast.walk(value.value) if isinstance(each, ast.Name)]
        written = f"{names[0] if names else 'part'}_{place}"
    kind = "" if value.conversion == -1 else f"!{chr(value.conversion)}"
    return written + kind + (f":{_format(value.format_spec)}" if isinstance(value.format_spec, ast.JoinedStr) else "")


def _format(spec: ast.JoinedStr) -> str:
    inner = (
        f"{{{_expression(each, place)}}}" if isinstance(each, ast.FormattedValue) else str(getattr(each, "value", ""))
        for place, each in enumerate(spec.values)
    )
    return "".join(inner)


def _terms(node: ast.expr) -> list[ast.expr]:
    """Return the terms of a sum, from left to right."""
    terms: list[ast.expr] = []
    while isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        terms.append(node.right)
        node = node.left
    return [node, *reversed(terms)]


def _is_text(node: ast.expr) -> bool:
    return isinstance(node, ast.JoinedStr) or (isinstance(node, ast.Constant) and isinstance(node.value, str))


def _merged(one: ast.expr, other: ast.expr) -> ast.expr:
    if isinstance(one, ast.Constant) and isinstance(other, ast.Constant):
        return ast.copy_location(ast.Constant(str(one.value) + str(other.value)), one)
    values = [value for each in (one, other) for value in (each.values if isinstance(each, ast.JoinedStr) else [each])]
    return ast.copy_location(ast.JoinedStr(values), one)


def _is_japanese(node: ast.JoinedStr) -> bool:
    return any(isinstance(each, ast.Constant) and JAPANESE.search(str(each.value)) for each in node.values)


def _is_command(decorator: ast.expr) -> bool:
    made = decorator.func if isinstance(decorator, ast.Call) else decorator
    return isinstance(made, ast.Attribute) and made.attr in ("command", "callback")
