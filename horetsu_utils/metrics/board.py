"""The weekly board: who changed most, whose smile came back, who keeps on, and who has been low lately."""

import datetime as dt
from functools import reduce

import ibis
import ibis.expr.types as ir

from horetsu_utils.relation import CHANGED, KEEPS, LOW, SMILE
from horetsu_utils.story_rules import BAD, GOOD, BoardRules

FACTS = {
    CHANGED: {"score_before": "float64", "score_now": "float64", "change": "float64"},
    SMILE: {"gloomy": "int64", "smiled_on": "date"},
    KEEPS: {"weeks": "int64"},
    LOW: {"bad_streak": "int64", "fall": "float64", "fall_days": "int64"},
}
"""The kinds in their order, and the facts by which somebody stands there."""


def board(written: ir.Table, *, week_end: dt.date, rules: BoardRules) -> ir.Table:
    """Put people on the board of the week that ends on a day, and mark who did not stand there a week before.

    Shape
        written records -> one row per kind and customer, in the order of the kinds, first those who stand out most
    Columns
        kind: changed / smile / keeps / low; customer_id; place [from 1]; is_new; records [record]; last_on [date];
        score_before, score_now, change [score]; gloomy [record in a row]; smiled_on [date]; weeks [week in a row];
        bad_streak [record in a row]; fall [score]; fall_days [day]; null where they tell of another kind
    Errors
        none; what comes after `week_end` is not seen
    Source
        METHOD.md section 7
    """
    before = week_end - dt.timedelta(days=rules.week_days)
    now, then = (_of(written, end, rules) for end in (week_end, before))
    known = then.select(kind_before="kind", customer_before="customer_id")
    told = now.left_join(known, [now.kind == known.kind_before, now.customer_id == known.customer_before])
    marked = told.mutate(is_new=told.kind_before.isnull()).drop("kind_before", "customer_before")
    return marked.order_by(marked.kind.cases(*((kind, place) for place, kind in enumerate(FACTS))), "place")


def _of(written: ir.Table, end: dt.date, rules: BoardRules) -> ir.Table:
    seen = written.filter(written.on <= end).mutate(ago=ibis.literal(end).delta(written.on, unit="day"))
    people = _people(seen, rules)
    kinds = (
        _changed(people, rules),
        _smiled(seen, people, rules),
        _keeping(seen, people, rules),
        _low(seen, people, rules),
    )
    return reduce(lambda one, other: one.union(other), map(_laid_out, FACTS, kinds))


def _laid_out(kind: str, rows: ir.Table) -> ir.Table:
    """Give a kind's rows the columns of all kinds; the facts of the others are null."""
    columns = {name: of for facts in FACTS.values() for name, of in facts.items()}
    facts = {name: rows[name].cast(of) if name in FACTS[kind] else ibis.null(of) for name, of in columns.items()}
    place = (rows.place + 1).cast("int64")
    return rows.select("customer_id", "records", "last_on", kind=ibis.literal(kind), place=place, **facts)


def _people(seen: ir.Table, rules: BoardRules) -> ir.Table:
    """Read off, of each customer who has recorded lately, the levels and the last days of each mood, in one pass."""
    score, ago = seen.score.cast("float64"), seen.ago
    in_week, in_before = ago < rules.week_days, ago.between(rules.week_days, rules.week_days + rules.before_days - 1)
    lately, earlier = ago < rules.recent_days, ago.between(rules.recent_days, rules.fall_days - 1)
    rows = seen.group_by("customer_id").aggregate(
        records=seen.count(),
        last_on=seen.on.max(),
        last_ago=ago.min(),
        score_now=score.quantile(0.5, where=in_week),
        score_before=score.quantile(0.5, where=in_before),
        befores=in_before.sum(),
        lately=score.quantile(0.5, where=lately),
        earlier=score.quantile(0.5, where=earlier),
        gloomy_on=seen.on.max(where=seen.emotion != GOOD),
        calm_on=seen.on.max(where=seen.emotion != BAD),
    )
    return rows.filter(rows.last_ago < rules.recent_days)


def _changed(people: ir.Table, rules: BoardRules) -> ir.Table:
    rows = people.mutate(change=people.score_now - people.score_before)
    found = rows.filter((rows.change >= rules.changed_least) & (rows.befores >= rules.fewest_before))
    return _placed(found, ibis.desc("change"))


def _smiled(seen: ir.Table, people: ir.Table, rules: BoardRules) -> ir.Table:
    """Find those whose good records of this week follow others, and count how many of these stood in a row."""
    turned = people.filter(people.gloomy_on.notnull() & (people.gloomy_on < people.last_on))
    own = seen.join(turned.select("customer_id", "gloomy_on"), "customer_id")
    edges = own.group_by("customer_id", "gloomy_on").aggregate(
        smiled_on=own.on.min(where=own.on > own.gloomy_on),
        smiled_ago=own.ago.max(where=own.on > own.gloomy_on),
        good_on=own.on.max(where=(own.emotion == GOOD) & (own.on < own.gloomy_on)),
    )
    in_week = edges.filter(edges.smiled_ago < rules.week_days).drop("gloomy_on")
    between = own.join(in_week, "customer_id")
    is_gloomy = (between.on <= between.gloomy_on) & (between.good_on.isnull() | (between.on > between.good_on))
    counts = between.group_by("customer_id", "smiled_on").aggregate(gloomy=between.count(where=is_gloomy))
    found = counts.filter(counts.gloomy >= rules.gloomy_least).join(people, "customer_id")
    return _placed(found, ibis.desc("gloomy"))


def _keeping(seen: ir.Table, people: ir.Table, rules: BoardRules) -> ir.Table:
    """Count the weeks with a record back from this one: in an unbroken row the n-th week lies n weeks back."""
    in_week = people.filter(people.last_ago < rules.week_days)
    weeks = (
        seen.semi_join(in_week, "customer_id").select("customer_id", ago_weeks=seen.ago // rules.week_days).distinct()
    )
    placed = weeks.mutate(row=ibis.row_number().over(ibis.window(group_by="customer_id", order_by="ago_weeks")))
    counts = placed.filter(placed.row == placed.ago_weeks).group_by("customer_id").aggregate(weeks=ibis._.count())
    return _placed(counts.filter(counts.weeks >= rules.keep_weeks).join(people, "customer_id"), ibis.desc("weeks"))


def _low(seen: ir.Table, people: ir.Table, rules: BoardRules) -> ir.Table:
    own = seen.join(people.select("customer_id", "calm_on"), "customer_id")
    is_bad = own.calm_on.isnull() | (own.on > own.calm_on)
    streaks = own.group_by("customer_id").aggregate(bad_streak=own.count(where=is_bad)).join(people, "customer_id")
    falls = (streaks.earlier - streaks.lately).fill_null(0.0)
    rows = streaks.mutate(
        bad_streak=(streaks.bad_streak >= rules.bad_streak).ifelse(streaks.bad_streak, 0),
        fall=(falls >= rules.fall_least).ifelse(falls, 0.0),
        fall_days=ibis.literal(rules.fall_days),
    )
    return _placed(rows.filter((rows.bad_streak > 0) | (rows.fall > 0)), ibis.desc("bad_streak"), ibis.desc("fall"))


def _placed(rows: ir.Table, *first: ir.Value) -> ir.Table:
    """Give the rows their places: first those who stand out most, and of equals those with more records."""
    return rows.mutate(
        place=ibis.row_number().over(ibis.window(order_by=[*first, ibis.desc("records"), "customer_id"]))
    )
