"""Drill 演练: collections cut at a random point, restarted, settled and counted; nothing lost, nothing twice."""

from kiosk.drill.run import Books, City, Report, Retiree, collect, show

__all__ = ["Books", "City", "Report", "Retiree", "collect", "show"]
