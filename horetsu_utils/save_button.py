"""A button below controls: what they say goes into client.yaml, after the difference was seen."""

from collections.abc import Callable
from html import escape

import ipywidgets
from ipywidgets import HTML, Button, HBox, VBox

from horetsu_utils import settings_file, widgets
from horetsu_utils.client import CONFIG_FILE, Client
from horetsu_utils.settings_file import ChangedError, Plan

SAME = f"今の設定と同じです。{CONFIG_FILE} に書くことはありません。"
LEFT = "何も書いていません。"
MOVED = "設定を動かされたので、さきほどの違いは閉じました。何も書いていません。"
_STYLE = """<style>
.horetsu-save .widget-html-content {line-height: 1.5}
.horetsu-save table {border-collapse: collapse}
.horetsu-save caption {text-align: left; font-weight: bold}
.horetsu-save th, .horetsu-save td {text-align: left; padding: .2em .8em .2em 0; overflow-wrap: anywhere}
.horetsu-save pre {line-height: 1.5; white-space: pre-wrap; overflow-wrap: anywhere}
.horetsu-save :focus-visible {outline: 3px solid #1a73e8; outline-offset: 1px}
</style>"""


def under(box: VBox, client: Client, **controls: ipywidgets.ValueWidget) -> VBox:
    """Put below a box of controls the button that writes what they say into the client's client.yaml.

    The controls are named as in settings_file.SETTINGS.
    """
    box.children = (*box.children, _Saver(client, controls).box)
    return box


class _Saver:
    """The buttons, what they show, and the change that waits for a yes."""

    def __init__(self, client: Client, controls: dict[str, ipywidgets.ValueWidget]) -> None:
        self.client, self.controls = client, controls
        self.waiting: Plan | None = None
        self.offer = Button(description=f"この設定を {CONFIG_FILE} に書く", layout={"width": "auto"})
        self.write = Button(description="書きます", button_style="primary")
        self.leave = Button(description="やめます")
        self.difference, self.result = HTML(), HTML()
        self.asked = HBox([self.write, self.leave])
        self.offer.on_click(lambda _: self._plainly(self._offer))
        self.write.on_click(lambda _: self._plainly(self._write))
        self.leave.on_click(lambda _: self._plainly(self._leave))
        for each in controls.values():
            each.observe(lambda _: self._moved(), names="value")
        self._show(None)
        self.box = VBox([HTML(_STYLE), self.offer, self.difference, self.asked, self.result])
        self.box.add_class("horetsu-save")

    def _offer(self) -> str:
        self._show(None)
        planned = settings_file.plan(self.client, widgets.chosen(self.controls))
        if not planned.changes:
            return SAME
        self._show(planned)
        return ""

    def _write(self) -> str:
        planned = self.waiting
        if planned is None:
            return LEFT
        try:
            settings_file.write(planned)
        except ChangedError as error:
            return f"{error}\n{self._offer()}".strip()
        self._show(None)
        said = "、".join(f"{each.meaning}: {each.before} → {each.after}" for each in planned.changes)
        name = settings_file.name_of(self.client)
        return (
            f"書きました: {planned.path}({said})。\n次の horetsu run {name} から、この設定を使います。\n"
            "このノートブックのほかの図と表は、はじめから実行し直すと新しくなります。"
        )

    def _leave(self) -> str:
        self._show(None)
        return LEFT

    def _moved(self) -> None:
        """Take back what was shown: it is not any more what the controls say."""
        if self.waiting:
            self._show(None)
            self._plainly(lambda: MOVED)

    def _show(self, planned: Plan | None) -> None:
        self.waiting = planned
        self.asked.layout.display = "" if planned else "none"
        self.difference.value = _shown(planned) if planned else ""

    def _plainly(self, act: Callable[[], str]) -> None:
        self.result.value = widgets.told(act).removeprefix("<p></p>")


def _shown(planned: Plan) -> str:
    """Return the changes as a table in words, and the difference of the file below it."""
    cells = ((escape(each.meaning), escape(each.before), escape(each.after)) for each in planned.changes)
    rows = "".join(f'<tr><th scope="row">{name}</th><td>{old}</td><td>{new}</td></tr>' for name, old, new in cells)
    heads = "".join(f'<th scope="col">{head}</th>' for head in ("設定", "いま", "書いたあと"))
    return (
        f"<table><caption>{CONFIG_FILE} をこう書きかえます。まだ書いていません。</caption>"
        f"<thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table>"
        "<p>ファイルの中では、次のようになります(「-」の行が、「+」の行に変わります)。</p>"
        f"<pre>{escape(planned.difference)}</pre>"
    )
