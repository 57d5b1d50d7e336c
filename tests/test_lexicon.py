"""The emotions' words: read as the analyser reads them, or refused with the line."""

from pathlib import Path

import pytest

from horetsu_utils import assets, lexicon
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
