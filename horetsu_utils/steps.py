"""The steps of one client's report: prepare, execute a chapter, write what stands beside the page, publish.

Each can be sent to another machine. A step is a function at the top of this module, and what it takes and returns are
small records of plain values, so any concurrent.futures.Executor can run it. A step never raises: what goes wrong comes
back as a Failure, in words.
"""

import io
import shutil
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from horetsu_utils import forking, workplace
from horetsu_utils.addresses import AddressError
from horetsu_utils.chapters import STAGES, STORY, Limits, Plan, Progress
from horetsu_utils.errors import CANNOT, UNEXPECTED, HoretsuError, NotebookError
from horetsu_utils.placing import of_system
from horetsu_utils.privacy import CONSULTANT, PAGE

if TYPE_CHECKING:
    from horetsu_utils.shop import Shop

Say = Callable[[str], None]
ASIDE = ".horetsu-aside"
"""What a process that was killed leaves here is swept away with all else of such names."""


@dataclass(frozen=True)
class Job:
    """One report that was asked for: the client's folder, the day, the chapters, the folder of all reports.

    `address` is where the client's edition is to be copied, if anywhere.
    """

    client: str
    as_of: str
    only: tuple[str, ...]
    target: str
    pdf: bool = False
    resume: bool = False
    limits: Limits = field(default_factory=Limits)
    address: str = ""

    @property
    def asked(self) -> list[Any]:
        """What of the job decides the report."""
        return [self.as_of, self.only, self.pdf]


@dataclass(frozen=True)
class Ready:
    """A client whose data is read.

    `home` is the client's folder, `folder` that of the report, `about` what each chapter tells of the client, `key` the
    hash of all that decides the report, `warnings` what to look at in the data, `size` what the tables take on disk
    [byte].
    """

    job: Job
    home: Path
    cache: Path
    as_of: str
    folder: Path
    plans: tuple[Plan, ...]
    about: dict[str, Any]
    key: str
    warnings: str
    size: int = 0

    @property
    def has_beside(self) -> bool:
        """Whether something stands beside the page."""
        return any(plan.path.stem in (STAGES, STORY) for plan in self.plans)


@dataclass(frozen=True)
class Beside:
    """What stands beside a page, in a room of its own until the page is written, and what there is to say about it."""

    room: Path
    remark: str


@dataclass(frozen=True)
class Page:
    """A report that was written, its PDF if one was asked for, and what there is to say about it."""

    page: Path
    pdf: Path | None
    notes: tuple[str, ...]


@dataclass(frozen=True)
class Failure:
    """What went wrong, where, and what to do next. `passing`: it may go well another time. `trace` is for the log."""

    what: str
    where: str = ""
    next_step: str = ""
    status: int = CANNOT
    passing: bool = False
    trace: str = ""

    @property
    def error(self) -> HoretsuError:
        """The failure as an error."""
        return HoretsuError(self.what, where=self.where, next_step=self.next_step)

    @classmethod
    def of(cls, error: HoretsuError | OSError) -> "Failure":
        """Return a failure for an error; that of a notebook, an address or the system may pass."""
        told = of_system(error) if isinstance(error, OSError) else error
        passing = isinstance(error, NotebookError | AddressError | OSError)
        return cls(told.what, told.where, told.next_step, passing=passing)


def prepare(job: Job, heard: Say = lambda text: None) -> Ready | Failure:
    """Read a client's files and choose its chapters, in a process of its own."""
    return _in_words(lambda: forking.call(_prepare, job, heard=heard, memory_bytes=job.limits.memory_bytes))


def execute(ready: Ready, plan: Plan, counted: Progress = lambda done, total: None) -> Path | Failure:
    """Run one chapter's notebook in a kernel of its own; the executed copy stays with the consultant."""
    return _in_words(lambda: _execute(ready, plan, counted))


def beside(ready: Ready) -> Beside | Failure:
    """Write the lists and the board, which need no chapter, in a process of its own."""
    return _in_words(lambda: forking.call(_beside, ready, memory_bytes=ready.job.limits.memory_bytes))


def publish(ready: Ready, executed: tuple[Path, ...], aside: Beside | None) -> Page | Failure:
    """Write a client's report from its executed notebooks, in a process of its own."""
    memory = ready.job.limits.memory_bytes
    return _in_words(lambda: forking.call(_publish, ready, executed, aside, memory_bytes=memory))


def _prepare(job: Job, *, say: Say) -> Ready:
    from horetsu_utils import cache, choosing, client, engine, letterhead, placing, resuming
    from horetsu_utils.shop import Shop

    found = client.find(job.client)
    if job.address:
        from horetsu_utils import delivery

        delivery.ready(job.address, found)
    prepared = cache.prepared(found, say=say)
    letterhead.letterhead(found)  # whatever is wrong with it is told before the long work
    shop = Shop.of(found, prepared, as_of=job.as_of)
    plans = tuple(choosing.choose(shop, list(job.only)))
    folder = Path(job.target) / shop.client.id / shop.as_of.isoformat()
    resuming.sweep(folder)
    placing.ready(folder / PAGE)
    about, key = choosing.about(shop), resuming.key(found, job.asked)
    warnings, as_of = _warnings(shop), shop.as_of.isoformat()
    engine.leave()
    size = cache.size(prepared)
    return Ready(job, found.folder.resolve(), prepared, as_of, folder, plans, about, key, warnings, size)


def _warnings(shop: "Shop") -> str:
    from rich.console import Console

    from horetsu_utils import accounts

    told = io.StringIO()
    accounts.warn(shop.account, shop.client.folder, Console(file=told, width=10_000))
    return told.getvalue()


def _execute(ready: Ready, plan: Plan, counted: Progress) -> Path:
    from horetsu_utils import resuming, runner

    output = ready.folder / CONSULTANT / "notebooks" / plan.path.name
    if ready.job.resume and resuming.is_done(output, ready.key):
        return output
    parameters = {"client": str(ready.home), "as_of": ready.as_of}
    about = ready.about | {resuming.KEY: ready.key}
    return runner.run(plan.path, parameters, output, about=about, on_cell=counted, limits=ready.job.limits)


def _shop(ready: Ready) -> "Shop":
    from horetsu_utils import client
    from horetsu_utils.shop import Shop

    return Shop.of(client.find(str(ready.home)), ready.cache, as_of=ready.as_of)


def _beside(ready: Ready, *, say: Say) -> Beside:
    from horetsu_utils import production

    shop, room = _shop(ready), ready.folder / ASIDE
    shutil.rmtree(room, ignore_errors=True)
    return Beside(room, production.beside(shop, {plan.path.stem for plan in ready.plans}, room))


def _publish(ready: Ready, executed: tuple[Path, ...], aside: Beside | None, *, say: Say) -> Page:
    from horetsu_utils import delivery, letterhead, paper, placing, production, resuming

    shop, address = _shop(ready), ready.job.address
    look = letterhead.letterhead(shop.client)
    if aside:
        placing.moved(aside.room, ready.folder)
    page = production.publish(shop, list(executed), ready.folder, look)
    pdf = paper.write(page, page.with_suffix(".pdf")) if ready.job.pdf else None
    workplace.clear(shop.client.cache)  # kernels that were ended could not tidy up
    resuming.mark(shop.client, ready.folder, ready.key)
    if address:
        told = delivery.deliver(ready.folder, address, shop.client)
        resuming.mark(shop.client, ready.folder, ready.key, address)
    notes = [aside.remark if aside else "", f"お店にお渡しするものを、番地に置きました: {told}" if address else ""]
    return Page(page, pdf, (*look.notes, *filter(None, notes)))


def _in_words(work: Callable[[], Any]) -> Any:
    """Do some work; tell whatever goes wrong as a Failure."""
    try:
        return work()
    except (HoretsuError, OSError) as error:
        return Failure.of(error)
    except forking.DiedError:
        return Failure(
            "計算が途中で止まりました(メモリ不足かもしれません)。",
            next_step="ほかのソフトを閉じて、もう一度お試しください。",
            passing=True,
        )
    except Exception as error:
        return Failure(
            f"思わぬ問題が起きました({type(error).__name__})。",
            status=UNEXPECTED,
            passing=True,
            trace=str(error) if isinstance(error, forking.FailedError) else traceback.format_exc(),
        )
