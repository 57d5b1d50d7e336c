"""Import jsonschema, which nbformat needs, without the grammar that it compiles at each import: half of a second.

The grammar is that of international addresses (the format "iri"), and optional: no notebook's schema has it.
"""

import sys
from typing import Any

GRAMMAR = "rfc3987_syntax"

if GRAMMAR not in sys.modules and "jsonschema" not in sys.modules:
    modules: dict[str, Any] = sys.modules
    modules[GRAMMAR] = None  # so an import of it fails
    try:
        import jsonschema  # noqa: F401
    finally:
        del modules[GRAMMAR]
