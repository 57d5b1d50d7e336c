"""A shop → one row per customer: what they bought, where they stand, what is ahead, what fits, how to behave."""

from dataclasses import dataclass, replace
from functools import cached_property

import ibis
import ibis.expr.types as ir
import pandas as pd

from horetsu_utils import engine, masking, matched, outlook, pathway, selling, standing, workbook
from horetsu_utils.matched import Matched
from horetsu_utils.metrics import stage_rfm, value
from horetsu_utils.outlook import Outlook
from horetsu_utils.people_settings import AHEAD, BOUGHT, COLUMNS, FITS, ID
from horetsu_utils.relation import MatrixRules
from horetsu_utils.sentences import matching as matching_words
from horetsu_utils.sentences import outlook as outlook_words
from horetsu_utils.sentences import stage as stage_words
from horetsu_utils.shop import Shop
from horetsu_utils.standing import Standing
from horetsu_utils.wording import day, name

INSIDE = "お店の外に出さないでください。お客様お一人ずつのことが書かれています。"
MASKED = (
    "顧客番号は、どなたのものか分からないように、「C-」で始まる番号に置きかえています。"
    "同じ方の番号は、次のレポートでも変わりません。"
)
COUNTS = ("recency_days", "frequency", "recency_score", "frequency_score", "monetary_score")
CONFIDENCE_DIGITS, ORDERS_DIGITS = 2, 2


@dataclass(frozen=True)
class Known:
    """What is known of a shop's customers: where they stand, their R, F and M; with orders, what fits and is ahead."""

    where: Standing
    segments: ir.Table
    fits: Matched | None = None
    ahead: Outlook | None = None

    @property
    def shop(self) -> Shop:
        """The shop."""
        return self.where.shop

    @cached_property
    def everybody(self) -> ir.Table:
        """Stages, R, F and M, state and the two telling cells side by side; nobody of either table is lost."""
        stages = self.where.stages
        stated = value.state(self.segments, rules=self.shop.rules.state)
        cells = stage_rfm.levelled(stages, self.segments, rules=MatrixRules()).select(ID, "cell")
        bought = stated.left_join(cells, ID).drop(f"{ID}_right")
        both = stages.outer_join(bought, ID)
        whole = both.mutate(**{ID: ibis.coalesce(both[ID], both[f"{ID}_right"])}).drop(f"{ID}_right")
        return engine.keep(self.shop.connection, whole)


@dataclass(frozen=True, eq=False)
class People:
    """The list of customers in one edition, and what to say below it.

    `frame` has the columns of people_settings.COLUMNS that can be told; `edition` says who may see it, `facts` how it
    is to be read, `fits` whether the products held in their trial, which `proven` tells for programs.
    """

    frame: pd.DataFrame
    edition: str
    facts: tuple[str, ...]
    fits: str
    proven: bool

    @property
    def note(self) -> str:
        """Everything that stands below the list."""
        return "".join((self.edition, *self.facts, self.fits))


def people(shop: Shop) -> pd.DataFrame:
    """List a shop's customers one by one, with their true numbers; otherwise as `listed`.

    Errors
        as `known`
    """
    return listed(known(shop))


def known(shop: Shop) -> Known:
    """Gather what the analyses know of a shop's customers.

    Errors
        MissingDataError when no record tells of anybody; ConfigError for an unsound rule file
    """
    segments = standing.segmented(shop)
    if not segments.count().to_pyarrow().as_py():
        return Known(standing.standing(shop), segments)
    fits = matched.matched(selling.selling(shop))
    return Known(fits.where, segments, fits, outlook.outlook(pathway.pathway(shop)))


def listed(known: Known) -> pd.DataFrame:
    """Lay out the customers in the order of their numbers.

    Shape
        what is known -> one row per customer, workbook.MOST_ROWS at most
    Columns
        people_settings.COLUMNS: without orders only those that need none; what is not known of somebody is missing
    Errors
        none
    Source
        METHOD.md sections 2-4 and 8
    """
    shown = engine.keep(known.shop.connection, known.everybody.order_by(ID).limit(workbook.MOST_ROWS))
    rows = shown.order_by(ID).to_pandas()
    parts = [rows[[ID]], _stands(rows, shown, known.where), _manners(rows, known.where)]
    if known.fits and known.ahead:
        digits = known.shop.client.config.digits
        parts += [_bought(rows, known.shop), _ahead(rows, known.ahead, digits), _fits(rows, shown, known.fits)]
    frame = pd.concat(parts, axis=1)
    return frame[[column for column in COLUMNS if column in frame]]


def told(known: Known) -> People:
    """List the customers as the consultant sees them, with what is to be said below; the matches are tried for it.

    Errors
        none
    """
    frame = listed(known)
    held, proven = _trial(known.fits, frame)
    return People(frame, INSIDE, _facts(known), held, proven)


def for_client(told: People, key: bytes) -> People:
    """Return the list as it may be sent to the shop: codes for numbers, and products only where they have proven.

    The rows go by the codes: the order of the numbers would tell who became a customer before whom.

    Errors
        none
    """
    codes = masking.masked(told.frame[ID], key)
    frame = told.frame.assign(**{ID: codes}).sort_values(ID, ignore_index=True)
    if told.proven or not frame.columns.isin(FITS).any():
        return replace(told, frame=frame, edition=MASKED)
    held = matching_words.NOT_NAMED if frame[FITS[0]].notna().any() else told.fits
    return replace(told, frame=frame.drop(columns=[*FITS]), edition=MASKED, fits=held)


def _bought(rows: pd.DataFrame, shop: Shop) -> pd.DataFrame:
    """Word what somebody bought; the amount goes by the currency's smallest."""
    words = {
        "segment": rows["segment"].map(shop.rules.segment_names),
        "state": rows["state"].map(lambda code: name("state", code), na_action="ignore"),
        "monetary_yen": rows["monetary_yen"].round(shop.client.config.digits),
    }
    return rows[[*BOUGHT]].assign(**words).astype(dict.fromkeys(COUNTS, "Int64"))


def _stands(rows: pd.DataFrame, shown: ir.Table, where: Standing) -> pd.DataFrame:
    """Word where the relationship stands, and by what."""
    names = {each.stage: each.name for each in where.rules.stages}
    hinted = rows["provisional_stage"].where(rows["provisional_stage"] > rows["stage"])
    decided = stage_words.evidence(where.evidence.semi_join(shown, ID).to_pandas(), where.rules, where.names)
    columns = {
        "stage": rows["stage"].astype("Int64"),
        "stage_name": rows["stage"].map(names),
        "since_on": rows["since_on"],
        "cooling": rows["cooling"].astype("boolean"),
        "cooled_on": rows["cooled_on"],
        "provisional_stage": hinted.map({number: f"{number} {word}" for number, word in names.items()}),
        "confidence": rows["confidence"].round(CONFIDENCE_DIGITS),
        "cell": rows["cell"].map(lambda code: name("cell", code), na_action="ignore"),
        "evidence": rows[ID].map(decided),
    }
    return pd.DataFrame(columns)


def _manners(rows: pd.DataFrame, where: Standing) -> pd.DataFrame:
    """Put what is not done, the stance that fits and what is welcome beside each customer, by the stage."""
    guide = stage_words.guide(where.rules, where.shop.client.guard())
    guide.index = pd.Index([each.stage for each in where.rules.stages])
    columns = {column: rows["stage"].map(guide[column]) for column in ("stance", "welcome_action")}
    return pd.DataFrame({"prohibited": rows["stage"].map(guide["prohibited"].replace("", None)), **columns})


def _ahead(rows: pd.DataFrame, ahead: Outlook, digits: int) -> pd.DataFrame:
    """Put the orders and the sales expected beside each customer; missing where the model did not hold."""
    each = ahead.people.set_index(ID).reindex(rows[ID])
    yen = each["yen"] if ahead.has_yen else pd.Series(index=each.index, dtype="float64")
    expected = (each["orders"].astype("float64").round(ORDERS_DIGITS), yen.astype("float64").round(digits))
    return pd.DataFrame({column: part.to_numpy() for column, part in zip(AHEAD, expected, strict=True)})


def _fits(rows: pd.DataFrame, shown: ir.Table, fits: Matched) -> pd.DataFrame:
    """Put the products that fit, each with its reason, beside each customer."""
    chosen = fits.chosen.semi_join(shown, ID).order_by(ID, "place").to_pandas()
    each = matching_words.one_by_one(chosen, fits.rules.most).set_axis([ID, *FITS], axis=1)
    return each.set_index(ID).reindex(rows[ID]).replace("", None).reset_index(drop=True)


def _trial(fits: Matched | None, frame: pd.DataFrame) -> tuple[str, bool]:
    """Say whether such matches held on the last quarter, and tell whether they have proven better."""
    if not fits:
        return "", False
    if not frame[FITS[0]].notna().any():
        return matching_words.NOBODY, False
    tried, least = fits.trial(fits.rules.trial_days), fits.rules.least_customers
    return f"{matching_words.trial_title(tried, least)}。", matching_words.proven(tried, least)


def _facts(known: Known) -> tuple[str, ...]:
    """Say who is on the list, and over which time its figures go."""
    rules, facts = known.shop.rules, []
    whole = int(known.everybody.count().to_pyarrow().as_py())
    if whole > workbook.MOST_ROWS:
        facts.append(
            f"お客様が{whole:,}人いらっしゃるため、顧客番号の順に、はじめの{workbook.MOST_ROWS:,}人を載せています。"
        )
    if known.ahead:
        tried, look = known.ahead.trial, rules.outlook
        facts.append(f"注文回数と購入金額は、{day(known.shop.as_of)}までの{rules.period_days}日間のものです。")
        if tried.verdict == "good":
            facts.append(f"見込みは、これから{look.horizon_days}日間のものです。")
        facts.append(f"{outlook_words.check_title(tried.verdict, tried.actual, tried.expected, look)}。")
    return tuple(facts)
