"""Many clients × chapters over any concurrent.futures.Executor: what is nearest to a whole report is done first."""

import heapq
import shutil
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Executor, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from filelock import Timeout

from horetsu_utils import forking, steps
from horetsu_utils.chapters import Plan
from horetsu_utils.course import DONE, ELSEWHERE, ENDED, FAILED, READING, RUNNING, WRITING, Course
from horetsu_utils.steps import ASIDE, Beside, Failure, Page, Ready

PUBLISH, BESIDE, EXECUTE, PREPARE = range(4)
"""The steps in the order in which they are done when several could be: a report begun is finished before the next."""
STATES = {PREPARE: READING, EXECUTE: RUNNING, BESIDE: RUNNING, PUBLISH: WRITING}
LOOK_AGAIN_SECONDS = 0.5


@dataclass
class _Task:
    """One step of one course, tried for the `attempt`th time."""

    step: int
    course: Course
    plan: Plan | None = None
    attempt: int = 1


class Batch:
    """The courses of several clients over an executor that does `slots` steps at a time.

    A step whose failure may pass is tried again up to `retry` times; `seen` hears of each course that moved.
    """

    def __init__(
        self,
        courses: Sequence[Course],
        pool: Executor,
        *,
        slots: int,
        retry: int = 0,
        seen: Callable[[Course], None] = lambda course: None,
    ):
        self._courses, self._pool, self._slots, self._retry, self._seen = courses, pool, slots, retry, seen
        self._waiting: list[tuple[int, int, _Task]] = []
        self._pending: dict[Future[Any], _Task] = {}
        self._asked = 0
        self._folders: set[Path] = set()
        for course in courses:
            self._ask(_Task(PREPARE, course))

    def run(self) -> None:
        """Bring every course to its end."""
        with self._stopped_together():
            while self._waiting or self._pending:
                self._hand_out()
                if self._waiting and not self._pending:  # every client that is left is being worked on elsewhere
                    time.sleep(LOOK_AGAIN_SECONDS)
                for future in wait(self._pending, LOOK_AGAIN_SECONDS, FIRST_COMPLETED).done:
                    self._arrived(self._pending.pop(future), _result(future))

    @contextmanager
    def _stopped_together(self) -> Iterator[None]:
        """When the run is broken off, end what was begun and leave nothing half-written."""
        try:
            yield
        except BaseException:
            for future in self._pending:
                future.cancel()
            while wait(self._pending, LOOK_AGAIN_SECONDS / 5).not_done:
                forking.stop()
            for course in self._courses:
                _let_go(course)
            raise

    def _ask(self, task: _Task) -> None:
        self._asked += 1
        heapq.heappush(self._waiting, (task.step, self._asked, task))

    def _hand_out(self) -> None:
        """Hand out steps while there are hands."""
        later = []
        while self._waiting and len(self._pending) < self._slots:
            _, _, task = heapq.heappop(self._waiting)
            if task.course.state in ENDED:
                self._seen(task.course)
                continue
            if not self._may_begin(task):
                later.append(task)
                continue
            self._move(task.course, STATES[task.step])
            self._pending[self._submitted(task)] = task
        for task in later:
            self._ask(task)

    def _may_begin(self, task: _Task) -> bool:
        course = task.course
        if course.is_large and any(each.course.is_large for each in self._pending.values()):
            return False
        if course.began or not course.lock:
            return True
        try:
            course.lock.acquire(timeout=0)
        except Timeout:
            self._move(course, ELSEWHERE)
            return False
        course.began = time.monotonic()
        return True

    def _submitted(self, task: _Task) -> Future[Any]:
        """Hand out one step; where it is done by a thread of this process, hear how it goes on."""
        course, near = task.course, isinstance(self._pool, ThreadPoolExecutor)
        if course.ready is None:
            return self._pool.submit(steps.prepare, course.job, *([course.hear] if near else []))
        if task.plan is not None:
            counted = [course.count(task.plan.path.stem)] if near else []
            return self._pool.submit(steps.execute, course.ready, task.plan, *counted)
        if task.step == BESIDE:
            return self._pool.submit(steps.beside, course.ready)
        executed = tuple(course.executed[plan.path.stem] for plan in course.plans)
        return self._pool.submit(steps.publish, course.ready, executed, course.beside)

    def _arrived(self, task: _Task, result: Any) -> None:
        course = task.course
        if isinstance(result, Failure) and result.passing and task.attempt <= self._retry:
            self._ask(replace(task, attempt=task.attempt + 1))
        elif isinstance(result, Failure):
            course.failure = course.failure or result
            self._end(course, FAILED)
        elif course.state not in ENDED:
            self._go_on(course, task, result)
        if course.state in ENDED and all(each.course is not course for each in self._pending.values()):
            _let_go(course)

    def _go_on(self, course: Course, task: _Task, result: Any) -> None:
        match result:
            case Ready():
                self._ready(course, result)
            case Page():
                course.page = result
                self._end(course, DONE)
            case _:
                if isinstance(result, Beside):
                    course.beside = result
                else:
                    course.executed[task.plan.path.stem if task.plan else ""] = result
                if course.is_complete:
                    self._ask(_Task(PUBLISH, course))
                self._seen(course)

    def _ready(self, course: Course, ready: Ready) -> None:
        course.ready = ready
        if ready.folder in self._folders:
            course.failure = _twice(ready)
            self._end(course, FAILED)
        else:
            self._folders.add(ready.folder)
            if ready.has_beside:
                self._ask(_Task(BESIDE, course))
            for plan in sorted(ready.plans, key=lambda plan: -plan.cells):  # at the end no hand waits for a long one
                self._ask(_Task(EXECUTE, course, plan))

    def _end(self, course: Course, state: str) -> None:
        if course.state not in ENDED:
            course.seconds = time.monotonic() - course.began
            self._move(course, state)

    def _move(self, course: Course, state: str) -> None:
        if course.state != state:
            course.state = state
            self._seen(course)


def _let_go(course: Course) -> None:
    if course.ready:
        shutil.rmtree(course.ready.folder / ASIDE, ignore_errors=True)
    if course.lock:
        course.lock.release()


def _result(future: Future[Any]) -> Any:
    """Return what a step returned; where its worker was lost, a failure that may pass."""
    try:
        return future.result()
    except Exception as error:
        return Failure(
            f"計算をしていた機械から、答えが返ってきませんでした({type(error).__name__})。",
            next_step="もう一度お試しください。--resume を付けると、できているところの続きから始めます。",
            passing=True,
        )


def _twice(ready: Ready) -> Failure:
    return Failure(
        "同じ名前(ID)のクライアントが2つあり、レポートの置き場所が同じになります。",
        where=f"{ready.job.client} → {ready.folder}",
        next_step="どちらかのフォルダの名前を変えるか、--out で置き場所を分けて、1つずつお試しください。",
    )
