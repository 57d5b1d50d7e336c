"""New contents take the place of files whole or not at all, and what stands in the way is told in plain words."""

import errno
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from horetsu_utils.ledger import RecordingError

UNCHANGED = "前の記録は、そのまま残っています。"
_OPEN_ELSEWHERE = ("~${name}", ".~lock.{name}#")
"""What Excel and LibreOffice put beside a file that they have open."""
_FULL = (errno.ENOSPC, errno.EDQUOT)
_CLOSED = (errno.EACCES, errno.EPERM, errno.EROFS)


def replace(contents: Mapping[Path, bytes]) -> None:
    """Write files beside their places, then let them take those places, in the order given; permissions are kept.

    Errors
        RecordingError when a file or its folder cannot be written: then nothing has taken its place, or, when the place
        itself is barred, only files before it in the order
    """
    working = {path: path.with_name(f".{path.name}.{os.getpid()}") for path in contents}
    try:
        for path, beside in working.items():
            with plainly(path):
                path.parent.mkdir(parents=True, exist_ok=True)
                _write(beside, contents[path], path)
        for path, beside in working.items():
            with plainly(path):
                beside.replace(path)
    finally:
        for beside in working.values():
            with suppress(OSError):
                beside.unlink(missing_ok=True)


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
    """Say in plain words why a file could not be written."""
    try:
        yield
    except OSError as error:
        raise RecordingError(f"{_reason(error)}{UNCHANGED}", where=str(path), next_step=_next(error)) from error


def _reason(error: OSError) -> str:
    if error.errno in _FULL:
        return "空き容量が足りないため、記録できませんでした。"
    if error.errno in _CLOSED:
        return "ファイルに書き込めないため、記録できませんでした。"
    return f"ファイルに書き込めないため、記録できませんでした({error.strerror or type(error).__name__})。"


def _next(error: OSError) -> str:
    if error.errno in _FULL:
        return "要らないファイルを片付けてから、もう一度記録してください。"
    return (
        "表計算ソフトで開いていれば閉じ、ファイルやフォルダが「読み取り専用」になっていないかを確かめてから、"
        "もう一度記録してください。"
    )


def _write(beside: Path, content: bytes, like: Path) -> None:
    with beside.open("wb") as stream:
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())
    if like.exists():
        shutil.copymode(like, beside)
