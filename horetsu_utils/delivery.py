"""A report at an address: the client's edition is copied there once it is whole on this machine.

The consultant's folder never goes: what lies at an address may be passed on from there.
"""

from pathlib import Path

from horetsu_utils import addresses
from horetsu_utils.client import Client, secret
from horetsu_utils.lists import CUSTOMERS
from horetsu_utils.movement import REPORT
from horetsu_utils.privacy import PAGE
from horetsu_utils.production import BOARD

EDITION = (BOARD, CUSTOMERS, REPORT, str(Path(PAGE).with_suffix(".pdf")), PAGE)
"""What is sent to the shop, the page last: where it stands, all stands."""


def ready(address: str, client: Client) -> str:
    """Return the client's folder at an address, and make sure that it can be written, so that nobody waits in vain.

    Errors
        AddressError when it cannot, or is that of another client with the same name
    """
    return addresses.claim(address, client.id, secret(client))


def deliver(folder: Path, address: str, client: Client) -> str:
    """Copy the client's edition of a report from its folder to an address; return where its page stands there.

    Errors
        AddressError otherwise; then what is there may be of both reports, and the next delivery puts it right
    """
    place = f"{ready(address, client)}/{folder.name}"
    with addresses.reached(place) as filesystem:
        for name in EDITION:
            if (folder / name).is_file():
                addresses.put(filesystem, folder / name, f"{place}/{name}")
    return f"{place}/{PAGE}"
