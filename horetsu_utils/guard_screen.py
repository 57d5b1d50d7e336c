"""The guard's verdicts on the consultant's screen, and the same as plain data for machines."""

from pathlib import Path
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from horetsu_utils.guarding import Guarded
from horetsu_utils.sentences import guard as say
from horetsu_utils.wording import count

SHOWN = {
    "施策": "campaign",
    "合わないところ": "rule_name",
    "どなたに": "stage_name",
    "わけ": "reason",
    "代わりの案": "instead",
}


def show(guarded: Guarded, console: Console) -> None:
    """Print which planned actions break which rule, for how many customers, and what cannot be judged."""
    _say(console, f"{say.title(**guarded.counts)}。")
    rows = say.rows(guarded.planned, guarded.breaks, guarded.rules, guarded.where.names)
    if len(rows):
        table = Table(show_lines=True)
        for heading in (*list(SHOWN)[:3], "お客様の数", *list(SHOWN)[3:]):
            table.add_column(heading, overflow="fold")
        for row in rows.to_dict("records"):
            cells = [escape(str(row[column])) for column in SHOWN.values()]
            table.add_row(*cells[:3], count(row["customers"], "customer"), *cells[3:])
        console.print(table)
    for sentence in problems(guarded):
        _say(console, f"確かめられません: {sentence}")
    if guarded.sent:
        _say(console, f"もう送った施策 {len(guarded.sent)} 件は、ここでは見ていません(レポートで振り返ります)。")


def problems(guarded: Guarded) -> list[str]:
    """Say of every row that cannot be judged why not."""
    return [*map(say.problem, guarded.unknown), *guarded.refused]


def to_dict(guarded: Guarded, workbook: Path | None) -> dict[str, Any]:
    """Return the verdicts as plain data: every planned action, with the rules it breaks."""
    shop = guarded.where.shop
    return {
        "client": shop.client.id,
        "as_of": shop.as_of.isoformat(),
        "status": guarded.status,
        "counts": guarded.counts,
        "campaigns": _campaigns(guarded),
        "refused": list(guarded.refused),
        "workbook": str(workbook) if workbook else None,
    }


def _campaigns(guarded: Guarded) -> list[dict[str, Any]]:
    told = say.rows(guarded.planned, guarded.breaks, guarded.rules, guarded.where.names).to_dict("records")
    broken = list(zip(guarded.breaks["plan"], told, strict=True))
    keys = ("rule", "stage", "customers", "words", "reason", "instead")
    return [
        {
            "campaign_id": plan.campaign_id,
            "date": plan.date.isoformat(),
            "channel": plan.channel,
            "subject": plan.subject,
            "target": plan.target,
            "problem": plan.problem,
            "breaks": [{key: words[key] for key in keys} for place, words in broken if place == plan.place],
        }
        for plan in guarded.planned
    ]


def _say(console: Console, text: str) -> None:
    console.print(text, markup=False, highlight=False, soft_wrap=True)
