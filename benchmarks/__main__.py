"""Run every bench in a fresh process of its own, and write what was measured to RESULTS.md."""

import statistics
import subprocess
import sys

from benchmarks import results
from benchmarks.comments import COMMENTS
from benchmarks.sizes import UCI

RUNS = 5
BENCHES = (
    ("UCI's 541,909 lines, .csv.gz to the canonical cache", "read_uci_gz", "bare_uci_gz", 3.0),
    ("UCI's 541,909 lines, .csv to the canonical cache", "read_uci_csv", "bare_uci_csv", 3.0),
    (
        "10 M generated lines of cp932 CSV (1 GB) to the canonical cache / the same in UTF-8",
        "read_cp932",
        "bare_utf8",
        2.5,
    ),
    ("the same in UTF-8 / the same in UTF-8", "read_utf8", "bare_utf8", 3.3),
    ("RFM with quintile scores, 10 M generated lines, from the prepared orders", "rfm_orders", "bare_group_by", 1.15),
    ("the same, against a GROUP BY that counts lines, not orders", "rfm_orders", "bare_group_by_lines", 2.0),
    ("the same, against pandas from the same prepared orders", "rfm_orders", "pandas_rfm", 0.5),
    ("F2 curve, ladder and cohorts, from the prepared orders / three queries by hand", "journey", "bare_journey", 1.2),
    ("BG/NBD: fit and a year ahead of 1 M customers / the same GROUP BY", "lifetimes", "bare_by_month", 20.0),
    ("1 M customers, 10 M signals: stages and 24 month ends / RFM of 10 M lines", "stage_10m", "rfm_orders", 4.0),
    ("10 M signals / 1 M signals (10 is linear)", "stage_10m", "stage_1m", 12.0),
    (
        "10 M rows of four tables: signals found, stages and month ends / RFM of 10 M lines",
        "stage_tables",
        "rfm_orders",
        16.0,
    ),
    ("10 M order lines, 2,000 products: pairs, weighed and named / DuckDB's join", "pairs", "bare_pairs_join", 0.55),
    ("the same / DuckDB's sorted lists, the fastest plan known", "pairs", "bare_pairs_lists", 1.5),
    ("5 M records of change: the whole chapter / GROUP BY customer of the same", "stories", "bare_stories", 40.0),
    ("5 M records / 0.5 M records (10 is linear)", "stories", "few_stories", 12.0),
    ("1 M comments of 40 characters, their words laid down / the bare analyser", "words", "bare_words", 1.3),
)
COUNTED = {"words": COMMENTS}
"""What is also told by the second."""


def once(name: str) -> tuple[float, float]:
    """Run one bench in a process of its own: its own seconds (start-up left out) and its peak memory in MB."""
    command = [sys.executable, "-m", "benchmarks.cases", name]
    told = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()
    return float(told[-2]), float(told[-1])


def pair(ours: str, yardstick: str) -> tuple[float, float, float, float]:
    """Run both in turn RUNS times: medians of ours, the yardstick and their ratio, and our peak memory."""
    once(ours), once(yardstick)
    mine, theirs = zip(*((once(ours), once(yardstick)) for _ in range(RUNS)), strict=True)
    ratios = [a / b for (a, _), (b, _) in zip(mine, theirs, strict=True)]
    seconds = [statistics.median(time for time, _ in each) for each in (mine, theirs)]
    return *seconds, statistics.median(ratios), max(memory for _, memory in mine)


def main() -> None:
    """Measure, print and write the table."""
    subprocess.run([sys.executable, "-m", "benchmarks.cases", "generate"], check=True)
    rows = []
    for title, ours, yardstick, goal in BENCHES:
        if "uci" in ours and not UCI.is_file():
            rows.append(f"| {title} | the public data is not beside this repository | | | | |")
            continue
        seconds, bare, ratio, memory = pair(ours, yardstick)
        met = "met" if ratio <= goal else "missed"
        rows.append(f"| {title} | {seconds:.2f} | {bare:.2f} | {ratio:.2f} | ≤ {goal:g} ({met}) | {memory:,.0f} |")
        print(rows[-1], flush=True)
        if ours in COUNTED:
            rates = [f"{COUNTED[ours] / each:,.0f}" for each in (seconds, bare)]
            print(f"{rates[0]} a second, beside {rates[1]}", flush=True)
    results.put("Queries", HEAD.format(measured=results.measured("make bench")) + "\n".join(rows) + "\n" + NOTES)


HEAD = """{measured}
Each pair runs in turn, each run in a process of its own, after one warm-up of both; median of five. Seconds leave
out the start of Python and its imports. Ratio: ours over the yardstick of the same run.

| what | seconds | yardstick, seconds | ratio | goal | peak memory, MB |
|---|---|---|---|---|---|
"""
NOTES = """
Yardsticks: DuckDB's own `read_csv` of the same file written as Parquet; DuckDB's bare `GROUP BY customer_id` on the
lines: the last day, the distinct orders (in the last row the lines, which is less work), the sum of amounts.
Journey: orders numbered and kept, the curve read with its band, the plain rate, the ladder, all cohorts; beside one
query written by hand for each of curve, ladder and cohorts.
BG/NBD: 1 M generated customers, identical ones as one row, made before the clock starts, beside a GROUP BY customer and
month of the lines; the goal is 20 s of CPU.
Stages: signals of 1 M customers at random levels; seconds hold the sort, the walk, the spells laid down, today's stages
and 24 month ends. The last row finds the signals first, by all rules of the kit (14 M of them): its goal is its own
first figure.
Words: generated comments, all different, in memory, to the Parquet file, in a process for each core, started anew; the
yardstick cuts them in one thread, and looks at nothing.
Pairs: 2.5 M orders of four lines; baskets and pairs computed, weighed with their bound, and named. The yardsticks
number the products, and count pairs: of lines joined with themselves on a hash of the order, or of sorted lists.
Story: 100,000 customers of 50 records; laid out once, then growth, wave, purposes and the board. Its goal is its own
first figure.
The 10 M lines came in 12.2 times the yardstick, with 3,371 MB, before cells were decoded once for each spelling.
"""

if __name__ == "__main__":
    main()
