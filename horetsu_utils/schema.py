"""The canonical tables of the method: what one row is, its columns, types, units and checks."""

from dataclasses import dataclass

import ibis
import ibis.expr.types as ir

from horetsu_utils.errors import SchemaError

DTYPES = {
    "id": "string",
    "text": "string",
    "choice": "string",
    "number": "decimal(18, 4)",
    "integer": "int64",
    "flag": "boolean",
    "date": "date",
    "time": "timestamp(6)",
}

ACTIONS = (
    "offer_now",
    "signup_discount",
    "sudden_subscription_or_vip",
    "info_flood",
    "long_mail_series",
    "authority_push",
    "presume_participation",
    "ask_comment",
    "ask_action",
    "upsell",
    "success_story_push",
    "template_reply",
    "auto_reply",
    "uniform_campaign",
    "control",
    "numeric_evaluation",
    "command_tone",
    "over_privilege",
    "load_concentration",
    "thanks_unspoken",
)
"""What must not be done in some stage (METHOD.md section 3): the codes of planned and past actions."""


@dataclass(frozen=True)
class Column:
    """One column of a canonical table. `kind` is a key of DTYPES; bounds are inclusive."""

    name: str
    kind: str
    required: bool = False
    unit: str = ""
    minimum: float | None = None
    maximum: float | None = None
    choices: tuple[str, ...] = ()


@dataclass(frozen=True)
class Table:
    """One canonical table. Each group in `one_of` needs at least one of its columns filled."""

    name: str
    row: str
    columns: tuple[Column, ...]
    one_of: tuple[tuple[str, ...], ...] = ()

    def __getitem__(self, name: str) -> Column:
        """Return the column of that name."""
        return next(column for column in self.columns if column.name == name)

    @property
    def names(self) -> tuple[str, ...]:
        """Column names in their order."""
        return tuple(column.name for column in self.columns)

    @property
    def required(self) -> tuple[str, ...]:
        """Names of the columns every row must fill."""
        return tuple(column.name for column in self.columns if column.required)


def _columns(kind: str, names: str, unit: str = "") -> tuple[Column, ...]:
    return tuple(Column(name, kind, unit=unit) for name in names.split())


_CUSTOMER = Column("customer_id", "id", required=True)
_STAGE = Column("stage", "integer", minimum=0, maximum=4)
_ANSWERS = ("A", "B", "C", "D")
_QUESTIONS = tuple(f"Q{number}" for number in range(1, 11))

_ORDERS = Table(
    "orders",
    "注文の明細1行",
    (
        Column("order_id", "id", required=True),
        _CUSTOMER,
        Column("ordered_at", "time", required=True),
        Column("amount", "number", required=True, unit="yen"),
        *_columns("id", "product_id"),
        *_columns("text", "product_name category source channel"),
        *_columns("number", "quantity", unit="item"),
        *_columns("number", "unit_price discount tax shipping points", unit="yen"),
        Column("is_subscription", "flag"),
        Column("status", "choice", choices=("paid", "cancelled", "returned")),
    ),
)
_CUSTOMERS = Table(
    "customers",
    "お客様1人",
    (
        _CUSTOMER,
        Column("registered_at", "time"),
        *_columns("text", "first_source gender prefecture"),
        Column("birth_year", "integer", minimum=1880, maximum=2100),
        *_columns("flag", "email_ok line_ok"),
    ),
)
_STORY = Table(
    "story",
    "お客様1人の1日",
    (
        _CUSTOMER,
        Column("date", "date", required=True),
        Column("change_score", "integer", required=True, unit="score", minimum=0, maximum=5),
        Column("emotion", "choice", required=True, choices=("良い", "普通", "悪い")),
        *_columns("text", "purpose expectation note staff"),
    ),
)
_TOUCHPOINTS = Table(
    "touchpoints",
    "お客様1人への接触1回",
    (
        _CUSTOMER,
        Column("at", "time", required=True),
        Column("channel", "text", required=True),
        Column("direction", "choice", choices=("out", "in")),
        *_columns("id", "step_id campaign_id"),
        Column("action", "choice", choices=ACTIONS),
        Column(
            "reaction",
            "choice",
            choices=("none", "open", "click", "reply", "complaint", "review", "referral", "participate"),
        ),
    ),
)
_VOICES = Table(
    "voices",
    "お客様の声1件",
    (
        _CUSTOMER,
        Column("date", "date", required=True),
        Column("expectation", "number", required=True, unit="score"),
        Column("evaluation", "number", required=True, unit="score"),
        *_columns("text", "step department comment medium"),
    ),
)
_EVENTS = Table(
    "events",
    "閲覧などの行動1回",
    (
        Column("at", "time", required=True),
        Column("event", "choice", required=True, choices=("view", "compare", "cart", "purchase", "visit")),
        *_columns("id", "customer_id visitor_id session_id product_id"),
        *_columns("text", "page source referrer"),
    ),
    one_of=(("customer_id", "visitor_id"),),
)
_SCENARIO = Table(
    "scenario",
    "90日シナリオの1ステップ",
    (
        Column("step_id", "id", required=True),
        Column("day_from", "integer", required=True, unit="day"),
        Column("day_to", "integer", required=True, unit="day"),
        Column("channel", "text", required=True),
        *_columns("text", "purpose welcome_action"),
        Column("action", "choice", choices=ACTIONS),
        _STAGE,
    ),
)
_CAMPAIGNS = Table(
    "campaigns",
    "予定している施策1件",
    (
        Column("campaign_id", "id", required=True),
        Column("date", "date", required=True),
        Column("channel", "text", required=True),
        Column("action", "choice", choices=ACTIONS),
        *_columns("text", "subject body target"),
        Column("discount_rate", "number", unit="ratio", minimum=0, maximum=1),
        Column("length", "integer", unit="character", minimum=0),
    ),
    one_of=(("action", "subject", "body"),),
)
_DIAGNOSIS = Table(
    "answers",
    "診断の答え1つ",
    (
        Column("question", "choice", required=True, choices=_QUESTIONS),
        Column("answer", "choice", required=True, choices=_ANSWERS),
        *_columns("text", "answered_by comment"),
        Column("date", "date"),
    ),
)
_CONTEXT = Table(
    "context",
    "1日(と場所)の天気や行事",
    (
        Column("date", "date", required=True),
        *_columns("text", "place weather event"),
        Column("temperature", "number", unit="celsius", minimum=-60, maximum=60),
    ),
)
TABLES: dict[str, Table] = {
    table.name: table
    for table in (
        _ORDERS,
        _CUSTOMERS,
        _STORY,
        _TOUCHPOINTS,
        _VOICES,
        _EVENTS,
        _SCENARIO,
        _CAMPAIGNS,
        _DIAGNOSIS,
        _CONTEXT,
    )
}


def valid(column: Column, value: ir.Value) -> ir.BooleanValue:
    """Tell, per row, whether a filled value keeps the column's bounds and choices.

    Shape
        a value of the column's type -> boolean, null where the value is null
    Errors
        none
    Source
        METHOD.md section 1
    """
    checks = [ibis.literal(True)]
    if column.minimum is not None:
        checks.append(value >= column.minimum)
    if column.maximum is not None:
        checks.append(value <= column.maximum)
    if column.choices:
        checks.append(value.isin(column.choices))
    return ibis.and_(*checks)


def check(table: ir.Table, name: str) -> None:
    """Hold a canonical table to its schema; every violation is gathered, then raised once.

    Shape
        any table -> nothing
    Errors
        SchemaError naming each missing column, wrong type, empty required value and value out of bounds
    Source
        METHOD.md section 1
    """
    schema = TABLES[name]
    problems = [f"列「{column}」がありません" for column in schema.required if column not in table.columns]
    present = [column for column in schema.columns if column.name in table.columns]
    problems += [
        f"列「{column.name}」の型が {table[column.name].type()} です({DTYPES[column.kind]} が必要です)"
        for column in present
        if table[column.name].type().copy(nullable=True) != ibis.dtype(DTYPES[column.kind])
    ]
    if not problems:
        problems = _row_problems(table, schema, present)
    if problems:
        raise SchemaError(
            f"{schema.name} の表が決まりに合いません。\n" + "\n".join(f"・{problem}" for problem in problems),
            where=schema.name,
            next_step="対応表(mapping)か元のファイルを直してください。",
        )


def _row_problems(table: ir.Table, schema: Table, present: list[Column]) -> list[str]:
    counts: dict[str, ir.IntegerScalar] = {}
    for column in present:
        value = table[column.name]
        if column.required:
            counts[f"列「{column.name}」が空の行があります"] = value.isnull().sum()
        if column.minimum is not None or column.maximum is not None or column.choices:
            counts[f"列「{column.name}」に決まりの外の値があります"] = (~valid(column, value) & value.notnull()).sum()
    for group in schema.one_of:
        filled = [table[name].notnull() for name in group if name in table.columns]
        label = f"{'・'.join(group)} のどれも無い行があります"
        counts[label] = (~ibis.or_(*filled)).sum() if filled else table.count()
    if not counts:
        return []
    found = table.aggregate(**{f"c{index}": count for index, count in enumerate(counts.values())}).to_pyarrow()
    totals = found.to_pylist()[0].values()
    return [f"{label}({total:,} 行)" for label, total in zip(counts, totals, strict=True) if total]
