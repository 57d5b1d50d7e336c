"""What is said of a shop's figures on two days: which moved for sure, and of which that cannot be said."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from horetsu_utils.movement import moved_words
from horetsu_utils.privacy import FEW, LEAST_GROUP
from horetsu_utils.wording import count, figure
from horetsu_utils.words import COLUMNS

SURE, OPEN, COUNTED = "sure", "open", "counted"
UNITS = {"buyers": "customer", "orders": "order", "sales_yen": "yen", "annual_ltv_yen": "yen"}
"""The units of the figures that are no ratio."""
PLAIN = ("buyers", "orders", "sales_yen")
SHARES = ("repeat_ratio", "near_ratio", "cooling_ratio")
"""What is said without the people behind it, and what is a plain share of people."""
NONE = "±0"
NO_CHANGE = "どの数字にも、はっきりした差は見られませんでした。"
NOTHING_COMPARED = "割合や平均を比べられるだけの記録が、まだありません。"
NOTES = (
    "「差」のかっこの中は、人数が限られるための誤差の幅(95%信頼区間)です。幅が0をまたぐときは、差があるとは言えません。"
    "たまたまでも、20回に1回ほどは、幅が0から外れます。",
    "両方の日に数えられている方がいることも、見込んで計算しています。人数・回数・売上は、数えたそのままです。"
    "お気持ちは、よく記録する方もたまに記録する方も、同じ重さで数えています。",
    "差には、季節による違いも含まれます。なぜ動いたかは、この表だけでは分かりません。",
    f"1人から{LEAST_GROUP - 1}人までの集まりは、どなたか分かってしまわないように「{FEW}」としています。",
)
_UNCLEAR = "はっきりした差とは言えません"
_VERDICTS = {
    "more": "高くなりました",
    "less": "低くなりました",
    "unclear": _UNCLEAR,
    "few": "{least}人に満たないため、比べていません",
    "young": "前の日は記録が1年に満たないため、比べていません",
    "begun": "この間に始まった記録があるため、比べていません",
    "folded": f"{FEW}のため、比べていません",
    "added": "",
}
_COMPARED = ("more", "less", "unclear")


@dataclass(frozen=True)
class Scope:
    """What the figures are of: days, stages' names, the fewest people that allow a claim, and the currency."""

    period_days: int
    reading_day: int
    feeling_days: int
    stage_names: Mapping[str, str]
    least: int
    currency: str


@dataclass(frozen=True)
class Side:
    """A figure on one day in words, and of how many people it tells; `part` is how many stand behind a share."""

    words: str
    of: str = ""
    part: str = ""


@dataclass(frozen=True)
class Row:
    """One figure on both days in words; `kind` tells whether the difference is sure, open, or counted."""

    name: str
    who: str
    before: Side
    now: Side
    moved: str
    span: str
    verdict: str
    kind: str


def few(number: float) -> bool:
    """Tell whether a group may be known by its number; an unknown number is none."""
    return 0 < number < LEAST_GROUP


def people(number: float) -> str:
    """Say how many people; a group under five is not told."""
    return FEW if few(number) else count(number, "customer")


def rows(figures: pd.DataFrame, scope: Scope) -> list[Row]:
    """Word every figure on both days, its difference, and whether there is one for sure."""
    return [_row(each, scope) for each in figures.to_dict("records")]


def headlines(told: Sequence[Row]) -> list[tuple[str, str]]:
    """Say which figures moved for sure, and by how much at least and at most; where none did, that."""
    sure = [
        (f"{row.name}は、{_with(row.before)}から{_with(row.now)}に{row.verdict}。", f"差は、{row.span}")
        for row in told
        if row.kind == SURE
    ]
    if sure:
        return sure
    return [(NO_CHANGE if any(row.verdict == _UNCLEAR for row in told) else NOTHING_COMPARED, "")]


def _with(side: Side) -> str:
    return f"{side.words}({side.part})" if side.part else side.words


def _row(each: Mapping[str, Any], scope: Scope) -> Row:
    key, unit = each["key"], UNITS.get(each["key"], "ratio")
    name, who = _names(scope)[key]
    before, now = (_side(each, side, scope.currency) for side in ("before", "now"))
    verdict = "folded" if FEW in (before.words, now.words) else each["verdict"]
    moved = span = ""
    if verdict == "added":
        moved = _moved(each["difference"], unit, scope.currency)
    elif verdict in _COMPARED:
        moved = moved_words(each["difference"], unit, scope.currency) or NONE
        ends = (each["low"], each["high"])
        span = _between(ends, unit, scope.currency) if verdict == "unclear" else _apart(ends, unit, scope.currency)
    kind = COUNTED if verdict == "added" else SURE if verdict in ("more", "less") else OPEN
    return Row(name, who, before, now, moved, span, _VERDICTS[verdict].format(least=scope.least), kind)


def _side(each: Mapping[str, Any], side: str, currency: str) -> Side:
    """Word a figure on one day, unless it would speak of a group under five."""
    key, whole, part = each["key"], each[f"{side}_customers"], each[f"{side}_part"]
    if few(whole) or few(part):
        return Side(FEW)
    words = figure(each[side], UNITS.get(key, "ratio"), currency)
    if key in SHARES:
        return Side(words, f"{people(whole)}のうち{people(part)}", people(part))
    return Side(words, "" if key in PLAIN else f"{people(whole)}について")


def _moved(difference: float, unit: str, currency: str) -> str:
    """Say the difference of what was counted."""
    if unit == "customer" and few(abs(difference)):
        return f"{FEW}の差"
    return moved_words(difference, unit, currency) or NONE


def _names(scope: Scope) -> dict[str, tuple[str, str]]:
    landed, close = (scope.stage_names.get(code, "") for code in ("1", "2"))
    period = f"{scope.period_days}日間"
    return {
        "buyers": ("買われた方", f"その日までの{period}"),
        "orders": ("ご注文の回数", f"その日までの{period}"),
        "sales_yen": ("売上", f"その日までの{period}"),
        "repeat_ratio": (COLUMNS["repeat_ratio"].japanese, "1年間に買われた方のうち、これまでに2回以上買われた方"),
        "annual_ltv_yen": (COLUMNS["annual_ltv_yen"].japanese, "1年間に買われた方の、お一人あたりの購入金額"),
        "f2_ratio": (
            "2回目のご注文をくださった割合",
            f"はじめての方のうち、{scope.reading_day}日以内に2回目をくださった方(推定)",
        ),
        "near_ratio": ("つながりが芽生えている方の割合", f"記録のある方のうち、「{close}」から先のステージの方"),
        "cooling_ratio": ("冷めかけている方の割合", f"「{landed}」から先のステージの方のうち"),
        "good_ratio": (
            "「良い」の割合",
            f"最近{scope.feeling_days}日のお気持ちの記録のうち",
        ),
        "bad_ratio": (
            "「悪い」の割合",
            f"最近{scope.feeling_days}日のお気持ちの記録のうち",
        ),
    }


def _between(ends: tuple[float, float], unit: str, currency: str) -> str:
    """Say an interval around nothing, with its signs."""
    if unit == "ratio":
        return "〜".join(f"{round(100 * each, 1) + 0.0:+.1f}" for each in ends).replace("-", "−") + "ポイント"
    return "〜".join(moved_words(each, unit, currency) or NONE for each in ends)


def _apart(ends: tuple[float, float], unit: str, currency: str) -> str:
    """Say how far two figures lie apart at least and at most."""
    near, far = sorted(map(abs, ends))
    if unit == "ratio":
        return f"{100 * near:.1f}〜{100 * far:.1f}ポイント"
    return f"{figure(near, unit, currency)}〜{figure(far, unit, currency)}"
