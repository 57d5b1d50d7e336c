"""The client's edition: small groups folded, addresses masked, and nothing else touched."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from horetsu_utils import privacy


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("冷めかけている方は3人です。", "冷めかけている方は5人未満です。"),
        ("3人(12.5%)", "5人未満"),  # the share would give the count away
        ("—(まだ2人)", "—(まだ5人未満)"),
        ("5人", "5人"),
        ("0人", "0人"),
        ("13人と1,003人", "13人と1,003人"),
        ("119人のうち4人", "119人のうち5人未満"),
        ("1人あたり3,200円", "1人あたり3,200円"),
        ("お一人ずつ、1人目", "お一人ずつ、1人目"),
        ("30人から読み取れます", "30人から読み取れます"),
        ("2.3人", "2.3人"),
        ("4人分を2人用に", "4人分を2人用に"),
    ],
)
def test_a_small_group_is_folded(text: str, shown: str) -> None:
    assert privacy.told(text) == shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("hanako.yamada+shop@example.co.jp へ", "〇〇 へ"),
        ("お電話は03-1234-5678です", "お電話は〇〇です"),
        ("090-1234-5678 / 09012345678 / +81 90-1234-5678", "〇〇 / 〇〇 / 〇〇"),
        ("0120-444-444", "〇〇"),
        ("2026-06-30 と 10-20 と 1,234,567円", "2026-06-30 と 10-20 と 1,234,567円"),
        ("7d93bcbbd432c748", "7d93bcbbd432c748"),
        ("90日〜180日", "90日〜180日"),
    ],
)
def test_an_address_is_masked_and_a_day_is_not(text: str, shown: str) -> None:
    assert privacy.told(text) == shown


def test_a_page_keeps_its_tags_its_style_and_its_pictures() -> None:
    page = (
        '<style>a{content:"3人"}</style><p class="3人">3人</p><img alt="図。4人" src="data:image/png;base64,AAAA3人">'
        "<script>x='2人'</script>"
    )
    assert privacy.page(page) == (
        '<style>a{content:"3人"}</style><p class="3人">5人未満</p><img alt="図。5人未満" '
        "src=\"data:image/png;base64,AAAA3人\"><script>x='2人'</script>"
    )


@given(st.integers(0, 10**7))
def test_no_count_from_one_to_four_is_left(number: int) -> None:
    shown = privacy.told(f"この{number:,}人の方")
    assert shown == ("この5人未満の方" if 0 < number < 5 else f"この{number:,}人の方")


@given(st.text(max_size=80))
def test_folding_twice_changes_nothing_more(text: str) -> None:
    once = privacy.told(text)
    assert privacy.told(once) == once


@pytest.mark.parametrize(("figure", "kept"), [(3.0, None), (5.0, 5.0), (0.0, 0.0), (None, None)])
def test_machines_are_told_no_small_group_either(figure: float | None, kept: float | None) -> None:
    item = {
        "key": "k",
        "sentence": "3人です。",
        "figure": figure,
        "unit": "customer",
        "next_step": "3人へ。",
        "leads": False,
    }
    told = privacy.finding(item)
    assert (told["figure"], told["sentence"], told["next_step"]) == (kept, "5人未満です。", "5人未満へ。")
    assert privacy.finding(item | {"unit": "score", "figure": 3.0})["figure"] == 3.0
