"""What the demo shop sells, plans and asks: fixed facts that every other module of the demo reads."""

import datetime as dt
from dataclasses import dataclass

import numpy as np

SEED = 20260630
CUSTOMERS = 3000
START = dt.date(2024, 7, 1)
AS_OF = dt.date(2026, 6, 30)
LAST_DAY = (AS_OF - START).days
"""Days are counted from START; LAST_DAY is the day of AS_OF."""
BOARD_WEEK_END = dt.date(2026, 6, 28)
BOARD_DAY = (BOARD_WEEK_END - START).days
DAY_SECONDS = 86_400
HOLE_DAYS = (31, 60)
"""Days since the first order on which the shop contacts nobody."""


@dataclass(frozen=True)
class Product:
    """One product. `weight` is its pull in any order, `first_weight` in a first order."""

    product_id: str
    name: str
    category: str
    price_yen: int
    tax_percent: int
    first_weight: float
    weight: float
    season_per_celsius: float = 0.0


PRODUCTS = (
    Product("S01", "しずく色の化粧水", "スキンケア", 3200, 10, 0.17, 0.13),
    Product("S02", "やわらぎ乳液", "スキンケア", 3400, 10, 0.06, 0.05),
    Product("S03", "朝もやクレンジング", "洗顔・クレンジング", 3000, 10, 0.13, 0.10),
    Product("S04", "米の泡せっけん 三個組", "洗顔・クレンジング", 3000, 10, 0.09, 0.10),
    Product("S05", "月あかりの美容液", "美容液・クリーム", 5800, 10, 0.07, 0.06),
    Product("S06", "綿毛のクリーム", "美容液・クリーム", 4600, 10, 0.03, 0.02),
    Product("S07", "木かげの日焼け止め", "季節のお手入れ", 3000, 10, 0.07, 0.08, 0.09),
    Product("S08", "湯けむり入浴パウダー", "季節のお手入れ", 3100, 10, 0.05, 0.07, -0.05),
    Product("H01", "まいにち乳酸菌の粒", "サプリメント", 3600, 8, 0.14, 0.12),
    Product("H02", "畑の青汁スティック", "サプリメント", 3400, 8, 0.09, 0.12),
    Product("H03", "うるおいコラーゲン粉末", "サプリメント", 4500, 8, 0.06, 0.08),
    Product("H04", "夜やすみハーブの粒", "サプリメント", 3800, 8, 0.04, 0.07),
)
PRODUCT_IDS = np.array([product.product_id for product in PRODUCTS], dtype=object)
PRICES_YEN = np.array([product.price_yen for product in PRODUCTS])
TAX_PERCENT = {product.product_id: product.tax_percent for product in PRODUCTS}

PAIR = ("S05", "S06")
FLOW = ("S01", "S02")
FLOW_DAYS = 60
STAR_FIRST_PRODUCT = "S03"
REPLENISHED_PRODUCT = "H01"
REPLENISH_DAYS = 30
WARM_PRODUCT = "S07"


@dataclass(frozen=True)
class Step:
    """One planned step of the 90 days; `reach_ratio` is the planted share of buyers who got it in its window."""

    step_id: str
    day_from: int
    day_to: int
    channel: str
    reach_ratio: float
    purpose: str
    welcome_action: str
    stage: int


STEPS = (
    Step("ST01", 0, 1, "メール", 0.95, "ご注文のお礼と届くまでの流れを伝える", "安心して到着を待っていただく", 0),
    Step("ST02", 2, 5, "同梱物", 0.92, "作り手の手紙と使い方の小冊子を届ける", "その日に使ってみていただく", 0),
    Step(
        "ST03",
        6,
        9,
        "LINE",
        0.58,
        "使い心地でお困りがないかをうかがう",
        "気になることをたずねていただく",
        0,
    ),
    Step("ST04", 13, 16, "メール", 0.82, "二週目によくあるご質問にお答えする", "ご自分のペースで続けていただく", 1),
    Step("ST05", 24, 28, "LINE", 0.46, "使い終わりの目安とお手入れのこつをお伝えする", "二回目のご注文", 1),
    Step("ST06", 62, 66, "メール", 0.70, "二か月のあいだの変化をふりかえる", "変化をひとこと書き留めていただく", 1),
    Step("ST07", 75, 79, "LINE", 0.38, "お一人おひとりの使い方にお返事する", "ご自分の言葉でお返事をいただく", 2),
    Step(
        "ST08",
        86,
        90,
        "DM",
        0.54,
        "三か月のお礼とこれからのことを伝える",
        "続け方をゆっくり決めていただく",
        2,
    ),
)

VOICE_STEPS = ("商品到着", "初回使用", "2週目", "1か月", "2か月", "3か月")
VOICE_STEP_DAYS = ((2, 4), (5, 10), (12, 18), (27, 35), (55, 65), (85, 95))
"""Days since the first order on which each step is asked about."""
DEPARTMENTS = ("お客様相談室", "商品企画", "広報", "物流")
GAP_STEP = "1か月"
GAP_DEPARTMENT = "商品企画"

SOURCES = ("検索", "広告", "SNS", "紹介", "雑誌")
SOURCE_WEIGHTS = (0.34, 0.30, 0.22, 0.08, 0.06)
PREFECTURES = {
    "北海道": 1,
    "宮城県": 4,
    "埼玉県": 11,
    "千葉県": 12,
    "東京都": 13,
    "神奈川県": 14,
    "静岡県": 22,
    "愛知県": 23,
    "京都府": 26,
    "大阪府": 27,
    "兵庫県": 28,
    "広島県": 34,
    "福岡県": 40,
}


def position(product_id: str) -> int:
    """Return the place of a product in PRODUCTS."""
    return [product.product_id for product in PRODUCTS].index(product_id)


def dates(days: np.ndarray) -> np.ndarray:
    """Turn day numbers into calendar dates (objects of datetime.date)."""
    every = np.array([START + dt.timedelta(days=day) for day in range(LAST_DAY + 1)], dtype=object)
    return every[np.asarray(days, dtype=np.int64)]


def moments(days: np.ndarray, seconds: np.ndarray) -> np.ndarray:
    """Turn day numbers and seconds of the day into local times."""
    start = np.datetime64(START.isoformat(), "us")
    total = np.asarray(days, dtype=np.int64) * DAY_SECONDS + np.asarray(seconds, dtype=np.int64)
    return start + total.astype("timedelta64[s]").astype("timedelta64[us]")


def outside_hole(days_since_first: np.ndarray) -> np.ndarray:
    """Move a contact that falls into the scenario's hole behind it."""
    low, high = HOLE_DAYS
    inside = (days_since_first >= low) & (days_since_first <= high)
    return np.where(inside, days_since_first + (high - low + 1), days_since_first)
