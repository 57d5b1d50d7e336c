"""How sales are held against the weather: a frozen record with its sources."""

from dataclasses import dataclass


@dataclass(frozen=True)
class ClimateRules:
    """What is looked at, and from when on.

    The days before are looked at up to `longest_lag` days back. The season is `harmonics` waves of the year. At least
    `least_days` days with a temperature, and `least_orders` orders of a product, allow a figure; the `most_products`
    most ordered products are looked at. A link is told where chance alone would give one as strong among all those
    looked at less often than `chance_ratio` (0-1). A weather is told from `word_days` days on; a day is wet whose
    weather holds one of the words `wet`.
    Source: METHOD.md section 8 (sales against weather and temperature); half a year, so that weekday and season can be
    told from the temperature; Holm 1979, Scand. J. Stat. 6:65-70 for the correction. The rest is the kit's own caution.
    """

    longest_lag: int = 7
    harmonics: int = 2
    least_days: int = 180
    least_orders: int = 100
    most_products: int = 50
    chance_ratio: float = 0.05
    word_days: int = 30
    wet: tuple[str, ...] = ("雨", "雪", "みぞれ", "rain", "snow", "Rain", "Snow")
