"""Drill 演练: collections cut at random points."""


def collect(faults: int, seed: int) -> int:
    raise NotImplementedError
