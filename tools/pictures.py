"""Makes the pictures of the README, docs/pictures/portal.png and desk.png, from a demo started for them.

Run: python -m tools.pictures [folder]. Needs the front-end build, compiled texts and Chromium.
"""

import re
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from tools.screenshots import CHROMIUM, SWITCHES

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "docs" / "pictures"
HEAVIEST = 200_000
OFFICER = "grace.atieno@example.org"
_PASSWORD = re.compile(r"with the password (\S+?);")


class PictureProblem(Exception):
    """A picture can't be made; the message says why."""


@dataclass(frozen=True, slots=True)
class Demo:
    """`site` without a slash at the end; the password of its staff."""

    site: str
    password: str


@contextmanager
def demo() -> Iterator[Demo]:
    """A demo of its own, from nothing; gone at the end."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with tempfile.TemporaryDirectory(prefix="loket-pictures-") as folder:
        command = ["-m", "loket.config.command", "demo", "--port", str(port), "--data", folder]
        with subprocess.Popen(
            [sys.executable, *command], cwd=ROOT, text=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        ) as process:
            try:
                yield Demo(f"http://127.0.0.1:{port}", _password(process))
            finally:
                process.send_signal(signal.SIGTERM)
                process.communicate(timeout=60)


def _password(process: "subprocess.Popen[str]") -> str:
    """Waits until the demo says that it is ready."""
    assert process.stdout
    password = ""
    for line in process.stdout:
        found = _PASSWORD.search(line)
        password = found[1] if found else password
        if "Ctrl-C" in line:
            return password
    raise PictureProblem("The demo did not start; `make demo` says why.")


@contextmanager
def chromium() -> Iterator[Browser]:
    with sync_playwright() as engine:
        browser = engine.chromium.launch(executable_path=CHROMIUM, args=list(SWITCHES))
        yield browser
        browser.close()


def sign_in(page: Page, there: Demo, language: str = "en") -> None:
    """To the desk; the demo shows the second factor's code."""
    page.goto(f"{there.site}/{language}/desk/")
    page.fill("#id_login", OFFICER)
    page.fill("#id_password", there.password)
    page.click("main form button.govuk-button")
    page.fill("#id_code", page.inner_text(".loket-reference").strip())
    page.click("main form button.govuk-button")
    page.wait_for_load_state("networkidle")


def take(page: Page, file: Path) -> None:
    page.screenshot(path=file, animations="disabled", caret="hide")
    if file.stat().st_size > HEAVIEST:
        raise PictureProblem(f"{file.name} weighs {file.stat().st_size} bytes, more than {HEAVIEST}.")


def main(folder: Path) -> int:
    folder.mkdir(parents=True, exist_ok=True)
    with demo() as there, chromium() as browser:
        page = browser.new_page(viewport={"width": 1280, "height": 860})
        page.goto(f"{there.site}/en/")
        page.wait_for_load_state("networkidle")
        take(page, folder / "portal.png")
        sign_in(page, there)
        page.goto(f"{there.site}/en/desk/cases/")
        page.wait_for_load_state("networkidle")
        take(page, folder / "desk.png")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER))
