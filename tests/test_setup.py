"""pyproject, the lock and environment.yml name the same packages, and no file names a package index."""

import re
import subprocess
import tomllib
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[1]
CONDA_NAMES = {
    "duckdb": "python-duckdb",
    "ibis-framework": "ibis-duckdb",
    "matplotlib": "matplotlib-base",
    "nbconvert": "nbconvert-core",
    "seaborn": "seaborn-base",
}
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
RUNTIME = [Requirement(line) for line in PROJECT["dependencies"]]
DEVELOPMENT = [Requirement(line) for line in PROJECT["optional-dependencies"]["dev"]]


def locked() -> dict[str, str]:
    lines = (ROOT / "requirements.lock").read_text(encoding="utf-8").splitlines()
    pairs = [line.split("==") for line in lines if line and not line.startswith("#")]
    return {canonicalize_name(name): version for name, version in pairs}


@pytest.mark.parametrize("requirement", [*RUNTIME, *DEVELOPMENT], ids=lambda requirement: requirement.name)
def test_the_lock_pins_every_package_within_its_range(requirement: Requirement) -> None:
    assert locked()[canonicalize_name(requirement.name)] in requirement.specifier


def test_conda_gets_the_same_packages_in_the_same_ranges() -> None:
    conda = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))["dependencies"]
    pip = next(entry["pip"] for entry in conda if isinstance(entry, dict))
    named = [Requirement(entry) for entry in [*conda, *pip] if isinstance(entry, str) and not entry.startswith("-")]
    found = {entry.name: entry.specifier for entry in named if entry.name not in ("python", "pip")}
    assert found == {CONDA_NAMES.get(each.name, each.name): each.specifier for each in RUNTIME}
    assert next(entry.specifier for entry in named if entry.name == "python") == PROJECT["requires-python"]


def test_no_file_names_a_package_index_or_a_machine() -> None:
    files = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    hosts = "|".join(
        ["py" + r"pi\.org", "python" + "hosted", "registry." + "npmjs", "deb." + "debian", "anaconda" + r"\.org"]
    )
    paths = "/(?:" + "|".join(["wo" + "rk", "ro" + "ot", "ho" + "me/[a-z]"]) + ")/"
    for name in filter(None, files.split("\0")):
        path = ROOT / name
        if path.is_file() and path.suffix not in (".png",):
            text = path.read_text(encoding="utf-8", errors="replace")
            assert not re.search(hosts, text), name
            assert not re.search(rf"(?<![\w.]){paths}", text), name


def test_bare_machines_are_set_up_by_make_itself() -> None:
    rules = (ROOT / "Makefile").read_text(encoding="utf-8")
    for target in ("report", "test", "lint", "bench", "walk", "lab"):
        assert re.search(rf"^{target}: \$\(READY\)", rules, flags=re.MULTILINE), target
    assert "make test" in (ROOT / ".ci" / "run").read_text(encoding="utf-8")
