"""Pictures and tables in Japanese, by shape. They are handed figures and compute none."""
