"""horetsu: analysis templates for Japanese mail-order and D2C shops."""

import os

__version__ = "0.1.0"

if os.environ.get("HORETSU_LANG", "ja") != "ja":
    from horetsu_utils import language

    language.install()
