"""A batch on a real Dask cluster on this machine: the same reports, also when a worker is lost in the middle."""

import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from command import COMMAND, until

pytestmark = pytest.mark.skipif(
    not os.environ.get("HORETSU_CLUSTER"), reason="`make cluster` starts a cluster for these"
)

SHOP = "name: 店{name}\ntables:\n  orders:\n    - files: data/orders.csv\n      mapping: generic\n"
ORDERS = "注文番号,顧客番号,注文日時,金額\nA1,C1,2026-04-01,5480\nA2,C2,2026-04-02,3000\n"
ADDRESS = re.compile(r"tcp://(127\.0\.0\.1:\d+)")


@pytest.fixture(scope="module")
def cluster() -> Iterator[tuple[str, list["subprocess.Popen[str]"]]]:
    """Start a scheduler and two workers; return the scheduler's address and the workers."""
    dask = [sys.executable, "-m", "dask"]
    quiet = {"stderr": subprocess.DEVNULL, "stdout": subprocess.DEVNULL}
    with tempfile.TemporaryDirectory(prefix="h") as place, ExitStack() as stack:
        told = Path(place) / "scheduler"
        with told.open("w") as log:
            scheduler = subprocess.Popen([*dask, "scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard"],
                                         stderr=log, stdout=log, cwd=place)  # fmt: skip
        stack.callback(scheduler.kill)
        until(lambda: ADDRESS.search(told.read_text()))
        address = ADDRESS.findall(told.read_text())[0]
        worker = [*dask, "worker", f"tcp://{address}", "--no-nanny", "--nthreads", "1", "--no-dashboard"]
        workers = [subprocess.Popen([*worker, "--host", "127.0.0.1"], cwd=place, text=True, **quiet) for _ in "ab"]  # type: ignore[call-overload]
        for each in workers:
            stack.callback(each.kill)
        yield address, workers


@pytest.fixture
def shops() -> Iterator[Path]:
    """Lend a folder with two small clients."""
    with tempfile.TemporaryDirectory(prefix="h") as place:
        for name in "ab":
            folder = Path(place) / "clients" / name
            (folder / "data").mkdir(parents=True)
            (folder / "data" / "orders.csv").write_text(ORDERS, encoding="utf-8")
            (folder / "client.yaml").write_text(SHOP.format(name=name), encoding="utf-8")
        yield Path(place)


def test_a_worker_that_is_lost_in_the_middle_costs_no_report(
    cluster: tuple[str, list["subprocess.Popen[str]"]], shops: Path
) -> None:
    address, workers = cluster
    words = ["--all", "--only", "01_rfm", "--retry", "3", "--executor", f"dask://{address}"]
    run = subprocess.Popen(
        [*COMMAND, "run", *words], cwd=shops, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    until(lambda: list(shops.glob("reports/*/*")) or run.poll() is not None)
    workers[0].kill()
    told, _ = run.communicate(timeout=240)
    assert run.returncode == 0, told
    for name, other in (("a", "b"), ("b", "a")):
        page = (shops / "reports" / name / "2026-04-02" / "report.html").read_text(encoding="utf-8")
        assert f"店{name}" in page and f"店{other}" not in page


def test_a_cluster_that_does_not_answer_is_told(shops: Path) -> None:
    done = subprocess.run(
        [*COMMAND, "run", "a", "--executor", "dask://127.0.0.1:1"], cwd=shops, text=True, capture_output=True
    )
    assert done.returncode == 1
    assert "Dask のクラスタにつながりませんでした。" in done.stderr
    assert "Traceback" not in done.stderr
