"""A web address that takes a line by POST and gives all lines by GET, as plain text (`https://…`)."""

from collections.abc import Iterator
from urllib.error import URLError
from urllib.request import Request, urlopen

from loket.audit.types import WitnessUnavailable

_SECONDS = 10


class HttpWitness:
    def __init__(self, address: str) -> None:
        self._address = address

    def leave(self, line: str) -> None:
        body = line.encode() + b"\n"
        for _ in self._ask(Request(self._address, body, {"Content-Type": "text/plain"}, method="POST")):  # noqa: S310
            pass

    def lines(self) -> Iterator[str]:
        yield from self._ask(Request(self._address))  # noqa: S310

    def _ask(self, request: Request) -> Iterator[str]:
        try:
            with urlopen(request, timeout=_SECONDS) as answer:  # noqa: S310
                for line in answer:
                    yield line.decode("utf-8", "replace").rstrip("\r\n")
        except (URLError, OSError, ValueError) as problem:
            raise WitnessUnavailable(str(problem)) from problem


def witness(address: str) -> HttpWitness:
    return HttpWitness(address)
