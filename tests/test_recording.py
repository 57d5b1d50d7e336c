"""What is recorded stands in the client's own file, as that file is written, and nothing else is lost or moved."""

import datetime as dt
import multiprocessing
import os
import resource
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from horetsu_utils import assets, cache, canon, ledger, recording, replacing, scaffold
from horetsu_utils import client as clients
from horetsu_utils.client import Client
from horetsu_utils.errors import ConfigError, InputError
from horetsu_utils.ingest import mapping as mappings
from horetsu_utils.ingest.header import Header
from horetsu_utils.ledger import RecordingError
from horetsu_utils.shop import Shop
from horetsu_utils.words import COLUMNS

KEY = ("question", "answered_by", "date")
HEADINGS = "質問,答え,答えた人,コメント,日付"
ORDERS = "注文番号,顧客番号,注文日時,金額\nA1,C1,2026-04-01,5480\n"
BOM = b"\xef\xbb\xbf"


def row(
    question: str = "Q1", answer: str = "B", who: str = "店主", comment: str = "", date: str = "2026-04-01"
) -> dict:
    told = {"question": question, "answer": answer, "answered_by": who, "comment": comment, "date": date}
    return {name: text for name, text in told.items() if text}


@pytest.fixture
def new(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Client:
    """Return a client of which there is nothing but its folder."""
    monkeypatch.chdir(tmp_path)
    scaffold.create("sakura")
    return clients.find("sakura")


def given_file(client: Client, content: str | bytes, name: str = "answers.csv") -> Path:
    path = client.folder / "data" / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def test_a_new_client_gets_a_file_that_a_spreadsheet_opens(new: Client) -> None:
    saved = recording.append(new, "answers", [row(comment="毎月、見ています")])
    assert saved.path == (new.folder / "data" / "answers.csv").resolve()
    assert saved.path.read_bytes() == BOM + f"{HEADINGS}\r\nQ1,B,店主,毎月、見ています,2026-04-01\r\n".encode()
    assert [path.name for path in (new.folder / "data").iterdir()] == ["answers.csv"]


def test_what_was_recorded_is_read_again_beside_the_orders(make_client: Callable[..., Path]) -> None:
    """The cache must notice the new rows, and the shop must show them."""
    folder = make_client({"orders.csv": ORDERS}, "")
    (folder / "client.yaml").write_text("name: 見本の店\n", encoding="utf-8")
    client = clients.find(str(folder))
    recording.append(client, "answers", [row("Q1", "B")])
    before = cache.prepared(client)
    recording.append(client, "answers", [row("Q2", "A", comment="=1+1")])
    assert cache.prepared(client) != before
    answers = Shop.open(folder, as_of="2026-04-01").table("answers").order_by("question").to_pyarrow().to_pylist()
    assert [(each["question"], each["answer"], each["answered_by"]) for each in answers] == [
        ("Q1", "B", "店主"),
        ("Q2", "A", "店主"),
    ]
    assert [each["question"] for each in recording.recorded(client, "answers")] == ["Q1", "Q2"]


def test_a_story_is_recorded_in_the_same_way(new: Client) -> None:
    told = {"customer_id": "C1", "date": "2026-04-01", "change_score": "3", "emotion": "良い", "note": "笑顔でした"}
    recording.append(new, "story", [told], key=("customer_id", "date"))
    recording.append(new, "story", [told | {"change_score": "4"}], key=("customer_id", "date"))
    (found,) = recording.recorded(new, "story")
    assert (found["customer_id"], found["change_score"], found["emotion"], found["note"]) == (
        "C1",
        4,
        "良い",
        "笑顔でした",
    )
    kept = (new.folder / "控え" / "story.csv").read_text(encoding="utf-8-sig")
    assert kept == "顧客番号,日付,変化点数,気持ち,目的,期待,メモ,担当者\nC1,2026-04-01,3,良い,,,笑顔でした\n"


@pytest.mark.parametrize(
    ("encoding", "mark"),
    [("utf-8", b""), ("utf-8", BOM), ("cp932", b""), ("utf-16-le", b"\xff\xfe"), ("utf-16-be", b"\xfe\xff")],
)
@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("delimiter", [",", "\t", ";"])
def test_a_file_stays_written_as_it_is(new: Client, encoding: str, mark: bytes, end: str, delimiter: str) -> None:
    """Title, order of columns, a foreign column, a blank line and the quotes around a cell stay where they are."""
    lines = [
        ["診断の記録"],
        ["日付", "質問", "備考", "答え"],
        ["2026/3/1", "問2", "よい", "C"],
        [],
        ["2026/3/2", "Q3", "", "A"],
    ]
    if delimiter != "\t":
        lines[2][2] = '"よ、い"'
    before = end.join(delimiter.join(cells) for cells in lines)
    path = given_file(new, mark + before.encode(encoding))
    recording.append(new, "answers", [{"question": "Q4", "answer": "D", "date": "2026-04-01"}])
    after = before + end + delimiter.join(["2026-04-01", "Q4", "", "D"]) + end
    assert path.read_bytes() == mark + after.encode(encoding)


def test_a_column_that_the_file_lacks_is_added_at_the_end(new: Client) -> None:
    path = given_file(new, '題\n質問,答え\n\nQ1,"B"\nQ2,C,よけい,なセル\nQ3\n')
    recording.append(new, "answers", [row("Q4", "A", comment="はい")])
    assert path.read_text(encoding="utf-8") == (
        "題\n質問,答え,答えた人,コメント,日付\n\n"  # titles and blank lines are no rows
        'Q1,"B",,,\nQ2,C,よけい,なセル\nQ3,,,,\n'  # a row with cells too many is refused when read, and left alone
        "Q4,A,店主,はい,2026-04-01\n"
    )


def test_every_column_of_the_kit_can_be_added() -> None:
    for table, section in mappings.load(assets.MAPPINGS / "generic.yaml").tables.items():
        for column in canon.TABLES[table].names:
            assert Header((COLUMNS[column].japanese,)).found(section.columns[column]), (table, column)


def test_one_file_of_another_name_is_the_one_that_grows(new: Client) -> None:
    path = given_file(new, f"{HEADINGS}\n", "診断2026.csv")
    assert recording.append(new, "answers", [row()]).path == path.resolve()
    assert not (new.folder / "data" / "answers.csv").exists()


def test_of_several_files_none_is_guessed(new: Client) -> None:
    """The shop's two departments keep their own: a third takes what is recorded here."""
    for name in ("a.csv", "b.csv"):
        given_file(new, f"{HEADINGS}\nQ1,A,店主,,2026-01-01\n", name)
    assert recording.append(new, "answers", [row()]).path.name == "answers.csv"
    assert recording.append(new, "answers", [row("Q2")]).path.name == "answers.csv"
    assert len(recording.recorded(new, "answers")) == 4


@pytest.mark.parametrize("content", ["", "りんご,みかん\n1,2\n"])
def test_a_file_of_that_name_that_is_something_else_is_left_alone(new: Client, content: str) -> None:
    path = given_file(new, content)
    with pytest.raises(RecordingError, match=r"data/answers\.csv は、「診断の答え」の表として読めないため") as refused:
        recording.append(new, "answers", [row()])
    assert "記入用/answers.csv と同じに" in refused.value.next_step
    assert path.read_text(encoding="utf-8") == content


NAMED = "  orders:\n    - files: data/orders.csv"


def test_a_file_that_client_yaml_would_not_read_is_not_begun(make_client: Callable[..., Path]) -> None:
    folder = make_client({"orders.csv": ORDERS}, NAMED)
    with pytest.raises(ConfigError, match="このまま記録しても読まれないため、記録していません") as refused:
        recording.append(clients.find(str(folder)), "answers", [row()])
    assert refused.value.next_step.endswith(
        "次の2行を書き足してから、もう一度記録してください。\n  answers:\n    - files: data/answers.csv"
    )
    assert sorted(path.name for path in (folder / "data").iterdir()) == ["orders.csv"]
    settings = (folder / "client.yaml").read_text(encoding="utf-8").rstrip("\n")
    told = refused.value.next_step.partition("\n")[2]
    (folder / "client.yaml").write_text(f"{settings}\n{told}\n", encoding="utf-8")  # as we were told
    client = clients.find(str(folder))
    recording.append(client, "answers", [row()])
    assert Shop.open(folder, as_of="2026-04-01").table("answers").count().to_pyarrow().as_py() == 1


def test_an_entry_for_other_files_gets_one_line_more(make_client: Callable[..., Path]) -> None:
    folder = make_client({"orders.csv": ORDERS}, f"{NAMED}\n  answers:\n    - files: data/form_*.csv")
    with pytest.raises(ConfigError) as refused:
        recording.append(clients.find(str(folder)), "answers", [row()])
    assert refused.value.next_step.endswith(
        "次の1行を書き足してから、もう一度記録してください。\n    - files: data/answers.csv"
    )


@pytest.mark.parametrize(
    ("files", "made"),
    [("data/*.csv", "answers.csv"), ("data/**/*.csv", "answers.csv"), ("data/shindan.csv", "shindan.csv")],
)
def test_a_file_that_client_yaml_is_waiting_for_is_made(
    make_client: Callable[..., Path], files: str, made: str
) -> None:
    folder = make_client({}, f"  answers:\n    - files: {files}")
    client = clients.find(str(folder))
    assert recording.append(client, "answers", [row()]).path.name == made
    assert len(recording.recorded(client, "answers")) == 1


def test_no_file_outside_the_clients_folder_is_made(make_client: Callable[..., Path], tmp_path: Path) -> None:
    folder = make_client({}, "  answers:\n    - files: ../answers.csv")
    with pytest.raises(ConfigError):
        recording.append(clients.find(str(folder)), "answers", [row()])
    (folder / "data").rmdir()
    (tmp_path / "elsewhere").mkdir()
    (folder / "data").symlink_to(tmp_path / "elsewhere")
    (folder / "client.yaml").write_text("name: 見本の店\n", encoding="utf-8")
    with pytest.raises(RecordingError, match="クライアントのフォルダの外にあるため"):
        recording.append(clients.find(str(folder)), "answers", [row()])
    assert list((tmp_path / "elsewhere").iterdir()) == []


def test_a_newer_answer_replaces_the_older_and_the_older_is_kept(new: Client) -> None:
    """Q1 of 1 April is written in another way each time; Q2, another person and another day are not the same."""
    others = "Ｑ2,D,店主,,2026-04-01\nQ1,D,CRM担当,,2026-04-01\nQ1,D,店主,,2026-04-02\nQ1,D,店主,,\n"
    path = given_file(new, f"{HEADINGS}\n問1,C,店主,むかし,2026/4/1\nＱ１,D,店主 ,,2026年4月1日\n{others}")
    recording.append(new, "answers", [row("Q1", "A", comment="いま")], key=KEY)
    assert path.read_text(encoding="utf-8") == f"{HEADINGS}\n{others}Q1,A,店主,いま,2026-04-01\n"
    kept = (new.folder / "控え" / "answers.csv").read_bytes()
    assert kept == BOM + f"{HEADINGS}\r\n問1,C,店主,むかし,2026/4/1\r\nＱ１,D,店主,,2026年4月1日\r\n".encode()
    recording.append(new, "answers", [row("Q1", "B")], key=KEY)
    kept = (new.folder / "控え" / "answers.csv").read_text(encoding="utf-8-sig")
    assert kept.splitlines()[3:] == ["Q1,A,店主,いま,2026-04-01"]
    assert recording.recorded(new, "answers") == [
        {"question": question, "answer": "D", "answered_by": who, "date": date, "comment": None}
        for question, who, date in recorded_others()
    ] + [{"question": "Q1", "answer": "B", "answered_by": "店主", "date": day("2026-04-01"), "comment": None}]


def day(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


def recorded_others() -> list[tuple[str, str, dt.date | None]]:
    return [
        ("Q2", "店主", day("2026-04-01")),
        ("Q1", "CRM担当", day("2026-04-01")),
        ("Q1", "店主", day("2026-04-02")),
        ("Q1", "店主", None),
    ]


def test_undo_takes_out_what_was_added_and_puts_back_what_it_replaced(new: Client) -> None:
    before = f"{HEADINGS}\nQ1,C,店主,むかし,2026-04-01\nQ2,C,店主,,2026-04-01\n"
    path = given_file(new, before)
    saved = recording.append(new, "answers", [row("Q1", "A"), row("Q3", "A")], key=KEY)
    recording.append(new, "answers", [row("Q4", "A", who="CRM担当")], key=KEY)
    recording.undo(saved)
    assert path.read_text(encoding="utf-8").splitlines() == [
        HEADINGS,
        "Q2,C,店主,,2026-04-01",
        "Q4,A,CRM担当,,2026-04-01",
        "Q1,C,店主,むかし,2026-04-01",
    ]
    with pytest.raises(RecordingError, match="書き直されているため、取り消していません"):
        recording.undo(saved)


def test_undo_of_the_same_rows_twice_takes_one_each(new: Client) -> None:
    first, second = (recording.append(new, "answers", [row(), row()]) for _ in range(2))
    recording.undo(first)
    assert len(first.path.read_text(encoding="utf-8").splitlines()) == 3
    recording.undo(second)
    assert first.path.read_bytes() == BOM + f"{HEADINGS}\r\n".encode()


def test_undo_never_touches_a_file_that_has_been_changed_or_removed(new: Client) -> None:
    saved = recording.append(new, "answers", [row(), row("Q2")])
    text = saved.path.read_bytes().replace(b"Q2,B", b"Q2,C")
    saved.path.write_bytes(text)
    with pytest.raises(RecordingError):
        recording.undo(saved)
    assert saved.path.read_bytes() == text
    saved.path.unlink()
    with pytest.raises(RecordingError):
        recording.undo(saved)
    assert not saved.path.exists()


def test_a_comment_cannot_run_as_a_formula_and_stays_in_its_cell(new: Client) -> None:
    path = given_file(new, f"{HEADINGS}\n")
    signs = ['=HYPERLINK("http://x")', "+1", "-5%ほど", "@店", "\t=1", "a\r\nb", 'い"う"', "x,y", "\x1b[31m赤\0"]
    recording.append(new, "answers", [row(f"Q{place}", comment=sign) for place, sign in enumerate(signs, 1)])
    cells = [record.cells[3] for record in ledger.read(path, any).rows.values()]
    assert cells == ['\'=HYPERLINK("http://x")', "'+1", "'-5%ほど", "'@店", "'=1", "a\nb", 'い"う"', "x,y", "[31m赤"]
    assert len(recording.recorded(new, "answers")) == len(signs)
    assert path.read_text(encoding="utf-8").count('"') == 6 + 2 + 6 + 2  # HYPERLINK, a\nb, い"う", x,y


def test_a_sign_that_the_file_cannot_hold_is_told(new: Client) -> None:
    before = f"{HEADINGS}\n".encode("cp932")
    path = given_file(new, before)
    with pytest.raises(RecordingError, match="「😊」という文字は、このファイルの文字コード") as refused:
        recording.append(new, "answers", [row(comment="よい😊")])
    assert "CSV UTF-8" in refused.value.next_step
    assert path.read_bytes() == before
    recording.append(new, "answers", [row(comment="3〜5日")])  # what a Mac types for ～
    assert path.read_bytes().decode("cp932").endswith("3～5日,2026-04-01\n")


def test_a_text_beyond_all_measure_is_refused(new: Client) -> None:
    with pytest.raises(RecordingError, match="「コメント」の文が長すぎるため"):
        recording.append(new, "answers", [row(comment="あ" * 10_001)])
    assert not (new.folder / "data" / "answers.csv").exists()


def test_an_open_quote_does_not_swallow_the_new_rows(new: Client) -> None:
    path = given_file(new, f'{HEADINGS}\nQ1,A,店主,"閉じない,2026-04-01\n')
    with pytest.raises(InputError, match="引用符"):
        recording.append(new, "answers", [row()])
    assert path.read_text(encoding="utf-8").endswith("閉じない,2026-04-01\n")


@pytest.mark.parametrize("name", ["~$answers.csv", ".~lock.answers.csv#"])
def test_a_file_that_is_open_in_a_spreadsheet_is_left_alone(new: Client, name: str) -> None:
    path = recording.append(new, "answers", [row()]).path
    before = path.read_bytes()
    path.with_name(name).touch()
    for record in (lambda: recording.append(new, "answers", [row("Q2")]), lambda: recording.ready(new, "answers")):
        with pytest.raises(
            RecordingError, match=r"answers\.csv が、表計算ソフトで開かれているようです。前の記録は"
        ) as open_file:
            record()
        assert name in open_file.value.next_step
    assert path.read_bytes() == before


@pytest.mark.parametrize(
    ("number", "told"),
    [
        (13, r"answers\.csv に記録できませんでした\(読み書きが許されていません\)"),
        (28, r"\(空き容量が足りません\)"),
        (30, r"\(「読み取り専用」の場所です\)"),
        (5, r"\(ディスクが応えません\)"),
    ],
)
def test_a_file_that_cannot_be_written_stays_as_it_was(
    new: Client, monkeypatch: pytest.MonkeyPatch, number: int, told: str
) -> None:
    path = recording.append(new, "answers", [row()]).path
    before = path.read_bytes()

    def fails(*_: object) -> None:
        raise OSError(number, os.strerror(number))

    for name in ("fsync", "replace"):
        with monkeypatch.context() as patched:
            patched.setattr(os, name, fails)
            patched.setattr(Path, "replace", fails)
            with pytest.raises(RecordingError, match=told) as refused:
                recording.append(new, "answers", [row("Q2")])
        assert "前の記録は、そのまま残っています" in refused.value.what
        assert path.read_bytes() == before
        assert [each.name for each in path.parent.iterdir()] == ["answers.csv"]


def test_a_disk_that_is_full_in_the_middle_of_writing_leaves_no_half_file(new: Client) -> None:
    """The limit of a file's size stands for a full disk: 4,096 bytes go through, the rest does not."""
    path = given_file(new, f"{HEADINGS}\n" + "Q1,A,店主,,2026-04-01\n" * 180)
    before = path.read_bytes()
    assert len(before) > 4_096
    program = (
        "import resource, sys\n"
        "from horetsu_utils import client, recording\n"
        "found = client.find('sakura')\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))\n"
        "try:\n    recording.append(found, 'answers', [{'question': 'Q2', 'answer': 'A'}])\n"
        "except recording.RecordingError as error:\n    print(error.what)\n"
    )
    told = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout
    assert "記録できませんでした(この場所に置ける大きさを超えます)" in told
    assert path.read_bytes() == before
    assert [each.name for each in path.parent.iterdir()] == ["answers.csv"]
    assert resource.getrlimit(resource.RLIMIT_FSIZE)[0] != 4096


def test_permissions_and_links_are_kept(new: Client) -> None:
    real = new.folder / "真.csv"
    real.write_text(f"{HEADINGS}\n", encoding="utf-8")
    real.chmod(0o640)
    link = new.folder / "data" / "answers.csv"
    link.symlink_to(real.resolve())
    recording.append(new, "answers", [row()])
    assert link.is_symlink()
    assert real.stat().st_mode & 0o777 == 0o640
    assert real.read_text(encoding="utf-8").count("\n") == 2


def test_a_folder_that_nobody_may_write_is_told_before_anybody_answers(
    new: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "access", lambda path, mode: Path(path).name != "data")
    with pytest.raises(RecordingError, match=r"\(読み書きが許されていません\)") as refused:
        recording.ready(new, "answers")
    assert "読み取り専用" in refused.value.next_step


def many(folder: str, who: str) -> None:
    recording.WAIT_SECONDS = 3600  # how busy the machine is decides nothing here
    client = clients.find(folder)
    for number in range(25):
        recording.append(client, "answers", [row(f"Q{number % 10 + 1}", who=who, comment=str(number))])


def test_processes_that_record_at_the_same_time_lose_nothing(new: Client) -> None:
    people = ["店主", "CRM担当", "お客様窓口", "山田"]
    with ProcessPoolExecutor(4, mp_context=multiprocessing.get_context("spawn")) as pool:
        for done in [pool.submit(many, str(new.folder), who) for who in people]:
            done.result()
    cells = [record.cells for record in ledger.read(new.folder / "data" / "answers.csv", any).rows.values()]
    for who in people:  # each one's in the order they were recorded
        assert [each[3] for each in cells if each[2] == who] == list(map(str, range(25)))
    assert len(cells) == 100


def test_one_who_waits_too_long_is_told(new: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    from filelock import FileLock

    monkeypatch.setattr(recording, "WAIT_SECONDS", 0)
    new.cache.mkdir()
    with FileLock(new.cache / "answers.lock"), pytest.raises(RecordingError, match="ほかの方が記録しているところ"):
        recording.append(new, "answers", [row()])
    recording.append(new, "answers", [row()])


def test_replacing_two_files_changes_both_or_none(tmp_path: Path) -> None:
    """The second cannot be written, for its folder is a file: then the first stays as it was."""
    first, blocked = tmp_path / "a.csv", tmp_path / "file" / "b.csv"
    first.write_bytes(b"old")
    blocked.parent.write_bytes(b"")
    with pytest.raises(RecordingError):
        replacing.replace({first: b"new", blocked: b"new"})
    assert first.read_bytes() == b"old"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.csv", "file"]


CELL = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=12).map(str.strip)


@given(st.lists(st.tuples(CELL, CELL), min_size=1, max_size=5), st.sampled_from([",", ";", "\t"]))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_is_written_is_read_back(tmp_path: Path, rows: list[tuple[str, str]], delimiter: str) -> None:
    """Also: what stood there before is the beginning of the file, byte for byte."""
    path = tmp_path / "any.csv"
    before = f'"題"{delimiter}"答え"\n"一"{delimiter}二'.encode()
    path.write_bytes(before)
    after = ledger.read(path, any).with_rows(rows).to_bytes("any.csv")
    assert after.startswith(before)
    path.write_bytes(after)
    again = [record.cells for record in ledger.read(path, any).records[2:]]
    assert again == [tuple(map(str.strip, row)) for row in rows]
