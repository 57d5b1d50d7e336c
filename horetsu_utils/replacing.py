"""A client's own records are replaced whole or not at all, and never under a spreadsheet that has them open."""

import errno
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from horetsu_utils import placing
from horetsu_utils.ledger import RecordingError
from horetsu_utils.placing import PlacingError

UNCHANGED = "前の記録は、そのまま残っています。"
_OPEN_ELSEWHERE = ("~${name}", ".~lock.{name}#")
"""What Excel and LibreOffice put beside a file that they have open."""


def replace(contents: Mapping[Path, bytes]) -> None:
    """Put new contents in the place of a client's files; otherwise as placing.place.

    Errors
        RecordingError where placing.place has its own
    """
    with plainly(next(iter(contents))):
        placing.place(contents)


def refuse_open(path: Path) -> None:
    """Make sure that a file can be written, and that no spreadsheet has it open: it would write over our rows.

    Errors
        RecordingError telling what to close
    """
    for pattern in _OPEN_ELSEWHERE:
        lock = path.with_name(pattern.format(name=path.name))
        if lock.exists():
            raise RecordingError(
                f"{path.name} が、表計算ソフトで開かれているようです。{UNCHANGED}",
                where=str(path),
                next_step="表計算ソフトで閉じてから、もう一度記録してください"
                f"(閉じてもこの知らせが出るときは、{lock.name} というファイルを消してください)。",
            )
    folder = next(each for each in path.parents if each.exists())
    if not os.access(folder, os.W_OK) or (path.exists() and not os.access(path, os.W_OK)):
        with plainly(path):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))


@contextmanager
def plainly(path: Path) -> Iterator[None]:
    """Say in plain words why nothing could be recorded."""
    try:
        with placing.plainly(path):
            yield
    except PlacingError as error:
        what = f"{path.name} に記録できませんでした({error.why})。{UNCHANGED}"
        raise RecordingError(what, where=error.where, next_step=error.next_step) from error
