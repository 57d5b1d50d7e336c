"""Voices: every scale becomes five points, halves find each other, and nobody is counted who was not heard."""

import datetime as dt
import itertools
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import ibis
import pandas as pd
import pyarrow as pa
import pytest
from conftest import Prepared
from hypothesis import given, settings
from hypothesis import strategies as st

from horetsu_utils import client
from horetsu_utils.errors import ConfigError, InputError
from horetsu_utils.ingest import halves, scores
from horetsu_utils.shop import Shop

Run = Callable[..., Prepared]
HEADER = "顧客番号,日付,期待,評価,旅の段階,部門,コメント"
GENERIC = "  voices: [{files: data/*, mapping: generic}]"
ASK_SCALE = (
    "点数を、{}から{}までの数に直してください。"
    "違う点数で伺ったなら、client.yaml の tables の voices に、files と並べて "
    "scale: [0, 10] のように、いちばん低い点といちばん高い点を書いてください"
).format
HALF = (
    "期待か評価のどちらかが空です",
    "もう一方を書き足すか、もう一方の答えがあるファイルも一緒に置いてください"
    "(お客様と旅の段階が同じ答えどうしを、1件につなぎます)。"
    "評価だけを伺っているなら、client.yaml の tables の voices に、files と並べて expected: 4 のように、"
    "「期待どおり」にあたる点を書いてください",
)


def sheet(*rows: str, header: str = HEADER) -> str:
    return "\n".join([header, *rows])


def of(text: str) -> str:
    """Return the sources of client.yaml for one file of voices."""
    return f"  voices: [{{files: data/*, mapping: generic, {text}}}]"


def told(found: Prepared, *names: str) -> list[tuple[Any, ...]]:
    return [tuple(row[name] for name in names) for row in found.table("voices")]


def scored(found: Prepared) -> list[tuple[Any, ...]]:
    return told(found, "expectation", "evaluation", "outcome")


@pytest.mark.parametrize(
    ("scale", "raw", "on_five"),
    [
        ("[1, 5]", ("1", "3", "4.5"), ("1", "3", "4.5")),
        ("[0, 10]", ("0", "5", "10"), ("1", "3", "5")),
        ("[0, 10]", ("4", "7", "8"), ("2.6", "3.8", "4.2")),  # 1 + 4 * 4/10, 1 + 4 * 7/10, 1 + 4 * 8/10
        ("[-2, 2]", ("-2", "0", "1"), ("1", "3", "4")),
        ("[1, 7]", ("1", "4", "5"), ("1", "3", "3.6667")),  # 1 + 4 * 4/6
        ("[0, 1]", ("0", "0.5", "1"), ("1", "3", "5")),
    ],
)
def test_any_scale_becomes_five_points(
    prepare: Run, scale: str, raw: tuple[str, ...], on_five: tuple[str, ...]
) -> None:
    rows = [f"{n},2026-06-01,{score},{score},,," for n, score in enumerate(raw)]
    found = prepare({"a.csv": sheet(*rows)}, of(f"scale: {scale}"))
    assert scored(found) == [(Decimal(score), Decimal(score), "accepted") for score in on_five]


def test_a_score_outside_its_scale_refuses_the_row_and_says_how_to_tell_the_scale(prepare: Run) -> None:
    rows = ("1,2026-06-01,4,6,,,", "2,2026-06-01,0,x,,,", "3,2026-06-01,5,1,,,")
    found = prepare({"a.csv": sheet(*rows)}, GENERIC)
    assert found.counts("voices") == {"accepted": 1, "rejected": 2}
    mend = ASK_SCALE(1, 5)
    assert [tuple(each.values()) for each in found.rejected] == [
        ("data/a.csv", 2, "評価", "6", "決められた値ではありません", mend),
        ("data/a.csv", 3, "期待", "0", "決められた値ではありません", mend),
    ]


def test_the_bounds_in_the_message_are_those_of_the_file_s_own_scale(prepare: Run) -> None:
    found = prepare({"a.csv": sheet("1,2026-06-01,-3,1,,,")}, of("scale: [-2, 2]"))
    assert [(each["value"], each["mend"]) for each in found.rejected] == [("'-3", ASK_SCALE(-2, 2))]


MAPPING = """title: 十点の調査
tables:
  voices:
    scale: [0, 10]
    columns: {customer_id: [誰], date: [日], evaluation: [点]}
    constants: {expectation: "8"}
"""


def test_a_mapping_may_tell_the_scale_and_a_constant_expectation_is_on_it(prepare: Run) -> None:
    files = {"a.csv": "誰,日,点\n1,2026-06-01,10\n2,2026-06-01,3\n"}
    found = prepare(files, "  voices: [{files: data/*, mapping: own}]", own=MAPPING)
    # 1 + 4 * 8/10 = 4.2, 1 + 4 * 10/10 = 5, 1 + 4 * 3/10 = 2.2
    assert told(found, "expectation", "evaluation", "is_stand_in") == [
        (Decimal("4.2"), 5, True),
        (Decimal("4.2"), Decimal("2.2"), True),
    ]


def test_the_scale_in_client_yaml_wins_and_the_rows_are_read_anew(prepare: Run) -> None:
    files = {"a.csv": "誰,日,点\n1,2026-06-01,10\n"}
    first = prepare(files, "  voices: [{files: data/*, mapping: own}]", own=MAPPING)
    again = prepare(files, "  voices: [{files: data/*, mapping: own, scale: [0, 20]}]", own=MAPPING)
    assert scored(first) == [(Decimal("4.2"), 5, "accepted")]
    assert scored(again) == [(Decimal("2.6"), 3, "accepted")]  # 1 + 4 * 8/20, 1 + 4 * 10/20


WRONG_SCALE = "scale には、いちばん低い点、いちばん高い点の順に書いてください(例: scale: [0, 10])"


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("scale: [5, 1]", f"「tables.voices(1つ目).scale」: {WRONG_SCALE}。"),
        ("scale: [3, 3]", f"「tables.voices(1つ目).scale」: {WRONG_SCALE}。"),
        ("scale: [0, .inf]", "「tables.voices(1つ目).scale(2つ目)」の値「inf」は数ではありません。"),
        ("scale: [.nan, 5]", "「tables.voices(1つ目).scale(1つ目)」の値「nan」は数ではありません。"),
        ("scale: [0, 十]", "「tables.voices(1つ目).scale(2つ目)」の値「十」は数ではありません。"),
        ("scale: [0]", "「tables.voices(1つ目).scale(2つ目)」が書かれていません。"),
        ("scale: 10", "「tables.voices(1つ目).scale」の値「10」は「- 」で始まる一覧の形ではありません。"),
        (
            "scale: [0, 1e9]",
            "「tables.voices(1つ目).scale(2つ目)」の値「1000000000.0」は大きすぎます。1000 以下にしてください。",
        ),
        ("expected: 高い", "「tables.voices(1つ目).expected」の値「高い」は数ではありません。"),
    ],
)
def test_a_scale_that_is_none_is_refused_with_the_settings(prepare: Run, text: str, problem: str) -> None:
    with pytest.raises(ConfigError) as error:
        prepare({"a.csv": sheet()}, of(text.replace("1e9", "1.0e+9")))
    assert f"・{problem}" in error.value.what.splitlines()


@pytest.mark.parametrize(
    ("tables", "what"),
    [
        (of("expected: 9"), "expectation に決めた点「9」は、点数の範囲(1から5まで)にありません。"),
        (of("expected: 4, scale: [-2, 2]"), "expectation に決めた点「4」は、点数の範囲(-2から2まで)にありません。"),
        ("  story: [{files: data/*, expected: 4}]", "scale と expected は、お客様の声(voices)だけに書けます。"),
        (
            "  orders: [{files: data/*, scale: [0, 9], mapping: generic}]",
            "scale と expected は、お客様の声(voices)だけに書けます。",
        ),
    ],
)
def test_what_does_not_belong_to_these_voices_is_refused(prepare: Run, tables: str, what: str) -> None:
    files = {"a.csv": "顧客番号,日付,変化点数,気持ち,期待,評価,注文番号,注文日,金額\n"}
    with pytest.raises(ConfigError) as error:
        prepare(files, tables)
    assert error.value.what == what


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("scale: [0, 10]", "scale: [10, 0]", f"「tables.voices.scale」: {WRONG_SCALE}。"),
        ('"8"', '"11"', "expectation に決めた点「11」は、点数の範囲(0から10まで)にありません。"),
        ('"8"', "とても", "expectation に決めた点「とても」は、点数の範囲(0から10まで)にありません。"),
        ("  voices:", "  story:", "表「story」に scale と promise は書けません(使える表: voices)。"),
    ],
)
def test_a_mapping_with_scores_that_cannot_be_is_refused(prepare: Run, old: str, new: str, problem: str) -> None:
    with pytest.raises(ConfigError) as error:
        prepare({"a.csv": "x"}, "  voices: [{files: data/*, mapping: own}]", own=MAPPING.replace(old, new))
    assert problem in error.value.what


_SCALES = st.tuples(st.integers(-1000, 1000), st.integers(-1000, 1000)).filter(lambda pair: pair[0] < pair[1])


@settings(deadline=None, max_examples=60)
@given(scale=_SCALES, data=st.data())
def test_the_five_points_keep_the_order_and_equal_scores_equal(scale: tuple[int, int], data: st.DataObject) -> None:
    within = st.decimals(scale[0], scale[1], places=4, allow_nan=False, allow_infinity=False)
    raw = sorted(data.draw(st.lists(within, min_size=1, max_size=20)) * 2 + [Decimal(scale[0]), Decimal(scale[1])])
    table = ibis.memtable(pa.table({"n": range(len(raw)), "score": pa.array(raw, pa.decimal128(18, 4))}))
    both = table.select("n", "score", on_five=scores.on_five_points(table.score, (float(scale[0]), float(scale[1]))))
    rows = both.order_by("score").to_pyarrow().to_pylist()
    found = [row["on_five"] for row in rows]
    assert found[0] == 1 and found[-1] == 5 and found == sorted(found)
    assert all(
        one["on_five"] == other["on_five"] for one, other in itertools.pairwise(rows) if one["score"] == other["score"]
    )


def test_a_shop_that_asks_for_one_score_says_what_was_expected(prepare: Run) -> None:
    rows = ("1,2026-06-01,5,", "2,2026-06-01,2,3", "3,2026-06-01,,")
    found = prepare({"a.csv": sheet(*rows, header="顧客番号,日付,評価,期待")}, of("expected: 3.5"))
    assert told(found, "expectation", "evaluation", "is_stand_in", "outcome") == [
        (Decimal("3.5"), 5, True, "accepted"),
        (3, 2, False, "accepted"),
        (Decimal("3.5"), None, True, "rejected"),
    ]
    assert [(each["row"], each["column"], each["reason"]) for each in found.rejected] == [(4, "評価", HALF[0])]


def test_what_was_expected_stands_on_the_source_s_own_scale(prepare: Run) -> None:
    found = prepare({"a.csv": "顧客番号,日付,評価\n1,2026-06-01,6\n"}, of("expected: 8, scale: [0, 10]"))
    assert scored(found) == [(Decimal("4.2"), Decimal("3.4"), "accepted")]  # 1 + 4 * 8/10, 1 + 4 * 6/10


def test_a_score_alone_is_half_an_answer(prepare: Run) -> None:
    found = prepare({"a.csv": sheet("1,2026-06-01,,4,,,", "2,2026-06-01,5,,,,", "3,2026-06-01,,,,,")}, GENERIC)
    assert scored(found) == [(None, 4, "rejected"), (5, None, "rejected"), (None, None, "rejected")]
    assert [tuple(each.values()) for each in found.rejected] == [
        ("data/a.csv", 2, "期待", "", *HALF),
        ("data/a.csv", 3, "評価", "", *HALF),
        ("data/a.csv", 4, "期待", "", "値が空です", "値を入れるか、この行が要らなければ消してください"),
    ]


def test_the_expectation_before_and_the_evaluation_after_become_one_voice(prepare: Run) -> None:
    rows = (
        "1,2026-06-01,5,,初回使用,窓口,楽しみです",
        "1,2026-06-10,,3,初回使用,配送,届きました",
        "1,2026-06-10,2,4,初回使用,,",  # whole: it is no half of anything
    )
    found = prepare({"a.csv": sheet(*rows)}, GENERIC)
    june = dt.date(2026, 6, 10)
    names = ("date", "expectation", "evaluation", "department", "comment", "outcome")
    assert told(found, *names) == [
        (dt.date(2026, 6, 1), 5, None, "窓口", "楽しみです", "joined"),
        (june, 5, 3, "配送", "届きました", "accepted"),
        (june, 2, 4, None, None, "accepted"),
    ]
    assert found.counts("voices") == {"accepted": 2, "joined": 1} and found.rejected == []


def outcomes(prepare: Run, *rows: str) -> list[tuple[Any, ...]]:
    found = prepare({"a.csv": sheet(*rows, header="顧客番号,日付,期待,評価,旅の段階")}, GENERIC)
    return scored(found)


def test_an_evaluation_takes_the_latest_expectation_that_is_not_after_it(prepare: Run) -> None:
    assert outcomes(
        prepare,
        "1,2026-06-01,1,,",
        "1,2026-06-03,2,,",
        "1,2026-06-05,,4,",  # takes that of 3 June
        "1,2026-06-06,5,,",  # after it: waits in vain
    ) == [(1, None, "rejected"), (2, None, "joined"), (2, 4, "accepted"), (5, None, "rejected")]


def test_each_half_is_used_once(prepare: Run) -> None:
    assert outcomes(
        prepare,
        "1,2026-06-09,,5,",  # the third in order: nothing is left
        "1,2026-06-01,1,,",
        "1,2026-06-02,2,,",
        "1,2026-06-03,,3,",  # takes that of 2 June
        "1,2026-06-04,,4,",  # takes that of 1 June
    ) == [(None, 5, "rejected"), (1, None, "joined"), (2, None, "joined"), (2, 3, "accepted"), (1, 4, "accepted")]


def test_an_evaluation_that_found_nothing_does_not_stand_in_the_way(prepare: Run) -> None:
    assert outcomes(
        prepare,
        "1,2026-06-01,,5,",
        "1,2026-06-02,2,,",
        "1,2026-06-02,,3,",  # the same day will do
    ) == [(None, 5, "rejected"), (2, None, "joined"), (2, 3, "accepted")]


def test_halves_of_other_customers_steps_and_of_nobody_stay_apart(prepare: Run) -> None:
    assert outcomes(
        prepare,
        "1,2026-06-01,1,,初回使用",
        "2,2026-06-02,,5,初回使用",  # somebody else
        "1,2026-06-02,,5,",  # no step pairs with no step only
        "1,2026-06-02,,5,定期",
        ",2026-06-01,1,,",
        ",2026-06-02,,5,",  # nobody is not the same as nobody
    ) == [(1, None, "rejected"), *[(None, 5, "rejected")] * 3, (1, None, "rejected"), (None, 5, "rejected")]


BEFORE, AFTER = (
    "顧客番号,日付,期待\n1,2026-06-01,5\n2,2026-06-01,4\n",
    "顧客番号,日付,評価\n1,2026-06-20,3\n3,2026-06-20,2\n",
)


@pytest.mark.parametrize("tables", [GENERIC, "  voices: [{files: data/*}]"])
def test_the_halves_may_stand_in_two_files(prepare: Run, tables: str) -> None:
    found = prepare({"事後アンケート.csv": AFTER, "事前アンケート.csv": BEFORE}, tables)
    assert told(found, "file", "_row", "expectation", "evaluation", "outcome") == [
        ("data/事前アンケート.csv", 2, 5, None, "joined"),
        ("data/事前アンケート.csv", 3, 4, None, "rejected"),
        ("data/事後アンケート.csv", 2, 5, 3, "accepted"),
        ("data/事後アンケート.csv", 3, None, 2, "rejected"),
    ]
    files = found.account["tables"]["voices"]["files"]
    counted = {each["file"]: {name: n for name, n in each["outcomes"].items() if n} for each in files}
    assert counted == {
        "data/事前アンケート.csv": {"joined": 1, "rejected": 1},
        "data/事後アンケート.csv": {"accepted": 1, "rejected": 1},
    }
    assert [(each["file"], each["row"], each["column"], each["reason"]) for each in found.rejected] == [
        ("data/事前アンケート.csv", 3, "評価", HALF[0]),
        ("data/事後アンケート.csv", 3, "期待", HALF[0]),
    ]


def test_a_half_that_waited_is_joined_when_the_other_arrives(prepare: Run) -> None:
    """The rows that were kept of the first file are settled anew; a later half takes its partner from an older one."""
    first = prepare({"1.csv": sheet("1,2026-06-01,1,,,,", "1,2026-06-05,,4,,,")}, GENERIC)
    assert scored(first) == [(1, None, "joined"), (1, 4, "accepted")]
    second = prepare({"2.csv": sheet("1,2026-06-04,3,,,,", "1,2026-06-06,,5,,,")}, GENERIC)
    # 5 June takes the expectation of 4 June; what it had taken before is free for 6 June
    assert scored(second) == [(1, None, "joined"), (3, 4, "accepted"), (3, None, "joined"), (1, 5, "accepted")]
    (second.client / "data" / "2.csv").unlink()
    assert scored(prepare({}, GENERIC)) == [(1, None, "joined"), (1, 4, "accepted")]


def test_a_half_told_in_two_files_is_one_half(prepare: Run) -> None:
    rows = sheet("1,2026-06-01,1,,,,", "1,2026-06-05,,4,,,")
    found = prepare({"1.csv": rows, "2.csv": rows + "\n2,2026-06-05,3,3,,,"}, GENERIC)
    assert found.counts("voices") == {"accepted": 2, "duplicate": 2, "joined": 1}


def test_halves_of_one_person_with_two_numbers_are_joined_when_they_are_linked(prepare: Run) -> None:
    own = """title: 連絡先のある調査
tables:
  voices:
    columns: {date: [日], expectation: [期待], evaluation: [評価]}
    person: {mail: [メール]}
    customer_key: [{columns: [会員]}, {kind: mail}]
"""
    rows = "会員,メール,日,期待,評価\n7,a@example.jp,2026-06-01,5,\n8,A@example.jp,2026-06-02,,3\n"
    tables = "  voices: [{files: data/*, mapping: own}]"
    assert [row[2] for row in scored(prepare({"a.csv": rows}, tables, own=own))] == ["rejected", "rejected"]
    linked = prepare({"a.csv": rows}, tables, settings="link: [mail]", own=own)
    assert scored(linked) == [(5, None, "joined"), (5, 3, "accepted")]


def test_a_file_with_neither_score_is_refused_with_both(prepare: Run) -> None:
    with pytest.raises(InputError) as error:
        prepare({"a.csv": "顧客番号,日付,感想\n1,2026-06-01,よい\n"}, GENERIC)
    assert [line.partition(")")[0] for line in error.value.what.splitlines()] == [
        "必要な列が見つかりません。",
        "・期待(expectation",
        "・評価(evaluation",
    ]


def test_a_heading_much_like_the_other_score_is_asked_about_and_not_passed_over(prepare: Run) -> None:
    files = {"a.csv": "顧客番号,日付,期待,評価点\n1,2026-06-01,3,4\n"}
    with pytest.raises(InputError) as error:
        prepare(files, "  voices: [{files: data/*}]")
    assert "見出し「evaluation」" in error.value.what or "見出し「評価」" in error.value.what


def test_voices_of_nobody_count_in_the_shares_and_in_nothing_else(prepare: Run) -> None:
    found = prepare({"a.csv": "日付,期待,評価,コメント\n2026-06-01,4,5,よい\n2026-07-01,3,3,\n"}, GENERIC)
    assert found.counts("voices") == {"no_customer": 2}
    assert found.account["tables"]["voices"]["files"][0]["tells_customer"] is False
    shop = Shop.of(client.find(str(found.client)), found.folder, as_of="2026-06-30")
    heard = shop.table_or_empty("heard").select("date", "expectation", "evaluation", "comment", "is_stand_in")
    assert heard.to_pyarrow().to_pylist() == [
        {"date": dt.date(2026, 6, 1), "expectation": 4, "evaluation": 5, "comment": "よい", "is_stand_in": False}
    ]
    assert shop.table("voices").count().to_pyarrow().as_py() == 0
    assert shop.has("voices")


def test_the_last_day_of_a_shop_with_voices_of_nobody_is_that_of_the_last_voice(prepare: Run) -> None:
    found = prepare({"a.csv": "日付,期待,評価\n2026-06-01,4,5\n2026-07-01,3,3\n"}, GENERIC)
    assert Shop.of(client.find(str(found.client)), found.folder, as_of="").as_of == dt.date(2026, 7, 1)


def test_heard_are_the_known_and_the_unknown_but_no_half(prepare: Run) -> None:
    rows = ("1,2026-06-01,5,5,,,", ",2026-06-02,4,4,,,", "2,2026-06-03,3,,,,", "2,2026-06-04,,2,,,")
    found = prepare({"a.csv": sheet(*rows)}, of("department: 店頭"))
    shop = Shop.of(client.find(str(found.client)), found.folder, as_of="2026-06-30")
    rows = shop.table("heard").order_by("date").to_pyarrow().to_pylist()
    assert [(row["customer_id"], row["expectation"], row["evaluation"]) for row in rows] == [
        ("1", 5, 5),
        (None, 4, 4),
        ("2", 3, 2),
    ]
    shop_without = prepare({"a.csv": "注文番号,顧客番号,注文日,金額\n1,1,2026-06-01,100\n"}, name="other")
    other = Shop.of(client.find(str(shop_without.client)), shop_without.folder, as_of="2026-06-30")
    empty = other.table_or_empty("heard")
    assert empty.count().to_pyarrow().as_py() == 0
    assert {*empty.columns} <= {*shop.table("heard").columns} and "is_stand_in" in empty.columns


def test_a_form_of_nobody_is_recognised_by_its_questions(prepare: Run) -> None:
    rows = "タイムスタンプ,期待,満足\n2026/06/01 10:00:00,4,5\n"
    folder = prepare({"a.csv": rows}, "  voices: [{files: data/*}]")
    assert folder.counts("voices") == {"no_customer": 1}


def test_the_department_of_a_row_stands_before_that_of_its_file(prepare: Run) -> None:
    rows = ("1,2026-06-01,5,5,,窓口,", "2,2026-06-01,5,5,,,")
    found = prepare({"a.csv": sheet(*rows)}, GENERIC)
    assert told(found, "department") == [("窓口",), (None,)]
    assert told(prepare({"a.csv": sheet(*rows)}, of("department: 店頭")), "department") == [("窓口",), ("店頭",)]


PROMISE = """title: お届けの約束
tables:
  voices:
    columns: {customer_id: [誰], date: [日], evaluation: [点], step: [段階]}
    constants: {expectation: "4"}
    dates: ["%Y/%m/%d %H:%M", "%Y/%m/%d"]
    promise: {promised: [お約束の日], kept: [届いた日, 受取日]}
"""


def test_a_promise_tells_the_step_by_calendar_days_where_none_is_written(prepare: Run) -> None:
    rows = (
        "2026/06/10,2026/06/09 23:59,",
        "2026/06/10 00:00,2026/06/10 23:59,",
        "２０２６/06/10 23:59,2026/06/11 00:00,",
        "2026/06/10,,",
        "未定,2026/06/10,",
        "2026/06/10,2026/06/12,開封",
    )
    text = "誰,日,点,お約束の日,届いた日,段階\n" + "\n".join(f"1,2026/06/{n},4,{row}" for n, row in enumerate(rows, 20))
    found = prepare({"a.csv": text}, "  voices: [{files: data/*, mapping: own}]", own=PROMISE)
    steps = ["約束より早いお届け", "約束どおりのお届け", "約束より遅いお届け", None, None, "開封"]
    assert told(found, "step", "outcome") == [(step, "accepted") for step in steps]
    assert found.account["tables"]["voices"]["files"][0]["unused"] == []


@pytest.mark.parametrize(
    "comment",
    [
        "とても良い。" * 8_334,  # 50,004 characters
        "うれしい😊👨‍👩‍👧‍👦🇯🇵",
        "ﾊﾝｶｸｶﾅﾃﾞｽ｡ＺＥＮ　ＫＡＫＵ",
        "<script>alert(1)</script> <b>よい</b> &amp; =1+1",
        "一行目\r\n二行目\n三行目",
    ],
)
def test_a_comment_is_read_whole_and_unchanged(prepare: Run, comment: str) -> None:
    found = prepare({"a.csv": f'顧客番号,日付,期待,評価,コメント\n1,2026-06-01,4,5,"{comment}"\n'}, GENERIC)
    assert told(found, "comment", "outcome") == [(comment, "accepted")]


def test_two_strangers_may_say_the_same(prepare: Run) -> None:
    rows = sheet(",2026-06-01,4,5,,,", ",2026-06-01,4,5,,,", "1,2026-06-01,4,5,,,", "1,2026-06-01,4,5,,,")
    told = prepare({"a.csv": rows}, GENERIC)
    voices = pd.read_parquet(told.folder / "voices.parquet")
    assert sorted(voices["outcome"]) == ["accepted", "duplicate", "no_customer", "no_customer"]


def test_the_same_voices_give_the_same_bytes(prepare: Run) -> None:
    rows = sheet("1,2026-06-01,4,,,,😊", "1,2026-06-01,5,,,,", "1,2026-06-01,,3,,,", "1,2026-06-01,,2,,,")
    first, second = prepare({"a.csv": rows}, GENERIC), prepare({"a.csv": rows}, GENERIC, name="again")
    assert (first.folder / "voices.parquet").read_bytes() == (second.folder / "voices.parquet").read_bytes()


def test_one_file_is_not_read_on_two_scales(prepare: Run) -> None:
    twice = "  voices: [{files: data/*, mapping: generic}, {files: data/a.csv, mapping: generic, scale: [0, 10]}]"
    with pytest.raises(InputError) as error:
        prepare({"a.csv": sheet("1,2026-06-01,4,5,,,")}, twice)
    assert str(error.value) == (
        "1つのファイルを、2通りの scale・expected・department で読むことになっています。\n場所: data/a.csv\n"
        "次に: client.yaml の tables.voices の files を、重ならないように直してください。"
    )


REVIEWS = """title: レビューと注文
tables:
  voices:
    join: {by: 注文コード, known_by: [会員, お届け予定日], lines_known_by: [レビュー番号, 点]}
    columns: {customer_id: [会員], date: [投稿日], evaluation: [点]}
    constants: {expectation: "4"}
    promise: {promised: [お届け予定日], kept: [お届け日]}
"""


def test_reviews_take_the_customer_and_the_promise_of_their_order(prepare: Run) -> None:
    reviews = (
        "レビュー番号,注文コード,点,投稿日\n1,a,5,2026-06-05\n2,a,4,2026-06-06\n3,z,1,2026-06-06\n4,,3,2026-06-06\n"
    )
    orders = "注文コード,会員,お届け予定日,お届け日\na,7,2026-06-04,2026-06-03\nb,8,2026-06-04,\n,9,2026-06-04,\n"
    tables = "  voices: [{files: data/*, mapping: reviews}]"
    found = prepare({"review.csv": reviews, "order.csv": orders}, tables, reviews=REVIEWS)
    assert told(found, "customer_id", "evaluation", "step", "outcome") == [
        ("7", 5, "約束より早いお届け", "accepted"),
        ("7", 4, "約束より早いお届け", "accepted"),
        (None, 1, None, "rejected"),
        (None, 3, None, "no_customer"),
    ]
    files = found.account["tables"]["voices"]["files"]
    counted = {each["file"]: {name: n for name, n in each["outcomes"].items() if n} for each in files}
    assert counted == {
        "data/review.csv": {"accepted": 2, "rejected": 1, "no_customer": 1},
        "data/order.csv": {"joined": 1, "out_of_scope": 1, "rejected": 1},  # nobody need review an order
    }
    assert [(each["file"], each["row"], each["column"], each["value"], each["reason"]) for each in found.rejected] == [
        ("data/review.csv", 4, "注文コード", "z", "この番号の注文が、注文のファイルにありません"),
        ("data/order.csv", 4, "注文コード", "", "値が空です"),
    ]


_HALVES = st.lists(
    st.tuples(st.sampled_from("12"), st.sampled_from([None, "開封"]), st.integers(1, 6), st.booleans()), max_size=14
)


def by_hand(rows: list[tuple[str, str | None, int, bool]]) -> list[tuple[int | None, str]]:
    """Let each evaluation, by day, take the latest expectation of its group that is still free."""
    found: list[tuple[int | None, str]] = [(n if not after else None, "rejected") for n, (*_, after) in enumerate(rows)]
    waiting: dict[tuple[str, str | None], list[int]] = {}
    for n in sorted(range(len(rows)), key=lambda n: (rows[n][2], rows[n][3], n)):
        who, step, _, after = rows[n]
        free = waiting.setdefault((who, step), [])
        if not after:
            free.append(n)
        elif free:
            one = free.pop()
            found[one], found[n] = (one, "joined"), (one, "accepted")
    return found


@settings(deadline=None, max_examples=60)
@given(rows=_HALVES)
def test_halves_are_joined_as_one_would_by_hand(rows: list[tuple[str, str | None, int, bool]]) -> None:
    records = [
        {"_row": n, "_part": 0, "customer_id": who, "step": step, "date": dt.date(2026, 6, day), "outcome": "accepted"}
        | {"half": "evaluation" if after else "expectation", "expectation": None if after else Decimal(n)}
        for n, (who, step, day, after) in enumerate(rows)
    ]
    kinds = {"_row": pa.int64(), "_part": pa.int64(), "date": pa.date32(), "expectation": pa.decimal128(18, 4)}
    names = ("_row", "_part", "customer_id", "step", "date", "outcome", "half", "expectation")
    schema = pa.schema([(name, kinds.get(name, pa.string())) for name in names])
    table = halves.joined(ibis.memtable(pa.Table.from_pylist(records, schema=schema)))
    found = [(row["expectation"], row["outcome"]) for row in table.order_by("_row").to_pyarrow().to_pylist()]
    assert found == by_hand(rows)
