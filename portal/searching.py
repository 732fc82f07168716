"""renshe-search: the portal's index of vacancies looked into from the command line."""

from __future__ import annotations

from portal.index import opened
from search import cli


def main() -> None:
    cli.main(opened)
