"""What the last pages of a report say: the meaning of its words, the shop's own lines, and how it was made."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from horetsu_utils.method import Rules
from horetsu_utils.relation import Stage
from horetsu_utils.wording import money, percent
from horetsu_utils.words import TABLES

Term = dict[str, str]

ALWAYS = (
    (
        "誤差の幅",
        "かっこの中の「〜」は、たまたまの揺れで動きうる幅です。同じような調べを何度もしたとき、20回のうち19回ほどは、"
        "本当の値がこの幅に入ります(95%信頼区間)。",
    ),
    ("真ん中の方", "数の小さい順に並べたとき、ちょうど真ん中にいらっしゃる方です(中央値)。"),
)


SEEN = {
    "期間中に買われた方": "期間中に買われた",
    "R・F・M": "RFM",
    "冷めかけている": "冷め",
    "暫定のステージ": "暫定",
    "2回目のご注文(F2)": "2回目のご注文",
    "途切れ(欠損箇所)": "途切れ",
    "たまたま重なる場合の何倍": "たまたま重なる",
    "真ん中の方": "真ん中",
    "読み取れる人数": "読み取",
}
"""By what a page shows that it uses a word; by the word itself where nothing stands here."""


def terms(rules: Rules, stages: Sequence[Stage], chapters: Collection[str], currency: str) -> list[Term]:
    """Return the words of the chapters, each with its meaning, its lines, and by what a page shows its use."""
    told = (
        ("01_rfm", _buying(rules, currency)),
        ("02_stage", _relations(stages)),
        ("03_journey", _way(rules)),
        ("04_gap", _expecting(rules)),
        (
            "06_story",
            (
                (
                    "変化の点数",
                    "お店の方が記録した、その日のお客様の変化です。0(変化なし)から5(大きく変わった)までです。",
                ),
            ),
        ),
        ("07_affinity", _together()),
    )
    own = [each for chapter, words in told if chapter in chapters for each in words]
    few = (
        "読み取れる人数",
        f"{rules.lines.minimum_customers}人に満たない数字からは、傾向を読み取りません。少ない人数では、たまたまで大きく動くためです。",
    )
    return [
        {"name": name, "meaning": meaning, "seen": SEEN.get(name, name.rpartition(" ")[2])}
        for name, meaning in (*own, *ALWAYS, few)
    ]


def _buying(rules: Rules, currency: str) -> tuple[tuple[str, str], ...]:
    scored = "お店が決めた線で" if rules.cuts else "期間中に買われた方を同じ人数ずつ5つに分けて"
    lines = rules.lines
    return (
        (
            "期間中に買われた方",
            f"分析日までの{rules.period_days}日間に、ご注文のあったお客様です。取り消しと返品は数えません。",
        ),
        (
            "R・F・M",
            f"最近いつ(R)、何回(F)、いくら(M)買ってくださったかです。{scored}、1から5の点数にしています。5が良い方です。",
        ),
        (
            "リピート率",
            f"期間中に買われた方のうち、これまでに2回以上ご注文くださった方の割合です。目安は{percent(lines.repeat_ratio)}です。",
        ),
        (
            "年間LTV",
            "期間中の売上を、期間中に買われた方の人数で割った金額です。"
            f"目安は{money(lines.annual_ltv_yen, currency)}です。",
        ),
        ("休眠", f"{rules.state.dormant_days}日以上、ご注文のないお客様です。"),
    )


def _relations(stages: Sequence[Stage]) -> tuple[tuple[str, str], ...]:
    own = tuple((f"ステージ{each.stage} {each.name}", f"{each.heart}。") for each in stages)
    cooling = (
        "そのステージらしい便りの間隔を過ぎても、お客様からの便りがないことです。"
        "お客様の良し悪しではなく、関係のようすです。"
    )
    sure = "ご注文だけではお気持ちまでは分からないため、お返事やお声などの記録がある方だけを「確かな人数」に数えます。"
    return (*own, ("冷めかけている", cooling), ("暫定のステージ", sure))


def _way(rules: Rules) -> tuple[tuple[str, str], ...]:
    days = "・".join(f"{day}日" for day in rules.journey.reading_days)
    return (
        (
            "2回目のご注文(F2)",
            f"はじめてのご注文から{days}までに、2回目のご注文をくださった方の割合です。まだその日数がたっていない方も、"
            "見守った日数の分だけ数えに入れます(カプラン・マイヤー法)。",
        ),
        ("途切れ(欠損箇所)", "2回目のご注文が、お店の平均のペースより、はっきり少ないところです。"),
    )


def _expecting(rules: Rules) -> tuple[tuple[str, str], ...]:
    tolerance = rules.gap.tolerance
    within = f"点数の差が{tolerance:g}点まで" if tolerance else "点数が同じ"
    return (
        (
            "期待と評価",
            f"買う前の期待と、使ってみての評価を、それぞれ5点満点にそろえてくらべます。{within}なら「期待どおり」です。",
        ),
    )


def _together() -> tuple[tuple[str, str], ...]:
    return (
        (
            "たまたま重なる場合の何倍",
            "2つの商品が別々に選ばれているとしたときの回数とくらべて、何倍いっしょに買われているかです(リフト)。",
        ),
        ("最初の商品", "はじめてのご注文で、いちばん金額の大きかった商品です。"),
    )


DOORS = {
    "orders": "お店のシステムから書き出した、ご注文の記録",
    "customers": "お店のシステムから書き出した、お客様の登録の記録",
    "story": "お客様の変化を、点数・気持ち・日付の3つだけ書きとめた記録(記入用/story.csv)",
    "touchpoints": "お便りやお電話などの、やりとりの記録(メールやLINEの配信の書き出し、または 記入用/touchpoints.csv)",
    "voices": "買う前の期待と、使ってみての評価をうかがったお声(アンケートの書き出し、または 記入用/voices.csv)",
    "events": "お店のページをご覧になった記録(アクセス解析の書き出し、または 記入用/events.csv)",
    "scenario": "はじめてのご注文から90日のあいだに、いつ、何をお届けするかの予定(記入用/scenario.csv)",
    "campaigns": "これからお送りする便りの予定(記入用/campaigns.csv)",
    "answers": "10の質問へのお答え(担当の者がうかがいます。記入用/answers.csv に書いていただくこともできます)",
    "context": "日付ごとの天気と気温(記入用/context.csv)",
}
"""What a shop brings so that a table is there, as its owner knows it."""


def doors(behind: Mapping[str, Sequence[str]]) -> list[dict[str, Any]]:
    """Return the data that would tell more: what it is, what to bring, and the questions that it answers."""
    return [
        {"name": TABLES[table], "how": DOORS[table], "questions": list(behind[table])}
        for table in DOORS
        if table in behind
    ]


def made(about: Mapping[str, Any], versions: Mapping[str, str]) -> list[Term]:
    """Return how a report was made: its day and period, the number of its data, and the tools with their versions."""
    tools = "、".join(f"{name} {version}" for name, version in versions.items())
    rows = {
        "分析日": about["as_of_words"],
        "期間": about["period_words"],
        "データの識別番号": f"{about['fingerprint']}(もとのデータと設定が同じなら、同じ番号になります)",
        "使った道具": tools,
    }
    return [{"name": name, "meaning": meaning} for name, meaning in rows.items()]
