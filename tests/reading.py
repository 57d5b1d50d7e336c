"""A report read as its owner reads it: what is empty, told twice, left open, or points to nothing."""

import re
from collections import Counter
from html.parser import HTMLParser

TWICE = {
    "それぞれのステージのお客様の心と、合う接し方です。",
}
"""Sentences that may stand more than once: none of them is told by data."""
APOLOGIES = (
    "できませんでした",
    "記録がありません",
    "データがありません",
    "データがないため",
    "記録がないため",
    "まだ出せません",
)
VOID = {"img", "meta", "link", "br", "input", "col", "hr"}


class Page(HTMLParser):
    """Turn a page into its main part: (tags and classes above, text), in order."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[tuple[str, str]] = []
        self.events: list[tuple[str, str, str]] = []
        self.anchors: set[str] = set()
        self.links: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = {name: value or "" for name, value in attrs}
        self.anchors |= {told["id"]} if "id" in told else set()
        if told.get("href", "").startswith("#"):
            self.links.append(told["href"][1:])
        if tag == "img":
            self.events.append(("img", told.get("alt", ""), self.above()))
        if tag not in VOID:
            self.open.append((tag, told.get("class", "")))

    def handle_endtag(self, tag: str) -> None:
        if tag not in (each for each, _ in self.open):
            return
        while self.open.pop()[0] != tag:
            pass

    def handle_data(self, data: str) -> None:
        if data.strip() and "main" in self.above() and self.open[-1][0] not in ("script", "style"):
            self.events.append((self.open[-1][0], data.strip(), self.above()))

    def above(self) -> str:
        return " ".join(f"{tag} {look}" for tag, look in self.open)


def flaws(page: str) -> list[str]:
    """Return what is wrong with a client's page, in words."""
    read = Page(page)
    bare = [table[:200] for table in re.findall(r"<table.*?</table>", page, re.DOTALL) if "<td" not in table]
    body = [each for each in read.events if "hz-appendix" not in each[2] and "hz-contents" not in each[2]]
    return [
        *(f"a table without rows: {table}" for table in bare),
        *_empty(body),
        *_twice(body),
        *_apologies(body),
        *_astray(read, page),
    ]


def _empty(body: list[tuple[str, str, str]]) -> list[str]:
    """Find headings with nothing below: a heading that is followed by one of its own rank or a higher."""
    found = []
    for (tag, text, _), following in zip(body, [*body[1:], ("h1", "", "")], strict=True):
        if tag in ("h1", "h2", "h3") and following[0] in ("h1", "h2", "h3") and following[0] <= tag:
            found.append(f"nothing below 「{text}」")
    questions = [index for index, each in enumerate(body) if each[0] in ("h2", "h3")]
    for start, end in zip(questions, [*questions[1:], len(body)], strict=True):
        if body[start][0] == "h3" and not any("hz-answer" in each[2] for each in body[start:end]):
            found.append(f"no answer below 「{body[start][1]}」")
    return found


def _twice(body: list[tuple[str, str, str]]) -> list[str]:
    """Find sentences told twice. A finding tells what a title tells, so each of the two is counted by itself."""
    titles = [text.removesuffix("。") for tag, text, above in body if _is_title(tag, above)]
    findings = [text for tag, text, above in body if tag == "p" and ("hz-sentence" in above or "hz-step" in above)]
    told = [*Counter(titles).items(), *Counter(findings).items()]
    return [f"told {times} times: {text}" for text, times in told if times > 1 and text not in TWICE]


def _is_title(tag: str, above: str) -> bool:
    return tag in ("figcaption", "caption") or (tag == "p" and "hz-answer" in above and "hz-remark" in above)


def _apologies(body: list[tuple[str, str, str]]) -> list[str]:
    return [f"an apology: {text}" for _, text, _ in body for words in APOLOGIES if words in text]


def _astray(read: Page, page: str) -> list[str]:
    """Find links to nothing, and chapters named that are not there."""
    chapters = {text for tag, text, _ in read.events if tag == "h2"}
    body = [text for _, text, above in read.events if "hz-doors" not in above]
    named = {name for text in body for name in re.findall(r"「([^「」]+)」の章", text)}
    cover = page.split('class="hz-contents"')[0]
    found = [f"a link to nothing: {link}" for link in read.links if link not in read.anchors]
    found += [f"a chapter that is not there: {name}" for name in sorted(named - chapters)]
    leaning = any("1ページ目の表" in text for text in body)
    return found + (["the first page's table is not there"] if leaning and "<table" not in cover else [])
