"""Drill 演练: collections cut at random points, restarted, settled, counted; none lost, none twice."""

from kiosk.drill.run import Books, City, Report, Retiree, collect, show

__all__ = ["Books", "City", "Report", "Retiree", "collect", "show"]
