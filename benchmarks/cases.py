"""The cases and their yardsticks, each run alone: `python -m benchmarks.cases NAME` prints seconds and peak MB.

`all` runs every case once in one process, and judges nothing: with HORETSU_BENCH_LINES it tells soon whether they work.
"""

import datetime as dt
import gzip
import resource
import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from benchmarks import baskets, comments, stories, yardsticks
from benchmarks.sizes import AS_OF, HOME, LINES, ROOT, UCI

FIRST_MONTH = dt.date(2024, 7, 1)
LIFETIMES = LINES // 10
UCI_MAPPING = ROOT / "tests" / "mappings" / "uci.yaml"


def generate() -> None:
    """Write what the cases read: UCI's file unpacked, generated lines, and the orders prepared from them."""
    import duckdb

    from horetsu_utils import engine
    from horetsu_utils.ingest.orders import one_row_per_order

    HOME.mkdir(parents=True, exist_ok=True)
    if UCI.is_file():
        with gzip.open(UCI) as packed, (HOME / "uci.csv").open("wb") as plain:
            shutil.copyfileobj(packed, plain)
    if not (HOME / "lines_cp932.csv").is_file():
        duckdb.execute(EXPORT_SQL.format(lines=LINES, path=HOME / "lines_utf8.csv"))
        with (HOME / "lines_utf8.csv").open("rb") as utf8, (HOME / "lines_cp932.csv").open("wb") as cp932:
            cp932.writelines(line.decode("utf-8").encode("cp932") for line in utf8)
    for rows in (LINES // 10, LINES):
        if not (HOME / f"signals_{rows}.parquet").is_file():
            duckdb.execute(SIGNALS_SQL.format(rows=rows, path=HOME / f"signals_{rows}.parquet"))
    baskets.generate(HOME / "sold.parquet", LINES)
    if not (HOME / "touchpoints.parquet").is_file():
        for name, query in HISTORY_SQL.items():
            duckdb.execute(f"COPY ({query.format(rows=LINES)}) TO '{HOME / f'{name}.parquet'}' (FORMAT parquet)")
    if not (HOME / "orders.parquet").is_file():
        duckdb.execute(LINES_SQL.format(lines=LINES, path=HOME / "lines.parquet"))
        connection = engine.connect()
        lines = connection.read_parquet(HOME / "lines.parquet")
        engine.write_parquet(connection, one_row_per_order(lines), HOME / "orders.parquet")


LINES_SQL = """
COPY (
    SELECT 'generic' AS origin, 'O' || (i // 2) AS order_id,
        'C' || CAST(floor(pow(hash(i // 2) % 1000003 / 1000003.0, 2) * {lines} / 10) AS BIGINT) AS customer_id,
        TIMESTAMP '2024-07-01' + to_minutes(CAST(hash(i // 2 + 7) % 1051200 AS BIGINT)) AS ordered_at,
        CAST(500 + hash(i) % 12000 AS DECIMAL(18, 4)) AS amount, 'accepted' AS outcome, 'paid' AS status,
        CAST(NULL AS DECIMAL(18, 4)) AS discount, CAST(NULL AS BOOLEAN) AS is_subscription,
        CAST(NULL AS BOOLEAN) AS is_gift,
        CAST(NULL AS VARCHAR) AS source, CAST(NULL AS VARCHAR) AS channel
    FROM range({lines}) AS t(i)
) TO '{path}' (FORMAT parquet)
"""


EXPORT_SQL = """
COPY (
    SELECT 'O' || lpad(CAST(i // 2 AS VARCHAR), 9, '0') AS "注文番号",
        'C' || CAST(floor(pow(hash(i // 2) % 1000003 / 1000003.0, 2) * {lines} / 10) AS BIGINT) AS "顧客番号",
        strftime(TIMESTAMP '2024-07-01' + to_minutes(CAST(hash(i // 2 + 7) % 1051200 AS BIGINT)), '%Y/%m/%d %H:%M:%S')
            AS "注文日時",
        'SKU-' || (hash(i) % 3000) AS "商品番号", '薬用しっとり化粧水 ' || (hash(i) % 3000) || '番' AS "商品名",
        1 + hash(i + 3) % 3 AS "数量", 500 + (hash(i) % 3000) * 4 AS "単価",
        (1 + hash(i + 3) % 3) * (500 + (hash(i) % 3000) * 4) AS "金額",
        ['検索', '広告', 'SNS', '紹介'][1 + CAST(hash(i // 2) % 4 AS INT)] AS "流入元",
        CASE WHEN hash(i // 2) % 50 = 0 THEN 'キャンセル' ELSE '発送済み' END AS "状態"
    FROM range({lines}) AS t(i)
) TO '{path}' (HEADER, FORMAT csv)
"""


SIGNALS_SQL = """
COPY (
    SELECT 'C' || hash(i) % ({rows} // 10) AS customer_id, CAST(level AS TINYINT) AS level,
        DATE '2024-07-01' + CAST((hash(hash(i) % ({rows} // 10) + 1) % 400 + hash(i + 7) % 330) AS INT) AS "on",
        false AS provisional
    FROM (SELECT i, [0, 1, 1, 1, 1, 2, 2, 2, 3, 3, 4, 9][1 + CAST(hash(i + 3) % 12 AS INT)] AS level
        FROM range({rows}) AS t(i))
) TO '{path}' (FORMAT parquet)
"""
"""Signals of a tenth as many customers, spread over at most 330 days since each became known."""

_WHEN = "DATE '2024-07-01' + CAST((hash(i % ({{rows}} // 10)) % 400 + hash(i + {salt}) % 330) AS INT)"
HISTORY_SQL = {
    "history_orders": f"""
        SELECT 'C' || i % ({{rows}} // 10) AS customer_id, {_WHEN.format(salt=1)} AS ordered_on,
            CAST(3000 AS DECIMAL(18, 4)) AS amount, hash(i) % 50 > 0 AS is_purchase, hash(i + 2) % 3 = 0 AS discounted,
            false AS is_gift FROM range({{rows}} * 3 // 10) AS t(i)""",
    "touchpoints": f"""
        SELECT 'C' || i % ({{rows}} // 10) AS customer_id, CAST({_WHEN.format(salt=2)} AS TIMESTAMP) AS "at",
            ['メール', 'LINE', '電話', '手紙'][1 + CAST(hash(i + 4) % 4 AS INT)] AS channel,
            ['out', 'out', 'in'][1 + CAST(hash(i + 5) % 3 AS INT)] AS direction,
            ['none', 'open', 'click', 'reply', 'review', 'participate', 'referral', 'complaint']
                [1 + CAST(hash(i + 6) % 8 AS INT)] AS reaction FROM range({{rows}} * 4 // 10) AS t(i)""",
    "story": f"""
        SELECT 'C' || i % ({{rows}} // 50) AS customer_id, {_WHEN.format(salt=3)} AS date, hash(i) % 6 AS change_score,
            ['良い', '普通', '悪い'][1 + CAST(hash(i + 7) % 3 AS INT)] AS emotion, CAST(NULL AS VARCHAR) AS note
        FROM range({{rows}} * 2 // 10) AS t(i)""",
    "voices": f"""
        SELECT 'C' || i % ({{rows}} // 10) AS customer_id, {_WHEN.format(salt=4)} AS date,
            CAST(1 + hash(i) % 5 AS DECIMAL(18, 4)) AS expectation,
            CAST(1 + hash(i + 8) % 5 AS DECIMAL(18, 4)) AS evaluation, CAST(NULL AS VARCHAR) AS comment
        FROM range({{rows}} // 10) AS t(i)""",
}
"""Ten million rows of the four tables that carry most signals."""


def _read(path: Path, mapping_file: Path) -> Callable[[], None]:
    import pandas  # noqa: F401
    import pyarrow.dataset  # noqa: F401  (both are imported on first use)

    from horetsu_utils import engine
    from horetsu_utils.ingest import feed, mapping, prepare

    engine.connect().disconnect()

    read_by = mapping.load(mapping_file)
    ways = feed.Ways("Asia/Tokyo", 2, {"product_name": ["POSTAGE"], "product_id": ["POST"]}, b"bench")
    target = Path(tempfile.mkdtemp()) / "cache"

    def case() -> None:
        prepare.prepare([feed.Feed("orders", path, path.name, mapping_file.stem, read_by)], target, ways=ways)
        shutil.rmtree(target.parent)

    return case


def _bare(path: Path) -> Callable[[], None]:
    import duckdb

    target = Path(tempfile.mkdtemp()) / "bare.parquet"

    def case() -> None:
        duckdb.connect().execute(f"COPY (FROM read_csv('{path}')) TO '{target}' (FORMAT parquet)")
        shutil.rmtree(target.parent)

    return case


def _rfm() -> Callable[[], None]:
    from horetsu_utils import engine
    from horetsu_utils.metrics import rfm

    orders = engine.connect().read_parquet(HOME / "orders.parquet")

    def case() -> None:
        customers = rfm.rfm(orders, as_of=AS_OF, period_days=730).cache()
        scored = rfm.score(customers, rfm.cut_points(customers))
        scored.aggregate(total=scored.recency_score.sum() + scored.monetary_score.sum()).to_pyarrow()

    return case


def _stages(rows: int) -> Callable[[], None]:
    from horetsu_utils import assets, engine, rulebook
    from horetsu_utils.metrics import passage, stage

    rules = rulebook.stages(assets.RULES / "stages.yaml")
    connection = engine.connect()
    told = connection.read_parquet(HOME / f"signals_{rows}.parquet")

    def case() -> None:
        spells = engine.keep(connection, stage.spells(told, rhythm=rules.rhythm, as_of=AS_OF), "spells")
        stage.by_stage(stage.stages(spells, spells.limit(0), as_of=AS_OF, confidence=1.0)).to_pyarrow()
        passage.snapshots(spells, first=FIRST_MONTH, as_of=AS_OF).to_pyarrow()

    return case


def _journey() -> Callable[[], None]:
    from horetsu_utils import engine
    from horetsu_utils.method import JourneyRules
    from horetsu_utils.metrics import cohort, journey, survival

    connection, rules = engine.connect(), JourneyRules()
    orders = connection.read_parquet(HOME / "orders.parquet")

    def case() -> None:
        told = engine.keep(connection, journey.numbered(orders, as_of=AS_OF), "numbered")
        firsts = engine.keep(connection, journey.firsts(told, as_of=AS_OF), "firsts")
        survival.readings(survival.curve(firsts), rules.reading_days).to_pyarrow()
        survival.mature(firsts, rules.reading_days).to_pyarrow()
        journey.ladder(told, as_of=AS_OF, within_days=180, rules=rules).to_pyarrow()
        cohort.cohorts(told, orders.filter(~orders.is_purchase), as_of=AS_OF).to_pyarrow()

    return case


def _lifetimes() -> Callable[[], None]:
    import numpy as np
    import pandas as pd

    from horetsu_utils import lifetime

    draw = np.random.default_rng(1)
    age = draw.integers(1, 730, LIFETIMES) / 7
    repeats = np.minimum(
        draw.poisson(draw.gamma(0.8, 1 / 20, LIFETIMES) * age), draw.geometric(draw.beta(1, 3, LIFETIMES))
    )
    last = np.where(repeats > 0, (age * 7 * draw.beta(np.maximum(repeats, 1), 1, LIFETIMES)).round() / 7, 0)
    people = pd.DataFrame({"frequency": repeats, "recency_weeks": last, "age_weeks": age})
    known = people.value_counts(sort=False).rename("customers").reset_index()

    def case() -> None:
        model = lifetime.fit_orders(known)
        assert model is not None
        lifetime.expected_orders(model, known, 52)

    return case


def _histories() -> Callable[[], None]:
    from horetsu_utils import assets, engine, rulebook
    from horetsu_utils.metrics import passage, signals, stage

    rules = rulebook.stages(assets.RULES / "stages.yaml")
    connection = engine.connect()
    names = {"orders": "history_orders"} | {name: name for name in ("touchpoints", "story", "voices")}
    tables = {name: connection.read_parquet(HOME / f"{file}.parquet") for name, file in names.items()}

    def case() -> None:
        told = engine.keep(connection, signals.signals(tables, rules=rules, as_of=AS_OF), "signals")
        firm = told.filter(~told.provisional)
        spells = engine.keep(connection, stage.spells(firm, rhythm=rules.rhythm, as_of=AS_OF), "spells")
        passage.snapshots(spells, first=FIRST_MONTH, as_of=AS_OF).to_pyarrow()

    return case


def _group_by(orders: str) -> Callable[[], None]:
    import duckdb

    query = f"""
        SELECT count(*), max(last), sum(orders), sum(amount) FROM (
            SELECT customer_id, max(ordered_at) AS last, {orders} AS orders, sum(amount) AS amount
            FROM read_parquet('{HOME / "lines.parquet"}') GROUP BY customer_id)"""
    return lambda: duckdb.connect().execute(query).fetchall() and None


def _by_month() -> Callable[[], None]:
    import duckdb

    query = f"""
        SELECT count(*), sum(lines), sum(amount) FROM (
            SELECT customer_id, date_trunc('month', ordered_at) AS month, count(*) AS lines, sum(amount) AS amount
            FROM read_parquet('{HOME / "lines.parquet"}') GROUP BY customer_id, month)"""
    return lambda: duckdb.connect().execute(query).fetchall() and None


CASES: dict[str, Callable[[], Callable[[], None]]] = {
    "read_uci_gz": lambda: _read(UCI, UCI_MAPPING),
    "bare_uci_gz": lambda: _bare(UCI),
    "read_uci_csv": lambda: _read(HOME / "uci.csv", UCI_MAPPING),
    "read_cp932": lambda: _read(HOME / "lines_cp932.csv", ROOT / "templates" / "mappings" / "generic.yaml"),
    "bare_utf8": lambda: _bare(HOME / "lines_utf8.csv"),
    "bare_uci_csv": lambda: _bare(HOME / "uci.csv"),
    "read_utf8": lambda: _read(HOME / "lines_utf8.csv", ROOT / "templates" / "mappings" / "generic.yaml"),
    "rfm_orders": _rfm,
    "pandas_rfm": lambda: yardsticks.rfm(HOME / "orders.parquet", AS_OF),
    "bare_journey": lambda: yardsticks.journey(HOME / "orders.parquet", AS_OF),
    "stage_1m": lambda: _stages(LINES // 10),
    "stage_10m": lambda: _stages(LINES),
    "stage_tables": _histories,
    "journey": _journey,
    "bare_by_month": _by_month,
    "lifetimes": _lifetimes,
    "pairs": lambda: baskets.ours(HOME / "sold.parquet"),
    "bare_pairs_lists": lambda: baskets.bare(HOME / "sold.parquet", baskets.LIST_SQL),
    "bare_pairs_join": lambda: baskets.bare(HOME / "sold.parquet", baskets.JOIN_SQL),
    "stories": stories.ours,
    "few_stories": lambda: stories.ours(stories.RECORDS // 10),
    "bare_stories": stories.bare,
    "words": comments.ours,
    "bare_words": comments.bare,
    "bare_group_by": lambda: _group_by("count(DISTINCT order_id)"),
    "bare_group_by_lines": lambda: _group_by("count(*)"),
}


def main(name: str) -> None:
    """Run one case; what it needs is made ready before the clock starts."""
    if name == "generate":
        generate()
        return
    if name == "all":
        generate()
        for each in CASES if UCI.is_file() else [each for each in CASES if "uci" not in each]:
            CASES[each]()()
        return
    case = CASES[name]()
    start = time.perf_counter()
    case()
    seconds = time.perf_counter() - start
    print(seconds, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)


if __name__ == "__main__":
    main(sys.argv[1])
