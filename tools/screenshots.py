"""Takes pictures of the gallery (tests/web/gallery) at the widths of a phone and a desk.

Run: PYTHONPATH=src:. python -m tools.screenshots [folder]. Needs the front-end build and Chromium.
"""

import os
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from socketserver import ThreadingMixIn
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer

import django
from django.core.handlers.wsgi import WSGIHandler
from django.test import override_settings
from playwright.sync_api import ConsoleMessage, sync_playwright

CHROMIUM = "/usr/bin/chromium"
# Chromium must not talk to anybody but this server.
SWITCHES = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--no-first-run",
)
WIDTHS = (320, 360, 1280)


class _Quiet(WSGIRequestHandler):
    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
        """Says nothing."""


class _Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True


@contextmanager
def gallery() -> Iterator[str]:
    """Serves the gallery on a free port; gives its address."""
    with override_settings(ROOT_URLCONF="tests.web.gallery.pages"):
        server = _Server(("127.0.0.1", 0), _Quiet)
        server.set_app(WSGIHandler())
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()
            server.server_close()


def main(folder: Path) -> int:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "loket.config.settings")
    os.environ.setdefault("LOKET_DEMO", "1")
    django.setup()
    folder.mkdir(parents=True, exist_ok=True)
    with gallery() as site:
        wide = photograph(site, folder)
    for line in wide:
        print(line)
    return 1 if wide else 0


def photograph(site: str, folder: Path) -> list[str]:
    """Writes a picture of each page at each width; returns the pages that scroll sideways or complain."""
    wrong: list[str] = []
    pages = ("home", "home/8a1538", "question", "parts", "desk", "nothing")
    with sync_playwright() as engine:
        browser = engine.chromium.launch(executable_path=CHROMIUM, args=list(SWITCHES))
        for width in WIDTHS:
            page = browser.new_page(viewport={"width": width, "height": 800})
            page.on("console", lambda said: wrong.append(said.text) if _is_fault(said) else None)
            for name in pages:
                page.goto(f"{site}/en/gallery/{name}/")
                page.screenshot(path=folder / f"{name.replace('/', '-')}-{width}.png", full_page=True)
                needed = page.evaluate("document.documentElement.scrollWidth")
                if needed > width:
                    wrong.append(f"{name} needs {needed} at {width}")
            page.close()
        page = browser.new_page(viewport={"width": 900, "height": 800})
        page.goto(f"{site}/en/gallery/parts/")
        page.emulate_media(media="print")
        page.screenshot(path=folder / "parts-print.png", full_page=True)
        page.emulate_media(media="screen")
        page.evaluate("document.documentElement.dir = 'rtl'")
        page.screenshot(path=folder / "parts-rtl.png", full_page=True)
        page.goto(f"{site}/en/gallery/question/")
        page.evaluate("document.documentElement.dir = 'rtl'")
        page.screenshot(path=folder / "question-rtl.png", full_page=True)
        browser.close()
    return wrong


def _is_fault(said: ConsoleMessage) -> bool:
    # One page of the gallery is the page for what isn't found.
    return said.type == "error" and "404" not in said.text


if __name__ == "__main__":
    raise SystemExit(main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path("var/screenshots")))
