"""The demo shop at hand for whoever opens a notebook as it stands: written where nobody has written it."""

import os
import shutil
from contextlib import suppress
from pathlib import Path

from horetsu_utils import assets
from horetsu_utils.client import CLIENTS, CONFIG_FILE, Client, find, whereabouts
from horetsu_utils.demo.export import write
from horetsu_utils.errors import ConfigError

NAME = "demo"


def opened(name: str) -> Client:
    """Open a client as `find` does; the demo shop, if there is none, is written first.

    It is written where a clone of the kit keeps its clients, so that any notebook finds it again from anywhere; an
    installed kit has no such place, and writes it into `clients/` here.

    Errors
        as `find`; ConfigError where the demo shop cannot be written
    """
    if name != NAME or (whereabouts(name) / CONFIG_FILE).is_file():
        return find(name)
    place = (assets.ROOT if assets.IS_CLONE else Path()) / CLIENTS / NAME
    if not (place / CONFIG_FILE).is_file():
        try:
            _lay(place)
        except OSError as error:
            raise ConfigError(
                "練習用のお店「デモ商店」を置けませんでした。",
                where=str(place),
                next_step="horetsu demo --out フォルダ で書き込める所に作り、その場所を client に書いてください。",
            ) from error
    return find(str(place))


def _lay(place: Path) -> None:
    """Put the shop into its place in one step, as another notebook may be doing the same at this moment."""
    place.parent.mkdir(parents=True, exist_ok=True)
    beside = place.with_name(f".{place.name}.{os.getpid()}")
    try:
        write(beside)
        with suppress(OSError):  # a folder is there already: the other notebook's shop, or one without a shop in it
            beside.rename(place)
    finally:
        shutil.rmtree(beside, ignore_errors=True)
    if not (place / CONFIG_FILE).is_file():
        write(place)
