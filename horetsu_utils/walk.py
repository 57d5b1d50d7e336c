"""Walk many customers' dated signals at once: the one computation here that no window function can say.

A stage depends on the stage before it, signal by signal, so each customer is a chain. Step k takes the k-th signal of
every customer that has one: as many steps as the longest chain, each over whole arrays.
"""

from dataclasses import dataclass

import numpy as np

from horetsu_utils.relation import COOLING, HIGHEST_STAGE, StageRhythm

_NEVER = 2**30


@dataclass(frozen=True)
class Spells:
    """One entry per spell: an unbroken time at one stage, warm or cooling; `owner` is the customer's place.

    Days are counted from 1970. A spell holds from `first` up to the first day of the owner's next; one of no length
    stands for a stage passed through within a day. `since` is the day on which the stage was entered, `cooled` the day
    on which it began to cool (meaningless while it is warm).
    """

    owner: np.ndarray
    stage: np.ndarray
    cooling: np.ndarray
    since: np.ndarray
    cooled: np.ndarray
    first: np.ndarray


@dataclass(frozen=True)
class _Runs:
    """Runs of signals that change nothing between them: the stage held, and when it would cool if nothing followed."""

    owner: np.ndarray
    stage: np.ndarray
    first: np.ndarray
    cool_day: np.ndarray
    following: np.ndarray


def walk(starts: np.ndarray, days: np.ndarray, levels: np.ndarray, *, rhythm: StageRhythm, last_day: int) -> Spells:
    """Lead every customer along their signals, up to `last_day`.

    Shape
        starts: the place of each customer's first signal, and at the end the number of signals; days, levels: one
        entry per signal, a customer's in order of day, then level -> Spells, a customer's in order of time
    Errors
        none
    Source
        METHOD.md section 3: a stage is reached from the one below, or by a signal of stage 4; silence beyond the
        stage's rhythm, or a cooling signal, cools it; every further `regress_days` take one stage away
    """
    stage, cool_day = _after_each(starts, days, levels, rhythm)
    newcomer = np.zeros(len(days), dtype=bool)
    newcomer[starts[:-1]] = True
    begin = np.flatnonzero(newcomer | _changes(stage, cool_day, days))
    end = np.append(begin[1:], len(days))[: len(begin)] - 1
    following = np.append(days[1:], days[:1])
    following[starts[1:] - 1] = last_day + 1
    owner = np.cumsum(newcomer[begin], dtype=np.int32) - 1
    return _joined(*_laid_out(_Runs(owner, stage[begin], days[begin], cool_day[end], following[end]), rhythm))


def _after_each(
    starts: np.ndarray, days: np.ndarray, levels: np.ndarray, rhythm: StageRhythm
) -> tuple[np.ndarray, np.ndarray]:
    """Return the stage after each signal, and the day on which it cools if no other signal comes."""
    counts = np.diff(starts)
    begin, counts = starts[:-1][np.argsort(-counts, kind="stable")], np.sort(counts)
    silence = np.array(rhythm.silence_days, dtype=np.int32)
    stage, cool_day = np.zeros(len(counts), dtype=np.int8), np.full(len(counts), _NEVER, dtype=np.int32)
    stages, cool_days = np.empty(len(days), dtype=np.int8), np.empty(len(days), dtype=np.int32)
    for step in range(counts[-1] if len(counts) else 0):
        going = len(counts) - np.searchsorted(counts, step, side="right")
        place = begin[:going] + step
        day, level, cool = days[place], levels[place], cool_day[:going]
        falls = np.clip((day - cool) // rhythm.regress_days, 0, stage[:going])
        before, cool = stage[:going] - falls.astype(np.int8), cool + falls * rhythm.regress_days
        rises = (level == before + 1) | ((level == HIGHEST_STAGE) & (before < HIGHEST_STAGE))
        now = np.where(rises, level, before)
        warms = (level > 0) & (level != COOLING)
        quiet = np.where(level == COOLING, np.minimum(cool, day), cool)
        stages[place] = stage[:going] = now
        cool_days[place] = cool_day[:going] = np.where(warms, day + silence[now] + 1, quiet)
    return stages, cool_days


def _changes(stage: np.ndarray, cool_day: np.ndarray, days: np.ndarray) -> np.ndarray:
    """Tell which signals change anything: the others only keep a warm stage warm."""
    change = np.ones(len(days), dtype=bool)
    change[1:] = (stage[1:] != stage[:-1]) | (cool_day[:-1] <= days[1:]) | (cool_day[1:] <= days[1:])
    return change


def _laid_out(runs: _Runs, rhythm: StageRhythm) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Lay each run out as one warm spell and, stage by stage, the cooling ones: owner, stage, cooling, first day."""
    warm = (runs.stage == 0) | (runs.cool_day > runs.first)
    cools = (runs.stage > 0) & (runs.cool_day < runs.following)
    lost = np.minimum((runs.following - 1 - runs.cool_day) // np.int32(rhythm.regress_days), runs.stage)
    falls = np.where(cools, lost + np.int32(1), np.int32(0))
    rows = warm + falls
    begins = np.cumsum(rows, dtype=np.int32) - rows
    run = np.repeat(np.arange(len(rows), dtype=np.int32), rows)
    fall = np.arange(len(run), dtype=np.int32) - (begins + warm)[run]  # -1 for the warm spell
    stage = runs.stage[run] - np.maximum(fall, 0).astype(np.int8)
    day = np.where(fall < 0, runs.first[run], runs.cool_day[run] + fall * np.int32(rhythm.regress_days))
    return runs.owner[run], stage, (fall >= 0) & (stage > 0), np.maximum(day, runs.first[run])


def _joined(owner: np.ndarray, stage: np.ndarray, cooling: np.ndarray, first: np.ndarray) -> Spells:
    """Join neighbours that are the same, and carry the days on which each stage, and each cooling, began."""
    newcomer = _differs(owner)
    moved, turned = newcomer | _differs(stage), newcomer | _differs(cooling)
    kept = moved | turned
    since, cooled = (first[_latest(begins)][kept] for begins in (moved, turned))
    return Spells(owner[kept], stage[kept], cooling[kept], since, cooled, first[kept])


def _latest(begins: np.ndarray) -> np.ndarray:
    """Return, for each entry, the place of the last beginning up to it."""
    return np.maximum.accumulate(np.where(begins, np.arange(len(begins), dtype=np.int32), np.int32(0)))


def _differs(values: np.ndarray) -> np.ndarray:
    """Tell which entries differ from the one before; the first does."""
    found = np.ones(len(values), dtype=bool)
    found[1:] = values[1:] != values[:-1]
    return found
