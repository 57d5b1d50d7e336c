"""products.yaml → which ids and names are one product, and which products a bundle holds."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from horetsu_utils import rulebook
from horetsu_utils.errors import shorten
from horetsu_utils.ingest.normalise import folded
from horetsu_utils.rule_checks import Problem
from horetsu_utils.rule_files import BundleRow, HeldRow, ProductFile, ProductRow
from horetsu_utils.settings import load

Key = tuple[str, str]
"""`ids` or `names`, and the word as it is compared."""
Place = tuple[int | str, ...]


class Item(NamedTuple):
    """What a line of an order names: a product's id with its latest name, or a name alone; "" for what is not told."""

    product_id: str
    product_name: str


@dataclass(frozen=True)
class ProductNames:
    """The client's table of products: `folded` leads to a product's name, `bundles` to what a bundle holds."""

    folded: Mapping[Key, str] = field(default_factory=dict)
    bundles: Mapping[Key, tuple[HeldRow, ...]] = field(default_factory=dict)

    def labels(self, items: Iterable[Item]) -> list[tuple[Item, str]]:
        """Name the product of each item: one pair an item, and of a bundle one for each product in it."""
        known = sorted(set(items))
        own = _own_labels([item for item in known if not self._name(item)])
        told = {item: self._name(item) or own[item] for item in known}
        by_id = {folded(item.product_id): label for item, label in told.items() if item.product_id}
        return [(item, label) for item in known for label in self._inside(item, by_id) or [told[item]]]

    def _name(self, item: Item) -> str:
        return next((self.folded[key] for key in _keys(item) if key in self.folded), "")

    def _inside(self, item: Item, by_id: Mapping[str, str]) -> list[str]:
        held = next((self.bundles[key] for key in _keys(item) if key in self.bundles), ())
        return [self._held(each, by_id) for each in held]

    def _held(self, held: HeldRow, by_id: Mapping[str, str]) -> str:
        """Name a product that a bundle holds; an id that was never sold by itself has no other name."""
        key = _held_key(held)
        return self.folded.get(key) or by_id.get(folded(held.id), "") or held.id or held.name


def _keys(item: Item) -> Iterator[Key]:
    yield from ((kind, folded(word)) for kind, word in zip(("ids", "names"), item, strict=True) if word)


def _held_key(held: HeldRow) -> Key:
    return ("ids", folded(held.id)) if held.id else ("names", folded(held.name))


def _own_labels(items: list[Item]) -> dict[Item, str]:
    """Label each item by its name; where several ids share one, the id is told too."""
    shared = Counter(item.product_name for item in items if item.product_id)
    return {item: _own_label(item, shared[item.product_name] > 1) for item in items}


def _own_label(item: Item, is_shared: bool) -> str:
    name, number = item.product_name, item.product_id
    return f"{name} ({number})" if name and number and is_shared else name or number


def read(path: Path) -> ProductNames:
    """Read which products are one, and what is in a bundle.

    Errors
        ConfigError naming the line of everything that stands twice, names nothing, or holds another bundle
    """
    document = load(path)
    told = document.validate(ProductFile)
    rulebook.refuse(document, "商品のまとめ方", list(_unsound(told)))
    return ProductNames(
        {key: row.name for row in told.products for _, key, _ in _words(row)},
        {key: row.holds for row in told.bundles for _, key, _ in _words(row)},
    )


def _words(row: ProductRow | BundleRow) -> Iterator[tuple[Place, Key, str]]:
    """List the ids and names of a row: where in the row each stands, how it is compared, and how it is written."""
    for kind in ("ids", "names"):
        for index, word in enumerate(getattr(row, kind)):
            yield (kind, index), (kind, folded(word)), word


def _unsound(told: ProductFile) -> Iterator[Problem]:
    rows: list[tuple[Place, ProductRow | BundleRow]] = []
    rows += [(("products", place), row) for place, row in enumerate(told.products)]
    rows += [(("bundles", place), row) for place, row in enumerate(told.bundles)]
    yield from _unsound_words(rows)
    yield from _unsound_names(told)
    bundled = {key for row in told.bundles for _, key, _ in _words(row)}
    for place, bundle in enumerate(told.bundles):
        yield from _unsound_holds(bundle, ("bundles", place, "holds"), bundled)


def _unsound_words(rows: list[tuple[Place, ProductRow | BundleRow]]) -> Iterator[Problem]:
    """Find rows that name nothing, and ids and names that stand twice: it would not be known where they belong."""
    seen: set[Key] = set()
    for place, row in rows:
        if not row.ids and not row.names:
            yield place, "ids か names に、まとめたい商品番号か商品名を書いてください。"
        for spot, key, word in _words(row):
            if key in seen:
                yield (*place, *spot), f"「{shorten(word)}」が2回書かれています。どちらか1つにしてください。"
            seen.add(key)


def _unsound_names(told: ProductFile) -> Iterator[Problem]:
    names = [row.name for row in told.products]
    for place, name in enumerate(names):
        if name in names[:place]:
            yield (
                ("products", place, "name"),
                f"商品「{shorten(name)}」が2回書かれています。1つにまとめてください。",
            )


def _unsound_holds(bundle: BundleRow, place: Place, bundled: set[Key]) -> Iterator[Problem]:
    """Find what a bundle cannot hold: another bundle, or what is told by both id and name, or by neither."""
    for index, held in enumerate(bundle.holds):
        if bool(held.id) == bool(held.name):
            yield (*place, index), "id か name の、どちらか1つを書いてください。"
        elif _held_key(held) in bundled:
            told = shorten(held.id or held.name)
            yield (*place, index), f"「{told}」はセットです。セットの中身には、1つずつの商品を書いてください。"
