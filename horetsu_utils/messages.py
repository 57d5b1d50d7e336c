"""Every message of the package → its catalogue, by Babel: `python -m horetsu_utils.messages` brings it up to date.

What is extracted here is what is looked up at run time, as both are found by the same walks: `literals` over modules
and notebook cells, `page_words` over templates, `rule_words` over rule files.
"""

import ast
import io
from collections.abc import Iterator
from pathlib import Path

import nbformat
import yaml
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po, write_po

from horetsu_utils import assets, language, literals, page_words, placing, rule_words

WIDTH = 120
PAGES = ("report/index.html.j2", "report/page.js", "board/page.html.j2", "compare/page.html.j2")
FLAG = "python-brace-format"
"""Marks the messages in which braces hold expressions."""

HEADER = """\
# What horetsu says, in the order of its files. `make messages` brings this up to date; translate between the quotes of
# msgstr. What stands in braces is put in by the program: move it, repeat it or leave it out, but do not change it.
msgid ""
msgstr ""
"Language: {code}\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Content-Transfer-Encoding: 8bit\\n"

"""

Found = Iterator[literals.Message]


def sources() -> list[Path]:
    """Return every file that may hold messages, in the order of a catalogue."""
    modules = [path for path in sorted(language.PACKAGE.rglob("*.py")) if not language.is_left_alone(module(path))]
    notebooks = [*sorted(assets.NOTEBOOKS.glob("*.ipynb")), assets.TEMPLATES / "analysis" / "notebook.ipynb"]
    pages = [assets.TEMPLATES / name for name in PAGES]
    return [*modules, *notebooks, *pages, *(assets.RULES / f"{name}.yaml" for name in rule_words.FILES)]


def module(path: Path) -> str:
    """Return the name of a module within the package, by its file."""
    return ".".join(path.relative_to(language.PACKAGE).with_suffix("").parts).removesuffix(".__init__")


def of(path: Path) -> Found:
    """Yield the messages of one file, in the order in which they stand there."""
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".py":
        yield from code(text, module(path))
    elif path.suffix == ".ipynb":
        yield from notebook(text)
    elif path.suffix == ".yaml":
        yield from (literals.Message(each, 0) for each in rule_words.messages(yaml.safe_load(text)))
    else:
        yield from (literals.Message(each, line) for line, each in page_words.messages(path.name, text))


def code(text: str, name: str = "") -> Found:
    """Yield the messages of a module of that name, or of a notebook cell."""
    found: list[literals.Message] = []
    language.walker(found.append, name).visit(ast.parse(text))
    yield from sorted(found, key=lambda each: each.line)


def notebook(text: str) -> Found:
    """Yield the messages of a notebook: its title, its cells of code, and each cell of words as a whole."""
    read = nbformat.reads(text, as_version=4)
    yield literals.Message(read.metadata.get("title", ""), 0)
    for cell in read.cells:
        if cell.cell_type == "code":
            yield from code(cell.source)
        elif literals.JAPANESE.search(cell.source):
            yield literals.Message(cell.source, 0)


def template() -> Catalog:
    """Return the catalogue of all messages, without translations; each tells the files it stands in."""
    made = Catalog(domain=language.DOMAIN, project=language.DOMAIN, fuzzy=False, charset="utf-8")
    for path in sources():
        shown = path.relative_to(
            assets.ROOT if path.is_relative_to(assets.ROOT) else language.PACKAGE.parent
        ).as_posix()
        for each in of(path):
            if literals.JAPANESE.search(each.text):
                flags = {FLAG} if each.is_template else set()
                made.add(each.text, locations=[(shown, each.line)], flags=flags)
    return made


def updated(code_: str) -> bytes:
    """Return a language's catalogue with every message in it, the translations kept, and no others."""
    place, fresh = language.place(code_), template()
    kept = read_po(io.BytesIO(place.read_bytes()), locale=code_) if place.is_file() else Catalog(locale=code_)
    made = Catalog(locale=code_)
    for each in fresh:
        if each.id:
            before = kept.get(each.id)
            flags = each.flags - {"python-format"}  # Babel's guess, by any sign of per cent
            made.add(each.id, before.string if before else "", locations=each.locations, flags=flags)
    told = io.BytesIO()
    write_po(told, made, width=WIDTH, omit_header=True, include_lineno=False)
    return HEADER.format(code=code_).encode() + told.getvalue()


def main() -> None:
    """Bring the catalogue of every language up to date."""
    for each in language.LANGUAGES:
        if each != language.JAPANESE:
            place = language.place(each)
            place.parent.mkdir(parents=True, exist_ok=True)
            placing.place({place: updated(each)})


if __name__ == "__main__":
    main()
