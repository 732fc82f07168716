"""Worked examples of the public calculators, as anyone could post them."""
