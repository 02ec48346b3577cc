"""Ways to break a request. Each takes chance and a draft of the request, and changes the draft."""

import base64
import gzip
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random
from typing import TypeAlias
from urllib.parse import quote_plus

from tests.files.samples import EXE, PDF
from tests.hostile.strings import OURS

# Whoever shows it unescaped shows this very text.
MARK = "zq7<u>\"'qz8"
UNESCAPED = (b"zq7<u", b"\"'qz8")
NAUGHTY = (*(text for text in OURS if len(text) < 20_000), MARK, MARK, MARK)
_BYTES = (
    b"\x00",
    b"\xff\xfe",
    b"\xed\xa0\x80",
    b"\xc0\xaf",
    b"%00",
    b"%ff",
    b"%",
    b"%zz",
    b"\xe2\x80\xae",
    b"\r\n",
    b"&&&",
    b"=",
    b"\xf4\x90\x80\x80",
    "é".encode("latin-1"),
    "é".encode("utf-16"),
)
_NUMBERS = (
    "0",
    "-1",
    "1e309",
    "NaN",
    "Infinity",
    "9" * 400,
    "٣",
    "1_000",
    "0x10",
    "1.5",
    "-0",
    "2147483648",
    "9223372036854775808",
    "00000",
    "३२",
    "1,5",
    " 7 ",
)
_METHODS = ("HEAD", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT", "PROPFIND", "get", "X" * 300, "")
_TYPES = (
    "application/json",
    "text/plain",
    "text/xml",
    "",
    "x",
    "multipart/form-data",
    "multipart/form-data; boundary=",
    "multipart/form-data; boundary=" + "b" * 300,
    "multipart/form-data; boundary=\x00",
    "multipart/mixed; boundary=zq",
    "application/x-www-form-urlencoded; charset=utf-16",
    "application/x-www-form-urlencoded; charset=no-such",
    "application/x-www-form-urlencoded; charset=\x00",
    "application/x-www-form-urlencoded;;;=",
    "multipart/form-data; boundary=zq; charset=utf-7",
    "multipart/form-data; boundary*=utf-8''%ff",
    "a/b; " + "c=d;" * 2000,
)
_HEADERS = (
    ("Accept-Language", "*"),
    ("Accept-Language", "en;q=zz,\x00,sw;q=1.0001"),
    ("Accept-Language", "a-" * 400),
    ("Accept-Language", "," * 3000),
    ("Accept-Encoding", "br;q=0, gzip;q=, *"),
    ("Range", "bytes=0-,-1,9999999999-"),
    ("If-None-Match", '"x", W/"' + "y" * 500),
    ("If-Modified-Since", "Sat, 99 Foo 99999 25:61:61 GMT"),
    ("If-Modified-Since", "Thu, 01 Jan 0001 00:00:00 GMT"),
    ("If-Unmodified-Since", "\x00"),
    ("Host", "evil.example"),
    ("Host", "localhost:99999"),
    ("Host", "[::1"),
    ("Host", "a" * 5000),
    ("Host", ""),
    ("X-Forwarded-For", "\x00, 1.2.3"),
    ("X-Forwarded-Proto", "https"),
    ("X-Forwarded-Host", "evil.example"),
    ("X-HTTP-Method-Override", "DELETE"),
    ("HX-Request", "true"),
    ("HX-Current-URL", "http://[::1"),
    ("Referer", "http://[evil"),
    ("Origin", "null"),
    ("Origin", "http://[::1"),
    ("Origin", "\xff"),
    ("Content-Encoding", "gzip"),
    ("Transfer-Encoding", "chunked"),
    ("Expect", "100-continue"),
    ("Authorization", "Basic \xff"),
    ("Authorization", "Bearer " + "a" * 9000),
    ("X-CSRFToken", "\x00"),
    ("User-Agent", "\xff\xfe"),
    ("X-Request-Id", "a\r\nb"),
    ("Content-Language", MARK),
    ("Cookie2", "x"),
)
_TAILS = (
    "x",
    "/",
    "//",
    "%00",
    "\x00",
    "../",
    "..%2f",
    ".json",
    ";x=1",
    "\xff\xfe",
    "\\",
    "%",
    "a" * 3000,
    "%250a",
    "\r\nX: y",
    "?",
    "#",
    " ",
    "é",
    "\u00ad",
    "..;/",
    "~",
    "'",
    '"<u>',
)
_QUERIES = (
    "q=%00",
    "q=%ff%fe",
    "q=" + "w" * 6000,
    "q[]=1&q[a][b]=2",
    "=&&&=",
    "page=-1",
    "page=9" + "9" * 400,
    "%00=1",
    "from=%00",
    "next=//evil.example",
    "next=javascript:alert(1)",
    "language=%2e%2e",
    "cursor=AAAA",
    "after=%ff",
    "&".join(f"x{n}=1" for n in range(3000)),
    "q=" + quote_plus(MARK),
    "day=0000-00-00",
    "day=9999-12-31",
    "q=" + quote_plus(MARK) + "&from=" + quote_plus(MARK) + "&stage=" + quote_plus(MARK),
)


@dataclass(slots=True)
class Draft:
    """A request to be. Fields are sent as `kind` says: urlencoded, multipart, or `raw` as it is."""

    method: str
    path: str
    query: str
    fields: list[tuple[str, str]]
    cookies: dict[str, str]
    files: list[tuple[str, str, bytes]] = field(default_factory=list)
    headers: list[tuple[str, str]] = field(default_factory=list)
    kind: str = "urlencoded"
    content_type: str | None = None
    raw: bytes | None = None
    length: str | None = None

    def body(self) -> tuple[str, bytes]:
        """Its content type and bytes."""
        if self.method in {"GET", "HEAD"} and self.raw is None:
            return self.content_type or "", b""
        if self.kind == "multipart" or self.files:
            kind, body = "multipart/form-data; boundary=zq", _multipart(self.fields, self.files)
        else:
            kind, body = "application/x-www-form-urlencoded", _urlencoded(self.fields)
        return self.content_type if self.content_type is not None else kind, (
            body if self.raw is None else self.raw
        )


Mutation: TypeAlias = Callable[[Random, Draft], None]


def _urlencoded(fields: list[tuple[str, str]]) -> bytes:
    return "&".join(f"{_quoted(name)}={_quoted(value)}" for name, value in fields).encode("ascii")


def _quoted(text: str) -> str:
    return quote_plus(text.encode("utf-8", "surrogatepass"))


def _multipart(fields: list[tuple[str, str]], files: list[tuple[str, str, bytes]]) -> bytes:
    parts = [
        f'--zq\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode(
            "utf-8", "surrogatepass"
        )
        for name, value in fields
    ]
    parts += [
        f'--zq\r\nContent-Disposition: form-data; name="{name}"; filename="{called}"\r\n'
        "Content-Type: application/pdf\r\n\r\n".encode("utf-8", "surrogatepass")
        + content
        + b"\r\n"
        for name, called, content in files
    ]
    return b"".join(parts) + b"--zq--\r\n"


def _place(by: Random, draft: Draft) -> int:
    return by.randrange(len(draft.fields))


def naughty_value(by: Random, draft: Draft) -> None:
    for _ in range(by.randint(1, 3)):
        if draft.fields:
            at = _place(by, draft)
            if draft.fields[at][0] != "csrfmiddlewaretoken":
                draft.fields[at] = (draft.fields[at][0], by.choice(NAUGHTY))


def number_value(by: Random, draft: Draft) -> None:
    if draft.fields:
        at = _place(by, draft)
        draft.fields[at] = (draft.fields[at][0], by.choice(_NUMBERS))


def huge_value(by: Random, draft: Draft) -> None:
    if draft.fields:
        at = _place(by, draft)
        text = by.choice(("a", "é", "ﷺ", "\u0301", "(", "\n", " ", "9"))
        draft.fields[at] = (draft.fields[at][0], text * by.choice((1_000, 30_000, 200_000)))


def missing_field(by: Random, draft: Draft) -> None:
    if draft.fields:
        del draft.fields[_place(by, draft)]


def no_fields(by: Random, draft: Draft) -> None:
    draft.fields = [one for one in draft.fields if one[0] == "csrfmiddlewaretoken"]


def doubled_field(by: Random, draft: Draft) -> None:
    if draft.fields:
        name, value = draft.fields[_place(by, draft)]
        draft.fields += [(name, by.choice((value, by.choice(NAUGHTY))))] * by.choice((1, 2, 50))


def swapped_values(by: Random, draft: Draft) -> None:
    values = [value for _name, value in draft.fields]
    by.shuffle(values)
    draft.fields = [(name, value) for (name, _old), value in zip(draft.fields, values, strict=True)]


def nested_name(by: Random, draft: Draft) -> None:
    if draft.fields:
        at = _place(by, draft)
        name, value = draft.fields[at]
        tails = (
            "[]",
            "[0]",
            "[a][b][c]",
            ".x",
            "__class__",
            "-",
            "-0",
            "-day",
            "\x00",
            "[" * 500,
            "-99999999",
        )
        draft.fields[at] = (name + by.choice(tails), value)


def strange_field(by: Random, draft: Draft) -> None:
    names = (
        "",
        "\x00",
        "q-",
        "q-x-y-z",
        "__proto__",
        MARK,
        "remove-",
        "remove",
        "sure",
        "add",
        "\udfff",
        "n" * 5000,
    )
    draft.fields.append((by.choice(names), by.choice(NAUGHTY)))


def many_fields(by: Random, draft: Draft) -> None:
    draft.fields += [(f"q-x{n}", "1") for n in range(by.choice((100, 1_999, 2_500)))]


def a_file(by: Random, draft: Draft) -> None:
    names = [name for name, _value in draft.fields] or ["q-x"]
    called = by.choice(
        ("a.pdf", "../../x", "\x00.pdf", MARK, "é" * 300, "", "a.exe", "x" * 5000, "con.pdf\r\nX: y")
    )
    content = by.choice(
        (PDF, EXE, b"", b"\x89PNG\r\n\x1a\n" + b"\x00" * 50, PDF * 20, b"<svg onload=alert(1)>")
    )
    draft.files.append((by.choice(names), called, content))


def as_multipart(by: Random, draft: Draft) -> None:
    draft.kind = "multipart"


def broken_body(by: Random, draft: Draft) -> None:
    draft.kind = by.choice(("multipart", "urlencoded"))
    kind, body = draft.body()
    at = by.randrange(len(body) + 1)
    way = by.randrange(5)
    if way == 0:
        body = body[:at]
    elif way == 1:
        body = body[:at] + by.choice(_BYTES) * by.choice((1, 3)) + body[at:]
    elif way == 2:
        body = bytes(by.randrange(256) for _ in range(by.choice((1, 40, 2_000))))
    elif way == 3:
        body = body[:at] + body[at + by.randint(1, 30) :]
    else:
        body = gzip.compress(body)
    draft.content_type, draft.raw = kind, body


def broken_part(by: Random, draft: Draft) -> None:
    """Headers of a part that mean nothing, or too much."""
    heads = (
        b'Content-Disposition: form-data; name="q-x"\r\nContent-Transfer-Encoding: base64',
        b"Content-Disposition: form-data; name=\"q-x\"; filename*=utf-8''%ff%00",
        b"Content-Disposition: form-data; name*=utf-16''%ff",
        b'Content-Disposition: form-data; name="' + b"n" * 9_000 + b'"',
        b"Content-Disposition: form-data",
        b"Content-Disposition: attachment; name=x; name=y",
        b"X: y\r\n" * 300 + b'Content-Disposition: form-data; name="x"',
        b'Content-Disposition: form-data; name="x"; filename="a"\r\nContent-Type: \x00/\xff; charset=no-such',
        b'Content-Disposition: form-data; name="x"\r\nContent-Type: text/plain; charset=utf-32',
        b"\x00\xff",
        b"",
    )
    inner = by.choice((b"!", b"QQ", base64.b64encode(b"\xff" * 50), b"", b"\x00" * 500))
    parts = b"".join(
        b"--zq\r\n" + by.choice(heads) + b"\r\n\r\n" + inner + b"\r\n" for _ in range(by.choice((1, 3, 40)))
    )
    draft.content_type, draft.raw = (
        "multipart/form-data; boundary=zq",
        parts + by.choice((b"--zq--", b"", b"--zq")),
    )


def wrong_type(by: Random, draft: Draft) -> None:
    draft.content_type = by.choice(_TYPES)


def wrong_length(by: Random, draft: Draft) -> None:
    draft.length = by.choice(("0", "-1", "1", "x", "9" * 30, "", "1e3", "+5", " 7", "\xb2", "99999999"))


def bad_token(by: Random, draft: Draft) -> None:
    tokens = ("", "x", "a" * 64, "\x00", "a" * 32, MARK)
    draft.fields = [
        (name, by.choice(tokens) if name == "csrfmiddlewaretoken" else value) for name, value in draft.fields
    ]


def bad_cookie(by: Random, draft: Draft) -> None:
    names = list(draft.cookies)
    if not names or by.random() < 0.2:
        draft.cookies[
            by.choice(("sessionid", "csrftoken", "loket-case", "messages", "\x00", "loket-d-x", ""))
        ] = by.choice(NAUGHTY)[:3000]
        return
    name = by.choice(names)
    value = draft.cookies[name]
    at = by.randrange(len(value) + 1)
    draft.cookies[name] = by.choice(
        (
            value[:at],
            value[:at] + by.choice("A:.\x00é ;") + value[at + 1 :],
            value * 2,
            "",
            draft.cookies[by.choice(names)],
            value[::-1],
            value + ":",
            "\x00",
        )
    )


def other_method(by: Random, draft: Draft) -> None:
    draft.method = by.choice(_METHODS)


def strange_path(by: Random, draft: Draft) -> None:
    tail, at = by.choice(_TAILS), by.randrange(len(draft.path) + 1)
    draft.path = by.choice(
        (draft.path + tail, draft.path[:at] + tail + draft.path[at:], "/" + draft.path + tail)
    )


def other_language(by: Random, draft: Draft) -> None:
    for language in ("/en/", "/id/", "/sw/"):
        if draft.path.startswith(language):
            draft.path = (
                by.choice(("/en/", "/id/", "/sw/", "/ar/", "/xx/", "/")) + draft.path[len(language) :]
            )
            return


def strange_query(by: Random, draft: Draft) -> None:
    draft.query = by.choice(_QUERIES) if by.random() < 0.7 else f"{draft.query}&{by.choice(_QUERIES)}"


def strange_header(by: Random, draft: Draft) -> None:
    draft.headers += by.sample(_HEADERS, by.randint(1, 3))


FIELDS: tuple[Mutation, ...] = (
    naughty_value,
    naughty_value,
    naughty_value,
    number_value,
    huge_value,
    missing_field,
    no_fields,
    doubled_field,
    swapped_values,
    nested_name,
    strange_field,
    many_fields,
    a_file,
    as_multipart,
    bad_token,
)
AROUND: tuple[Mutation, ...] = (
    broken_body,
    broken_part,
    wrong_type,
    wrong_length,
    bad_cookie,
    other_method,
    strange_path,
    other_language,
    strange_query,
    strange_header,
)
