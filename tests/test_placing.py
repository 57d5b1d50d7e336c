"""A file appears whole or not at all, and whatever bars its way is told in words, for root as for anybody."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from horetsu_utils import placing
from horetsu_utils.placing import PlacingError


def names(folder: Path) -> list[str]:
    return sorted(each.name for each in folder.iterdir())


def test_texts_appear_with_their_folders(tmp_path: Path) -> None:
    path = tmp_path / "new" / "folder" / "頁.html"
    assert placing.text(path, "惚れ") == path
    assert path.read_bytes() == "惚れ".encode()
    assert names(path.parent) == ["頁.html"]


def test_what_was_made_aside_takes_its_places_and_the_room_goes(tmp_path: Path) -> None:
    room, folder = tmp_path / ".horetsu-aside", tmp_path
    placing.text(folder / "board.html", "old")
    placing.text(room / "board.html", "new")
    placing.text(room / "consultant" / "guard.xlsx", "g")
    placing.moved(room, folder)
    assert (folder / "board.html").read_text(encoding="utf-8") == "new"
    assert names(folder) == ["board.html", "consultant"]
    assert names(folder / "consultant") == ["guard.xlsx"]
    placing.text(room / "board.html" / "x", "barred by a file")
    with pytest.raises(PlacingError):
        placing.moved(room, folder)
    assert (folder / "board.html").read_text(encoding="utf-8") == "new"


def test_a_file_in_the_place_of_a_folder_is_told(tmp_path: Path) -> None:
    (tmp_path / "reports").write_text("")
    with pytest.raises(PlacingError) as error:
        placing.text(tmp_path / "reports" / "a" / "board.html", "x")
    assert str(error.value) == (
        "board.html を書き込めませんでした(フォルダのはずの場所に、ファイルがあります)。"
        "前のファイルがあれば、そのまま残っています。\n"
        f"場所: {tmp_path / 'reports'}\n"
        "次に: reports の名前を変えるか、ほかの場所に移してから、もう一度お試しください。"
    )
    assert names(tmp_path) == ["reports"]


def test_a_folder_in_the_place_of_a_file_is_told(tmp_path: Path) -> None:
    path = tmp_path / "board.html"
    path.mkdir()
    for write in (lambda: placing.text(path, "x"), lambda: placing.ready(path)):
        with pytest.raises(PlacingError) as error:
            write()
        assert error.value.what.startswith(
            "board.html を書き込めませんでした(ファイルのはずの場所に、フォルダがあります)"
        )
        assert error.value.where == str(path)
        assert names(tmp_path) == ["board.html"]


def test_what_a_system_does_not_allow_is_told_in_words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Windows refuses in this way to replace a file that Excel has open; here the refusal is made by hand."""
    path = placing.text(tmp_path / "customers.xlsx", "old")

    def refused(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "replace", refused)
    with pytest.raises(PlacingError) as error:
        placing.text(path, "new")
    assert error.value.what.startswith("customers.xlsx を書き込めませんでした(読み書きが許されていません)。")
    assert error.value.next_step.startswith("表計算ソフトなどで開いていれば閉じ、")
    assert path.read_text() == "old"
    assert names(tmp_path) == ["customers.xlsx"]


def test_a_name_too_long_is_told(tmp_path: Path) -> None:
    with pytest.raises(PlacingError, match=r"…? を書き込めませんでした\(名前が長すぎます\)") as error:
        placing.text(tmp_path / ("長" * 200) / "board.html", "x")
    assert error.value.next_step == "もっと短い名前の場所で、もう一度お試しください。"
    assert names(tmp_path) == []


@pytest.mark.skipif(not hasattr(os, "fork"), reason="ファイルの大きさの上限は、Linux と macOS にだけあります")
@pytest.mark.parametrize("old", ["", "old"])
def test_a_write_that_stops_in_the_middle_leaves_what_was_there(tmp_path: Path, old: str) -> None:
    """The limit of a file's size stands for a full disk: 4,096 bytes go through, the rest does not."""
    path = tmp_path / "reports" / "report.html"
    if old:
        placing.text(path, old)
    program = (
        "import resource, sys, pathlib\n"
        "from horetsu_utils import placing\n"
        "path = pathlib.Path(sys.argv[1])\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))\n"
        "try:\n    placing.place({path.with_name('a'): b'x', path: bytes(10_000)})\n"
        "except placing.PlacingError as error:\n    print(error.why)\n"
    )
    done = subprocess.run([sys.executable, "-c", program, str(path)], capture_output=True, text=True, check=True)
    assert done.stdout == "この場所に置ける大きさを超えます\n"
    assert names(tmp_path) == (["reports"] if old else [])  # a folder made in vain goes again
    if old:
        assert path.read_text() == old
        assert names(path.parent) == ["report.html"]


def test_a_writer_that_breaks_off_leaves_what_was_there(tmp_path: Path) -> None:
    path = placing.text(tmp_path / "a.xlsx", "old")
    with pytest.raises(ZeroDivisionError), placing.appearing(path) as working:
        working.write_text("half")
        (working.parent / "scratch").write_text("more")
        1 / 0  # noqa: B018
    assert path.read_text() == "old"
    assert names(tmp_path) == ["a.xlsx"]


@pytest.mark.skipif(os.name == "nt", reason="Windows には、こうした許可がありません")
def test_permissions_are_kept_and_a_new_file_gets_the_usual_ones(tmp_path: Path) -> None:
    before = os.umask(0o022)
    try:
        path = placing.text(tmp_path / "a", "old")
        assert path.stat().st_mode & 0o777 == 0o644
        path.chmod(0o640)
        placing.text(path, "new")
        assert path.stat().st_mode & 0o777 == 0o640
    finally:
        os.umask(before)
