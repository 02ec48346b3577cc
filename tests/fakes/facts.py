"""Holds what a fake said, and what it was asked, against facts from the provider's publications."""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

from tests.fakes.serving import Exchange

_HERE = Path(__file__).parent
_FREE = re.compile(r"\[[^\[\]]+\]$")


class Facts:
    """The facts in `<name>.json`, which says where they are from and how they are written."""

    def __init__(self, name: str) -> None:
        self._facts: Mapping[str, Any] = json.loads((_HERE / f"{name}.json").read_text(encoding="utf-8"))

    def deviations(self, exchange: Exchange) -> Iterator[str]:
        """In sentences; none where the exchange is as published."""
        operation = self._operation(exchange.method, exchange.path)
        if operation is None:
            yield f"there is no {exchange.method} {exchange.path}"
            return
        where = f"{operation['method']} {operation['path']}"
        yield from (f"{where}: {words}" for words in self._asked(operation, exchange))
        answer = operation["answer"] if exchange.status == 200 else "error"
        yield from (f"{where}: {words}" for words in self.about(answer, exchange.answer))

    def about(self, name: str, thing: object) -> Iterator[str]:
        """How an object deviates from the one of this name."""
        known = self._facts["objects"][name]
        if not isinstance(thing, dict):
            yield f"{name} is no object"
            return
        yield from (f"{name} lacks {field}" for field in known["required"] if field not in thing)
        for field, value in thing.items():
            if field not in known["fields"]:
                yield f"{name} knows no {field}"
            else:
                yield from (
                    f"{name}.{field}: {words}" for words in self._value(known["fields"][field], value)
                )

    def _operation(self, method: str, path: str) -> Mapping[str, Any] | None:
        for operation in self._facts["operations"]:
            pattern = re.sub(r"\\\{\w+\\\}", "[^/]+", re.escape(operation["path"]))
            if operation["method"] == method and re.fullmatch(pattern, path):
                found: Mapping[str, Any] = operation
                return found
        return None

    def _asked(self, operation: Mapping[str, Any], exchange: Exchange) -> Iterator[str]:
        known: Mapping[str, str] = operation["parameters"]
        given = _parameters(operation, exchange)
        names = {_plain(name, known) for name, _ in given}
        for name, value in given:
            kind = known.get(_plain(name, known))
            if kind is None:
                yield f"no parameter {name}"
            else:
                yield from (
                    f"{name}: {words}" for words in self._value(kind.rstrip("!"), value, parameter=True)
                )
        for name, kind in known.items():
            group = name.rpartition("[")[0]
            if kind.endswith("!") and name not in names and (not group or _begins(names, group)):
                yield f"lacks the parameter {name}"

    def _value(self, kind: str, value: object, *, parameter: bool = False) -> Iterator[str]:
        if kind.endswith("?"):
            if value is None:
                return
            kind = kind[:-1]
        if kind in self._facts["objects"]:
            yield from self.about(kind, value)
        elif kind.startswith("list of "):
            members = value if isinstance(value, list) else [None]
            for member in members:
                yield from self.about(kind.removeprefix("list of "), member)
        elif not _fits(kind, value, parameter):
            yield f"{value!r} is no {kind}"


def _fits(kind: str, value: object, parameter: bool) -> bool:
    if parameter and kind == "integer":
        return re.fullmatch(r"-?\d{1,15}", str(value)) is not None
    name, _, bound = kind.partition(":")
    if name in _KINDS:
        return _KINDS[name](value) and (not bound or _long(str(value), bound))
    return isinstance(value, str) and value in kind.removeprefix("=").split("|")


def _written(pattern: str) -> Callable[[object], bool]:
    return lambda value: isinstance(value, str) and re.fullmatch(pattern, value, re.ASCII) is not None


_KINDS: Mapping[str, Callable[[object], bool]] = {
    "any": lambda value: True,
    "integer": lambda value: type(value) is int,
    "boolean": lambda value: type(value) is bool,
    "text": lambda value: isinstance(value, str) and len(value) <= 40_000,
    "texts": lambda value: isinstance(value, dict) and all(isinstance(word, str) for word in value.values()),
    "object": lambda value: isinstance(value, dict),
    "list": lambda value: isinstance(value, list),
    "ref": lambda value: isinstance(value, dict) or _written(r"\w{1,200}")(value),
    "digits": _written(r"\d+"),
    "currency": _written("[a-z]{3}"),
    "https": _written(r"https?://\S+"),
    "phone": _written(r"254[17]\d{8}"),
    "whole": lambda value: re.fullmatch(r"[1-9]\d{0,9}", str(value)) is not None,
}


def _long(value: str, bound: str) -> bool:
    least, _, most = bound.rpartition("-")
    return int(least or 0) <= len(value) <= int(most)


def _parameters(operation: Mapping[str, Any], exchange: Exchange) -> list[tuple[str, Any]]:
    given: list[tuple[str, Any]] = list(exchange.query)
    if exchange.method == "POST":
        if exchange.headers.get("content-type") == "application/json":
            given.extend(json.loads(exchange.body).items())
        else:
            given.extend(parse_qsl(exchange.body, keep_blank_values=True, strict_parsing=True))
    return given


def _plain(name: str, known: Mapping[str, str]) -> str:
    """`line_items[0][quantity]` as `line_items[][quantity]`, `metadata[x]` as `metadata[*]`."""
    indexless = re.sub(r"\[\d+\]", "[]", name)
    if indexless not in known and _FREE.sub("[*]", indexless) in known:
        return _FREE.sub("[*]", indexless)
    return indexless


def _begins(names: set[str], group: str) -> bool:
    return any(name.startswith(f"{group}[") for name in names)
