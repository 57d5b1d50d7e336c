"""Speed and memory beside a yardstick of the same run: `python -m benchmarks`, figures to RESULTS.md."""
