"""How two engines' tables are compared: a large one at once, and no difference is overlooked."""

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from both_engines import MANY, differences


def large(**changed: object) -> pd.DataFrame:
    at = np.arange(MANY)
    frame = pd.DataFrame({"who": at.astype(str), "count": at % 7, "share": at / 3})
    frame.loc[frame.index % 5 == 0, "share"] = np.nan
    for name, value in changed.items():
        frame.loc[MANY // 2 + 1, name] = value
    return frame


@pytest.mark.parametrize("form", [lambda frame: frame, pa.Table.from_pandas], ids=["pandas", "arrow"])
def test_the_same_rows_in_another_order_are_equal(form) -> None:
    turned = large(share=1.5).iloc[::-1].reset_index(drop=True)
    turned["share"] *= 1 + 1e-12
    assert differences([("here", form(large(share=1.5)))], [("here", form(turned))]) == []


@pytest.mark.parametrize("changed", [{"who": "x"}, {"count": 99}, {"share": 1.0}, {"share": np.nan}])
def test_one_cell_of_a_large_table_is_told(changed: dict[str, object]) -> None:
    (told,) = differences([("here", large(share=2.0))], [("here", large(**({"share": 2.0} | changed)))])
    assert told.startswith("here: ")
    assert next(iter(changed)) in told


def test_other_kinds_of_columns_and_fewer_rows_are_told() -> None:
    frame = large()
    assert "columns" in differences([("here", frame)], [("here", frame.astype({"count": "int32"}))])[0]
    assert "rows" in differences([("here", frame)], [("here", frame.iloc[1:])])[0]
