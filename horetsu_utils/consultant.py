"""The consultant's workbook: each customer's stage and how to behave to it, and what the guard found."""

from collections.abc import Sequence
from pathlib import Path

import ibis.expr.types as ir
import pandas as pd

from horetsu_utils import workbook
from horetsu_utils.guarding import Guarded
from horetsu_utils.matched import Matched
from horetsu_utils.metrics import stage_rfm
from horetsu_utils.relation import MatrixRules
from horetsu_utils.sentences import guard as guard_words
from horetsu_utils.sentences import matching as matching_words
from horetsu_utils.sentences import stage as stage_words
from horetsu_utils.standing import Standing
from horetsu_utils.wording import name
from horetsu_utils.workbook import Sheet

FILE = "consultant.xlsx"
_NOTE = "お店の外に出さないでください。お客様お一人ずつのことが書かれています。"


def write(
    where: Standing, segments: ir.Table, guarded: Guarded, folder: Path, *, further: Sequence[Sheet] = ()
) -> Path:
    """Write the workbook into a report's folder; it appears whole or not at all. `further` sheets come last.

    Errors
        OSError when the folder cannot be written
    """
    sheets = [_customers(where, segments), _verdicts(guarded), _people(guarded), *further]
    folder.mkdir(parents=True, exist_ok=True)
    return workbook.write(folder / FILE, sheets)


def fitting(matches: Matched) -> Sheet:
    """List the products that fit each customer, with the reason of each; the note says whether such matches held."""
    tried = matches.trial(matches.rules.trial_days)
    held = matching_words.trial_title(tried, matches.rules.least_customers)
    rows = matches.chosen.order_by("customer_id", "place").limit(workbook.MOST_ROWS + 1).to_pandas()
    return Sheet("合いそうな品", matching_words.one_by_one(rows, matches.rules.most), f"{_NOTE}{held}。")


def _customers(where: Standing, segments: ir.Table) -> Sheet:
    """List the customers with their stage, what decided it, and how to behave to it."""
    levelled = stage_rfm.levelled(where.stages, segments, rules=MatrixRules()).select("customer_id", "segment", "cell")
    rows = where.stages.left_join(levelled, "customer_id").drop("customer_id_right").order_by("customer_id")
    frame = rows.limit(workbook.MOST_ROWS + 1).to_pandas()
    shown = where.evidence.filter(lambda t: t.customer_id.isin(rows.limit(workbook.MOST_ROWS).customer_id)).to_pandas()
    stages, guide = where.rules.stages, stage_words.guide(where.rules, where.shop.client.guard())
    names = [each.name for each in stages]
    table = {
        "顧客番号": frame["customer_id"],
        "ステージ": frame["stage"].map(lambda number: f"{number} {names[number]}"),
        "いつから": frame["since_on"],
        "冷めている": frame["cooling"],
        "冷めはじめた日": frame["cooled_on"],
        "暫定のステージ": _hints(frame, names),
        "確かさ": frame["confidence"].round(2),
        "RFMの層": frame["segment"].map(where.shop.rules.segment_names),
        "見ておきたい方々": [name("cell", cell) if isinstance(cell, str) else "" for cell in frame["cell"]],
        "決め手": frame["customer_id"].map(stage_words.evidence(shown, where.rules, where.names)),
        "合う接し方": frame["stage"].map(guide["stance"]),
        "うれしい行動": frame["stage"].map(guide["welcome_action"]),
        "してはいけないこと": frame["stage"].map(guide["prohibited"]),
    }
    return Sheet("お客様", pd.DataFrame(table), _NOTE)


def _hints(frame: pd.DataFrame, names: list[str]) -> list[str]:
    """Name the stage that orders hint at, where it lies above the sure one."""
    pairs = zip(frame["provisional_stage"], frame["stage"], strict=True)
    return [f"{maybe} {names[maybe]}" if maybe > firm else "" for maybe, firm in pairs]


def _verdicts(guarded: Guarded) -> Sheet:
    rows = guard_words.rows(guarded.planned, guarded.breaks, guarded.rules, guarded.where.names)
    table = {
        "施策番号": rows["campaign_id"],
        "日付": rows["date"],
        "施策": rows["campaign"],
        "合わないところ": rows["rule_name"],
        "どなたに": rows["stage_name"],
        "お客様の数": rows["customers"],
        "わけ": rows["reason"],
        "代わりの案": rows["instead"],
    }
    problems = [*map(guard_words.problem, guarded.unknown), *guarded.refused]
    note = "確かめられなかったもの: " + " / ".join(problems) if problems else ""
    return Sheet("送る前の確かめ", pd.DataFrame(table), note)


def _people(guarded: Guarded) -> Sheet:
    """List for whom each planned action breaks which rule."""
    rows = guarded.people.order_by("plan", "rule", "customer_id").limit(workbook.MOST_ROWS + 1).to_pandas()
    plans = {each.place: each for each in guarded.planned}
    names = guarded.where.names
    table = {
        "施策番号": [plans[place].campaign_id for place in rows["plan"]],
        "日付": [plans[place].date for place in rows["plan"]],
        "合わないところ": [guarded.rule(code).name for code in rows["rule"]],
        "顧客番号": rows["customer_id"],
        "ステージ": [f"{number} {names[str(number)]}" for number in rows["stage"]],
    }
    return Sheet("施策とお客様", pd.DataFrame(table), _NOTE)
