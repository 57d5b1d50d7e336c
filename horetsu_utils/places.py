"""Where clients' folders lie: in `clients/`, here or above, as from `notebooks/`."""

from pathlib import Path

from horetsu_utils.errors import ConfigError

CLIENTS = Path("clients")
CONFIG_FILE = "client.yaml"


def upwards() -> list[Path]:
    """Return this folder and those above it, as seen from here, the nearest first."""
    return [Path(), *(Path(*[".."] * steps) for steps in range(1, len(Path.cwd().parts)))]


def everyone() -> list[str]:
    """Return the folders of all clients in the nearest `clients/`, in the order of their ids.

    Errors
        ConfigError when there is none
    """
    home = next((folder / CLIENTS for folder in upwards() if (folder / CLIENTS).is_dir()), CLIENTS)
    found = [str(path.parent) for path in sorted(home.glob(f"*/{CONFIG_FILE}"))]
    if found:
        return found
    raise ConfigError(
        "クライアントが1つも見つかりません。",
        where=str(home),
        next_step="horetsu new で、クライアントのフォルダを作ってください。",
    )
