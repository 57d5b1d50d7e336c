"""What a rule file says that means nothing, each with its place in the file."""

from collections.abc import Iterator, Sequence
from typing import Any

from horetsu_utils import conditions, phrases, running
from horetsu_utils.canon import ACTIONS, QUESTIONS, TABLES
from horetsu_utils.errors import nearest, shorten
from horetsu_utils.questions import MEASURED, MEASURES, VALUE
from horetsu_utils.relation import KINDS, PAST, PURCHASES, SOURCES, STAGES, Prohibition
from horetsu_utils.rule_files import BoardFile, DiagnosisFile, EvidenceRow, GuardFile, SignalRow, StageFile
from horetsu_utils.schema import Column

ORDER_COLUMNS = (
    Column("ordered_on", "date"),
    Column("amount", "number"),
    Column("line_count", "integer"),
    *(Column(name, "flag") for name in ("discounted", "is_subscription", "is_gift")),
    *(Column(name, "text") for name in ("source", "channel")),
)
"""The columns of the prepared orders that a rule may ask for."""
NUMBERS, TEXTS, DAYS = ("number", "integer"), ("id", "text", "choice"), ("date", "time")
Problem = tuple[tuple[int | str, ...], str]
"""Where in the file something is wrong, and what."""


def unsound_stages(told: StageFile) -> Iterator[Problem]:
    """Find what is wrong with the stages."""
    numbers = [stage.stage for stage in told.stages]
    if sorted(numbers) != list(STAGES):
        yield ("stages",), "ステージ0から4までを、1つずつ書いてください。"
    for place, stage in enumerate(told.stages):
        if stage.stage and not stage.silence_days:
            yield ("stages", place, "silence_days"), f"「{stage.name}」の silence_days は、1以上にしてください。"


def unsound_signals(told: StageFile, kept: Sequence[str]) -> Iterator[Problem]:
    """Find unknown tables, columns, values and signals, and counts that contradict each other."""
    codes = [rule.signal for rule in told.signals]
    for place, rule in enumerate(told.signals):
        spot = ("signals", place)
        if rule.signal in codes[:place]:
            yield (*spot, "signal"), f"合図「{rule.signal}」が2回書かれています。"
        if rule.table not in SOURCES:
            yield (*spot, "table"), _unknown(rule.table, "表", SOURCES)
            continue
        yield from _unsound_columns(rule, spot, _columns(rule.table, kept))
        yield from _unsound_references(rule, spot, told.signals)
        yield from _unsound_counts(rule, spot)


def _unsound_references(
    rule: SignalRow, spot: tuple[int | str, ...], signals: Sequence[SignalRow]
) -> Iterator[Problem]:
    """Find references to signals that are unknown, or that wait for others themselves."""
    waiting = {each.signal: bool(each.unless or each.after) for each in signals if each.signal != rule.signal}
    for code in (*rule.unless, *filter(None, (rule.after,))):
        where = (*spot, "after" if code == rule.after else "unless")
        if code not in waiting:
            yield where, _unknown(code, "合図", waiting)
        elif waiting[code]:
            yield where, f"「{code}」は、ほかの合図を参照しています。何も参照しない合図だけを書いてください。"


def _unsound_counts(rule: SignalRow, spot: tuple[int | str, ...]) -> Iterator[Problem]:
    proves = not isinstance(rule.stage, str) and rule.stage > 1
    if proves and rule.table in PURCHASES and not rule.provisional:
        told = f"「{rule.signal}」: 買い物だけでは、ステージ2より先とは言えません。"
        yield (*spot, "stage"), told + "provisional: true(暫定)を付けてください。"
    if rule.at_most is not None and rule.at_most < rule.at_least:
        yield (*spot, "at_most"), f"「{rule.signal}」の at_most が at_least より小さくなっています。"
    if rule.of == running.WEEKS and not rule.window_days:
        yield (*spot, "of"), f"「{rule.signal}」: 週で数えるときは、window_days に何日間で数えるかを書いてください。"
    if bool(rule.steady) != bool(rule.spread):
        yield spot, f"「{rule.signal}」: steady と spread は、一緒に書いてください。"
    if bool(rule.unless) != bool(rule.quiet_days):
        yield spot, f"「{rule.signal}」: unless と quiet_days は、一緒に書いてください。"


def _columns(table: str, kept: Sequence[str]) -> dict[str, Column]:
    """Return the columns a rule may name."""
    prepared = table in ("orders", "returns")
    known = ORDER_COLUMNS if prepared else TABLES[SOURCES[table]].columns
    extra = () if prepared else (Column(heading, "text") for heading in kept)
    return {column.name: column for column in (*known, *extra)}


def _unsound_columns(rule: SignalRow, spot: tuple[int | str, ...], columns: dict[str, Column]) -> Iterator[Problem]:
    for key in ("new_in", "same"):
        if (name := getattr(rule, key)) and name not in columns:
            yield (*spot, key), _unknown(name, f"表 {rule.table} の列", columns)
    for name, wanted in rule.condition.items():
        where = (*spot, "condition", name)
        if name not in columns:
            yield where, _unknown(name, f"表 {rule.table} の列", columns)
        elif problem := _unsound_value(wanted, columns[name], columns):
            yield where, f"「{name}」の条件{problem}"


def _unsound_value(wanted: Any, column: Column, columns: dict[str, Column]) -> str:
    """Return what is wrong with what a condition asks of a column, or an empty text."""
    if isinstance(wanted, dict):
        words = wanted.get(conditions.CONTAINS)
        sound = list(wanted) == [conditions.CONTAINS] and isinstance(words, list) and words != []
        sound = sound and column.kind in TEXTS and all(isinstance(word, str) and word for word in words or ())
        return "" if sound else _HOW_CONTAINS
    if compared := conditions.comparison(wanted):
        return _unsound_comparison(compared, column, columns)
    words = wanted if isinstance(wanted, list) else [wanted]
    fitting = [word for word in words if word in ("", conditions.FILLED) or _fits(word, column)]
    if not words or len(fitting) < len(words):
        return f"「{shorten(wanted)}」が読めません。{_HOW[column.kind]}"
    strange = [word for word in words if column.choices and word not in (*column.choices, "", conditions.FILLED)]
    return f": {_unknown(strange[0], '値', column.choices)}" if strange else ""


def _fits(word: object, column: Column) -> bool:
    """Tell whether a value is of the kind that stands in a column; of days only their absence can be asked."""
    if column.kind in TEXTS:
        return isinstance(word, str)
    if column.kind == "flag":
        return isinstance(word, bool)
    return column.kind in NUMBERS and isinstance(word, int | float) and not isinstance(word, bool)


def _unsound_comparison(compared: conditions.Comparison, column: Column, columns: dict[str, Column]) -> str:
    other = columns.get(compared.other)
    if column.kind not in NUMBERS:
        return f"「{compared.sign}」では比べられません。{_HOW[column.kind]}"
    if compared.number is None and compared.other not in (conditions.FIRST, conditions.BEFORE):
        if other is None:
            return f"の右の「{compared.other}」が分かりません。数か、同じ表の列か、first か before を書いてください。"
        if other.kind not in NUMBERS:
            return f"の右の「{compared.other}」は数ではありません。数の列か、first か before を書いてください。"
    return ""


_HOW_CONTAINS = "は、文字の列に {contains: [言葉, 言葉]} の形で書いてください。"
_HOW = (
    dict.fromkeys(NUMBERS, '数か、数の一覧か、">= 3" のような比べ方を書いてください。')
    | dict.fromkeys(TEXTS, "言葉か、[ ] で囲んだ言葉の一覧か、filled(何か書かれている)を書いてください。")
    | dict.fromkeys(DAYS, "日付の列には、filled(何か書かれている)だけが書けます。")
    | {"flag": "true か false を書いてください。"}
)


def _unknown(word: object, kind: str, known: Sequence[str] | dict[str, Any]) -> str:
    guess = nearest(str(word), known)
    hint = f"「{guess}」の書き間違いではありませんか。" if guess else f"使えるもの: {'・'.join(known)}。"
    return f"「{shorten(word)}」という{kind}はありません。{hint}"


def unsound_prohibitions(told: GuardFile) -> Iterator[Problem]:
    """Find unknown and repeated actions, and words that cannot be used."""
    yield from _unsound_words(("contact", "discount_words"), told.contact.discount_words)
    seen: set[str] = set()
    for place, rule in enumerate(told.prohibitions):
        spot = ("prohibitions", place)
        if rule.action not in ACTIONS:
            yield (*spot, "action"), _unknown(rule.action, "行動コード", ACTIONS)
        if rule.action in seen:
            yield (*spot, "action"), f"行動コード「{rule.action}」が2回書かれています。"
        seen.add(rule.action)
        yield from _unsound_words((*spot, "words"), rule.words)
        yield from _unsound_words((*spot, "without"), rule.without)


def _unsound_words(spot: tuple[int | str, ...], words: Sequence[str]) -> Iterator[Problem]:
    for index, word in enumerate(words):
        if problem := phrases.problem(word):
            yield (*spot, index), f"「{shorten(word)}」: {problem}"


_BRACES = frozenset("{}｛｝")


def unsound_diagnosis(told: DiagnosisFile) -> Iterator[Problem]:
    """Find questions that are missing or told twice, an order without one of them, and grades and rules that cannot
    hold.
    """
    if sorted(each.question for each in told.questions) != sorted(QUESTIONS):
        yield ("questions",), "Q1からQ10までを、1つずつ書いてください。"
    if sorted(told.order) != sorted(QUESTIONS):
        yield ("order",), "order には、Q1からQ10までを、整える順に1つずつ書いてください。"
    leasts = [each.least for each in told.grades]
    if leasts != sorted(set(leasts), reverse=True) or leasts[-1:] != [0]:
        yield ("grades",), "grades は、least の大きい順に書き、最後を 0 にしてください。"
    names = [each.grade for each in told.grades]
    for place, name in enumerate(names):
        if name in names[:place]:
            yield ("grades", place, "grade"), f"「{name}」が2回書かれています。"
    for place, rule in enumerate(told.evidence):
        yield from _unsound_evidence(rule, ("evidence", place))


def _unsound_evidence(rule: EvidenceRow, spot: tuple[int | str, ...]) -> Iterator[Problem]:
    if rule.question not in QUESTIONS:
        yield (*spot, "question"), _unknown(rule.question, "質問", QUESTIONS)
    elif rule.question not in MEASURED:
        yield (*spot, "question"), f"「{rule.question}」は考え方の質問のため、記録とはくらべられません。"
    if rule.measure not in MEASURES:
        yield (*spot, "measure"), _unknown(rule.measure, "測り方", MEASURES)
    if (rule.at_least is None) == (rule.at_most is None):
        yield spot, "at_least か at_most の、どちらか1つを書いてください。"
    for key in ("at_least", "at_most"):
        line = getattr(rule, key)
        if line is not None and line > 1 and MEASURES.get(rule.measure) == "ratio":
            yield (*spot, key), f"{key} は割合です。0 から 1 までで書いてください(90% なら 0.9)。"
    for key in ("name", "missing", "holds", "fails"):
        said = getattr(rule, key)
        if _BRACES & set(said.replace(VALUE, "") if key in ("holds", "fails") else said):
            yield (*spot, key), "{ } は、holds と fails の {value} だけに使えます。"


def unsound_board(told: BoardFile, prohibitions: Sequence[Prohibition]) -> Iterator[Problem]:
    """Find kinds that are missing or told twice, unknown braces, and what must not be done at a sentence's stage."""
    if sorted(each.kind for each in told.supports) != sorted(KINDS):
        yield ("supports",), f"{'・'.join(KINDS)} を、1つずつ書いてください。"
    for place, row in enumerate(told.supports):
        for key, said in dict(row).items():
            if key == "kind":
                continue
            bare, spot = said.replace(PAST, ""), ("supports", place, key)
            if _BRACES & set(bare):
                yield spot, f"{{ }} は、{PAST} だけに使えます。"
            hard = [rule for rule in prohibitions if key in ("unknown", f"stage{rule.stage}")]
            for action, words in phrases.matched(bare, hard).items():
                name = next(rule.name for rule in hard if rule.action == action)
                yield spot, f"「{shorten('、'.join(words))}」は、してはいけないこと({name})にあたります。"
