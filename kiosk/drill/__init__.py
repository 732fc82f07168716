"""Drill 演练: collections cut at declared points, restarted, settled, counted; none lost, none twice."""

from kiosk.drill.crowd import Books, Retiree, people, wanderers
from kiosk.drill.report import Report, show
from kiosk.drill.run import City, collect

__all__ = ["Books", "City", "Report", "Retiree", "collect", "people", "show", "wanderers"]
