"""The button below the controls: first the difference, then a yes or a no; every problem is told in words."""

from pathlib import Path

import ipywidgets
import pytest
from IPython import display
from ipywidgets import HTML, Button, HBox, VBox

from horetsu_utils import client as clients
from horetsu_utils import save_button, scaffold, settings_file, widgets
from horetsu_utils.client import Client

KEPT = "<p>何も書いていません。</p>"


@pytest.fixture
def client(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Client:
    """Return a client of which there is nothing but its folder."""
    monkeypatch.chdir(tmp_path)
    scaffold.create("sakura")
    return clients.find("sakura")


class Shown:
    """The controls and what stands below them, as a person sees it."""

    def __init__(self, client: Client) -> None:
        self.path = client.folder / "client.yaml"
        self.days = widgets.days("日数", 90, least=30, most=365)
        self.reading = widgets.numbers("日", (30, 60, 90))
        box = VBox([self.days, self.reading, HTML()])
        self.box = save_button.under(box, client, regress_days=self.days, reading_days=self.reading)
        _, self.offer, self.difference, self.asked, self.result = self.box.children[-1].children
        self.write, self.leave = self.asked.children

    @property
    def text(self) -> str:
        return self.path.read_text(encoding="utf-8")

    @property
    def is_asked(self) -> bool:
        return self.asked.layout.display != "none"


def test_below_the_controls_stands_one_button_and_nothing_is_asked_yet(client: Client) -> None:
    shown = Shown(client)
    assert [type(each) for each in shown.box.children] == [ipywidgets.IntSlider, widgets.Numbers, HTML, VBox]
    assert [type(each) for each in shown.box.children[-1].children] == [HTML, Button, HTML, HBox, HTML]
    buttons = [each.description for each in (shown.offer, shown.write, shown.leave)]
    assert buttons == ["この設定を client.yaml に書く", "書きます", "やめます"]
    assert (shown.is_asked, shown.difference.value, shown.result.value) == (False, "", "")
    assert "application/vnd.jupyter.widget-view+json" in shown.box._repr_mimebundle_()


def test_nothing_moved_nothing_written(client: Client) -> None:
    shown = Shown(client)
    shown.offer.click()
    assert shown.result.value == "<p>今の設定と同じです。client.yaml に書くことはありません。</p>"
    assert not shown.is_asked


def test_the_difference_is_shown_and_nothing_is_written_before_a_yes(client: Client) -> None:
    shown, before = Shown(client), (client.folder / "client.yaml").read_text(encoding="utf-8")
    shown.days.value, shown.reading.value = 60, "30、４５,90"
    shown.offer.click()
    assert shown.is_asked
    assert "<caption>client.yaml をこう書きかえます。まだ書いていません。</caption>" in shown.difference.value
    assert (
        '<tr><th scope="row">冷めてから1つ前のステージへ戻るまでの日数</th><td>90日</td><td>60日</td></tr>'
        '<tr><th scope="row">はじめのご注文から何日目に、2回目のご注文を数えるか</th>'
        "<td>30日・60日・90日</td><td>30日・45日・90日</td></tr>"
    ) in shown.difference.value
    assert "\n+stage:\n+  regress_days: 60\n+\n+journey:\n+  reading_days: [30, 45, 90]</pre>" in shown.difference.value
    assert (shown.text, shown.result.value) == (before, "")
    shown.write.click()
    assert shown.text == before + "\nstage:\n  regress_days: 60\n\njourney:\n  reading_days: [30, 45, 90]\n"
    assert shown.result.value == (
        "<p>書きました: clients/sakura/client.yaml(冷めてから1つ前のステージへ戻るまでの日数: 90日 → 60日、"
        "はじめのご注文から何日目に、2回目のご注文を数えるか: 30日・60日・90日 → 30日・45日・90日)。"
        "<br>次の horetsu run sakura から、この設定を使います。"
        "<br>このノートブックのほかの図と表は、はじめから実行し直すと新しくなります。</p>"
    )
    assert (shown.is_asked, shown.difference.value) == (False, "")
    shown.write.click()
    shown.offer.click()
    assert shown.result.value == f"<p>{save_button.SAME}</p>"


def test_a_no_leaves_everything(client: Client) -> None:
    shown, before = Shown(client), (client.folder / "client.yaml").read_text(encoding="utf-8")
    shown.days.value = 60
    shown.offer.click()
    shown.leave.click()
    assert (shown.is_asked, shown.difference.value, shown.result.value) == (False, "", KEPT)
    shown.write.click()
    assert (shown.text, shown.result.value) == (before, KEPT)


def test_a_control_moved_after_the_difference_takes_it_back(client: Client) -> None:
    shown, before = Shown(client), (client.folder / "client.yaml").read_text(encoding="utf-8")
    shown.days.value = 60
    shown.offer.click()
    shown.days.value = 70
    assert (shown.is_asked, shown.difference.value) == (False, "")
    assert shown.result.value == f"<p>{save_button.MOVED}</p>"
    shown.write.click()
    assert shown.text == before


def test_a_file_changed_after_the_difference_is_shown_anew(client: Client) -> None:
    shown = Shown(client)
    shown.days.value = 60
    shown.offer.click()
    shown.path.write_text("name: 新しい店\nstage: {regress_days: 120}\n", encoding="utf-8")
    shown.write.click()
    assert shown.text == "name: 新しい店\nstage: {regress_days: 120}\n"
    assert shown.result.value.startswith("<p>違いをお見せしたあとに、client.yaml が書きかえられていました。")
    assert shown.is_asked
    assert "<td>120日</td><td>60日</td>" in shown.difference.value
    shown.write.click()
    assert shown.text == "name: 新しい店\nstage: {regress_days: 60}\n"


def test_a_file_that_says_it_already_by_the_time_of_the_yes_needs_nothing_more(client: Client) -> None:
    shown = Shown(client)
    shown.days.value = 60
    shown.offer.click()
    shown.path.write_text("name: 店\nstage: {regress_days: 60}\n", encoding="utf-8")
    shown.write.click()
    assert not shown.is_asked
    assert shown.result.value.endswith(f"<br>{save_button.SAME}</p>")


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("30, 六十", "「六十」は数ではありません。<br>場所: 日<br>次に: 30, 60, 90 のように、"),
        ("30, inf", "「inf」は数ではありません。"),
        ("<b>", "「&lt;b&gt;」は数ではありません。"),
        ("90, 30", "「journey.reading_days」: reading_days は、小さい順に、同じ数が無いように書いてください"),
        ("", "「はじめのご注文から何日目に、2回目のご注文を数えるか」が空です。"),
    ],
)
def test_what_cannot_hold_is_told_and_not_asked(client: Client, typed: str, said: str) -> None:
    shown = Shown(client)
    shown.reading.value = typed
    shown.offer.click()
    assert said in shown.result.value
    assert not shown.is_asked


def test_a_file_that_cannot_be_written_is_told_without_a_traceback(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown = Shown(client)
    shown.days.value = 60
    shown.offer.click()
    monkeypatch.setattr(settings_file.replacing.os, "access", lambda path, mode: False)
    shown.write.click()
    assert shown.result.value.startswith(
        "<p>client.yaml に書き込めませんでした。client.yaml は前のままです。<br>場所: "
    )
    assert shown.is_asked


def test_the_name_of_a_shop_is_shown_as_text(client: Client) -> None:
    shown = Shown(client)
    shown.path.write_text("name: <script>x</script>\n", encoding="utf-8")
    shown.days.value = 60
    shown.offer.click()
    assert " name: &lt;script&gt;x&lt;/script&gt;\n" in shown.difference.value


def test_what_a_control_cannot_show_is_told_in_words() -> None:
    told: list = []

    def shown(days: object) -> display.HTML:
        told.append(days)
        return display.HTML(f"<b>{1 // len(days or 'none')}</b>")

    box = widgets.numbers("日", (30, 0.5), hint="空なら5等分")
    assert (box.value, box.placeholder) == ("30, 0.5", "空なら5等分")
    page = widgets.explore(shown, days=box).children[-1]
    box.value = "１０、20"
    box.value = ""
    assert "<b>0</b>" in page.value
    box.value = "30日"
    assert "「30日」は数ではありません。" in page.value
    assert told == [(30, 0.5), (10, 20), None]


def test_what_nobody_foresaw_is_told_in_words_and_the_control_lives_on() -> None:
    box = widgets.days("日", 1, least=0, most=9, step=1)
    page = widgets.explore(lambda days: display.HTML(f"<b>{6 // days}</b>"), days=box).children[-1]
    box.value = 0
    assert "思わぬ問題が起きました(ZeroDivisionError)。" in page.value
    box.value = 2
    assert "<b>3</b>" in page.value
    with pytest.raises(ZeroDivisionError):  # at first a fault of the notebook's own is an error of its cell
        widgets.explore(lambda days: display.HTML(f"{6 // days}"), days=widgets.days("日", 0, least=0, most=9))


def test_a_slider_holds_a_shops_own_value_outside_its_range() -> None:
    assert [widgets.days("日", value, least=30, most=365).value for value in (7, 90, 1000)] == [7, 90, 1000]
