"""A new analysis appears whole or not at all, and passes the house's tests as it stands."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from horetsu_utils import new_analysis
from horetsu_utils.errors import ConfigError

ROOT = Path(__file__).resolve().parents[1]
LONGEST = "a" * 30
RUN = """
import nbformat, sys
from pathlib import Path
from horetsu_utils import runner
executed = runner.run(Path(sys.argv[1]), {"client": sys.argv[2]}, Path(sys.argv[3]))
shown = [output.get("data", {}) for cell in nbformat.read(executed, 4).cells for output in cell.get("outputs", [])]
assert any("figure" in data.get("text/html", "") for data in shown)
"""


def copied(target: Path, *, only: tuple[str, ...] = ("",)) -> Path:
    """Copy the repository's files, but not what git leaves out."""
    listed = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(listed, cwd=ROOT, capture_output=True, text=True, check=True).stdout.split("\0")
    for name in filter(None, names):
        if (ROOT / name).is_file() and name.startswith(only):
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(ROOT / name, target / name)
    return target


def run(root: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Run Python in a copy, with the copy's own package, for its kernels too."""
    own = os.environ | {"PYTHONPATH": str(root), "PYTHONDONTWRITEBYTECODE": "1"}
    return subprocess.run([sys.executable, *words], cwd=root, env=own, capture_output=True, text=True, check=False)


def contents(root: Path) -> dict[str, bytes]:
    return {str(path.relative_to(root)): path.read_bytes() for path in root.rglob("*") if path.is_file()}


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a copy of the repository with an analysis named gifts."""
    root = copied(tmp_path_factory.mktemp("checkout"))
    new_analysis.create("gifts", root=root)
    return root


@pytest.fixture
def bare(tmp_path: Path) -> Path:
    """Return a copy with little more than an analysis needs."""
    few = ("horetsu_utils/", "notebooks/", "tests/", "templates/analysis/", "README", "pyproject.toml")
    return copied(tmp_path / "bare", only=few)


def test_it_passes_its_own_tests_and_those_of_the_house(whole: Path) -> None:
    chosen = "gifts or has_its_row or worked_examples"
    tests = ["tests/metrics/test_gifts.py", "tests/test_house.py"]
    house = run(whole, "-m", "pytest", "-p", "no:cacheprovider", "-rA", *tests, "-k", chosen)
    assert house.returncode == 0, house.stdout
    for test in ("weekdays_worked_by_hand", "a_metric_is_a_definition[gifts]", "no_programs[08_gifts]"):
        assert f"test_{test}" in house.stdout.replace("a_notebook_holds_no_outputs_and_", "")
    assert "test_every_analysis_has_its_row_in_the_readme" in house.stdout


def test_its_notebook_shows_a_picture_and_its_control_moves(whole: Path, demo_client: Path, tmp_path: Path) -> None:
    notebook = whole / "notebooks" / "08_gifts.ipynb"
    shown = run(whole, "-c", RUN, str(notebook), str(demo_client), str(tmp_path / "08_gifts.ipynb"))
    assert shown.returncode == 0, shown.stderr
    moved = run(whole, "-m", "pytest", "-p", "no:cacheprovider", "tests/test_notebooks.py", "-k", "gifts")
    assert moved.returncode == 0, moved.stdout
    assert "2 passed" in moved.stdout  # its control, and that it is a plain notebook


@pytest.mark.parametrize("name", ["ab", LONGEST])
def test_it_is_in_the_style_of_the_house_whatever_its_name(bare: Path, name: str) -> None:
    made = [str(path) for path in new_analysis.create(name, root=bare) if path.suffix != ".md"]
    for check in (["check"], ["format", "--check"]):
        found = run(bare, "-m", "ruff", *check, "--no-cache", *made)
        assert found.returncode == 0, found.stdout
    kept = run(bare, "-m", "nbstripout", "--keep-id", "--verify", *(path for path in made if path.endswith("ipynb")))
    assert kept.returncode == 0, kept.stdout


def test_it_takes_the_next_number_and_a_row_in_both_readmes(bare: Path) -> None:
    before = contents(bare)
    (bare / "notebooks" / "11_late.ipynb").write_text("{}", encoding="utf-8")
    made = new_analysis.create("gifts", root=bare)
    assert [str(path.relative_to(bare)) for path in made] == [
        "horetsu_utils/metrics/gifts.py",
        "notebooks/12_gifts.ipynb",
        "tests/metrics/test_gifts.py",
        "README.md",
        "README.ja.md",
    ]
    for readme in ("README.md", "README.ja.md"):
        lines, old = (text.decode().splitlines() for text in ((bare / readme).read_bytes(), before[readme]))
        place = next(place for place, line in enumerate(lines) if "12_gifts.ipynb" in line)
        assert "07_affinity.ipynb" in lines[place - 1]
        assert "metrics/gifts.py" in lines[place]
        assert [line for line in lines if "gifts" not in line] == old
    assert not [path for path in made if "my_analysis" in path.read_text(encoding="utf-8")]


@pytest.mark.parametrize(
    ("name", "what"),
    [
        ("Gifts", "分析の名前に使えない文字があるか、長すぎます。\n場所: Gifts\n"),
        ("贈り物", "分析の名前に使えない文字"),
        ("1st", "分析の名前に使えない文字"),
        ("_gifts", "分析の名前に使えない文字"),
        ("gift-box", "分析の名前に使えない文字"),
        ("../gifts", "分析の名前に使えない文字"),
        ("gifts\n", "分析の名前に使えない文字"),
        ("", "分析の名前に使えない文字"),
        (LONGEST + "a", "分析の名前に使えない文字があるか、長すぎます。"),
        ("class", "「class」は、Python かひな形の中で別の意味に使われている言葉です。"),
        ("match", "「match」は、Python かひな形の中で別の意味"),
        ("list", "「list」は、Python かひな形の中で別の意味"),
        ("shop", "「shop」は、Python かひな形の中で別の意味"),
        ("ibis", "「ibis」は、Python かひな形の中で別の意味"),
        ("records", "「records」は、Python かひな形の中で別の意味"),
        (
            "rfm",
            "「rfm」という名前は、もう使われています。\n場所: horetsu_utils/metrics/rfm.py、notebooks/01_rfm.ipynb、",
        ),
        ("affinity", "「affinity」という名前は、もう使われています。"),
        ("runner", "「runner」という名前は、もう使われています。\n場所: tests/test_runner.py\n次に: 別の名前を選ぶか"),
    ],
)
def test_a_name_that_cannot_be_used_is_refused_in_words(bare: Path, name: str, what: str) -> None:
    before = contents(bare)
    with pytest.raises(ConfigError) as refused:
        new_analysis.create(name, root=bare)
    assert str(refused.value).startswith(what)
    assert "次に: " in str(refused.value)
    assert contents(bare) == before


@pytest.mark.parametrize("lacking", ["README.md", "README.ja.md", "templates/analysis", "notebooks", "tests/metrics"])
def test_a_folder_that_is_no_checkout_is_refused(bare: Path, lacking: str) -> None:
    (bare / lacking).rename(bare / "away")
    with pytest.raises(ConfigError, match="分析キットのもとのフォルダではないようです"):
        new_analysis.create("gifts", root=bare)
    assert not list(bare.rglob("*gifts*"))


def test_a_readme_without_the_table_is_refused(bare: Path) -> None:
    (bare / "README.md").write_text("# another repository\n", encoding="utf-8")
    with pytest.raises(ConfigError, match="分析キットのもとのフォルダではないようです"):
        new_analysis.create("gifts", root=bare)


@pytest.mark.parametrize("fails_at", range(5))
def test_when_one_file_cannot_take_its_place_none_does(
    bare: Path, monkeypatch: pytest.MonkeyPatch, fails_at: int
) -> None:
    before, replace, done = contents(bare), Path.replace, []

    def failing(self: Path, target: Path) -> Path:
        if len(done) == fails_at:
            raise OSError(28, "No space left on device")
        done.append(target)
        return replace(self, target)

    monkeypatch.setattr(Path, "replace", failing)
    with pytest.raises(ConfigError) as refused:
        new_analysis.create("gifts", root=bare)
    assert str(refused.value).startswith("ファイルを書き込めなかったため、何も作りませんでした。\n場所: ")
    assert contents(bare) == before


def test_windows_line_ends_of_a_readme_stay(bare: Path) -> None:
    readme = bare / "README.md"
    readme.write_bytes(readme.read_bytes().replace(b"\n", b"\r\n"))
    new_analysis.create("gifts", root=bare)
    assert b"gifts.py) | \xc2\xa72 |\r\n" in readme.read_bytes()
