"""Where the kit's own notebooks and templates lie, in a clone and in an installed wheel."""

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent
_INSTALLED = _PACKAGE / "_assets"
IS_CLONE = not _INSTALLED.is_dir()
ROOT = _PACKAGE.parent if IS_CLONE else _INSTALLED

NOTEBOOKS = ROOT / "notebooks"
TEMPLATES = ROOT / "templates"
MAPPINGS = TEMPLATES / "mappings"
RULES = TEMPLATES / "rules"
CLIENT_TEMPLATE = TEMPLATES / "client"
REPORT_TEMPLATE = TEMPLATES / "report"
LAB_SETTINGS = TEMPLATES / "lab"
