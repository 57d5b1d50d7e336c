"""How large the benches are, and where what they read lies; HORETSU_BENCH_LINES makes them small."""

import datetime as dt
import os
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
LINES = int(os.environ.get("HORETSU_BENCH_LINES", 10_000_000))
HOME = Path(tempfile.gettempdir()) / "horetsu-bench" / str(LINES)
UCI = ROOT.parent / "shared" / "data" / "uci_online_retail" / "online_retail.csv.gz"
AS_OF = dt.date(2026, 6, 30)
