"""Enrolment: what a new kiosk is handed. What it is lies on its disk; its secrets lie apart, where no thief of the disk
finds them: in the machine's own chip, let out to the running program alone (systemd credentials sealed by a TPM)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Final

PAPERS: Final = "kiosk.json"
CREDENTIALS: Final = (
    "kiosk-credentials"  # of a house on one machine: a folder beside the kiosk's disk stands for its chip
)
SECRETS: Final = ("key", "dispenser_key", "terminal_key", "pad_key", "sam_key", "sam_passphrase")


def hand_over(home: Path, chip: Path, told: Mapping[str, str]) -> None:
    """Its papers go to its home, each secret into a file of its own in the other folder."""
    for folder in (home, chip):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    papers = {name: value for name, value in told.items() if name not in SECRETS}
    _write(home / PAPERS, json.dumps(papers, ensure_ascii=False))
    for name in SECRETS:
        if name in told:
            _write(chip / name, told[name])


def handed(home: Path, chip: Path) -> dict[str, str]:
    """Papers and secrets again, as the machine has them."""
    told: dict[str, str] = json.loads((home / PAPERS).read_text("utf-8"))
    return told | {file.name: file.read_text("utf-8") for file in chip.iterdir()}


def _write(file: Path, text: str) -> None:
    file.touch(mode=0o600)
    file.write_text(text, "utf-8")
