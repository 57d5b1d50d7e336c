"""What client.yaml says of the engine that computes, DuckDB in this machine or a Spark, and of where it reads."""

import re

from pydantic import ValidationInfo, field_validator, model_validator

from horetsu_utils.addresses import checked
from horetsu_utils.errors import shorten
from horetsu_utils.settings import Strict

DUCKDB = "duckdb"
_ENGINES = {"engine": "duckdb・spark://ホスト名:7077", "spark": "local・local[2]・local[*]・spark://ホスト名:7077"}
_SPARK = re.compile(r"local(\[([1-9]\d{0,3}|\*)\])?|spark://[\w.-]+:\d{1,5}(,[\w.-]+:\d{1,5})*", re.ASCII)


class EngineSettings(Strict):
    """The engine: `engine` is duckdb or a cluster's address; `spark` says how many cores here, or the same address.

    `store` is the address (s3://, gs://, file:// …) where the prepared tables are laid, for Spark to read there.
    """

    engine: str = DUCKDB
    spark: str = ""
    store: str = ""

    @field_validator("engine", "spark")
    @classmethod
    def _known_engine(cls, told: str, info: ValidationInfo) -> str:
        if (told == DUCKDB and info.field_name == "engine") or _SPARK.fullmatch(told):
            return told
        raise ValueError(f"「{shorten(told)}」では計算できません(使えるもの: {_ENGINES[str(info.field_name)]})")

    @field_validator("store")
    @classmethod
    def _sound_address(cls, told: str) -> str:
        return checked(told)

    @model_validator(mode="after")
    def _one_engine(self) -> "EngineSettings":
        if self.spark and "engine" in self.model_fields_set:
            raise ValueError("engine と spark は、どちらか1つだけ書いてください")
        return self

    @property
    def master(self) -> str:
        """Where Spark is reached; empty where DuckDB computes."""
        return self.spark or ("" if self.engine == DUCKDB else self.engine)
