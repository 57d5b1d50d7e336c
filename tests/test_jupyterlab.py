"""The analyst's desk as the analyst meets it: `horetsu lab`, a real JupyterLab in a real browser, Ctrl-C at the end."""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

ALL = sorted(path.stem for path in (Path(__file__).resolve().parents[1] / "notebooks").glob("*.ipynb"))
NOTEBOOKS = ALL if os.environ.get("HORETSU_WALK") == "all" else ["03_journey"]
"""Every test run opens two, one with a list to choose from and one with sliders; `make walk` opens all."""
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or ""
NO_BROWSER = "Chromium が見つかりません(Debian なら apt-get install chromium fonts-ipaexfont-gothic)"
PATIENCE_SECONDS = 240
HELD_BACK_SECONDS = 20
"""So long a server may take to end its kernels."""
READY = "Python 3 (ipykernel) | Idle"
DONE = """() => { const cells = [...document.querySelectorAll('.jp-NotebookPanel .jp-CodeCell .jp-InputPrompt')];
    return cells.length > 5 && cells.every(each => /^\\[\\d+\\]:$/.test(each.textContent)); }"""
TROUBLE = "[data-mime-type='application/vnd.jupyter.error'], [data-mime-type='application/vnd.jupyter.stderr']"
EXPLORED = ".widget-vbox:has(> .horetsu-shown):has(figure, table)"
"""Controls above a picture or a table."""
SHOWN = "> .horetsu-shown"


@dataclass
class Desk:
    """A running `horetsu lab`: its process, what it printed, and the address that it opened in the browser."""

    process: subprocess.Popen[bytes]
    folder: Path
    address: str

    def printed(self, name: str) -> str:
        return (self.folder / name).read_text(encoding="utf-8")


def until(happened, what: str) -> object:
    """Wait until a condition holds, and return what it gave."""
    for _ in range(PATIENCE_SECONDS * 10):
        if found := happened():
            return found
        time.sleep(0.1)
    raise AssertionError(what)


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """Type `horetsu lab` in a session of its own; the system's browser is a script that notes what it should open."""
    if not CHROMIUM:
        pytest.skip(NO_BROWSER)
    from horetsu_utils import demo

    home = tmp_path_factory.mktemp("desk")
    demo.write(home / "clients" / "demo")
    browser = home / "browser"
    browser.write_text(
        f'#!/bin/sh\nprintf %s "$1" > "{home}/part" && mv "{home}/part" "{home}/opened"\n', encoding="utf-8"
    )
    browser.chmod(0o755)
    own = {name: str(home / name.lower()) for name in ("JUPYTER_RUNTIME_DIR", "JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR")}
    environment = {**os.environ, **own, "BROWSER": f"{browser} %s", "COLUMNS": "300"}
    command = [sys.executable, "-c", "from horetsu_utils.cli import main; main()", "lab", "demo"]
    with (home / "out").open("wb") as out, (home / "err").open("wb") as err:
        process = subprocess.Popen(
            command, cwd=home, env=environment, stdout=out, stderr=err, start_new_session=True, stdin=subprocess.DEVNULL
        )
    running = Desk(process, home, "")
    try:
        until(lambda: (home / "opened").is_file() or process.poll() is not None, "JupyterLab was not opened")
        assert process.poll() is None, running.printed("out") + running.printed("err")
        running.address = (home / "opened").read_text(encoding="utf-8")
        yield running
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


@pytest.fixture(scope="module")
def pages(desk: Desk) -> Iterator[dict[str, object]]:
    """Open every notebook in a tab of its own, run them all at once, and wait until the last cell of each is done."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        context = browser.new_context(viewport={"width": 1300, "height": 1000})
        context.set_default_timeout(PATIENCE_SECONDS * 1000)
        first = context.new_page()
        first.goto(desk.address)  # a file that leads to the server, with its token
        first.get_by_text(f"{NOTEBOOKS[-1]}.ipynb").wait_for()
        assert first.locator(".jp-toast-message, .Toastify__toast").count() == 0
        server = first.url.partition("/lab")[0]
        first.close()
        opened = {name: context.new_page() for name in NOTEBOOKS}
        for name, page in opened.items():
            page.goto(f"{server}/lab/workspaces/{name}/tree/{name}.ipynb", wait_until="commit")
        for page in opened.values():
            page.get_by_text(READY).wait_for()
            page.get_by_role("menuitem", name="Run", exact=True).click()
            page.get_by_role("menuitem", name="Run All Cells", exact=True).click()
        for page in opened.values():
            page.wait_for_function(DONE, polling=500)
            page.get_by_text(READY).wait_for()
        yield opened
        browser.close()


def move(box) -> None:
    """Choose another option of an interactive cell, or move its slider by the keyboard."""
    handle, listed, typed = (box.locator(each) for each in (".noUi-handle", "select", "input[list]"))
    if listed.count():
        listed.first.select_option(index=1 if listed.first.evaluate("each => each.selectedIndex") == 0 else 0)
    elif handle.count():
        before = handle.first.get_attribute("aria-valuenow")
        handle.first.press("ArrowRight")
        if handle.first.get_attribute("aria-valuenow") == before:
            handle.first.press("ArrowLeft")
    else:
        other = typed.first.evaluate("each => [...each.list.options].find(one => one.value != each.value).value")
        typed.first.fill(other)
        typed.first.press("Enter")


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_it_runs_in_jupyterlab_and_follows_the_hand(pages: dict, name: str) -> None:
    page = pages[name]
    assert page.locator(TROUBLE).all_inner_texts() == []
    box = page.locator(EXPLORED).first
    shown = box.locator(SHOWN)
    before = shown.inner_html()
    assert before
    move(box)
    until(
        lambda: shown.inner_html() not in ("", before) and shown.locator("figure, table, p").count(), "nothing changed"
    )
    page.get_by_text(READY).wait_for()
    assert page.locator(TROUBLE).all_inner_texts() == []


def test_ctrl_c_ends_it_in_words_and_leaves_nothing_behind(desk: Desk) -> None:
    """Kernels live in sessions of their own: they are known by the connection files that name this server's folder."""
    os.killpg(desk.process.pid, signal.SIGINT)
    assert desk.process.wait(HELD_BACK_SECONDS * 2) == 0
    laid = (desk.folder / "clients" / "demo" / "notebooks").resolve()
    assert desk.printed("out").splitlines() == [
        f"ノートブックを置きました: {laid}",
        "JupyterLab を開きます。終えるときは、この画面で Ctrl と C を押してください。",
        f"JupyterLab を閉じました。保存したノートブックは、ここにあります: {laid}",
    ]
    assert "Traceback" not in desk.printed("err")
    until(lambda: not left(desk), "processes are left behind")
    assert sorted(path.name for path in laid.iterdir() if path.suffix == ".ipynb") == [f"{name}.ipynb" for name in ALL]


def left(desk: Desk) -> list[str]:
    """Return what still runs of this desk: a command line, or an environment's trace, that names its own folder."""
    listed = subprocess.run(["ps", "-e", "-o", "pid=,args="], capture_output=True, text=True, check=True).stdout
    return [line for line in listed.splitlines() if str(desk.folder) in line]
