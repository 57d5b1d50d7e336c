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
    "くらべる「売れ筋」は、同じ方々に、お店でいちばん多くの方が買われた3つ(ここ30日に買われた品を除く)をお見せした場合です。"
    "この試しでは、ステージによっておすすめを控えることは、していません。"
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


def trial_title(trial: pd.DataFrame, least: int) -> str:
    """Say, honestly, whether the matches hit more often than the best-sellers."""
    row = trial.iloc[0]
    if row["customers"] < least:
        return f"{NO_TRIAL}(今{row['customers']:,.0f}人、{least}人から確かめられます)"
    both = f"({percent(row['value'])}と{percent(row['seller_value'])})"
    picks = f"{row['days']:.0f}日前までの記録で選んだ品"
    if row["gain_low"] > 0:
        return f"{picks}は、売れ筋の3つより、その後に多くの方に買われています{both}"
    if row["gain_high"] < 0:
        return f"{picks}より、売れ筋の3つのほうが、その後に多くの方に買われています{both}"
    return f"{picks}と売れ筋の3つとで、その後に買われた方の割合に、はっきりした差はありません{both}"


def trial_table(trial: pd.DataFrame, least: int) -> pd.DataFrame:
    """Put the two hit rates side by side, with their intervals."""
    row = trial.iloc[0].to_dict()
    known = row["customers"] >= least
    pairs = (("お一人ずつに合いそうな品", ""), ("売れ筋の3つ", "seller_"))
    shares = [_share(row, prefix) if known else NOTHING for _, prefix in pairs]
    whole = count(row["customers"], "customer")
    return pd.DataFrame(
        {"選び方": [name for name, _ in pairs], "その後に買われた方": shares, "確かめた人数": [whole, whole]}
    )


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
    row = trial.iloc[0]
    known = row["customers"] >= least
    sentence = f"{trial_title(trial, least) if known else title(counts)}。"
    step = STEP_BETTER if known and row["gain_low"] > 0 else STEP_CAREFUL
    figure = float(row["gain"]) if known else None
    return Finding("matching_gain", sentence, figure, "ratio", step if counts["matched"] else "")
