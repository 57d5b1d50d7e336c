"""The campaign guard: which planned actions break a rule of the stage, for which customers."""

import ibis
import ibis.expr.types as ir

from horetsu_utils.relation import ContactRules

ALL, STAGE, SEGMENT, CUSTOMER = AIMS = ("all", "stage", "segment", "customer")
SIGNUP, SERIES, TOO_OFTEN = "signup_discount", "long_mail_series", "too_often"


def audience(aims: ir.Table, customers: ir.Table) -> ir.Table:
    """Find the customers at whom each planned action is aimed.

    Shape
        aims (plan, kind, value), one row per customer (customer_id, stage, segment) -> one row per plan and customer
    Columns
        plan; customer_id; stage [0-4]
    Errors
        none; an aim nobody fits has no audience
    Source
        METHOD.md section 1 (campaigns: target is a stage, a segment or a customer list)
    """
    people = customers.select("customer_id", "segment", stage=customers.stage.cast("int64"))
    keys = {STAGE: people.stage.cast("string"), SEGMENT: people.segment, CUSTOMER: people.customer_id}
    parts = [aims.filter(aims.kind == ALL).select("plan").cross_join(people)]
    for kind, key in keys.items():
        wanted = aims.filter(aims.kind == kind).select("plan", "value")
        parts.append(wanted.join(people, wanted.value == key).drop("value"))
    return ibis.union(*(part.select("plan", "customer_id", "stage") for part in parts), distinct=True)


def forbidden(audience: ir.Table, actions: ir.Table) -> ir.Table:
    """Find the customers in whose stage a planned action must not be done.

    Shape
        one row per plan and customer, actions (plan, rule, stage) -> one row per plan, rule and customer
    Columns
        plan; rule: the action's code; customer_id; stage [0-4]
    Errors
        none
    Source
        METHOD.md section 3 (what must not be done)
    """
    return audience.join(actions, ["plan", "stage"]).select("plan", "rule", "customer_id", "stage").distinct()


def soon_after_signup(audience: ir.Table, discounts: ir.Table, known: ir.Table, *, rules: ContactRules) -> ir.Table:
    """Find those to whom a discount comes within `signup_days` of their sign-up; the last of these days counts.

    Shape
        one row per plan and customer, discounts (plan, date, stage), sign-ups (customer_id, known_on) -> one row per
        plan and customer
    Columns
        as in forbidden, rule signup_discount
    Errors
        none
    Source
        METHOD.md section 3 (rules that count days)
    """
    aimed = audience.join(discounts, ["plan", "stage"]).join(known, "customer_id")
    days = aimed.date.delta(aimed.known_on, unit="day")
    return _breaking(aimed.filter(days.between(0, rules.signup_days)), SIGNUP)


def in_series(audience: ir.Table, letters: ir.Table, sent: ir.Table, *, rules: ContactRules) -> ir.Table:
    """Find those who get a second long letter within a span of `long_days` days; the later one breaks the rule.

    Shape
        one row per plan and customer, long letters planned (plan, date, stage), long letters sent (customer_id, on) ->
        one row per plan and customer
    Columns
        as in forbidden, rule long_mail_series
    Errors
        none
    Source
        METHOD.md section 3 (rules that count days)
    """
    aimed = audience.join(letters, ["plan", "stage"])
    earlier = ibis.union(
        aimed.select(owner="customer_id", before="date", other="plan"),
        sent.select(owner="customer_id", before="on", other=ibis.literal(-1, "int64")),
    )
    days = aimed.date.delta(earlier.before, unit="day")
    first = (days > 0) | ((days == 0) & (earlier.other < aimed.plan))
    pairs = aimed.join(earlier, [aimed.customer_id == earlier.owner, first, days < rules.long_days])
    return _breaking(pairs, SERIES)


def too_often(audience: ir.Table, plans: ir.Table, touchpoints: ir.Table, *, rules: ContactRules) -> ir.Table:
    """Find those whom an action reaches as one contact too many within the `week_days` days that end with it.

    What was sent and what is planned count alike, the action itself included.

    Shape
        one row per plan and customer, plans (plan, date), touchpoints as of today -> one row per plan and customer
    Columns
        as in forbidden, rule too_often
    Errors
        none
    Source
        METHOD.md section 3 (contacts per customer per week, from touchpoints and the plan)
    """
    sent = touchpoints.filter(
        (touchpoints.direction != "in").fill_null(True) & touchpoints.channel.notin(rules.uncounted_channels)
    )
    planned = audience.join(plans, "plan").select("plan", "customer_id", "stage", on="date")
    nothing = {"plan": ibis.null("int64"), "stage": ibis.null("int64"), "on": sent["at"].cast("date")}
    contacts = ibis.union(planned, sent.select("customer_id", **nothing).select(*planned.columns))
    dated = contacts.mutate(day=contacts.on.delta(ibis.date(1970, 1, 1), unit="day"))
    week = ibis.range_window(group_by="customer_id", order_by="day", preceding=rules.week_days - 1, following=0)
    counted = dated.mutate(contacts=dated.count().over(week))
    over = counted.filter(counted.plan.notnull() & (counted.contacts > rules.contacts_a_week))
    return _breaking(over, TOO_OFTEN)


def _breaking(rows: ir.Table, rule: str) -> ir.Table:
    return rows.select("plan", "customer_id", "stage", rule=ibis.literal(rule)).distinct()


def verdicts(found: ir.Table) -> ir.Table:
    """Count the customers for whom each plan breaks each rule, stage by stage.

    Shape
        one row per plan, rule and customer -> one row per plan, rule and stage
    Columns
        plan; rule; stage [0-4]; customers [customer]
    Errors
        none
    Source
        METHOD.md section 3 (before sending: rule, stage, number of customers)
    """
    return (
        found.group_by(["plan", "rule", "stage"])
        .aggregate(customers=found.customer_id.nunique())
        .order_by("plan", "stage", "rule")
    )
