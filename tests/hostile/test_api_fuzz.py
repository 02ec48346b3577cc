"""Every operation of the API, with requests that schemathesis makes from its description: right and wrong.

    python -m pytest tests/hostile/test_api_fuzz.py                  some hundreds of requests
    python -m tools.prove bad-input                                  25,000, in parts side by side
    LOKET_FUZZ=<seed> python -m pytest … -m prove                    the same seed sends the same

No fault, no hang, and no status that the description doesn't name.
"""

import json
import logging
import os
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from random import Random
from typing import Any
from urllib.parse import unquote_to_bytes, urlsplit

import pytest
import requests
import schemathesis
from django.core import signals
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from hypothesis import HealthCheck, Phase, given, seed, settings
from schemathesis import GenerationMode

from loket.api.openapi import description
from loket.kernel import clock
from loket.web.arriving import Arriving
from tests import county
from tests.api.scene import Scene, scene
from tests.hostile.fuzzing import shares
from tests.hostile.fuzzing.calling import Answer, Call, rolled_back, send
from tests.hostile.fuzzing.fuzzer import Finding, wrong
from tests.hostile.fuzzing.shares import Say

pytestmark = pytest.mark.django_db(databases=["default", "keys"])
_TURNS = 12
_IN_PATH_AND_HEADERS = ("Authorization", "Loket-Draft")


class Fuzzed:
    """What came of all requests together."""

    def __init__(self) -> None:
        self.statuses, self.findings = Counter[int](), list[Finding]()
        self.by_operation: dict[str, Counter[int]] = {}
        self.cpu = 0.0

    @property
    def requests(self) -> int:
        return sum(self.statuses.values())

    def add(self, more: "Fuzzed") -> None:
        self.statuses += more.statuses
        self.findings += more.findings
        self.by_operation |= more.by_operation
        self.cpu += more.cpu

    def figures(self) -> dict[str, str]:
        return {
            "requests": f"{self.requests:,}",
            "operations": str(len(self.by_operation)),
            "requests a second of CPU": f"{self.requests / max(self.cpu, 0.001):.0f}",
            "answers by status": ", ".join(f"{code}: {n:,}" for code, n in sorted(self.statuses.items())),
            "found": str(len(self.findings)),
        }


@pytest.fixture(autouse=True)
def as_in_a_test() -> Iterator[None]:
    logging.disable(logging.CRITICAL)
    # As Django's own client does: a test's transaction must outlive a request.
    signals.request_started.disconnect(close_old_connections)
    signals.request_finished.disconnect(close_old_connections)
    yield
    signals.request_started.connect(close_old_connections)
    signals.request_finished.connect(close_old_connections)
    logging.disable(logging.NOTSET)


@pytest.fixture
def town(db: None) -> Scene:
    county.county(clock.now())
    return scene()


def _described() -> dict[str, Any]:
    """As it is read from outside; a copy, since what reads it writes into it."""
    read: dict[str, Any] = json.loads(json.dumps(description()))
    return read


def operations(raw: dict[str, Any]) -> list[Any]:
    schema = schemathesis.openapi.from_dict(raw)
    return [found.ok() for found in schema.get_all_operations()]


def fuzz(
    app: Callable[..., Any],
    raw: dict[str, Any],
    values: Callable[[str], Any],
    *,
    each: int,
    named: str,
) -> Fuzzed:
    """So many requests to each operation and mode."""
    fuzzed, begun = Fuzzed(), time.process_time()
    for operation in operations(raw):
        for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
            if len(fuzzed.findings) >= 20:
                break
            name = operation.definition.raw.get("operationId", operation.label)
            with rolled_back():
                _operation(app, operation, mode, values(name), each, f"{named}-{name}-{mode.value}", fuzzed)
    fuzzed.cpu = time.process_time() - begun
    return fuzzed


def _operation(
    app: Callable[..., Any],
    operation: Any,
    mode: GenerationMode,
    known: Any,
    each: int,
    named: str,
    fuzzed: Fuzzed,
) -> None:
    name = operation.definition.raw.get("operationId", operation.label)
    documented = set(operation.definition.raw["responses"])
    by, numbers = Random(named), iter(range(10**9))
    statuses = fuzzed.by_operation.setdefault(name, Counter())

    @seed(by.getrandbits(64))
    @settings(
        max_examples=each,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(generation_mode=mode))
    def sends(case: Any) -> None:
        call = _call(by, case, known)
        answer = send(app, call)
        fuzzed.statuses[answer.status] += 1
        statuses[answer.status] += 1
        what = wrong(answer) or _undocumented(answer, documented)
        number, what = next(numbers), f"{name}: {what}" if what else ""
        if what and what not in {one.what for one in fuzzed.findings}:
            fuzzed.findings.append(Finding(named, number, what, call, answer))

    try:
        sends()
    except Exception as problem:
        # Where nothing can be made wrong about an operation there is nothing to send.
        if type(problem).__name__ not in {"Unsatisfiable", "SkipTest", "InvalidSchema"}:
            raise


def _undocumented(answer: Answer, documented: Iterable[str]) -> str:
    status, named = str(answer.status), set(documented)
    if status in named:
        return ""
    if "default" not in named:
        return f"status {status} is not in the description"
    # What is described without a number is a problem, as machines read it.
    problem = answer.header("Content-Type").startswith("application/problem+json")
    return "" if problem else f"status {status} is neither described nor a problem"


def _call(by: Random, case: Any, known: Any) -> Call:
    """The made-up request; often with a token, a draft or a case that exists."""
    if by.random() < 0.8:
        for name, value in known.items():
            if name in _IN_PATH_AND_HEADERS:
                case.headers = {**(case.headers or {}), name: value}
            elif case.path_parameters and name in case.path_parameters and by.random() < 0.9:
                case.path_parameters = {**case.path_parameters, name: value}
    kept = case.as_transport_kwargs(base_url="http://localhost")
    kept = {
        name: kept[name]
        for name in ("method", "url", "headers", "cookies", "params", "data", "json", "files")
        if name in kept
    }
    ready = requests.Request(**kept).prepare()
    parts = urlsplit(ready.url or "/")
    body = ready.body or b""
    headers = [
        (name, _text(value))
        for name, value in ready.headers.items()
        if name.lower() not in {"content-length", "host"}
    ]
    return Call(
        method=ready.method or "GET",
        path=unquote_to_bytes(parts.path).decode("latin-1"),
        query=parts.query,
        headers=tuple(headers),
        body=body if isinstance(body, bytes) else body.encode("utf-8", "surrogatepass"),
        address=f"192.0.{by.randrange(256)}.{by.randrange(1, 255)}",
    )


def _text(value: str | bytes) -> str:
    return value if isinstance(value, str) else value.decode("latin-1")


def told(fuzzed: Fuzzed) -> str:
    return "\n\n".join(str(one) for one in fuzzed.findings[:15])


def test_no_operation_breaks_and_all_it_answers_is_described(town: Scene) -> None:
    app = Arriving(get_wsgi_application())
    raw = _described()
    fuzzed = fuzz(app, raw, town.values, each=max(5, 500 // (2 * len(operations(raw)))), named="1")
    assert not fuzzed.findings, told(fuzzed)
    assert fuzzed.requests > 200
    assert {200, 422} & set(fuzzed.statuses)


@pytest.mark.prove
@pytest.mark.parametrize("part", range(shares.PARTS))
def test_no_operation_breaks_in_its_share_of_requests(
    town: Scene, part: int, say: Say, record_property: Callable[[str, object], None]
) -> None:
    app, raw, share = Arriving(get_wsgi_application()), _described(), shares.requests()
    named = os.environ.get("LOKET_FUZZ") or f"{clock.now():%Y%m%d%H%M}"
    total, turn = Fuzzed(), 0
    # Where nothing wrong can be said to an operation it gets fewer, hence more than one turn.
    while total.requests < share and not total.findings and turn < _TURNS:
        each = (share - total.requests) // (2 * len(operations(raw))) + 1
        total.add(fuzz(app, raw, town.values, each=each, named=f"{named}-{part}-{turn}"))
        turn += 1
        say(f"API, part {part}: {total.requests:,} of {share:,} requests, {len(total.findings)} found")
    for name, figure in {**total.figures(), "seed": named}.items():
        record_property(name, figure)
    assert not total.findings, told(total)
    assert total.requests >= share


def _planted(environ: dict[str, Any], start: Any) -> list[bytes]:
    """Falls over a number below zero, and answers one above a thousand with what it never described."""
    sent = environ["QUERY_STRING"].rpartition("=")[2]
    number = int(sent) if sent.lstrip("-").isdigit() else 0
    if number < 0:
        raise ValueError("below zero")
    start("200 OK" if number < 1000 else "418 A teapot", [("Content-Type", "application/json")])
    return [b"{}"]


def test_what_is_planted_is_found(db: None) -> None:
    parameter = {"name": "n", "in": "query", "required": True, "schema": {"type": "integer"}}
    operation = {
        "operationId": "count",
        "parameters": [parameter],
        "responses": {"200": {"description": "ok"}},
    }
    raw = {
        "openapi": "3.1.0",
        "info": {"title": "x", "version": "1"},
        "paths": {"/count": {"get": operation}},
    }
    found = {one.what for one in fuzz(_planted, raw, lambda name: {}, each=100, named="1").findings}
    assert "count: ValueError: below zero" in found
    assert "count: status 418 is not in the description" in found
