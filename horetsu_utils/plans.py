"""Planned actions as a person wrote them → what each does, at whom it is aimed, or why it cannot be judged."""

import datetime as dt
import re
import unicodedata
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from horetsu_utils import language, phrases
from horetsu_utils.errors import nearest, shorten
from horetsu_utils.relation import ContactRules, GuardRules, Prohibition

ALL, STAGE, SEGMENT, CUSTOMER = "all", "stage", "segment", "customer"
EVERYBODY = ("", "全員", "全会員", "全顧客", "すべて", "全て", "お客様全員", "全体", "all")
ENDINGS = ("のお客様", "の方々", "の方", "のかた", "の層", "層", "様")
"""What people add to the name of a stage or segment."""
INFO_FLOOD = "info_flood"
_BETWEEN = re.compile(r"[、,;/・&\n\t ]+")
_STAGES = re.compile(r"(?:ステージ|stage)([0-9])(?:[-~〜](?:ステージ|stage)?([0-9]))?", re.IGNORECASE)
_ID = re.compile(r"[A-Za-z0-9._:@+-]+")


@dataclass(frozen=True)
class Terms:
    """The names a target may use: stages (by number as text) and segments (by code), and their Japanese."""

    stages: Mapping[str, str]
    segments: Mapping[str, str]


@dataclass(frozen=True)
class Planned:
    """One planned action. `actions` are codes, each with the words that gave it away (none where the code was given).

    `aims` are pairs of kind and value, none where it cannot be judged; `problem` says, in words for the consultant, why
    it cannot be judged, or not for all its customers.
    """

    place: int
    campaign_id: str
    date: dt.date
    channel: str
    subject: str
    target: str
    aims: tuple[tuple[str, str], ...]
    actions: Mapping[str, tuple[str, ...]]
    is_long: bool
    is_discount: bool
    problem: str = ""

    @property
    def customer_ids(self) -> tuple[str, ...]:
        """The customers that its target names one by one."""
        return tuple(value for kind, value in self.aims if kind == CUSTOMER)

    def among(self, known: Collection[str]) -> "Planned":
        """Return the action aimed at those of its named customers whom the shop knows; strangers are told."""
        strangers = [each for each in self.customer_ids if each not in known]
        if not strangers:
            return self
        named = "、".join(shorten(each, 20) for each in strangers[:3]) + (" など" if len(strangers) > 3 else "")
        told = f"対象のお客様 {len(strangers):,} 人が見つかりません({named})。顧客番号を確かめてください。"
        aims = tuple((kind, value) for kind, value in self.aims if kind != CUSTOMER or value in known)
        return replace(self, aims=aims, problem=self.problem or told)


def read(rows: Iterable[Mapping[str, Any]], *, rules: GuardRules, terms: Terms, as_of: dt.date) -> list[Planned]:
    """Read planned actions, one per row of the canonical table `campaigns`.

    Errors
        none; what cannot be judged says so in `problem`
    """
    return [_planned(place, row, rules, terms, as_of) for place, row in enumerate(rows)]


def _planned(place: int, row: Mapping[str, Any], rules: GuardRules, terms: Terms, as_of: dt.date) -> Planned:
    subject, body = row["subject"] or "", row["body"] or ""
    aims, problem = aimed(row["target"] or "", terms)
    length = row["length"] if row["length"] is not None else len(body)
    too_long = len(subject) + len(body) > phrases.LONGEST_TEXT
    actions = {} if too_long else does(subject, body, rules, code=row["action"])
    named = not too_long and phrases.any_of(f"{subject}\n{body}", rules.contact.discount_words)
    discount = (row["discount_rate"] or 0) > 0 or named
    problems = (_past(row["date"], as_of), _too_long(len(subject) + len(body)) if too_long else "", problem)
    problem = next(filter(None, problems), "")
    return Planned(
        place,
        row["campaign_id"],
        row["date"],
        row["channel"],
        subject,
        row["target"] or "",
        () if problem else aims,
        actions,
        length >= rules.contact.long_characters,
        discount,
        problem,
    )


def does(subject: str, body: str, rules: GuardRules, *, code: str | None = None) -> dict[str, tuple[str, ...]]:
    """Tell which actions of the rule table a letter contains, each with the words that show it.

    Shape
        subject, body, and the code the plan gives itself -> action code -> words (none for the code itself)
    Errors
        none
    Source
        METHOD.md section 3; templates/rules/guard.yaml
    """
    text = f"{subject}\n{body}"
    found = phrases.matched(text, rules.prohibitions)
    if flooded := _flooded(body, rules.contact):
        found[INFO_FLOOD] = (*found.get(INFO_FLOOD, ()), flooded)
    return found | ({code: found.get(code, ())} if code else {})


def _flooded(body: str, rules: ContactRules) -> str:
    topics = phrases.topics(body)
    if len(body) > rules.flood_characters:
        return f"本文が{len(body):,}文字"
    return f"話題が{topics}つ" if topics >= rules.flood_topics else ""


def aimed(target: str, terms: Terms) -> tuple[tuple[tuple[str, str], ...], str]:
    """Read at whom an action is aimed: stages, segments, or customers by their numbers.

    Shape
        the words of a target -> pairs (kind, value), and what is wrong with them in Japanese ("" if nothing)
    Errors
        none
    """
    text = unicodedata.normalize("NFKC", target).strip()
    if text.lower() in EVERYBODY:
        return ((ALL, ""),), ""
    text = re.sub(r"(ステージ|stage)\s+", r"\1", text, flags=re.IGNORECASE)
    words = [word for word in _BETWEEN.split(text) if word]
    found = [_aim(word, terms) for word in words]
    strange = [word for word, aims in zip(words, found, strict=True) if not aims]
    if not strange:
        return tuple(dict.fromkeys(aim for aims in found for aim in aims)), ""
    if len(strange) == len(words) and all(map(_ID.fullmatch, words)):
        return tuple((CUSTOMER, word) for word in dict.fromkeys(words)), ""
    return (), _unknown_target(strange[0], terms)


def _aim(word: str, terms: Terms) -> tuple[tuple[str, str], ...]:
    bare = next((word.removesuffix(end) for end in ENDINGS if word.endswith(end) and word != end), word)
    if numbers := _STAGES.fullmatch(bare):
        first, last = int(numbers[1]), int(numbers[2] or numbers[1])
        known = [str(stage) for stage in range(first, last + 1) if str(stage) in terms.stages]
        return tuple((STAGE, stage) for stage in known) if len(known) == last - first + 1 else ()
    for kind, names in ((STAGE, terms.stages), (SEGMENT, terms.segments)):
        for code, name in names.items():
            if bare in (name, own := language.message(name), *([code] if kind == SEGMENT else [])) or word in (
                name,
                own,
            ):
                return ((kind, code),)
    return ()


def _unknown_target(word: str, terms: Terms) -> str:
    stages = [f"ステージ{number}" for number in terms.stages]
    known = [*stages, *terms.stages.values(), *terms.segments.values()]
    guess = nearest(word, known)
    hint = f"「{guess}」の書き間違いではありませんか。" if guess else f"使える言葉: {'・'.join(known)}。"
    return f"対象「{shorten(word)}」が分かりません。{hint}顧客番号を「、」で並べることもできます。"


def _past(day: dt.date, as_of: dt.date) -> str:
    if day >= as_of:
        return ""
    return (
        f"日付 {day} が、分析日 {as_of} より前です。日付を確かめてください(もう送ったものは、レポートで振り返ります)。"
    )


def _too_long(characters: int) -> str:
    return f"件名と本文が{characters:,}文字あり、1通のお便りとしては長すぎます。貼り付けたものを確かめてください。"


def rule_of(code: str, rules: GuardRules) -> Prohibition:
    """Return the rule that a code names: a prohibition, or the limit of contacts."""
    return next((rule for rule in rules.prohibitions if rule.action == code), rules.too_often)
