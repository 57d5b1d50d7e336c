"""Trimmed text → typed values, one function a kind. What cannot be read becomes null, and the caller says so."""

import ast
import operator
import unicodedata
from collections.abc import Callable, Mapping

import ibis
import ibis.expr.types as ir

from horetsu_utils.schema import DTYPES

_WIDE = str.maketrans("０１２３４５６７８９，．－−＋￥（）／：　％", "0123456789,.--+¥()/: %")
_FROM = "".join(map(chr, _WIDE))
_TO = "".join(chr(code) if isinstance(code, int) else str(code) for code in _WIDE.values())
TRUE_WORDS = ("1", "true", "yes", "y", "はい", "有", "あり", "○", "〇", "◯", "可", "する")
FALSE_WORDS = ("0", "false", "no", "n", "いいえ", "無", "なし", "×", "不可", "しない")


_MEASURABLE = "decimal(16, 4)"
"""A cell of a billion thousands (10^12) or more is no amount, and sums must not overflow."""


def text(value: ir.StringValue) -> ir.StringValue:
    """Keep the text; an empty cell is null."""
    return value.nullif("")


def identifier(value: ir.StringValue) -> ir.StringValue:
    """Drop what spreadsheets put around an id kept as text: an apostrophe before it, or `="…"`."""
    bare = value.startswith('="').ifelse(value.re_replace(r'^="(.*)"$', r"\1"), value)
    return bare.startswith("'").ifelse(bare.substr(1), bare).nullif("")


def without_contacts(value: ir.StringValue) -> ir.StringValue:
    """Hide a mail address or a phone number that stands where it should not."""
    return ibis.cases(
        (value.re_search(r"[^@\s]+@[^@\s]+\.[^@\s]+"), "(メールアドレス)"),
        (value.re_search(r"^\+?[0-9０-９]{2,4}[-ー－ ()]?[0-9０-９]{2,4}[-ー－ ()]?[0-9０-９]{3,4}$"), "(電話番号)"),
        else_=value,
    )


def mangled(value: ir.StringValue) -> ir.BooleanValue:
    """Tell whether a spreadsheet has turned an id into a number in scientific form (`5.80293E+13`)."""
    marked = value.contains("E+") | value.contains("e+")
    return (marked & value.re_search(r"^\d(\.\d+)?[Ee]\+\d+$")).fill_null(False)


def half_width(value: ir.StringValue) -> ir.StringValue:
    """Fold full-width digits, signs and spaces to their half-width forms, then trim."""
    return value.translate(_FROM, _TO).strip().nullif("")


def number(value: ir.StringValue, *, european: bool = False) -> ir.DecimalValue:
    """Read an amount: `1,200`, `¥1,200`, `1200円`, `(1,200)`, `▲1,200`, full-width digits; `1.200,00` if european.

    In cp932 the yen sign is the backslash.
    """
    folded = half_width(value).re_replace(r"\s*([¥\\$€£円]|JPY|USD|EUR|GBP)\s*", "")
    signed = folded.re_replace(r"^\((.*)\)$", r"-\1").re_replace(r"^[-▲△]\s*", "-")
    if european:
        written = signed.re_search(r"^[-+]?(\d{1,3}(\.\d{3})+|\d+)(,\d+)?$")
        return plain_number(written.ifelse(signed.replace(".", "").replace(",", "."), ibis.null("string")))
    grouped = signed.re_search(r"^[-+]?\d{1,3}(,\d{3})+(\.\d+)?$")
    return plain_number(grouped.ifelse(signed.replace(",", ""), signed))


def plain_number(value: ir.StringValue) -> ir.DecimalValue:
    """Read an amount written in plain digits only: the quick way for files that use no other."""
    return value.try_cast(_MEASURABLE).cast(DTYPES["number"])


def folded(word: str) -> str:
    """Fold a word for comparison: NFKC, no spaces around, lower case."""
    return unicodedata.normalize("NFKC", word).strip().casefold()


def flag_of(word: str) -> str | None:
    """Read yes or no, in Japanese or English, as "true" or "false"; None for anything else."""
    known = folded(word)
    return "true" if known in TRUE_WORDS else "false" if known in FALSE_WORDS else None


_OPERATORS: dict[type[ast.operator], Callable] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}


def names_in(expression: str) -> set[str]:
    """Return the columns an expression such as `quantity * unit_price` reads.

    Errors
        ValueError, in Japanese, for anything but names, numbers, + - * / and brackets
    """
    allowed = (ast.Expression, ast.BinOp, ast.UnaryOp, ast.USub, ast.Name, ast.Load, ast.Constant, *_OPERATORS)
    try:
        nodes = list(ast.walk(ast.parse(expression, mode="eval")))
    except SyntaxError:
        nodes = [ast.Pass()]
    wrong = [node for node in nodes if not isinstance(node, allowed)]
    if wrong or any(isinstance(node, ast.Constant) and type(node.value) not in (int, float) for node in nodes):
        raise ValueError("計算式に使えるのは、列の名前と数と + - * / と括弧だけです")
    return {node.id for node in nodes if isinstance(node, ast.Name)}


def arithmetic(expression: str, columns: Mapping[str, ir.NumericValue]) -> ir.NumericValue:
    """Compute an expression that `names_in` accepts, over columns of numbers; beyond all measure it is null.

    In floating point, rounded to four digits at the end: exact for every amount that can be told, and thirty times
    faster than the engine's wide decimals.
    """
    floats = {name: value.cast("float64") for name, value in columns.items()}
    return _evaluate(ast.parse(expression, mode="eval").body, floats).try_cast(_MEASURABLE).cast(DTYPES["number"])


def _evaluate(node: ast.AST, columns: Mapping[str, ir.NumericValue]) -> ir.NumericValue:
    match node:
        case ast.BinOp(left, op, right):
            return _OPERATORS[type(op)](_evaluate(left, columns), _evaluate(right, columns))
        case ast.UnaryOp(ast.USub(), operand):
            return -_evaluate(operand, columns)
        case ast.Name(name):
            return columns[name]
        case ast.Constant(value):
            return ibis.literal(value, "float64")
    raise AssertionError(node)
