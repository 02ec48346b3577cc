"""Crawls with several browsers at once, and breaks most of what it sends."""

import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from http.cookies import CookieError, SimpleCookie
from random import Random
from urllib.parse import urlsplit

from tests.hostile.fuzzing import mutations, pages
from tests.hostile.fuzzing.calling import PATIENCE, Answer, App, Call, send
from tests.hostile.fuzzing.mutations import Draft
from tests.hostile.fuzzing.pages import Form

# Pages that a browser keeps in mind; beyond that, new ones take the place of old ones by chance.
_MOST = 400
_PLAIN = 0.12
_NEVER = dict.fromkeys((*range(9), *range(10, 32), 127))
_AWAY = ("//", "/\\", "http:", "https:", "javascript:")
_NO_PAGE = (b"Traceback (most recent call last)", b"DoesNotExist", b"psycopg.", b"django.")


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that must not be, with all that is needed to see it again."""

    seed: str
    number: int
    what: str
    call: Call
    answer: Answer

    def __str__(self) -> str:
        return (
            f"{self.what}\n  again: LOKET_FUZZ={self.seed}:{self.number}\n  sent: {self.call.line()}\n"
            f"  came: {self.answer.status} {self.answer.body[:200]!r}\n{self.answer.trouble}"
        )


@dataclass(slots=True)
class Tally:
    """What came of all requests together."""

    requests: int = 0
    seconds: float = 0.0
    cpu: float = 0.0
    slowest: float = 0.0
    statuses: Counter[int] = field(default_factory=Counter)
    pages: set[str] = field(default_factory=set)
    broken: Counter[str] = field(default_factory=Counter)
    findings: list[Finding] = field(default_factory=list)

    def figures(self) -> Mapping[str, str]:
        return {
            "requests": f"{self.requests:,}",
            "requests a second of CPU": f"{self.requests / max(self.cpu, 0.001):.0f}",
            "slowest": f"{self.slowest * 1000:.0f} ms",
            "different pages": str(len(self.pages)),
            "answers by status": ", ".join(f"{status}: {n:,}" for status, n in sorted(self.statuses.items())),
            "found": str(len(self.findings)),
        }


@dataclass(slots=True)
class Browser:
    """Cookies, and the addresses and forms seen so far."""

    cookies: dict[str, str] = field(default_factory=dict)
    links: dict[str, None] = field(default_factory=dict)
    forms: dict[tuple[str, str, tuple[str, ...]], Form] = field(default_factory=dict)

    def learn(self, by: Random, path: str, answer: Answer) -> None:
        for cookie in answer.cookies():
            with suppress(CookieError):
                for name, morsel in SimpleCookie(cookie).items():
                    if morsel.value:
                        self.cookies[name] = morsel.value
                    else:
                        self.cookies.pop(name, None)
        found = answer.header("Location")
        if found.startswith("/") and not found.startswith("//"):
            _keep(by, self.links, found, None)
        if answer.html and answer.status in {200, 403, 422}:
            links, forms = pages.read(path, answer.body.decode("utf-8", "replace"))
            for link in links:
                _keep(by, self.links, link, None)
            for form in forms:
                # The latest: tokens and what was typed change.
                _keep(by, self.forms, form.key, form)


def _keep(by: Random, kept: dict, key: object, value: object) -> None:  # type: ignore[type-arg]
    if key not in kept and len(kept) >= _MOST:
        kept.pop(list(kept)[by.randrange(len(kept))])
    kept[key] = value


def fuzz(
    app: App,
    browsers: Iterable[Browser],
    starts: Iterable[str],
    *,
    seed: str,
    requests: int,
    tally: Tally,
    left_out: Callable[[str], bool] = lambda path: False,
) -> None:
    """Sends so many requests. The same seed on the same data sends the same again."""
    by, everybody = Random(seed), list(browsers)
    for browser in everybody:
        browser.links |= dict.fromkeys(starts)
    begun, busy = time.monotonic(), time.process_time()
    for number in range(requests):
        browser = by.choice(everybody)
        draft, broken = _draft(by, browser, left_out)
        call = _call(by, draft)
        answer = send(app, call)
        tally.requests += 1
        tally.slowest = max(tally.slowest, answer.seconds)
        tally.statuses[answer.status] += 1
        tally.broken.update(broken)
        if answer.status == 200:
            tally.pages.add(draft.path)
        what = wrong(answer)
        if what and (what, draft.path) not in {(one.what, one.call.path) for one in tally.findings}:
            tally.findings.append(Finding(seed, number, what, call, answer))
            if len(tally.findings) >= 20:
                break
        browser.learn(by, draft.path, answer)
    tally.seconds += time.monotonic() - begun
    tally.cpu += time.process_time() - busy


def wrong(answer: Answer) -> str:
    """What must not be about an answer; empty where all is well."""
    if answer.trouble:
        return answer.trouble.strip().rpartition("\n")[2]
    where = answer.header("Location")
    told = {
        f"status {answer.status}": answer.status >= 500 or not answer.status >= 200,
        f"took {answer.seconds:.0f} s": answer.seconds > PATIENCE,
        "a line ends within a header": any(set("\r\n") & set(value) for _name, value in answer.headers),
        f"leads to {where[:80]}": where.startswith(_AWAY),
        "shows what was sent without escaping it": answer.html
        and any(mark in answer.body for mark in mutations.UNESCAPED),
        "shows the program's own words": any(words in answer.body for words in _NO_PAGE),
    }
    return next((what for what, so in told.items() if so), "")


def _draft(by: Random, browser: Browser, left_out: Callable[[str], bool]) -> tuple[Draft, list[str]]:
    """A request as a page offers it, and then what breaks it."""
    forms = [form for form in browser.forms.values() if not left_out(form.path)]
    if forms and by.random() < 0.65:
        form = by.choice(forms)
        fields = list(pages.filled(form, browser.cookies.get("csrftoken", "")))
        for one in form.fields:
            if one.choices and by.random() < 0.5:
                fields = [
                    (name, by.choice(one.choices) if name == one.name else value) for name, value in fields
                ]
            elif one.kind.endswith("?") and by.random() < 0.3:
                fields.append((one.name, one.value))
        draft = Draft(form.method, form.path, "", fields, dict(browser.cookies))
        draft.kind = "multipart" if form.files else "urlencoded"
    else:
        parts = urlsplit(by.choice(list(browser.links)))
        method = "POST" if by.random() < 0.1 else "GET"
        draft = Draft(method, parts.path, parts.query, [], dict(browser.cookies))
    if by.random() < _PLAIN:
        return draft, []
    chosen = [by.choice(mutations.FIELDS if by.random() < 0.55 else mutations.AROUND)]
    while by.random() < 0.35 and len(chosen) < 4:
        chosen.append(by.choice((*mutations.FIELDS, *mutations.AROUND)))
    for mutation in chosen:
        mutation(by, draft)
    return draft, [mutation.__name__ for mutation in chosen]


def _chosen(by: Random, fields: list[tuple[str, str]], one: pages.Field) -> list[tuple[str, str]]:
    return [(name, by.choice(one.choices) if name == one.name else value) for name, value in fields]


def _call(by: Random, draft: Draft) -> Call:
    if draft.method == "GET" and draft.fields:
        sent = mutations._urlencoded(draft.fields).decode("ascii")
        draft.query = f"{draft.query}&{sent}" if draft.query else sent
    kind, body = draft.body()
    headers = [("Cookie", "; ".join(f"{name}={value}" for name, value in draft.cookies.items()))]
    if kind:
        headers.append(("Content-Type", kind))
    headers += draft.headers
    return Call(
        method=_latin(draft.method),
        path=_latin(draft.path) if draft.path.startswith("/") else "/" + _latin(draft.path),
        query=_latin(draft.query),
        headers=tuple((name, _header(value)) for name, value in headers),
        body=body,
        address=f"192.0.{by.randrange(256)}.{by.randrange(1, 255)}",
        length=draft.length,
    )


def _header(text: str) -> str:
    """Without what no server hands on: it refuses the whole request (test_raw_sockets.py)."""
    return _latin(text).translate(_NEVER)


def _latin(text: str) -> str:
    """Bytes as WSGI shows them; what is a byte already stays one."""
    return "".join(
        letter if ord(letter) < 256 else letter.encode("utf-8", "surrogatepass").decode("latin-1")
        for letter in text
    )
