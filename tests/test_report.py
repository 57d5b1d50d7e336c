"""The page holds what the shop should see and nothing else; machines get the same findings."""

import base64
import hashlib
import json
import re
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

from horetsu_utils import report
from horetsu_utils.findings import Finding, tell
from horetsu_utils.words import CODES

HOSTILE = "<script>alert(1)</script>"


def code(source: str, *outputs: dict, tags: tuple[str, ...] = ()) -> nbformat.NotebookNode:
    cell = nbformat.v4.new_code_cell(source, metadata={"tags": list(tags)})
    cell.outputs = [nbformat.v4.new_output(kind, **content) for output in outputs for kind, content in output.items()]
    return cell


def shown(**data: object) -> dict:
    return {"display_data": {"data": {key.replace("_", "/", 1): value for key, value in data.items()}}}


def findings(*items: Finding) -> dict:
    return {"display_data": {"data": tell(*items)._repr_mimebundle_()}}


@pytest.fixture
def executed(tmp_path: Path) -> Path:
    """Write an executed notebook that holds one of everything a page must treat."""
    told = Finding("repeat_ratio", f"リピート率は61.0%です{HOSTILE}。", 0.61, "ratio", f"続けましょう{HOSTILE}。")
    unsure = Finding("annual_ltv_yen", "まだ判断できません。", float("nan"), "yen", "記録を続けましょう。")
    notebook = nbformat.v4.new_notebook(
        metadata={
            "title": "試し",
            "horetsu": {
                "client": {"name": f"店{HOSTILE}", "currency": "JPY"},
                "as_of": "2026-06-30",
                "as_of_words": "2026年6月30日",
            },
        }
    )
    widget = {
        "display_data": {
            "data": {"application/vnd.jupyter.widget-view+json": {"model_id": "m"}, "text/plain": "VBox()"}
        }
    }
    script = {"display_data": {"data": {"application/javascript": "alert(2)", "text/plain": "js"}}}
    notebook.cells = [
        nbformat.v4.new_markdown_cell("# 章の名前\n\n説明です。"),
        code("secret_parameter = '/somewhere/private'", tags=("parameters",)),
        code("setup_code()", shown(text_html="<p>setup-output</p>"), tags=("setup",)),
        nbformat.v4.new_markdown_cell("## 何人ですか"),
        code(
            "chart()",
            shown(text_html='<figure class="hz-figure"><img alt="図" src="data:,"></figure>', text_plain="図"),
        ),
        code("print('printed')", {"stream": {"name": "stdout", "text": "printed-text"}}),
        code("warn()", {"stream": {"name": "stderr", "text": "warned-text"}}),
        code("explore()", widget, tags=("interactive",)),
        code("widget()", widget),
        code("js()", script),
        code("text()", shown(text_plain=f"plain {HOSTILE}")),
        code("tell()", findings(told, unsure)),
    ]
    path = tmp_path / "01_x.ipynb"
    nbformat.write(notebook, path)
    return path


def test_findings_head_the_page_and_the_next_step_stands_first(executed: Path, tmp_path: Path) -> None:
    page = report.write([executed], tmp_path / "out", title="題").read_text(encoding="utf-8")
    order = [
        page.index(text) for text in ("次に整えること", "リピート率は61.0%です", "まだ判断できません", "何人ですか")
    ]
    assert order == sorted(order)
    assert page.count("リピート率は61.0%です") == 1


def test_the_page_shows_no_code_widgets_prints_or_setup(executed: Path, tmp_path: Path) -> None:
    page = report.write([executed], tmp_path / "out", title="題").read_text(encoding="utf-8")
    for hidden in (
        "secret_parameter",
        "private",
        "setup-output",
        "printed-text",
        "warned-text",
        "VBox",
        "alert(2)",
        "chart()",
    ):
        assert hidden not in page, hidden


def test_everything_from_data_is_escaped(executed: Path, tmp_path: Path) -> None:
    page = report.write([executed], tmp_path / "out", title=f"題{HOSTILE}").read_text(encoding="utf-8")
    assert "<script>alert" not in page
    assert page.count("<script") == 1  # the page's own, which its policy knows by hash
    assert page.count("&lt;script&gt;") >= 4


def test_the_page_is_japanese_and_may_ask_nothing_of_any_network(executed: Path, tmp_path: Path) -> None:
    page = report.write([executed], tmp_path / "out", title="題").read_text(encoding="utf-8")
    assert '<html lang="ja">' in page
    assert "default-src 'none'" in page
    assert "http://" not in page
    assert "https://" not in page


def test_the_only_script_is_the_one_the_policy_knows(executed: Path, tmp_path: Path) -> None:
    page = report.write([executed], tmp_path / "out", title="題").read_text(encoding="utf-8")
    (script,) = re.findall(r"<script>(.*?)</script>", page, re.DOTALL)
    known = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    assert f"script-src 'sha256-{known}'" in page


def test_only_the_consultants_edition_shows_single_customers_and_small_groups(executed: Path, tmp_path: Path) -> None:
    notebook = nbformat.read(executed, as_version=4)
    told = "<p>C0001 の方</p>"
    notebook.cells.insert(4, code("one_by_one()", shown(text_html=told), tags=("consultant",)))
    notebook.cells.insert(5, code("few()", shown(text_html="<p>3人です</p>")))
    nbformat.write(notebook, executed)
    page = report.write([executed], tmp_path / "out", title="題")
    own = (page.parent / "consultant" / "report.html").read_text(encoding="utf-8")
    assert ("C0001" in own, "3人です" in own, "お店の外に出さないでください" in own) == (True, True, True)
    sent = page.read_text(encoding="utf-8")
    assert ("C0001" in sent, "3人です" in sent, "5人未満です" in sent) == (False, False, True)
    assert "お店の外に出さないでください" not in sent


def test_a_picture_names_its_source_and_the_first_page_has_three_findings(executed: Path, tmp_path: Path) -> None:
    notebook = nbformat.read(executed, as_version=4)
    table = {"read": 2, "outcomes": dict.fromkeys(CODES["outcome"], 0), "files": [{"name": "山田様の注文.csv"}]}
    notebook.metadata["horetsu"] |= {"account": {"voices": table, "story": table}, "reads": ["voices", "orders"]}
    more = [Finding(f"k{n}", f"わかったこと{n}。", 1.0, "voice") for n in range(4)]
    notebook.cells.append(code("tell()", findings(*more)))
    nbformat.write(notebook, executed)
    page = report.write([executed, executed], tmp_path / "out", title="題")
    text = page.read_text(encoding="utf-8")
    assert text.count("もとのデータ: お客様の声(2026年6月30日まで)</p></figure>") == 2
    assert len(re.findall("<li>", text.split('class="hz-findings"')[1].split("</ol>")[0])) == 3
    machine = (page.parent / "report.json").read_text(encoding="utf-8")
    assert len(json.loads(machine)["findings"]) == 12
    assert "山田" not in text + machine


def test_machines_get_the_same_findings_byte_for_byte(executed: Path, tmp_path: Path) -> None:
    for name in ("one", "two"):
        report.write([executed], tmp_path / name, title="題")
    one, two = ((tmp_path / name / "report.json").read_bytes() for name in ("one", "two"))
    assert one == two
    told = json.loads(one)
    assert [item["key"] for item in told["findings"]] == ["repeat_ratio", "annual_ltv_yen"]
    assert [item["figure"] for item in told["findings"]] == [0.61, None]
    assert told["analyses"] == ["01_x"]
    assert (tmp_path / "one" / "report.html").read_bytes() == (tmp_path / "two" / "report.html").read_bytes()


def test_chapters_follow_each_other_with_anchors_of_their_own(executed: Path, tmp_path: Path) -> None:
    page = report.write([executed, executed], tmp_path / "out", title="題").read_text(encoding="utf-8")
    anchors = [part.split('"')[0] for part in re.split('<section class="hz-question[^>]* id="', page)[1:]]
    assert len(anchors) == len(set(anchors)) == 4
    assert all(f'href="#{anchor}"' in page for anchor in anchors)


def test_a_failure_leaves_the_old_report_whole(executed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    page = report.write([executed], tmp_path / "out", title="題")
    before = page.read_bytes()

    def broken(*_: object, **__: object) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(report.HoretsuExporter, "from_notebook_node", broken)
    with pytest.raises(OSError, match="disk full"):
        report.write([executed], tmp_path / "out", title="別の題")
    assert page.read_bytes() == before
    assert sorted(path.name for path in page.parent.iterdir()) == ["consultant", "report.html", "report.json"]


def test_the_stock_nbconvert_command_makes_the_same_kind_of_page(executed: Path, tmp_path: Path) -> None:
    command = [
        sys.executable,
        "-m",
        "jupyter",
        "nbconvert",
        "--to",
        "horetsu",
        str(executed),
        "--output-dir",
        str(tmp_path),
    ]
    subprocess.run(command, check=True, capture_output=True)
    page = (tmp_path / "01_x.html").read_text(encoding="utf-8")
    assert '<html lang="ja">' in page
    assert "次に整えること" in page
    assert "secret_parameter" not in page
    assert page.count("<script") == 1
