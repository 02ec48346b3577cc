"""Reactions to facts of lower floors."""

from loket.applications.events import ApplicationSubmitted
from loket.casework.actions.opening import open_case
from loket.kernel.events import on


@on(ApplicationSubmitted)
def open_a_case(application: ApplicationSubmitted) -> None:
    open_case(application)
