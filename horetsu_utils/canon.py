"""The canonical tables of the method: what one row is, its columns, types, units and choices."""

from horetsu_utils.schema import Column, Table

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


def _columns(kind: str, names: str, unit: str = "") -> tuple[Column, ...]:
    return tuple(Column(name, kind, unit=unit) for name in names.split())


_CUSTOMER = Column("customer_id", "id", required=True)
_STAGE = Column("stage", "integer", minimum=0, maximum=4)
ANSWERS = ("A", "B", "C", "D")
QUESTIONS = tuple(f"Q{number}" for number in range(1, 11))

_ORDERS = Table(
    "orders",
    "注文の明細1行",
    (
        Column("order_id", "id", required=True),
        _CUSTOMER,
        Column("ordered_at", "time", required=True),
        Column("amount", "number", required=True, unit="yen"),
        Column("product_id", "id", telling=True),
        *_columns("text", "product_name category source channel"),
        *_columns("number", "quantity", unit="item"),
        *_columns("number", "unit_price tax shipping points", unit="yen"),
        Column("discount", "number", unit="yen", unsigned=True),
        *_columns("flag", "is_subscription is_gift"),
        Column("status", "choice", choices=("paid", "cancelled", "returned"), telling=True),
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
        *_columns("id", "customer_id visitor_id session_id"),
        Column("product_id", "id", telling=True),
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
        Column("action", "choice", choices=ACTIONS, telling=True),
        *_columns("text", "subject body target"),
        Column("discount_rate", "number", unit="ratio", minimum=0, maximum=1, telling=True),
        Column("length", "integer", unit="character", minimum=0, telling=True),
    ),
    one_of=(("action", "subject", "body"),),
)
_DIAGNOSIS = Table(
    "answers",
    "診断の答え1つ",
    (
        Column("question", "choice", required=True, choices=QUESTIONS),
        Column("answer", "choice", required=True, choices=ANSWERS),
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
