"""Who the person is: names, addresses and numbers become keys at the door, so that they themselves are never kept."""

import hashlib
import re
import unicodedata
from collections.abc import Callable, Iterator

import pyarrow as pa
import pyarrow.compute as pc

from horetsu_utils.ingest.header import Header
from horetsu_utils.ingest.mapping import Heading, Person, Section

MAIL, PHONE, NAME, PERSON = KEYS = ("mail_key", "phone_key", "name_key", "person_key")
"""Columns put beside a file's cells; PERSON is a name and a phone number together."""
PREFIX = {MAIL: "mail:", PHONE: "phone:", NAME: "name:", PERSON: "person:"}

SHORTEST_PHONE, LONGEST_PHONE = 9, 15
_DIGEST_BYTES = 12
_MOST_REMEMBERED = 2_000_000
_HIRAGANA = {code: code - 0x60 for code in range(ord("ァ"), ord("ヶ") + 1)}
_MAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_REWRITTEN = re.compile(r"\d(\.\d+)?E\+\d+")


def mail(text: str) -> str:
    """Fold an e-mail address for comparison: half-width, lower case, no spreadsheet's apostrophe; else empty."""
    folded = unicodedata.normalize("NFKC", text).strip().removeprefix("'").casefold()
    return folded if _MAIL.fullmatch(folded) else ""


def phone(text: str) -> str:
    """Fold a phone number to its digits at home: +81 is 0, and the 0 a spreadsheet drops comes back (`.0` goes)."""
    folded = unicodedata.normalize("NFKC", text).strip().removesuffix(".0")
    if _REWRITTEN.fullmatch(folded.upper()):
        return ""
    digits = re.sub(r"\D", "", folded)
    if folded.startswith("+81") or (digits.startswith("81") and len(digits) >= 11):
        digits = "0" + digits[2:].removeprefix("0")
    elif len(digits) in (9, 10) and not digits.startswith("0"):
        digits = "0" + digits
    return digits if SHORTEST_PHONE <= len(digits) <= LONGEST_PHONE and digits.strip("0") else ""


def name(text: str) -> str:
    """Fold a name for comparison: NFKC, no spaces, hiragana for katakana, lower case."""
    return "".join(unicodedata.normalize("NFKC", text).split()).translate(_HIRAGANA).casefold()


def name_and_phone(text: str) -> str:
    """Fold a name and a phone number that stand in two lines of one text; both are needed."""
    written, _, number = text.partition("\n")
    folded = (name(written), phone(number))
    return "\n".join(folded) if all(folded) else ""


class Hasher:
    """A keyed hash (BLAKE2b) of folded values that remembers what it has hashed: most of them come again and again."""

    def __init__(self, secret: bytes, prefix: str, fold: Callable[[str], str]) -> None:
        self._secret, self._prefix, self._fold = secret, prefix, fold
        self._known: dict[str, str | None] = {"": None}

    def __call__(self, text: str) -> str | None:
        """Return the key of a written value; None when it is no such value."""
        if text not in self._known:
            if len(self._known) > _MOST_REMEMBERED:
                self._known = {"": None}
            self._known[text] = self._hashed(self._fold(text))
        return self._known[text]

    def _hashed(self, folded: str) -> str | None:
        digest = hashlib.blake2b(folded.encode(), key=self._secret, digest_size=_DIGEST_BYTES)
        return self._prefix + digest.hexdigest() if folded else None


def keyed(batches: pa.RecordBatchReader, header: Header, section: Section, secret: bytes) -> pa.RecordBatchReader:
    """Put the keys of the person beside every row's cells; a customer number that is an address becomes its key.

    Shape
        text batches (_row, c0, c1, …) -> the same with those of KEYS that the file can tell
    Errors
        none; a cell that is no address or number gives no key
    Source
        METHOD.md section 1; RFC 7693 (BLAKE2 with a key)
    """
    makers = list(_makers(header, section.person, secret))
    numbers, disguise = customer_numbers(header, section), Hasher(secret, PREFIX[MAIL], mail)
    schema = batches.schema
    for column, _, _ in makers:
        schema = schema.append(pa.field(column, pa.string()))

    def each() -> Iterator[pa.RecordBatch]:
        for batch in batches:
            keys = [_first(batch, places, hasher) for _, places, hasher in makers]
            cells = [
                _disguised(column, disguise) if field.name in numbers else column
                for field, column in zip(batch.schema, batch.columns, strict=True)
            ]
            yield pa.record_batch([*cells, *keys], schema=schema)

    return pa.RecordBatchReader.from_batches(schema, each())


def customer_numbers(header: Header, section: Section) -> frozenset[str]:
    """Return the cells that hold the shop's own numbers of its customers."""
    named = [*section.columns.get("customer_id", ()), *(each for key in section.customer_key for each in key.columns)]
    return frozenset(f"c{place}" for heading in named for place in header.places(heading))


def _disguised(cells: pa.Array, hasher: Hasher) -> pa.Array:
    if not pc.any(pc.match_substring(cells, "@"), min_count=0).as_py():
        return cells
    coded = cells.dictionary_encode()
    words = [hasher(word) or word for word in coded.dictionary.to_pylist()]
    return pa.array(words, pa.string()).take(coded.indices)


def places(header: Header, person: Person) -> frozenset[int]:
    """Return the places of the cells that tell who the person is."""
    named = (*person.mail, *person.phone, *person.name)
    return frozenset(place for heading in named for place in header.places(heading))


_Places = list[tuple[tuple[int, ...], ...]]
"""Alternatives, each one or more texts (a line each), each of one or more cells (a space between)."""


def _makers(header: Header, person: Person, secret: bytes) -> Iterator[tuple[str, _Places, Hasher]]:
    def found(headings: tuple[Heading, ...]) -> list[tuple[int, ...]]:
        return header.found(headings)

    mails, phones, names = found(person.mail), found(person.phone), found(person.name)
    alternatives: tuple[tuple[str, _Places, Callable[[str], str]], ...] = (
        (MAIL, [(places,) for places in mails], mail),
        (PHONE, [(places,) for places in phones], phone),
        (NAME, [(places,) for places in names], name),
        (PERSON, [(one, other) for one in names for other in phones], name_and_phone),
    )
    for column, places, fold in alternatives:
        if places:
            yield column, places, Hasher(secret, PREFIX[column], fold)


def _first(batch: pa.RecordBatch, alternatives: _Places, hasher: Hasher) -> pa.Array:
    keys = [_hashed(_joined(batch, texts), hasher) for texts in alternatives]
    return pc.coalesce(*keys) if len(keys) > 1 else keys[0]


def _joined(batch: pa.RecordBatch, texts: tuple[tuple[int, ...], ...]) -> pa.Array:
    lines = [_side_by_side([batch.column(f"c{place}") for place in places], " ") for places in texts]
    return _side_by_side(lines, "\n")


def _side_by_side(cells: list[pa.Array], between: str) -> pa.Array:
    return pc.binary_join_element_wise(*cells, between) if len(cells) > 1 else cells[0]


def _hashed(cells: pa.Array, hasher: Hasher) -> pa.Array:
    """Hash each distinct cell once."""
    coded = cells.dictionary_encode()
    keys = pa.array(map(hasher, coded.dictionary.to_pylist()), pa.string())
    return keys.take(coded.indices)
