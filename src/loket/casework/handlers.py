"""Reactions to facts of lower floors."""

from loket.applications.events import ApplicationSubmitted
from loket.casework.actions.opening import open_case
from loket.kernel.events import on


def register() -> None:
    on(ApplicationSubmitted)(open_case)
