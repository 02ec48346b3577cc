"""Facts that one context publishes and those above it react to.

`publish` calls the handlers at once, inside the publisher's transaction: a handler that fails rolls
the publisher back. Anything slow is a job that the handler defers.
"""

from collections import defaultdict
from collections.abc import Callable
from typing import Any, TypeVar

E = TypeVar("E")

_handlers: dict[type[Any], list[Callable[[Any], None]]] = defaultdict(list)


def on(event: type[E]) -> Callable[[Callable[[E], None]], Callable[[E], None]]:
    """Registers a handler for a type of event. Registering it again changes nothing."""

    def register(handler: Callable[[E], None]) -> Callable[[E], None]:
        if handler not in _handlers[event]:
            _handlers[event].append(handler)
        return handler

    return register


def publish(event: object) -> None:
    for handler in _handlers[type(event)]:
        handler(event)
