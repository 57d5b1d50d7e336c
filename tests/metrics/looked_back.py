"""What the look back tells, outcome by outcome."""

from collections.abc import Sequence
from typing import Any

import ibis
import ibis.expr.types as ir
import pyarrow as pa

from horetsu_utils.lookback_rules import OUTCOMES, LookbackRules
from horetsu_utils.metrics import aftermath

RULES = LookbackRules()
Rows = Sequence[tuple[Any, ...]]


def table(rows: Rows, kinds: dict[str, str]) -> ir.Table:
    facts = [dict(zip(kinds, row, strict=True)) for row in rows]
    return ibis.memtable(pa.Table.from_pylist(facts, schema=ibis.schema(kinds).to_pyarrow()))


def outcomes(cases: ir.Table, rules: LookbackRules = RULES) -> dict[str, dict[str, Any]]:
    rows = aftermath.compared(cases, rules=rules).to_pyarrow().to_pylist()
    assert [row["outcome"] for row in rows] == list(OUTCOMES)
    return {row["outcome"]: row for row in rows}
