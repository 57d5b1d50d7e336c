"""A finished page → a PDF, printed by the Chromium of the machine, which asks nothing of any network."""

import os
import re
import shutil
import signal
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory

from horetsu_utils import placing
from horetsu_utils.errors import HoretsuError
from horetsu_utils.placing import PlacingError

VARIABLE = "HORETSU_CHROMIUM"
"""The environment variable that names the browser, before all names and places below."""
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "microsoft-edge")
MAC_APPS = ("Google Chrome", "Chromium", "Microsoft Edge")
WINDOWS_ROOTS = ("PROGRAMFILES", "PROGRAMFILES(X86)", "LOCALAPPDATA")
WINDOWS_APPS = (
    r"Google\Chrome\Application\chrome.exe",
    r"Microsoft\Edge\Application\msedge.exe",
    r"Chromium\Application\chrome.exe",
)
LIMIT_SECONDS = 120
"""A report of forty pictures takes one second."""
OPTIONS = (
    "--headless",
    "--no-pdf-header-footer",
    "--generate-pdf-document-outline",
    "--host-resolver-rules=MAP * ~NOTFOUND",  # no name and no number leads anywhere, not even to this machine
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-extensions",
    "--no-first-run",
    "--disable-gpu",
    "--disable-dev-shm-usage",  # a container's shared memory is too small for a long page
)
INSTALL = (
    "Debian・Ubuntu では apt install chromium、macOS・Windows では Google Chrome か Microsoft Edge を入れて、"
    "もう一度お試しください。"
)
BY_HAND = "お急ぎのときは、ページをブラウザで開き、「印刷」から PDF に保存することもできます。"
_DATES = re.compile(rb"/(?:CreationDate|ModDate) \(D:[^()]*\)")
_OWN_FILES = re.compile(rb"/URI \((file:(?:\\.|[^()\\])*)\)")


class PaperError(HoretsuError):
    """A page could not be printed; the page itself stands as it is."""


def write(page: Path, target: Path, *, browser: str | None = None) -> Path:
    """Print a finished page as a PDF meant to lie beside it; it appears whole or not at all.

    The same page gives the same bytes with the same browser: the day of printing is left out, and so is the folder of
    the page, so that neither a user's name nor a path leaves the house. `browser` is a name or a path; without it the
    variable HORETSU_CHROMIUM counts, and then the usual names and places.

    Shape
        one self-contained HTML file -> the path of the PDF
    Errors
        PaperError when there is no browser, it fails or takes too long, or the PDF cannot be written
    """
    if not page.is_file():
        raise PaperError(
            "印刷するページがありません。", where=str(page), next_step="先に、ページ(HTML)を作ってください。"
        )
    command = _browser(page, browser)
    try:
        with placing.plainly(target):
            target.parent.mkdir(parents=True, exist_ok=True)
            sheet = _printed(command, page, target.parent)
        placing.place({target: sheet})
    except PlacingError as error:
        what = f"PDF を書き込めませんでした({error.why})。{_ready(page)}"
        raise PaperError(what, where=error.where, next_step=error.next_step) from error
    return target


def _ready(page: Path) -> str:
    return f"{page.name} は、できあがっています。"


def _browser(page: Path, asked: str | None) -> str:
    named = asked or os.environ.get(VARIABLE)
    if named:
        found = shutil.which(named)
        if found is None:
            raise PaperError(
                f"指定されたブラウザが見つかりません。{_ready(page)}",
                where=named,
                next_step=f"環境変数 {VARIABLE} には、Chromium・Google Chrome・Microsoft Edge の場所を書いてください。"
                "消すと、いつもの場所から探します。",
            )
        return found
    known = (shutil.which(candidate) for candidate in (*NAMES, *map(str, _places())))
    found = next(filter(None, known), None)
    if found is None:
        raise PaperError(
            f"PDF を作るためのブラウザが見つかりません。{_ready(page)}", where=str(page), next_step=INSTALL + BY_HAND
        )
    return found


def _places() -> Iterator[Path]:
    """Return where macOS and Windows keep browsers."""
    for applications in (Path("/Applications"), Path("~/Applications").expanduser()):
        for app in MAC_APPS:
            yield applications / f"{app}.app" / "Contents" / "MacOS" / app
    for root in filter(None, map(os.environ.get, WINDOWS_ROOTS)):
        for app in WINDOWS_APPS:
            yield Path(root, *app.split("\\"))


def _printed(browser: str, page: Path, folder: Path) -> bytes:
    """Print a copy of the page: its own name may hold signs that mean something else in an address.

    The copy lies beside the target, since an Ubuntu snap sees the user's folders but no other one's; the profile does
    not, since a folder that is synchronised or on a network cannot hold one.
    """
    beside = TemporaryDirectory(prefix=".pdf-", dir=folder, ignore_cleanup_errors=True)
    profile = TemporaryDirectory(prefix="horetsu-pdf-", ignore_cleanup_errors=True)
    with beside as working, profile as own:
        copy, sheet = Path(working).resolve() / "page.html", Path(working).resolve() / "page.pdf"
        shutil.copyfile(page, copy)
        root = ["--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
        kept = [f"--user-data-dir={own}", f"--print-to-pdf={sheet}"]
        code = _run([browser, *OPTIONS, *root, *kept, copy.as_uri()], page)
        told = sheet.read_bytes() if sheet.is_file() else b""
        if code or not (told.startswith(b"%PDF-") and told.rstrip().endswith(b"%%EOF")):
            raise PaperError(
                f"ブラウザが、PDF を作れずに終わりました。{_ready(page)}",
                where=f"{browser}(終了の番号 {code})",
                next_step=f"ブラウザを新しくして、もう一度お試しください。{BY_HAND}",
            )
        return _without_traces(told, copy.parent.name.encode())


def _run(command: list[str], page: Path) -> int:
    quiet = subprocess.DEVNULL
    try:
        process = subprocess.Popen(command, stdin=quiet, stdout=quiet, stderr=quiet, start_new_session=True)
    except OSError as error:
        raise PaperError(
            f"ブラウザを動かせませんでした。{_ready(page)}", where=command[0], next_step=INSTALL + BY_HAND
        ) from error
    try:
        return process.wait(LIMIT_SECONDS)
    except subprocess.TimeoutExpired as error:
        raise PaperError(
            f"PDF を作るのに{LIMIT_SECONDS}秒より長くかかったため、やめました。{_ready(page)}",
            where=command[0],
            next_step=f"ほかの作業が終わってから、もう一度お試しください。{BY_HAND}",
        ) from error
    finally:
        _end(process)


def _end(process: subprocess.Popen[bytes]) -> None:
    """End the browser with everything that it has started."""
    if os.name == "nt":
        subprocess.run(["taskkill", "/T", "/F", "/PID", str(process.pid)], capture_output=True, check=False)
    else:
        with suppress(ProcessLookupError, PermissionError):  # nobody is left, or nobody alive
            os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _without_traces(sheet: bytes, working: bytes) -> bytes:
    """Blank out the day of printing and the page's folder; every byte keeps its place, as the PDF counts them.

    A link to a file beside the page leads to the one beside the PDF; one to anywhere else on the machine, nowhere.
    """

    def link(found: re.Match[bytes]) -> bytes:
        beside = found[1].partition(b"/" + working + b"/")[2]
        return (b"/URI (" + beside + b")").ljust(len(found[0]))

    return _OWN_FILES.sub(link, _DATES.sub(lambda found: b" " * len(found[0]), sheet))
