"""Connections that each thread keeps, with their plans, looked at before use without asking the server.

Django's own check sends an empty statement at the start of every request. A server that restarts, is killed
or ends a connection says so on it: it then has something to read, or its end. Looking for that takes no round
trip. What this can't see, a server that vanished without a word, an empty statement would wait for as well.
"""

import select
from typing import Any

from django.db.backends.postgresql import base
from psycopg.pq import TransactionStatus

# All that a web worker says often; each plan takes some kilobytes at the server.
_MOST_PREPARED = 400


class DatabaseWrapper(base.DatabaseWrapper):
    """Also keeps a connection by which a statement failed only if the server then answers."""

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
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


def _has_something_to_read(descriptor: int) -> bool:
    """Between statements a server says nothing, unless that it goes away."""
    waiting = select.poll()
    waiting.register(descriptor, select.POLLIN | select.POLLPRI)
    return bool(waiting.poll(0))
