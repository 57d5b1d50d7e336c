"""Work done in a forked process: what it returns, says and raises arrives; what dies is told."""

import os
import signal
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from horetsu_utils import forking
from horetsu_utils.errors import ConfigError

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="processes are forked on Linux only")


def adds(one: int, other: int, *, say: forking.Say) -> tuple[int, int]:
    say("足しています")
    return one + other, os.getpid()


def refuses(*, say: forking.Say) -> None:
    raise ConfigError("直すところがあります。", where="client.yaml", next_step="直してください。")


def breaks(*, say: forking.Say) -> float:
    return 1 / 0


def dies(*, say: forking.Say) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def grows(*, say: forking.Say) -> int:
    return len(bytearray(3_000_000_000))


def tells_where(*, say: forking.Say) -> str:
    return str(Path.cwd())


def test_what_is_returned_and_said_arrives_from_another_process() -> None:
    heard: list[str] = []
    total, pid = forking.call(adds, 1, 2, heard=heard.append)
    assert (total, heard) == (3, ["足しています"])
    assert pid != os.getpid()


def test_an_error_of_ours_arrives_whole() -> None:
    with pytest.raises(ConfigError) as caught:
        forking.call(refuses)
    assert str(caught.value) == "直すところがあります。\n場所: client.yaml\n次に: 直してください。"


def test_an_error_that_nobody_foresaw_arrives_as_its_traceback() -> None:
    with pytest.raises(forking.FailedError, match="ZeroDivisionError"):
        forking.call(breaks)


def is_warm(*, say: forking.Say) -> tuple[bool, int]:
    return forking.WARM in sys.modules, os.getsid(0)


def test_what_is_asked_while_the_parent_warms_up_begins_without_it(monkeypatch: pytest.MonkeyPatch) -> None:
    assert forking.call(is_warm)[0]
    warming = threading.Event()
    warming.set()
    monkeypatch.setattr(forking, "_warming", warming)
    warm, session = forking.call(is_warm, memory_bytes=2_000_000_000)
    assert not warm
    assert session != os.getsid(0), "Ctrl-C would reach it"
    with pytest.raises(forking.DiedError):
        forking.call(dies)


def test_many_threads_make_one_trial_and_hear_of_every_end(monkeypatch: pytest.MonkeyPatch) -> None:
    begun = []
    start = forking._started
    monkeypatch.setattr(
        forking, "_started", lambda how, target, asked: begun.append(target) or start(how, target, asked)
    )
    forking._tried.cache_clear()
    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(lambda _: forking.can_fork(), range(8)))
        children = list(pool.map(lambda status: forking.start(os._exit, status), range(40)))
        assert list(pool.map(lambda child: child.wait(60), children)) == list(range(40))
    assert begun.count(forking._try) == 1


def test_a_process_that_is_killed_is_told() -> None:
    with pytest.raises(forking.DiedError):
        forking.call(dies)


def test_a_process_is_held_to_its_memory() -> None:
    with pytest.raises(forking.FailedError, match="MemoryError"):
        forking.call(grows, memory_bytes=2_000_000_000)


def test_the_work_is_done_in_the_folder_where_it_was_asked(tmp_path, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    monkeypatch.chdir(tmp_path)
    assert forking.call(tells_where) == str(tmp_path)


def test_without_forks_the_work_is_done_here(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(forking, "can_fork", lambda: False)
    assert forking.call(adds, 1, 2) == (3, os.getpid())
