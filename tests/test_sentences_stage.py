"""What the stage chapter says, held sentence by sentence: few people make no claim, and nothing is called a cause."""

import datetime as dt

import pandas as pd
import pytest

from horetsu_utils import assets, rulebook
from horetsu_utils.findings import Finding, tell
from horetsu_utils.plans import Planned
from horetsu_utils.relation import MatrixRules
from horetsu_utils.sentences import guard as say_guard
from horetsu_utils.sentences import moves as say_moves
from horetsu_utils.sentences import stage as say

RULES = rulebook.stages(assets.RULES / "stages.yaml")
GUARD = rulebook.guard(assets.RULES / "guard.yaml")
NAMES = {str(each.stage): each.name for each in RULES.stages}
NAN = float("nan")
LEAST = 30
CAUSES = ("ために", "おかげで", "せいで", "効果", "によって")
FEW = "記録のあるお客様がまだ29人のため、傾向は読み取れません(30人になると読み取れます)。"


def counts(people: list[int], hinted: int = 0, cooling: int = 0) -> pd.DataFrame:
    rows = [
        (stage, each, cooling if stage == 1 else 0, hinted if stage == 2 else 0) for stage, each in enumerate(people)
    ]
    return pd.DataFrame(rows, columns=["stage", "customers", "cooling_customers", "hinted_customers"])


ALL = RULES.signals
ORDERS = tuple(rule for rule in ALL if rule.table in ("orders", "lines"))


def test_a_shop_with_records_is_told_how_many_have_a_tie() -> None:
    title = say.bars_title(counts([50, 30, 12, 6, 2]), ALL)
    assert title == "お店の人とのつながりが芽生えている方(共感から先)は、20人(20.0%)です"
    found = say.near(counts([50, 30, 12, 6, 2]), ALL, LEAST)
    assert (found.sentence, found.figure) == (f"{title}。", 20.0)


def test_a_shop_of_orders_alone_is_told_what_cannot_be_said_and_what_to_begin() -> None:
    title = say.bars_title(counts([50, 30, 0, 0, 0], hinted=9), ORDERS)
    assert title == "注文の記録だけで確かに言えるのは、「着地」までです"
    found = say.near(counts([50, 30, 0, 0, 0]), ORDERS, LEAST)
    assert found.figure is None
    assert "touchpoints.csv" in found.next_step
    assert "斜線は「暫定」です" in say.bars_note(counts([1, 1, 0, 0, 0], hinted=1))
    assert "斜線" not in say.bars_note(counts([1, 1, 0, 0, 0]))


def test_of_orders_alone_nobody_is_said_to_have_a_thin_tie_or_to_have_stopped() -> None:
    thin = pd.DataFrame({"cell": ["thin_tie"], "customers": [1149]})
    unseen = "つながりの深さは、注文の記録だけでは分かりません"
    assert say.cells_title(thin, ORDERS) == unseen
    assert say.thin_ties(thin, 4000, ORDERS, LEAST) is None
    assert say.thin_ties(thin, 0, ALL, LEAST) is None
    months = counts([9, 40, 0, 0, 0]).assign(month_end=1)
    assert say_moves.months_title(months, ORDERS, LEAST) == "着地から先の方は、40人のまま変わっていません"
    later = months.assign(month_end=2, customers=[5, 44, 0, 0, 0])
    told = say_moves.months_title(pd.concat([months, later]), ORDERS, LEAST)
    assert told == "着地から先の方は、40人から44人にふえました"
    assert (say.highest(ORDERS), say.highest(ALL), say.highest(())) == (1, 4, 0)


@pytest.mark.parametrize(
    "found",
    [
        say.near(counts([9, 10, 10, 0, 0]), ALL, LEAST),
        say.cooling(counts([50, 29, 0, 0, 0], cooling=3), LEAST),
        say.thin_ties(pd.DataFrame({"cell": ["thin_tie"], "customers": [3]}), 29, ALL, LEAST),
    ],
)
def test_few_customers_make_no_claim(found: Finding) -> None:
    assert (found.sentence, found.figure) == (FEW, None)
    assert found.next_step == say.FEW_ADVICE


def test_nobody_cooling_and_nobody_thin_are_good_news() -> None:
    assert say.cooling(counts([0, 40, 0, 0, 0]), LEAST).sentence == "冷めかけているお付き合いは、見あたりません。"
    nobody = pd.DataFrame({"cell": [None], "customers": [40]})
    assert (
        say.thin_ties(nobody, 40, ALL, LEAST).sentence == "よく買ってくださるのにつながりの薄い方は、見あたりません。"
    )
    found = say.cooling(counts([0, 40, 0, 0, 0], cooling=4), LEAST)
    assert found.sentence == "いちど落ち着いたお付き合いのうち、4人の方が冷めかけています。"


def test_the_same_sentence_is_told_once() -> None:
    few = [say.near(counts([9, 10, 10, 0, 0]), ALL, LEAST), say.cooling(counts([0, 29, 0, 0, 0]), LEAST)]
    assert [item.key for item in tell(*few).items] == ["near_customers"]


def test_each_stage_has_its_stance_and_the_names_of_what_is_not_done() -> None:
    guide = say.guide(RULES, GUARD).set_index("stage")
    assert guide.index.tolist() == ["0 観測", "1 着地", "2 共感", "3 関与", "4 循環"]
    assert guide.loc["1 着地", "prohibited"] == "もう一品のすすめ、成功した方の話の押し出し"
    assert guide.loc["0 観測", "prohibited"].count("、") == 8
    assert guide.loc["4 循環", "stance"] == "敬意をもち、ゆとりを残す"


def test_coverage_says_what_a_missing_record_would_show() -> None:
    frame = pd.DataFrame(
        {
            "table": ["orders", "story", "events"],
            "present": [True, False, True],
            "informed": [9, 0, 1],
            "uninformed": [0, 9, 8],
        }
    )
    sources = {"orders": "orders", "lines": "orders", "returns": "orders"} | {name: name for name in RULES.tables}
    told = say.coverage(frame, ALL, RULES, sources).set_index("table")
    assert told["present"].tolist() == ["あり", "あり", "なし"]
    assert told.loc["物語(変化の記録)", "shows"].startswith(
        "お気持ちが「良い」か「普通」の記録、記録に添えられたひとこと"
    )
    assert told.loc["閲覧の記録", "shows"] == "お店を知った日"
    assert say.confidence(2 / 3, frame) == "ステージの手がかりになる3種類の記録のうち、2種類があります(確かさ 67%)"


def test_evidence_is_one_text_a_customer_in_order_of_time() -> None:
    rows = [
        ("A", "cooled", 1, "silence", dt.date(2026, 6, 1)),
        ("A", "reached", 0, "bought", dt.date(2026, 1, 1)),
        ("A", "reached", 1, "landed", dt.date(2026, 1, 15)),
        ("B", "fell", 0, "unmended", dt.date(2026, 2, 1)),
    ]
    frame = pd.DataFrame(rows, columns=["customer_id", "role", "stage", "signal", "on"])
    told = say.evidence(frame, RULES, NAMES)
    assert told["A"] == (
        "2026-01-01 はじめてのご注文(観測に) / 2026-01-15 はじめてのご注文から14日、返品も苦情もない(着地に)"
        " / 2026-06-01 冷め: 便りのない間"
    )
    assert told["B"] == "2026-02-01 冷めたまま日がたち、観測に戻る"


@pytest.mark.parametrize(
    ("before", "now", "told"),
    [
        (5, 9, "共感から先の方は、5人から9人にふえました"),
        (9, 5, "共感から先の方は、9人から5人にへりました"),
        (5, 5, "共感から先の方は、5人のまま変わっていません"),
    ],
)
def test_the_months_title_says_which_way_it_went(before: int, now: int, told: str) -> None:
    ends = [dt.date(2026, 5, 31), dt.date(2026, 6, 30)]
    rows = [
        (end, stage, people)
        for end, close in zip(ends, (before, now), strict=True)
        for stage, people in ((1, 40), (2, close))
    ]
    months = pd.DataFrame(rows, columns=["month_end", "stage", "customers"])
    assert say_moves.months_title(months, ALL, LEAST) == told
    assert say_moves.months_title(months, ALL, 99) == "動きを言うには、まだ人数が足りません"


def test_the_moves_title_counts_neither_newcomers_nor_those_who_stayed() -> None:
    rows = [("-1", "0", 50), ("0", "1", 7), ("1", "1", 90), ("2", "0", 3)]
    moves = pd.DataFrame(rows, columns=["from_stage", "to_stage", "customers"])
    assert say_moves.moves_title(moves, 90, LEAST) == "この90日で、先へ進まれた方は7人、前へ戻られた方は3人です"
    assert say_moves.moves_title(moves, 90, 999) == "動きを言うには、まだ人数が足りません"


def test_the_passage_title_names_where_most_stop_among_stages_watched_enough() -> None:
    passage = pd.DataFrame({"stage": [0, 1, 2], "watched": [100, 50, 29], "risen_ratio": [0.5, 0.4, 0.1]})
    assert say_moves.passage_title(passage, NAMES, LEAST) == "「着地」から「共感」へ、90日のうちに進まれた方は40.0%です"
    assert say_moves.passage_title(passage, NAMES, 500) == "どこで止まるかを言うには、まだ人数が足りません"


def foretold(verdict: str) -> pd.DataFrame:
    rows = [
        ("base", 0.71, 0.68, 0.74, NAN, NAN, NAN, 90, 40, None),
        ("added", 0.66, 0.63, 0.69, -0.05, -0.08, -0.02, 90, 40, "no_gain"),
        ("both", 0.76, 0.73, 0.79, 0.05, 0.02, 0.08, 90, 40, verdict),
    ]
    columns = ["description", "auc", "low", "high", "gain", "gain_low", "gain_high", "customers", "events", "verdict"]
    return pd.DataFrame(rows, columns=columns)


@pytest.mark.parametrize(
    ("verdict", "told"),
    [
        ("gain", "ステージも見ると、次の90日のご注文の見分けやすさが、RFMだけの0.71から0.76に上がります"),
        ("no_gain", "次の90日のご注文については、ステージを足しても、RFMだけのときより見分けやすいとは言えません"),
        ("too_few", "次の90日のご注文を比べるには、まだ人数が足りません(ご注文のあった方が40人)"),
    ],
)
def test_the_report_says_so_when_the_stage_adds_nothing(verdict: str, told: str) -> None:
    assert say_moves.foretold(foretold(verdict), "ご注文", 90) == told
    table = say_moves.foretold_table(foretold(verdict), foretold("too_few"))
    assert table["auc"].iloc[0] == "0.71(0.68〜0.74)"
    assert table["gain"].tolist()[:2] == ["—", "-0.05(-0.08〜-0.02)"]


def followed(verdict: str) -> pd.DataFrame:
    row = {
        "outcome": "order",
        "treated_ratio": 0.239,
        "spared_ratio": 0.31,
        "verdict": verdict,
        "treated": 67,
        "spared": 900,
    }
    bounds = {f"{group}_{edge}": 0.2 for group in ("treated", "spared") for edge in ("low", "high")}
    unknown = dict.fromkeys(("treated_ratio", "spared_ratio"), NAN) | {"outcome": "opted_out_now", "verdict": "too_few"}
    return pd.DataFrame([row | bounds, row | bounds | unknown])


@pytest.mark.parametrize(
    ("verdict", "told"),
    [
        ("differs", "合わない連絡のあと90日のご注文は23.9%、似たお客様で合わない連絡のなかった方は31.0%です"),
        (
            "similar",
            "合わない連絡のあと90日のご注文は23.9%、似たお客様で合わない連絡のなかった方は31.0%です(差があるとは言えません)",
        ),
        ("too_few", "合わない連絡のあとを比べるには、まだ人数が足りません"),
    ],
)
def test_the_look_back_never_names_a_cause(verdict: str, told: str) -> None:
    assert say_moves.lookback_title(followed(verdict)) == told
    assert not any(cause in told for cause in CAUSES)
    rows = say_moves.lookback_rows(followed(verdict))
    assert rows["outcome_after"].tolist() == ["order", "order"]
    assert rows["group"].tolist() == ["treated", "spared"]


def test_the_two_cells_are_counted_and_their_lines_told() -> None:
    cells = pd.DataFrame({"cell": ["thin_tie", None], "customers": [206, 9]})
    assert say.cells_title(cells, ALL) == (
        "数字は良いのに、つながりが薄い方が206人、買う額は少なくても、支えてくださる方が0人いらっしゃいます"
    )
    assert "12点以上を「高い」、7点以下を「低い」" in say.matrix_note(MatrixRules(), NAMES)


def planned(problem: str = "") -> Planned:
    day = dt.date(2026, 7, 2)
    return Planned(
        0, "CP1", day, "メール", "今だけ" * 20, "観測", (), {"offer_now": ("今だけ",)}, False, False, problem
    )


def test_a_verdict_names_the_action_its_words_and_the_way_out() -> None:
    breaks = pd.DataFrame({"plan": [0, 0], "rule": ["offer_now", "too_often"], "stage": [0, 0], "customers": [9, 2]})
    rows = say_guard.rows((planned(),), breaks, GUARD, NAMES).to_dict("records")
    assert rows[0]["campaign"] == f"CP1 7月2日 メール「{('今だけ' * 20)[:29]}…」"
    assert rows[0]["rule_name"] == "すぐに売り込む(「今だけ」)"
    assert (rows[0]["stage_name"], rows[0]["customers"]) == ("観測の方", 9)
    assert rows[1]["rule_name"] == "連絡のしすぎ"
    assert say_guard.problem(planned("なぜなら")).endswith(": なぜなら")


@pytest.mark.parametrize(
    ("facts", "figure", "told", "step"),
    [
        ((0, 0, 0, 0), None, "これからの施策の予定は、まだありません。", "campaigns.csv"),
        (
            (3, 0, 0, 0),
            0.0,
            "予定の施策3件に、お客様との今の関係に合わないものは見つかりませんでした。",
            "今の予定のまま",
        ),
        ((3, 2, 0, 12), 2.0, "予定の施策3件のうち2件は、お客様12人との今の関係に合いません。", "送る前に"),
        ((3, 2, 1, 12), 2.0, "(ほかに、確かめられない施策が1件あります)。", "送る前に"),
        ((3, 0, 1, 0), 0.0, "(ほかに、確かめられない施策が1件あります)。", "書き方を直して"),
    ],
)
def test_the_finding_of_the_guard(facts: tuple, figure, told: str, step: str) -> None:
    names = ("planned", "broken", "unknown", "people")
    found = say_guard.finding(**dict(zip(names, facts, strict=True)))
    assert found.sentence.endswith(told)
    assert found.figure == figure
    assert step in found.next_step
    other = Finding("x", "y", 1.0, "customer")
    assert say_guard.ranked(found, other)[0] is (found if figure else other)


@pytest.mark.parametrize(
    ("text", "stage", "told"),
    [
        ("", 0, "件名や本文を書いてください。"),
        ("今だけのご案内", 0, "すぐに売り込む"),
        ("今だけのご案内、ありがとうございます", 4, "循環の方へ: この文面に、気をつけたい言葉は見つかりませんでした。"),
        ("<script>今だけ</script>", 0, "今だけ"),
    ],
)
def test_one_letter_is_judged_at_once(text: str, stage: int, told: str) -> None:
    shown = say_guard.verdict(text, stage, rules=GUARD, names=NAMES).data
    assert told in shown
    assert "<script" not in shown


def test_the_page_shows_what_cannot_be_judged_escaped() -> None:
    counted = {"planned": 1, "broken": 0, "unknown": 1, "people": 0}
    shown = say_guard.page(pd.DataFrame(), ["CP1 <b>件名</b>: 対象が分かりません。"], counted).data
    assert "確かめられません: CP1 &lt;b&gt;件名&lt;/b&gt;: 対象が分かりません。" in shown


def test_past_contacts_are_named_the_most_frequent_first() -> None:
    frame = pd.DataFrame(
        {"action": ["upsell", "offer_now"], "stage": [1, 0], "breaches": [2, 40], "customers": [2, 30]}
    )
    assert say_guard.past(frame, GUARD, NAMES)["rule_name"].tolist() == ["すぐに売り込む", "もう一品のすすめ"]
    assert say_guard.past_title(frame) == "これまでの連絡のうち42回は、そのときのお客様のステージに合っていませんでした"
    nothing = "行動コードのある接触の記録に、ステージに合わない連絡は見つかりませんでした"
    assert say_guard.past_title(frame.head(0)) == nothing
