"""The words of the kit's own rules: each prohibition with letters that break it, and letters that just do not."""

import re

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from horetsu_utils import assets, phrases, plans, rulebook
from horetsu_utils.canon import ACTIONS
from horetsu_utils.relation import Prohibition

EXAMPLES = settings(max_examples=60, deadline=None)
TOLD = yaml.safe_load((assets.RULES / "guard.yaml").read_text(encoding="utf-8"))
RULES = tuple(
    Prohibition(**row | {key: tuple(row.get(key, ())) for key in ("words", "without")}) for row in TOLD["prohibitions"]
)
DISCOUNTS = tuple(TOLD["contact"]["discount_words"])
BY_ACTION = {rule.action: rule for rule in RULES}
THANKS = "thanks_unspoken"
METHOD = {
    0: "offer_now signup_discount sudden_subscription_or_vip info_flood long_mail_series authority_push"
    " presume_participation ask_comment ask_action",
    1: "upsell success_story_push",
    2: "template_reply auto_reply uniform_campaign",
    3: "control numeric_evaluation command_tone",
    4: "over_privilege load_concentration thanks_unspoken",
}
BREAKS = {
    "offer_now": """今だけの特別なご案内です
        【本日限り】人気の化粧水
        数量限定につき、お早めにご注文くださいませ
        在庫残り5個!お急ぎ下さい
        大好評につき残りわずか!
        今なら送料無料でお試しいただけます""",
    "signup_discount": """新規会員登録で500円クーポン進呈
        はじめての方へ、今なら３０％ＯＦＦ
        初めてのご注文が20%引きになります
        初回限定セットのご案内
        初回980円でお試し
        友だち追加で300円OFF""",
    "sudden_subscription_or_vip": """定期コースのご案内
        ＶＩＰ会員にご招待
        お得な定期便をはじめませんか
        ゴールド会員のおすすめ
        今月からプレミアム会員になりませんか""",
    "info_flood": """秋の新商品を一挙にご紹介
        お得情報が盛りだくさん
        全30商品のラインナップ
        スキンケアのすべてを徹底解説""",
    "long_mail_series": """全7回のメール講座をお届けします
        【第3回】うるおいの秘密
        連載:肌の話
        5通目のお便りです
        続きはまた明日のメールで""",
    "authority_push": """売上No.1の美容液
        №1に選ばれました
        3年連続売上第1位
        医師監修の安心処方
        満足度97.8%の化粧水
        累計販売数100万個突破
        特許製法で作りました""",
    "presume_participation": """ファンの皆さまへ
        皆さまもご一緒に楽しみましょう
        コミュニティの一員として
        いつもご愛用いただいている方へ""",
    "ask_comment": """コメントしてください
        ご感想をお寄せください
        ぜひご意見をお聞かせ下さい
        レビューを書いて応援してください
        口コミ投稿のお願い""",
    "ask_action": """シェアしてください
        LINEの友だち登録はこちらから
        友達追加お願いします
        アンケートにご協力ください
        今すぐ登録
        いいね!を押して応援""",
    "upsell": """もう一品いかがですか
        まとめ買いがお得です
        ワンランク上の美容液へ
        3本セットのご紹介
        あと500円で送料無料です
        クリームもご一緒にいかがですか""",
    "success_story_push": """愛用者の声を集めました
        2か月で-8kgの体験談
        ビフォーアフターをご覧ください
        98%の方が実感
        5kg減に驚きました""",
    "template_reply": """担当者より折り返しご連絡いたします
        いただいたご意見は今後の参考にさせていただきます
        よくある質問をご覧ください
        3営業日以内にご返信いたします
        個別のご回答はいたしかねます""",
    "auto_reply": """このメールは自動送信です
        送信専用アドレスのためご返信できません
        自動返信でお送りしています
        お問い合わせを受け付けました""",
    "uniform_campaign": """会員の皆さまへ
        お客様各位
        一斉配信のお知らせ
        すべてのお客様に
        秋の大感謝祭""",
    "control": """記録を提出してください
        未提出の方へ
        期限までに必ずご記入ください
        進捗状況をお知らせください
        先週の記録が滞っています""",
    "numeric_evaluation": """今月のランキング発表
        達成率は80%でした
        あなたのスコアは82点
        10人中3位でした
        目標まであと3回です""",
    "command_tone": """必ず毎日記入してください
        必ずご返事下さい
        時間を厳守のこと
        もっと続けなさい。反省しなさい
        提出は義務です
        欠席は認めません""",
    "over_privilege": """永久無料のご招待
        紹介料をお支払いします
        3名紹介でギフト券を差し上げます
        特別待遇でお迎えします
        1名ご紹介につき1,000円キャッシュバック""",
    "load_concentration": """新商品の紹介役をお願いします
        毎週の司会をお願いできますか
        次回も講師をお願いします
        座談会の進行役をお引き受けいただけませんか
        お一人5名以上ご紹介ください""",
    THANKS: """次の会の日程をお知らせします
        新商品が入りました
        記事を書きました""",
}
JUST_NOT = {
    "offer_now": """今年も残りわずかとなりました
        中身が残りわずかになったら、瓶を逆さにしてください
        開封後は、お早めにお使いください
        本日まで、お休みをいただいておりました
        いつでもお待ちしています。お急ぎではありません""",
    "signup_discount": """ご登録ありがとうございます
        はじめての方からよくいただくご質問
        はじめての方は、送料が500円かかります
        初回のお届けは、送料500円を申し受けます
        クール便は、追加で330円いただきます""",
    "sudden_subscription_or_vip": """定期的にお手入れの話をお送りします
        ご自分の間隔でお選びいただけます
        V字のマッサージ""",
    "info_flood": """今月のお便りは1つだけです
        見どころの多い季節になりました
        全体の流れをお伝えします""",
    "long_mail_series": """第3回お客様の集いのご報告
        はじめてのお便りです
        回数にきまりはありません
        使いはじめて3日目の方へ""",
    "authority_push": """1位を目指さない店です
        お便り No.12 をお届けします
        ご注文No.10234を承りました
        2年連続の暑い夏でした
        お医者さまにご相談ください""",
    "presume_participation": """ご家族の皆さまでお使いください
        参加はご自由です
        私たちの仲間が育てた野菜です""",
    "ask_comment": """お答えは要りません
        ご感想をお寄せくださり、ありがとうございます
        ご意見をお聞かせくださいまして、ありがとうございました
        レビューを書いてくださった方へのお返事です""",
    "ask_action": """友だち登録ありがとうございます
        友だち追加していただき、うれしいです
        会員登録の内容をお確かめください
        アンケートにお答えいただき、ありがとうございました
        シェアしてくださいました皆さまへ""",
    "upsell": """いまお使いの品を、気持ちよく使うこつ
        一つずつ丁寧に作っています
        ご一緒にお茶でもいかがですか
        3本セットを、本日お送りしました""",
    "success_story_push": """ご自分の小さな変化に目を向けてみませんか
        お客様に声をおかけしました
        お米は5-10kgまで量れます""",
    "template_reply": """お尋ねの件、担当の山田がお答えします
        ご意見を読み、2か所を直しました
        3営業日以内にお届けします
        ひな形は使わず、自分の言葉で書きました""",
    "auto_reply": """手で書いたお返事です
        このメールには返信できます。人が読みます
        自動車でお届けします
        チャットボットではなく、人がお答えします""",
    "uniform_campaign": """山田様へ、先日のお話の続きです
        桜が一斉に咲きました
        ご家族全員に喜んでいただけますように
        各位置を、やさしく押さえます
        一律にお送りするのではなく、お一人ずつ書いています""",
    "control": """ご自分のやり方で続けてください
        賞味期限までにお召し上がりください
        使用期限を過ぎたものは、お使いにならないでください
        先日報告いたしました畑の件です
        催促ではありません。ノルマもありません""",
    "numeric_evaluation": """続けてくださっていることが、うれしいです
        点数は変化を見るためのもので、比べるためではありません
        お孫さんの成績のお話、うれしく読みました
        優先順位はつけなくても大丈夫です""",
    "command_tone": """おやすみなさい。よい夜を
        どうか無理をしないでください
        必ずお返事くださいました
        手順に従ってください、と説明書にあります
        義務ではありません。気が向いたときにどうぞ""",
    "over_privilege": """心をこめたお礼の手紙です
        半永久的に使える瓶です
        特別なことはしません""",
    "load_concentration": """引き続きよろしくお願いいたします
        お一人一人に、手紙を書きました
        紹介役をお引き受けくださり、ありがとうございました
        変更は、毎月20日までにお願いします
        毎週のお便り、今月もよろしくお願いします""",
    THANKS: """伝えてくださり、ありがとうございます
        有難うございました
        有り難く拝読しました
        心からのお礼
        感謝の気持ちをこめて
        おかげさまで十年になりました""",
}
FRIENDLY = """ご注文を承りました。お届けまで2、3日ほどお待ちください。
    ご注文の品を、本日お送りしました。お届けは12月3日の予定です。
    お届けが1日遅れます。申し訳ございません。
    3本セットを、本日お送りしました。箱は2つに分かれています。
    ご注文No.10234のお支払いを確かめました。ありがとうございます。
    年末年始は12月29日から1月4日までお休みをいただきます。
    箱を開けたら、まず手紙をお読みください。使い方を1枚にまとめました。
    化粧水の量は、10円玉くらいが目安です。多くても少なくても大丈夫です。
    使いはじめの1週間は、肌の様子を見ながらお使いください。
    瓶のふたが固いときは、ぬるま湯で温めると開けやすくなります。
    空き瓶の洗い方をお伝えします。ふたは外して乾かしてください。
    使い終わりの目安は、毎日お使いで約50日です。
    開封後は、お早めにお使いください。置き場所は、日の当たらない棚がよいようです。
    賞味期限までにお召し上がりください。冷凍はしないでください。
    中身が残りわずかになったら、逆さに立てておくと最後まで使えます。
    季節の変わり目は、洗う回数を減らすと楽になります。
    お手入れは、朝と晩の2回が目安です。1回でもかまいません。
    定期的に、窓を開けて風を通してください。
    お茶は、80度くらいのお湯で3分待つと、香りが立ちます。
    先日のご質問にお答えします。香りは、しばらくすると薄くなります。
    お尋ねの成分は、国産のこめぬかから作っています。
    よくいただくご質問を、3つだけまとめました。
    お電話でのご質問、ありがとうございました。担当の佐藤がお調べしています。
    ご返信は不要です。お読みくださるだけで、うれしく思います。
    ご不安なことがあれば、このままお返事ください。人が読みます。
    はじめての方は、送料が500円かかります。2回目からも同じです。
    会員登録の内容は、マイページでお確かめいただけます。
    友だち登録ありがとうございます。月に1度、短いお便りをお送りします。
    朝の空気が冷たくなりました。お変わりありませんか。
    今年も残りわずかとなりました。一年のお付き合い、ありがとうございました。
    毎日暑いですね。どうか無理をしないでください。
    新年おめでとうございます。今年も変わらぬご愛顧をお願い申し上げます。
    桜が一斉に咲きました。今年も、いい春になりそうです。
    作り手の田中が、今年の畑の様子を書きました。
    お便り No.12 をお届けします。今月は、工房の猫の話です。
    お便りを読みました。お母さまのお話、胸が温かくなりました。
    いただいたお言葉を、工房の壁に飾りました。
    先月お話しくださった旅のこと、その後いかがでしたか。
    お一人一人に、手で書いています。遅くなって申し訳ありません。
    ご感想をお寄せくださり、ありがとうございます。作り手にも伝えました。
    ご意見をお聞かせくださいまして、ありがとうございました。ふたを軽くしました。
    肌の調子が戻られたとのこと、こちらまで笑顔になりました。
    続けてくださっていることが、何よりうれしいです。
    ご家族全員に喜んでいただけたこと、うれしく読みました。
    お休みの間も、気にかけておりました。またいつでもお立ち寄りください。
    来月の小さなお茶会のお知らせです。ご都合がつけば、のぞいてみてください。
    次の集まりの日取りを、ご相談させてください。
    次の座談会、いつもありがとうございます。参加はご自由です。聞くだけでもどうぞ。
    新しい香りの名前を、ご一緒に考えていただけたらうれしいです。いつもありがとうございます。
    記録は、書ける日だけで十分です。義務ではありません。
    やり方はお任せします。困ったときだけ、お声がけください。
    ご友人にお話しくださったとのこと、ありがとうございます。とても励まされました。
    紹介役をお引き受けくださり、ありがとうございました。しばらくはゆっくりお休みください。
    先日のご登壇、ありがとうございました。お茶をお送りします。
    いつも伝えてくださることへ、心からの感謝をこめて。"""
SUBJECTS = {
    "【本日限り】はじめての方へ、今だけ20%OFFのご案内": "offer_now signup_discount",
    "使いはじめの方からよくいただくご質問にお答えします": "",
    "いまお使いの品に、もう一品いかがですか": "upsell",
    "先日のお便りへのお返事を、お一人ずつ書きました": "",
    "会員の皆さまへ一斉のお知らせ": "uniform_campaign",
    "定期コースへのお切り替えで、VIP会員になれます": "sudden_subscription_or_vip",
    "置き場所と保管のしかたのご案内": "",
    "次の小さな集まりの進め方を、ご一緒に考えてください": "",
    "いつも伝えてくださることへの、心からのお礼": "",
    "新商品の紹介役をお願いします": "load_concentration",
    "定期コースのご案内": "sudden_subscription_or_vip",
    "コメントしてください": "ask_comment",
}
UNSEEN = (" ", "\u3000", "\n", "\r\n", "\t", "\u200b", "\u00ad", "\ufeff", "\ufe0f")


def lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines()]


def pairs(letters: dict[str, str]) -> list[tuple[str, str]]:
    return [(action, line) for action, text in letters.items() for line in lines(text)]


def broken(text: str) -> set[str]:
    return set(phrases.matched(text, RULES))


def rule(*words: str, without: tuple[str, ...] = ()) -> list[Prohibition]:
    return [Prohibition("x", 0, "", "", "", words=words, without=without)]


def test_the_kit_names_every_action_once_at_the_methods_stage() -> None:
    assert [(rule.stage, rule.action) for rule in RULES] == [
        (stage, action) for stage, actions in METHOD.items() for action in actions.split()
    ]
    assert set(BY_ACTION) == set(ACTIONS) == set(BREAKS) == set(JUST_NOT)
    assert all(len(lines(letters[action])) >= 3 for letters in (BREAKS, JUST_NOT) for action in ACTIONS)


@pytest.mark.parametrize("rule", [*TOLD["prohibitions"], TOLD["too_often"]], ids=lambda rule: rule["name"])
def test_why_and_what_instead_are_one_sentence_each(rule: dict) -> None:
    for sentence in (rule["reason"], rule["instead"]):
        assert sentence.endswith("。") and sentence.count("。") == 1


@pytest.mark.parametrize(("action", "text"), pairs(BREAKS))
def test_a_letter_that_breaks_a_rule_is_found_with_its_words(action: str, text: str) -> None:
    words = phrases.matched(text, RULES)[action]
    assert words
    assert action == THANKS or all(word in phrases.normal(text) for word in words)


@pytest.mark.parametrize(("action", "text"), pairs(JUST_NOT))
def test_a_letter_that_just_does_not_break_it_is_left_alone(action: str, text: str) -> None:
    assert action not in broken(text)


@pytest.mark.parametrize("text", lines(FRIENDLY))
def test_a_friendly_letter_raises_no_alarm(text: str) -> None:
    assert broken(text) <= {THANKS}


@pytest.mark.parametrize(("subject", "actions"), SUBJECTS.items())
def test_a_subject_breaks_these_rules_and_no_other(subject: str, actions: str) -> None:
    assert broken(subject) - {THANKS} == set(actions.split())
    assert (THANKS in broken(subject)) == ("お礼" not in subject)


@pytest.mark.parametrize("text", ["20％ＯＦＦ", "２０ % off", "20%\nOff", "二〇%\u200bOFF", "秋は２０％ オフ"])
def test_a_discount_is_seen_however_it_is_written(text: str) -> None:
    assert phrases.any_of(text, DISCOUNTS)
    assert "signup_discount" in broken(f"はじめての方へ{text}")


def test_a_shop_that_gives_no_discount_is_not_taken_for_one_that_does() -> None:
    assert not phrases.any_of("値引きのない店です。湿度は20%でした。500円玉くらいの量です。", DISCOUNTS)
    assert not phrases.any_of("", DISCOUNTS)
    assert not phrases.any_of("20%OFF", ())


@pytest.mark.parametrize(
    ("text", "action", "word"),
    [
        ("ＶＩＰ", "sudden_subscription_or_vip", "VIP"),
        ("ｖ ｉ ｐ", "sudden_subscription_or_vip", "vip"),
        ("V\nIP", "sudden_subscription_or_vip", "VIP"),
        ("ﾌﾟﾚﾐｱﾑ会員", "sudden_subscription_or_vip", "プレミアム会員"),
        ("ｺﾒﾝﾄしてください", "ask_comment", "コメントしてください"),
        ("サブスク", "sudden_subscription_or_vip", "サブスク"),
        ("定期コ\n  ース", "sudden_subscription_or_vip", "定期コース"),
        ("今 だ け", "offer_now", "今だけ"),
        ("今\u3000だ\u200bけ", "offer_now", "今だけ"),
        ("売上№１", "authority_push", "No1"),
        ("コメントして下さい", "ask_comment", "コメントして下さい"),
    ],
)
def test_one_word_in_many_spellings(text: str, action: str, word: str) -> None:
    assert phrases.matched(text, [BY_ACTION[action]]) == {action: (word,)}


def test_a_kana_and_its_voicing_mark_are_one_however_they_are_apart() -> None:
    assert phrases.normal("か\u3099") == phrases.normal("かﾞ") == "が"
    assert phrases.normal("ﾎ\u200bﾟ") == "ポ"
    assert phrases.normal("か\u309b") == "が"


@given(text=st.text(max_size=80))
@EXAMPLES
def test_the_normal_form_is_its_own_normal_form(text: str) -> None:
    assert phrases.normal(phrases.normal(text)) == phrases.normal(text)


@given(text=st.sampled_from([line for _, line in pairs(BREAKS)]), data=st.data())
@EXAMPLES
def test_what_takes_no_room_changes_nothing_wherever_it_stands(text: str, data: st.DataObject) -> None:
    between = data.draw(st.lists(st.sampled_from(("", *UNSEEN)), min_size=len(text), max_size=len(text)))
    spaced = "".join(sign + unseen for sign, unseen in zip(text, between, strict=True))
    assert phrases.matched(spaced, RULES) == phrases.matched(text, RULES)


@pytest.mark.parametrize("text", ["", "   ", "\n\t\u3000", "\u200b"])
def test_an_empty_text_breaks_nothing(text: str) -> None:
    assert phrases.matched(text, RULES) == {}


@pytest.mark.parametrize("text", ["🎉🌸", "👩\u200d🌾", "…", "!?", "(", "\\", "[.*+"])
def test_signs_without_words_lack_only_thanks(text: str) -> None:
    assert phrases.matched(text, RULES) == {THANKS: ("お礼などの言葉なし",)}


def test_a_rule_may_ask_for_words_and_forbid_others() -> None:
    both = rule("用件", without=("お礼", "感謝"))
    assert phrases.matched("用件だけです", both) == {"x": ("用件", "お礼などの言葉なし")}
    assert phrases.matched("用件の前に、感 謝を", both) == {"x": ("用件",)}
    assert phrases.matched("感謝を", both) == {}


def test_the_fuller_phrase_and_each_word_once_are_told_in_their_order() -> None:
    found = phrases.matched("VIPの皆さまへ。定期コースとVIP、定期コース", [BY_ACTION["sudden_subscription_or_vip"]])
    assert found == {"sudden_subscription_or_vip": ("VIP", "定期コース")}
    assert phrases.matched("まとめ買いとまとめ", rule("まとめ", "まとめ買い")) == {"x": ("まとめ買い", "まとめ")}


def test_a_gap_is_at_most_twelve_signs() -> None:
    near, far = "必ず" + "あ" * 12 + "ください", "必ず" + "あ" * 13 + "ください"
    assert phrases.matched(near, rule("必ず…ください")) == {"x": (near,)}
    assert not phrases.matched(far, rule("必ず…ください"))


@pytest.mark.parametrize(
    ("text", "found"),
    [("初回1,980円", True), ("初回五百円", True), ("初回１．５円", True), ("初回は円", False), ("初回,円", False)],
)
def test_a_number_is_written_in_digits_or_kanji(text: str, found: bool) -> None:
    assert bool(phrases.matched(text, rule("初回#円"))) is found


@pytest.mark.parametrize(
    ("text", "found"), [("No.1", True), ("No.1の", True), ("No.12", False), ("第1位", True), ("第11位", False)]
)
def test_a_number_in_a_phrase_is_the_whole_number(text: str, found: bool) -> None:
    assert bool(phrases.matched(text, rule("No.1", "1位"))) is found


@pytest.mark.parametrize(
    ("text", "found"),
    [("シェアしてください", True), ("シェアして下さいませ", True), ("シェアしてくださいました", False),
     ("シェアして下さいまして", False), ("シェアしてくださり", False)],
)  # fmt: skip
def test_a_request_is_no_thanks_for_what_was_done(text: str, found: bool) -> None:
    assert bool(phrases.matched(text, rule("シェアしてください"))) is found


@pytest.mark.parametrize("sign", list(".*+?()[]{}|^$\\!・&/"))
def test_every_other_sign_of_a_phrase_stands_for_itself(sign: str) -> None:
    assert phrases.matched(f"前{sign}後", rule(f"前{sign}後"))
    assert not phrases.matched("前々後", rule(f"前{sign}後"))


@pytest.mark.parametrize(
    ("phrase", "told"),
    [
        ("", "言葉がありません。探したい言葉を書いてください。"),
        (" \u3000", "言葉がありません。探したい言葉を書いてください。"),
        ("#…", "言葉がありません。探したい言葉を書いてください。"),
        ("!!", "言葉がありません。探したい言葉を書いてください。"),
        ("安", "1文字だけの言葉は、関係のない文にも当たってしまいます。もう少し長く書いてください。"),
        ("…安", "1文字だけの言葉は、関係のない文にも当たってしまいます。もう少し長く書いてください。"),
        ("あ" * 51, "長すぎます。50文字までで書いてください。"),
        ("あ…い…う…え…お", "「#」と「…」が多すぎます。合わせて3つまでで書いてください。"),
        ("あ" * 50, ""),
        ("あ…い…う#円", ""),
        ("#円", ""),
        ("今だけ", ""),
    ],
)
def test_a_phrase_that_cannot_be_used_is_explained(phrase: str, told: str) -> None:
    assert phrases.problem(phrase) == told


@pytest.mark.parametrize(
    "words", [DISCOUNTS, *(each.words + each.without for each in RULES)], ids=["値引き", *BY_ACTION]
)
def test_the_kits_own_words_are_usable_and_none_stands_twice(words: tuple[str, ...]) -> None:
    assert [word for word in words if phrases.problem(word)] == []
    read = [phrases.normal(word).lower() for word in words]
    assert len(read) == len(set(read)) > 0


@pytest.mark.parametrize("action", [action for action in ACTIONS if BY_ACTION[action].words])
def test_every_word_of_a_rule_finds_itself_in_a_letter(action: str) -> None:
    for word in BY_ACTION[action].words:
        for number, gap in (("3", ""), ("1,980", "あ"), ("二十", "あ" * 12)):
            letter = f"前略、{word.replace('#', number).replace('…', gap)}、かしこ"
            assert action in broken(letter), letter


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("", 0),
        ("見出しのないお便りです", 0),
        ("■ 話題\n本文\n● 話題\r\n\u3000◆話題", 3),
        ("①はじめに\n②つぎに", 2),
        ("【お知らせ】と【おしらせ】", 2),
        ("■【お知らせ】", 1),
        ("◆◇◆ お知らせ ◆◇◆", 1),
        ("■□■□■□■□", 0),
        ("文中の■は見出しではありません", 0),
        ("【】と【\n】", 0),
    ],
)
def test_headings_are_counted(text: str, count: int) -> None:
    assert phrases.topics(text) == count


def test_many_headings_or_a_long_body_are_a_flood() -> None:
    rules = rulebook.guard(assets.RULES / "guard.yaml")
    letter = "\n".join(f"■ 話題{number}\nくわしい話です。" for number in range(6))
    assert plans.does("件名", letter, rules)["info_flood"] == ("話題が6つ",)
    assert "info_flood" not in plans.does("件名", letter.replace("■ 話題5\n", ""), rules)
    assert plans.does("", "あ" * 2001, rules)["info_flood"] == ("本文が2,001文字",)
    assert "info_flood" not in plans.does("", "あ" * 2000, rules)


@pytest.mark.parametrize("words", [DISCOUNTS, *(each.words for each in RULES if each.words)])
def test_no_pattern_can_run_away(words: tuple[str, ...]) -> None:
    """Every repeat has an upper bound, so the time grows as the text does."""
    pattern = re.sub(r"\\.", "", phrases._compiled(words).pattern)
    assert not re.search(r"[*+]|\{\d*,\}", pattern)


@pytest.mark.parametrize("hostile", ["必ず毎週一一一一初回", "はじめて", "1,", "一" * 9 + "万", "【", "■", "\u200b"])
def test_a_text_far_too_long_is_read_to_its_end(hostile: str) -> None:
    text = (hostile * 200_000)[:200_000]
    assert broken(text) <= {THANKS}
    assert broken(f"{text}。今だけ") == {THANKS, "offer_now"}
    assert phrases.topics(f"{text}\n■ 話題") == 1
