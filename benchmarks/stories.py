"""Five million records of change of a hundred thousand customers: the whole chapter, and a bare GROUP BY."""

from collections.abc import Callable
from pathlib import Path

from benchmarks.sizes import AS_OF, HOME, LINES

RECORDS = LINES // 2
SQL = """
COPY (
    SELECT 'C' || i // 50 AS customer_id,
        DATE '2026-06-30' - CAST(hash(i // 50) % 60 + (i % 50) * (3 + hash(i // 50 + 1) % 10) AS INT) AS date,
        hash(i) % 6 AS change_score, ['良い', '普通', '悪い'][1 + CAST(hash(i + 7) % 3 AS INT)] AS emotion,
        CASE WHEN i % 50 = 49 THEN '目的' || hash(i) % 40 END AS purpose
    FROM range({records}) AS t(i)
) TO '{path}' (FORMAT parquet)
"""
BARE = """
    SELECT count(*), max(last), sum(records), sum(level) FROM (
        SELECT customer_id, max(date) AS last, count(*) AS records, median(change_score) AS level
        FROM read_parquet('{path}') GROUP BY customer_id)
"""


def generated(records: int) -> Path:
    """Write the records once, and return their file."""
    import duckdb

    path = HOME / f"story_{records}.parquet"
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.is_file():
        duckdb.execute(SQL.format(records=records, path=path))
    return path


def ours(records: int = RECORDS) -> Callable[[], None]:
    """Lay the records out once, and compute all that the chapter shows."""
    from horetsu_utils import engine
    from horetsu_utils.metrics import board, story
    from horetsu_utils.story_rules import BoardRules, StoryRules

    connection = engine.connect()
    table = connection.read_parquet(generated(records))
    rules = StoryRules()

    def case() -> None:
        written = engine.keep(connection, story.written(table, as_of=AS_OF), "written")
        purposes = story.purposes(story.changes(written, rules=rules), rules=rules)
        week = board.board(written, week_end=AS_OF, rules=BoardRules())
        parts = (story.coverage(written), story.growth(written, rules=rules), story.wave(written), purposes, week)
        for part in parts:
            part.to_pyarrow()

    return case


def bare() -> Callable[[], None]:
    """Let the engine group the same file by customer: the last day, the records, the median score."""
    import duckdb

    query = BARE.format(path=generated(RECORDS))
    return lambda: duckdb.connect().execute(query).fetchall() and None
