import ibis
import pytest

from horetsu_utils.metrics import stage_rfm
from horetsu_utils.relation import MatrixRules

RULES = MatrixRules(high_points=12, low_points=7, high_stage=3, low_stage=1)


def customers(rows: list[tuple[str, int, tuple[int, int, int]]]):
    stages = ibis.memtable([{"customer_id": who, "stage": at} for who, at, _ in rows], schema=STAGES)
    scored = [
        {"customer_id": who, "segment": "loyal", "recency_score": r, "frequency_score": f, "monetary_score": m,
         "recency_days": 5, "frequency": 2, "monetary_yen": 1000.0}
        for who, _, (r, f, m) in rows
    ]  # fmt: skip
    return stage_rfm.levelled(stages, ibis.memtable(scored, schema=SCORED), rules=RULES)


STAGES = {"customer_id": "string", "stage": "int64"}
SCORED = {
    "customer_id": "string",
    "segment": "string",
    "recency_score": "int64",
    "frequency_score": "int64",
    "monetary_score": "int64",
    "recency_days": "int64",
    "frequency": "int64",
    "monetary_yen": "float64",
}


@pytest.mark.parametrize(
    ("stage", "scores", "level", "cell"),
    [
        (1, (4, 4, 4), "high", "thin_tie"),  # 12 points are high already, and stage 1 is still low
        (2, (5, 5, 5), "high", None),
        (1, (4, 4, 3), "middle", None),
        (3, (2, 2, 3), "low", "quiet_supporter"),  # 7 points are low still, and stage 3 is high already
        (3, (2, 3, 3), "middle", None),
        (2, (1, 1, 1), "low", None),
    ],
)
def test_the_two_cells_begin_exactly_on_their_lines(stage, scores, level, cell) -> None:
    (found,) = customers([("A", stage, scores)]).to_pyarrow().to_pylist()
    assert (found["rfm_level"], found["cell"]) == (level, cell)


def test_the_matrix_counts_every_customer_in_both_tables_once() -> None:
    levelled = customers([("A", 0, (5, 5, 5)), ("B", 0, (5, 5, 4)), ("C", 4, (1, 1, 1))])
    rows = stage_rfm.matrix(levelled).to_pyarrow().to_pylist()
    assert rows == [
        {"rfm_level": "high", "stage": 0, "customers": 2, "sales_yen": 2000.0},
        {"rfm_level": "low", "stage": 4, "customers": 1, "sales_yen": 1000.0},
    ]


def test_without_customers_there_is_no_cell() -> None:
    assert stage_rfm.matrix(customers([])).count().to_pyarrow().as_py() == 0
