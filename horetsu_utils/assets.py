"""Where the kit's own notebooks and templates lie, in a clone and in an installed wheel."""

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent
_INSTALLED = _PACKAGE / "_assets"
ROOT = _INSTALLED if _INSTALLED.is_dir() else _PACKAGE.parent

NOTEBOOKS = ROOT / "notebooks"
TEMPLATES = ROOT / "templates"
MAPPINGS = TEMPLATES / "mappings"
RULES = TEMPLATES / "rules"
CLIENT_TEMPLATE = TEMPLATES / "client"
REPORT_TEMPLATE = TEMPLATES / "report"
