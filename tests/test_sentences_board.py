"""The weekly board's words: the figures that put somebody there, and what is fit to do at each stage."""

import datetime as dt
import itertools
import unicodedata
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from horetsu_utils import assets, nicknames, phrases, rulebook
from horetsu_utils.client import find
from horetsu_utils.errors import ConfigError, InputError
from horetsu_utils.relation import KINDS, STAGES, Support
from horetsu_utils.sentences import board as say

GUARD = rulebook.guard(assets.RULES / "guard.yaml")
SUPPORTS = rulebook.board(assets.RULES / "board.yaml", GUARD.prohibitions)
KIT = (assets.RULES / "board.yaml").read_text(encoding="utf-8")
NOTHING = dict.fromkeys(
    ("score_before", "score_now", "change", "gloomy", "smiled_on", "weeks", "bad_streak", "fall", "fall_days")
)
COURSES: dict[str, tuple[dict[str, Any], ...]] = {
    "changed": ({"score_before": 1.0, "score_now": 2.5}, {"score_before": 3.0, "score_now": 4.5}),
    "smile": ({"gloomy": 2}, {"gloomy": 9}),
    "keeps": ({"weeks": 2}, {"weeks": 30}),
    "low": ({"bad_streak": 3, "fall": 0.0}, {"bad_streak": 0, "fall": 1.5, "fall_days": 28}),
}
"""Both ways in which the records of a customer of each kind may have moved."""


def row(kind: str, **told: Any) -> dict[str, Any]:
    common = {"kind": kind, "customer_id": "C1", "place": 1, "is_new": False, "stage": None, "cooling": None}
    return common | NOTHING | {"smiled_on": dt.date(2026, 6, 24)} | told


@pytest.mark.parametrize(
    ("told", "sentence"),
    [
        (row("changed", score_before=2.0, score_now=4.0), "変化の点数が、2点から4点に上がりました。"),
        (row("changed", score_before=1.333, score_now=3.65), "変化の点数が、1.3点から3.7点に上がりました。"),
        (row("changed", score_before=3.0, score_now=3.04), "変化の点数が、3点から少し上がりました。"),
        (row("smile", gloomy=3.0), "「普通」や「悪い」が3回続いたあと、6月24日に「良い」。"),
        (row("keeps", weeks=8.0), "8週続けて、記録があります。"),
        (row("low", bad_streak=3, fall=0.0), "「悪い」が3回続いています。"),
        (row("low", bad_streak=0, fall=1.5, fall_days=28), "この28日で、点数が1.5点下がりました。"),
        (row("low", bad_streak=3, fall=2.0, fall_days=28), "「悪い」が3回続き、点数も2点下がりました。"),
        (row("low", bad_streak=1, fall=0.0), "いちばん新しい記録が「悪い」です。"),
        (row("low", bad_streak=float("nan"), fall=1.0, fall_days=14), "この14日で、点数が1点下がりました。"),
    ],
)
def test_the_figures_that_put_somebody_there_are_said(told: dict[str, Any], sentence: str) -> None:
    assert say.facts(told) == sentence


@pytest.mark.parametrize(("kind", "stage"), list(itertools.product(KINDS, (*STAGES, None))))
def test_every_kind_and_stage_has_a_suggestion_that_breaks_no_prohibition(kind: str, stage: int | None) -> None:
    """Judged as the guard judges a letter; what is said where the stage is unknown must suit every stage."""
    hard = [rule for rule in GUARD.prohibitions if stage is None or rule.stage == stage]
    for course in COURSES[kind]:
        said = say.suggestion(row(kind, stage=stage, **course), SUPPORTS)
        assert said.endswith(("ましょう。", "です。"))
        assert "{" not in said
        assert len(said) <= 45
        assert phrases.matched(said, hard) == {}


@pytest.mark.parametrize("kind", KINDS)
def test_the_past_changes_what_is_suggested(kind: str) -> None:
    first, second = COURSES[kind]
    assert say.past(row(kind, **first)) != say.past(row(kind, **second))
    said = [say.suggestion(row(kind, stage=2, **course), SUPPORTS) for course in (first, second)]
    assert said[0] != said[1]


def test_a_cooling_tie_is_treated_with_the_most_care_but_not_where_it_is_the_reason() -> None:
    """Who is low stands there because of it: the stage's own support is meant for just that."""
    kept, cooled, unknown = (
        say.suggestion(row("keeps", weeks=5, stage=stage, cooling=cooling), SUPPORTS)
        for stage, cooling in ((3, False), (3, True), (None, None))
    )
    assert kept != cooled == unknown
    low = [say.suggestion(row("low", bad_streak=3, stage=2.0, cooling=each), SUPPORTS) for each in (True, False)]
    assert low[0] == low[1] == "つらい日が続くことを案じる気持ちを、お一人に宛てて手書きしましょう。"


@pytest.mark.parametrize("stage", [float("nan"), pd.NA, None, 7, -1])
def test_a_stage_that_is_none_gets_what_suits_every_stage(stage: Any) -> None:
    assert say.suggestion(row("low", bad_streak=3, stage=stage), SUPPORTS) == SUPPORTS[3].unknown


def test_the_board_is_shown_kind_by_kind_in_the_order_of_the_places() -> None:
    board = pd.DataFrame(
        [
            row("low", customer_id="C4", bad_streak=3, is_new=True),
            row("changed", customer_id="C2", place=2, score_before=1.0, score_now=2.0),
            row("changed", customer_id="C1", score_before=1.0, score_now=4.0, stage=0),
            row("keeps", customer_id="C1", weeks=4),
        ]
    )
    told = say.shown(board, SUPPORTS, {"C1": "さくらさん"})
    assert list(told.columns) == ["ボードのどこに", "どなた", "なぜここに", "できること", "今週から"]
    assert told["どなた"].tolist() == ["さくらさん", "C2", "さくらさん", "C4"]
    assert told["ボードのどこに"].tolist() == [say.KINDS[kind] for kind in ("changed", "changed", "keeps", "low")]
    assert told["今週から"].tolist() == ["", "", "", "新"]
    assert told["できること"][0] == "何もおすすめせず、大きな変化を静かに見守りましょう。"
    assert say.shown(board.iloc[:0], SUPPORTS, {}).columns.tolist() == told.columns.tolist()


def refused(tmp_path: Path, text: str) -> str:
    path = tmp_path / "board.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError) as error:
        rulebook.board(path, GUARD.prohibitions)
    assert error.value.where == str(path)
    assert error.value.next_step
    return error.value.what


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        (
            "何もおすすめせず、{past}を静かに見守りましょう。",
            "今だけの品をお送りしましょう。",
            "「今だけ」は、してはいけないこと(すぐに売り込む)にあたります。",
        ),
        (
            "目標は「今の使い方で、もう1週」。{past}を支えましょう。",
            "もう一品お出ししましょう。",
            "「もう一品」は、してはいけないこと(もう一品のすすめ)にあたります。",
        ),
        (
            "{past}を一緒に喜び、お礼をひとこと。頼みごとは控えましょう。",
            "{past}を喜びましょう。",
            "「お礼などの言葉なし」は、してはいけないこと(お礼のない便り)にあたります。",
        ),
        ("{past}を静かに喜びましょう", "{past}を{name}と喜びましょう", "{ } は、{past} だけに使えます。"),
    ],
)
def test_a_sentence_that_does_not_suit_its_stage_is_refused_with_its_line(
    tmp_path: Path, old: str, new: str, told: str
) -> None:
    text = KIT.replace(old, new)
    line = next(number for number, each in enumerate(text.splitlines(), start=1) if new in each)
    assert refused(tmp_path, text) == f"ボードの「できること」に直すところがあります。\n・{line}行目: {told}"


def test_a_missing_kind_a_long_sentence_and_an_unknown_key_are_refused(tmp_path: Path) -> None:
    assert "changed・smile・keeps・low を、1つずつ書いてください。" in refused(
        tmp_path, KIT.replace("kind: low", "kind: keeps")
    )
    assert "長すぎます" in refused(tmp_path, KIT.replace("何もおすすめせず、", "何も" * 20))
    assert "stage5」という項目はありません。「stage4」の書き間違いではありませんか。" in refused(
        tmp_path, KIT.replace("stage4: 頼みごと", "stage5: 頼みごと")
    )


def test_a_clients_own_rules_go_before_the_kits(make_client: Callable[..., Path]) -> None:
    folder = make_client({}, "  story:\n    - files: data/a.csv")
    assert find(str(folder)).board() == SUPPORTS
    (folder / "rules").mkdir()
    own = KIT.replace("わけはお尋ねせず、{past}を静かに喜びましょう。", "そっと喜びましょう。")
    (folder / "rules" / "board.yaml").write_text(own, encoding="utf-8")
    smile = next(each for each in find(str(folder)).board() if each.kind == "smile")
    assert isinstance(smile, Support)
    assert smile.by_stage[0] == "そっと喜びましょう。"


ALLOWED = "privacy: {nicknames: true}"
STORY = "  story:\n    - files: data/story.csv"


@pytest.fixture
def named(make_client: Callable[..., Path]) -> Callable[..., dict[str, str]]:
    """Return a function that reads the nicknames of a client whose file holds some bytes or text."""

    def read(content: bytes | str, *, settings: str = ALLOWED, name: str = nicknames.FILE) -> dict[str, str]:
        folder = make_client({}, STORY, settings)
        (folder / name).write_bytes(content.encode("utf-8") if isinstance(content, str) else content)
        return nicknames.of(find(str(folder)))

    return read


@pytest.mark.parametrize("encoding", ["cp932", "utf-8", "utf-8-sig", "utf-16"])
def test_nicknames_are_read_in_the_encodings_of_spreadsheets(named: Callable[..., dict[str, str]], encoding) -> None:
    text = "顧客番号,呼び名\r\nC1,さくらさん\r\nC2,\r\n,\r\nC3,山田の 奥さま\r\n"
    assert named(text.encode(encoding)) == {"C1": "さくらさん", "C3": "山田の 奥さま"}


def test_nicknames_stay_out_where_the_settings_do_not_allow_them(named: Callable[..., dict[str, str]]) -> None:
    assert named("顧客番号,呼び名\nC1,さくら\n", name="ほか.csv") == {}
    assert named("顧客番号,呼び名\nC1,さくら\n", settings="") == {}
    assert named("顧客番号,呼び名\nC1,さくら\n", settings="privacy: {quotes: true}") == {}


def test_the_files_name_may_come_from_a_system_that_parts_its_marks(named: Callable[..., dict[str, str]]) -> None:
    apart = unicodedata.normalize("NFD", nicknames.FILE)
    assert apart != nicknames.FILE
    assert named("customer_id,呼び名\nC1,さくら\n", name=apart) == {"C1": "さくら"}


def test_two_of_one_nickname_are_told_apart(named: Callable[..., dict[str, str]]) -> None:
    assert named("顧客番号,呼び名\nC1,花子さん\nC2,花子さん\nC3,咲\n") == {
        "C1": "花子さん(C1)",
        "C2": "花子さん(C2)",
        "C3": "咲",
    }


def test_a_name_is_one_line_without_signs_that_cannot_be_seen(named: Callable[..., dict[str, str]]) -> None:
    assert named('顧客番号,呼び名\nC1,"さく\nら\tさん\x07"\n') == {"C1": "さく ら さん"}


@pytest.mark.parametrize(
    ("text", "what"),
    [
        (
            "番号,名前\nC1,さくら\n",
            "呼び名のファイルに、「顧客番号」と「呼び名」の見出しがありません。",
        ),
        (
            f"顧客番号,呼び名\nC1,{'長' * 21}\n,だれか\nC2,{'ち' * 20}\nC2,あ\n",
            "呼び名に直すところがあります。\n"
            f"・2行目: 「{'長' * 21}」は長すぎます。20文字までで書いてください。\n"
            "・3行目: 「だれか」の顧客番号が空です。\n"
            "・5行目: 顧客番号「C2」は、4行目にもあります。",
        ),
        ("", "ファイルが空です。"),
        ('顧客番号,呼び名\nC1,"さくら\n', '引用符「"」が閉じていないため、そこから先を読み分けられません。'),
    ],
)
def test_an_unsound_file_is_refused_in_plain_words(named: Callable[..., dict[str, str]], text: str, what: str) -> None:
    with pytest.raises(InputError) as error:
        named(text)
    assert error.value.what == what
    assert nicknames.FILE in error.value.where
    assert error.value.next_step


def test_a_file_that_lies_outside_of_the_clients_folder_is_refused(
    make_client: Callable[..., Path], tmp_path: Path
) -> None:
    folder = make_client({}, STORY, ALLOWED)
    outside = tmp_path / "others.csv"
    outside.write_text("顧客番号,呼び名\nC1,ほかの店の方\n", encoding="utf-8")
    (folder / nicknames.FILE).symlink_to(outside)
    with pytest.raises(ConfigError, match="フォルダの外にあるファイルは読めません"):
        nicknames.of(find(str(folder)))


def test_a_board_of_a_large_shop_lists_the_first_of_each_kind_and_says_so() -> None:
    many = [
        (kind, place)
        for kind, people in zip(say.KINDS.values(), (201, 200, 0, 3), strict=True)
        for place in range(people)
    ]
    worded = pd.DataFrame(many, columns=[say.SECTION, say.WHO])
    listed = say.listed(worded)
    assert [int((listed[say.SECTION] == kind).sum()) for kind in say.KINDS.values()] == [200, 200, 0, 3]
    assert list(listed[say.WHO][:200]) == list(range(200))
    assert say.left_out(worded) == "全部で404人いらっしゃるため、それぞれはじめの200人までを載せています。"
    assert say.left_out(listed) == ""
    assert say.left_out(worded.head(0)) == ""
