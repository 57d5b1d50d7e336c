"""What the tests share: the public data beside the repository, a client's folder, the demo shop."""

import gc
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import fsspec
import pytest
from broken_store import PLENTY, Broken
from click.testing import Result
from hypothesis import settings
from typer.testing import CliRunner

from horetsu_utils import cli, demo, engine

gc.set_threshold(50_000, 20, 20)
"""Ibis makes many small objects that stay: looking among them for rings as often as usual takes a fifth of the time."""
if settings.get_current_profile_name() == "default":
    settings.register_profile("house", deadline=None)
    settings.load_profile("house")
"""No timing decides a test: the first example may meet a busy machine."""
ROOT = Path(__file__).resolve().parents[1]
SHARED = ROOT.parent / "shared" / "data"


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Return the folder of real public data, or skip where it is not to be had."""
    if not SHARED.is_dir():
        pytest.skip("the shared public data is not beside this repository")
    return SHARED


UCI_SETTINGS = """name: UCI Online Retail
currency: GBP
reference: {annual_ltv_yen: 120}
cpm: {heavy_yen: 500}
time_zone: Europe/London
tables:
  orders:
    - files: data/*.csv.gz
      mapping: uci
"""


@pytest.fixture(scope="session")
def uci_client(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of a client that has UCI's file."""
    folder = tmp_path_factory.mktemp("clients") / "uci"
    (folder / "data").mkdir(parents=True)
    (folder / "mappings").mkdir()
    shutil.copyfile(shared_data / "uci_online_retail" / "online_retail.csv.gz", folder / "data" / "retail.csv.gz")
    (folder / "mappings" / "uci.yaml").write_bytes((ROOT / "tests" / "mappings" / "uci.yaml").read_bytes())
    (folder / "client.yaml").write_text(UCI_SETTINGS, encoding="utf-8")
    return folder


@pytest.fixture(scope="session")
def demo_client(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of a freshly written demo shop."""
    return demo.write(tmp_path_factory.mktemp("clients") / "demo")


@pytest.fixture
def make_client(tmp_path: Path) -> Callable[..., Path]:
    """Return a function that makes a client's folder out of files (name -> bytes or text) and YAML for `tables`."""

    def make(files: dict[str, str | bytes], tables: str, settings: str = "", name: str = "shop") -> Path:
        folder = tmp_path / "clients" / name
        (folder / "data").mkdir(parents=True, exist_ok=True)
        for file, content in files.items():
            data = content.encode("utf-8") if isinstance(content, str) else content
            (folder / "data" / file).write_bytes(data)
        (folder / "client.yaml").write_text(f"name: 見本の店\n{settings}\ntables:\n{tables}\n", encoding="utf-8")
        return folder

    return make


@pytest.fixture
def horetsu(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    """Return a function that runs the command in an empty folder."""
    monkeypatch.chdir(tmp_path)
    for console in (cli.out, cli.err):
        monkeypatch.setattr(console, "_width", 400)
    return lambda *words: CliRunner().invoke(cli.app, list(map(str, words)))


@pytest.fixture
def broken() -> Iterator[type[Broken]]:
    """Return a store at broken://, empty and whole."""
    fsspec.register_implementation("broken", Broken, clobber=True)
    Broken.store.clear()
    Broken.left = PLENTY
    yield Broken
    Broken.store.clear()


@pytest.fixture(scope="module")
def leaves_spark() -> Iterator[None]:
    """Give back the Spark that a module's tests have used, at their end."""
    yield
    engine.leave()


_WHOLE = ("whole_shops", "end_to_end", "editions", "batch", "cli", "jupyterlab", "notebooks", "kernels", "dask")
LONGEST = [f"test_{name}" for name in (*_WHOLE, "guarding", "language")]
"""Whole reports: begun first, so that at the end no core waits for the other."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the files that take longest; the order within a file stays."""
    gc.freeze()
    items.sort(key=lambda item: LONGEST.index(item.path.stem) if item.path.stem in LONGEST else len(LONGEST))
