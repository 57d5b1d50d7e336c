"""What the chapter on the diagnosis says of the answers beside the records."""

import math
from collections.abc import Sequence

import pandas as pd

from horetsu_utils.canon import QUESTIONS
from horetsu_utils.questions import EXACT, MEASURES, VALUE, DiagnosisRules, EvidenceRule
from horetsu_utils.sentences.diagnosis import NAMED, axis
from horetsu_utils.wording import count, name, percent

UNSURE = "{name}は{value}で、誤差の幅が目安({line})をまたいでいます。まだ言い切れません。"
FEW = "{name}は、もとになる記録がまだ{count}件のため、言い切れません。"
NOTE = (
    "記録と違って見えても、お答えをこちらで書きかえることはありません。記録に残っていないだけのこともあります。"
    "「土台はある」は、A とお答えいただくのに役立つ記録が、もうそろっているという意味です。"
    "Q10 は考え方の質問のため、記録とはくらべません。"
)
NOTE_UNANSWERED = "お答えをいただくと、記録と並べてお見せします。Q10 は考え方の質問のため、記録とはくらべません。"
NOTHING_TO_COMPARE = "お答えとくらべられる記録が、まだありません"
OPEN, NOT_SURE = "まだ", "まだ言い切れない"
"""What stands for an answer that is not given yet, and for a verdict where the records are too few or too near."""
STRONGEST = ("contradicted", "supported", "ready", NOT_SURE, "no_data")
"""Of several rules of one question, the first of these is told."""


def said(row: dict, rule: EvidenceRule) -> str:
    """Say what the records show for one rule."""
    if row["ground"] == "none":
        few = FEW.replace("{name}", rule.name).replace("{count}", f"{row['whole']:,.0f}")
        return few if row["whole"] > 0 else rule.missing
    value = _figure(row, rule.measure)
    if row["ground"] == "unsure":
        line = _figure(row | {"value": rule.line}, rule.measure)
        return UNSURE.replace("{name}", rule.name).replace("{line}", line).replace(VALUE, value)
    sentence = rule.holds if row["ground"] == "holds" else rule.fails
    return sentence.replace(VALUE, value)


def _figure(row: dict, measure: str) -> str:
    """Say a figure; a share of what can be counted on one hand is said as a number, and 100 % means all."""
    value, unit = row["value"], MEASURES[measure]
    if unit != "ratio":
        return count(value, unit)
    if measure in EXACT:
        return f"{value * row['whole']:.0f}"
    short = math.floor(value * 1000) / 1000
    return percent(short, 0 if float(short * 100).is_integer() else 1)


def table(verdicts: pd.DataFrame, rules: DiagnosisRules) -> pd.DataFrame:
    """Lay each answer beside what the records show, in the order of the questions; before any answer the records."""
    rows = [
        {
            "質問": axis(row["question"], rules),
            "お答え": row["answer"] if isinstance(row["answer"], str) else OPEN,
            "記録から": said(row, rule),
            "くらべると": name("verdict", verdict(row)) or OPEN,
        }
        for row, rule in zip(verdicts.to_dict("records"), rules.evidence, strict=True)
    ]
    shown = pd.DataFrame(rows)
    spoken = verdicts["ground"].ne("none").to_numpy()
    return shown if verdicts["verdict"].notna().any() else shown.loc[spoken, ["質問", "記録から"]]


def note(verdicts: pd.DataFrame) -> str:
    """Say how to read the table."""
    return NOTE if verdicts["verdict"].notna().any() else NOTE_UNANSWERED


def verdict(row: dict) -> str:
    """Return the code of a verdict, or its words where the records are too few or too near the line to tell."""
    if not isinstance(row["verdict"], str):
        return ""
    near = row["ground"] == "unsure" or (row["ground"] == "none" and row["whole"] > 0)
    return NOT_SURE if near else str(row["verdict"])


def by_question(verdicts: pd.DataFrame) -> dict[str, str]:
    """Choose one verdict for each question that has an answer."""
    rows = verdicts.to_dict("records")
    known = {q: {verdict(row) for row in rows if row["question"] == q} - {""} for q in QUESTIONS}
    return {q: next(each for each in STRONGEST if each in found) for q, found in known.items() if found}


def contradicted(verdicts: pd.DataFrame, order: Sequence[str]) -> list[str]:
    """List the questions whose answer the records contradict, in the order of dependencies."""
    told = by_question(verdicts)
    return [question for question in order if told.get(question) == "contradicted"]


def title(verdicts: pd.DataFrame, rules: DiagnosisRules) -> str:
    """Name the answers that the records contradict, or say how many are ready for more."""
    told = by_question(verdicts)
    apart = contradicted(verdicts, rules.order)
    if apart:
        rest = f"など{len(apart)}つ" if len(apart) > NAMED else ""
        names = "」「".join(rules[question].axis for question in apart[:NAMED])
        return f"「{names}」{rest}は、お答えと記録が違って見えます。ご一緒に確かめてみましょう"
    ready = list(told.values()).count("ready")
    if ready:
        return f"お答えと違う記録は見あたりません。{ready}つの質問では、A への土台になる記録がもうあります"
    if told:
        spoken = "supported" in told.values()
        return "お答えと違う記録は、見あたりません" if spoken else NOTHING_TO_COMPARE
    known = int(verdicts["ground"].isin(("holds", "fails")).sum())
    if known:
        return f"お答えをいただく前に、記録から分かることが{known}つあります"
    return "くらべられる記録が、まだありません"
