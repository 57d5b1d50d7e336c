"""A real cluster on loopback, a master and two workers: the report says what it says on DuckDB."""

import json
import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import both_engines
import pytest
from both_engines import has_spark
from click.testing import Result

from horetsu_utils import engine

pytestmark = pytest.mark.skipif(not has_spark(), reason=both_engines.WITHOUT)

HERE = "127.0.0.1"
PATIENCE_SECONDS = 180
MASTER, WORKER = "org.apache.spark.deploy.master.Master", "org.apache.spark.deploy.worker.Worker"


def free_port() -> int:
    with socket.socket() as line:
        line.bind((HERE, 0))
        return int(line.getsockname()[1])


def started(log: Path, *words: str) -> subprocess.Popen[bytes]:
    """Start one of Spark's own servers, which writes what it does into a file."""
    import pyspark

    home = Path(pyspark.__file__).parent
    own = {"SPARK_HOME": str(home), "SPARK_LOCAL_IP": HERE, "SPARK_WORKER_DIR": str(log.parent / log.stem)}
    with log.open("wb") as out:
        command = [str(home / "bin" / "spark-class"), *words]
        return subprocess.Popen(command, env=os.environ | own, stdout=out, stderr=subprocess.STDOUT)


def said(log: Path, pattern: str, times: int = 1) -> None:
    """Wait until a server has said something so many times."""
    until = time.monotonic() + PATIENCE_SECONDS
    while len(re.findall(pattern, log.read_text(encoding="utf-8", errors="replace"))) < times:
        assert time.monotonic() < until, log.read_text(encoding="utf-8", errors="replace")
        time.sleep(0.2)


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Yield the address of a master with two workers; all are gone afterwards."""
    room, port = tmp_path_factory.mktemp("cluster"), free_port()
    address = f"spark://{HERE}:{port}"
    logs = [room / f"{name}.log" for name in ("master", "one", "other")]
    servers = [started(logs[0], MASTER, "--host", HERE, "--port", str(port), "--webui-port", "0")]
    try:
        said(logs[0], "I have been elected leader")
        for log in logs[1:]:
            quiet = ("--host", HERE, "--webui-port", "0", "--cores", "1", "--memory", "1g")
            servers.append(started(log, WORKER, *quiet, address))
        said(logs[0], "Registering worker", 2)
        yield address
        engine.leave()
        # every application had both workers: the work was done there, not here
        found = logs[0].read_text(encoding="utf-8", errors="replace")
        assert len(re.findall("Launching executor", found)) >= 2 * len(re.findall("Registered app", found)) > 0
    finally:
        for server in servers:
            server.terminate()
        for server in servers:
            server.wait(timeout=PATIENCE_SECONDS)


def test_the_report_is_the_same(
    cluster: str, demo_client: Path, tmp_path: Path, horetsu: Callable[..., Result], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(filter(None, sys.path)))
    there = both_engines.on(f"engine: {cluster}", demo_client, tmp_path / "there" / "demo")
    pages = []
    for shop, target in ((demo_client, "duckdb"), (there, "spark")):
        done = horetsu("run", shop, "--only", "01_rfm", "--only", "04_gap", "--out", tmp_path / target)
        assert done.exit_code == 0, done.output
        (page,) = (tmp_path / target).glob("demo/*/report.json")
        pages.append(json.loads(page.read_text(encoding="utf-8")))
    assert pages[0] == pages[1]
    assert len(pages[0]["findings"]) > 2
