"""What the reading of a client's files is handed: the files, and the client's ways."""

import hashlib
from collections.abc import Mapping as Dictionary
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path

from horetsu_utils import __version__
from horetsu_utils.canon import TABLES
from horetsu_utils.ingest.mapping import Mapping


@dataclass(frozen=True)
class Feed:
    """One file of a client and how it becomes part of a canonical table. `name` is its path in the client's folder.

    `partners` are the files whose cells are added to this one's rows (Section.join). `shop` is put before customer ids,
    `values` are the client's own words for a column's values, `keep` are headings to keep beside the canonical columns.
    `key` is a hash of all that decides what comes out: the same key, the same rows.
    """

    table: str
    path: Path
    name: str
    mapping_name: str
    mapping: Mapping
    department: str = ""
    shop: str = ""
    partners: tuple["Feed", ...] = ()
    values: Dictionary[str, Dictionary[str, str]] = field(default_factory=dict)
    keep: tuple[str, ...] = ()
    key: str = ""

    @property
    def origin(self) -> str:
        """The shop whose numbers the file's orders bear: within it, the same number is the same order."""
        return self.shop or self.mapping.system or self.mapping_name

    @property
    def labels(self) -> dict[str, str]:
        """What says of every row where it comes from; a table with departments of its own keeps them."""
        told = {"file": self.name, "origin": self.origin}
        return told if "department" in TABLES[self.table].names else told | {"department": self.department}


@dataclass(frozen=True)
class Ways:
    """How one client's files are read.

    Its time zone, the digits of its currency, per column the words for what is no product, the secret of its keyed
    hashes, and by which keys (mail, phone) customers are taken for one person.
    """

    zone: str
    digits: int
    not_products: dict[str, list[str]]
    secret: bytes
    link: tuple[str, ...] = ()


def keyed(feed: Feed, ways: Ways) -> Feed:
    """Put a hash on a feed of all that decides its rows: contents, mapping, settings and code, but not its name."""
    if feed.key:
        return feed
    partners = tuple(keyed(partner, ways) for partner in feed.partners)
    told = (feed.table, feed.mapping, feed.shop, feed.values, feed.keep, [partner.key for partner in partners])
    digest = hashlib.sha256(code())
    digest.update(repr((told, ways.zone, ways.digits, ways.not_products, ways.secret)).encode())
    with feed.path.open("rb") as stream:
        digest.update(hashlib.file_digest(stream, "sha256").digest())
    return replace(feed, partners=partners, key=digest.hexdigest()[:16])


CODE = ("engine.py", "canon.py", "schema.py", "words.py", "units.py", "errors.py")
"""What the reading uses of the floors below it."""


@lru_cache(maxsize=1)
def code() -> bytes:
    """Return a hash of the code that reads files."""
    digest = hashlib.sha256(__version__.encode())
    package = Path(__file__).parents[1]
    for path in (*sorted((package / "ingest").glob("*.py")), *(package / name for name in CODE)):
        digest.update(path.read_bytes())
    return digest.digest()
