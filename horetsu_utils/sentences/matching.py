"""What the chapter on products says of the matches: what fits whom and why, whom to leave in peace, if it holds."""

from typing import Any

import pandas as pd

from horetsu_utils.errors import shorten
from horetsu_utils.findings import Finding
from horetsu_utils.wording import NOTHING, count, percent

LONGEST_PRODUCT, MOST_ROWS = 20, 12
REASONS = {
    "replenish": "そろそろ、いつもの間隔で選ばれるころ",
    "again": "前にも選ばれた品",
    "next": "前回の品の次に選ばれることが多い",
    "together": "お持ちの品の方が、あわせて選ぶことが多い",
}
SILENCES = {
    "cooling": "お付き合いの間があいてきた方(まず、お変わりないかを伺います)",
    "no_offer": "お店の様子を見ておられる方",
    "unknown": "関係が今どこにあるか、まだ分からない方",
}
TABLE_NOTE = (
    "お一人に3つまで、また選ばれる見込みの高い順です。返品された品と、ここ30日に買われた品は入れていません"
    "(いつもの間隔で選ばれる品だけは、その時期が来れば入ります)。"
    "もう一品のおすすめが合わないステージの方には、前にも選ばれた品だけです。"
)
SILENCE_NOTE = "おすすめしないことも、お客様への心づかいです。残りの方には、合いそうな品がまだ見つかっていません。"
TRIAL_NOTE = (
    "その日までの記録だけで選んだ3つの中に、その後に買われた品があった方の割合です。"
    "くらべる相手は、同じ方々に、お店でいちばん多くの方が買われた3つ、または前回買われた品を3つまで、お見せした場合です。"
    "合いそうな品には、ここ30日に買われた品を入れていません(いつもの間隔で選ばれる品は別です)。"
    "いちばん下の行のほかでは、ステージによっておすすめを控えることは、していません。"
    "見出しは、その後にいちばん多くの方に買われた相手とくらべています。"
)
YARDSTICKS = {
    "sellers": "売れ筋の3つ",
    "fresh": "売れ筋の3つ(ここ30日に買われた品を除く)",
    "last": "前回と同じ品",
    "silent": "売れ筋の3つ(おすすめを控える方を除いた方々で)",
}
SILENT = "silent"
NOT_NAMED = "商品の名前は、くらべた相手より多くの方に買われると確かめられてから、ここにお出しします。"
ALL_QUIET = (
    "今の記録では、新しい品をおすすめしてよいステージのお客様が、まだいらっしゃいません(ご注文の記録だけのときも、そうなります)。"
    "合いそうな品には、前にも選ばれた品だけを入れています。"
)
NOBODY = "合いそうな品を選ぶには、ご注文の記録がまだ足りません。"
STEP_BETTER = "お一人ずつの品は、コンサルタント用の一覧にあります。お伝えするかどうかは、ステージを見て決めましょう。"
STEP_CAREFUL = "今は、お一人ずつの品は、参考にとどめておきましょう。"
NO_TRIAL = "選び方を確かめるには、その後に買われた方がまだ足りません"


def title(counts: dict[str, int]) -> str:
    """Say for how many of the buyers something fits."""
    if not counts["matched"]:
        return "今、お一人ずつに合いそうな品は、まだ選べません"
    share = percent(counts["matched"] / counts["buyers"], 0)
    return f"買われた方の{share}({count(counts['matched'], 'customer')})に、合いそうな品が見つかりました"


def table(by_product: pd.DataFrame) -> pd.DataFrame:
    """Word which product fits how many customers, and why; the most frequent first."""
    rows = by_product.head(MOST_ROWS)
    told = {
        "商品": [shorten(product, LONGEST_PRODUCT) for product in rows["product"]],
        "合いそうなわけ": rows["kind"].map(REASONS),
        "お客様": [count(number, "customer") for number in rows["customers"]],
    }
    return pd.DataFrame(told)


def note(by_product: pd.DataFrame) -> str:
    """Say how the products were chosen, and that the table shows only the most frequent."""
    more = len(by_product) - MOST_ROWS
    return TABLE_NOTE + (f"人数の多い{MOST_ROWS}行だけを並べています(ほか{more}行)。" if more > 0 else "")


def silence_table(silences: pd.DataFrame) -> pd.DataFrame:
    """Word to whom nothing is offered."""
    people = [count(number, "customer") for number in silences["customers"]]
    return pd.DataFrame({"おすすめを控える方": silences["silence"].map(SILENCES), "お客様": people})


def silence_title(silences: pd.DataFrame) -> str:
    """Say how many are left in peace."""
    return f"{count(silences['customers'].sum(), 'customer')}には、今は何もおすすめしません"


def quiet(counts: dict[str, int]) -> str:
    """Say for how many nothing new is chosen; where that is all, as in shops with orders alone, say why."""
    if not counts["quiet"]:
        return ""
    if counts["quiet"] == counts["matched"]:
        return ALL_QUIET
    return f"合いそうな品のある方のうち{count(counts['quiet'], 'customer')}には、前にも選ばれた品だけを選んでいます。"


def strongest(trial: pd.DataFrame) -> "pd.Series[Any]":
    """Return the trial against the yardstick that hit most often: a match that holds must beat that one."""
    rows = trial[trial["way"] != SILENT].sort_values("seller_value", ascending=False, kind="stable")
    return rows.iloc[0]


def proven(trial: pd.DataFrame, least: int) -> bool:
    """Tell whether the matches surely hit more often than the strongest yardstick."""
    row = strongest(trial)
    return bool(row["customers"] >= least and row["gain_low"] > 0)


def named(by_product: pd.DataFrame, trial: pd.DataFrame, least: int) -> pd.DataFrame:
    """Keep the products only where the matches have proven better; or else none is shown by name."""
    return by_product if proven(trial, least) else by_product.iloc[:0]


def unnamed(counts: dict[str, int]) -> str:
    """Say why no product is shown by name, below the trial that did not prove the matches better."""
    return NOT_NAMED if counts["matched"] else NOBODY


def trial_title(trial: pd.DataFrame, least: int) -> str:
    """Say, honestly, whether the matches hit more often than the strongest yardstick."""
    row = strongest(trial)
    if row["customers"] < least:
        return f"{NO_TRIAL}(今{row['customers']:,.0f}人、{least}人から確かめられます)"
    both = f"({percent(row['value'])}と{percent(row['seller_value'])})"
    picks, other = f"{row['days']:.0f}日前までの記録で選んだ品", YARDSTICKS[row["way"]]
    if row["gain_low"] > 0:
        return f"{picks}は、{other}より、その後に多くの方に買われています{both}"
    if row["gain_high"] < 0:
        return f"{picks}より、{other}のほうが、その後に多くの方に買われています{both}"
    return f"{picks}と{other}とで、その後に買われた方の割合に、はっきりした差はありません{both}"


def trial_table(trial: pd.DataFrame, least: int) -> pd.DataFrame:
    """Put the hit rates of the matches and of each yardstick side by side, and their difference, with the intervals."""
    rows = trial.to_dict("records")
    told = {
        "くらべる相手": [YARDSTICKS[row["way"]] for row in rows],
        "確かめた人数": [count(row["customers"], "customer") for row in rows],
        "合いそうな品を買われた方": [_share(row, "") if row["customers"] >= least else NOTHING for row in rows],
        "相手の品を買われた方": [_share(row, "seller_") if row["customers"] >= least else NOTHING for row in rows],
        "差": [_gain(row) if row["customers"] >= least else NOTHING for row in rows],
    }
    return pd.DataFrame(told)


def _gain(row: dict[Any, Any]) -> str:
    """Say by how many points the matches hit more often (+) or less (-)."""
    points = [f"{100 * row[name]:+.1f}" for name in ("gain", "gain_low", "gain_high")]
    return f"{points[0]}ポイント({points[1]}〜{points[2]})"


def _share(row: dict[Any, Any], prefix: str) -> str:
    value, low, high = (row[prefix + name] for name in ("value", "low", "high"))
    return f"{percent(value)}({percent(low).removesuffix('%')}〜{percent(high)})"


def drawn(draw: Any, least: int, trial: pd.DataFrame) -> Any:
    """Hand a trial to a table, with its title and note."""
    shown = trial_table(trial, least) if trial["customers"].iloc[0] else trial.iloc[:0]
    words = trial_title(trial, least)
    return draw(shown, words, note=TRIAL_NOTE, instead=f"{words}。")


def reason(row: dict[str, Any]) -> str:
    """Say why one product fits one customer."""
    share, because = percent(row["value"], 0), shorten(row["because"], LONGEST_PRODUCT)
    if row["kind"] == "replenish":
        return f"およそ{row['days']:.0f}日ごとに選ばれている品で、そろそろ次の時期です"
    if row["kind"] == "again":
        return f"前にも選ばれた品です(同じように選ばれた方の{share}が、また選んでいます)"
    if row["kind"] == "next":
        return f"「{because}」の次に選ばれることが多い品です({share}、およそ{row['days']:.0f}日後)"
    return f"「{because}」の方の{share}が、あわせて選んでいる品です"


def one_by_one(chosen: pd.DataFrame, most: int) -> pd.DataFrame:
    """Lay out each customer's products and their reasons in one row."""
    rows = chosen.assign(reason=[reason(row) for row in chosen.to_dict("records")])
    wide = rows.pivot(index="customer_id", columns="place", values=["product", "reason"])
    columns = {"顧客番号": wide.index.to_series()}
    for place in range(1, most + 1):
        for name, word in (("product", "合いそうな品"), ("reason", "そのわけ")):
            column = (name, place)
            columns[f"{word}{place}"] = wide[column].fillna("") if column in wide else pd.Series("", index=wide.index)
    return pd.DataFrame(columns).reset_index(drop=True)


def finding(trial: pd.DataFrame, counts: dict[str, int], least: int) -> Finding:
    """Tell the cover for how many something fits, and whether such matches held."""
    row = strongest(trial)
    known = row["customers"] >= least
    sentence = f"{trial_title(trial, least) if known else title(counts)}。"
    step = STEP_BETTER if proven(trial, least) else STEP_CAREFUL
    figure = float(row["gain"]) if known else None
    return Finding("matching_gain", sentence, figure, "ratio", step if counts["matched"] else "")
