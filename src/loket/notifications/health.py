"""Which providers answer, by this process's own last tries: one that doesn't is left in peace for a while."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Lock

_BAD_IN_A_ROW = 5
_REST = timedelta(seconds=15)


@dataclass(slots=True)
class _Circuit:
    bad: int = 0
    rests_until: datetime | None = None


_circuits: dict[str, _Circuit] = {}
_lock = Lock()


def may_try(channel: str, now: datetime) -> bool:
    """False while it rests. After its rest one message goes first, and the others when that one went."""
    with _lock:
        circuit = _circuits.get(channel)
        if circuit is None or circuit.rests_until is None:
            return True
        # A rest that is longer than any was begun by a clock that has been set back since.
        if now < circuit.rests_until <= now + _REST:
            return False
        circuit.rests_until = now + _REST
        return True


def went(channel: str) -> None:
    """It answered, whatever it said about that message."""
    with _lock:
        _circuits.pop(channel, None)


def failed(channel: str, now: datetime) -> None:
    with _lock:
        circuit = _circuits.setdefault(channel, _Circuit())
        circuit.bad += 1
        if circuit.bad >= _BAD_IN_A_ROW:
            circuit.rests_until = now + _REST


def forget() -> None:
    """For a process that begins anew."""
    with _lock:
        _circuits.clear()
