"""renshe-search: the portal's index of vacancies looked into from the command line."""

from __future__ import annotations

import os
import sys

from rich.console import Console
from rich.text import Text

from backend.kernel.language import of_terminal
from backend.kernel.telling import said
from portal.index import opened
from search import cli
from search.port import SearchRefusal


def main() -> None:
    """What goes wrong is a sentence in the terminal's language, and an exit code for scripts."""
    try:
        cli.app(obj=opened)
    except SearchRefusal as refusal:
        sentence = said(refusal, of_terminal(os.environ))
        Console(stderr=True).print(Text(sentence, style="red"), soft_wrap=True)
        sys.exit(1)
