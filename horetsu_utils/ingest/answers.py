"""The answers of the diagnosis as people write them: which of the ten questions, and which of the four letters."""

import re

import ibis
import ibis.expr.types as ir

from horetsu_utils.canon import QUESTIONS
from horetsu_utils.ingest import cast
from horetsu_utils.ingest.normalise import folded

TABLE = "answers"
CONFLICT = "conflict"
FACT = ("question", "answered_by", "date")
"""What an answer answers: who was asked what, and when. Of these there is one answer."""
_MARK = "(?:q|問い?|質問|設問)"
_QUESTION = re.compile(rf"(?P<mark>{_MARK}[.\-]?\s*)?0?(?P<number>\d{{1,2}})(?P<rest>.*)", re.DOTALL)
_TWO_QUESTIONS = re.compile(rf"[\W_とやか]*(?:{_MARK}\W*)?\d+\W*$|.*(?:q|問)\W*\d|\.\d", re.DOTALL)
_LETTER = re.compile(r"\(?(?P<letter>[a-d])(?P<rest>(?:[.:)、。,(\s].*)?)", re.DOTALL)
_OTHERS = re.compile(r"(?<![a-z0-9])[a-d](?![a-z0-9])")
_LONE_LETTER = re.compile(r"\W*[a-z]\W*")


def meant(column: str, word: str) -> str | None:
    """Return the question or answer that somebody has written, or None where it is not clear which.

    `Ｑ１`, `問1`, `1.` and `Q1. 年間LTV…` are Q1; `Ａ`, `a` and `A：よく見ている` are A. `Q1、2` and `A、C` are two.
    """
    return {"question": _question, "answer": _answer}[column](folded(word))


def _question(word: str) -> str | None:
    found = _QUESTION.fullmatch(word)
    if found is None or _TWO_QUESTIONS.match(found["rest"]):
        return None
    first, code = found["rest"][:1], f"Q{int(found['number'])}"
    is_apart = not re.match(r"\w", first) or (found["mark"] and not first.isdecimal())
    return code if is_apart and code in QUESTIONS else None


def _answer(word: str) -> str | None:
    found = _LETTER.fullmatch(word)
    if found is None or _LONE_LETTER.fullmatch(found["rest"]) or {*_OTHERS.findall(found["rest"])} - {found["letter"]}:
        return None
    return found["letter"].upper()


def told(typed: ir.Table) -> ir.Table:
    """Refuse, of the typed answers of one file, all those where one person gave different answers to one question."""
    sound = typed[cast.PROBLEM].isnull() & ~typed.is_out_of_scope
    answer, same = sound.ifelse(typed.answer, None), ibis.window(group_by=FACT)
    differs = (sound & (answer.min().over(same) != answer.max().over(same))).fill_null(False)
    refused = {cast.PROBLEM: ibis.literal(f"{CONFLICT}|answer"), cast.VALUE: typed.answer}
    return typed.mutate(**{name: differs.ifelse(value, typed[name]) for name, value in refused.items()})
