"""emotions.yaml → the emotions a comment can tell, each with its words as the analyser reads them."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from horetsu_utils import rulebook
from horetsu_utils.analyser import Analyser
from horetsu_utils.errors import shorten
from horetsu_utils.rule_checks import Problem
from horetsu_utils.rule_files import EmotionFile
from horetsu_utils.rule_words import shown
from horetsu_utils.settings import load

Key = tuple[str, bool]
"""A word in dictionary form, and whether it is denied."""


@dataclass(frozen=True)
class Emotion:
    """One emotion. `side` is 良い or 悪い; `keys` are its words in dictionary form, each with whether it is denied.

    Source: the kit's own, small on purpose; the words stand in templates/rules/emotions.yaml.
    """

    emotion: str
    name: str
    side: str
    keys: tuple[Key, ...]


@dataclass(frozen=True)
class Lexicon:
    """The emotions, and the names that are read as one word each."""

    names: tuple[str, ...]
    emotions: tuple[Emotion, ...]

    @property
    def spoken(self) -> dict[str, str]:
        """The Japanese name of each emotion."""
        return {each.emotion: each.name for each in self.emotions}

    @property
    def rows(self) -> list[dict[str, object]]:
        """One row per word: word, denied, emotion."""
        return [
            {"word": word, "denied": denied, "emotion": each.emotion}
            for each in self.emotions
            for word, denied in each.keys
        ]


def read(path: Path) -> Lexicon:
    """Read the emotions and their words.

    Errors
        ConfigError naming the line of every emotion told twice, and of every word that is none or belongs to two
    """
    document = load(path)
    told = document.validate(EmotionFile)
    analyser = Analyser(told.names)
    rulebook.refuse(document, "気持ちの言葉", list(_unsound(told, analyser)))
    emotions = (
        Emotion(row.emotion, row.name, row.side, tuple(dict.fromkeys(_key(word, analyser) for word in row.words)))
        for row in shown(told.emotions)
    )
    return Lexicon(told.names, tuple(emotions))


def _key(word: str, analyser: Analyser) -> Key:
    ((form, denied, _),) = analyser.words(word)
    return form, denied


def _unsound(told: EmotionFile, analyser: Analyser) -> Iterator[Problem]:
    """Find emotions told twice, entries that are not one word, and words that stand under two emotions."""
    codes = [each.emotion for each in told.emotions]
    seen: dict[Key, str] = {}
    for place, row in enumerate(told.emotions):
        if row.emotion in codes[:place]:
            yield ("emotions", place, "emotion"), f"「{row.emotion}」が2回書かれています。"
        for index, word in enumerate(row.words):
            spot = ("emotions", place, "words", index)
            if len(analyser.words(word)) != 1:
                yield spot, f"「{shorten(word)}」は、1つの言葉として読めません。names にも書くと、1つの言葉になります。"
            elif seen.setdefault(_key(word, analyser), row.emotion) != row.emotion:
                other = seen[_key(word, analyser)]
                yield spot, f"「{shorten(word)}」は「{other}」にもあります。どちらか1つにしてください。"
