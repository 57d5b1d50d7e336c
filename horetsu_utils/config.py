"""What client.yaml may say, each key with its meaning and its limits."""

from typing import Annotated, Literal

from pydantic import Field, field_validator, model_validator

from horetsu_utils import units
from horetsu_utils.canon import TABLES
from horetsu_utils.engine_settings import EngineSettings
from horetsu_utils.errors import nearest
from horetsu_utils.ingest.scores import Scale, Score
from horetsu_utils.look_settings import ReportSettings, one_line
from horetsu_utils.method import CpmRules, GapRules, JourneyRules, ReferenceLines, RfmCuts, StateRules
from horetsu_utils.people_settings import CustomersSettings
from horetsu_utils.settings import Strict, known_zone
from horetsu_utils.units import CURRENCIES

Days = Annotated[int, Field(ge=1, le=3660, strict=True)]
Amount = Annotated[float, Field(ge=0, strict=True, allow_inf_nan=False)]
Cuts = tuple[Amount, Amount, Amount, Amount]
Glob = Annotated[str, Field(min_length=1)]


AUTO = "auto"
"""The mapping is found by each file's headings."""

LONGEST_NAME = 200
"""Characters of a shop's name."""


class Source(Strict):
    """Files (globs inside the client's folder) that feed one canonical table, and the mapping that reads them.

    `shop` names the store where several number their customers on their own. `scale` is the lowest and the highest
    score of these voices; `expected` is the score that stands for the expectation where only the evaluation was asked.
    """

    files: tuple[Glob, ...]
    mapping: str = AUTO
    department: str = ""
    shop: Annotated[str, Field(max_length=50, pattern="^[^:]*$")] = ""
    scale: Scale | None = None
    expected: Score | None = None

    @field_validator("files", mode="before")
    @classmethod
    def _one_or_many(cls, files: object) -> object:
        if files in ((), []):
            raise ValueError("ファイルの名前を1つ以上書いてください")
        return (files,) if isinstance(files, str) else files


class RfmSettings(Strict):
    """Fixed cut-offs between the scores 1-5 (four ascending numbers each); all three or none."""

    recency_days: Cuts
    frequency: Cuts
    monetary_yen: Cuts

    @model_validator(mode="after")
    def _ascending(self) -> "RfmSettings":
        for name, cuts in self:
            if list(cuts) != sorted(set(cuts)):
                raise ValueError(f"{name} の4つの数は、小さい順に、同じ数が無いように書いてください")
        return self


class FanSettings(Strict):
    """The shop's own lines for a fan: orders and amount in the period."""

    frequency: Annotated[float, Field(ge=2, strict=True, allow_inf_nan=False)]
    monetary_yen: Amount


class CpmSettings(Strict):
    """Boundaries of the customer portfolio."""

    beginner_days: Days = CpmRules.beginner_days
    settled_days: Days = CpmRules.settled_days
    away_days: Days = CpmRules.away_days
    heavy_yen: Amount = CpmRules.heavy_yen

    @model_validator(mode="after")
    def _in_order(self) -> "CpmSettings":
        if self.beginner_days >= self.settled_days:
            raise ValueError("beginner_days は settled_days より小さい数にしてください")
        return self


class ReferenceSettings(Strict):
    """The two reference lines."""

    repeat_ratio: Annotated[float, Field(gt=0, le=1, strict=True)] = ReferenceLines.repeat_ratio
    annual_ltv_yen: Annotated[float, Field(gt=0, strict=True, allow_inf_nan=False)] = ReferenceLines.annual_ltv_yen


class StageSettings(Strict):
    """The shop's own days of waiting, over those of rules/stages.yaml; what is not given stays as that file says."""

    landing_days: Days | None = None
    regress_days: Days | None = None


class JourneySettings(Strict):
    """On which days after the first order the second is looked for, and within how many nobody orders again.

    `repair_points` is the repair whose worth is told: so many more of a hundred customers.
    """

    reading_days: Annotated[tuple[Days, ...], Field(min_length=1, max_length=6)] = JourneyRules.reading_days
    settling_days: Annotated[int, Field(ge=0, le=60, strict=True)] = JourneyRules.settling_days
    repair_points: Annotated[int, Field(ge=1, le=20, strict=True)] = JourneyRules.repair_points

    @field_validator("reading_days")
    @classmethod
    def _ascending(cls, days: tuple[int, ...]) -> tuple[int, ...]:
        if list(days) != sorted(set(days)):
            raise ValueError("reading_days は、小さい順に、同じ数が無いように書いてください")
        return days


class GapSettings(Strict):
    """By how much (on a scale of 1-5) expectation and evaluation may differ and still be equal."""

    tolerance: Annotated[float, Field(ge=0, le=2, strict=True)] = GapRules.tolerance


class PrivacySettings(Strict):
    """What a report may show of the people.

    `quotes` are their own words, with names and addresses masked; `nicknames` (from the client's folder) stand on the
    weekly board in the place of customer ids.
    """

    quotes: Annotated[bool, Field(strict=True)] = False
    nicknames: Annotated[bool, Field(strict=True)] = False


class Config(EngineSettings):
    """One client's settings: everything that client.yaml can say."""

    name: Annotated[str, Field(min_length=1, max_length=LONGEST_NAME)]
    lang: Literal["ja", "en"] = "ja"
    time_zone: str = "Asia/Tokyo"
    currency: str = "JPY"
    tax: Literal["included", "excluded", "unknown"] = "unknown"
    period_days: Days = 365
    compare_days: Days = 90
    dormant_days: Days = StateRules.dormant_days
    rfm: RfmSettings | None = None
    fan: FanSettings | None = None
    cpm: CpmSettings = CpmSettings()
    reference: ReferenceSettings = ReferenceSettings()
    stage: StageSettings = StageSettings()
    journey: JourneySettings = JourneySettings()
    gap: GapSettings = GapSettings()
    privacy: PrivacySettings = PrivacySettings()
    customers: CustomersSettings = CustomersSettings()
    report: ReportSettings = ReportSettings()
    link: tuple[Literal["mail", "phone"], ...] = ()
    keep: dict[str, Annotated[str, Field(min_length=1)]] = Field(default_factory=dict)
    values: dict[str, dict[str, dict[str, str]]] = Field(default_factory=dict)
    tables: dict[str, tuple[Source, ...]] = Field(default_factory=dict)

    @field_validator("name")
    @classmethod
    def _seen(cls, name: str) -> str:
        return one_line(name, LONGEST_NAME)

    @field_validator("time_zone")
    @classmethod
    def _known_zone(cls, zone: str) -> str:
        return known_zone(zone)

    @field_validator("currency")
    @classmethod
    def _known_currency(cls, currency: str) -> str:
        if currency not in CURRENCIES:
            raise ValueError(f"「{currency}」という通貨は使えません(使えるもの: {'・'.join(CURRENCIES)})")
        return currency

    @field_validator("values", mode="before")
    @classmethod
    def _as_text(cls, values: object) -> object:
        """Take a number that YAML has seen in a word, such as 900, for the text that was meant."""
        if isinstance(values, dict):
            return {str(name): cls._as_text(inner) for name, inner in values.items()}
        return values

    @field_validator("values")
    @classmethod
    def _known_values(cls, values: dict[str, dict[str, dict[str, str]]]) -> dict[str, dict[str, dict[str, str]]]:
        known = {column.name: column.choices for table in TABLES.values() for column in table.columns if column.choices}
        told = [
            (name, word) for columns in values.values() for name, words in columns.items() for word in words.values()
        ]
        for name, meant in told:
            if name not in known:
                raise ValueError(f"「{name}」の言葉は決められません(使える列: {'・'.join(known)})")
            if meant not in known[name]:
                raise ValueError(f"「{meant}」は {name} の値ではありません(使える値: {'・'.join(known[name])})")
        return values

    @field_validator("tables")
    @classmethod
    def _known_tables(cls, tables: dict[str, tuple[Source, ...]]) -> dict[str, tuple[Source, ...]]:
        if tables and not any(tables.values()):
            raise ValueError("読むファイルがありません。表の名前の下に、files を1つ以上書いてください")
        for name in tables:
            if name not in TABLES:
                guess = nearest(name, TABLES)
                hint = f"「{guess}」の書き間違いではありませんか" if guess else f"使える表は {'・'.join(TABLES)} です"
                raise ValueError(f"「{name}」という表はありません。{hint}")
        return tables

    @model_validator(mode="after")
    def _own_lines(self) -> "Config":
        given = {"annual_ltv_yen"} <= self.reference.model_fields_set and {"heavy_yen"} <= self.cpm.model_fields_set
        if self.currency != "JPY" and not given:
            raise ValueError(
                "通貨が円ではないお店では、目安の金額を reference の annual_ltv_yen と cpm の heavy_yen に、"
                f"お店の通貨({units.currency(self.currency)})で書いてください"
            )
        return self

    @property
    def digits(self) -> int:
        """Digits after the point of the currency's smallest amount."""
        return 0 if self.currency in ("JPY", "KRW") else 2

    def cuts(self) -> RfmCuts | None:
        """Return the shop's own score cut-offs, if it has any."""
        return RfmCuts(self.rfm.recency_days, self.rfm.frequency, self.rfm.monetary_yen) if self.rfm else None

    def state(self) -> StateRules:
        """Return when a customer is dormant, and when a fan."""
        fan = self.fan
        return StateRules(
            self.dormant_days,
            fan_frequency=fan.frequency if fan else None,
            fan_monetary_yen=fan.monetary_yen if fan else None,
        )
