"""Connections that are kept, with their plans, and looked at before use without asking the server.

Django's own check sends an empty statement at the start of every request. A server that restarts, is killed
or ends a connection says so on it: it then has something to read, or its end. Looking for that takes no round
trip. What this can't see, a server that vanished without a word, an empty statement would wait for as well.

Ordinarily a thread keeps its own. A web worker has many threads of which few work at a time: there a thread
gives its connection back when its request is answered, and the next one takes the one that was used last.
"""

import select
from typing import Any

from django.db.backends.postgresql import base
from psycopg.pq import TransactionStatus

# All that a web worker says often; each plan takes some kilobytes at the server.
_MOST_PREPARED = 400


# More than work at a time in one process; None: each thread keeps its own.
_MOST_IDLE = 8
_idle: dict[tuple[object, ...], list[Any]] | None = None


def share_among_threads() -> None:
    """From now on, in this process, connections belong to requests and not to the threads that answer."""
    global _idle
    _idle = _idle if _idle is not None else {}


def stop_sharing() -> None:
    """Closes what nobody uses; each thread keeps its own again."""
    global _idle
    given_up, _idle = _idle or {}, None
    for kept in given_up.values():
        for connection in kept:
            connection.close()


class DatabaseWrapper(base.DatabaseWrapper):
    """Also keeps a connection by which a statement failed only if the server then answers."""

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        kept = self._shared()
        while kept:
            # The one used last: its plans are warm, and those that are not needed stay at the bottom.
            connection = kept.pop()
            if _is_fit(connection):
                return connection
            connection.close()
        connection = super().get_new_connection(conn_params)
        connection.prepared_max = _MOST_PREPARED
        return connection

    def is_usable(self) -> bool:
        if self.connection is None or self.connection.closed:
            return False
        if self.connection.info.transaction_status is TransactionStatus.INERROR:
            return False
        if self.errors_occurred:
            return bool(super().is_usable())
        return not _has_something_to_read(self.connection.pgconn.socket)

    def close_if_unusable_or_obsolete(self) -> None:
        """Django asks for it before and after each request."""
        if _idle is None:
            super().close_if_unusable_or_obsolete()
        elif self.connection is not None and not self.in_atomic_block:
            self.close()

    def _close(self) -> None:
        kept = self._shared()
        if (
            kept is not None
            and len(kept) < _MOST_IDLE
            and not self.in_atomic_block
            and not self.errors_occurred
            and self.autocommit
            and _is_fit(self.connection)
        ):
            kept.append(self.connection)
        else:
            super()._close()  # type: ignore[misc]  # the stubs leave it out
        self.errors_occurred = False

    def _shared(self) -> list[Any] | None:
        if _idle is None:
            return None
        where = self.settings_dict
        return _idle.setdefault(tuple(where[name] for name in ("HOST", "PORT", "NAME", "USER")), [])


def _is_fit(connection: Any) -> bool:
    """Open, between transactions, and not told anything by the server."""
    return (
        not connection.closed
        and connection.info.transaction_status is TransactionStatus.IDLE
        and not _has_something_to_read(connection.pgconn.socket)
    )


def _has_something_to_read(descriptor: int) -> bool:
    """Between statements a server says nothing, unless that it goes away."""
    waiting = select.poll()
    waiting.register(descriptor, select.POLLIN | select.POLLPRI)
    return bool(waiting.poll(0))
