"""Two days of one shop as a page of its own: what moved, the figures, the people; nothing asked of any network."""

from collections.abc import Mapping
from itertools import product
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template
from markupsafe import Markup

from horetsu_utils import assets, replacing
from horetsu_utils.comparing import Comparison
from horetsu_utils.day_figures import FEELING_DAYS
from horetsu_utils.errors import HoretsuError, shorten
from horetsu_utils.ledger import RecordingError, cleaned
from horetsu_utils.page_words import Pages
from horetsu_utils.sentences import comparing as say
from horetsu_utils.sentences import flows as say_flows
from horetsu_utils.wording import day

FILE = "compare.html"
TITLE = "2つの日のあいだに、動いたこと"
LONGEST_SHOP, LONGEST_NAME = 40, 12
"""Characters: of the shop's name, and of a stage's or a segment's, which a client's own rules may call anything."""


def page(told: Comparison) -> str:
    """Lay two days of a shop out on a page: no customer is named, and no group under five is told.

    Shape
        a comparison -> one self-contained HTML page
    Errors
        none; every text is escaped, and cut where it would break the page
    """
    rows = say.rows(told.figures, _scope(told))
    return _template().render(
        style=Markup((_FOLDER / "style.css").read_text(encoding="utf-8")),
        title=TITLE,
        shop_name=shorten(cleaned(told.now.name), LONGEST_SHOP),
        before=day(told.before.as_of),
        now=day(told.now.as_of),
        days=(told.now.as_of - told.before.as_of).days,
        headlines=say.headlines(rows),
        rows=rows,
        begun=say_flows.begun(told.begun),
        flows=[flow for flow in (_stages(told), _segments(told)) if flow],
        notes=say.NOTES,
    )


def write(path: Path, html: str) -> Path:
    """Write the page; it appears whole or not at all.

    Errors
        HoretsuError when the folder cannot be written
    """
    try:
        replacing.replace({path: html.encode("utf-8")})
    except RecordingError as error:
        raise HoretsuError(
            "2つの日を比べるページを書き込めませんでした。前のページがあれば、そのまま残っています。",
            where=str(path),
            next_step="空き容量と、フォルダが「読み取り専用」になっていないかを確かめて、もう一度お試しください。",
        ) from error
    return path


_FOLDER = assets.TEMPLATES / "compare"


def _template() -> Template:
    loader = FileSystemLoader(_FOLDER)
    environment = Environment(
        loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, extensions=[Pages]
    )
    return environment.get_template("page.html.j2")


def _scope(told: Comparison) -> say.Scope:
    rules = told.now.rules
    return say.Scope(
        period_days=rules.period_days,
        reading_day=min(rules.journey.reading_days),
        feeling_days=FEELING_DAYS,
        stage_names=_short(told.stage_names),
        least=rules.lines.minimum_customers,
        currency=told.now.currency,
    )


def _short(names: Mapping[str, str]) -> dict[str, str]:
    return {code: shorten(cleaned(name), LONGEST_NAME) for code, name in names.items()}


def _stages(told: Comparison) -> dict[str, Any]:
    """Return the flow between the stages, with how many went each kind of way; nothing where no stage is known."""
    if told.stages.empty:
        return {}
    names = _short(told.stage_names)
    kinds = {way: say_flows.stage_way(*way) for way in product([*say_flows.NEWCOMERS, *names], names)}
    return {
        "heading": "お客様との関係",
        "sentence": say_flows.stages_title(told.people, told.now.rules.lines.minimum_customers),
        "cards": say_flows.cards(told.people),
        "caption": "どのステージから、どのステージへ(人)",
        "names": list(names.values()),
        "lines": (lines := say_flows.matrix(told.stages, names, kinds)),
        "note": say_flows.STAGE_NOTE + say_flows.hidden_note(lines),
    }


def _segments(told: Comparison) -> dict[str, Any]:
    """Return the flow between the segments of RFM; nothing where there are no orders."""
    if told.segments.empty:
        return {}
    rules = told.now.rules
    names = _short(rules.segment_names)
    ways = product([*say_flows.NEWCOMERS, *names], names)
    kinds = {way: say_flows.segment_way(*way, rules.cold_segments) for way in ways}
    return {
        "heading": "お買い物の様子",
        "sentence": say_flows.segments_title(told.segments, kinds, rules.lines.minimum_customers),
        "cards": [],
        "caption": "どの層から、どの層へ(人)",
        "names": list(names.values()),
        "lines": (lines := say_flows.matrix(told.segments, names, kinds)),
        "note": say_flows.SEGMENT_NOTE + say_flows.hidden_note(lines),
    }
