"""A page printed by a real browser: whole or not at all, with no trace of who printed it, and nothing left running."""

import getpass
import http.server
import os
import re
import shutil
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from horetsu_utils import paper

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or ""
NO_BROWSER = "Chromium が見つかりません(Debian なら apt-get install chromium fonts-ipaexfont-gothic)"
needs_browser = pytest.mark.skipif(not CHROMIUM, reason=NO_BROWSER)
needs_posix = pytest.mark.skipif(
    sys.platform == "win32", reason="シェルで書いた見本のブラウザは、Windows では動きません"
)
SHEETS = """<!DOCTYPE html><html lang="ja"><head><meta charset="utf-8"><title>さくら堂 レポート</title>
<style>p{break-after:page}</style></head><body><h1>見出し</h1><p>一</p><p>二</p>三
<a href="https://example.com/a(1)">外</a></body></html>"""


@pytest.fixture
def page(tmp_path: Path) -> Path:
    path = tmp_path / "report.html"
    path.write_text(SHEETS, encoding="utf-8")
    return path


@pytest.fixture
def browser(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Return the place of a browser that the test writes as a shell script; the variable names it."""
    path = tmp_path / "browser"
    monkeypatch.setenv(paper.VARIABLE, str(path))
    yield path


def script(path: Path, text: str) -> None:
    path.write_text(f"#!/bin/sh\n{text}\n", encoding="utf-8")
    path.chmod(0o755)


def running(sign: str) -> list[str]:
    """Return the command lines of the processes that name a sign."""
    found = []
    for each in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            told = each.read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            continue
        if sign in told:
            found.append(told)
    return found


def ended(sign: str) -> bool:
    """Tell whether all processes that name a sign are gone within two seconds: the system buries them by and by."""
    for _ in range(40):
        if not running(sign):
            return True
        time.sleep(0.05)
    return False


def begins_are_right(sheet: bytes) -> bool:
    """Tell whether the objects begin at the bytes that the PDF's own table names."""
    table = sheet[int(re.findall(rb"startxref\s+(\d+)", sheet)[0]) :]
    begins = [int(each) for each in re.findall(rb"(\d{10}) \d{5} n", table)]
    return len(begins) > 5 and all(re.match(rb"\d+ 0 obj", sheet[each : each + 20]) for each in begins)


def pages(sheet: bytes) -> int:
    return len(re.findall(rb"/Type /Page\b", sheet))


@needs_browser
def test_a_page_becomes_a_pdf_of_its_sheets_and_nothing_else_is_left(page: Path, monkeypatch) -> None:
    own = Path(tempfile.mkdtemp(dir="/tmp"))  # short: the browser lays a socket there
    monkeypatch.setattr("tempfile.tempdir", str(own))
    target = page.parent / "out" / "report.pdf"
    assert paper.write(page, target) == target
    sheet = target.read_bytes()
    assert pages(sheet) == 3
    assert sheet.startswith(b"%PDF-")
    assert [each.name for each in target.parent.iterdir()] == ["report.pdf"]
    assert list(own.iterdir()) == []
    own.rmdir()
    assert page.read_text(encoding="utf-8") == SHEETS
    assert ended(str(page.parent))


@needs_browser
def test_the_same_page_gives_the_same_bytes_and_tells_of_nobody(page: Path) -> None:
    one = paper.write(page, page.parent / "one.pdf").read_bytes()
    time.sleep(1.1)  # the second in which it is printed must not be seen
    elsewhere = page.parent / f"{getpass.getuser()}-san"
    elsewhere.mkdir()
    other = paper.write(page, elsewhere / "two.pdf").read_bytes()
    assert one == other
    title = "さくら堂 レポート".encode("utf-16-be").hex().upper().encode()
    assert b"/Title <FEFF" + title in one
    for trace in (b"CreationDate", b"ModDate", b"file:", b".pdf-", b"horetsu-", str(page.parent).encode()):
        assert trace not in one


@needs_browser
def test_a_link_to_a_neighbour_stays_and_one_to_the_machines_own_files_leads_nowhere(page: Path) -> None:
    links = '<a href="board.html#a(1)">ボード</a> <a href="/etc/passwd">ほか</a> <a href="../up.html">上</a></body>'
    page.write_text(SHEETS.replace("</body>", links), encoding="utf-8")
    sheet = paper.write(page, page.parent / "one.pdf").read_bytes()
    found = re.findall(rb"/URI \(((?:\\.|[^()\\])*)\)", sheet)
    assert found == [rb"https://example.com/a\(1\)", rb"board.html#a\(1\)", b"", b""]
    assert b"passwd" not in sheet
    assert str(page.parent).encode() not in sheet
    assert begins_are_right(sheet)


@needs_browser
@pytest.mark.parametrize("name", ["レポート 100% 完成?.html", "a#b%20c.html", "--help.html", 'it\'s "q" & (1).html'])
def test_any_file_name_works(tmp_path: Path, name: str) -> None:
    folder = tmp_path / "さくら堂 #1 50%?"
    folder.mkdir()
    (folder / name).write_text(SHEETS, encoding="utf-8")
    assert pages(paper.write(folder / name, (folder / name).with_suffix(".pdf")).read_bytes()) == 3


@needs_browser
def test_a_relative_name_works(page: Path, monkeypatch) -> None:
    monkeypatch.chdir(page.parent)
    assert pages(paper.write(Path("report.html"), Path("out/report.pdf")).read_bytes()) == 3


@needs_browser
def test_it_asks_nothing_of_any_network(tmp_path: Path, monkeypatch) -> None:
    """With the rule taken away the same page does ask, so the server would have heard it."""
    asked: list[str] = []

    class Heard(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_error(404)

        def log_message(self, *_: object) -> None: ...

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Heard)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    port = server.server_address[1]
    page = tmp_path / "page.html"
    page.write_text(
        f'<title>x</title><img src="http://127.0.0.1:{port}/number"><img src="http://localhost:{port}/name">'
        f'<script>fetch("http://127.0.0.1:{port}/script")</script>',
        encoding="utf-8",
    )
    paper.write(page, tmp_path / "page.pdf")
    assert asked == []
    monkeypatch.setattr(paper, "OPTIONS", tuple(each for each in paper.OPTIONS if "resolver" not in each))
    paper.write(page, tmp_path / "page.pdf")
    server.shutdown()
    server.server_close()
    assert {"/number", "/name"} <= set(asked)


@needs_browser
def test_a_page_that_never_ends_is_given_up_and_nothing_runs_on(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(paper, "LIMIT_SECONDS", 3)
    page, target = tmp_path / "page.html", tmp_path / "page.pdf"
    page.write_text("<title>x</title><script>while (true) {}</script>", encoding="utf-8")
    target.write_bytes(b"the one before")
    with pytest.raises(paper.PaperError) as error:
        paper.write(page, target)
    assert error.value.what == "PDF を作るのに3秒より長くかかったため、やめました。page.html は、できあがっています。"
    assert "印刷" in error.value.next_step
    assert target.read_bytes() == b"the one before"
    assert sorted(each.name for each in tmp_path.iterdir()) == ["page.html", "page.pdf"]
    assert ended(str(tmp_path))


@needs_posix
def test_what_a_browser_started_is_ended_with_it(page: Path, browser: Path, monkeypatch) -> None:
    monkeypatch.setattr(paper, "LIMIT_SECONDS", 1)
    script(browser, f"sleep 61 & echo $! > {page.parent}/child; sleep 62")
    with pytest.raises(paper.PaperError, match="1秒より長くかかった"):
        paper.write(page, page.with_suffix(".pdf"))
    child = (page.parent / "child").read_text().strip()
    for _ in range(40):
        if not Path(f"/proc/{child}").exists() or " Z " in Path(f"/proc/{child}/stat").read_text():
            break
        time.sleep(0.05)
    else:
        raise AssertionError("the browser's child runs on")


@needs_posix
@pytest.mark.parametrize(
    ("does", "number"),
    [
        ("exit 3", 3),
        ("exit 0", 0),
        ('for a; do case $a in --print-to-pdf=*) echo "%PDF-1.4" > "${a#*=}";; esac; done', 0),
    ],
    ids=["fails", "writes nothing", "writes half"],
)
def test_a_browser_that_fails_is_told_in_words_and_the_pdf_before_stays(
    page: Path, browser: Path, does: str, number: int
) -> None:
    script(browser, does)
    target = page.with_suffix(".pdf")
    target.write_bytes(b"the one before")
    with pytest.raises(paper.PaperError) as error:
        paper.write(page, target)
    assert error.value.what == "ブラウザが、PDF を作れずに終わりました。report.html は、できあがっています。"
    assert error.value.where == f"{browser}(終了の番号 {number})"
    assert target.read_bytes() == b"the one before"
    assert sorted(each.name for each in page.parent.iterdir()) == ["browser", "report.html", "report.pdf"]


@needs_posix
def test_a_file_that_is_no_program_is_told_in_words(page: Path, browser: Path) -> None:
    browser.write_bytes(b"\x7fELF nothing")
    browser.chmod(0o755)
    with pytest.raises(paper.PaperError, match="ブラウザを動かせませんでした"):
        paper.write(page, page.with_suffix(".pdf"))


def test_without_a_browser_it_says_what_to_install_and_that_the_page_is_ready(page: Path, monkeypatch) -> None:
    monkeypatch.delenv(paper.VARIABLE, raising=False)
    monkeypatch.setenv("PATH", str(page.parent))
    monkeypatch.setattr(paper, "_places", lambda: iter([page.parent / "none"]))
    with pytest.raises(paper.PaperError) as error:
        paper.write(page, page.with_suffix(".pdf"))
    assert error.value.what == "PDF を作るためのブラウザが見つかりません。report.html は、できあがっています。"
    for told in ("apt install chromium", "Google Chrome", "Microsoft Edge"):
        assert told in error.value.next_step
    assert [each.name for each in page.parent.iterdir()] == ["report.html"]


def test_a_named_browser_that_is_not_there_is_not_passed_over(page: Path, browser: Path) -> None:
    with pytest.raises(paper.PaperError) as error:
        paper.write(page, page.with_suffix(".pdf"))
    assert error.value.what == "指定されたブラウザが見つかりません。report.html は、できあがっています。"
    assert error.value.where == str(browser)
    assert paper.VARIABLE in error.value.next_step


@needs_posix
def test_the_variable_goes_before_the_names_and_the_argument_before_both(page: Path, browser: Path, tmp_path) -> None:
    script(browser, "exit 7")
    script(tmp_path / "given", "exit 8")
    for given, number in ((None, 7), (str(tmp_path / "given"), 8)):
        with pytest.raises(paper.PaperError) as error:
            paper.write(page, page.with_suffix(".pdf"), browser=given)
        assert error.value.where.endswith(f"(終了の番号 {number})")


def test_the_usual_places_of_macos_and_windows_are_looked_at(monkeypatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PROGRAMFILES", str(tmp_path))
    places = list(paper._places())
    assert Path("/Applications/Google Chrome.app/Contents/MacOS/Google Chrome") in places
    assert tmp_path / "Microsoft" / "Edge" / "Application" / "msedge.exe" in places


@needs_posix
@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="root はどこにでも書き込めます")
def test_a_folder_that_is_barred_is_told_in_words(page: Path, browser: Path) -> None:
    script(browser, "exit 0")
    barred = page.parent / "barred"
    barred.mkdir(mode=0o500)
    with pytest.raises(paper.PaperError, match="PDF を書き込めませんでした"):
        paper.write(page, barred / "report.pdf")


@needs_browser
def test_a_target_that_cannot_be_replaced_is_told_in_words(page: Path) -> None:
    target = page.parent / "report.pdf"
    target.mkdir()
    with pytest.raises(paper.PaperError) as error:
        paper.write(page, target)
    assert error.value.what.startswith("PDF を書き込めませんでした(ファイルのはずの場所に、フォルダがあります)。")
    assert error.value.what.endswith("report.html は、できあがっています。")
    assert error.value.where == str(target)
    assert sorted(each.name for each in page.parent.iterdir()) == ["report.html", "report.pdf"]


def test_a_page_that_is_not_there_is_told_in_words(tmp_path: Path) -> None:
    with pytest.raises(paper.PaperError, match="印刷するページがありません"):
        paper.write(tmp_path / "none.html", tmp_path / "none.pdf")


@pytest.mark.parametrize(("user", "flag"), [(0, True), (1000, False)])
@needs_posix
def test_the_sandbox_is_left_out_for_root_alone(page: Path, browser: Path, monkeypatch, user: int, flag: bool) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: user)
    script(browser, f'echo "$@" > {page.parent}/said; exit 1')
    with pytest.raises(paper.PaperError):
        paper.write(page, page.with_suffix(".pdf"))
    assert ("--no-sandbox" in (page.parent / "said").read_text()) is flag
