"""Addresses that fsspec reaches (s3://, gs://, file:// …): checked, reached, and spoken of plainly.

Whoever lays a client's files at an address marks its folder there as that client's own: no other lays anything in it.
"""

import errno
import hashlib
import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from horetsu_utils.errors import ConfigError, HoretsuError, shorten
from horetsu_utils.placing import why

SIGN = "://"
OWNER = ".horetsu-owner"
"""In a client's folder at an address: whose it is."""
FOLDERLESS = {"s3", "s3a", "gs", "gcs", "az", "abfs", "abfss", "adl", "oss"}
"""Object stores: a file appears there whole, and who makes a folder makes a bucket of a misspelt name."""
EXTRAS = {"s3": "s3", "s3a": "s3", "gs": "gs", "gcs": "gs"}
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*")
_PASSWORD = re.compile(r"[^/]*:[^/]*@")
_NOT_ITSELF = re.compile(r"[][{}*?\\#%\x00-\x1f\x7f]|::")
"""Signs that some file system takes for a pattern, a query, an escape or a chain of addresses."""
_NUMBERS = {PermissionError: errno.EACCES, FileNotFoundError: errno.ENOENT}
"""What drivers raise without the system's number."""


class AddressError(HoretsuError):
    """What is at an address cannot be read or written now."""


def is_address(text: str) -> bool:
    """Tell an address from a folder's path."""
    return SIGN in text


def checked(text: str) -> str:
    """Return an address, without a slash at its end, in which every sign means itself.

    Errors
        ValueError in Japanese, which never repeats the address: it may hold a key
    """
    scheme, sign, rest = text.partition(SIGN)
    rest = rest.rstrip("/")
    parts = rest.removeprefix("/").split("/") if scheme == "file" else rest.split("/")
    if not sign or not _SCHEME.fullmatch(scheme):
        raise ValueError("s3://バケット/フォルダ や file:///フォルダ のように書いてください")
    if _PASSWORD.match(rest):
        raise ValueError("番地に鍵やパスワードを書かないでください(環境変数など、接続する部品の決まりで渡します)")
    if _NOT_ITSELF.search(rest):
        raise ValueError("番地に * ? # % \\ :: と、[ ] などのかっこは使えません")
    if scheme == "file" and rest and not rest.startswith("/"):
        raise ValueError("この機械のフォルダは、file:///フォルダ のように「/」を3つ書いてください")
    if any(part in ("", ".", "..") for part in parts):
        raise ValueError("番地には、バケットやフォルダの名前を「/」で区切って書いてください(.. は使えません)")
    return f"{scheme}{SIGN}{rest}"


def asked(text: str, option: str) -> str:
    """Return the address that an option of a command names; nothing where it names a folder.

    Errors
        ConfigError when it is an address that `checked` refuses
    """
    try:
        return checked(text) if is_address(text) else ""
    except ValueError as error:
        raise ConfigError(
            f"この番地は使えません。{error}。", where=option, next_step="書き直して、もう一度お試しください。"
        ) from error


@contextmanager
def reached(address: str, *, also: str = "") -> Iterator[Any]:
    """Lend the file system that reaches an address; `also` says what else to look at when it does not.

    Errors
        AddressError when its driver is missing, or it would not do what was asked of it
    """
    try:
        from fsspec.core import url_to_fs

        filesystem = url_to_fs(address)[0]
        filesystem.invalidate_cache()  # others write there, too
        yield filesystem
    except HoretsuError:
        raise
    except ImportError as error:
        raise _no_driver(address, error) from error
    except Exception as error:  # drivers raise what their libraries raise
        raise _unreached(address, error, also) from error


def claim(address: str, name: str, key: bytes) -> str:
    """Return the address of a client's own folder, marked as such; `key` is the client's secret, of which a hash goes.

    Errors
        AddressError as `reached`, and when the folder is that of another client with the same name
    """
    home = f"{address}/{name}"
    owner = hashlib.sha256(b"owner\0" + key).hexdigest()
    with reached(home) as filesystem:
        try:
            found = filesystem.cat_file(f"{home}/{OWNER}").decode()
        except FileNotFoundError:
            _make(filesystem, home)
            filesystem.pipe_file(f"{home}/{OWNER}", owner.encode())
            found = owner
    if found == owner:
        return home
    raise AddressError(
        "この番地には、同じ名前(ID)の別のクライアントのものが置かれています。",
        where=f"{home}/{OWNER}",
        next_step="番地を分けるか、クライアントのフォルダの名前(ID)を変えてください。"
        "クライアントを別の機械に移したのなら、フォルダの中の .secret も一緒に移してください。",
    )


def put(filesystem: Any, path: Path, target: str) -> None:
    """Copy a file to an address, where it appears whole; what stood there is replaced."""
    folder, _, name = target.rpartition("/")
    if not _make(filesystem, folder):
        filesystem.put_file(str(path), target)
        return
    working = f"{folder}/.{name}.{secrets.token_hex(4)}"
    try:
        filesystem.put_file(str(path), working)
        filesystem.mv(working, target)
    except BaseException:
        with suppress(Exception):
            filesystem.rm_file(working)
        raise


def _make(filesystem: Any, folder: str) -> bool:
    """Make a folder, if this file system has such; tell whether it has."""
    protocol = filesystem.protocol
    has_folders = FOLDERLESS.isdisjoint([protocol] if isinstance(protocol, str) else protocol)
    if has_folders:
        filesystem.makedirs(folder, exist_ok=True)
    return has_folders


def _no_driver(address: str, error: ImportError) -> AddressError:
    scheme = address.partition(SIGN)[0]
    extra = EXTRAS.get(scheme)
    how = f'pip install "horetsu[{extra}]"' if extra else f"fsspec の、{scheme}:// のための部品({shorten(error)})"
    return AddressError(
        f"{scheme}:// の番地を読み書きする部品が入っていません。", where=address, next_step=f"{how} を入れてください。"
    )


def _unreached(address: str, error: Exception, also: str) -> AddressError:
    number = getattr(error, "errno", None) or next((n for kind, n in _NUMBERS.items() if isinstance(error, kind)), 0)
    told = why(OSError(number, type(error).__name__))  # the driver's own words may hold a signed address
    return AddressError(
        f"番地のファイルを読み書きできませんでした({told})。",
        where=address,
        next_step="番地の書き間違いがないか、接続の鍵、読み書きの許可、空き容量、ネットワークを確かめて、"
        f"もう一度お試しください。{also}",
    )
