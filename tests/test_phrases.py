"""The words of the kit's own rules: each prohibition with letters that break it, and letters that just do not."""

import re

import pytest

from horetsu_utils import assets, phrases, plans, rulebook
from horetsu_utils.canon import ACTIONS
from horetsu_utils.relation import Prohibition

RULES = rulebook.guard(assets.RULES / "guard.yaml")
BY_ACTION = {rule.action: rule for rule in RULES.prohibitions}
METHOD = {
    0: "offer_now signup_discount sudden_subscription_or_vip info_flood long_mail_series authority_push"
    " presume_participation ask_comment ask_action",
    1: "upsell success_story_push",
    2: "template_reply auto_reply uniform_campaign",
    3: "control numeric_evaluation command_tone",
    4: "over_privilege load_concentration thanks_unspoken",
}
BREAKS = {
    "offer_now": ["今だけの特別なご案内です", "【本日限り】人気の化粧水", "在庫わずか。お急ぎください", "いまだけ!"],
    "signup_discount": [
        "新規登録特典のお知らせ",
        "はじめての方へ、今なら３０％ＯＦＦ",
        "初回限定セットのご案内",
        "初回500円でお試し",
    ],
    "sudden_subscription_or_vip": [
        "定期コースのご案内",
        "ＶＩＰ会員にご招待",
        "お得な定期便をはじめませんか",
        "ゴールド会員のおすすめ",
    ],
    "info_flood": ["秋の新商品を一挙にご紹介", "お得情報が盛りだくさん", "全12商品の大特集"],
    "long_mail_series": ["全7回のメール講座をお届けします", "肌のお話・連載3", "5通目のお便りです"],
    "authority_push": ["売上第1位の美容液", "医師監修の安心処方", "満足度97.8%の化粧水", "累計50万本を突破しました"],
    "presume_participation": ["ファンの皆さまへ", "皆さまもご一緒に楽しみましょう", "コミュニティの一員として"],
    "ask_comment": [
        "コメントしてください",
        "ご感想をお寄せください",
        "レビューを書いて応援してください",
        "口コミ投稿のお願い",
    ],
    "ask_action": ["シェアしてください", "LINEの友だち追加はこちら", "アンケートにご協力ください", "今すぐ登録"],
    "upsell": ["もう一品いかがですか", "まとめ買いがお得です", "ワンランク上の美容液へ", "3本セットのご紹介"],
    "success_story_push": ["愛用者の声を集めました", "2か月で-8kgの体験談", "ビフォーアフターをご覧ください"],
    "template_reply": [
        "担当者より折り返しご連絡いたします",
        "いただいたご意見は今後の参考にさせていただきます",
        "よくある質問をご覧ください",
    ],
    "auto_reply": ["このメールは自動送信です", "送信専用アドレスのためご返信できません", "自動返信でお送りしています"],
    "uniform_campaign": ["会員の皆さまへ", "お客様各位", "一斉配信のお知らせ", "すべてのお客様に"],
    "control": ["記録を提出してください", "未提出の方へ催促のご連絡", "期限までに必ずご記入ください"],
    "numeric_evaluation": ["今月のランキング発表", "目標達成率は80%でした", "あなたのスコア"],
    "command_tone": ["必ず毎日記入してください", "時間を厳守のこと", "もっと続けなさい。反省しなさい"],
    "over_privilege": ["永久無料のご招待", "紹介料をお支払いします", "3名紹介でギフト券を差し上げます"],
    "load_concentration": ["新商品の紹介役をお願いします", "毎週の司会をお願いできますか", "次回も講師をお願いします"],
    "thanks_unspoken": ["次の会の日程をお知らせします", "新商品が入りました", "記事を書きました"],
}
JUST_NOT = {
    "offer_now": ["いつでもお待ちしています", "本日、作り手から手紙が届きました", "お急ぎではありません"],
    "signup_discount": [
        "ご登録ありがとうございます",
        "はじめての方からよくいただくご質問",
        "登録の内容を確かめられます",
    ],
    "sudden_subscription_or_vip": [
        "定期的にお手入れの話をお送りします",
        "ご自分の間隔でお選びいただけます",
        "V字のマッサージ",
    ],
    "info_flood": ["今月のお便りは1つだけです", "商品の置き場所について", "全体の流れをお伝えします"],
    "long_mail_series": ["第3回お客様の集いのご報告", "はじめてのお便りです", "回数にきまりはありません"],
    "authority_push": ["1位を目指さない店です", "作り手の思いをお話しします", "お医者さまにご相談ください"],
    "presume_participation": ["ご家族の皆さまでお使いください", "参加はご自由です", "店の仲間を紹介します"],
    "ask_comment": ["お答えは要りません", "いただいたご感想へのお返事です", "評判について考えました"],
    "ask_action": ["友だちと過ごす夜に", "登録は要りません", "ページを読むだけで役に立ちます"],
    "upsell": ["いまお使いの品を、気持ちよく使うこつ", "一つずつ丁寧に作っています", "瓶が大きくなりました"],
    "success_story_push": ["ご自分の小さな変化に目を向けてみませんか", "お客様に声をおかけしました", "量は5kgあります"],
    "template_reply": ["お尋ねの件、担当の山田がお答えします", "ご意見を読み、2か所を直しました", "質問を読みました"],
    "auto_reply": ["手で書いたお返事です", "自動車でお届けします", "ご返信をお待ちしています"],
    "uniform_campaign": ["山田様へ、先日のお話の続きです", "桜が一斉に咲きました", "会員番号のご案内"],
    "control": ["ご自分のやり方で続けてください", "困ったときはお知らせください", "ご一緒に考えてください"],
    "numeric_evaluation": ["続けてくださっていることが、うれしいです", "点と点をつなぐ話", "順番はありません"],
    "command_tone": [
        "おやすみなさい。よい夜を",
        "お任せしようと思います",
        "次の集まりの進め方を、ご一緒に考えてください",
    ],
    "over_privilege": [
        "心をこめたお礼の手紙です",
        "いつも伝えてくださり、ありがとうございます",
        "特別なことはしません",
    ],
    "load_concentration": [
        "引き続きよろしくお願いいたします",
        "しばらくはお休みください",
        "今回もよろしくお願いします",
    ],
    "thanks_unspoken": [
        "伝えてくださり、ありがとうございます",
        "有難うございました",
        "心からのお礼",
        "感謝の気持ちをこめて",
    ],
}
FRIENDLY = [
    "ご注文を承りました。お届けまで2、3日ほどお待ちください。",
    "箱を開けたら、まず手紙をお読みください。使い方を1枚にまとめました。",
    "朝の空気が冷たくなりました。お変わりありませんか。",
    "化粧水の量は、10円玉くらいが目安です。多くても少なくても大丈夫です。",
    "置き場所は、日の当たらない棚がよいようです。",
    "先日のご質問にお答えします。香りは、しばらくすると薄くなります。",
    "使いはじめの1週間は、肌の様子を見ながらお使いください。",
    "瓶のふたが固いときは、ぬるま湯で温めると開けやすくなります。",
    "お便りを読みました。お母さまのお話、胸が温かくなりました。",
    "来月の小さなお茶会のお知らせです。ご都合がつけば、のぞいてみてください。",
    "作り手の田中が、今年の畑の様子を書きました。",
    "お休みのお知らせです。年末は29日までお届けします。",
    "空き瓶の洗い方をお伝えします。ふたは外して乾かしてください。",
    "使い終わりの目安は、毎日お使いで約50日です。",
    "ご不安なことがあれば、このままお返事ください。人が読みます。",
    "先月お話しくださった旅のこと、その後いかがでしたか。",
    "次の集まりの日取りを、ご相談させてください。",
    "いただいたお言葉を、工房の壁に飾りました。",
    "季節の変わり目は、洗う回数を減らすと楽になります。",
    "お届けが1日遅れます。申し訳ございません。",
]
LONG_ENOUGH = 200_000


def broken(text: str) -> set[str]:
    return set(phrases.matched(text, RULES.prohibitions))


def test_the_kit_names_every_action_once_at_the_methods_stage() -> None:
    assert {action: rule.stage for action, rule in BY_ACTION.items()} == {
        action: stage for stage, actions in METHOD.items() for action in actions.split()
    }
    assert set(BY_ACTION) == set(ACTIONS) == set(BREAKS) == set(JUST_NOT)


@pytest.mark.parametrize(("action", "text"), [(action, text) for action, texts in BREAKS.items() for text in texts])
def test_a_letter_that_breaks_a_rule_is_found_with_its_words(action: str, text: str) -> None:
    words = phrases.matched(text, RULES.prohibitions)[action]
    assert words
    if action != "thanks_unspoken":
        assert all(word in phrases.normal(text) for word in words)


@pytest.mark.parametrize(("action", "text"), [(action, text) for action, texts in JUST_NOT.items() for text in texts])
def test_a_letter_that_just_does_not_break_it_is_left_alone(action: str, text: str) -> None:
    assert action not in broken(text)


@pytest.mark.parametrize("text", FRIENDLY)
def test_a_friendly_letter_raises_no_alarm(text: str) -> None:
    assert broken(text) <= {"thanks_unspoken"}


@pytest.mark.parametrize(
    "text", ["はじめての方へ20％ＯＦＦ", "はじめての方へ ２０ % off", "はじめての方へ\n二〇%\u200bOFF"]
)
def test_full_width_spaces_and_line_breaks_make_no_difference(text: str) -> None:
    assert "signup_discount" in broken(text)


@pytest.mark.parametrize("text", ["ＶＩＰ", "ｖ ｉ ｐ", "V\nIP", "\u200bVIP"])
def test_one_word_in_many_spellings(text: str) -> None:
    assert "sudden_subscription_or_vip" in broken(text)


@pytest.mark.parametrize("text", ["", "   ", "\n\t\u3000", "\u200b"])
def test_an_empty_text_breaks_nothing(text: str) -> None:
    assert phrases.matched(text, RULES.prohibitions) == {}


def test_the_fuller_phrase_and_each_word_once_are_told_in_their_order() -> None:
    found = phrases.matched("VIPの皆さまへ。定期コースとVIP、定期コース", [BY_ACTION["sudden_subscription_or_vip"]])
    assert found == {"sudden_subscription_or_vip": ("VIP", "定期コース")}


def test_a_number_and_a_gap_stand_for_no_more_than_they_say() -> None:
    rule = Prohibition("x", 0, "", "", "", words=("初回#円", "必ず…ください"))
    near, far = "必ず" + "あ" * 12 + "ください", "必ず" + "あ" * 13 + "ください"
    assert phrases.matched(near, [rule]) and not phrases.matched(far, [rule])
    assert phrases.matched("初回1,980円", [rule]) and phrases.matched("初回五百円", [rule])
    assert not phrases.matched("初回は円", [rule])


@pytest.mark.parametrize(
    ("phrase", "told"),
    [
        ("", "言葉がありません"),
        ("#…", "言葉がありません"),
        ("安", "1文字だけ"),
        ("あ" * 51, "長すぎます"),
        ("#円", ""),
        ("今だけ", ""),
    ],
)
def test_a_phrase_that_cannot_be_used_is_explained(phrase: str, told: str) -> None:
    assert phrases.problem(phrase).startswith(told)
    assert bool(phrases.problem(phrase)) == bool(told)


def test_the_kits_own_words_are_usable_and_none_stands_twice_in_a_rule() -> None:
    for rule in RULES.prohibitions:
        read = [phrases.normal(word).lower() for word in (*rule.words, *rule.without)]
        assert len(read) == len(set(read)), rule.action
        assert rule.reason.endswith("。") and rule.instead.endswith("。")
        assert rule.reason.count("。") == rule.instead.count("。") == 1


def test_headings_are_counted_and_many_of_them_are_a_flood() -> None:
    letter = "\n".join(f"■ 話題{number}\nくわしい話です。" for number in range(6))
    assert phrases.topics(letter) == 6
    assert plans.does("件名", letter, RULES)["info_flood"] == ("話題が6つ",)
    assert "info_flood" not in plans.does("件名", letter.replace("■ 話題5\n", ""), RULES)
    assert plans.does("", "あ" * 2001, RULES)["info_flood"] == ("本文が2,001文字",)
    assert "info_flood" not in plans.does("", "あ" * 2000, RULES)


def test_no_pattern_can_run_away_on_a_hostile_text() -> None:
    """Only bounded repeats stand in the patterns, so the time grows as the text does."""
    for rule in RULES.prohibitions:
        pattern = phrases._compiled(rule.words)
        assert pattern is None or not re.search(r"(?<!\\)[*+]", pattern.pattern)
    hostile = "必ず毎週一一一一初回" * (LONG_ENOUGH // 10)
    assert "command_tone" not in phrases.matched(hostile, RULES.prohibitions)
