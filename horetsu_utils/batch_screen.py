"""A batch on the consultant's screen: where each client stands while it runs, and what came of it."""

import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rich.console import Group, RenderableType
from rich.live import Live
from rich.markup import escape
from rich.progress_bar import ProgressBar
from rich.table import Table

from horetsu_utils import batch_record, screen
from horetsu_utils.course import DONE, ELSEWHERE, ENDED, FAILED, KEPT, QUEUED, READING, RUNNING, WRITING, Course
from horetsu_utils.privacy import CONSULTANT
from horetsu_utils.screen import err, tell

BAR_WIDTH = 30
MOST_SHOWN = 20
"""So many clients at work are shown at a time: a screen is no longer."""
STATES = {
    QUEUED: "これから",
    ELSEWHERE: "ほかの画面で作成中です。終わるのを待っています",
    READING: "データを読んでいます",
    RUNNING: "章を作っています",
    WRITING: "1冊にまとめています",
    DONE: "できました",
    KEPT: "前回のまま",
    FAILED: "できませんでした",
}


class Screen:
    """The live table, and the lines that stay."""

    def __init__(self, courses: Sequence[Course], target: Path):
        self._courses, self._target = courses, target
        self._several = len(courses) > 1
        self._told: set[int] = set()
        self._began = time.monotonic()
        self._live = Live(console=err, get_renderable=self._table, refresh_per_second=4, transient=True)

    def __enter__(self) -> "Screen":
        """Begin to show."""
        if err.is_terminal:
            self._live.start()
        return self

    def __exit__(self, *problem: object) -> None:
        """Leave only the lines."""
        self._live.stop()

    def seen(self, course: Course) -> None:
        """Tell once what came of a client, and note it beside its reports."""
        if course.state == ELSEWHERE and not err.is_terminal:
            err.print(f"{course.name}: {STATES[ELSEWHERE]}。", markup=False, highlight=False)
        if course.state in ENDED and id(course) not in self._told:
            self._told.add(id(course))
            batch_record.note(course, self._target)
            self._warn(course)
            _tell_end(course, self._target)

    def _warn(self, course: Course) -> None:
        notes = [course.ready.warnings.rstrip("\n")] if course.ready else []
        for text in filter(None, notes):
            head = f"{course.name}:\n" if self._several else ""
            err.print(head + text, markup=False, highlight=False, soft_wrap=True)

    def _table(self) -> RenderableType:
        return Group(self._clients(), self._counts()) if self._several else _chapters(self._courses[0])

    def _clients(self) -> Table:
        table = Table(box=None, pad_edge=False)
        for heading in ("お店", "章", "いま"):
            table.add_column(heading, overflow="fold")
        at_work = [each for each in self._courses if each.state not in (QUEUED, *ENDED)]
        for course in at_work[:MOST_SHOWN]:
            done, whole = len(course.executed), len(course.plans)
            table.add_row(escape(course.name), f"{done}/{whole}" if whole else "", _now(course))
        return table

    def _counts(self) -> str:
        counts = Counter(each.state for each in self._courses)
        told = [f"{STATES[state]} {counts[state]}" for state in (DONE, KEPT, FAILED, QUEUED) if counts[state]]
        return f"{'・'.join(told)}(全{len(self._courses)}件、{time.monotonic() - self._began:.0f}秒)"


def _chapters(course: Course) -> Table:
    """Show one client's chapters, each with a bar of its cells, and what is being done."""
    table = Table(box=None, pad_edge=False, show_header=False)
    for plan in course.plans:
        done, total = course.cells.get(plan.path.stem, (0, 1))
        whole = plan.path.stem in course.executed
        bar = ProgressBar(total=total, completed=total if whole else done, width=BAR_WIDTH)
        table.add_row("✓" if whole else "", escape(plan.title), bar)
    table.add_row("", _now(course), "")
    return table


def summary(courses: Sequence[Course], record: Path) -> None:
    """Say at the end of many what became of all, and of each that failed why."""
    counts = Counter(each.state for each in courses)
    tell(f"できました {counts[DONE]}件・前回のまま {counts[KEPT]}件・できませんでした {counts[FAILED]}件")
    failed = [each for each in courses if each.failure]
    if failed:
        table = Table(title="できなかったお店", title_justify="left", show_lines=True)
        for heading in ("お店", "わけ", "次に"):
            table.add_column(heading, overflow="fold")
        for each in failed:
            table.add_row(escape(each.name), *(escape(text) for text in _why(each)))
        screen.err.print(table)
    tell(f"この回の記録: {record}")


def _now(course: Course) -> str:
    return escape(course.doing) if course.state == READING and course.doing else STATES[course.state]


def _why(course: Course) -> tuple[str, str]:
    failure: Any = course.failure
    return failure.what, failure.next_step


def _tell_end(course: Course, target: Path) -> None:
    page = batch_record.page(course)
    if course.failure:
        screen.refuse(course.failure.error, course.failure.trace)
    elif course.page is None:
        tell(f"前回から何も変わっていないので、そのままにしました: {page}")
    else:
        for note in course.page.notes:
            tell(note)
        tell(f"コンサルタント用の控え(お店の外に出さないでください): {course.page.page.parent / CONSULTANT}")
        if course.page.pdf:
            tell(f"印刷用の PDF ができました: {course.page.pdf}")
        tell(f"レポートができました: {page}")
