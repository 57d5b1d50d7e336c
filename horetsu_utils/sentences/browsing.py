"""What the chapter on products says of browsing: what was seen and left, what was compared, the way to a purchase."""

from typing import Any

import pandas as pd

from horetsu_utils.errors import shorten
from horetsu_utils.wording import NOTHING, count, percent

MOST_ROWS, LONGEST_PRODUCT, LONGEST_PAGE = 10, 20, 30
BEGIN = "記入用/events.csv を data フォルダに写すか、アクセス解析の書き出しを置くと、ここに出ます。"
NO_EVENTS = f"お店のページをご覧になった記録が、まだありません。{BEGIN}"
LEFT_NOTE = (
    "ご覧になってから今日までに、一度も買われていない方の数です。これから買われる方も入っています。"
    "お店の番号でつながる記録だけを使い、ほかのサイトでの行動は見ていません。"
)
COMPARED_NOTE = (
    "同じ訪問の中で続けてご覧になって比べた2つの品のうち、30日のうちにどちらを選ばれたかです。"
    "同じ方の同じ組み合わせは、1回と数えています。"
)
SIDES_NOTE = (
    "はじめての訪問から30日のうちに買われた方と、買われなかった方です。数は、並べたときの真ん中の方のものです。"
    "記録より前から買われていた方と、訪問から30日たっていない方は、入っていません。"
)
SOURCE_NOTE = "はじめての訪問のきっかけごとに、30日のうちに買われた方の割合です。きっかけのせいだとは限りません。"
PAGES_TITLE = "買われなかった方が、最後に見ていたページ"
NO_PAIRS = "比べてご覧になった記録は、まだありません。"


def coverage(tally: dict[str, int]) -> str:
    """Say whose visits there are, and what was set aside."""
    if not tally["events"]:
        return NO_EVENTS
    known = f"(そのうち、どなたか分かる方は{tally['customers']:,}人)"
    told = f"{tally['people']:,}人の訪問が{tally['visits']:,}回あります{known}。"
    if tally["machine_visits"]:
        told += (
            f"人とは思えない数のページを見た訪問{tally['machine_visits']:,}回({tally['machine_events']:,}行)は、"
            "機械によるものと見て除きました。"
        )
    if tally["shared"]:
        told += f"複数のお客様が使われた端末{tally['shared']:,}台は、どなたのものとも見ていません。"
    return told


def left_title(left: pd.DataFrame, least: int) -> str:
    """Name the product that most people saw and did not buy."""
    known = left[left["people"] >= least]
    if known.empty:
        return f"ご覧になった方がまだ足りません(1つの商品に{least}人から読み取れます)"
    first = known.iloc[0]
    name = shorten(first["product"], LONGEST_PRODUCT)
    return f"ご覧になって、まだ買われていない方がいちばん多いのは「{name}」です({count(first['left'], 'customer')})"


def left_table(left: pd.DataFrame, least: int) -> pd.DataFrame:
    """Word what was seen and not bought."""
    rows = left[left["people"] >= least].head(MOST_ROWS)
    return pd.DataFrame(
        {
            "商品": [shorten(product, LONGEST_PRODUCT) for product in rows["product"]],
            "ご覧になった方": [count(number, "customer") for number in rows["people"]],
            "まだ買われていない方": [
                f"{count(row.left, 'customer')}({percent(row.value, 0)})" for row in rows.itertuples()
            ],
        }
    )


def compared_title(compared: pd.DataFrame, least: int) -> str:
    """Name the pair of which one surely wins."""
    if compared.empty:
        return NO_PAIRS.removesuffix("。")
    decided = compared["wins"] + compared["other_wins"]
    if decided.max() < least:
        return f"比べてどちらを選ばれたかは、まだ読み取れません(どちらかを選ばれた方が{least}人から読み取れます)"
    sure = compared[(decided >= least) & ((compared["low"] > 1 / 2) | (compared["high"] < 1 / 2))]
    if sure.empty:
        return "比べられた品の中で、はっきり多く選ばれているものは見あたりません"
    first = sure.iloc[0]
    winner, loser = ("product", "other") if first["low"] > 1 / 2 else ("other", "product")
    names = [shorten(first[name], LONGEST_PRODUCT) for name in (winner, loser)]
    return f"「{names[0]}」は、「{names[1]}」と比べた方に、はっきり多く選ばれています"


def compared_table(compared: pd.DataFrame, least: int) -> pd.DataFrame:
    """Word the pairs most compared; shares only where enough people chose."""
    rows = compared.head(MOST_ROWS).to_dict("records")
    return pd.DataFrame([_compared(row, least) for row in rows])


def _compared(row: dict[Any, Any], least: int) -> dict[str, str]:
    decided = row["wins"] + row["other_wins"]
    share = f"({percent(row['low'], 0).removesuffix('%')}〜{percent(row['high'], 0)})" if decided >= least else ""
    return {
        "比べた品": " と ".join(shorten(row[name], LONGEST_PRODUCT) for name in ("product", "other")),
        "比べた方": count(row["people"], "customer"),
        "前の品を選ばれた方": count(row["wins"], "customer") + share,
        "後の品を選ばれた方": count(row["other_wins"], "customer"),
        "どちらも・どちらも選ばれず": f"{count(row['both'], 'customer')}・{count(row['neither'], 'customer')}",
    }


def sides_title(sides: pd.DataFrame, least: int) -> str:
    """Say how many of the visitors bought, and after how many visits and days."""
    people = int(sides["people"].sum()) if len(sides) else 0
    if people < least:
        return f"はじめての購入までの道のりは、まだ読み取れません({least}人から読み取れます)"
    buyers = sides[sides["has_bought"]]
    if buyers.empty:
        return f"はじめての訪問から30日のうちに買われた方は、まだいらっしゃいません({count(people, 'customer')}中)"
    row = buyers.iloc[0]
    share = percent(row["people"] / people, 0)
    return f"はじめて訪れた方の{share}が、30日のうちに買われています(訪問{row['visits']:.0f}回、{_days(row['days'])})"


def _days(days: float) -> str:
    return "その日のうち" if days == 0 else f"{days:.0f}日"


def sides_table(sides: pd.DataFrame) -> pd.DataFrame:
    """Put those who bought beside those who did not."""
    rows = sides.to_dict("records")
    return pd.DataFrame(
        {
            "どなた": ["買われた方" if row["has_bought"] else "買われなかった方" for row in rows],
            "人数": [count(row["people"], "customer") for row in rows],
            "訪問": [f"{row['visits']:.0f}回" for row in rows],
            "買うまで": [_days(row["days"]) if row["has_bought"] else NOTHING for row in rows],
            "ご覧になった品": [f"{row['products']:.0f}品" for row in rows],
            "1回だけの訪問": [percent(row["one_visit_ratio"], 0) for row in rows],
        }
    )


def source_title(sources: pd.DataFrame, least: int) -> str:
    """Say whether people from one source surely buy more often than those of all others."""
    known = sources[sources["people"] >= least]
    if len(known) < 2:
        return f"きっかけごとのちがいは、まだ読み取れません(1つのきっかけに{least}人から読み取れます)"
    best = known.sort_values(["value", "source"], ascending=[False, True]).iloc[0]
    others = known[known["source"] != best["source"]]
    if best["low"] <= others["high"].max():
        return "きっかけによる買われる割合のちがいは、はっきりとはありません"
    return f"はじめての訪問のきっかけが「{shorten(best['source'], LONGEST_PRODUCT)}」の方が、いちばん多く買われています"


def pages_table(pages: pd.DataFrame) -> pd.DataFrame:
    """Word on which pages those who did not buy were seen last."""
    names = [shorten(page, LONGEST_PAGE) for page in pages["page"]]
    return pd.DataFrame(
        {"最後に見たページ": names, "買われなかった方": [count(each, "customer") for each in pages["people"]]}
    )
