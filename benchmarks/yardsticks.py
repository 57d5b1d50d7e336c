"""The same questions asked without the kit: pandas, and one DuckDB query each, written by hand."""

from collections.abc import Callable
from pathlib import Path

QUINTILES = (0.2, 0.4, 0.6, 0.8)
JOURNEY_SQL = (
    """
    WITH bought AS (
        SELECT customer_id, ordered_on, row_number() OVER who AS number, lead(ordered_on) OVER who AS next_on
        FROM read_parquet('{path}') WHERE is_purchase AND ordered_on <= DATE '{as_of}'
        WINDOW who AS (PARTITION BY customer_id ORDER BY ordered_at, order_id))
    SELECT coalesce(next_on - ordered_on, DATE '{as_of}' - ordered_on) AS day, count(*) AS ended, count(next_on) AS came
    FROM bought WHERE number = 1 GROUP BY day ORDER BY day
    """,
    """
    WITH bought AS (
        SELECT customer_id, ordered_on, row_number() OVER who AS number, lead(ordered_on) OVER who AS next_on
        FROM read_parquet('{path}') WHERE is_purchase AND ordered_on <= DATE '{as_of}'
        WINDOW who AS (PARTITION BY customer_id ORDER BY ordered_at, order_id))
    SELECT number, count(*) AS reached, count(*) FILTER (WHERE ordered_on <= DATE '{as_of}' - 180) AS watched,
        count(*) FILTER (WHERE ordered_on <= DATE '{as_of}' - 180 AND next_on - ordered_on <= 180) AS went_on,
        median(next_on - ordered_on) AS gap
    FROM bought WHERE number <= 6 GROUP BY number ORDER BY number
    """,
    """
    WITH bought AS (
        SELECT customer_id, amount, ordered_on, min(ordered_on) OVER (PARTITION BY customer_id) AS first_on
        FROM read_parquet('{path}') WHERE is_purchase AND ordered_on <= DATE '{as_of}')
    SELECT date_trunc('month', first_on) AS cohort, date_diff('month', first_on, ordered_on) AS month,
        count(DISTINCT customer_id) AS active, sum(amount) AS yen
    FROM bought GROUP BY cohort, month ORDER BY cohort, month
    """,
)
"""The days to the second order, the ladder, the cohorts."""


def journey(orders: Path, as_of: object) -> Callable[[], None]:
    """Ask the three questions of the journey, one query each."""
    import duckdb

    def case() -> None:
        connection = duckdb.connect()
        for query in JOURNEY_SQL:
            connection.execute(query.format(path=orders, as_of=as_of)).fetchall()

    return case


def rfm(orders: Path, as_of: object) -> Callable[[], None]:
    """Describe and score the customers by pandas, from the columns that are needed of the same prepared orders."""
    import pandas as pd

    def case() -> None:
        columns = ["customer_id", "ordered_on", "amount", "is_purchase"]
        frame = pd.read_parquet(orders, columns=columns, dtype_backend="pyarrow")
        frame["amount"] = frame["amount"].astype("float64")
        frame["ordered_on"] = frame["ordered_on"].astype("datetime64[s]")
        grouped = frame[frame["is_purchase"]].groupby("customer_id", sort=False)
        people = grouped.agg(last_on=("ordered_on", "max"), orders=("amount", "size"), yen=("amount", "sum"))
        people["days"] = (pd.Timestamp(str(as_of)) - people["last_on"]).dt.days
        total = 0
        for name in ("days", "orders", "yen"):
            cuts = people[name].quantile(QUINTILES).to_numpy()
            total += int(cuts.searchsorted(people[name].to_numpy()).sum())
        if not total:
            raise RuntimeError("nobody was scored")

    return case
