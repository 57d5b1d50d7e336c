"""A quote tells what was felt, and not who felt it: every sentence invented, each read by eye."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from horetsu_utils.quotes import LONGEST_QUOTE, MASK, quote

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
def test_a_letter_made_to_hold_the_patterns_up_is_short_all_the_same(text: str) -> None:
    assert len(quote(text)) <= LONGEST_QUOTE + 1  # a pattern that backtracked would not come to an end


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=80), st.from_regex(r"0[789]0-[1-9]\d{3}-\d{4}", fullmatch=True), st.text(max_size=80))
def test_a_telephone_number_never_gets_through(before: str, number: str, after: str) -> None:
    assert number not in quote(f"{before} {number} {after}")


MORE = {
    # who it is, in every spelling
    "鈴木くんと佐藤君": "〇〇くんと〇〇君",
    "キム・ヨンジュさん": "〇〇さん",
    "TANAKA様": "〇〇様",
    "Y子さんに聞いた": "〇〇さんに聞いた",
    "みきてぃさんが": "〇〇さんが",
    "田中 さんが": "〇〇",
    "やまだ　たろう": "〇〇",
    "タナカ　ハナコ。": "〇〇。",
    "渡邉店長と髙橋主任と山﨑さん": "〇〇店長と〇〇主任と〇〇さん",
    "ペンネーム:花": "〇〇:〇〇",
    "娘(あおい)が喜んだ": "娘(〇〇)が喜んだ",
    "孫のはるとが使う": "孫の〇〇が使う",
    "Ms. Tanaka Hanakoより": "〇〇より",
    # numbers
    "０９０−１２３４−５６７８": "〇〇",
    "090‐1234‐5678": "〇〇",
    "090 - 1234 - 5678": "〇〇",
    "０９０・１２３４・５６７８": "〇〇",
    "03(1234)5678": "〇〇",
    "+81 90 1234 5678": "〇〇",
    "〇九〇-1234-5678": "〇〇",
    "〇九〇一二三四五六七八": "〇〇",
    "0\u200b9\u200b0-1234-5678です": "〇〇です",
    "内線123です": "内線〇〇です",
    "会員ID 00012": "会員ID〇〇",
    "受付No.55": "受付No〇〇",
    "伝票1234-5678-9012": "伝票〇〇",
    "4111 1111 1111 1111": "〇〇",
    "192.168.0.1から": "〇〇から",
    "1980/05/03": "〇〇",
    "S55.5.3生": "〇〇生",
    "誕生日は5/3": "〇〇",
    # mails and pages
    "hanako @ example . com": "〇〇 . com",
    "hanako.y+a@mail.example.co.jp": "〇〇",
    "hana\u00adko@example.com": "〇〇",
    "hanako[at]example.com": "〇〇",
    "はなこ@docomo.ne.jp": "〇〇",
    "www.example.com/hanako": "〇〇",
    "example.com/hanako": "〇〇",
    "hana_chanです": "〇〇です",
    "@花子": "〇〇",
    # where somebody lives or works
    "１０５−００１１": "〇〇",
    "東京都港区芝公園四丁目2番8号": "〇〇",
    "大阪府大阪市北区梅田1丁目2番3号 梅田ビル405号室": "〇〇",
    "メゾン・ド・花 201": "〇〇",
    "グランメゾン青山305に住む": "〇〇に住む",
    "㈱山田製作所です": "〇〇です",
    "花の木株式会社": "花の〇〇",
    "トヨタ自動車勤務": "〇〇勤務",
    "山田小学校": "〇〇小学校",
}
NOBODY = (
    *(
        "おばあちゃんが喜んだ",
        "ご主人様に",
        "赤ちゃんにも",
        "店長さんとお隣さん",
        "パン屋さん",
        "たくさん",
        "お疲れ様でした",
    ),
    *("仕様が変わった", "多様な香り", "様子を見ます", "君のために", "娘のために", "母の日に", "神様", "王様"),
    *(
        "12,800円",
        "1980円",
        "2000mg",
        "24時間365日",
        "10-20代",
        "3-4日で届いた",
        "9:30-18:00",
        "1回目",
        "第2弾",
        "101回目",
    ),
    *(
        "No.1",
        "5%OFF",
        "2番目に好き",
        "A5ランク",
        "SPF50+",
        "3.5点",
        "日本製",
        "桜の香り",
        "氏名を書く欄",
        "お客さんの声",
    ),
)


@pytest.mark.parametrize(("text", "shown"), MORE.items(), ids=list(MORE))
def test_whatever_may_tell_of_somebody_is_masked(text: str, shown: str) -> None:
    assert quote(text) == shown


@pytest.mark.parametrize("text", NOBODY)
def test_what_only_looks_like_a_name_or_a_number_stays(text: str) -> None:
    assert quote(text) == text


NAMES = st.sampled_from(["田中", "佐々木", "鈴木", "高橋", "渡辺", "山本", "中村", "小林"])


@settings(max_examples=60, deadline=None)
@given(
    NAMES, st.sampled_from(["さん", "様", "さま", "君", "ちゃん"]), st.sampled_from(["対応が丁寧", "と話した", "へ。"])
)
def test_a_family_name_never_gets_through(name: str, called: str, rest: str) -> None:
    assert name not in quote(f"{name}{called}{rest}")
    assert name not in quote(f"担当の{name}{called}{rest}")


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=2000))
def test_any_text_becomes_a_short_line(text: str) -> None:
    told = quote(text)
    assert len(told) <= LONGEST_QUOTE + 1
    assert "\n" not in told
