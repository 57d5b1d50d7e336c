"""The last pages of a report: the shop's own lines stand in the words, and only the chapters shown are explained."""

from dataclasses import replace

import pytest

from horetsu_utils import assets, rulebook
from horetsu_utils.method import ReferenceLines, RfmCuts, Rules, StateRules
from horetsu_utils.sentences import appendix as say

STAGES = rulebook.stages(assets.RULES / "stages.yaml").stages
CHAPTERS = ("01_rfm", "02_stage", "03_journey", "04_gap", "06_story", "07_affinity")


def meanings(rules: Rules, chapters: tuple[str, ...] = CHAPTERS, currency: str = "JPY") -> dict[str, str]:
    return {each["name"]: each["meaning"] for each in say.terms(rules, STAGES, chapters, currency)}


def test_the_shops_own_lines_are_told() -> None:
    rules = replace(Rules(), period_days=180, state=StateRules(dormant_days=120), lines=ReferenceLines(0.4, 90.0, 25))
    told = meanings(rules, currency="USD")
    assert told["期間中に買われた方"].startswith("分析日までの180日間に")
    assert told["休眠"] == "120日以上、ご注文のないお客様です。"
    assert told["リピート率"].endswith("目安は40.0%です。")
    assert told["年間LTV"].endswith("目安は90ドルです。")
    assert told["読み取れる人数"].startswith("25人に満たない")
    assert "30日・60日・90日までに" in told["2回目のご注文(F2)"]


def test_every_stage_is_told_by_its_name() -> None:
    told = meanings(Rules())
    assert [name for name in told if name.startswith("ステージ")] == [
        "ステージ0 観測", "ステージ1 着地", "ステージ2 共感", "ステージ3 関与", "ステージ4 循環",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("chapter", "word"), [("01_rfm", "休眠"), ("04_gap", "期待と評価"), ("07_affinity", "最初の商品")]
)
def test_only_the_chapters_shown_are_explained(chapter: str, word: str) -> None:
    assert word in meanings(Rules(), (chapter,))
    assert word not in meanings(Rules(), ("06_story",))
    assert {"誤差の幅", "真ん中の方", "読み取れる人数"} <= set(meanings(Rules(), ("08_new",)))


def test_scores_by_the_shops_own_lines_say_so() -> None:
    cuts = RfmCuts((30, 60, 90, 180), (1, 2, 4, 8), (5, 10, 20, 50))
    assert "お店が決めた線で" in meanings(replace(Rules(), cuts=cuts))["R・F・M"]
    assert "同じ人数ずつ5つに分けて" in meanings(Rules())["R・F・M"]


def test_how_a_report_was_made() -> None:
    about = {"as_of_words": "2026年6月30日", "period_words": "365日間", "fingerprint": "7d93"}
    rows = say.made(about, {"horetsu": "0.1.0", "DuckDB": "1.4"})
    assert [row["name"] for row in rows] == ["分析日", "期間", "データの識別番号", "使った道具"]
    assert rows[3]["meaning"] == "horetsu 0.1.0、DuckDB 1.4"
    assert rows[2]["meaning"].startswith("7d93(")
