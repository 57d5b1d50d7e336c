"""What a client's data cannot tell: left out of the pages, and asked once at their end."""

from pathlib import Path

import nbformat
import pytest
from reading import flaws

from horetsu_utils import doors, report
from horetsu_utils.findings import Finding, tell

QUESTION, OTHER = "何を読まれましたか", "どんな天気でしたか"


def shown(html: str = "", **data: object) -> nbformat.NotebookNode:
    return nbformat.v4.new_output("display_data", data={"text/html": html, **data})


def code(source: str, *outputs: nbformat.NotebookNode, **needs: list[str]) -> nbformat.NotebookNode:
    cell = nbformat.v4.new_code_cell(source, outputs=list(outputs))
    cell.metadata |= {"horetsu": needs} if needs else {}
    return cell


def words(text: str, **needs: list[str]) -> nbformat.NotebookNode:
    cell = nbformat.v4.new_markdown_cell(text)
    cell.metadata |= {"horetsu": needs} if needs else {}
    return cell


REMARK = '<p class="hz-remark">目立つものは見あたりません。</p>'


@pytest.fixture
def notebook() -> nbformat.NotebookNode:
    """Return a chapter of three questions: one always told, one on visits, one on the weather or the calendar."""
    told = tell(Finding("k", "わかったこと。", 1.0, "item"), None)
    one = nbformat.v4.new_notebook()
    one.metadata |= {"title": "商品", "horetsu": {"needs": ["orders"]}}
    one.cells = [
        words("# 商品"),
        words("## 何が売れましたか"),
        words("数は、この1年のものです。"),
        code("best()", shown(REMARK)),
        code("again()", shown(REMARK)),
        code("late()", shown(**doors.later("色ごとのちがいはありますか")._repr_mimebundle_())),
        words(f"## {QUESTION}", needs=["events"]),
        code("pages()", shown("<p>ページ</p>")),
        words(f"## {OTHER}"),
        code("sun()", shown("<p>晴れ</p>"), needs_one=["context", "touchpoints"]),
        code("findings.tell()", shown(**told._repr_mimebundle_())),
    ]
    return one


def sources(cells: list[nbformat.NotebookNode]) -> list[str]:
    return [cell.source for cell in cells if cell.cell_type == "code"]


def test_a_question_and_what_stands_below_it_go_together(notebook: nbformat.NotebookNode) -> None:
    kept = doors.answerable(notebook.cells, {"orders"}.__contains__)
    assert sources(kept) == ["best()", "again()", "late()", "findings.tell()"]
    assert QUESTION not in "".join(cell.source for cell in kept)
    assert sources(doors.answerable(notebook.cells, {"events", "touchpoints"}.__contains__)) == sources(notebook.cells)


def test_what_is_missing_is_named_by_the_table_it_waits_for(notebook: nbformat.NotebookNode) -> None:
    assert doors.behind([notebook], {"orders"}.__contains__) == {"events": [QUESTION], "context": [OTHER]}
    assert doors.behind([notebook], {"orders", "events", "touchpoints"}.__contains__) == {}
    assert doors.behind([notebook], {"events"}.__contains__) == {
        "orders": ["「商品」の章(何が売れましたか など)"],
    }


def test_the_page_of_a_shop_with_orders_alone_has_no_hole(notebook: nbformat.NotebookNode, tmp_path: Path) -> None:
    about = {"has": ["orders"], "account": {}, "client": {"id": "shop", "name": "見本の店"}}
    notebook.metadata["horetsu"] |= about
    path = tmp_path / "07_x.ipynb"
    nbformat.write(notebook, path)
    asked = [{"name": "閲覧の記録", "how": "アクセス解析", "questions": [QUESTION]}]
    page = report.write([path], tmp_path / "out", title="題", extra={"doors": asked}).read_text(encoding="utf-8")
    assert flaws(page) == []
    body, end = page.split('class="hz-doors"')
    assert (QUESTION in body, OTHER in body, "わかったこと。" in body) == (False, False, True)
    assert "<h3>何が売れましたか</h3>" in body
    assert "数は、この1年のものです。" in body
    assert body.count("目立つものは見あたりません") == 1
    assert "色ごとのちがいはありますか" not in body
    assert QUESTION in end
    assert "色ごとのちがいはありますか" in end


@pytest.mark.parametrize(
    ("hole", "flaw"),
    [
        ("<h3>何ですか</h3><h3>次は</h3>", "nothing below 「何ですか」"),
        (f'<div class="hz-answer">{REMARK * 2}</div>', "told 2 times: 目立つものは見あたりません"),
        (
            '<div class="hz-answer"><p class="hz-remark">声の記録がありません。</p></div>',
            "an apology: 声の記録がありません。",
        ),
        ("<p>「期待と評価」の章をごらんください。</p>", "a chapter that is not there: 期待と評価"),
        ('<p><a href="#q-none">くわしく見る</a></p>', "a link to nothing: q-none"),
        ('<div class="hz-answer"><table><thead><tr><th>列</th></tr></thead></table></div>', "a table without rows"),
    ],
)
def test_the_reader_of_these_tests_sees_a_hole(hole: str, flaw: str) -> None:
    found = flaws(f'<main id="main"><section><h2>章</h2>{hole}</section></main>')
    assert any(each.startswith(flaw) for each in found), found
