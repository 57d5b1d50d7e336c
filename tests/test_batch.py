"""Many clients at once: order, retries, what fails alone, what is kept, and what Ctrl-C leaves."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from command import COMMAND, until
from filelock import FileLock

from horetsu_utils import batch, course, steps
from horetsu_utils.batch import Batch
from horetsu_utils.chapters import Plan
from horetsu_utils.course import DONE, FAILED, KEPT, Course
from horetsu_utils.steps import Beside, Failure, Job, Page, Ready

TABLES = "  orders:\n    - files: data/orders.csv\n      mapping: generic"
ORDERS = "注文番号,顧客番号,注文日時,金額\nA1,C1,2026-04-01,5480\nA2,C2,2026-04-02,3000\n"
LEFT = re.compile(r"\.horetsu-|\.failed\.ipynb$")


class Steps:
    """The three steps as plain functions that only note what was asked, in which order."""

    def __init__(self, chapters: tuple[str, ...] = ("01", "02"), broken: dict[str, int] | None = None):
        self.asked: list[str] = []
        self._plans = tuple(Plan(Path(f"{name}.ipynb"), name, (), place) for place, name in enumerate(chapters))
        self._broken = dict(broken or {})
        self._lock = threading.Lock()

    def _note(self, what: str) -> Failure | None:
        with self._lock:
            self.asked.append(what)
            left = self._broken.get(what, 0)
            self._broken[what] = left - 1
        return Failure(f"{what} broke", passing=True) if left > 0 else None

    def prepare(self, job: Job, heard: object = None) -> Ready | Failure:
        home = Path(job.client)
        ready = Ready(job, home, home, "2026-06-30", Path(job.target) / home.name, self._plans, {}, "key", "")
        return self._note(f"{job.client} read") or ready

    def execute(self, ready: Ready, plan: Plan, counted: object = None) -> Path | Failure:
        return self._note(f"{ready.job.client} {plan.path.stem}") or plan.path

    def beside(self, ready: Ready) -> Beside | Failure:
        return self._note(f"{ready.job.client} beside") or Beside(ready.folder / "aside", "")

    def publish(self, ready: Ready, executed: tuple[Path, ...], aside: Beside | None) -> Page | Failure:
        told = f"{ready.job.client} page of {len(executed)}"
        return self._note(told) or Page(ready.folder / "report.html", None, ())


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[..., list[Course]]:
    """Return a function that runs a batch of these clients with these steps."""

    def ran(does: Steps, *names: str, slots: int = 1, retry: int = 0) -> list[Course]:
        for name in ("prepare", "execute", "beside", "publish"):
            monkeypatch.setattr(steps, name, getattr(does, name))
        locks = (FileLock(tmp_path / f"{place}.lock", thread_local=False) for place in range(len(names)))
        courses = [
            Course(Job(name, "", (), str(tmp_path / "reports")), name, lock)
            for name, lock in zip(names, locks, strict=True)
        ]
        with ThreadPoolExecutor(slots) as pool:
            Batch(courses, pool, slots=slots, retry=retry).run()
        assert not any(each.lock and each.lock.is_locked for each in courses)
        return courses

    return ran


def test_a_report_that_is_begun_is_finished_before_the_next(run: Callable[..., list[Course]]) -> None:
    does = Steps()
    assert [each.state for each in run(does, "a", "b")] == [DONE, DONE]
    assert does.asked == [f"{name} {step}" for name in "ab" for step in ("read", "01", "02", "page of 2")]


def test_one_that_fails_does_not_touch_the_others(run: Callable[..., list[Course]]) -> None:
    courses = run(Steps(broken={"b 01": 9}), "a", "b", "c", slots=2)
    assert [each.state for each in courses] == [DONE, FAILED, DONE]
    assert courses[1].failure and courses[1].failure.what == "b 01 broke"


def test_long_chapters_are_begun_first(run: Callable[..., list[Course]]) -> None:
    does = Steps(("01", "02", "03"))
    does._plans = tuple(replace(plan, cells=cells) for plan, cells in zip(does._plans, (4, 9, 4), strict=True))
    run(does, "a")
    assert does.asked == ["a read", "a 02", "a 01", "a 03", "a page of 3"]


def test_of_large_clients_one_step_is_done_at_a_time(
    run: Callable[..., list[Course]], monkeypatch: pytest.MonkeyPatch
) -> None:
    at_once, most = [0], []

    class Watched(Steps):
        def execute(self, ready: Ready, plan: Plan, counted: object = None) -> Path | Failure:
            at_once[0] += 1
            most.append(at_once[0])
            time.sleep(0.1)
            at_once[0] -= 1
            return super().execute(ready, plan, counted)

    chapters = tuple("123456")
    run(Watched(chapters), "small", slots=2)
    assert max(most) == 2
    most.clear()
    monkeypatch.setattr(course, "LARGE_BYTES", 0)
    assert [each.state for each in run(Watched(chapters), "a", "b", slots=2)] == [DONE, DONE]
    assert (max(most), len(most)) == (1, 12)


@pytest.mark.parametrize("slots", [1, 2])
def test_the_page_waits_for_what_stands_beside_it(run: Callable[..., list[Course]], slots: int) -> None:
    does = Steps(("01", "02_stage"))
    assert run(does, "a", slots=slots)[0].state == DONE
    assert (does.asked[0], does.asked[-1]) == ("a read", "a page of 2")
    assert sorted(does.asked[1:-1]) == ["a 01", "a 02_stage", "a beside"]


def test_without_what_stands_beside_it_there_is_no_page(run: Callable[..., list[Course]], tmp_path: Path) -> None:
    does = Steps(("06_story",), broken={"a beside": 2, "b 06_story": 9})
    left = [tmp_path / "reports" / name / steps.ASIDE for name in "ab"]
    for each in left:
        each.mkdir(parents=True)
    courses = run(does, "a", "b", retry=1)
    assert [each.failure and each.failure.what for each in courses] == ["a beside broke", "b 06_story broke"]
    assert not any("page" in each for each in does.asked)
    assert not any(each.exists() for each in left)


def test_what_may_pass_is_tried_again_as_often_as_asked(run: Callable[..., list[Course]]) -> None:
    does = Steps(broken={"a 01": 2, "a page of 2": 1})
    assert run(does, "a", retry=2)[0].state == DONE
    assert does.asked.count("a 01") == 3
    assert run(Steps(broken={"a 01": 3}), "a", retry=2)[0].state == FAILED


def test_what_cannot_pass_is_not_tried_again(run: Callable[..., list[Course]], monkeypatch: pytest.MonkeyPatch) -> None:
    does = Steps()
    monkeypatch.setattr(does, "prepare", lambda job, heard=None: does.asked.append("read") or Failure("設定の誤り"))
    assert run(does, "a", retry=5)[0].state == FAILED
    assert does.asked == ["read"]


def test_where_all_is_kept_nobody_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batch.time, "sleep", lambda seconds: pytest.fail(f"waited {seconds} seconds"))
    kept, seen = [Course(Job(name, "", (), ""), name, None, state=KEPT) for name in "ab"], []
    with ThreadPoolExecutor(1) as pool:
        Batch(kept, pool, slots=1, seen=seen.append).run()
    assert seen == kept


def test_two_clients_of_one_name_never_share_a_report(run: Callable[..., list[Course]]) -> None:
    courses = run(Steps(), "one/shop", "other/shop")
    assert [each.state for each in courses] == [DONE, FAILED]
    assert courses[1].failure and courses[1].failure.what.startswith("同じ名前(ID)のクライアントが2つあり")


def test_a_worker_that_is_lost_is_told_and_may_be_tried_again(
    run: Callable[..., list[Course]], monkeypatch: pytest.MonkeyPatch
) -> None:
    does = Steps()
    lost = iter([True, False])

    def execute(ready: Ready, plan: Plan, counted: object = None) -> Any:
        if plan.path.stem == "01" and next(lost):
            raise ConnectionError("gone")
        return plan.path

    monkeypatch.setattr(does, "execute", execute)
    assert run(does, "a", retry=1)[0].state == DONE


@pytest.fixture
def shops() -> Iterator[Path]:
    """Lend a folder with three small clients in `clients/`: a and c are sound, b has no order at all."""
    with tempfile.TemporaryDirectory(prefix="h") as place:  # a short name: kernels lay their sockets below it
        yield _filled(Path(place))


def _filled(place: Path) -> Path:
    for name in "abc":
        folder = place / "clients" / name
        (folder / "data").mkdir(parents=True)
        text = "注文番号,顧客番号,注文日時,金額\n" if name == "b" else ORDERS.replace("C1", f"お客{name}番")
        (folder / "data" / "orders.csv").write_text(text, encoding="utf-8")
        (folder / "client.yaml").write_text(f"name: 店{name}\ntables:\n{TABLES}\n", encoding="utf-8")
    return place


def command(folder: Path, *words: str) -> subprocess.Popen[str]:
    environment = {**os.environ, "COLUMNS": "200", "TMPDIR": str(folder / "t")}
    (folder / "t").mkdir(exist_ok=True)
    return subprocess.Popen(
        [*COMMAND, "run", *words],
        cwd=folder,
        env=environment,
        text=True,
        start_new_session=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


def ended(process: subprocess.Popen[str]) -> tuple[int, str]:
    out, err = process.communicate(timeout=300)
    return process.returncode, out + err


def processes(folder: Path) -> list[str]:
    """Return the processes that work in a folder."""
    found = []
    for place in Path("/proc").glob("[0-9]*/cwd"):
        try:
            if place.resolve().is_relative_to(folder) and int(place.parent.name) != os.getpid():
                found.append((place.parent / "cmdline").read_text())
        except OSError:
            continue
    return found


def left_over(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if LEFT.search(path.name)] + list((folder / "t").iterdir())


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="looks at /proc")
def test_all_clients_at_once_are_whole_or_told(shops: Path) -> None:
    status, told = ended(command(shops, "--all", "--only", "01_rfm"))
    assert status == 1
    assert "できました 2件・前回のまま 0件・できませんでした 1件" in told
    for name, other in (("a", "c"), ("c", "a")):
        page = (shops / "reports" / name / "2026-04-02" / "report.html").read_text(encoding="utf-8")
        assert f"店{name}" in page and f"店{other}" not in page
        notebook = (shops / "reports" / name / "2026-04-02/consultant/notebooks/01_rfm.ipynb").read_text("utf-8")
        assert f"お客{other}番" not in notebook
    note = (shops / "reports" / "b" / "できませんでした.txt").read_text(encoding="utf-8")
    record = json.loads((shops / "reports" / "batch.json").read_text(encoding="utf-8"))
    assert [each["state"] for each in record["clients"]] == ["done", "failed", "done"]
    assert record["status"] == 1
    assert record["clients"][1]["failure"]["what"] in note
    assert not left_over(shops) and not processes(shops)

    begun = {path: path.stat().st_mtime_ns for path in shops.glob("reports/*/*/report.html")}
    for path in shops.rglob("*.csv"):
        os.utime(path, (0, 0))  # a machine whose clock goes wrong
    (shops / "clients/b/data/orders.csv").write_text(ORDERS, encoding="utf-8")
    (shops / "clients/c/client.yaml").write_text(f"name: 店C\ntables:\n{TABLES}\n", encoding="utf-8")
    status, told = ended(command(shops, "--all", "--only", "01_rfm", "--resume"))
    assert (status, "できました 2件・前回のまま 1件・できませんでした 0件" in told) == (0, True), told
    assert begun[shops / "reports/a/2026-04-02/report.html"] == (shops / "reports/a/2026-04-02/report.html").stat().st_mtime_ns  # fmt: skip # noqa: E501
    assert "店C" in (shops / "reports/c/2026-04-02/report.html").read_text(encoding="utf-8")
    assert not (shops / "reports" / "b" / "できませんでした.txt").exists()


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="looks at /proc")
@pytest.mark.parametrize("ask", [signal.SIGINT, signal.SIGTERM], ids=["Ctrl-C", "asked to end"])
def test_ctrl_c_leaves_nothing_half_written_and_no_kernel(shops: Path, ask: signal.Signals) -> None:
    process = command(shops, "a", "c")
    until(lambda: any("consultant/notebooks" in str(path) or path.name == "consultant" for path in shops.glob("reports/*/*/*")))  # fmt: skip # noqa: E501
    process.send_signal(ask)
    status, told = ended(process)
    assert status == 130
    assert "中止しました。途中のファイルは残していません。" in told
    assert "Traceback" not in told
    until(lambda: not processes(shops), 20)
    assert not left_over(shops)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="looks at /proc")
def test_ctrl_c_while_all_is_still_warming_up_is_told_in_words_too(shops: Path) -> None:
    process = command(shops, "a", "c")
    until(lambda: any("spawn_main" in each for each in processes(shops)))
    os.killpg(process.pid, signal.SIGINT)  # as a terminal does: everything that was started in it hears it
    status, told = ended(process)
    assert (status, "Traceback" in told, "KeyboardInterrupt" in told) == (130, False, False), told
    until(lambda: not processes(shops), 20)
    assert not left_over(shops)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="looks at /proc")
def test_a_run_that_was_killed_is_taken_up_again(shops: Path) -> None:
    shutil.rmtree(shops / "clients" / "b")
    words = ["--all", "--only", "01_rfm", "--only", "04_gap", "--only", "06_story"]
    process = command(shops, *words)
    until(lambda: list(shops.glob("reports/*/*/consultant/notebooks/*.ipynb")))
    process.kill()
    ended(process)
    until(lambda: not processes(shops), 20)
    done = {path: path.stat().st_mtime_ns for path in shops.glob("reports/*/*/consultant/notebooks/*.ipynb")}
    status, told = ended(command(shops, *words, "--resume"))
    assert status == 0, told
    assert all(path.stat().st_mtime_ns == made for path, made in done.items())
    assert len(list(shops.glob("reports/*/*/report.html"))) == 2
    assert not left_over(shops) and not processes(shops)


def test_a_second_run_of_one_client_waits_for_the_first(shops: Path) -> None:
    first = command(shops, "a", "--only", "01_rfm")
    until(lambda: (shops / "clients/a/.cache/.running.lock").exists())
    second = command(shops, "a", "--only", "01_rfm")
    results = [ended(each) for each in (first, second)]
    assert [status for status, _ in results] == [0, 0], results
    assert any("ほかの画面で作成中です。終わるのを待っています" in told for _, told in results)


def test_a_page_is_whole_or_the_old_one_when_the_disk_is_full(shops: Path) -> None:
    disk = shops / "reports"
    disk.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=150k", "tmpfs", str(disk)], capture_output=True)
    if mounted.returncode:
        pytest.skip("a small disk can be mounted by root only")
    try:
        status, told = ended(command(shops, "a", "--only", "01_rfm"))
        assert status == 1
        assert "空き容量が足りません" in told and "Traceback" not in told
        assert not list(disk.rglob("report.html")) and not left_over(shops)
    finally:
        subprocess.run(["umount", str(disk)], check=True)


def test_nobody_named_is_told_what_to_write(horetsu: Callable[..., Any]) -> None:
    result = horetsu("run")
    assert result.exit_code == 1
    assert "horetsu run のあとに、クライアントのIDを書くか、--all を付けてください。" in result.output
    assert "クライアントが1つも見つかりません。" in horetsu("run", "--all").output


def test_an_unknown_executor_is_told(horetsu: Callable[..., Any], demo_client: Path) -> None:
    result = horetsu("run", demo_client, "--executor", "dusk://x")
    assert result.exit_code == 1
    assert "「dusk://x」という動かし方はありません。" in result.output
