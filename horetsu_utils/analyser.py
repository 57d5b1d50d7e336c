"""SudachiPy with the shop's own names: Japanese comments → their words, as `clauses` reads them."""

import json
import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property, lru_cache
from itertools import groupby
from pathlib import Path
from typing import Any

import sudachipy
from sudachipy import Config, Dictionary, Morpheme, SplitMode, Tokenizer

from horetsu_utils import clauses
from horetsu_utils.clauses import Word

LONGEST_PART = 10_000
"""Characters handed to the analyser at once; it refuses about 16,000."""
SHORTEST_NAME, LONGEST_NAME = 2, 40
"""Characters of a name that people write in a comment."""
_UNSEEN = re.compile(
    "[\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\xad\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\ud800-\udfff\ufffe\uffff]"
)
_NOT_SAID = re.compile(r"https?://[!-~]*|[!-~]+@[!-~]+|</?[A-Za-z!][^<>]*>")
"""Addresses and tags are no words."""
_ASIDE = re.compile(r"[\s(\[【〔「『<].*", re.DOTALL)
_NAMES_AT_ONCE = 1000
"""A longer pattern would make the analyser a hundred times slower."""
_NAME = {
    "class": "com.worksap.nlp.sudachi.RegexOovProvider",
    "pos": ["名詞", "固有名詞", "一般", *"***"],
    "leftId": 5146,
    "rightId": 5146,
    "cost": -5000,
    "maxLength": LONGEST_NAME,
    "boundaries": "relaxed",
}
"""A name is joined to its neighbours like a common noun, and comes before the words it is made of."""


class Analyser:
    """SudachiPy with its core dictionary, and the shop's own names as words."""

    def __init__(self, names: Iterable[str] = ()) -> None:
        """Prepare the dictionary; each of `names` (of products) is read as one word."""
        known = _untold({each.lower() for name in names for each in _spellings(name)})
        self._dictionary = Dictionary(config=Config(oovProviderPlugin=_providers(known))) if known else _plain()
        self._entries = clauses.Entries(frozenset(known))

    def words(self, text: str) -> list[Word]:
        """Return the words of one comment, in the order they stand."""
        said = normal(text)
        if "@" in said or "<" in said or "://" in said:
            said = _NOT_SAID.sub(" ", said)
        found: list[Word] = []
        for part in _parts(said):
            clauses.read(found, part, self._tokenizer.tokenize(part), self._entries)
        return found

    def morphemes(self, text: str) -> Iterator[Morpheme]:
        """Yield the morphemes of a text in its normal form (NFKC), a part after the other."""
        for part in _parts(normal(text)):
            yield from self._tokenizer.tokenize(part)

    @cached_property
    def _tokenizer(self) -> Tokenizer:
        return self._dictionary.tokenizer(mode=SplitMode.C)


def normal(text: str) -> str:
    """Return a text in its normal form, without characters that nobody sees."""
    read = unicodedata.normalize("NFKC", text)
    return read if read.isprintable() else _UNSEEN.sub("", read)


def _parts(text: str) -> list[str]:
    return [text[start : start + LONGEST_PART] for start in range(0, len(text), LONGEST_PART)]


@lru_cache(maxsize=1)
def _plain() -> Dictionary:
    return Dictionary(dict="core")


def _spellings(name: str) -> list[str]:
    """Return a name in its normal form, whole and without what stands aside in brackets or after a space."""
    read = " ".join(normal(name).split())
    both = (read, _ASIDE.sub("", read))
    return [each for each in both if SHORTEST_NAME <= len(each) <= LONGEST_NAME and not each.isascii()]


def _untold(names: Iterable[str]) -> list[str]:
    """Choose the names that would fall apart, or be no word: not 水 nor 良い, which the language knows, nor しない."""
    tokenizer = _plain().tokenizer(mode=SplitMode.C)
    return sorted(name for name in names if _is_untold(list(tokenizer.tokenize(name))))


def _is_untold(told: Sequence[Morpheme]) -> bool:
    named = any(each.part_of_speech()[0] == "名詞" for each in told)
    return named and not (len(told) == 1 and clauses.is_word(told[0]))


def _providers(names: Sequence[str]) -> list[dict[str, Any]]:
    """Return the analyser's ways to find words outside its dictionary, ours among them.

    A dictionary of our own would take seconds to build, each time.
    """
    settings = Path(sudachipy.__file__).parent / "resources" / "sudachi.json"
    *first, last = json.loads(settings.read_text(encoding="utf-8"))["oovProviderPlugin"]
    starts = range(0, len(names), _NAMES_AT_ONCE)
    ours = [_NAME | {"regex": _pattern(names[start : start + _NAMES_AT_ONCE])} for start in starts]
    return [*first, *ours, last]


def _pattern(names: Sequence[str]) -> str:
    """Return the pattern of sorted names, the longest that fits first: 月水 and 月水花 are 月水(?:花)?."""
    longer = [name for name in names if name]
    told = [
        _sign(sign) + _pattern([name[1:] for name in same]) for sign, same in groupby(longer, key=lambda name: name[0])
    ]
    whole = f"(?:{'|'.join(told)})" if told else ""
    return f"{whole}?" if told and len(longer) < len(names) else whole


def _sign(sign: str) -> str:
    return " " if sign == " " else re.escape(sign)
