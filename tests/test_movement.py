"""Key figures and their movement: which report is the one before, and what is said of the difference."""

import datetime as dt
import json
from pathlib import Path

import pytest

from horetsu_utils import movement
from horetsu_utils.movement import Earlier, KeyFigure


def put(folder: Path, day: str, told: object) -> Path:
    place = folder / day
    place.mkdir(parents=True)
    text = told if isinstance(told, str) else json.dumps(told)
    (place / "report.json").write_text(text, encoding="utf-8")
    return place


def report(client: str = "sakura", **figures: object) -> dict:
    return {"client": {"id": client}, "findings": [{"key": key, "figure": value} for key, value in figures.items()]}


def test_the_report_before_is_the_newest_of_the_same_client_before_the_day(tmp_path: Path) -> None:
    put(tmp_path, "2025-12-31", report(repeat_ratio=0.4))
    put(tmp_path, "2026-03-31", report(repeat_ratio=0.5))
    put(tmp_path, "2026-05-31", report("tsubaki", repeat_ratio=0.9))  # another shop's
    put(tmp_path, "2026-09-30", report(repeat_ratio=0.6))  # later
    put(tmp_path, "notes", report(repeat_ratio=0.7))
    today = put(tmp_path, "2026-06-30", report(repeat_ratio=0.55))
    assert movement.earlier(today, "sakura") == Earlier(dt.date(2026, 3, 31), {"repeat_ratio": 0.5})


@pytest.mark.parametrize(
    "broken", ["", "{", "[]", '"text"', "null", '{"client": 3}', "[" * 100_000, '{"client": {"id": "other"}}']
)
def test_a_report_that_cannot_be_read_is_passed_over(tmp_path: Path, broken: str) -> None:
    put(tmp_path, "2026-03-31", report(repeat_ratio=0.5))
    put(tmp_path, "2026-05-31", broken)
    found = movement.earlier(tmp_path / "2026-06-30", "sakura")
    assert found is not None
    assert found.as_of == dt.date(2026, 3, 31)


def test_only_figures_that_are_numbers_are_taken(tmp_path: Path) -> None:
    put(
        tmp_path, "2026-03-31", report(repeat_ratio="0.5", f2_ratio=None, near_customers=7, annual_ltv_yen=float("nan"))
    )
    found = movement.earlier(tmp_path / "2026-06-30", "sakura")
    assert found == Earlier(dt.date(2026, 3, 31), {"near_customers": 7.0})


def test_without_an_earlier_report_nothing_moves(tmp_path: Path) -> None:
    assert movement.earlier(tmp_path / "2026-06-30", "sakura") is None
    (only,) = movement.key_figures([{"key": "repeat_ratio", "figure": 0.5, "unit": "ratio"}], None, "JPY")
    assert only == KeyFigure("2回以上ご注文の方の割合(リピート率)", "50.0%", "")


def test_figures_stand_in_their_order_and_say_how_they_moved() -> None:
    findings = [
        {"key": "annual_ltv_yen", "figure": 9_910.0, "unit": "yen"},
        {"key": "repeat_ratio", "figure": 0.555, "unit": "ratio"},
        {"key": "near_customers", "figure": 883.0, "unit": "customer"},
        {"key": "f2_ratio", "figure": None, "unit": "ratio"},
        {"key": "weather_product", "figure": 1.0, "unit": "item"},
    ]
    before = Earlier(dt.date(2026, 3, 31), {"repeat_ratio": 0.576, "annual_ltv_yen": 9_910.2, "near_customers": 800.0})
    assert movement.key_figures(findings, before, "JPY") == [
        KeyFigure("2回以上ご注文の方の割合(リピート率)", "55.5%", "前回より −2.1ポイント"),
        KeyFigure("お一人あたりの年間購入額(年間LTV)", "9,910円", "前回と同じです"),
        KeyFigure("つながりが芽生えている方(共感から先)", "883人", "前回より +83人"),
    ]


@pytest.mark.parametrize(
    ("difference", "unit", "words"),
    [
        (0.0004, "ratio", ""),
        (0.0006, "ratio", "+0.1ポイント"),
        (-12_345.0, "yen", "−12,345円"),
        (0.04, "score", ""),
        (0.4, "score", "+0.4点"),
        (0.0, "customer", ""),
    ],
)
def test_a_difference_has_its_sign_and_unit(difference: float, unit: str, words: str) -> None:
    assert movement.moved_words(difference, unit) == words
