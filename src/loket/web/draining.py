"""Whether this process is about to end: it then asks for no new work, and finishes what it has.

The server's main process tells its workers by signal (loket.config.server); everything else only asks here.
"""

from collections.abc import Callable, Iterable
from typing import Any, TypeAlias

Application: TypeAlias = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]

_begun = [False]


def begin() -> None:
    """From now on this process is not ready, and each answer ends its connection."""
    _begun[0] = True


def begun() -> bool:
    return _begun[0]


def forget() -> None:
    """For a process that begins anew."""
    _begun[0] = False


def parting(application: Application) -> Application:
    """The application, with every connection closed after its answer once draining has begun.

    A client that keeps connections open learns of it by the header that HTTP has for this, and never by a
    connection that breaks under its next request.
    """

    def answer(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        if not _begun[0]:
            return application(environ, start_response)

        def start(status: str, headers: list[tuple[str, str]], *rest: Any) -> Any:
            return start_response(status, [*headers, ("Connection", "close")], *rest)

        return application(environ, start)

    return answer
