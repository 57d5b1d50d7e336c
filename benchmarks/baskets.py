"""Pairs of products in 10 million order lines: by our expression, and by DuckDB alone in two plans."""

from collections.abc import Callable
from pathlib import Path

PRODUCTS, LINES_PER_ORDER = 2_000, 4
LEAST = 5
"""A pair is told from so many orders on, here and there."""

SOLD_SQL = """
COPY (
    SELECT 'generic' AS origin, 'O' || (i // {per_order}) AS order_id,
        'C' || hash(i // {per_order}) % ({lines} // 25) AS customer_id,
        '商品 ' || CAST(floor(pow(hash(i) % 1000003 / 1000003.0, 2) * {products}) AS BIGINT) || '番' AS product
    FROM range({lines}) AS t(i)
) TO '{path}' (FORMAT parquet)
"""
"""The first of 2,000 products are bought most, as in a shop."""

_NUMBERED = """
WITH named AS MATERIALIZED (
    SELECT product, CAST(row_number() OVER (ORDER BY product) AS USMALLINT) AS item
    FROM (SELECT DISTINCT product FROM '{path}')),
"""
LIST_SQL = (
    _NUMBERED
    + """
filled AS (
    SELECT list_sort(list_distinct(list(item))) AS items
    FROM '{path}' JOIN named USING (product) GROUP BY origin, order_id HAVING count(*) > 1),
placed AS (SELECT items, unnest(range(1, len(items))) AS place FROM filled),
pairs AS (SELECT items[place] AS first, unnest(items[place + 1:]) AS second FROM placed)
SELECT count(*), sum(met) FROM (
    SELECT first, second, count(*) AS met FROM pairs GROUP BY ALL HAVING count(*) >= {least})
"""
)
JOIN_SQL = (
    _NUMBERED
    + """
lines AS MATERIALIZED (
    SELECT DISTINCT hash(origin, order_id) AS basket, item FROM '{path}' JOIN named USING (product))
SELECT count(*), sum(met) FROM (
    SELECT a.item AS first, b.item AS second, count(*) AS met
    FROM lines AS a JOIN lines AS b ON a.basket = b.basket AND a.item < b.item GROUP BY ALL HAVING count(*) >= {least})
"""
)


def generate(path: Path, lines: int) -> None:
    """Write the lines, once."""
    import duckdb

    if not path.is_file():
        duckdb.execute(SOLD_SQL.format(lines=lines, path=path, products=PRODUCTS, per_order=LINES_PER_ORDER))


def ours(path: Path) -> Callable[[], None]:
    """Fill the baskets of orders, count their pairs, weigh and name them, as the chapter does."""
    from horetsu_utils import engine
    from horetsu_utils.affinity_rules import AffinityRules
    from horetsu_utils.metrics import affinity

    connection, rules = engine.connect(), AffinityRules(least_baskets=LEAST)
    sold = connection.read_parquet(path)

    def case() -> None:
        products = engine.keep(connection, affinity.products(sold))
        baskets = engine.keep(connection, affinity.baskets(sold, products, key=affinity.ORDER))
        affinity.pairs(baskets, products, rules=rules).to_pyarrow()

    return case


def bare(path: Path, query: str) -> Callable[[], None]:
    """Let DuckDB alone count the pairs of numbered products: no names, no shares, no bound."""
    import duckdb

    def case() -> None:
        duckdb.connect().execute(query.format(path=path, least=LEAST)).fetchall()

    return case
