"""Work done in a forked process: what it returns, says and raises arrives; what dies is told."""

import os
import signal
import sys
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
