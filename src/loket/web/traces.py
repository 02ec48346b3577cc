"""Traces for who runs a collector: what requests, jobs and statements took.

Off unless LOKET_OTEL_ENDPOINT is set. The packages are optional (requirements/telemetry.txt). Their own
instrumentations are not used: they tell whole addresses and statements, which hold what people typed.
"""

import importlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib.util import find_spec
from typing import Any

from loket import __version__

_NEEDED = ("opentelemetry.sdk.trace", "opentelemetry.exporter.otlp.proto.http.trace_exporter")
MISSING = (
    "LOKET_OTEL_ENDPOINT is set, but the packages for traces are not installed. Install them with: "
    ".venv/bin/python -m uv pip install --require-hashes -r requirements/telemetry.txt"
)


class TracesUnavailable(Exception):
    """The packages are not installed; the message says how to."""


class _Tracing:
    """This process's tracer, once begun."""

    tracer: Any = None


def on() -> bool:
    return _Tracing.tracer is not None


def installed() -> bool:
    return all(_found(name) for name in _NEEDED)


def begin(endpoint: str, part: str) -> None:
    """`endpoint`: a collector's address for OTLP over HTTP, such as http://localhost:4318; empty: none.

    Raises TracesUnavailable.
    """
    if not endpoint:
        return
    if not installed():
        raise TracesUnavailable(MISSING)
    sdk = importlib.import_module("opentelemetry.sdk.trace")
    sending = importlib.import_module("opentelemetry.sdk.trace.export")
    exporter = importlib.import_module("opentelemetry.exporter.otlp.proto.http.trace_exporter")
    resources = importlib.import_module("opentelemetry.sdk.resources")
    provider = sdk.TracerProvider(
        resource=resources.Resource({"service.name": f"loket-{part}", "service.version": __version__})
    )
    target = exporter.OTLPSpanExporter(endpoint=f"{endpoint.rstrip('/')}/v1/traces")
    provider.add_span_processor(sending.BatchSpanProcessor(target))
    _Tracing.tracer = provider.get_tracer("loket", __version__)


@contextmanager
def span(name: str, about: Mapping[str, str | int] | None = None) -> Iterator["Told"]:
    """A piece of work. An error that leaves it is told by its kind alone."""
    if _Tracing.tracer is None:
        yield Told(None)
        return
    with _Tracing.tracer.start_as_current_span(
        name, attributes=dict(about or {}), record_exception=False, set_status_on_exception=False
    ) as begun:
        told = Told(begun)
        try:
            yield told
        except BaseException as error:
            told.also({"error.type": type(error).__qualname__})
            raise


class Told:
    """What is learned about a piece of work while it is done."""

    __slots__ = ("_span",)

    def __init__(self, begun: Any) -> None:
        self._span = begun

    def name(self, name: str) -> None:
        if self._span is not None:
            self._span.update_name(name)

    def also(self, about: Mapping[str, str | int]) -> None:
        if self._span is not None:
            for key, value in about.items():
                self._span.set_attribute(key, value)


def statement_kind(sql: object) -> str:
    """SELECT, INSERT …: the first word and nothing of the rest."""
    first = str(sql)[:24].lstrip("( ").partition(" ")[0].upper()
    return first if first.isalpha() else "SQL"


def _found(name: str) -> bool:
    try:
        return find_spec(name) is not None
    except ModuleNotFoundError:
        return False
