"""Whether a window is on or announced: asked of memory, which a thread of the server keeps fresh.

No request pays for it. A process without that thread (a command, a test) knows what it last read itself.
"""

import logging
import time
from datetime import datetime
from threading import Thread

from django.db import Error, connection

from loket.upkeep.models import Maintenance
from loket.upkeep.types import Window

_EVERY_SECONDS = 3.0
_log = logging.getLogger(__name__)
_known: list[Window | None] = [None]


def window() -> Window | None:
    """The window that is on or announced, as last read (0 statements)."""
    return _known[0]


def on(now: datetime) -> Window | None:
    """The window, if it is on (0 statements)."""
    known = _known[0]
    return known if known is not None and known.is_on(now) else None


def read() -> Window | None:
    """The window as it stands in the database, remembered from now on (1 statement)."""
    row = Maintenance.objects.filter(pk=1).first()
    _known[0] = None if row is None else Window(row.begins_at, row.until, row.message)
    return _known[0]


def forget() -> None:
    """For a process that begins anew."""
    _known[0] = None


def keep_reading() -> Thread:
    """Reads in a thread of its own every few seconds. While the database is away, what was known holds."""
    thread = Thread(target=_read_on, name="maintenance", daemon=True)
    thread.start()
    return thread


def _read_on() -> None:
    while True:
        try:
            read()
        except Error as problem:
            _log.warning("the window of maintenance can't be read: %s", type(problem).__name__)
        finally:
            connection.close()
        time.sleep(_EVERY_SECONDS)
