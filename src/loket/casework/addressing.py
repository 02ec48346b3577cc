"""In which language somebody is written to: the one they chose for their address, else that of the case."""

from copy import copy

from loket.casework.models import Case
from loket.catalogue.compiled import CompiledService
from loket.forms.types import Channel, Contact
from loket.notifications import queries as notifications
from loket.notifications.types import Medium


def as_written_to(case: Case, contact: Contact, service: CompiledService) -> Case:
    """The case for its letters: a copy in the chosen language, never to be saved (1 statement).

    A language that the service doesn't speak would make letters half of one and half of another.
    """
    if contact.channel is Channel.NONE:
        return case
    chosen = notifications.preferred_language(Medium(contact.channel.value), contact.address)
    if chosen in ("", case.language) or chosen not in service.service.languages:
        return case
    written = copy(case)
    written.language = chosen
    return written
