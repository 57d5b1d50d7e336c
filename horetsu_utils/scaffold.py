"""A new client's folder: settings to fill in, blank forms, and an empty place for the exports."""

import csv
import shutil
import tempfile
from pathlib import Path

from horetsu_utils import assets, client
from horetsu_utils.errors import ConfigError

FORMS = "記入用"


def create(name: str, home: Path = client.CLIENTS) -> Path:
    """Make `clients/<name>` from the template; it appears whole or not at all.

    Errors
        ConfigError for an unsafe name, or when the folder exists
    """
    folder = home / client.check_id(name)
    if folder.exists():
        raise ConfigError(
            f"クライアント「{name}」は、もうあります。",
            where=str(folder),
            next_step="別の名前を選ぶか、そのフォルダをお使いください。",
        )
    home.mkdir(parents=True, exist_ok=True)
    working = Path(tempfile.mkdtemp(prefix=".new-", dir=home)) / name
    try:
        shutil.copytree(assets.CLIENT_TEMPLATE, working)
        settings = working / client.CONFIG_FILE
        settings.write_text(settings.read_text(encoding="utf-8").replace("{id}", name), encoding="utf-8")
        (working / "data").mkdir(exist_ok=True)
        working.rename(folder)
    finally:
        shutil.rmtree(working.parent, ignore_errors=True)
    return folder


def form(path: Path) -> list[list[str]]:
    """Return a blank form's rows: its headings and its example."""
    with path.open(encoding="utf-8-sig", newline="") as stream:
        return list(csv.reader(stream))
