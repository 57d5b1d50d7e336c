"""A rule file is read, or refused with the line and what to write instead."""

import re
from dataclasses import replace
from pathlib import Path

import pytest

from horetsu_utils import assets, rulebook
from horetsu_utils.client import find
from horetsu_utils.errors import ConfigError
from horetsu_utils.relation import COOLING, MARK, SignalRule

KIT = {
    name: (assets.RULES / name).read_text(encoding="utf-8") for name in ("stages.yaml", "guard.yaml", "diagnosis.yaml")
}
HEAD = "regress_days: 90\nstages:\n" + "".join(
    f"  - {{stage: {n}, name: 段{n}, heart: 心, stance: 接し方, welcome_action: 行動, silence_days: {100 * n}}}\n"
    for n in range(5)
) + "signals:\n"  # fmt: skip
FIRST_SIGNAL = HEAD.count("\n") + 1


def signals(*rows: str) -> str:
    return HEAD + "".join(f"  - {{{row}, name: 名, why: わけ}}\n" for row in rows)


def refused(tmp_path: Path, text: str, read=rulebook.stages, name: str = "stages.yaml") -> str:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError) as error:
        read(path)
    assert error.value.where == str(path)
    assert error.value.next_step
    return error.value.what


def test_the_kits_own_rules_are_read() -> None:
    rules = rulebook.stages(assets.RULES / "stages.yaml")
    assert [stage.name for stage in rules.stages] == ["観測", "着地", "共感", "関与", "循環"]
    assert rules.rhythm.silence_days == (0, 150, 120, 90, 120)
    assert (rules.landing_days, rules.regress_days) == (14, 90)
    assert rules.tables == ("customers", "events", "orders", "touchpoints", "story", "voices")
    levels = {rule.signal: rule.level for rule in rules.signals}
    assert (levels["referral"], levels["complaint"], levels["third_order"]) == (4, COOLING, MARK)
    assert {rule.level for rule in rules.signals if rule.provisional} == {2, 3}


def test_other_days_of_waiting_change_the_rules_that_wait_and_what_their_names_tell() -> None:
    rules = rulebook.stages(assets.RULES / "stages.yaml")
    assert rules.waiting() == rules
    other = rules.waiting(landing_days=30, regress_days=60)
    assert (other.landing_days, other.rhythm.regress_days) == (30, 60)
    changed = [rule for rule in other.signals if rule not in rules.signals]
    assert [(rule.signal, rule.name) for rule in changed] == [("landed", "はじめてのご注文から30日、返品も苦情もない")]
    long = replace(rules, signals=tuple(replace(rule, name="114日後と14日") for rule in rules.signals))
    assert {rule.name for rule in long.waiting(landing_days=7).signals} == {"114日後と14日", "114日後と7日"}


def test_a_rule_says_all_that_the_file_says(tmp_path: Path) -> None:
    row = "signal: own, stage: 3, table: story, condition: {emotion: [良い]}, at_least: 2, of: weeks, window_days: 28"
    path = tmp_path / "stages.yaml"
    path.write_text(signals(row), encoding="utf-8")
    (found,) = rulebook.stages(path).signals
    assert found == SignalRule(
        "own", "名", 3, "story", "わけ", {"emotion": ["良い"]}, at_least=2, of="weeks", window_days=28
    )


@pytest.mark.parametrize(
    ("row", "told"),
    [
        (
            "signal: a, stage: 1, table: storry",
            "「storry」という表はありません。「story」の書き間違いではありませんか。",
        ),
        (
            "signal: a, stage: 1, table: story, condition: {emotoin: 良い}",
            "「emotoin」という表 story の列はありません。「emotion」の書き間違いではありませんか。",
        ),
        (
            "signal: a, stage: 2, table: touchpoints, condition: {reaction: replay}",
            "「reaction」の条件: 「replay」という値はありません。「reply」の書き間違いではありませんか。",
        ),
        (
            "signal: a, stage: 1, table: voices, condition: {evaluation: '>= expectaton'}",
            "「evaluation」の条件の右の「expectaton」が分かりません。"
            "数か、同じ表の列か、first か before を書いてください。",
        ),
        (
            "signal: a, stage: 1, table: story, condition: {note: {contain: [花]}}",
            "「note」の条件は、文字の列に {contains: [言葉, 言葉]} の形で書いてください。",
        ),
        (
            "signal: a, stage: 1, table: story, condition: {note: []}",
            "「note」の条件「[]」が読めません。言葉か、[ ] で囲んだ言葉の一覧か、"
            "filled(何か書かれている)を書いてください。",
        ),
        (
            "signal: a, stage: 1, table: story, condition: {change_score: 良い}",
            '「change_score」の条件「良い」が読めません。数か、数の一覧か、">= 3" のような比べ方を書いてください。',
        ),
        (
            "signal: a, stage: 1, table: story, condition: {change_score: {contains: ['3']}}",
            "「change_score」の条件は、文字の列に {contains: [言葉, 言葉]} の形で書いてください。",
        ),
        (
            "signal: a, stage: 1, table: story, condition: {note: '> 3'}",
            "「note」の条件「>」では比べられません。言葉か、[ ] で囲んだ言葉の一覧か、"
            "filled(何か書かれている)を書いてください。",
        ),
        (
            "signal: a, stage: 1, table: orders, condition: {discounted: はい}",
            "「discounted」の条件「はい」が読めません。true か false を書いてください。",
        ),
        (
            "signal: a, stage: 1, table: touchpoints, condition: {at: '>= 3'}",
            "「at」の条件「>=」では比べられません。日付の列には、filled(何か書かれている)だけが書けます。",
        ),
        (
            "signal: a, stage: 1, table: voices, condition: {evaluation: '> comment'}",
            "「evaluation」の条件の右の「comment」は数ではありません。数の列か、first か before を書いてください。",
        ),
        ("signal: a, stage: 1, table: story, after: b", "「b」という合図はありません。使えるもの: z。"),
        (
            "signal: a, stage: 1, table: story, quiet_days: 3, unless: [a]",
            "「a」という合図はありません。使えるもの: z。",
        ),
        ("signal: a, stage: 1, table: story, quiet_days: 3", "「a」: unless と quiet_days は、一緒に書いてください。"),
        ("signal: a, stage: 1, table: orders, steady: 3", "「a」: steady と spread は、一緒に書いてください。"),
        (
            "signal: a, stage: 1, table: story, of: weeks",
            "「a」: 週で数えるときは、window_days に何日間で数えるかを書いてください。",
        ),
        (
            "signal: a, stage: 1, table: story, at_least: 3, at_most: 2",
            "「a」の at_most が at_least より小さくなっています。",
        ),
        (
            "signal: a, stage: 1, table: lines, new_in: categry",
            "「categry」という表 lines の列はありません。「category」の書き間違いではありませんか。",
        ),
        (
            "signal: a, stage: 2, table: orders",
            "「a」: 買い物だけでは、ステージ2より先とは言えません。provisional: true(暫定)を付けてください。",
        ),
        (
            "signal: a, stage: 5, table: story",
            "「signals(1つ目).stage」の値「5」は選べる値ではありません。使える値は 0・1・2・3・4・cooling・mark です。",
        ),
        (
            "signal: a, stage: 1, tabel: story, table: story",
            "「signals(1つ目).tabel」という項目はありません。「table」の書き間違いではありませんか。",
        ),
    ],
)
def test_a_rule_that_means_nothing_is_refused_with_its_line(tmp_path: Path, row: str, told: str) -> None:
    what = refused(tmp_path, signals(row, "signal: z, stage: 1, table: story"))
    assert f"{FIRST_SIGNAL}行目: {told}" in what


def test_a_signal_that_waits_for_another_cannot_be_waited_for(tmp_path: Path) -> None:
    rows = ("signal: a, stage: 1, table: story, after: b", "signal: b, stage: 1, table: story, after: c")
    what = refused(tmp_path, signals(*rows, "signal: c, stage: mark, table: orders"))
    told = "「b」は、ほかの合図を参照しています。何も参照しない合図だけを書いてください。"
    assert what.splitlines()[1:] == [f"・{FIRST_SIGNAL}行目: {told}"]


def test_every_mistake_is_told_at_once_each_with_its_line(tmp_path: Path) -> None:
    good = "signal: b, stage: 1, table: story"
    what = refused(tmp_path, signals("signal: a, stage: 1, table: x", good, good))
    assert re.findall(r"(\d+)行目", what) == [str(FIRST_SIGNAL), str(FIRST_SIGNAL + 2)]
    assert "合図「b」が2回書かれています。" in what


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("stage: 4, name: 段4", "stage: 3, name: 段4", "ステージ0から4までを、1つずつ書いてください。"),
        ("silence_days: 100", "silence_days: 0", "「段1」の silence_days は、1以上にしてください。"),
    ],
)
def test_stages_are_five_and_each_has_a_rhythm(tmp_path: Path, old: str, new: str, told: str) -> None:
    assert told in refused(tmp_path, signals("signal: a, stage: 1, table: story").replace(old, new))


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        (
            "action: offer_now",
            "action: offer_nou",
            "「offer_nou」という行動コードはありません。「offer_now」の書き間違いではありませんか。",
        ),
        ("action: upsell", "action: offer_now", "行動コード「offer_now」が2回書かれています。"),
        (
            "[今だけ,",
            "[今,",
            "「今」: 1文字だけの言葉は、関係のない文にも当たってしまいます。もう少し長く書いてください。",
        ),
        ('["#%OFF",', '["#",', "「#」: 言葉がありません。探したい言葉を書いてください。"),
    ],
)
def test_a_guard_rule_that_means_nothing_is_refused_with_its_line(
    tmp_path: Path, old: str, new: str, told: str
) -> None:
    text = KIT["guard.yaml"].replace(old, new, 1)
    place = text[: text.rindex(new)].count("\n") + 1
    assert f"{place}行目: {told}" in refused(tmp_path, text, rulebook.guard, "guard.yaml")


def test_a_clients_own_rules_hold_and_may_name_the_headings_it_keeps(make_client, tmp_path: Path) -> None:
    orders = "  orders:\n    - files: data/a.csv\n      mapping: generic\n"
    folder = make_client(
        {"a.csv": "注文番号,顧客番号,注文日,金額,のし名\nA,1,2026-01-01,1,山\n"}, orders, "keep: {のし名: 贈り物}"
    )
    (folder / "rules").mkdir()
    own = folder / "rules" / "stages.yaml"
    own.write_text(signals("signal: named, stage: 1, table: lines, condition: {のし名: filled}"), encoding="utf-8")
    assert [rule.signal for rule in find(str(folder)).stages().signals] == ["named"]
    (folder / "client.yaml").write_text(f"name: 店\ntables:\n{orders}", encoding="utf-8")
    with pytest.raises(ConfigError, match="「のし名」という表 lines の列はありません"):
        find(str(folder)).stages()


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("  - question: Q2\n", "  - question: Q1\n", "Q1からQ10までを、1つずつ書いてください。"),
        ("order: [Q10, Q1,", "order: [Q1, Q1,", "order には、Q1からQ10までを、整える順に1つずつ書いてください。"),
        ("    least: 7\n", "    least: 9\n", "grades は、least の大きい順に書き、最後を 0 にしてください。"),
        ("    least: 0\n", "    least: 1\n", "grades は、least の大きい順に書き、最後を 0 にしてください。"),
        ("measure: discounted_ratio", "measure: discount_ratio", "「discounted_ratio」の書き間違いではありませんか。"),
        ("    at_most: 13\n", "", "at_least か at_most の、どちらか1つを書いてください。"),
        ("    at_most: 13\n", "    at_most: 13\n    at_least: 1\n", "どちらか1つを書いてください。"),
        ("    axis: お付き合いの長さ\n", "    axis: お付き合いの長さが分かっていること\n", "長すぎます"),
        ("stake_weight: 2", "stake_weight: -1", "0 以上にしてください。"),
        ("    D: 売上の合計だけを見ています。\n", "", "書かれていません"),
        ("  - grade: B\n", "  - grade: A\n", "「A」が2回書かれています。"),
        ("    at_least: 0.7\n", "    at_least: 70\n", "0 から 1 までで書いてください(90% なら 0.9)。"),
        ("    at_least: 0.7\n", "    at_least: -0.1\n", "0 以上にしてください。"),
        ("    at_least: 0.7\n", "    at_least: はい\n", "数ではありません"),
        ("    at_least: 0.7\n", "    at_least: true\n", "数ではありません"),
        ("    at_least: 0.7\n", "    at_least: .nan\n", "数ではありません"),
        ("  - question: Q9\n    measure", "  - question: Q10\n    measure", "「Q10」は考え方の質問のため"),
        ("確かめられます。", "{value}を確かめられます。", "holds と fails の {value} だけに使えます。"),
        ("この1年の便りの{value}は、", "この1年の便りの{valeu}は、", "holds と fails の {value} だけに使えます。"),
        ("この1年の便りの{value}は、", "この1年の便りの｛value｝は、", "holds と fails の {value} だけに使えます。"),
        ("    holds: この", "    hold: この", "「holds」の書き間違いではありませんか。"),
        ("    axis: 値引きより体験\n", "    axis: ''\n", "空です"),
        ("order: [Q10, Q1,", "order: [Q1, Q10, Q11,", "order には、Q1からQ10までを、整える順に1つずつ書いてください。"),
    ],
)
def test_an_unsound_diagnosis_is_refused(tmp_path: Path, old: str, new: str, told: str) -> None:
    assert old in KIT["diagnosis.yaml"]
    text = KIT["diagnosis.yaml"].replace(old, new, 1)
    assert told in refused(tmp_path, text, rulebook.diagnosis, "diagnosis.yaml")


def test_a_sentence_may_leave_the_figure_out(tmp_path: Path) -> None:
    path = tmp_path / "diagnosis.yaml"
    path.write_text(KIT["diagnosis.yaml"].replace("この1年の便りの{value}は、", "便りの多くは、"), encoding="utf-8")
    (rule,) = (each for each in rulebook.diagnosis(path).evidence if each.question == "Q5")
    assert rule.holds == "便りの多くは、どのステップや施策のものか分かります。"


def test_a_file_without_grades_or_rules(tmp_path: Path) -> None:
    head, _ = KIT["diagnosis.yaml"].split("evidence:\n")
    path = tmp_path / "diagnosis.yaml"
    path.write_text(head, encoding="utf-8")
    assert rulebook.diagnosis(path).evidence == ()
    grades = head[: head.index("grades:")] + "grades: []\n"
    assert "grades は、least の大きい順に" in refused(tmp_path, grades, rulebook.diagnosis, "diagnosis.yaml")


def test_the_grades_are_those_of_the_method() -> None:
    rules = rulebook.diagnosis(assets.RULES / "diagnosis.yaml")
    assert "".join(rules.grade(mature).grade for mature in range(11)) == "CCCCCCCBBAA"  # C to 6, B 7-8, A 9-10
    assert rules.order == ("Q10", "Q1", "Q2", "Q3", "Q6", "Q4", "Q5", "Q7", "Q8", "Q9")
    assert {each.question for each in rules.evidence} == {f"Q{number}" for number in range(1, 10)}


def test_a_rule_of_no_question_is_refused_with_its_line(tmp_path: Path) -> None:
    head, rules = KIT["diagnosis.yaml"].split("evidence:\n")
    text = head + "evidence:\n" + rules.replace("question: Q1\n", "question: Q11\n", 1)
    line = text[: text.index("question: Q11")].count("\n") + 1
    assert f"{line}行目: 「Q11」という質問はありません。" in refused(
        tmp_path, text, rulebook.diagnosis, "diagnosis.yaml"
    )
