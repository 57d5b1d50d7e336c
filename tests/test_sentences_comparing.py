"""What is said of two days: a sure difference as sure, an open one as open, and no group under five."""

from itertools import product

import pandas as pd
import pytest

from horetsu_utils.sentences import comparing as say
from horetsu_utils.sentences import flows
from horetsu_utils.sentences.comparing import FEW

SCOPE = say.Scope(365, 30, 28, {"0": "観測", "1": "着地", "2": "共感"}, 30, "JPY")
BASE = {"before_customers": 100.0, "now_customers": 200.0, "before_part": float("nan"), "now_part": float("nan")}


def row(key: str, before: float, now: float, span: tuple[float, float], verdict: str, **more: float) -> say.Row:
    told = {"key": key, "before": before, "now": now, "difference": now - before, "low": span[0], "high": span[1]}
    return say.rows(pd.DataFrame([{**BASE, **told, "verdict": verdict, **more}]), SCOPE)[0]


def test_a_sure_rise_is_said_with_its_people_and_its_span() -> None:
    told = row("repeat_ratio", 0.5, 0.6, (0.012, 0.188), "more", before_part=50, now_part=120)
    assert (told.before.words, told.before.of) == ("50.0%", "100人のうち50人")
    assert (told.now.words, told.now.of) == ("60.0%", "200人のうち120人")
    assert (told.moved, told.span, told.verdict) == ("+10.0ポイント", "1.2〜18.8ポイント", "高くなりました")
    assert say.headlines([told]) == [
        ("リピート率は、50.0%(50人)から60.0%(120人)に高くなりました。", "差は、1.2〜18.8ポイント")
    ]


def test_a_sure_fall_is_told_from_the_nearer_end_of_its_span() -> None:
    told = row("annual_ltv_yen", 12_000, 9_000, (-4_000, -2_000), "less")
    assert (told.moved, told.span, told.verdict) == ("−3,000円", "2,000円〜4,000円", "低くなりました")
    assert say.headlines([told])[0][0] == "年間LTV(1人あたり)は、12,000円から9,000円に低くなりました。"


def test_an_open_difference_is_never_a_headline() -> None:
    told = row("good_ratio", 0.5, 0.54, (-0.02, 0.1), "unclear")
    assert (told.moved, told.span) == ("+4.0ポイント", "−2.0〜+10.0ポイント")
    assert told.verdict == "はっきりした差とは言えません"
    assert told.before.of == "100人について"
    assert say.headlines([told]) == [(say.NO_CHANGE, "")]


@pytest.mark.parametrize(
    ("verdict", "words"),
    [
        ("few", "30人に満たないため、比べていません"),
        ("young", "前の日は記録が1年に満たないため、比べていません"),
        ("begun", "この間に始まった記録があるため、比べていません"),
    ],
)
def test_what_is_not_compared_shows_no_difference_and_says_why(verdict: str, words: str) -> None:
    told = row("near_ratio", 0.2, 0.9, (0.6, 0.8), verdict, before_part=20, now_part=180)
    assert (told.moved, told.span, told.verdict, told.kind) == ("", "", words, say.OPEN)
    assert say.headlines([told]) == [(say.NOTHING_COMPARED, "")]


def test_what_is_counted_has_a_difference_and_no_claim() -> None:
    nothing = (float("nan"), float("nan"))
    told = row("orders", 1_200, 1_100, nothing, "added")
    assert (told.before.words, told.moved, told.span, told.verdict) == ("1,200回", "−100回", "", "")
    assert row("sales_yen", 1_000_000, 1_000_000, nothing, "added").moved == say.NONE
    assert row("buyers", 100, 103, nothing, "added").moved == "5人未満の差"
    assert say.headlines([told]) == [(say.NOTHING_COMPARED, "")]


@pytest.mark.parametrize("part", [1, 4])
def test_a_share_of_under_five_is_not_told(part: int) -> None:
    told = row("cooling_ratio", part / 100, 0.5, (0.1, 0.9), "more", before_part=part, now_part=100)
    assert (told.before.words, told.before.of, told.moved, told.span) == (FEW, "", "", "")
    assert told.verdict == "5人未満のため、比べていません"
    assert told.now.words == "50.0%"
    assert say.headlines([told]) == [(say.NOTHING_COMPARED, "")]


@pytest.mark.parametrize("part", [0, 5, 97, 100])
def test_nobody_everybody_and_five_are_told(part: int) -> None:
    told = row("cooling_ratio", part / 100, 0.5, (0.1, 0.9), "more", before_part=part, now_part=100)
    assert told.before.of == f"100人のうち{part}人"


def test_figures_of_so_few_customers_are_not_told_at_all() -> None:
    told = row("sales_yen", 3_000, 9_000, (float("nan"),) * 2, "added", before_customers=3)
    assert (told.before.words, told.now.words, told.moved) == (FEW, "9,000円", "")


WAYS = pd.DataFrame(
    [("-1", "0", 40), ("0", "0", 300), ("0", "1", 30), ("1", "2", 3), ("0", "2", 20), ("1", "0", 7), ("2", "2", 9)],
    columns=["source", "target", "customers"],
)
NAMES = {"0": "観測", "1": "着地", "2": "共感"}
KINDS = {way: flows.stage_way(*way) for way in product([*flows.NEWCOMERS, *NAMES], NAMES)}


def test_the_matrix_by_hand() -> None:
    """Risen: 30, 20 and 3. The total 53 would tell the three, so the next smallest, 20, is not told either."""
    lines = flows.matrix(WAYS, NAMES, KINDS)
    assert [line.name for line in lines] == ["新しい方", "観測", "着地", "共感"]
    assert [[cell.words for cell in line.cells] for line in lines] == [
        ["40", "0", "0"],
        ["300", "30", "—"],
        ["7", "0", FEW],
        ["0", "0", "9"],
    ]
    assert [cell.way for cell in lines[2].cells] == ["fallen", "same", "risen"]
    assert [cell.level for cell in lines[1].cells] == [4, 2, 0]
    assert flows.hidden_note(lines) == flows.HIDDEN_NOTE


@pytest.mark.parametrize(
    ("risen", "hidden"),
    [((3, 40), 1), ((1, 1, 40), 1), ((4, 4, 40), 1), ((3, 4, 40), 0), ((9, 40), 0), ((3,), 0), ((1, 1), 0)],
)
def test_one_more_is_untold_only_where_the_total_would_tell(risen: tuple[int, ...], hidden: int) -> None:
    """Two groups of 3 and 4 leave 7, which may be 4 and 3 or 3 and 4; two of 1 leave 2, which is 1 and 1."""
    places = [("0", "1"), ("0", "2"), ("1", "2")]
    ways = pd.DataFrame([(*place, n) for place, n in zip(places, risen, strict=False)], columns=WAYS.columns)
    lines = flows.matrix(ways, NAMES, KINDS)
    words = [cell.words for line in lines for cell in line.cells]
    assert words.count(flows.HIDDEN) == hidden
    assert words.count(FEW) == sum(n < 5 for n in risen)
    assert not set(words) & {"1", "2", "3", "4"}
    assert bool(flows.hidden_note(lines)) is bool(hidden)


def test_segments_tell_who_drifted_away_and_who_came_back() -> None:
    ways = pd.DataFrame(
        [("not_yet", "new", 50), ("new", "new", 10), ("new", "gone", 20), ("gone", "new", 2), ("gone", "lost", 6)],
        columns=WAYS.columns,
    )
    names = ["new", "gone", "lost"]
    kinds = {way: flows.segment_way(*way, ["gone", "lost"]) for way in product([*flows.NEWCOMERS, *names], names)}
    assert kinds["gone", "lost"] == "other"
    told = flows.segments_title(ways, kinds, 30)
    assert told == f"足が遠のいた方は20人、足の遠のいていたところから戻ってこられた方は{FEW}です。"
    assert flows.segments_title(ways, kinds, 39) == (
        "前の日までに買われた方がまだ38人のため、傾向は読み取れません(39人になると読み取れます)。"
    )


def test_the_kinds_of_moves_are_told_in_order_and_small_ones_folded() -> None:
    counts = pd.Series({"known": 60, "new": 4, "risen": 12, "fallen": 0, "cooled": 5, "warmed": 1})
    cards = flows.cards(counts)
    assert [(kind, number) for kind, number, *_ in cards] == [
        ("known", "60人"),
        ("new", FEW),
        ("risen", "12人"),
        ("fallen", "0人"),
        ("cooled", "5人"),
        ("warmed", FEW),
    ]
    assert flows.stages_title(counts, 30) == "先のステージへ進まれた方は12人、前のステージへ戻られた方は0人です。"
    assert "まだ60人のため" in flows.stages_title(counts, 61)


def test_records_that_began_in_between_are_named() -> None:
    assert flows.begun(()) == ""
    assert flows.begun(("voices", "story")).startswith(
        "「お客様の声」・「物語(変化の記録)」は、この間に記録が始まりました。"
    )


def test_no_sentence_names_a_cause() -> None:
    words = [*say.NOTES, *say._VERDICTS.values(), flows.STAGE_NOTE, flows.SEGMENT_NOTE, *sum(flows.PEOPLE.values(), ())]
    told = "".join(words)
    assert not any(cause in told for cause in ("ため、増", "おかげ", "せいで", "効果", "によって", "結果、"))
    assert "なぜ動いたかは、この表だけでは分かりません" in told
