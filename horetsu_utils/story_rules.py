"""How the records of change are read, and who stands on the weekly board: frozen records, each with its source."""

from dataclasses import dataclass

GOOD, PLAIN, BAD = "良い", "普通", "悪い"
"""The three emotions, as the canonical table has them."""


@dataclass(frozen=True)
class StoryRules:
    """How the curves are drawn.

    One customer's line is the running median of the scores within `smooth_days` on each side, so that one odd day does
    not bend it; after `gap_days` without a record it begins anew. The group is drawn by intervals of `interval_days`
    since each customer's first record. A customer's level is the median of the last `edge_records` after the first.
    The `most_purposes` most frequent purposes are told; those of fewer than `fold_from` customers are put together.
    Source: METHOD.md section 7 for the curves; the numbers are the kit's own.
    """

    smooth_days: int = 14
    gap_days: int = 28
    interval_days: int = 7
    edge_records: int = 3
    most_purposes: int = 8
    fold_from: int = 5


@dataclass(frozen=True)
class BoardRules:
    """Who stands on the board of a week of `week_days`.

    Changed most: the median of the week lies at least `changed_least` [score] above that of the `before_days` before
    it, which hold `fewest_before` records or more. Smile came back: a first 良い in the week after `gloomy_least`
    records in a row that were not. Keeps on: a record in each of the last `keep_weeks` weeks. Low lately: the last
    `bad_streak` records are all 悪い, or the median of the last `recent_days` lies `fall_least` [score] below that of
    the days before, back to `fall_days`; whoever has not recorded within `recent_days` is not called low.
    Source: METHOD.md section 7 for the four kinds and the two gloomy records; section 3 for three 悪い in a row; a
    week's median moves by one point through rounding alone, hence 1.5. The rest is the kit's own.
    """

    week_days: int = 7
    before_days: int = 28
    changed_least: float = 1.5
    fewest_before: int = 2
    gloomy_least: int = 2
    keep_weeks: int = 4
    bad_streak: int = 3
    recent_days: int = 14
    fall_days: int = 35
    fall_least: float = 1.5
