"""What the shop planned and answered: the 90-day scenario, July's campaigns, the ten answers."""

import datetime as dt

import pandas as pd

from horetsu_utils.canon import TABLES
from horetsu_utils.demo import catalog

ANSWERED_ON = dt.date(2026, 6, 15)
ANSWERED_BY = "店主"

CAMPAIGNS = (
    ("CP01", 2, "メール", "offer_now", None, "ステージ0", None, 420, True),
    ("CP02", 3, "LINE", None, "【本日限り】はじめての方へ、今だけ20%OFFのご案内", "ステージ0", 0.20, 380, True),
    ("CP03", 6, "メール", None, "使いはじめの方からよくいただくご質問にお答えします", "ステージ0", None, 600, False),
    ("CP04", 8, "メール", "upsell", "いまお使いの品に、もう一品いかがですか", "ステージ1", None, 700, True),
    ("CP05", 10, "手紙", None, "先日のお便りへのお返事を、お一人ずつ書きました", "ステージ2", None, 300, False),
    ("CP06", 13, "メール", "uniform_campaign", "会員の皆さまへ一斉のお知らせ", "ステージ2", 0.05, 900, True),
    ("CP07", 15, "LINE", None, "定期コースへのお切り替えで、VIP会員になれます", "ステージ0", 0.10, 350, True),
    ("CP08", 17, "メール", None, "置き場所と保管のしかたのご案内", "ステージ1", None, 450, False),
    ("CP09", 20, "電話", "numeric_evaluation", None, "ステージ3", None, None, True),
    ("CP10", 22, "店頭", None, "次の小さな集まりの進め方を、ご一緒に考えてください", "ステージ3", None, 250, False),
    ("CP11", 24, "手紙", None, "いつも伝えてくださることへの、心からのお礼", "ステージ4", None, 280, False),
    ("CP12", 27, "メール", "load_concentration", "新商品の紹介役をお願いします", "ステージ4", None, 500, True),
)
"""campaign_id, day of July, channel, action, subject, target, discount_rate, length, breaks a rule."""

ANSWERS = (
    ("Q1", "B", "売上と一緒に、年間の購入額も見るようにしています。"),
    ("Q2", "B", "主な方の在籍期間は分かります。"),
    ("Q3", "A", "二回目の購入率はいつも見ています。"),
    ("Q4", "C", "二か月目のご案内はまだ決まっていません。"),
    ("Q5", "B", "メールとLINEは使い分けています。"),
    ("Q6", "C", "新規の方とそれ以外で分けています。"),
    ("Q7", "D", "ステージごとの行動は考えたことがありません。"),
    ("Q8", "A", "値引きよりも体験を大切にしています。"),
    ("Q9", "D", "しばらくお休みの方への取り組みはありません。"),
    ("Q10", "A", "関係づくりが仕事だと考えています。"),
)
CONTRADICTED_QUESTIONS = ("Q8",)
"""Answers the tables speak against: two orders in five carry a discount."""


def scenario_table() -> pd.DataFrame:
    """Lay out the planned steps of the 90 days; days 31-60 are left empty."""
    table = pd.DataFrame([vars(step) for step in catalog.STEPS])
    return table.reindex(columns=list(TABLES["scenario"].names)).astype({"action": object})


def campaigns_table() -> pd.DataFrame:
    """List the actions planned for July 2026, some of which break a rule of the stage they are meant for."""
    names = ["campaign_id", "date", "channel", "action", "subject", "target", "discount_rate", "length", "breaks"]
    table = pd.DataFrame(CAMPAIGNS, columns=names)
    table["date"] = [dt.date(catalog.AS_OF.year, catalog.AS_OF.month + 1, day) for day in table["date"]]
    table["length"] = table["length"].astype("Int64")
    return table.reindex(columns=list(TABLES["campaigns"].names))


def campaign_ids(*, breaking: bool) -> tuple[str, ...]:
    """Return the campaigns that break a rule, or those that fit."""
    return tuple(row[0] for row in CAMPAIGNS if row[-1] == breaking)


def answers_table() -> pd.DataFrame:
    """Give the owner's ten answers."""
    table = pd.DataFrame(ANSWERS, columns=["question", "answer", "comment"])
    table = table.assign(answered_by=ANSWERED_BY, date=ANSWERED_ON)
    return table.reindex(columns=list(TABLES["answers"].names))
