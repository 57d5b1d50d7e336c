"""Processes forked from a warm parent: fresh, with nothing of one in the next, and without waiting for imports.

A forkserver imports once what the work needs (`warm`) and forks a process for each piece of it; what is asked while it
does so begins in a process started anew. On Windows and macOS, or where the trial at the start fails, the work is done
in this process, or in one that starts as usual.
"""

import importlib
import multiprocessing
import os
import signal
import sys
import threading
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import cache
from multiprocessing import connection, forkserver, resource_tracker
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

from horetsu_utils import workplace
from horetsu_utils.errors import HoretsuError

WARM = "horetsu_utils.warm"
TRIAL_SECONDS = 120
FORKED, ANEW = "forkserver", "spawn"
Say = Callable[[str], None]
_one_at_a_time = threading.RLock()
"""multiprocessing looks after all its children at each start: two threads must not read one child's end at once."""
_one_trial = threading.Lock()
_living: set[Any] = set()
"""What this process has started and what still may run: Child, or subprocess.Popen."""
_warming = threading.Event()
"""Set while the warm parent is getting ready."""


class DiedError(Exception):
    """A process ended before it gave its answer: killed, or out of memory."""


class FailedError(Exception):
    """What was asked raised an error that cannot be sent; its traceback is the text."""


class Child:
    """A process that we have started, with the part of subprocess.Popen that a provisioner asks for."""

    stdin = stdout = stderr = None

    def __init__(self, process: BaseProcess, memory_bytes: int = 0):
        self._process = process
        self.pid: int = process.pid or 0
        watch(self)
        hold(self.pid, memory_bytes)

    def poll(self) -> int | None:
        """Return the exit status, or None while the process lives."""
        with _one_at_a_time:
            return self._process.exitcode

    def wait(self, timeout: float | None = None) -> int | None:
        """Wait for the end of the process and return its exit status."""
        if connection.wait([self._process.sentinel], timeout):
            with _one_at_a_time:
                self._process.join()
        return self.poll()

    def send_signal(self, signum: int) -> None:
        """Send the process a signal, unless it is gone."""
        if self.poll() is None:
            os.kill(self.pid, signum)

    def kill(self) -> None:
        """End the process at once."""
        self.send_signal(signal.SIGKILL)

    def terminate(self) -> None:
        """Ask the process to end."""
        self.send_signal(signal.SIGTERM)


def start(target: Callable[..., None], *arguments: Any, how: str = FORKED, memory_bytes: int = 0) -> Child:
    """Start a process: forked from the warm parent, or anew."""
    with _one_at_a_time:
        return Child(_started(how, target, arguments), memory_bytes)


def _started(how: str, target: Callable[..., None], arguments: tuple[Any, ...]) -> BaseProcess:
    context = multiprocessing.get_context(how)
    process: BaseProcess = context.Process(target=target, args=arguments)  # type: ignore[attr-defined]
    process.start()
    return process


def _serve() -> None:
    """Begin to warm the parent from which processes are forked."""
    multiprocessing.get_context(FORKED).set_forkserver_preload([WARM])
    with _one_at_a_time, workplace.at_work():
        resource_tracker.ensure_running()  # when it begins, it lets this thread hear again
        with _deaf():
            forkserver.ensure_running()


def can_fork() -> bool:
    """Try whether a process can be forked from a warm parent. The first call takes as long as the imports do."""
    with _one_trial:
        return _tried()


def _may_fork() -> bool:
    """Elsewhere system libraries may not bear a fork, and a daemon may have no children."""
    return sys.platform.startswith("linux") and not multiprocessing.current_process().daemon


@cache
def _tried() -> bool:
    if not _may_fork():
        return False
    try:
        _serve()
        trial = Child(_started(FORKED, _try, ()))  # nobody waits for this one: others may be started meanwhile
        return trial.wait(TRIAL_SECONDS) == os.EX_OK
    except (OSError, EOFError, RuntimeError):
        return False


def _try() -> None:
    os._exit(os.EX_OK if WARM in sys.modules else os.EX_UNAVAILABLE)


def warm_up(*modules: str) -> None:
    """Begin to warm the parent while other work goes on; then import here what will be asked for."""

    def work() -> None:
        try:
            can_fork()
        finally:
            _warming.clear()
        for module in modules:
            importlib.import_module(module)

    if _may_fork():
        _warming.set()
        with suppress(OSError):
            _serve()
    threading.Thread(target=work, daemon=True).start()


def watch(process: Any) -> None:
    """Remember a process, so that `stop` can end it."""
    with _one_at_a_time:
        _living.difference_update([each for each in _living if each.poll() is not None])
        _living.add(process)


def stop() -> None:
    """End at once every process that was started here, and what it has started itself."""
    with _one_at_a_time:
        living = [each for each in _living if each.poll() is None]
    for each in living:
        try:
            os.killpg(each.pid, signal.SIGKILL)
        except (AttributeError, OSError):  # Windows has no groups; a process just forked leads none yet
            each.kill()


def call(function: Callable[..., Any], *arguments: Any, heard: Say = lambda text: None, memory_bytes: int = 0) -> Any:
    """Call `function(*arguments, say=…)` in a process of its own and return what it returns; `heard` gets what it says.

    Errors
        as the function; FailedError with the traceback for what cannot be sent; DiedError when the process ended before
    """
    anew = _warming.is_set()
    if not (anew or can_fork()):
        return function(*arguments, say=heard)
    ours, theirs = multiprocessing.Pipe(duplex=False)
    with _deaf():
        work = (theirs, str(Path.cwd()), function, arguments)
        child = start(_answer, *work, how=ANEW if anew else FORKED, memory_bytes=memory_bytes)
    theirs.close()
    try:
        return _heard_out(ours, heard)
    except EOFError as error:
        raise DiedError from error
    finally:
        ours.close()
        child.kill()
        child.wait()


@contextmanager
def _deaf() -> Iterator[None]:
    """Let a process that is started anew not hear Ctrl-C, of which this one tells it in its own way."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _heard_out(answers: Connection, heard: Say) -> Any:
    while True:
        kind, told = answers.recv()
        if kind == "done":
            return told
        if kind == "raised":
            raise told
        if kind == "failed":
            raise FailedError(told)
        heard(told)


def _answer(answers: Connection, folder: str, function: Callable[..., Any], arguments: tuple[Any, ...]) -> None:
    """Do what was asked, in the folder where it was asked, and send what came of it."""
    alone()
    os.chdir(folder)
    try:
        answers.send(("done", function(*arguments, say=lambda text: answers.send(("said", text)))))
    except (HoretsuError, OSError) as error:
        answers.send(("raised", error))
    except BaseException:
        answers.send(("failed", traceback.format_exc()))
    os._exit(os.EX_OK)


def alone() -> None:
    """Make this forked process the head of its own group, and close its hold on the forkserver.

    The server lives as long as somebody holds it: so, when the process that asked for the work is killed, the server
    ends, and those it forked can see it.
    """
    os.setsid()
    server: Any = forkserver._forkserver  # type: ignore[attr-defined,unused-ignore]
    if server._forkserver_alive_fd is not None:
        os.close(server._forkserver_alive_fd)
        server._forkserver_alive_fd = None


def hold(pid: int | None, memory_bytes: int) -> None:
    """Limit what a process may write into memory (Linux only)."""
    if memory_bytes and pid and sys.platform.startswith("linux"):
        import resource

        resource.prlimit(pid, resource.RLIMIT_DATA, (memory_bytes, memory_bytes))
