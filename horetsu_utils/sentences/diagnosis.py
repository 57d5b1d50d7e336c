"""What the chapter on the diagnosis says: the grade, the one next thing, and how the people of the shop see it."""

import datetime as dt
from collections.abc import Callable, Mapping, Sequence

import pandas as pd
from IPython.display import HTML

from horetsu_utils.errors import shorten
from horetsu_utils.findings import Finding
from horetsu_utils.questions import MATURE, DiagnosisRules, Grade
from horetsu_utils.wording import day, money

NOBODY, QUESTION = "(お名前なし)", "質問"
STEPS_SHOWN, NAMED, LONGEST_NAME = 3, 3, 24
"""So many things to put in order are shown, and up to so many open questions are named."""
NEXT = "次に整えること: "
ONE_PERSON = "皆さんの見え方は、そろっていますか(お二人以上の、診断のお答え)"
ASK_TITLE = "これから伺いたい質問"
HOW_TO_ANSWER = (
    "質問と、お選びいただくお答えは、すぐ下に並べています。お答えは、担当の者がうかがいます"
    "(記入用の answers.csv に書いていただくこともできます)。"
)
PEOPLE_NOTE = (
    "◆は、お答えが分かれた質問です。どなたが正しいかではなく、見えている景色の違いです。"
    "話し合うきっかけにしてください。お答えの分かれた質問では、いちばん控えめなお答えを使って数えています。"
)
NEXT_NOTE = (
    "1番目から、1つずつで十分です。順番は、土台になるものからです。"
    "関わる金額の多くが1つの質問に集まっているときは、その質問の順番を早めることがあります。"
    "「関わる金額」は、あてはまるお客様に、あと1回ご注文いただいたとしたときの目安です(Q8 は、この1年の値引きの合計)。"
    "売上の見込みではありません。"
)
NO_YEN = "金額には表していません"
CHAIN_NOTE = (
    "上から、整える順番に並べています。輪がつながっているのは、どなたのお答えも A の質問です。"
    "「年間LTV」は、お客様お一人の1年間の購入額、「CRM」は、お客様との関係づくりのことです。"
)
HISTORY_NOTE = "10問すべてにお答えのそろった診断だけを並べています。"
NO_HISTORY = "10問のお答えが日付と一緒にそろうと、ここに診断の歩みが残ります"


def grade_title(grade: Grade | None, mature: int, unanswered: Sequence[str]) -> str:
    """Say the grade, or how many answers it still takes."""
    if grade:
        told = f"10問のうち A は{mature}問" if mature else "A のお答えは、これからです"
        return f"今の見立ては {grade.grade} です({told})"
    answered = 10 - len(unanswered)
    if not answered:
        return "10問の診断は、まだこれからです"
    return f"10問のうち{answered}問にお答えいただきました。あと{len(unanswered)}問で、見立てをお出しできます"


def grade_words(grade: Grade | None, unanswered: Sequence[str], apart: Sequence[str], rules: DiagnosisRules) -> str:
    """Say what the grade means and the theme that comes next, or what is still to be answered."""
    if not grade:
        few = 0 < len(unanswered) <= NAMED
        names = f"まだのご質問は、{'、'.join(axis(each, rules) for each in unanswered)}です。" if few else ""
        return f"{names}{HOW_TO_ANSWER}"
    doubt = f"記録と違って見えるお答えが{len(apart)}つありますので、あとの表で、ご一緒に確かめてみましょう。"
    return (
        f"{grade.meaning}次のテーマは、「{grade.next_theme}」です。見立ては、A の数だけで決まります。"
        f"{doubt if apart else ''}"
    )


def people_words(people: pd.DataFrame) -> str:
    """Say of several people how many A each of them gave, for the grade counts only what all of them say."""
    if len(people) < 2:
        return ""
    least, most = (int(people["mature"].agg(name)) for name in ("min", "max"))
    each = f"{least}問" if least == most else f"{least}問から{most}問"
    return f"{len(people)}人のお答えをあわせて、全員が A の質問を数えています(お一人ずつの A は{each}です)。"


def later_words(later: int, as_of: dt.date) -> str:
    """Say that answers given after the analysis date are not seen, and how to see them."""
    if not later:
        return ""
    return (
        f"分析日({day(as_of)})より後の日付のお答えが{later:,}件あり、この診断には入っていません。"
        "お答えの日か、それより後の日を分析日にすると、入ります。"
    )


def next_words(
    things: pd.DataFrame, unanswered: Sequence[str], contradicted: Sequence[str], rules: DiagnosisRules
) -> str:
    """Name the one next thing to put in order."""
    if unanswered:
        rest = "10問" if len(unanswered) == 10 else f"残りの{len(unanswered)}問"
        return f"まず、{rest}にお答えいただくこと"
    if len(things):
        first = things["question"].iloc[0]
        return f"「{rules[first].axis}」({first})"
    if contradicted:
        return f"「{rules[contradicted[0]].axis}」({contradicted[0]})のお答えと記録の違いを、ご一緒に確かめること"
    return f"次のテーマ({rules.grade(10).next_theme})から、始めやすいものを1つ選ぶこと"


def next_title(
    things: pd.DataFrame, unanswered: Sequence[str], contradicted: Sequence[str], rules: DiagnosisRules
) -> str:
    """Say the one next thing to put in order."""
    return f"{NEXT}{next_words(things, unanswered, contradicted, rules)}"


def axis(question: str, rules: DiagnosisRules) -> str:
    """Name an axis with its question: 年間LTVで決める(Q1)."""
    return f"{rules[question].axis}({question})"


def drawn_next(
    show: Callable[..., HTML],
    things: pd.DataFrame,
    *,
    rules: DiagnosisRules,
    unanswered: Sequence[str],
    apart: Sequence[str],
    currency: str,
) -> HTML:
    """Hand what to put in order, under the title that names the first, to a table; nothing while questions are open."""
    title = next_title(things, unanswered, apart, rules)
    known = things.iloc[:0] if unanswered else things
    return show(next_table(known, rules, currency), title, note=NEXT_NOTE, instead=f"{title}。")


def next_table(things: pd.DataFrame, rules: DiagnosisRules, currency: str) -> pd.DataFrame:
    """Lay out what to put in order first, with the first step; without any yen there is no column of it."""
    rows = [
        {
            "順番": f"{number}番目",
            "整えること": axis(row["question"], rules),
            "今のお答え": row["answer"],
            "はじめの一歩": rules[row["question"]].next_step,
            "関わる金額": NO_YEN if pd.isna(row["yen"]) else money(row["yen"], currency),
        }
        for number, row in enumerate(things.head(STEPS_SHOWN).to_dict("records"), start=1)
    ]
    table = pd.DataFrame(rows)
    return table if things["yen"].notna().any() else table.drop(columns="関わる金額", errors="ignore")


def chain(joint: pd.DataFrame, verdicts: Mapping[str, str], rules: DiagnosisRules) -> pd.DataFrame:
    """Lay out the ten links, in the order in which they are put in order."""
    return pd.DataFrame(
        {
            "question": joint["question"],
            "axis": [rules[question].axis for question in joint["question"]],
            "answer": joint["answer"].fillna(""),
            "verdict": [verdicts.get(question, "") for question in joint["question"]],
        }
    )


def chain_title(joint: pd.DataFrame) -> str:
    """Say how many links hold."""
    whole = int(joint["answer"].eq(MATURE).sum())
    if joint["answer"].isna().all():
        return "お答えをいただくと、関係を支える10の輪の、つながり方が分かります"
    if not whole:
        return "10の輪を、上から1つずつつないでいきましょう"
    return "10の輪が、すべてつながっています" if whole == 10 else f"10の輪のうち、{whole}つがつながっています"


def people_table(latest: pd.DataFrame, rules: DiagnosisRules) -> pd.DataFrame:
    """Lay the answers of several people side by side; where only one answered there is nothing to compare."""
    names = sorted(set(latest["answered_by"]))
    if len(names) < 2:
        return pd.DataFrame()
    wide = latest.pivot(index="question", columns="answered_by", values="answer").reindex(list(rules.order))
    apart = [row.dropna().nunique() > 1 for _, row in wide.iterrows()]
    marked = [f"{'◆ ' if differs else ''}{axis(q, rules)}" for q, differs in zip(wide.index, apart, strict=True)]
    told = wide[names].fillna("まだ").reset_index(drop=True)
    told.columns = pd.Index(_heads(names))
    return told.assign(**{QUESTION: marked})[[QUESTION, *told.columns]]


def _heads(names: Sequence[str]) -> list[str]:
    """Cut long names to what a heading holds; those that would be alike are numbered."""
    heads = [QUESTION]
    for name in names:
        head = shorten(name, LONGEST_NAME) or NOBODY
        heads.append(f"{head}({len(heads)})" if head in heads else head)
    return heads[1:]


def people_title(joint: pd.DataFrame) -> str:
    """Say on how many questions people disagree."""
    apart = int(joint["agreed"].eq(False).sum())
    return f"{apart}つの質問で、お答えが分かれています" if apart else "皆さんのお答えは、そろっています"


def history(told: pd.DataFrame, rules: DiagnosisRules) -> pd.DataFrame:
    """Lay out the whole diagnoses day by day."""
    whole = told[told["answered"] == 10]
    grades = [rules.grade(int(mature)).grade for mature in whole["mature"]]
    return pd.DataFrame(
        {
            "date": whole["on"],
            "a_count": whole["mature"],
            "grade": grades,
            "answered_by": [name or NOBODY for name in whole["answered_by"]],
        }
    )


def history_title(shown: pd.DataFrame) -> str:
    """Say how the number of A has moved from the first diagnosis to the last, where the same people gave both."""
    days = sorted(set(shown["date"]))
    if not days:
        return NO_HISTORY
    if len(days) == 1:
        return f"{day(days[0])}の診断が、はじまりの記録です"
    first, last = (shown[shown["date"] == each].set_index("answered_by")["a_count"] for each in (days[0], days[-1]))
    if set(first.index) != set(last.index):
        return f"診断の記録は{len(days)}回です(お答えの方が同じではないため、ふえ方はくらべません)"
    before, now = (f"{each.mean():.1f}".removesuffix(".0") for each in (first, last))
    who = "(皆さんの平均)" if len(last) > 1 else ""
    if before == now:
        return f"A の数{who}は、はじめの診断と同じ{now}です"
    return f"A の数{who}は、{before}から{now}に{'ふえました' if last.mean() > first.mean() else '変わりました'}"


def to_ask(unanswered: Sequence[str], rules: DiagnosisRules) -> pd.DataFrame:
    """Lay out the questions that are still to be asked, with the answers to choose from."""
    return pd.DataFrame(
        [{"番号": each, "伺いたいこと": rules[each].ask} | dict(rules[each].answers) for each in unanswered]
    )


def finding(
    grade_words: str, next_thing: str, things: pd.DataFrame, rules: DiagnosisRules, grade: tuple[Grade | None, int]
) -> Finding:
    """Tell the cover the grade, and the first step of the one next thing."""
    known, mature = grade
    step = rules[things["question"].iloc[0]].next_step if known and len(things) else f"{next_thing}。"
    figure = float(mature) if known else None
    return Finding("diagnosis_grade", f"{grade_words}。", figure, "question", step, leads=known is not None)
