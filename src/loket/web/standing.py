"""How the whole installation stands, for Prometheus: asked of the database every 15 s at most.

Any web process of any host gives the same answer, and it covers what the workers do: their work is rows.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from threading import Lock
from time import monotonic

from django.conf import settings
from django.db import DatabaseError, connection
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from loket import __version__
from loket.audit import queries as audit
from loket.casework import queries as casework
from loket.identity import queries as identity
from loket.kernel import clock
from loket.notifications import queries as notifications
from loket.payments import queries as payments
from loket.web import queue
from loket.webhooks import queries as webhooks

_FOR_SECONDS = 15.0


@dataclass(frozen=True, slots=True)
class Figure:
    """A gauge. `rows` are its values by the values of `labels`."""

    name: str
    help: str
    rows: Mapping[tuple[str, ...], float]
    labels: tuple[str, ...] = ()


class Standing(Collector):
    """Remembers what it was told. Where the database is away it says so, and nothing stale."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._known: tuple[Figure, ...] = ()
        self._asked_at = -_FOR_SECONDS

    def describe(self) -> list[Metric]:
        return []

    def collect(self) -> Iterator[Metric]:
        with self._lock:
            if monotonic() - self._asked_at >= _FOR_SECONDS:
                self._known, self._asked_at = _asked(), monotonic()
            known = self._known
        for figure in known:
            family = GaugeMetricFamily(figure.name, figure.help, labels=figure.labels)
            for labels, value in figure.rows.items():
                family.add_metric(labels, value)
            yield family


def _asked() -> tuple[Figure, ...]:
    found = [
        Figure("loket_build_info", "Version of Loket.", {(__version__,): 1}, ("version",)),
        Figure("loket_demo", "1 where this is a demonstration.", {(): float(settings.DEMO)}),
    ]
    try:
        for part in _PARTS:
            found.extend(part())
    except DatabaseError:
        return (*found, Figure("loket_database_up", "1 where the database answers.", {(): 0}))
    return (*found, Figure("loket_database_up", "1 where the database answers.", {(): 1}))


def _jobs() -> Iterator[Figure]:
    standing = queue.standing(clock.now())
    yield Figure("loket_jobs_waiting", "Background jobs that are due.", {(): standing.due})
    yield Figure("loket_jobs_running", "Background jobs at work.", {(): standing.running})
    yield Figure("loket_jobs_failed", "Background jobs that were given up.", {(): standing.failed})
    yield Figure(
        "loket_job_oldest_seconds",
        "How long the oldest due job has been waiting.",
        {(): standing.oldest_seconds},
    )


def _messages() -> Iterator[Figure]:
    standing = notifications.standing(clock.now())
    yield Figure(
        "loket_messages_due",
        "Messages that should be on their way.",
        {(medium.value,): count for medium, count in standing.due.items()},
        ("medium",),
    )
    yield Figure(
        "loket_message_oldest_seconds", "How late the most overdue message is.", {(): standing.oldest_seconds}
    )
    yield Figure("loket_messages_failed_recently", "Given up in the last hour.", {(): standing.failed})
    yield Figure(
        "loket_messages_uncertain_today",
        "Sent again today though perhaps sent before.",
        {(): standing.uncertain},
    )


def _cases() -> Iterator[Figure]:
    standing = casework.standing(clock.now())
    names = {agency.id: agency.key for agency in identity.agencies()}
    yield Figure(
        "loket_cases_open",
        "Cases being worked.",
        {(names.get(agency, ""),): counts.open for agency, counts in standing.items()},
        ("agency",),
    )
    yield Figure(
        "loket_cases_late",
        "Cases past their promise.",
        {(names.get(agency, ""),): counts.late for agency, counts in standing.items()},
        ("agency",),
    )


def _money() -> Iterator[Figure]:
    standing = payments.standing(clock.now())
    yield Figure(
        "loket_payments_differing",
        "Where a provider's books differ from ours, this week.",
        {(): standing.differing},
    )
    yield Figure(
        "loket_payment_notices_parked", "What providers said and nobody understood.", {(): standing.parked}
    )


def _record() -> Iterator[Figure]:
    since = audit.unsealed_since()
    age = (clock.now() - since).total_seconds() if since else 0.0
    yield Figure(
        "loket_audit_unsealed_seconds", "Age of the oldest entry not yet sealed.", {(): max(age, 0.0)}
    )


def _webhooks() -> Iterator[Figure]:
    waiting, parked = webhooks.counts()
    yield Figure(
        "loket_webhooks_waiting", "Deliveries to other systems that are on their way.", {(): waiting}
    )
    yield Figure(
        "loket_webhooks_parked", "Deliveries that were given up and wait for somebody.", {(): parked}
    )


def _connections() -> Iterator[Figure]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT datname, count(*), current_setting('max_connections')::integer "
            "FROM pg_stat_activity WHERE datname IS NOT NULL GROUP BY datname"
        )
        rows = cursor.fetchall()
    ours = connection.settings_dict["NAME"]
    used = sum(count for _name, count, _most in rows)
    own = sum(count for name, count, _most in rows if name == ours)
    yield Figure("loket_database_connections", "Connections to the main database.", {(): own})
    yield Figure(
        "loket_database_connections_share",
        "Connections to the main server, as a share of what it takes.",
        {(): used / max(most for _name, _count, most in rows)},
    )


_PARTS: tuple[Callable[[], Iterator[Figure]], ...] = (
    _jobs,
    _messages,
    _cases,
    _money,
    _record,
    _webhooks,
    _connections,
)

standing = Standing()
