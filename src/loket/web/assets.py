"""Addresses of the built style sheets, scripts and images; `frontend/build.mjs` makes them."""

import json
from functools import lru_cache
from pathlib import Path

from django.conf import settings

BUILT = Path(__file__).parent / "static" / "built"
MANIFEST = BUILT / "manifest.json"


@lru_cache(maxsize=1)
def _manifest() -> dict[str, str]:
    """Empty before the first build: pages then lack their style, and a system check says why."""
    if not MANIFEST.exists():
        return {}
    read: dict[str, str] = json.loads(MANIFEST.read_text())
    return read


def static(name: str) -> str:
    """The address of a built file by its plain name (`citizen.css`), of another static file by its path."""
    built = _manifest().get(name)
    return f"{settings.STATIC_URL}built/{built}" if built else f"{settings.STATIC_URL}{name}"
