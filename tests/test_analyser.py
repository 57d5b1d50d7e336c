"""Comments → words with their denials: a table read by eye, hostile texts, and the shop's own names."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from horetsu_utils.analyser import LONGEST_NAME, LONGEST_PART, Analyser

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
    assert forms("あさ" * 25_000 + "。残念です").endswith("残念")


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


HARD = {
    # each spelling of a denial
    "使えず": "使う!",
    "使わぬまま": "使う! 侭",
    "使わへん": "使う!",
    "分からん": "分かる!",
    "良くねえ": "良い!",
    "効果なし": "効果!",
    "効果が　なかった": "効果!",
    "問題は無し": "問題!",
    "続かなくなりました": "続く!",
    "好きではありません": "好き!",
    "良いとは限らない": "良い!",
    "満足とは言いがたい": "満足!",
    "やめてほしくない": "やめる!",
    "変えないでほしい": "変える!",
    "心配いらない": "心配!",
    "変わった気がしない": "変わる!",
    "良くも悪くもない": "良い! 悪い!",
    "良いとも悪いとも言えません": "良い! 悪い!",
    "高級ではなかったが良い": "高級! 良い",
    "もう少し香りが強くない": "もう 少し 香り 強い!",
    "何となく合わない": "合う!",
    "効果がないと思う": "効果!",
    "使わないとき": "使う!",
    # asked: with の what is asked about is so
    "良くないですかね": "良い",
    "良くないでしょうか。": "良い",
    "安くならないかな": "安い",
    "届かないのですか?": "届く!",
    "届かないんですか": "届く!",
    "良いのではないでしょうか": "良い",
    "良くないのではないか": "良い!",
    "良くないか心配": "良い! 心配",
    # denied twice, or again after that
    "不満がないわけではない": "不満",
    "効かないことはない": "利く",
    "返品せざるを得ない": "返品",
    "良くなくなくない": "良い!",
    # しか, and particles that take the denial
    "1回しか使っていない": "使う",
    "高いとしか思えない": "高い",
    "感謝しかない": "感謝",
    "値段だけでなく香りも良い": "値段 香り 良い",
    "前より良くない": "良い!",
    # set phrases
    "値段にもかかわらず良い": "値段 良い",
    "季節を問わず使える": "季節 使う",
    "発送後まもなく届いた": "発送 届く",
    "気休めにすぎません": "気休め",
    "効くに違いありません": "利く",
    # supposed, allowed or wished for
    "良くなかったら返品": "返品",
    "良くないなら返品": "返品",
    "良ければ続けます": "続ける",
    "使わないと荒れる": "荒れる",
    "使わなきゃ": "",
    "効果がなくては困る": "困る",
    "不安がなくなれば続ける": "続ける",
    "前のほうが良かった": "",
    "使っても良い": "使う",
    "もう少し安ければ嬉しいのですが": "もう 少し 安い",
    "無香料だといいな": "無香料",
    "早く届くと助かります": "早い 届く",
    # but what is so
    "とても良い": "迚も 良い",
    "もっと良い": "もっと 良い",
    "使っても良くなりませんでした": "使う 良い!",
    "届くと嬉しくなる": "届く 嬉しい",
    "使ったら良かったです": "使う 良い",
    "いつでも嬉しい": "嬉しい",
    "早く届いて助かりました": "早い 届く 助かる",
    # one word with its ない, its 無 or its にくい
    "つまらなくない": "詰まるない!",
    "仕方ない": "仕方無い",
    "危ない": "危ない",
    "不親切": "不親切",
    "使いづらくない": "使う難い!",
    "使いやすくありません": "使う易い!",
    # clauses do not reach over signs and lines
    "香り\nなし": "香り",
    "香り。なし": "香り",
    "香り😀なし": "香り",
    "無、香り": "香り",
    # widths, letters and addresses
    "ＬＩＮＥで届く": "LINE 届く",
    "㈱①゙": "",
    "https://良い.jp/x 良くない": "良い jp 良い!",
    "a@b.jp へ連絡": "連絡",
    "</script>良い<!-- x -->": "良い",
    "(>_<)残念(T_T)": "残念",
}
"""As above: what was misread once, or easily would be."""


@pytest.mark.parametrize(("text", "words"), HARD.items(), ids=list(HARD))
def test_what_is_easily_misread(text: str, words: str) -> None:
    assert forms(text).replace("JP", "jp") == words


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("良くも悪くもありませんでした", ["良くもありません", "悪くもありません"]),
        ("良いとも悪いとも言えない", ["良いとも言えない", "悪いとも言えない"]),
        ("期待せずに", ["期待せず"]),
        ("無香料ではない", ["無香料ではない"]),
        ("つまらなかった", ["つまらない"]),
        ("良くなくはない", ["良い"]),
    ],
)
def test_each_word_is_shown_as_it_would_end_a_sentence(text: str, shown: list[str]) -> None:
    assert [each[2] for each in PLAIN.words(text)] == shown


def test_a_long_letter_is_read_part_by_part() -> None:
    text = "香りが良くない。" * (3 * LONGEST_PART // 8)
    assert PLAIN.words(text) == PLAIN.words("香りが良くない。") * (3 * LONGEST_PART // 8)
    for text in ("良" * 50_000, "👨\u200d👩\u200d👧" * 10_000, "a" * 50_000, "\ufdfa" * 5_000):
        assert isinstance(PLAIN.words(text), list)


@pytest.mark.parametrize(
    ("names", "text", "words"),
    [
        (["月水", "月水花草"], "月水花草は月水", "月水花草 月水"),
        (["ＡＢＣ水"], "abc水とABC水", "abc水 abc水"),
        (["月の・化粧水", "月の,油"], "月の・化粧水と月の,油", "月の・化粧水 月の,油"),
        (["月 の(水)[a]{b}*+-|^$&~#\"'/"], "月 の(水)[a]{b}*+-|^$&~#\"'/です", "月 の(水)[a]{b}*+-|^$&~#\"'/"),
        (["月の\0水", "月の\u202e水"], "月の水", "月の水"),
        (["\\u3042月水"], "\\u3042月水", "\\u3042月水"),
        (["朝水"], "朝水が良い", "朝水 良い"),  # a family's name, too
        (["しない", "ました", "です"], "香りがしない", "香り!"),
        (["香り", "花の香り"], "花の香りがしない", "花の香り!"),
        (["月" * (LONGEST_NAME + 1)], "良い", "良い"),
    ],
)
def test_a_name_is_found_as_it_is_written(names: list[str], text: str, words: str) -> None:
    assert forms(text, Analyser(names)) == words


def test_the_order_of_names_does_not_matter() -> None:
    names = ["月の化粧水 100ml", "月の化粧水", "花の石", "月の化粧水(新)", "ＡＢＣ水", "abc水"]
    text = "月の化粧水(新)と花の石とABC水"
    assert Analyser(names).words(text) == Analyser(reversed(names)).words(text)


SIGNS = st.text(
    st.one_of(st.characters(), st.sampled_from("月水花,\"'\\[](){}|.*+?^$-&~# /\n\t・ー【】()<>")), max_size=12
)


@settings(max_examples=60, deadline=None)
@given(st.lists(SIGNS, max_size=4), SIGNS)
def test_any_names_are_taken_and_any_text_is_read_beside_them(names: list[str], text: str) -> None:
    reader = Analyser(names)
    for name in (*names, ""):
        assert ("良い", True, "良くない") in reader.words(f"{text}\n{name}。良くない")
