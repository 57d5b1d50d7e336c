"""Spark through Ibis, for shops that outgrow one machine: the same expressions, the same figures as on DuckDB."""

import os
import shutil
import socket
import tempfile
from contextlib import suppress
from pathlib import Path

import psutil
from py4j.protocol import Py4JError
from pyspark import SparkConf, SparkContext
from pyspark.errors import PySparkException
from pyspark.sql import SparkSession

from horetsu_utils.errors import ConfigError, shorten
from horetsu_utils.spark_backend import ALONE, Backend

CLUSTER = "spark://"
HERE = "127.0.0.1"
PATIENCE_SECONDS = 10
"""A cluster that does not answer by then is not there."""
SMALL_BYTES = 4_000_000
"""Tables that take less on disk are reckoned through sooner than code for them is compiled."""

SETTINGS = {
    "spark.app.name": "horetsu",
    "spark.log.level": "ERROR",
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.sql.catalogImplementation": "in-memory",
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.timestampType": "TIMESTAMP_NTZ",
    "spark.sql.ansi.enabled": "false",
    "spark.sql.legacy.sizeOfNull": "false",
    "spark.sql.mapKeyDedupPolicy": "LAST_WIN",
}
"""A figure does not depend on the machine: days are of UTC, as on DuckDB; what cannot be read or divided is null."""
SMALL = {
    "spark.sql.shuffle.partitions": "1",
    "spark.sql.adaptive.enabled": "false",
    "spark.sql.codegen.wholeStage": "false",
    "spark.sql.codegen.factoryMode": "NO_CODEGEN",
}
END_WHEN_FULL = "-XX:+ExitOnOutOfMemoryError"
"""Java without memory ends, and is told of."""
QUICK_START = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"
"""Java that is to run for a minute does not study its own code first."""
LEAST_MEMORY, START, ROOM = 1_000_000_000, 6_000_000_000, 8
"""What Java may hold [byte]: START and ROOM times what the tables take on disk, at most half the machine, or LEAST."""


def connect(master: str, *, size: int = 0) -> Backend:
    """Open a session of its own on the Spark at `master` (local, local[2], spark://host:port).

    `size` is what the tables take on disk [byte]. One process speaks to one Spark: an earlier one is left.

    Errors
        ConfigError when Java is missing, the cluster does not answer, or Spark cannot be started
    """
    running = SparkContext._active_spark_context
    if running is not None and running.master != master:
        leave()
    here = _address(master)
    if SparkContext._active_spark_context is None and not _has_java():
        raise _no_java()
    try:
        session = SparkSession(SparkContext.getOrCreate(_conf(master, here, size))).newSession()
    except (PySparkException, Py4JError, OSError) as error:
        raise _not_started(master, error) from error
    for name, value in (SMALL if size < SMALL_BYTES else {}).items():
        session.conf.set(name, value)
    Backend.register_options()
    backend = Backend()
    backend.do_connect(session)
    return backend


def leave() -> None:
    """Give back what this process holds of a Spark, so that others find it free."""
    if SparkContext._active_spark_context is not None:
        with suppress(Py4JError, OSError):  # Java may have ended already
            SparkContext._active_spark_context.stop()


def _conf(master: str, here: str, size: int) -> SparkConf:
    room = tempfile.gettempdir()
    places = {
        "spark.master": master,
        "spark.driver.host": here,
        "spark.driver.bindAddress": here,
        "spark.local.dir": room,
        "spark.sql.warehouse.dir": str(Path(room) / "horetsu-warehouse"),
    }
    options = f"{END_WHEN_FULL} {QUICK_START}" if size < SMALL_BYTES else END_WHEN_FULL
    java = {"spark.driver.memory": f"{_memory(size) >> 20}m", "spark.driver.extraJavaOptions": options}
    return SparkConf().setAll(list((SETTINGS | places | java).items()))


def _memory(size: int) -> int:
    """Return what Java may hold [byte]; it is told before it starts, and cannot be changed after."""
    return max(LEAST_MEMORY, min(START + ROOM * size, psutil.virtual_memory().total // 2))


def _address(master: str) -> str:
    """Return the address of this machine by which the workers of a cluster reach it.

    Errors
        ConfigError when none of its masters answers
    """
    if not master.startswith(CLUSTER):
        return HERE
    for each in master.removeprefix(CLUSTER).split(","):
        host, _, port = each.rpartition(":")
        try:
            with socket.create_connection((host, int(port)), timeout=PATIENCE_SECONDS) as line:
                return str(line.getsockname()[0])
        except OSError:
            continue
    raise ConfigError(
        f"Spark のクラスタ「{shorten(master)}」につながりません。",
        where="client.yaml の engine",
        next_step=f"ホスト名とポートを確かめるか、クラスタを動かしてください。{ALONE}",
    )


def _has_java() -> bool:
    home = os.environ.get("JAVA_HOME")
    return bool(shutil.which("java", path=str(Path(home) / "bin") if home else None))


def _no_java() -> ConfigError:
    return ConfigError(
        "Spark を動かす Java が見つかりません。",
        where="client.yaml の engine(または spark)",
        next_step="Java 17 を入れてください(Debian なら apt install openjdk-17-jre-headless)。",
    )


def _not_started(master: str, error: Exception) -> ConfigError:
    return ConfigError(
        f"Spark「{shorten(master)}」を始められませんでした。",
        where=shorten(error),
        next_step=f"Java 17 が入っているか、メモリが空いているかを確かめてください。{ALONE}",
    )
