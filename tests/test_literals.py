"""The walk over Japanese literals: what is a message, what stays, and what a translation may do."""

import ast

import pytest

from horetsu_utils import literals


def messages(source: str, **options) -> list[str]:
    found: list[literals.Message] = []
    literals.Walker(found.append, **options).visit(ast.parse(source))
    return [each.text for each in found]


def said(source: str, told: dict[str, str], **values):
    """Run `shown = <source>` with a catalogue, and return what is shown."""
    tree = literals.Walker(lambda message: told.get(message.text)).visit(ast.parse(f"shown = {source}"))
    space = dict(values)
    exec(compile(ast.fix_missing_locations(tree), "test", "exec"), space)
    return space["shown"]


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("'今日'", ["今日"]),
        ("'plain'", []),
        ("'a' '今日' 'b'", ["a今日b"]),
        ("f'{n:,}人'", ["{n:,}人"]),
        ("f'{n!r:>{width}}人'", ["{n!r:>{width}}人"]),
        ("f\"{count(n, 'customer')}が{days}日\"", ["{count(n, 'customer')}が{days}日"]),
        ("f'{{{n}}}人'", ["{{{n}}}人"]),
        ("f'{n}' '人' f'{m}日'", ["{n}人{m}日"]),
        ("f'{n}人' + '、' + f'{m}日'", ["{n}人、{m}日"]),
        ("'始' + 'め' + name + '終' + 'り'", ["始め", "終り"]),
        ("1 + 2", []),
        ("f\"{'、'.join(names)}です\"", ["{names_0}です", "、"]),
        ("f\"{f'「{x}」' if x else ''}です\"", ["{x_0}です", "「{x}」"]),
        ("f'{n}'", []),
    ],
)
def test_what_is_one_message(source: str, found: list[str]) -> None:
    assert messages(f"shown = {source}") == found


def test_a_long_expression_goes_by_its_first_name_and_place() -> None:
    long = "+".join(["a"] * 40)
    assert messages(f"f'計{{{long}}}円'") == ["計{a_1}円"]


def test_docstrings_are_no_messages_but_a_commands_help_is() -> None:
    source = '''"""説明"""
NAME = "名"
"""名の説明"""
class A:
    """説明"""
@app.command()
def run():
    """作ります。

    くわしくは。
    """
def other():
    """説明"""
'''
    assert messages(source) == ["名", "作ります。\n\nくわしくは。"]


def test_types_and_names_left_alone_stay() -> None:
    source = """
side: Literal["良", "悪"]
WORDS = ("全員",)
A, B = "あ", "い"
KIND: str = "種"
def reads(text):
    return text == "読"
shown = "見る"
"""
    assert messages(source, left=("WORDS", "B", "KIND", "reads"), words=("見る",)) == []


def test_expressions_keep_their_format_where_they_are_moved_and_repeated() -> None:
    told = {"{n:,}人が{days}日": "{days} days, {n:,} people, {days}"}
    assert said("f'{n:,}人が{days}日'", told, n=1200, days=3) == "3 days, 1,200 people, 3"


def test_an_expression_may_be_left_out_and_braces_doubled() -> None:
    assert said("f'{{{n}}}の{m}'", {"{{{n}}}の{m}": "{{{m}}} {{}}"}, n=1, m=2) == "{2} {}"


def test_a_conversion_and_a_nested_format_are_kept() -> None:
    assert said("f'値{x!r:>{w}}'", {"値{x!r:>{w}}": "value {x!r:>{w}}"}, x="a", w=5) == "value   'a'"


def test_what_stands_in_an_expression_is_translated_too() -> None:
    told = {"{names_0}です": "they are {names_0}", "、": ", "}
    assert said("f\"{'、'.join(names)}です\"", told, names=["a", "b"]) == "they are a, b"


def test_a_sum_is_put_together_again() -> None:
    assert said("'始' + name + '終' + f'{n}り'", {"始": "<", "終{n}り": ">{n}"}, name="x", n=1) == "<x>1"


def test_a_message_is_the_same_in_a_pattern_and_where_it_is_made() -> None:
    source = "('はい' == word, 1 if word == 'はい' else 0)"
    assert said(source, {"はい": "yes"}, word="yes") == (True, 1)
    tree = ast.parse("match word:\n    case 'はい':\n        shown = 1")
    space = {"word": "yes"}
    exec(compile(ast.fix_missing_locations(literals.Walker(lambda _: "yes").visit(tree)), "t", "exec"), space)
    assert space["shown"] == 1


@pytest.mark.parametrize("told", ["{m}人", "{n!r}人", "{n.real}人", "{n", "n}", "{__import__('os')}"])
def test_a_translation_with_another_expression_is_refused(told: str) -> None:
    found: list[literals.Message] = []
    literals.Walker(found.append).visit(ast.parse("f'{n}人'"))
    with pytest.raises(literals.MisfitError):
        literals.pieces(told, found[0])
