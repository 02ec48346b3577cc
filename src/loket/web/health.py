"""Whether this process lives (`/live`) and whether it should be sent requests (`/ready`): for balancers.

They stand before everything that may wait: host names, sessions, languages. `/live` never touches a database,
which comes back by itself. `/ready` says no more than yes or no, except to whoever may ask further: this
machine itself, or who knows LOKET_HEALTH_TOKEN.
"""

import json
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime
from functools import lru_cache
from threading import Lock

from django.conf import settings
from django.db import Error, connections
from django.db.migrations.loader import MigrationLoader
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseNotAllowed
from django.utils.crypto import constant_time_compare

from loket.kernel import clock
from loket.web import draining

LIVE, READY = frozenset({"/live", "/alive"}), "/ready"
# However many ask, the databases are asked once in that time by each process.
_KEPT_SECONDS = 1.0
_HEARTBEAT = "SELECT max(last_heartbeat) FROM procrastinate_workers"
_HERE = frozenset({"127.0.0.1", "::1"})


@dataclass(frozen=True, slots=True)
class State:
    """What was found. `worker_seconds` since a background worker gave a sign; None where none runs."""

    main: bool
    keys: bool
    migrated: bool
    draining: bool
    worker_seconds: float | None

    @property
    def ready(self) -> bool:
        return self.main and self.keys and self.migrated and not self.draining


class Health:
    """Answers the two addresses, and passes everything else on."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response
        self._lock = Lock()
        self._kept: tuple[float, State] | None = None

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        path = request.path_info
        if (path in LIVE or path == READY) and request.method not in {"GET", "HEAD"}:
            return HttpResponseNotAllowed(["GET", "HEAD"])
        if path in LIVE:
            return _said("ok", 200)
        if path == READY:
            return self._ready(request)
        return self.get_response(request)

    def _ready(self, request: HttpRequest) -> HttpResponse:
        state = self._state()
        status = 200 if state.ready else 503
        if not _may_ask_further(request):
            return _said("ready" if state.ready else "not ready", status)
        response = HttpResponse(
            json.dumps({"ready": state.ready, **asdict(state)}) + "\n",
            status=status,
            content_type="application/json",
        )
        response["Cache-Control"] = "no-store"
        return response

    def _state(self) -> State:
        with self._lock:
            kept, now = self._kept, time.monotonic()
            if kept is None or now - kept[0] > _KEPT_SECONDS or kept[1].draining != draining.begun():
                self._kept = kept = (now, look(clock.now()))
            return kept[1]


def look(now: datetime) -> State:
    """Asks both databases: two statements each at most. Tables that a newer release has made do no harm."""
    done = {alias: _applied(alias) for alias in ("default", "keys")}
    migrated = all(found is not None and _wanted() <= found for found in done.values())
    beat = _heartbeat() if done["default"] is not None else None
    return State(
        main=done["default"] is not None,
        keys=done["keys"] is not None,
        migrated=migrated,
        draining=draining.begun(),
        worker_seconds=None if beat is None else round((now - beat).total_seconds(), 1),
    )


def _applied(alias: str) -> frozenset[tuple[str, str]] | None:
    """What was applied there; None where it can't be asked."""
    try:
        with connections[alias].cursor() as cursor:
            cursor.execute("SELECT app, name FROM django_migrations")
            return frozenset((app, name) for app, name in cursor.fetchall())
    except Error:
        return None


@lru_cache(maxsize=1)
def _wanted() -> frozenset[tuple[str, str]]:
    """What this code needs. Both databases are told of every migration; each takes its own part."""
    found = MigrationLoader(None).disk_migrations
    replaced = {old for one in found.values() for old in one.replaces}
    return frozenset(found) - replaced


def _heartbeat() -> datetime | None:
    try:
        with connections["default"].cursor() as cursor:
            cursor.execute(_HEARTBEAT)
            row = cursor.fetchone()
            return row[0] if row else None
    except Error:
        return None


def _may_ask_further(request: HttpRequest) -> bool:
    given = request.headers.get("Authorization", "")
    if settings.HEALTH_TOKEN and constant_time_compare(given, f"Bearer {settings.HEALTH_TOKEN}"):
        return True
    # Behind a proxy on this machine everybody seems to come from here.
    forwarded = any(name in request.headers for name in ("X-Forwarded-For", "Forwarded", "X-Forwarded-Proto"))
    return request.META.get("REMOTE_ADDR") in _HERE and not forwarded


def _said(words: str, status: int) -> HttpResponse:
    response = HttpResponse(f"{words}\n", status=status, content_type="text/plain; charset=utf-8")
    response["Cache-Control"] = "no-store"
    return response
