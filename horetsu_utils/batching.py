"""A run as the consultant asks for it: clients found, reports made over an executor, everything said and recorded."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from filelock import FileLock

from horetsu_utils import batch_record, client, executors, forking
from horetsu_utils.batch import FAILED, Batch, Course
from horetsu_utils.batch_screen import Screen, summary
from horetsu_utils.errors import ConfigError, HoretsuError, shorten
from horetsu_utils.steps import Failure, Job

LOCK = ".running.lock"


def run(names: Sequence[str], job: Job, *, executor: str, workers: int, retry: int) -> int:
    """Make the reports of some clients, each as `job` says; return the worst exit status.

    Errors
        ConfigError when no client is named, or the executor cannot be had; PlacingError when the record of several
        clients cannot be written
    """
    if not names:
        raise ConfigError(
            "どのクライアントのレポートを作るかが、書かれていません。",
            next_step="horetsu run のあとに、クライアントのIDを書くか、--all を付けてください。",
        )
    target, several = Path(job.target), len(names) > 1
    if job.limits.warm and executor == executors.THREADS:
        forking.warm_up()
    with executors.executor(executor, workers) as (pool, slots):
        courses = [_course(name, job, absolute=executor != executors.THREADS) for name in names]
        try:
            with Screen(courses, target) as screen:
                Batch(courses, pool, slots=slots, retry=retry, seen=screen.seen).run()
        finally:
            record = batch_record.write(courses, target) if several else target
    if several:
        summary(courses, record)
    return batch_record.status(courses)


def _course(name: str, job: Job, *, absolute: bool) -> Course:
    """Find a client; one that is not to be found has failed before it begins."""
    try:
        found = client.find(name)
        lock = found.cache / LOCK
        lock.parent.mkdir(exist_ok=True)
    except (HoretsuError, OSError) as error:
        told = Failure.of(error)
        return Course(replace(job, client=name), shorten(name), None, state=FAILED, failure=told)
    if absolute:
        job = replace(job, target=str(Path(job.target).resolve()))
        name = str(found.folder.resolve())
    return Course(replace(job, client=name), found.id, FileLock(lock, thread_local=False))
