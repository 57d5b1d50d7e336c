"""What client.yaml may say of the report's look: who prepared it, a logo, a colour."""

import re
import unicodedata

from pydantic import field_validator

from horetsu_utils.settings import Strict

LONGEST_NAME = 100
LONGEST_FILE_NAME = 200
"""Characters."""
COLOUR = re.compile(r"#[0-9a-f]{6}")
_QUOTED = '色は "#1f5f8b" のように、引用符(")で囲んで書いてください'
_EMPTY = (
    f"色が空です(引用符のない # から後ろは、メモとして読みとばされます)。{_QUOTED}。"
    "使わないときは、この行を消してください"
)
_UNSEEN = {"Cc", "Cs", "Zl", "Zp"}
"""Unicode's categories of control characters, halves of a character, and ends of lines and paragraphs."""
_TURNING = {"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"}
"""Signs that turn the direction of reading would turn around what stands behind them on the page, too."""


class ReportSettings(Strict):
    """Whose name, logo and colour a report carries; nothing given, nothing shown.

    `prepared_by` is plain text. `logo` is a picture's name inside the client's folder. `colour` is "#rrggbb", in small
    or capital letters, and must stand in quotes: YAML takes a bare #1f5f8b for a comment, which is told.
    """

    prepared_by: str = ""
    logo: str = ""
    colour: str = ""

    @field_validator("prepared_by", "logo", mode="before")
    @classmethod
    def _empty(cls, value: object) -> object:
        return "" if value is None else value

    @field_validator("colour", mode="before")
    @classmethod
    def _quoted(cls, value: object) -> object:
        if value is None:  # what is most likely written there, #1f5f8b without quotes, is a comment in YAML
            raise ValueError(_EMPTY)
        return value

    @field_validator("prepared_by")
    @classmethod
    def _name(cls, name: str) -> str:
        return one_line(name, LONGEST_NAME)

    @field_validator("logo")
    @classmethod
    def _file_name(cls, name: str) -> str:
        return one_line(name, LONGEST_FILE_NAME)

    @field_validator("colour")
    @classmethod
    def _rgb(cls, colour: str) -> str:
        told = colour.strip().lower()
        if told and not COLOUR.fullmatch(told):
            raise ValueError(f"{_QUOTED}(# のあとは、0〜9 と a〜f の6けたです)")
        return told


def one_line(text: str, longest: int) -> str:
    """Return a text without the spaces around it; ValueError, in Japanese, for signs that nobody sees."""
    told = text.strip()
    if any(unicodedata.category(sign) in _UNSEEN or unicodedata.bidirectional(sign) in _TURNING for sign in told):
        raise ValueError("改行など、目に見えない文字は使えません。消して、1行で書いてください")
    if len(told) > longest:
        raise ValueError(f"長すぎます。{longest}文字までで書いてください")
    return told
