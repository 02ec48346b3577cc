"""Events, troubles and states of endpoints in words."""

from collections.abc import Mapping

from django.utils.translation import gettext as _

from loket.kernel.text import marked
from loket.webhooks.types import EndpointView, EventType, Off, State

_EVENTS: Mapping[EventType, str] = {
    EventType.SUBMITTED: marked("An application was sent"),
    EventType.PAID: marked("A payment came"),
    EventType.STAGE_CHANGED: marked("A case reached another stage"),
    EventType.DECIDED: marked("A case was decided"),
    EventType.CLOSED: marked("A case was closed"),
    EventType.DOCUMENT_ISSUED: marked("A document was issued"),
    EventType.TEST: marked("A test"),
}
_STATES: Mapping[State, str] = {
    State.QUEUED: marked("waits"),
    State.SENDING: marked("on its way"),
    State.DELIVERED: marked("arrived"),
    State.PARKED: marked("did not arrive"),
}
_TROUBLES: Mapping[str, str] = {
    "address_refused": marked("Its name leads to an address that may not be called"),
    "unknown_host": marked("Nobody knows its name"),
    "unreachable": marked("Nobody answers there"),
    "timeout": marked("It did not answer in time"),
    "certificate": marked("Its certificate is not good"),
    "broken_answer": marked("Its answer could not be read"),
    "redirected": marked("It wanted to send us elsewhere"),
    "refused": marked("It refused"),
    "failed_there": marked("It failed there"),
    "endpoint_off": marked("It was switched off"),
}
_ADDRESSES: Mapping[str, str] = {
    "not_https": marked("The address must begin with https://."),
    "secret_in_address": marked("Leave out passwords and what follows a #."),
    "private_address": marked(
        "This address is inside a private network. Ask whoever runs Loket to allow it."
    ),
}


def event(kind: EventType) -> str:
    return _(_EVENTS[kind])


def state(of: State) -> str:
    return _(_STATES[of])


def trouble(code: str, status: int | None) -> str:
    words = _(_TROUBLES[code]) if code in _TROUBLES else code
    return f"{words} ({status})" if status is not None else words


def address_problem(why: str) -> str:
    return (
        _(_ADDRESSES[why])
        if why in _ADDRESSES
        else _("Write a whole address, such as https://records.example.org/loket.")
    )


def health(endpoint: EndpointView) -> str:
    """How it does, in a few words."""
    if endpoint.off is Off.GONE:
        return _("Switched off: it answered that it is gone")
    if endpoint.off is Off.FAILING:
        return _("Switched off: it took nothing for too long")
    if endpoint.off is Off.BY_HAND:
        return _("Switched off by hand")
    return _("Does not take what we send") if endpoint.failures else _("Works")
