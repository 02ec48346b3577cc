"""Looks into an installation's database while it is measured: what waits, which statements run.

As the server's owner, over one connection whose own cost is known, so that it can be left out.
"""

import re
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from benchmarks.installation import Database
from benchmarks.programs import cpu_seconds

_POLL = 0.25
# Cases since a moment of which something still has to follow: an event, a document, a message.
_WAITING = """
SELECT count(*) FROM (
  SELECT case_id FROM casework_caseevent
  WHERE followed_up_at IS NULL AND undone_at IS NULL AND settles_at <= now() AND at >= %(since)s
  UNION SELECT case_id FROM casework_casepaper
  WHERE made_at IS NULL AND failed_at IS NULL AND superseded_at IS NULL AND asked_at >= %(since)s
  UNION SELECT subject_id FROM notifications_message
  WHERE state IN ('queued', 'sending') AND created_at >= %(since)s
) AS waiting
"""
# Emptied between rounds, or a round would begin with the rest of the one before.
_FORGET = """
DELETE FROM procrastinate_jobs
WHERE status = 'todo' AND task_name IN ('casework.follow_up', 'casework.make_paper');
UPDATE casework_caseevent SET followed_up_at = now() WHERE followed_up_at IS NULL AND settles_at <= now();
DELETE FROM casework_casepaper WHERE made_at IS NULL;
DELETE FROM notifications_message WHERE state = 'queued';
"""
_STATEMENT = re.compile(r"^(?P<who>[^|]*)\|.*?LOG:  (?:statement|execute [^:]*): (?P<sql>.*)")
_OF_TRANSACTIONS = ("BEGIN", "COMMIT", "ROLLBACK", "SAVEPOINT", "RELEASE", "DEALLOCATE")


@dataclass(frozen=True, slots=True)
class Drained:
    """How long it took until nothing waited, or until patience ended with `waiting` cases left."""

    seconds: float
    waiting: int
    waiting_at_first: int


class Watcher:
    """Of the main database of an installation. Close it at the end."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._connection = database.as_superuser("loket")
        # What a look costs must all be of this one process.
        self._connection.execute("SET max_parallel_workers_per_gather = 0")
        self._backend = self._connection.info.backend_pid

    def close(self) -> None:
        self._connection.close()

    def own_cpu(self) -> float:
        """What looking has cost the database."""
        return cpu_seconds(self._backend)

    def now(self) -> datetime:
        row = self._connection.execute("SELECT now()").fetchone()
        assert row is not None
        assert isinstance(row[0], datetime)
        return row[0]

    def cases(self) -> int:
        return self._count("SELECT count(*) FROM casework_case", {})

    def waiting(self, since: datetime) -> int:
        return self._count(_WAITING, {"since": since})

    def drain(self, since: datetime, patience: float) -> Drained:
        """Waits until nothing that began since then waits any more."""
        begun = time.monotonic()
        first = left = self.waiting(since)
        while left and time.monotonic() - begun < patience:
            time.sleep(_POLL)
            left = self.waiting(since)
        return Drained(time.monotonic() - begun, left, first)

    def forget_waiting(self) -> None:
        """Lets go of what waits: a benchmark's database is thrown away."""
        self._connection.execute(_FORGET)

    def forget_limits(self) -> None:
        """So that who came a round ago may come again."""
        self._connection.execute("DELETE FROM limits_bucket")

    def tidy(self) -> None:
        """What autovacuum would do at some moment of its own choosing."""
        self._connection.execute("VACUUM ANALYZE")
        self._connection.execute("CHECKPOINT")

    @contextmanager
    def statements(self) -> Iterator[Counter[str]]:
        """Counts statements by the program that made them, read from the server's log.

        Transactions' own, and the empty one by which a pool asks whether a connection works, don't count.
        """
        log = self._log()
        counted: Counter[str] = Counter()
        with self._settings(log_statement="all", log_line_prefix="%a|"):
            begun = log.stat().st_size
            yield counted
            # What was said last must be in the file.
            time.sleep(0.2)
            with log.open("rb") as written:
                written.seek(begun)
                text = written.read().decode(errors="replace")
        counted.update(counted_in(text))

    @contextmanager
    def _settings(self, **settings: str) -> Iterator[None]:
        for name, value in settings.items():
            self._connection.execute(f"ALTER SYSTEM SET {name} = '{value}'")
        self._reload()
        try:
            yield
        finally:
            for name in settings:
                self._connection.execute(f"ALTER SYSTEM RESET {name}")
            self._reload()

    def _reload(self) -> None:
        self._connection.execute("SELECT pg_reload_conf()")
        time.sleep(0.3)

    def _log(self) -> Path:
        assert self._database.cluster is not None
        return self._database.cluster.folder / "server.log"

    def row(self, statement: str) -> tuple[object, ...]:
        row = self._connection.execute(statement).fetchone()
        assert row is not None
        return row

    def _count(self, statement: str, values: dict[str, object]) -> int:
        row = self._connection.execute(statement, values).fetchone()
        assert row is not None
        assert isinstance(row[0], int)
        return row[0]


def counted_in(log: str) -> Counter[str]:
    """Statements by application name in lines that begin with it and a stroke."""
    found: Counter[str] = Counter()
    for line in log.splitlines():
        match = _STATEMENT.match(line)
        if match and match["sql"].strip() and not match["sql"].lstrip().upper().startswith(_OF_TRANSACTIONS):
            found[match["who"]] += 1
    return found
