"""The campaign guard as a consultant and a shell script use it, on the demo shop and on plans gone wrong."""

import json
import subprocess
import sys
from collections import defaultdict
from pathlib import Path

import openpyxl
import pytest

from horetsu_utils import demo, guarding, planning, standing
from horetsu_utils.shop import Shop

HEAD = "施策番号,日付,チャネル,行動コード,件名,本文,対象,割引率,文字数\n"
CLEAN = "CP1,2026-07-06,手紙,,いつもありがとうございます。庭の話を書きました,,循環,,200\n"


@pytest.fixture(scope="module")
def where(demo_client: Path) -> standing.Standing:
    return standing.standing(Shop.open(demo_client, as_of=""))


@pytest.fixture(scope="module")
def judged(where) -> guarding.Guarded:
    return guarding.judge(where, planning.of_shop(where.shop))


def command(folder: Path, client: Path, *words: str) -> subprocess.CompletedProcess[str]:
    code = "from horetsu_utils.cli import main; main()"
    line = [sys.executable, "-c", code, "guard", str(client), *words]
    return subprocess.run(line, cwd=folder, capture_output=True, text=True, env={"COLUMNS": "400", "PYTHONUTF8": "1"})


def plan(folder: Path, rows: str, name: str = "plan.csv", head: str = HEAD) -> Path:
    path = folder / name
    path.write_text(head + rows, encoding="utf-8")
    return path


def told(result: subprocess.CompletedProcess[str]) -> dict:
    return json.loads(result.stdout)


def test_the_planted_breaches_of_the_demo_are_found_and_nothing_else(judged) -> None:
    truths = demo.build().truths
    rules = {rule.action for rule in judged.rules.prohibitions}
    ids = {each.place: each.campaign_id for each in judged.planned}
    broken = {ids[row.plan] for row in judged.breaks.itertuples() if row.rule in rules}
    assert broken == set(truths.breaking_campaigns)
    assert not broken & set(truths.fitting_campaigns)
    assert judged.status == guarding.BROKEN
    assert judged.unknown == judged.refused == judged.sent == ()


def test_the_numbers_are_those_of_the_planted_stages(judged) -> None:
    """A rule of a whole stage concerns everybody who was planted there."""
    planted = demo.build().truths.stages["stage"].value_counts()
    ids = {each.place: each.campaign_id for each in judged.planned}
    found = {(ids[row.plan], row.rule): (row.stage, row.customers) for row in judged.breaks.itertuples()}
    for key, stage in {("CP01", "offer_now"): 0, ("CP04", "upsell"): 1, ("CP06", "uniform_campaign"): 2,
                       ("CP09", "numeric_evaluation"): 3, ("CP12", "load_concentration"): 4}.items():  # fmt: skip
        assert found[key] == (stage, planted[stage])


def test_too_many_contacts_and_early_discounts_are_counted_by_hand(judged, demo_client: Path) -> None:
    """Written apart from the guard: the contacts of each customer of stage 0 in the seven days up to 6 July, and the
    sign-ups, or first orders of guests, in the thirty days up to 15 July."""
    tables, stages = demo.build().tables, demo.build().truths.stages
    watching = set(stages.loc[stages["stage"] == 0, "customer_id"])
    contacts: dict[str, int] = defaultdict(int)
    for row in tables["touchpoints"].itertuples():
        recent = "2026-06-30" <= str(row.at)[:10] <= "2026-07-06"
        if row.customer_id in watching and recent and row.direction != "in" and row.channel != "同梱物":
            contacts[row.customer_id] += 1
    too_often = sum(contacts[who] + 3 > 3 for who in watching)  # three letters are planned in these days
    firsts = tables["orders"].groupby("customer_id")["ordered_at"].min()  # of guests, who never sign up
    known = firsts.to_dict() | tables["customers"].set_index("customer_id")["registered_at"].to_dict()
    late = {who for who, day in known.items() if str(day)[:10] >= "2026-06-15"}
    ids = {each.place: each.campaign_id for each in judged.planned}
    found = {(ids[row.plan], row.rule): row.customers for row in judged.breaks.itertuples()}
    assert found["CP03", "too_often"] == too_often > 0
    assert found["CP07", "signup_discount"] == len(late & watching) > 0


def test_a_broken_plan_a_clean_one_and_one_that_cannot_be_judged_have_their_statuses(
    demo_client: Path, tmp_path: Path
) -> None:
    broken = command(tmp_path, demo_client)
    assert (broken.returncode, broken.stderr.count("Traceback")) == (1, 0)
    assert "予定の施策12件のうち8件は、お客様3,000人との今の関係に合いません。" in broken.stdout
    assert "すぐに売り込む(「本日限り、今だけ」)" in broken.stdout
    clean = command(tmp_path, demo_client, "--campaigns", str(plan(tmp_path, CLEAN)))
    assert clean.returncode == 0, clean.stdout + clean.stderr
    assert "予定の施策1件に、お客様との今の関係に合わないものは見つかりませんでした。" in clean.stdout
    nowhere = command(tmp_path, demo_client, "--campaigns", "nowhere.csv")
    assert nowhere.returncode == 2
    assert "施策の予定のファイルが見つかりません。" in nowhere.stderr
    assert command(tmp_path, tmp_path / "nobody").returncode == 2


def test_bad_rows_are_told_and_the_others_are_judged_all_the_same(demo_client: Path, tmp_path: Path) -> None:
    rows = (
        "A,2026-07-06,メール,,今だけのご案内,,観測,,\n"
        "B,2026-07-06,メール,,お便りをありがとうございます,,ステージ9,,\n"
        "C,2026-07-06,メール,,お便りをありがとうございます,,離反予費,,\n"
        "D,2025-07-06,メール,,お便りをありがとうございます,,循環,,\n"
        "E,2026-07-06,メール,offer_nou,,,観測,,\n"
        "F,2026-07-06,メール,,,,観測,,\n"
        f"G,2026-07-06,メール,,長い話,{'あ' * 66_700},循環,,\n"
        "H,いつか,メール,,ありがとうございます,,循環,,\n"
        "I,2026-07-06,メール,offer_now,ありがとうございます,,1001、1002、9999999,,\n"
        "J,2026-07-06,メール,,ありがとうございます,,循環,20%,\n"
    )
    result = command(tmp_path, demo_client, "--campaigns", str(plan(tmp_path, rows)), "--json")
    assert result.returncode == 1
    found = told(result)
    assert [(each["campaign_id"], bool(each["breaks"])) for each in found["campaigns"]] == [
        ("D", False), ("A", True), ("B", False), ("C", False), ("G", False), ("I", True),
    ]  # fmt: skip
    problems = {each["campaign_id"]: each["problem"] for each in found["campaigns"]}
    assert problems["A"] == ""
    assert problems["B"].startswith("対象「ステージ9」が分かりません。")
    assert problems["C"].startswith("対象「離反予費」が分かりません。「離反予備」の書き間違いではありませんか。")
    assert problems["D"].startswith("日付 2025-07-06 が、分析日 2026-06-30 より前です。")
    assert problems["G"].startswith("件名と本文が66,703文字あり、1通のお便りとしては長すぎます。")
    assert problems["I"].startswith("対象のお客様 1 人が見つかりません(9999999)。")
    told_of = {sentence.split(":")[0]: sentence for sentence in found["refused"]}
    assert "「offer_now」の書き間違いではありませんか。" in told_of["plan.csv 6行目 列「行動コード」の値「offer_nou」"]
    assert any(key.startswith("plan.csv 7行目") for key in told_of)
    assert any(key.startswith("plan.csv 9行目 列「日付」の値「いつか」") for key in told_of)
    assert any(key.startswith("plan.csv 11行目 列「割引率」の値「20%」") for key in told_of)
    assert found["counts"]["unknown"] == 9


def test_only_doubtful_rows_leave_the_guard_without_a_verdict(demo_client: Path, tmp_path: Path) -> None:
    rows = CLEAN + "B,2026-07-06,メール,,ありがとうございます,,山の会,,\n"
    result = command(tmp_path, demo_client, "--campaigns", str(plan(tmp_path, rows)))
    assert result.returncode == 2
    assert "確かめられません: B 7月6日 メール「ありがとうございます」: 対象「山の会」が分かりません。" in result.stdout


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (HEAD, "見出しだけで、その下に行がありません。"),
        ("なまえ,ねだん\nあ,1\n", "どのシステムの書き出しか、見出しから分かりません。"),
        ("", "✗"),
    ],
)
def test_a_file_that_is_no_plan_is_told_in_plain_words(
    demo_client: Path, tmp_path: Path, content: str, message: str
) -> None:
    result = command(tmp_path, demo_client, "--campaigns", str(plan(tmp_path, "", head=content)))
    assert result.returncode == 2
    assert message in result.stderr
    assert "Traceback" not in result.stderr


def test_a_plan_in_the_japanese_code_page_is_read_and_leaves_nothing_behind(demo_client: Path, tmp_path: Path) -> None:
    path = tmp_path / "plan.csv"
    path.write_bytes((HEAD + "①,2026-07-06,メール,,今だけ20％ＯＦＦ,,観測,,\n").encode("cp932"))
    before = sorted(str(each) for each in demo_client.rglob("*"))
    result = command(tmp_path, demo_client, "--campaigns", str(path), "--json", "--out", "out")
    assert [each["rule"] for each in told(result)["campaigns"][0]["breaks"]] == ["offer_now", "signup_discount"]
    assert sorted(str(each) for each in demo_client.rglob("*")) == before
    assert sorted(each.name for each in tmp_path.iterdir()) == ["out", "plan.csv"]


def test_json_is_json_even_when_nothing_can_be_judged(demo_client: Path, tmp_path: Path) -> None:
    result = command(tmp_path, demo_client, "--campaigns", "nowhere.csv", "--json")
    assert result.returncode == 2
    assert told(result)["error"]["what"] == "施策の予定のファイルが見つかりません。"


def test_the_workbook_lists_whom_each_rule_concerns(demo_client: Path, tmp_path: Path, judged) -> None:
    command(tmp_path, demo_client, "--out", "out")
    book = openpyxl.load_workbook(tmp_path / "out" / "demo" / "2026-06-30" / "consultant" / "guard.xlsx")
    assert book.sheetnames == ["送る前の確かめ", "施策とお客様"]
    concerned = list(book["施策とお客様"].iter_rows(min_row=2, values_only=True))
    listed = [row for row in concerned if row[0]]
    assert len(listed) >= judged.people.count().to_pyarrow().as_py()


def test_what_was_sent_already_is_not_held_against_the_plan(make_client, tmp_path: Path) -> None:
    touch = "顧客番号,日時,チャネル,向き,施策番号,反応\n"
    touch += "C1,2026-05-01 10:00,メール,out,CP0,reply\nC1,2026-06-30,LINE,out,,\n"
    tables = "".join(
        f"  {name}:\n    - files: data/{name}.csv\n      mapping: generic\n" for name in ("touchpoints", "campaigns")
    )
    rows = HEAD + "CP0,2026-05-01,メール,,今だけ,,,,\nCP1,2026-07-01,メール,,ありがとうございます,,,,\n"
    folder = make_client({"touchpoints.csv": touch, "campaigns.csv": rows}, tables)
    result = command(tmp_path, folder, "--json")
    assert result.returncode == 0, result.stderr
    assert [each["campaign_id"] for each in told(result)["campaigns"]] == ["CP1"]
