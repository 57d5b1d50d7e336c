"""Files appear whole or not at all; where one cannot, what stands in the way is told in plain words."""

import errno
import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from horetsu_utils.errors import HoretsuError, shorten

UNCHANGED = "前のファイルがあれば、そのまま残っています。"
_WHY = {
    errno.ENOSPC: "空き容量が足りません",
    errno.EDQUOT: "空き容量が足りません",
    errno.EFBIG: "この場所に置ける大きさを超えます",
    errno.EACCES: "読み書きが許されていません",
    errno.EPERM: "読み書きが許されていません",
    errno.EROFS: "「読み取り専用」の場所です",
    errno.ENOENT: "見つかりません",
    errno.ENOTDIR: "フォルダのはずの場所に、ファイルがあります",
    errno.EEXIST: "同じ名前のファイルがあります",
    errno.EISDIR: "ファイルのはずの場所に、フォルダがあります",
    errno.ENAMETOOLONG: "名前が長すぎます",
    errno.EIO: "ディスクが応えません",
}
_FREE = "要らないファイルを片付けてから、もう一度お試しください。"
_OPEN = (
    "表計算ソフトなどで開いていれば閉じ、ファイルやフォルダが「読み取り専用」になっていないかを確かめてから、"
    "もう一度お試しください。"
)
_BARRED = "{name} の名前を変えるか、ほかの場所に移してから、もう一度お試しください。"
_LONG = "もっと短い名前の場所で、もう一度お試しください。"
_NEXT = {errno.ENOSPC: _FREE, errno.EDQUOT: _FREE, errno.ENAMETOOLONG: _LONG}


class PlacingError(HoretsuError):
    """A file could not be written; what stood in its place before is as it was. `why` tells the reason alone."""

    def __init__(self, why: str, path: Path, *, where: Path, next_step: str) -> None:
        what = f"{shorten(path.name)} を書き込めませんでした({why})。{UNCHANGED}"
        super().__init__(what, where=str(where), next_step=next_step)
        self.why = why


def place(contents: Mapping[Path, bytes]) -> None:
    """Write files beside their places, then let them take those places, in the order given; permissions are kept.

    Errors
        PlacingError when a file or its folder cannot be written: then nothing has taken its place, or, when the place
        itself is barred, only files before it in the order
    """
    with ExitStack() as stack:
        beside = {path: stack.enter_context(_room(path)) for path in contents}
        for path, working in beside.items():
            with plainly(path):
                _write(working, contents[path])
        for path, working in beside.items():
            with plainly(path):
                _put(working, path)


def text(path: Path, content: str) -> Path:
    """Write one text in UTF-8, whole or not at all; otherwise as `place`."""
    place({path: content.encode("utf-8")})
    return path


@contextmanager
def appearing(path: Path) -> Iterator[Path]:
    """Lend a place, in a folder of its own, to whoever writes a file piece by piece; once whole, it moves to `path`.

    Errors
        PlacingError when the file, or its folder, cannot be written; as the writer's own otherwise: then nothing moves
    """
    with _room(path) as working, plainly(path):
        yield working
        _put(working, path)


def moved(room: Path, folder: Path) -> None:
    """Let every file below `room` take the same place below `folder`, and take the room away.

    Errors
        PlacingError when a file cannot take its place
    """
    for working in sorted(each for each in room.rglob("*") if each.is_file()):
        path = folder / working.relative_to(room)
        with plainly(path):
            path.parent.mkdir(parents=True, exist_ok=True)
            _put(working, path)
    shutil.rmtree(room, ignore_errors=True)


def ready(path: Path) -> None:
    """Make sure that a file can be written, so that nobody waits for it in vain.

    Errors
        PlacingError telling what stands in the way
    """
    with _room(path) as working, plainly(path):
        working.touch()
        if path.is_dir():
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))


@contextmanager
def plainly(path: Path) -> Iterator[None]:
    """Say in plain words why a file could not be written."""
    try:
        yield
    except OSError as error:
        raise _told(error, path) from error


def why(error: OSError) -> str:
    """Return in a few words what the system would not do."""
    return _WHY.get(error.errno or 0) or error.strerror or type(error).__name__


def of_system(error: OSError) -> HoretsuError:
    """Return in plain words what the system would not do with a file, whichever it was."""
    return HoretsuError(
        f"ファイルを読み書きできませんでした({why(error)})。",
        where=str(error.filename or ""),
        next_step="フォルダに書き込めるか、空き容量があるかを確かめてください。",
    )


def _told(error: OSError, path: Path) -> PlacingError:
    """Look what is there: systems number the same obstacle differently."""
    if error.errno in _NEXT:
        return PlacingError(why(error), path, where=path, next_step=_NEXT[error.errno])
    barring = next((each for each in path.parents if os.path.lexists(each) and not each.is_dir()), None)
    if barring:
        step = _BARRED.format(name=shorten(barring.name))
        return PlacingError(_WHY[errno.ENOTDIR], path, where=barring, next_step=step)
    if path.is_dir():
        return PlacingError(_WHY[errno.EISDIR], path, where=path, next_step=_BARRED.format(name="そのフォルダ"))
    return PlacingError(why(error), path, where=path, next_step=_OPEN)


@contextmanager
def _room(path: Path) -> Iterator[Path]:
    """Lend a place beside `path`, making the folders that are missing; after a failure they go again."""
    missing = [folder for folder in path.parents if not os.path.lexists(folder)]
    try:
        with plainly(path):
            path.parent.mkdir(parents=True, exist_ok=True)
            room = tempfile.TemporaryDirectory(prefix=".horetsu-", dir=path.parent, ignore_cleanup_errors=True)
        with room as own:
            yield Path(own) / path.name
    except BaseException:
        with suppress(OSError):
            for folder in missing:  # the innermost first; one that is not empty ends it
                folder.rmdir()
        raise


def _write(working: Path, content: bytes) -> None:
    with working.open("wb") as stream:
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())


def _put(working: Path, path: Path) -> None:
    if path.exists():
        shutil.copymode(path, working)
    working.replace(path)
