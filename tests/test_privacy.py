"""A quote tells what was felt, and not who felt it: every sentence invented, each read by eye."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from horetsu_utils.privacy import LONGEST_QUOTE, MASK, quote

MASKED = {
    "田中さんの対応が丁寧でした。": "〇〇さんの対応が丁寧でした。",
    "佐藤様よりご連絡": "〇〇様よりご連絡",
    "タカハシさん": "〇〇さん",
    "スミスさんに聞いた": "〇〇さんに聞いた",
    "はなこちゃんと使っています": "〇〇ちゃんと使っています",
    "ゆうくんのお母さん": "〇〇くんのお母さん",
    "さっちんさんより": "〇〇さんより",
    "鈴木一郎です": "〇〇です",
    "花子が喜びました": "〇〇が喜びました",
    "ジョンに贈りました": "〇〇に贈りました",
    "Mr. Smithから": "〇〇から",
    "名前:山田太郎": "名前:〇〇",
    "山田太郎と申します": "〇〇と申します",
    "東京都港区芝公園4-2-8の山田花子です。": "〇〇の〇〇です。",
    "札幌市中央区北1条西2丁目": "〇〇",
    "コーポ桜201号室": "〇〇",
    "京都の友人に紹介": "〇〇の友人に紹介",
    "〒105-0011です": "〇〇です",
    "090-1234-5678に電話ください": "〇〇に電話ください",
    "０９０ー１２３４ー５６７８まで": "〇〇まで",
    "(03)1234-5678です": "〇〇です",
    "+81 90-1234-5678です": "〇〇です",
    "09012345678です": "〇〇です",
    "4111-1111-1111-1111で払った": "〇〇で払った",
    "メールは hanako@example.com です": "メールは 〇〇 です",
    "ｈａｎａｋｏ＠ｅｘａｍｐｌｅ．ｃｏｍへ": "〇〇へ",
    "https://example.com/u/1 を見て": "〇〇 を見て",
    "インスタ @hana_chan です": "インスタ 〇〇 です",
    "LINEのIDはhanako99です": "LINEのID〇〇です",
    "注文番号12345678が届かない": "注文番号〇〇が届かない",
    "注文番号A-1024です": "注文番号〇〇です",
    "1985年4月2日生まれです": "〇〇生まれです",
    "昭和60年生まれ": "〇〇生まれ",
    "株式会社さくら商事の者です": "〇〇です",
}
KEPT = (
    *("お客様センターの方が親切", "皆さんにおすすめ", "店員さんが丁寧", "美容師さんにほめられた", "LINEで聞けて安心"),
    *("2週間で効果", "30代の肌", "3か月使って", "100円の差", "1,980円なら", "朝晩2回使います", "2026年モデル"),
    *("とても良い", "いつもありがとう😀<script>alert(1)</script>"),
)


@pytest.mark.parametrize(("text", "shown"), MASKED.items(), ids=list(MASKED))
def test_who_somebody_is_becomes_a_mask(text: str, shown: str) -> None:
    assert quote(text) == shown


@pytest.mark.parametrize("text", KEPT)
def test_what_tells_of_nobody_stays(text: str) -> None:
    assert quote(text) == text


def test_a_quote_is_one_line_and_ends_with_a_sentence() -> None:
    assert quote("良い。\n\n とても\t良い。") == "良い。 とても 良い。"
    told = quote("使い心地が良い。" * 20)
    assert told == "使い心地が良い。" * 10
    assert len(told) <= LONGEST_QUOTE
    assert quote("あ" * 500) == "あ" * LONGEST_QUOTE + "…"


def test_a_number_is_not_cut_in_two_at_the_end_of_what_is_read() -> None:
    told = quote("良い" * 495 + "、" + "090-1234-5678")
    assert "090" not in told
    assert quote("12345678" * 1000) == MASK


@pytest.mark.parametrize(
    "text", ["1-" * 25_000, "@" * 50_000, "a." * 25_000, "株式会社" * 12_000, "山田さん " * 10_000, ""]
)
def test_any_letter_is_quick(text: str) -> None:
    start = time.monotonic()
    quote(text)
    assert time.monotonic() - start < 10  # nothing backtracks: it takes some milliseconds


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=80), st.from_regex(r"0[789]0-[1-9]\d{3}-\d{4}", fullmatch=True), st.text(max_size=80))
def test_a_telephone_number_never_gets_through(before: str, number: str, after: str) -> None:
    assert number not in quote(f"{before} {number} {after}")
