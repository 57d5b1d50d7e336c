"""A drafted mapping as the YAML file that the consultant edits: every guess with its reason, every gap marked TODO."""

import glob
import re
from collections.abc import Iterable, Iterator
from collections.abc import Mapping as Dictionary

import yaml

from horetsu_utils import wording
from horetsu_utils.canon import TABLES
from horetsu_utils.ingest.aliases import CANCELLED_ON, ORDER_TOTAL, PEOPLE
from horetsu_utils.ingest.draft import Draft
from horetsu_utils.ingest.evidence import harmless
from horetsu_utils.ingest.guess import CHECK, LIKELY, SURE, Guess
from horetsu_utils.ingest.header import parts
from horetsu_utils.ingest.mapping import Heading
from horetsu_utils.ingest.money import EQUAL
from horetsu_utils.ingest.normalise import folded
from horetsu_utils.words import COLUMNS
from horetsu_utils.words import TABLES as TABLE_NAMES

SURENESS = {SURE: "たしか", LIKELY: "たぶん", CHECK: "要確認"}
PARTS = {
    "mail": "メールアドレス",
    "phone": "電話番号",
    "name": "お名前",
    ORDER_TOTAL: "注文の合計",
    CANCELLED_ON: "取り消した日",
}
TODO = "TODO"
LINE = 100

Meanings = Dictionary[str, Dictionary[str, str]]
"""By column of choices: what words mean."""


def title(column: str) -> str:
    """Return what a column, of ours or beside ours, is called."""
    return PARTS.get(column) or COLUMNS[column].japanese


def shown(heading: Heading) -> str:
    """Write a heading for reading."""
    return " + ".join(map(harmless, parts(heading)))


def scalar(text: str) -> str:
    """Write a text as YAML that loads back as the same text, whatever stands in it."""
    plainly = re.fullmatch(r"[^\W\d_](?:[\w()・ー ]*[\w()])?", text) and text.isprintable()
    if plainly and yaml.safe_load(text) == text:
        return text
    return yaml.safe_dump(text, default_style='"', allow_unicode=True, width=float("inf")).rstrip("\n")


def flow(texts: Iterable[Heading]) -> str:
    """Write headings as a list on one line; several that are read together are a list of their own."""
    return "[" + ", ".join(scalar(each) if isinstance(each, str) else flow(each) for each in texts) + "]"


def text(draft: Draft, *, file: str, pattern: str, stem: str, meanings: Meanings) -> str:
    """Write a draft as a mapping file.

    Shape
        a draft, the file's name, its path in the client's folder, the mapping's name, {column: {word: code}} -> YAML
    Errors
        none
    Source
        mapping.py (what a mapping may say)
    """
    parts = (_head(draft, file), _section(draft, meanings), _foot(draft, pattern, stem))
    return "\n".join(line for lines in parts for line in lines) + "\n"


def _head(draft: Draft, file: str) -> Iterator[str]:
    yield f"# 「{harmless(file)}」の見出しと中身から、horetsu map が作った対応表のひな形です。"
    yield "# 左が horetsu の列、右がファイルの見出しです。"
    yield "# 「要確認」の行はお店に確かめ、「TODO」のところは書き足してください。"
    yield f"title: {scalar(harmless(file))}"
    yield "tax: unknown             # 金額が税込なら included、税抜なら excluded に直してください"
    if draft.european:
        yield "numbers: european        # 金額が 1.234,56 のように書かれています"
    asked = [f"{_asked(guess)}" for guess in draft.guesses if guess.sure == CHECK]
    if asked or draft.questions:
        yield "from_memory:             # お店に確かめたら、その行を消してください"
        yield from (f"  - {scalar(each)}" for each in (*asked, *draft.questions))


def _asked(guess: Guess) -> str:
    return f"{title(guess.column)}は「{shown(guess.heading)}」の列でよいかを確かめてください"


def _section(draft: Draft, meanings: Meanings) -> Iterator[str]:
    yield "tables:"
    yield f"  {draft.table}:              # {TABLE_NAMES[draft.table]}: {TABLES[draft.table].row}"
    yield f"    known_by: {flow(draft.known_by)}   # この書き出しを見分ける見出しの組"
    yield "    columns:"
    yield from (f"      {each}" for each in _columns(draft))
    yield from (
        f"    {each}" for each in (*_amounts(draft), *_dates(draft), *_customer(draft), *_words(draft, meanings))
    )
    if draft.left:
        yield from _wrapped("使わなかった見出し: ", draft.left)


def _columns(draft: Draft) -> Iterator[str]:
    for name in TABLES[draft.table].names:
        guess = draft[name]
        as_key = name == "customer_id" and any(draft[each] for each in (name, "mail", "phone"))
        if guess and not as_key:
            yield f"{name}: {flow((guess.heading,))}   # {_why(guess)}"
        elif name in draft.missing and not as_key:
            yield f"{name}: [{scalar(_todo(name))}]   # {title(name)}の見出しが見つかりません"


def _todo(name: str) -> str:
    return f"{TODO} {title(name)}の見出しに書き換えてください"


def _why(guess: Guess) -> str:
    others = f"。ほかの候補: {'、'.join(map(harmless, guess.others))}" if guess.others else ""
    return f"{SURENESS[guess.sure]}。{guess.why}{others}"


def _amounts(draft: Draft) -> Iterator[str]:
    if draft.money.computed == EQUAL:
        yield f'computed: {{amount: "{EQUAL}"}}   # 明細の金額が無いので、注文の合計を、その注文の行で等分します'
    elif draft.money.computed:
        yield f"computed: {{amount: {draft.money.computed}}}   # 金額の列が無いので、数量と単価を掛けます"
    total = draft[ORDER_TOTAL]
    if total:
        yield f"order_total:           # {_why(total)}"
        yield f"  column: {scalar(str(total.heading))}"
    if total and draft.money.minus:
        yield f"  minus: {flow(draft.money.minus)}   # 合計に入っている、商品ではない金額"


def _dates(draft: Draft) -> Iterator[str]:
    if draft.either:
        yield f"# {TODO} 日付の書き方が2通りに読めます。正しい方の行の、はじめの「# 」を消してください。"
        for form, cell, read in draft.either:
            day = wording.day(read)
            yield f"# dates: [{scalar(form)}]   # {harmless(cell)} を {day} と読みます"
    elif draft.dates:
        yield f"dates: {flow(draft.dates)}"


def _customer(draft: Draft) -> Iterator[str]:
    people = [guess for kind in PEOPLE if (guess := draft[kind])]
    if people:
        yield "person:                # 値そのものは残さず、鍵つきの暗号にして使います"
        yield from (f"  {guess.column}: {flow((guess.heading,))}   # {_why(guess)}" for guess in people)
    keys = list(_keys(draft))
    if keys:
        yield "customer_key:          # お客様を見分ける順"
        yield from keys
    elif "customer_id" in draft.missing:
        yield "# お客様の手がかりが書き出しに本当に無いときは、customer_id の行を消し、次の行の「# 」を消してください。"
        yield "# without_customer: true"


def _keys(draft: Draft) -> Iterator[str]:
    guess, kinds = draft["customer_id"], {kind for kind in PEOPLE if draft[kind]}
    if guess:
        nobody = f", empty: {flow(draft.nobody)}" if draft.nobody else ""
        yield f"  - {{columns: {flow((guess.heading,))}{nobody}}}   # {_why(guess)}"
    if guess or kinds & {"mail", "phone"}:
        yield from ["  - {kind: mail}"] if "mail" in kinds else []
        yield from ["  - {kind: name_and_phone}"] if kinds >= {"name", "phone"} else []
        yield from ["  - {kind: phone}"] if "phone" in kinds else []


def _words(draft: Draft, meanings: Meanings) -> Iterator[str]:
    cancelled = draft[CANCELLED_ON]
    if cancelled:
        yield f"cancelled:             # {_why(cancelled)}"
        yield f"  - {{column: {scalar(str(cancelled.heading))}, filled: true}}"
    if draft.negative:
        yield "# マイナスの行が返品なら、次の2行の「# 」を消してください。"
        yield "# returned:"
        yield f"#   - {{column: {scalar(draft.negative)}, below: 0}}"
    if any(draft.words.values()):
        yield "values:                # お店の言葉: horetsu の値"
    for column, words in draft.words.items():
        if words:
            yield from _meant(column, words, TABLES[draft.table][column].choices, meanings.get(column, {}))


def _meant(column: str, words: tuple[str, ...], choices: tuple[str, ...], known: Dictionary[str, str]) -> Iterator[str]:
    """Write what a column's words mean; those that nobody knows are asked for."""
    codes = {folded(word): meant for word, meant in (*known.items(), *zip(choices, choices, strict=True))}
    told = {word: codes[folded(word)] for word in words if folded(word) in codes}
    yield f"  {column}:" if told else f"  {column}: {{}}"
    yield from (f"    {scalar(word)}: {scalar(meant)}" for word, meant in told.items())
    asked = [scalar(word) for word in words if word not in told]
    if asked:
        yield f"    # {TODO} 次の言葉の意味を「{'・'.join(choices)}」から選んで右に書き、「# 」を消してください。"
        yield from () if told else ("    # そのとき、上の行の「{}」も消してください。",)
        yield from (f"    # {word}:" for word in asked)


def _wrapped(title: str, headings: Iterable[str]) -> Iterator[str]:
    line = f"    # {title}"
    for heading in map(harmless, headings):
        if len(line) + len(heading) > LINE:
            yield line.rstrip()
            line = "    #   "
        line += f"「{heading}」"
    yield line


def _foot(draft: Draft, pattern: str, stem: str) -> Iterator[str]:
    yield "# このファイルをお店のフォルダの mappings に置けば、見出しが合う書き出しは自動でこれで読みます。"
    yield "# client.yaml に書いて決めるときは、次の行の「# 」を消して、client.yaml に写してください。"
    yield "# tables:"
    yield f"#   {draft.table}:"
    yield f"#     - files: {scalar(glob.escape(pattern))}"
    yield f"#       mapping: {scalar(stem)}"
