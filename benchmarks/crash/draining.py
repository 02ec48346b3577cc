"""Lets an installation come to rest: every job done, every message gone. Needs Django started."""

import time
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from django.db import Error, OperationalError, close_old_connections, connection
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

from loket.kernel import clock
from loket.notifications.models import Message
from loket.notifications.types import State
from loket.payments.models import SandboxPage
from loket.payments.providers.sandbox import bank

# What the timetable asks for each minute or five; with the clock ahead it is asked for at once.
_TIMETABLE = (
    "casework.run_timers", "casework.run_reminders", "casework.catch_up", "payments.sweep", "audit.seal",
)  # fmt: skip
_SAY_EVERY = 10.0
_DUE = """
SELECT count(*) FROM procrastinate_jobs
WHERE status = 'doing' OR status = 'todo' AND (scheduled_at IS NULL OR scheduled_at <= now())
"""
_HURRY = """
UPDATE procrastinate_jobs SET scheduled_at = now() WHERE status = 'todo' AND scheduled_at > now()
AND scheduled_at <= now() + %s * interval '1 second'
"""


class NeverAtRest(RuntimeError):
    """Something is left that nobody does."""


def rest(patience: float, look_after: Callable[[], None]) -> float:
    """Waits until nothing is due; the seconds it took. Raises NeverAtRest.

    `look_after` starts again what ended by itself, as a service manager goes on doing.
    """
    begun, calm = time.monotonic(), 0
    said = begun
    while calm < 3:
        if time.monotonic() - said > _SAY_EVERY:
            said = time.monotonic()
            print(f"     due after {said - begun:.0f} s, jobs and messages: {left()}", flush=True)
        if time.monotonic() - begun > patience:
            raise NeverAtRest(f"not at rest after {patience:.0f} s: {left()}")
        time.sleep(0.3)
        look_after()
        # Ours may have been broken meanwhile, like everybody's.
        close_old_connections()
        hurry(clock_ahead())
        calm = calm + 1 if left() == (0, 0) else 0
    return time.monotonic() - begun


def left() -> tuple[int, int]:
    """Jobs and messages that are due; (-1, -1) while the database can't tell."""
    with suppress(OperationalError), connection.cursor() as cursor:
        cursor.execute(_DUE)
        jobs = int(cursor.fetchone()[0])
        messages = Message.objects.filter(
            state__in=[State.QUEUED, State.SENDING], due_at__lte=clock.now()
        ).count()
        return jobs, messages
    return -1, -1


def behind() -> int:
    """How much is due and not done; -1 while the database can't tell. For threads of any age."""
    close_old_connections()
    with suppress(Error):
        return sum(left())
    return -1


def clock_ahead() -> float:
    """Seconds by which Loket's clock is ahead of the database's."""
    return (clock.now() - datetime.now(UTC)).total_seconds()


def hurry(seconds: float) -> None:
    """Jobs keep the database's time: what is due by Loket's clock is due by that too."""
    with suppress(OperationalError), connection.cursor() as cursor:
        cursor.execute(_HURRY, [seconds])


def let_time_pass(clock_file: Path, seconds: float) -> None:
    """Sets the clock ahead, and asks for what the timetable would have asked for meanwhile."""
    clock_file.write_text(str(float(clock_file.read_text() or 0) + seconds))
    for name in _TIMETABLE:
        with suppress(AlreadyEnqueued):
            app.tasks[name].defer(timestamp=int(time.time()))


def repeat_call_backs() -> int:
    """The bank tells again what it could not tell, as banks do; how many charges."""
    refs = [page.ref for page in SandboxPage.objects.all() if any(not one["told"] for one in page.charges)]
    return sum(bank.tell(ref=ref, now=clock.now()) for ref in refs)
