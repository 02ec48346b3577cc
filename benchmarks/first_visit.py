"""What a first visit takes over the wire: the page and all that it has a browser load, headers included."""

import re
from urllib.parse import urljoin, urlsplit

from benchmarks.wire import Answer, Browser, Line

_LINKED = re.compile(
    r"""<link\b[^>]*?\brel="(?:stylesheet|icon|modulepreload|preload|manifest)[^>]*>|<(?:script|img|source)\b[^>]*>""",
    re.I,
)
_ADDRESS = re.compile(r"""\b(?:href|src)="([^"]+)\"""")
_IN_STYLE = re.compile(r"""url\(\s*["']?([^"')]+)""")


def kilobytes(port: int, path: str) -> float:
    """In kB of 1,000 bytes, as a browser that knows nothing yet and takes brotli."""
    line = Line(port)
    page = _fetched(line, path, packed=False)
    total = len(_whole(_fetched(line, path, packed=True)))
    waiting, known = list(linked(page.body.decode(), path)), {path}
    while waiting:
        at = waiting.pop()
        if at in known:
            continue
        known.add(at)
        total += len(_whole(_fetched(line, at, packed=True)))
        if at.endswith(".css"):
            waiting += in_style(_fetched(line, at, packed=False).body.decode(), at)
    line.connection.close()
    return total / 1000


def linked(html: str, path: str) -> list[str]:
    """Addresses on this host that the page has a browser load."""
    found = [address for tag in _LINKED.findall(html) for address in _ADDRESS.findall(tag)]
    return _here(found, path)


def in_style(css: str, path: str) -> list[str]:
    return _here(_IN_STYLE.findall(css), path)


def _here(addresses: list[str], path: str) -> list[str]:
    found = [urljoin(path, address) for address in addresses if not address.startswith("data:")]
    return [urlsplit(one).path for one in found if not urlsplit(one).netloc]


def _fetched(line: Line, path: str, *, packed: bool) -> Answer:
    line.send(Browser("10.0.0.1", packed=packed).get(path, "first visit"))
    while (answer := line.receive()) is None:
        pass
    return answer


def _whole(answer: Answer) -> bytes:
    return answer.head + b"\r\n\r\n" + answer.body
