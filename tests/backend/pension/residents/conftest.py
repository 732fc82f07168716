"""Fixtures of the residents' pension: another law than the one on record."""

from tests.backend.levy.conftest import another_law

__all__ = ["another_law"]
