"""The kit's own pages of one sheet: a template and its style make one file, and every text in it is escaped."""

from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from horetsu_utils import assets
from horetsu_utils.page_words import Pages


def laid_out(name: str, **told: Any) -> str:
    """Fill the page that lies in the templates' folder `name`; the page finds its style sheet as `style`.

    Errors
        jinja2.UndefinedError when the page asks for what it is not told
    """
    folder = assets.TEMPLATES / name
    loader = FileSystemLoader(folder)
    environment = Environment(
        loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, extensions=[Pages]
    )
    style = Markup((folder / "style.css").read_text(encoding="utf-8"))
    return environment.get_template("page.html.j2").render(style=style, **told)
