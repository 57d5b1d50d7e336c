import json
import math

import numpy as np
import pytest

from horetsu_utils import findings
from horetsu_utils.findings import MIME, Finding

ONE = Finding("repeat_ratio", "リピート率は62.3%です。", 0.6234567891, "ratio", "続けましょう。")
OTHER = Finding("note", "<b>&</b>", None, "", '"><script>')


def bundle(*items: Finding) -> dict:
    return findings.tell(*items)._repr_mimebundle_(include=None, exclude=None)


def test_findings_are_read_back_as_they_were_told() -> None:
    told = {"output_type": "execute_result", "data": bundle(ONE, OTHER)}
    assert findings.collect([{"output_type": "stream", "text": "x"}, told]) == [
        {
            "key": "repeat_ratio",
            "sentence": "リピート率は62.3%です。",
            "figure": 0.623457,
            "unit": "ratio",
            "next_step": "続けましょう。",
            "leads": False,
        },
        {"key": "note", "sentence": "<b>&</b>", "figure": None, "unit": "", "next_step": '"><script>', "leads": False},
    ]


def test_outputs_without_findings_tell_nothing() -> None:
    assert findings.collect([]) == []
    assert findings.collect([{"data": {"text/plain": "1"}}, {"output_type": "stream"}]) == []


@pytest.mark.parametrize("figure", [math.nan, math.inf, -math.inf, None, np.float64("nan")])
def test_a_figure_that_is_not_finite_is_told_as_unknown(figure) -> None:
    assert Finding("x", "。", figure, "ratio").to_dict()["figure"] is None


@pytest.mark.parametrize("figure", [np.float64(0.5), np.int64(3), 3, 0.1 + 0.2])
def test_figures_are_plain_and_rounded_so_that_json_keeps_its_bytes(figure) -> None:
    told = json.dumps(bundle(Finding("x", "。", figure, "ratio"))[MIME], allow_nan=False)
    assert json.loads(told)[0]["figure"] == round(float(figure), 6)


def test_shown_findings_let_no_text_become_markup() -> None:
    shown = bundle(OTHER)["text/html"]
    assert "<script" not in shown and "<b>" not in shown
    assert shown == "<ol><li>&lt;b&gt;&amp;&lt;/b&gt;<br><small>&quot;&gt;&lt;script&gt;</small></li></ol>"


def test_findings_read_well_without_a_page() -> None:
    assert bundle(ONE, OTHER)["text/plain"] == 'リピート率は62.3%です。 → 続けましょう。\n<b>&</b> → "><script>'
    assert bundle()[MIME] == []
