"""Forked kernels: the same results as fresh ones, nothing of one in the next, and nothing left of any."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from command import until

from horetsu_utils import forking, runner
from horetsu_utils.chapters import Limits
from horetsu_utils.errors import NotebookError

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="kernels are forked on Linux only")

WARM, FRESH = Limits(warm=True), Limits(warm=False)
HOSTILE = """
import os, random, sys, builtins, statistics
import numpy as np, pandas as pd, matplotlib as mpl, horetsu_utils
from pathlib import Path
random.seed(1); np.random.seed(1)
mpl.rcParams["font.size"] = 99
pd.set_option("display.max_columns", 3)
pd.DataFrame.sum = lambda *a, **k: "owned"
statistics.mean = lambda *a, **k: "owned"
horetsu_utils.left = "owned"
builtins.left = "owned"
sys.modules["left_behind"] = sys
sys.path.insert(0, "/left/behind")
os.environ["LEFT_BEHIND"] = "owned"
os.chdir("/")
os.umask(0)
"""
LOOKS = """
import os, random, sys, builtins, statistics
import numpy as np, pandas as pd, matplotlib as mpl, horetsu_utils
print(mpl.rcParams["font.size"], pd.get_option("display.max_columns"), pd.DataFrame({"a": [1, 2]}).sum().a)
print(statistics.mean([1, 3]), hasattr(horetsu_utils, "left"), hasattr(builtins, "left"), "left_behind" in sys.modules)
print("/left/behind" in sys.path, "LEFT_BEHIND" in os.environ, os.getcwd(), os.umask(0o22))
"""
PICTURE = """
import pandas as pd, matplotlib.pyplot as plt
frame = pd.DataFrame({f"column {n}": [n / 7] for n in range(30)})
display(frame)
plt.plot([1, 2, 3]); plt.title("figure")
plt.show()
"""


def notebook(path: Path, *cells: str) -> Path:
    made = nbformat.v4.new_notebook(
        metadata={"kernelspec": {"name": "python3", "display_name": "", "language": "python"}}
    )
    made.cells = [nbformat.v4.new_code_cell("number: int = 1"), *map(nbformat.v4.new_code_cell, cells)]
    made.cells[0].metadata["tags"] = ["parameters"]
    nbformat.write(made, path)
    return path


def run(folder: Path, *cells: str, limits: Limits = WARM) -> list[list[dict[str, object]]]:
    executed = runner.run(notebook(folder / "in.ipynb", *cells), {}, folder / "out" / "out.ipynb", limits=limits)
    outputs = [cell.get("outputs", []) for cell in nbformat.read(executed, as_version=4).cells]
    return [[{key: each[key] for key in each if key != "execution_count"} for each in cell] for cell in outputs]


def printed(outputs: list[list[dict[str, object]]]) -> str:
    return "".join(str(each.get("text", "")) for cell in outputs for each in cell)


def test_a_forked_kernel_shows_what_a_fresh_one_shows(tmp_path: Path) -> None:
    assert forking.can_fork()
    warm, fresh = (run(tmp_path, LOOKS, PICTURE, limits=limits) for limits in (WARM, FRESH))
    assert any("image/png" in each.get("data", {}) for each in warm[2])
    assert warm == fresh


def test_a_hostile_notebook_leaves_no_trace_in_the_next(tmp_path: Path) -> None:
    before = run(tmp_path, LOOKS)
    run(tmp_path, HOSTILE)
    assert run(tmp_path, LOOKS) == before
    assert "owned" not in printed(before)


def test_each_kernel_draws_its_own_random_numbers(tmp_path: Path) -> None:
    draw = "import random, numpy as np; print(random.random(), np.random.rand())"
    assert printed(run(tmp_path, draw)) != printed(run(tmp_path, draw))


def test_the_kernel_is_a_process_of_its_own_and_gone_afterwards(tmp_path: Path) -> None:
    mine, group = printed(run(tmp_path, "import os; print(os.getpid(), os.getpgid(0))")).split()
    assert mine == group != str(os.getpid())
    until(lambda: not Path(f"/proc/{mine}").exists())
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["out.ipynb"]


@pytest.mark.parametrize("limits", [WARM, FRESH], ids=["forked", "fresh"])
def test_a_kernel_that_is_killed_is_told_and_leaves_nothing(tmp_path: Path, limits: Limits) -> None:
    with pytest.raises(NotebookError, match="「in」の計算が途中で止まりました"):
        run(tmp_path, "import os, signal; os.kill(os.getpid(), signal.SIGKILL)", limits=limits)
    assert not list((tmp_path / "out").glob("*"))


def test_a_notebook_that_takes_too_long_is_ended(tmp_path: Path) -> None:
    with pytest.raises(NotebookError, match="「in」の計算が、0\\.05分たっても終わりませんでした"):
        run(tmp_path, "import os; open('pid', 'w').write(str(os.getpid()))", "import time; time.sleep(600)",
            limits=Limits(seconds=3, warm=True))  # fmt: skip
    until(lambda: not Path(f"/proc/{(tmp_path / 'out' / 'pid').read_text()}").exists())


@pytest.mark.parametrize("warm", [True, False], ids=["forked", "fresh"])
def test_a_notebook_is_held_to_its_memory(tmp_path: Path, warm: bool) -> None:
    with pytest.raises(NotebookError, match="メモリが足りませんでした"):
        run(tmp_path, "held = bytearray(3_000_000_000)", limits=Limits(memory_bytes=2_000_000_000, warm=warm))


def test_a_kernel_that_cannot_even_begin_is_told(tmp_path: Path) -> None:
    with pytest.raises(NotebookError, match=r"始められませんでした(.|\n)*カーネルが、答える前に終わりました"):
        run(tmp_path, "1", limits=Limits(memory_bytes=20_000_000))


def test_what_is_printed_without_end_is_cut(tmp_path: Path) -> None:
    outputs = run(tmp_path, "print('長' * 100_000_000)")
    assert len(printed(outputs)) < runner.MOST_PRINTED + 100
    assert printed(outputs).endswith("…(長いので、ここから先は残していません)\n")


def test_where_nothing_can_be_forked_kernels_start_as_usual(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(forking, "can_fork", lambda: False)
    told = printed(run(tmp_path, "import sys; print('horetsu_utils.warm' in sys.modules, number)"))
    assert told == "False 1\n"


RUNS = """
import sys
from pathlib import Path
from horetsu_utils import runner
if __name__ == "__main__":
    runner.run(Path(sys.argv[1]), {}, Path(sys.argv[2]), limits=runner.Limits(warm=sys.argv[3] == "warm"))
"""


@pytest.mark.parametrize("way", ["warm", "fresh"])
def test_when_the_process_that_runs_it_is_killed_the_kernel_ends_too(tmp_path: Path, way: str) -> None:
    script, pid = tmp_path / "runs.py", tmp_path / "pid"
    script.write_text(RUNS, encoding="utf-8")
    source = notebook(tmp_path / "in.ipynb", f"import os; open({str(pid)!r}, 'w').write(str(os.getpid()))", "import time; time.sleep(600)")  # fmt: skip # noqa: E501
    runs = subprocess.Popen([sys.executable, script, source, tmp_path / "out.ipynb", way])
    until(lambda: pid.is_file() and pid.read_text() != "")
    runs.send_signal(signal.SIGKILL)
    runs.wait()
    until(lambda: not Path(f"/proc/{pid.read_text()}").exists())
