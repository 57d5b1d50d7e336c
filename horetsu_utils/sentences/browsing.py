"""What the chapter on products says of browsing: what was seen and left, what was compared, the way to a purchase."""

from typing import Any

import pandas as pd

from horetsu_utils.errors import shorten
from horetsu_utils.findings import Finding
from horetsu_utils.wording import NOTHING, count, percent, unended

MOST_ROWS, MOST_NAMED, LONGEST_PRODUCT, LONGEST_PAGE = 10, 2, 20, 30
BEGIN = "記入用/events.csv を data フォルダに写すか、アクセス解析の書き出しを置くと、ここに出ます。"
NO_EVENTS = f"お店のページをご覧になった記録が、まだありません。{BEGIN}"
LEFT_NOTE = (
    "どなたか分かる方のうち、分析日までに一度も買われていない方の数です。これから買われる方も入っています。"
    "かっこの中は割合の誤差の幅です。お店の番号でつながる記録だけを使い、ほかのサイトでの行動は見ていません。"
)
COMPARED_NOTE = (
    "同じ訪問の中で比べた2つの品のうち、30日のうちにどちらを選ばれたかです。"
    "同じ方の同じ組み合わせは、1回と数えています。比べてから30日たっていない方も入っています。"
    "かっこの中は、どちらか一方を選ばれた方の中での割合の、誤差の幅です。"
)
SIDES_NOTE = (
    "はじめての訪問から30日のうちに買われた方と、買われなかった方です。数は、並べたときの真ん中の方のものです。"
    "記録より前から買われていた方と、訪問から30日たっていない方は、入っていません。"
)
SOURCE_NOTE = (
    "はじめての訪問のきっかけごとに、30日のうちに買われた方の割合です。きっかけの分からない方は入っていません。"
    "きっかけが理由だとは限りません。"
)
STEP = "ご覧になった方の記録を、これからも続けて残していきましょう。"
PAGES_TITLE = "30日のうちに買われなかった方が、最後に見ていたページ"
PAGES_NOTE = "そのページのせいだとは限りません。"
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
    """Name the product that most customers saw and did not buy."""
    known = left[left["customers"] >= least]
    if known.empty:
        return f"ご覧になったお客様がまだ足りません(1つの商品に、どなたか分かる方が{least}人から読み取れます)"
    if not known["left"].iloc[0]:
        return "ご覧になって、まだ買われていない商品は見あたりません"
    first = known.iloc[0]
    level = known[known["left"] == first["left"]]
    names = "と".join(f"「{shorten(each, LONGEST_PRODUCT)}」" for each in level["product"].head(MOST_NAMED))
    names += "など" if len(level) > MOST_NAMED else ""
    who = f"{'どちらも' if len(level) == MOST_NAMED else ''}{count(first['left'], 'customer')}"
    return f"ご覧になって、まだ買われていない方がいちばん多いのは{names}です({who})"


def finding(left: pd.DataFrame, tally: dict[str, int], least: int) -> Finding:
    """Tell the cover which product most customers saw and have not bought."""
    if not tally["events"]:
        return Finding("seen_not_bought", NO_EVENTS, None, "customer", BEGIN)
    known = left[left["customers"] >= least]
    said = f"{left_title(left, least)}。"
    if known.empty or not known["left"].iloc[0]:
        return Finding("seen_not_bought", said, None, "customer", STEP)
    name = shorten(known["product"].iloc[0], LONGEST_PRODUCT)
    step = f"「{name}」のページに、知りたいことがそろっているか、お客様の目で読み返してみましょう。"
    return Finding("seen_not_bought", said, float(known["left"].iloc[0]), "customer", step)


def left_table(left: pd.DataFrame, least: int) -> pd.DataFrame:
    """Word what was seen and not bought."""
    rows = left[left["customers"] >= least].head(MOST_ROWS)
    return pd.DataFrame(
        {
            "商品": [shorten(product, LONGEST_PRODUCT) for product in rows["product"]],
            "ご覧になった方": [count(number, "customer") for number in rows["people"]],
            "どなたか分かる方": [count(number, "customer") for number in rows["customers"]],
            "まだ買われていない方": [
                f"{count(row.left, 'customer')}({percent(row.low, 0).removesuffix('%')}〜{percent(row.high, 0)})"
                for row in rows.itertuples()
            ],
        }
    )


def compared_title(compared: pd.DataFrame, least: int) -> str:
    """Name the pair of which one surely wins."""
    if compared.empty:
        return unended(NO_PAIRS)
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
    decided = compared["wins"] + compared["other_wins"]
    rows = compared[decided >= least].head(MOST_ROWS).to_dict("records")
    return pd.DataFrame([_compared(row) for row in rows])


def _compared(row: dict[Any, Any]) -> dict[str, str]:
    share = f"({percent(row['low'], 0).removesuffix('%')}〜{percent(row['high'], 0)})"
    return {
        "比べた品": " と ".join(shorten(row[name], LONGEST_PRODUCT) for name in ("product", "other")),
        "比べた方": count(row["people"], "customer"),
        "前の品を選ばれた方": count(row["wins"], "customer") + share,
        "後の品を選ばれた方": count(row["other_wins"], "customer"),
        "両方": count(row["both"], "customer"),
        "どちらでもない": count(row["neither"], "customer"),
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
    middle = f"真ん中の方で、訪問{row['visits']:.0f}回、{_days(row['days'])}"
    return f"はじめて訪れた方の{share}が、30日のうちに買われています({middle})"


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
            "買われるまで": [_days(row["days"]) if row["has_bought"] else NOTHING for row in rows],
            "ご覧になった品": [f"{row['products']:.0f}品" for row in rows],
            "訪問が1回だけの方": [percent(row["one_visit_ratio"], 0) for row in rows],
        }
    )


def sides_note(sides: pd.DataFrame, tally: dict[str, int]) -> str:
    """Say whose paths these are, and how many people are not among them."""
    aside = tally["people"] - int(sides["people"].sum())
    return SIDES_NOTE + (f"その方は{count(aside, 'customer')}です。" if aside else "")


def source_note(sources: pd.DataFrame, sides: pd.DataFrame) -> str:
    """Say what the shares are, and of how many people no source is known."""
    untold = int(sides["people"].sum()) - int(sources["people"].sum())
    return SOURCE_NOTE + (f"分からない方は{count(untold, 'customer')}です。" if untold else "")


def source_title(sources: pd.DataFrame, least: int) -> str:
    """Say whether people from one source surely buy more often than those of all others."""
    known = sources[sources["people"] >= least]
    if len(known) < 2:
        return f"きっかけごとのちがいは、まだ読み取れません(1つのきっかけに{least}人から読み取れます)"
    best = known.sort_values(["value", "source"], ascending=[False, True]).iloc[0]
    others = known[known["source"] != best["source"]]
    if best["low"] <= others["high"].max():
        return "きっかけによる買われる割合のちがいは、はっきりとはありません"
    return f"買われた割合がいちばん高いのは、きっかけが「{shorten(best['source'], LONGEST_PRODUCT)}」の方々です"


def pages_table(pages: pd.DataFrame) -> pd.DataFrame:
    """Word on which pages those who did not buy were seen last."""
    names = [shorten(page, LONGEST_PAGE) for page in pages["page"]]
    return pd.DataFrame(
        {"最後に見たページ": names, "買われなかった方": [count(each, "customer") for each in pages["people"]]}
    )
