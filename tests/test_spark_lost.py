"""Java ends with what started it, and what ends before it is told in words."""

import os
import subprocess
import sys
import time

import both_engines
import psutil
import pytest
from both_engines import has_spark

pytestmark = pytest.mark.skipif(not has_spark(), reason=both_engines.WITHOUT)

PATIENCE_SECONDS = 60
BEGUN = """
import ibis, os
from horetsu_utils import engine
spark = engine.session("local[1]")
table = engine.keep(spark, ibis.memtable({"n": [1, 2]}))
assert table.n.sum().execute() == 3
from pyspark import SparkContext
java = SparkContext._gateway.proc
print("java", java.pid, flush=True)
"""
LOST = """
java.kill()
java.wait()
from horetsu_utils.errors import HoretsuError
for work in (table.n.sum().execute, lambda: engine.keep(spark, table.filter(table.n > 1))):
    try:
        work()
    except HoretsuError as error:
        print(error, flush=True)
engine.leave()
"""


def ran(script: str) -> str:
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path)), "PYTHONUTF8": "1"}
    command = [sys.executable, "-W", "ignore", "-c", script]
    done = subprocess.run(command, env=environment, capture_output=True, encoding="utf-8", timeout=3 * PATIENCE_SECONDS)
    assert done.returncode == 0, done.stderr
    return done.stdout


def gone(said: str) -> bool:
    """Wait until the Java that was told of has ended."""
    java, until = int(said.split()[1]), time.monotonic() + PATIENCE_SECONDS
    while psutil.pid_exists(java) and time.monotonic() < until:
        time.sleep(0.2)
    return not psutil.pid_exists(java)


def test_java_that_was_killed_is_told_in_words() -> None:
    said = ran(BEGUN + LOST)
    assert said.count("Spark の計算が途中で止まりました") == 2
    assert said.count("次に: クラスタとメモリの空きを確かめて、もう一度お試しください。") == 2


def test_no_java_stays_behind_a_process_that_just_ends() -> None:
    assert gone(ran(f"{BEGUN}os._exit(0)"))
