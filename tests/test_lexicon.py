"""The emotions' words: read as the analyser reads them, or refused with the line."""

from pathlib import Path

import pytest

from horetsu_utils import assets, lexicon
from horetsu_utils.analyser import Analyser
from horetsu_utils.errors import ConfigError

ROW = "  - {{emotion: {code}, name: 名, side: {side}, words: [{words}]}}\n"


def written(tmp_path: Path, *rows: tuple[str, str, str], names: str = "[]") -> Path:
    path = tmp_path / "emotions.yaml"
    told = "".join(ROW.format(code=code, side=side, words=words) for code, side, words in rows)
    path.write_text(f"names: {names}\nemotions:\n{told}", encoding="utf-8")
    return path


def refused(path: Path) -> str:
    with pytest.raises(ConfigError) as error:
        lexicon.read(path)
    assert error.value.where == str(path)
    return error.value.what


def test_every_word_of_the_kit_is_one_word() -> None:
    known = lexicon.read(assets.RULES / "emotions.yaml")
    keys = [(row["word"], row["denied"]) for row in known.rows]
    assert len(keys) == len(set(keys)) > 60
    assert {each.side for each in known.emotions} == {"良い", "悪い"}
    assert list(known.spoken) == [each.emotion for each in known.emotions]


def test_a_denial_is_another_word(tmp_path: Path) -> None:
    path = written(tmp_path, ("liking", "良い", "満足, 嬉しかった"), ("letdown", "悪い", "満足できない"))
    assert lexicon.read(path).rows == [
        {"word": "満足", "denied": False, "emotion": "liking"},
        {"word": "嬉しい", "denied": False, "emotion": "liking"},
        {"word": "満足", "denied": True, "emotion": "letdown"},
    ]


def test_two_spellings_of_one_word_count_once(tmp_path: Path) -> None:
    path = written(tmp_path, ("joy", "良い", "うれしい, 嬉しい"))
    assert len(lexicon.read(path).rows) == 1


def test_a_phrase_is_refused_unless_it_is_a_name(tmp_path: Path) -> None:
    assert "3行目: 「声をかける」は、1つの言葉として読めません。" in refused(
        written(tmp_path, ("a", "良い", "声をかける"))
    )
    known = lexicon.read(written(tmp_path, ("a", "良い", "期待外れ"), names="[期待外れ]"))
    assert known.names == ("期待外れ",)
    assert known.rows[0]["word"] == "期待外れ"


def test_a_word_of_two_emotions_is_refused(tmp_path: Path) -> None:
    told = refused(written(tmp_path, ("a", "良い", "嬉しい"), ("b", "悪い", "うれしい")))
    assert "4行目: 「うれしい」は「a」にもあります。" in told


def test_an_emotion_told_twice_is_refused(tmp_path: Path) -> None:
    assert "4行目: 「a」が2回書かれています。" in refused(
        written(tmp_path, ("a", "良い", "楽しい"), ("a", "悪い", "怖い"))
    )


@pytest.mark.parametrize(
    ("row", "told"),
    [
        (("A b", "良い", "楽しい"), "emotion"),
        (("a", "普通", "楽しい"), "使える値は 良い・悪い"),
        (("a", "良い", ""), "words"),
    ],
)
def test_what_an_emotion_cannot_be_is_refused(tmp_path: Path, row: tuple[str, str, str], told: str) -> None:
    assert told in refused(written(tmp_path, row))


@pytest.mark.parametrize("word", ["ない", "田中", "123", "良ければ", "良い香り", "。"])
def test_what_is_no_word_or_more_than_one_is_refused_with_its_line(tmp_path: Path, word: str) -> None:
    told = refused(written(tmp_path, ("a", "良い", "楽しい"), ("b", "悪い", f'怖い, "{word}"')))
    assert f"・4行目: 「{word}」は、1つの言葉として読めません。" in told


def test_every_mistake_is_told_at_once(tmp_path: Path) -> None:
    told = refused(
        written(tmp_path, ("a", "良い", "声をかける, 楽しい"), ("a", "悪い", "楽しくない, 嬉しい, うれしい"))
    )
    assert [line.partition(":")[0] for line in told.splitlines()[1:]] == ["・3行目", "・4行目"]


def test_a_misspelt_key_is_told_with_the_nearest(tmp_path: Path) -> None:
    path = written(tmp_path, ("a", "良い", "楽しい"))
    path.write_text(path.read_text(encoding="utf-8").replace("side", "sides"), encoding="utf-8")
    assert "「side」の書き間違いではありませんか。" in refused(path)


@pytest.mark.parametrize(
    ("word", "key"),
    [
        ("使いにくい", ("使う難い", False)),
        ("つまらない", ("詰まるない", False)),
        ("効果が出ない", ("効果", True)),
        ("不満がない", ("不満", True)),
        ("助かる", ("助かる", False)),
        ("ほしい", ("欲しい", False)),
        ("不親切", ("不親切", False)),
    ],
)
def test_a_word_is_found_in_comments_by_the_same_key(tmp_path: Path, word: str, key: tuple[str, bool]) -> None:
    (row,) = lexicon.read(written(tmp_path, ("a", "悪い", word))).rows
    assert (row["word"], row["denied"]) == key
    assert key in [told[:2] for told in Analyser().words(f"香りは{word}です")]
