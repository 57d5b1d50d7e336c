"""What is doubtful in a client's files by their account alone: what was not read, not understood, or not there."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypeAlias

from horetsu_utils.canon import TABLES
from horetsu_utils.method import DoubtRules

GENERIC = "generic"
"""The mapping that takes any file with the required columns: what it leaves unread may matter."""

Told: TypeAlias = tuple[str, Mapping[str, Any]]


def of_account(account: Mapping[str, Any], rules: DoubtRules) -> Iterator[Told]:
    """Look for what the account of a client's files alone makes doubtful.

    Shape
        the account of rows, with the client's `tax` and `keep` -> (code, facts) of each doubt
    Errors
        none
    Source
        method.DoubtRules
    """
    for stranger in account["strangers"]:
        if stranger["kind"] != "unnamed":
            yield "stranger", stranger
    unnamed = [stranger["file"] for stranger in account["strangers"] if stranger["kind"] == "unnamed"]
    if unnamed:
        yield "unnamed", {"files": unnamed}
    for name, table in account["tables"].items():
        yield from _unknown_words(name, table["unknown_words"])
        for file in table["files"]:
            rejected = file["outcomes"]["rejected"]
            if file["read"] and rejected > rules.rejected_ratio * file["read"]:
                yield "rejected", {"file": file["file"], "rows": rejected, "read": file["read"]}
    files = account["tables"].get("orders", {}).get("files", ())
    for file in files:
        yield from _of_order_file(file, rules)
    if files and account["tax"] in ("unknown", "mixed"):
        yield "tax", {"tax": account["tax"]}
    kept = {name for table in account["tables"].values() for file in table["files"] for name in file["kept"]}
    unknown = [name for name in account["keep"] if name not in kept]
    if unknown:
        yield "unknown_keep", {"headings": unknown}


def _unknown_words(table: str, unknown: Sequence[Mapping[str, Any]]) -> Iterator[Told]:
    for mapping, column in dict.fromkeys((word["mapping"], word["column"]) for word in unknown):
        words = [word for word in unknown if (word["mapping"], word["column"]) == (mapping, column)]
        facts = {"table": table, "mapping": mapping, "column": column, "words": words}
        yield "unknown_words", facts | {"choices": TABLES[table][column].choices}


def _of_order_file(file: Mapping[str, Any], rules: DoubtRules) -> Iterator[Told]:
    nobody = file["outcomes"]["no_customer"]
    facts = {"file": file["file"], "system": file["system"], "rows": nobody, "read": file["read"]}
    if nobody and not file["tells_customer"]:
        yield "no_customer_at_all", facts
    elif nobody >= rules.fewest_rows and nobody > rules.no_customer_ratio * file["read"]:
        yield "no_customer", facts
    if file["lacking"]:
        yield "no_status", {"file": file["file"], "headings": file["lacking"]}
    undoing = [name for name in file["unused"] if any(word in name for word in rules.undoing)]
    if undoing and file["mapping"] == GENERIC:
        yield "may_undo", {"file": file["file"], "headings": undoing}
