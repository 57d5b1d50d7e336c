"""A run as the consultant asks for it: clients found, reports made over an executor, everything said and recorded."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from filelock import FileLock

from horetsu_utils import batch_record, client, executors, forking, interpreter, language, resuming
from horetsu_utils.batch import Batch
from horetsu_utils.batch_screen import Screen, summary
from horetsu_utils.client import Client
from horetsu_utils.course import ENDED, FAILED, KEPT, Course
from horetsu_utils.errors import ConfigError, HoretsuError, shorten
from horetsu_utils.steps import Failure, Job

LOCK = ".running.lock"
GIGABYTE = 1_000_000_000


def run(names: Sequence[str], job: Job, *, executor: str, workers: int, retry: int) -> int:
    """Make the reports of some clients, each as `job` says and in its own language; return the worst exit status.

    Errors
        ConfigError when no client is named, or the executor cannot be had; PlacingError when the record of several
        clients cannot be written
    """
    if not names:
        raise ConfigError(
            "どのクライアントのレポートを作るかが、書かれていません。",
            next_step="horetsu run のあとに、クライアントのIDを書くか、--all を付けてください。",
        )
    found, others = [], defaultdict[str, list[str]](list)
    for name in names:
        each = _found(name)
        if isinstance(each, Client) and each.config.lang != language.chosen():
            others[each.config.lang].append(name)
        else:
            found.append((name, each))
    status = _run(found, job, executor=executor, workers=workers, retry=retry) if found else 0
    words = [*_as_typed(job), f"--executor={executor}", f"--workers={workers}", f"--retry={retry}"]
    return max(status, *(interpreter.handed("run", [*named, *words], lang) for lang, named in others.items()), 0)


def _found(name: str) -> Client | Failure:
    """Find a client, with a place for its lock; one that is not to be found has failed before it begins."""
    try:
        found = client.find(name)
        found.cache.mkdir(exist_ok=True)
    except (HoretsuError, OSError) as error:
        return Failure.of(error)
    return found


def _as_typed(job: Job) -> list[str]:
    """Return what was asked as the words of the command."""
    limits = job.limits
    words = [f"--out={job.address or job.target}", f"--as-of={job.as_of}", *(f"--only={name}" for name in job.only)]
    words += [f"--minutes={limits.seconds / 60}", f"--memory={limits.memory_bytes / GIGABYTE}"]
    return words + [
        flag for flag, wanted in (("--pdf", job.pdf), ("--resume", job.resume), ("--fresh", not limits.warm)) if wanted
    ]


def _run(found: Sequence[tuple[str, Client | Failure]], job: Job, *, executor: str, workers: int, retry: int) -> int:
    target, several = Path(job.target), len(found) > 1
    courses = [_course(name, each, job, absolute=executor != executors.THREADS) for name, each in found]
    if job.limits.warm and executor == executors.THREADS and any(each.state not in ENDED for each in courses):
        forking.warm_up("horetsu_utils.quick_schema", "horetsu_utils.runner")
    with executors.executor(executor, workers) as (pool, slots):
        try:
            with Screen(courses, target) as screen:
                Batch(courses, pool, slots=slots, retry=retry, seen=screen.seen).run()
        finally:
            record = batch_record.write(courses, target) if several else target
    if several:
        summary(courses, record)
    return batch_record.status(courses)


def _course(name: str, found: Client | Failure, job: Job, *, absolute: bool) -> Course:
    if isinstance(found, Failure):
        return Course(replace(job, client=name), shorten(name), None, state=FAILED, failure=found)
    if absolute:
        job = replace(job, target=str(Path(job.target).resolve()))
        name = str(found.folder.resolve())
    course = Course(replace(job, client=name), found.id, FileLock(found.cache / LOCK, thread_local=False))
    if job.resume:
        course.kept = resuming.standing(found, resuming.key(found, job.asked), Path(job.target), job.address)
        course.state = KEPT if course.kept else course.state
    return course
