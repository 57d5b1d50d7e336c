"""A command whose folder is barred ends in words, with its status, and leaves nothing behind."""

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

COMMANDS = [
    (("run",), "report.html", 1),
    (("board", "--as-of", "2026-06-30"), "board.html", 1),
    (("compare", "2026-03-31", "2026-06-30"), "compare.html", 1),
    (("guard",), "guard.xlsx", 2),  # what could not be judged is no broken rule
]


@pytest.mark.parametrize(("words", "file", "status"), COMMANDS)
def test_a_file_where_the_reports_should_lie_is_told(
    horetsu: Callable[..., Result], demo_client: Path, tmp_path: Path, words: tuple[str, ...], file: str, status: int
) -> None:
    (tmp_path / "reports").write_text("mine")
    command, *more = words
    result = horetsu(command, demo_client, *more)
    assert result.exit_code == status
    assert f"✗ {file} を書き込めませんでした(フォルダのはずの場所に、ファイルがあります)。" in result.output
    assert "場所: reports\n次に: reports の名前を変えるか、" in result.output
    assert "Traceback" not in result.output
    assert [each.name for each in tmp_path.iterdir()] == ["reports"]
    assert (tmp_path / "reports").read_text() == "mine"


def test_a_folder_in_the_place_of_the_board_is_told(
    horetsu: Callable[..., Result], demo_client: Path, tmp_path: Path
) -> None:
    place = tmp_path / "reports" / "demo" / "2026-06-30" / "board.html"
    place.mkdir(parents=True)
    result = horetsu("board", demo_client, "--as-of", "2026-06-30")
    assert result.exit_code == 1
    assert "✗ board.html を書き込めませんでした(ファイルのはずの場所に、フォルダがあります)。" in result.output
    assert [each.name for each in place.parent.iterdir()] == ["board.html"]
