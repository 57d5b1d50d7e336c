"""Tests on a file's own columns, as a mapping writes them."""

import pyarrow as pa
import pyarrow.compute as pc
from pydantic import field_validator, model_validator

from horetsu_utils.settings import Strict


class Condition(Strict):
    """A test on one of the file's own columns; exactly one of the tests is given."""

    column: str
    is_in: tuple[str, ...] | None = None
    not_in: tuple[str, ...] | None = None
    starts_with: str | None = None
    matches: str | None = None
    below: float | None = None
    filled: bool | None = None

    @model_validator(mode="after")
    def _one_test(self) -> "Condition":
        tests = [self.is_in, self.not_in, self.starts_with, self.matches, self.below, self.filled]
        if sum(test is not None for test in tests) != 1:
            raise ValueError("条件は is_in・not_in・starts_with・matches・below・filled のうち1つだけを書いてください")
        return self

    @field_validator("matches")
    @classmethod
    def _searchable(cls, pattern: str | None) -> str | None:
        try:  # the same library of patterns as the engine's
            pc.match_substring_regex(pa.array([""]), pattern or "")
        except pa.ArrowInvalid as error:
            raise ValueError(f"「{pattern}」は正規表現として読めません") from error
        return pattern


class Case(Condition):
    """A value of ours, given to the rows for which the condition holds."""

    value: str
