"""The problems a reader can mend. Each says what, where and what to do next."""

from collections.abc import Iterable
from difflib import get_close_matches
from typing import Any

CANNOT, UNEXPECTED, STOPPED = 1, 70, 130
"""Exit statuses: what was asked cannot be done, something nobody foresaw, broken off by the person."""


class HoretsuError(Exception):
    """A problem told in plain Japanese to the person at the keyboard."""

    def __init__(self, what: str, *, where: str = "", next_step: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.where = where
        self.next_step = next_step

    def __str__(self) -> str:
        """Return the whole message, one fact a line."""
        lines = [self.what]
        if self.where:
            lines.append(f"場所: {self.where}")
        if self.next_step:
            lines.append(f"次に: {self.next_step}")
        return "\n".join(lines)

    def __reduce__(self) -> tuple[Any, ...]:
        """Tell how to make the error again in another process."""
        return _again, (type(self), self.args, self.__dict__)


def _again(kind: type[HoretsuError], args: tuple[Any, ...], told: dict[str, Any]) -> HoretsuError:
    error = kind.__new__(kind, *args)
    error.__dict__.update(told)
    return error


class ConfigError(HoretsuError):
    """client.yaml, a mapping or a rule file says something we cannot follow."""


class InputError(HoretsuError):
    """A shop's file cannot be read as it stands."""


class MissingDataError(HoretsuError):
    """The analysis needs a table, or days, that the client has not given."""


class SchemaError(HoretsuError):
    """A canonical table does not hold what its schema promises."""


class NotebookError(HoretsuError):
    """A notebook could not be run to its end."""


def shorten(value: object, width: int = 40) -> str:
    """Show one value in a message: one line, at most `width` characters."""
    text = " ".join(str(value).split())
    return text if len(text) <= width else text[: width - 1] + "…"


def nearest(word: str, known: Iterable[str]) -> str:
    """Return the known word most like `word`, or an empty string."""
    found = get_close_matches(word, list(known), n=1, cutoff=0.5)
    return found[0] if found else ""
