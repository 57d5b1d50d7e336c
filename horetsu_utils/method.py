"""The method's thresholds and rules, each a frozen record with its source."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class RfmCuts:
    """Upper bounds between the scores 1-5, ascending, four of each.

    A value equal to a cut belongs below it. Recency is turned round: few days score high.
    Source: METHOD.md section 2.
    """

    recency_days: tuple[float, float, float, float]
    frequency: tuple[float, float, float, float]
    monetary_yen: tuple[float, float, float, float]


@dataclass(frozen=True)
class SegmentRule:
    """One row of the segment table: the first rule whose ranges all hold names the customer's segment.

    Ranges are inclusive (low, high) over the scores 1-5, the orders of a lifetime and the days of silence. `cold`
    marks the segments of those who have drifted away.
    Source: METHOD.md section 2; the rows stand in templates/rules/segments.yaml.
    """

    code: str
    name: str
    meaning: str
    next_step: str
    recency_score: tuple[int, int] = (1, 5)
    frequency_score: tuple[int, int] = (1, 5)
    monetary_score: tuple[int, int] = (1, 5)
    lifetime_orders: tuple[int, int] | None = None
    recency_days: tuple[int, int] | None = None
    cold: bool = False


@dataclass(frozen=True)
class StateRules:
    """When a customer is dormant, and when a fan.

    A fan's frequency and amount both reach their line: the mean plus `fan_sigma` standard deviations,
    or the shop's own lines where both are given. Source: METHOD.md section 2; 180 days is the kit's default.
    """

    dormant_days: int = 180
    fan_sigma: float = 1.0
    fan_frequency: float | None = None
    fan_monetary_yen: float | None = None


@dataclass(frozen=True)
class CpmRules:
    """Boundaries of the customer portfolio (CPM). A value on a boundary belongs to the side before it.

    Source: the defaults of the Japanese mail-order field, LESSONS.md (Domain).
    """

    beginner_days: int = 90
    settled_days: int = 210
    away_days: int = 240
    heavy_yen: int = 70_000


@dataclass(frozen=True)
class ReferenceLines:
    """The two lines a shop should pass at once, and the fewest customers that allow a verdict.

    Source: METHOD.md section 2; `minimum_customers` is the kit's own caution.
    """

    repeat_ratio: float = 0.60
    annual_ltv_yen: float = 18_000
    minimum_customers: int = 30


@dataclass(frozen=True)
class DoubtRules:
    """When data that could be read is doubtful all the same: shares 0-1, and the fewest rows that allow a doubt.

    Source: the kit's own caution.
    """

    rejected_ratio: float = 0.05
    no_customer_ratio: float = 0.30
    customer_sales_ratio: float = 0.05
    fewest_customers: int = 50
    price_times: float = 3.0
    fewest_sales: int = 5
    names_per_mail: int = 10
    lost_ratio: float = 0.10
    stranger_ratio: float = 0.50
    zero_ratio: float = 0.30
    repeated_ratio: float = 0.50
    fewest_shared: int = 5
    fewest_rows: int = 20
    undoing: tuple[str, ...] = ("キャンセル", "取消", "取り消し", "返品", "返金", "Cancel", "Refund")


@dataclass(frozen=True)
class WelcomeWords:
    """The words by which a planned step's hoped-for action is known, and what then counts as that action.

    `shows` is a reaction of the contacts, or `order`, `record` (a row of the story) or `voice` (a row of the voices).
    """

    shows: str
    words: tuple[str, ...]


WELCOME_WORDS = (
    WelcomeWords("order", ("注文", "購入", "お買い", "再購入", "リピート")),
    WelcomeWords("referral", ("紹介", "口コミ", "クチコミ", "投稿", "シェア")),
    WelcomeWords("review", ("レビュー",)),
    WelcomeWords("participate", ("参加", "来店", "お越し")),
    WelcomeWords("record", ("記録", "書き留め", "書きとめ")),
    WelcomeWords("voice", ("アンケート", "お声", "評価")),
    WelcomeWords("reply", ("返事", "返信", "お答え", "たずね", "質問", "連絡")),
    WelcomeWords("click", ("クリック", "見ていただ", "読んでいただ", "開いて")),
)
"""The first whose word stands in a step's welcome action says what to look for. Source: the kit's own reading."""


@dataclass(frozen=True)
class JourneyRules:
    """How the days after the first purchase are read.

    `window_days` is the journey; the F2 curve is read at `reading_days`. Nobody orders again before the first order has
    arrived: the first `settling_days` are no part of the shop's pace. The rest is cut into intervals of
    `interval_days`. A step's welcome action counts within `welcome_days`. A day is silent when less than `silent_ratio`
    (0-1) of the customers are contacted; `silent_days` such days in a row are a gap. A turn of the feeling must stand
    out by `turn_z` standard errors on both sides, a break by `break_z` standard deviations. What a repair is worth is
    told once the records reach back `worth_days`, a year and a quarter: not the first weeks alone shall stand for all;
    it is told for `repair_points` more of a hundred customers.
    `rungs` is the highest order the ladder shows. Groups differ where chance alone would give the difference less often
    than `chance_ratio` (0-1).
    Source: METHOD.md section 4 for 30/60/90 and 14 days; the rest is the kit's own caution.
    """

    window_days: int = 90
    reading_days: tuple[int, ...] = (30, 60, 90)
    settling_days: int = 10
    interval_days: int = 10
    welcome_days: int = 14
    silent_ratio: float = 0.01
    silent_days: int = 14
    turn_z: float = 3.0
    break_z: float = 3.0
    worth_days: int = 455
    repair_points: int = 5
    rungs: int = 10
    chance_ratio: float = 0.01
    welcome: tuple[WelcomeWords, ...] = WELCOME_WORDS


@dataclass(frozen=True)
class OutlookRules:
    """When the value ahead is shown: how far it looks, what it is tried on, and how wrong it may have been.

    The model is tried on the last `holdout_days`, known only from what lay before. It is shown only if at least
    `least_repeaters` customers had ordered again by then, at least `least_orders` orders followed, and the orders it
    expected were off by no more than `worst_error` (0-1) of those that came. Amounts need a correlation of at most
    `worst_correlation` between how often and how much. Source: the kit's own caution.
    """

    horizon_days: int = 365
    holdout_days: int = 90
    least_repeaters: int = 100
    least_orders: int = 30
    worst_error: float = 0.25
    worst_correlation: float = 0.3


@dataclass(frozen=True)
class GapRules:
    """How expectation and evaluation are compared, both on a scale of 1-5.

    They are equal where they differ by no more than `tolerance` [score]. What followed is looked for within
    `follow_days`. A place is to be mended once at least `place_customers` were heard there and the mean gap lies below
    0 by `place_z` standard errors: many places are looked at, and chance must not point at one. A word stands out in at
    least `word_comments` comments whose log-odds lie above 0 by `word_z` standard errors; the prior weighs as much as
    `prior_words` words. Source: METHOD.md section 5 for the tolerance and 90 days; the rest is the kit's own caution.
    """

    tolerance: float = 0.0
    follow_days: int = 90
    place_customers: int = 20
    place_z: float = 3.0
    word_comments: int = 5
    word_z: float = 2.58
    prior_words: float = 500.0


@dataclass(frozen=True)
class Rules:
    """All thresholds of one client. `cuts` is empty where scores come from the shop's own quintiles."""

    period_days: int = 365
    compare_days: int = 90
    cuts: RfmCuts | None = None
    segments: tuple[SegmentRule, ...] = ()
    state: StateRules = field(default_factory=StateRules)
    cpm: CpmRules = field(default_factory=CpmRules)
    lines: ReferenceLines = field(default_factory=ReferenceLines)
    journey: JourneyRules = field(default_factory=JourneyRules)
    outlook: OutlookRules = field(default_factory=OutlookRules)
    gap: GapRules = field(default_factory=GapRules)

    @property
    def segment_names(self) -> dict[str, str]:
        """The Japanese name of each segment's code, in the order of the rules."""
        return {rule.code: rule.name for rule in self.segments}

    @property
    def cold_segments(self) -> tuple[str, ...]:
        """The codes of the segments of those who have drifted away."""
        return tuple(rule.code for rule in self.segments if rule.cold)

    @property
    def warm_segments(self) -> tuple[str, ...]:
        """The codes of all other segments."""
        return tuple(rule.code for rule in self.segments if not rule.cold)


DECILES = 10
LINE_DIGITS = 6
"""A value and a line computed from a mean are compared to so many digits after the point, so that a value exactly on
the line is never lost to rounding."""
SCORES = 5
YEAR_DAYS, YEAR_MONTHS = 365, 12
Z_95 = 1.959963984540054
"""The 97.5th percentile of the standard normal: two-sided 95 % intervals."""
