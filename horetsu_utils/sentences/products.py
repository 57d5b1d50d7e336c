"""What the chapter on products says: what sells, what is bought again, what follows what, and with which rhythm."""

from collections.abc import Callable
from typing import Any

import pandas as pd

from horetsu_utils.errors import shorten
from horetsu_utils.findings import Finding
from horetsu_utils.product_rules import ProductRules
from horetsu_utils.sentences.journey import FEW_STEP, spread
from horetsu_utils.wording import NOTHING, claim, count, money, percent

MOST_SHOWN, MOST_PAIRS, LONGEST_NAME = 12, 10, 24
NO_PRODUCTS = "注文の記録に商品の名前か番号があると、商品ごとに読み取れます"
BUYERS = "商品を買われた方"
ALIKE = "。ただし、次に高い商品とのはっきりした差ではありません"
FIRST_NOTE = (
    "最初の商品は、はじめてのご注文でいちばん金額の大きかった商品です。2回目の割合は、その日数がたった方だけで数えています。"
    "1年の売上は、1年たった方の平均です。かっこの中は誤差の幅です。商品のちがいのせいだとは限りません。"
)
FLOW_NOTE = (
    "その商品を買われたあと、もう一度ご注文のあった方のうち、次のご注文でもう1つの商品を買われた方の割合です。"
    "「ふだんの割合」は、ほかの商品のあとも含めた割合です。偶然とは言いにくい差だけを挙げています。"
    "日数は真ん中の方です。かっこの中は誤差の幅です。"
)
RHYTHM_NOTE = (
    "同じ方が同じ商品を、次に買われるまでの日数です。"
    "「半分の方が入る幅」は、短いほうと長いほうの4分の1ずつを除いた幅です。"
)
NO_FLOW = "次に買われる商品に、はっきりした決まりは見あたりません"
FEW_PAIRS = "次に買われる商品を読み取るには、同じ商品のあとの2回目以降のご注文が、まだ足りません"
NO_RHYTHM = "買われる間隔がそろっている商品は、見あたりません"


def sales_note(shown: int, whole: int) -> str:
    """Say what was counted, and that only the best selling products are shown, if there are more."""
    rest = f"売上の大きい{shown}の商品だけを並べています(商品は全部で{whole:,}あります)。" if shown < whole else ""
    return "取り消し・返品・送料と、ご注文全体への値引きは含みません。" + rest


def again_note(days: int) -> str:
    """Say whose repeat purchases are counted."""
    return (
        f"その商品をはじめて買われてから{days}日たった方のうち、その間に同じ商品をもう一度買われた方の割合です。"
        "上から売上の大きい順です。かっこの中は誤差の幅です。"
    )


def top(frame: pd.DataFrame) -> pd.DataFrame:
    """Keep the rows that have room in a picture."""
    return frame.head(MOST_SHOWN)


def _called(name: str) -> str:
    return f"「{shorten(name, LONGEST_NAME)}」"


def sales_title(ranking: pd.DataFrame, least: int) -> str:
    """Name the product that sells most."""
    if ranking.empty:
        return NO_PRODUCTS
    best = ranking.iloc[0]
    told = f"売上のいちばん大きい商品は{_called(best['product'])}で、商品の売上の{percent(best['sales_ratio'])}です"
    return claim(told, int(ranking["buyers"].max()), least, who=f"1つの{BUYERS}")


def drawn(picture: Callable[..., Any], least: int, ranking: pd.DataFrame) -> Any:
    """Hand the repeat rates of the products, with their title and note, to a picture."""
    days = int(ranking["within_days"].max()) if len(ranking) else 0
    words = {"title": again_title(ranking, days, least), "note": again_note(days) if days else ""}
    return picture(top(ranking), "product", "watched", claim_from=least, **words)


def again_title(ranking: pd.DataFrame, days: int, least: int) -> str:
    """Name the product that most of its buyers bought again."""
    return _highest(ranking, f"{days}日のうちに、もう一度買われた割合", f"{days}日たった方", least)


def first_title(firsts: pd.DataFrame, rules: ProductRules) -> str:
    """Name the first product after which most customers came back."""
    days = rules.f2_days
    told = f"{days}日までに2回目のご注文をくださった割合"
    return _highest(firsts, told, f"最初の商品ごとに、{days}日たった方", rules.least_customers)


def _highest(frame: pd.DataFrame, what: str, who: str, least: int) -> str:
    """Name the product of the highest share, and whether it surely is; products with few buyers are passed over."""
    if frame.empty:
        return NO_PRODUCTS
    ranked = _told(frame, least)
    if ranked.empty:
        return f"{who}が、まだ{count(top(frame)['watched'].max(), 'customer')}です({least}人から読み取れます)"
    best = ranked.iloc[0]
    if not best["value"]:
        return f"{what}は、どの商品も0%です"
    share = spread(best["value"], best["low"], best["high"])
    close = len(ranked) > 1 and ranked["high"].iloc[1:].max() >= best["low"]
    return f"{what}がいちばん高いのは{_called(best['product'])}で、{share}です{ALIKE if close else ''}"


def _told(frame: pd.DataFrame, least: int) -> pd.DataFrame:
    """Rank those of the products shown that enough people stand behind."""
    shown = top(frame)
    return shown[shown["watched"] >= least].sort_values(["value", "product"], ascending=[False, True])


def first_table(firsts: pd.DataFrame, rules: ProductRules, currency: str = "JPY") -> pd.DataFrame:
    """Lay out how those who came for each product went on; what few stand behind is not told."""
    rows = [
        {
            "最初の商品": row["product"],
            "来られた方": count(row["customers"], "customer"),
            f"{rules.f2_days}日までの2回目": _if_enough(_share(row), row["watched"], rules),
            "1年の売上(お一人あたり)": _if_enough(_worth(row, currency), row["worth_customers"], rules),
        }
        for row in top(firsts).to_dict("records")
    ]
    return pd.DataFrame(rows)


def _if_enough(told: str, known: float, rules: ProductRules) -> str:
    return told if known >= rules.least_customers else f"{NOTHING}(まだ{count(known, 'customer')})"


def _share(row: Any) -> str:
    return spread(row["value"], row["low"], row["high"])


def _worth(row: Any, currency: str) -> str:
    low, high = money(row["ltv_low"], currency), money(row["ltv_high"], currency)
    return f"{money(row['ltv_yen'], currency)}({low}〜{high})"


def standing_out(pairs: pd.DataFrame) -> pd.DataFrame:
    """Choose the pairs that follow each other more than usual, the farthest above it first."""
    found = pairs[pairs["stands_out"]]
    above = (found["value"] - found["usual"]).rename("above")
    keys = ["above", "from_product", "to_product"]
    return found.assign(above=above).sort_values(keys, ascending=[False, True, True]).head(MOST_PAIRS)


def flow_title(pairs: pd.DataFrame, rules: ProductRules) -> str:
    """Name the pair that most surely follows each other."""
    if pairs.empty:
        return f"{FEW_PAIRS}({rules.least_customers}人から読み取れます)"
    watched = int(pairs["watched"].max())
    if watched < rules.least_customers:
        return claim("", watched, rules.least_customers, who="同じ商品のあとに、もう一度ご注文のあった方")
    found = standing_out(pairs)
    if found.empty:
        return NO_FLOW
    first = found.iloc[0]
    return (
        f"{_called(first['from_product'])}のあと、もう一度ご注文のあった方の{percent(first['value'])}が、"
        f"次に{_called(first['to_product'])}を買われています(真ん中の方で{_days(first['days'])}後)"
    )


def flow_table(pairs: pd.DataFrame) -> pd.DataFrame:
    """Lay out the pairs that follow each other more than usual."""
    rows = [
        {
            "買われた商品": row["from_product"],
            "次のご注文の商品": row["to_product"],
            "割合": _share(row),
            "ふだんの割合": percent(row["usual"]),
            "次のご注文まで": _days(row["days"]),
            "次に買われた方": f"{count(row['watched'], 'customer')}のうち{count(row['customers'], 'customer')}",
        }
        for row in standing_out(pairs).to_dict("records")
    ]
    return pd.DataFrame(rows)


def _days(days: float) -> str:
    return count(days, "day")


def rhythm_title(rhythm: pd.DataFrame, rules: ProductRules) -> str:
    """Name the products that are bought again after about the same time."""
    most = int(rhythm["customers"].max()) if len(rhythm) else 0
    if most < rules.least_customers:
        return claim("", most, rules.least_customers, who="同じ商品をもう一度買われた方")
    found = rhythm[rhythm["is_rhythm"]]
    if found.empty:
        return NO_RHYTHM
    first = found.iloc[0]
    others = f"(ほかに{len(found) - 1}つの商品で、間隔がそろっています)" if len(found) > 1 else ""
    return f"{_called(first['product'])}は、およそ{_days(first['gap_days'])}ごとに買われています{others}"


def rhythm_table(rhythm: pd.DataFrame, rules: ProductRules) -> pd.DataFrame:
    """Lay out after how many days the products are bought again that have a rhythm; few customers tell none."""
    enough = rhythm[rhythm["customers"] >= rules.least_customers]
    rows = [
        {
            "商品": row["product"],
            "次に買われるまで(真ん中)": _days(row["gap_days"]),
            "半分の方が入る幅": f"{_days(row['low_days'])}〜{_days(row['high_days'])}",
            "もう一度買われた方": count(row["customers"], "customer"),
        }
        for row in top(enough[enough["is_rhythm"]]).to_dict("records")
    ]
    return pd.DataFrame(rows)


def finding(firsts: pd.DataFrame, rules: ProductRules) -> Finding:
    """Tell the cover after which first product most customers came back."""
    ranked = _told(firsts, rules.least_customers)
    sentence = f"{first_title(firsts, rules)}。"
    if ranked.empty or not ranked.iloc[0]["value"]:
        return Finding("first_product", sentence, None, "ratio", FEW_STEP)
    step = f"{_called(ranked.iloc[0]['product'])}から始められた方のお声や記録を、読みかえしてみましょう。"
    return Finding("first_product", sentence, float(ranked.iloc[0]["value"]), "ratio", step)
