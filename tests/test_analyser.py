"""Comments → words with their denials: a table read by eye, hostile texts, and the shop's own names."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from horetsu_utils.analyser import Analyser

PLAIN = Analyser()
SAID = {
    # plain words, in one form however they are written
    "良い": "良い",
    "いい": "良い",
    "ﾊﾝﾄﾞｸﾘｰﾑがよかった": "ハンドクリーム 良い",
    "嬉しい😀": "嬉しい",
    "ありがとうございました": "有り難う",
    "がっかりしました": "がっかり",
    "<b>良い</b>": "良い",
    "http://a.b/c 良い": "良い",
    "田中さんの対応が丁寧": "対応 丁寧",
    "(^_^)": "",
    # denied
    "良くない": "良い!",
    "良くありません": "良い!",
    "良くなかった": "良い!",
    "期待していたほど良くないです": "期待 良い!",
    "変わらず続けています": "変わる! 続ける",
    "変わりません": "変わる!",
    "二度と買いません": "買う!",
    "楽しめない": "楽しむ!",
    "少なくない": "少ない!",
    "残念ではなかった": "残念!",
    "美味しくなかったが満足": "美味しい! 満足",
    "迷わず買いました": "迷う! 買う",
    "使わない方が良い": "使う!",
    "良くないかもしれない": "良い!",
    # over light words
    "効果が出ない": "効果!",
    "不安がなくなりました": "不安!",
    "困ることはありませんでした": "困る!",
    "満足できませんでした": "満足!",
    "満足していません": "満足!",
    "良いとは思えない": "良い!",
    "問題なく使えた": "問題! 使う",
    "無理なく続けられる": "無理! 続ける",
    "不満はないですが値段が高い": "不満! 値段 高い",
    # the nearest word only
    "良い商品がない": "良い 商品!",
    # not denied: twice, asked, or of something else
    "良くなくはない": "良い",
    "良くないですか?": "良い",
    "良くない?": "良い",
    "良いかもしれない": "良い",
    "良いに違いない": "良い",
    "香りだけでなく使い心地も良い": "香り 使い心地 良い",
    "これしか使わない": "使う",
    "思わず笑顔になった": "笑顔",
    # only supposed, wished for, or asked whether it may be: told neither way
    "使わなければなりません": "",
    "効果がないと困る": "困る",
    "安いと嬉しい": "安い",
    "だれに聞けばよいか迷いました": "聞く 迷う",
    "声をかけてほしかった": "声 かける",
    # words that hold a ない, and hard and easy things
    "申し訳ない": "申し訳ない",
    "もったいない": "勿体ない",
    "なんとなく好き": "好き",
    "使いにくい": "使う難い",
    "使いやすい": "使う易い",
    "説明が分かりにくい": "説明 分かる難い",
}
"""What was written, and its words; ! for a denied one."""


def forms(text: str, reader: Analyser = PLAIN) -> str:
    return " ".join(f"{word}!" if denied else word for word, denied, _ in reader.words(text))


@pytest.mark.parametrize(("text", "words"), SAID.items(), ids=list(SAID))
def test_a_comment_is_read_as_a_person_would(text: str, words: str) -> None:
    assert forms(text) == words


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("変わらず", "変わらない"),
        ("変化がなく", "変化がない"),
        ("使わなくなりました", "使わない"),
        ("満足できませんでした", "満足できません"),
        ("うれしかったです", "うれしい"),
        ("よかった", "よい"),
        ("分かりにくかった", "分かりにくい"),
    ],
)
def test_a_word_is_shown_as_it_would_end_a_sentence(text: str, shown: str) -> None:
    assert PLAIN.words(text)[0][2] == shown


@pytest.mark.parametrize("text", ["", "   ", "\n\t", "\0\1", "😀" * 50_000, "…!?", "12345", "㈱", "\u200b\u200f"])
def test_what_says_nothing_has_no_words(text: str) -> None:
    assert PLAIN.words(text) == []


def test_a_letter_of_any_length_is_read_to_its_end() -> None:
    start = time.monotonic()
    assert forms("あさ" * 25_000 + "。残念です").endswith("残念")
    assert time.monotonic() - start < 60  # nothing quadratic: it takes a fraction of a second


@pytest.mark.parametrize("text", ["\ud800良い", "\u200f良い\u200f", "良\u00adい", "良い\ufeff"])
def test_what_nobody_sees_changes_nothing(text: str) -> None:
    assert forms(text) == "良い"


def test_a_products_name_is_one_word_without_what_stands_aside() -> None:
    reader = Analyser(["あさつゆ化粧水 150ml", "月のハンドクリーム(50g)"])
    assert forms("あさつゆ化粧水が良い", reader) == "あさつゆ化粧水 良い"
    assert forms("月のﾊﾝﾄﾞｸﾘｰﾑは良くない", reader) == "月のハンドクリーム 良い!"
    assert "あさつゆ化粧水" not in forms("あさつゆ化粧水が良い").split()


@pytest.mark.parametrize(
    "name",
    ['みどりの"石けん"', "椿,油と月", "雪*の(雫", "改行\nの品", "😀の石けん", "あ" * 300, "大", "ABC-1", "", "\\", "["],
)
def test_any_name_can_be_a_products(name: str) -> None:
    assert forms("良い", Analyser([name])) == "良い"


def test_a_name_that_the_language_knows_stays_what_it_is() -> None:
    assert forms("水が良くない", Analyser(["水", "良い", "ない"])) == "水 良い!"


def test_thousands_of_names_are_known_at_once() -> None:
    reader = Analyser([f"しずく美容液第{number}番" for number in range(3000)])
    assert forms("しずく美容液第2999番が良い", reader) == "しずく美容液第2999番 良い"


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=60))
def test_any_text_is_read_and_a_denial_is_said(text: str) -> None:
    for word, denied, shown in PLAIN.words(text):
        assert word and shown
        assert not denied or len(shown) > 1
