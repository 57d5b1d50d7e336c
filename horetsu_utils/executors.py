"""Where the steps of a batch are done: in threads of this machine, or on a Dask cluster."""

import os
from collections.abc import Iterator
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import contextmanager

from horetsu_utils.errors import ConfigError

THREADS = "threads"
DASK = "dask://"
CONNECT_SECONDS = 10


@contextmanager
def executor(name: str, workers: int = 0) -> Iterator[tuple[Executor, int]]:
    """Open an executor, and tell how many steps it does at a time: `threads`, or `dask://host:port`.

    Threads only wait: the work is done in processes of its own. `workers` is one for each core where it is 0.

    Errors
        ConfigError for another name, without the Dask library, or where no cluster answers
    """
    if name == THREADS:
        count = workers or os.cpu_count() or 1
        with ThreadPoolExecutor(count) as pool:
            yield pool, count
    elif name.startswith(DASK):
        with _dask(name.removeprefix(DASK)) as (pool, count):
            yield pool, workers or count
    else:
        raise ConfigError(
            f"「{name}」という動かし方はありません。",
            where="--executor",
            next_step=f"{THREADS} か、{DASK}ホスト:ポート(例: {DASK}127.0.0.1:8786)と書いてください。",
        )


@contextmanager
def _dask(address: str) -> Iterator[tuple[Executor, int]]:
    try:
        from distributed import Client
    except ImportError as error:
        raise ConfigError(
            "Dask が入っていないので、クラスタを使えません。",
            where="--executor",
            next_step='pip install "horetsu[dask]" で入れてから、もう一度お試しください。',
        ) from error
    try:
        client = Client(f"tcp://{address}", timeout=CONNECT_SECONDS, set_as_default=False)
    except (OSError, ValueError, TimeoutError) as error:
        raise ConfigError(
            "Dask のクラスタにつながりませんでした。",
            where=f"--executor {DASK}{address}",
            next_step="dask scheduler が動いているか、ホストの名前とポートの番号が合っているかを確かめてください。",
        ) from error
    with client:
        yield client.get_executor(pure=False), max(sum(client.nthreads().values()), 1)
