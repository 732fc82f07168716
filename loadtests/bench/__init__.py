"""Bench: one script a figure, each beside a yardstick from the same run."""
