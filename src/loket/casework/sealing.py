"""What a case keeps sealed, by name, so that one piece can't be passed off as another."""

from collections.abc import Mapping
from uuid import UUID

from loket.casework.identifying import contact_digest, contact_in
from loket.casework.models import Case
from loket.catalogue.compiled import CompiledService
from loket.forms.answering import answers_from_json, answers_to_json
from loket.forms.types import Answers, Channel, Contact
from loket.kernel import compact_json
from loket.notifications import queries as notifications
from loket.privacy.actions import DataKey


def seal(key: DataKey, case: Case, what: str, value: object) -> bytes:
    return key.encrypt(compact_json.dump(value), about=about(case.id, what))


def unseal(key: DataKey, case: Case, what: str, sealed: bytes | memoryview) -> object:
    return compact_json.load(key.decrypt(bytes(sealed), about=about(case.id, what)))


def seal_answers(key: DataKey, case: Case, service: CompiledService, answers: Answers) -> bytes:
    return seal(key, case, "answers", answers_to_json(service.form, answers))


def answers_of(key: DataKey, case: Case, service: CompiledService) -> Answers:
    return answers_from_json(service.form, as_record(unseal(key, case, "answers", case.sealed_answers)))


def keep_contact(key: DataKey, case: Case, answers: Answers) -> None:
    """Puts the contact among the answers into the case, sealed to write to and as a digest to be known by.

    Who gives up an address is no longer written to, but can still see the status with it.
    """
    contact = contact_in(answers)
    stored = {"channel": contact.channel.value, "address": contact.address}
    case.sealed_contact = seal(key, case, "contact", stored)
    case.reachable = notifications.can_reach(contact.channel.value)
    if contact.address:
        case.contact_digest = contact_digest(contact)


def contact_of(key: DataKey, case: Case) -> Contact:
    stored = as_record(unseal(key, case, "contact", case.sealed_contact))
    return Contact(Channel(str(stored["channel"])), str(stored["address"]))


def as_record(value: object) -> Mapping[str, object]:
    """Raises ValueError where a stored value is not the record it should be."""
    if not isinstance(value, dict):
        raise ValueError("expected a JSON object")
    return value


def about(case_id: UUID, what: str) -> bytes:
    """What a sealed piece is bound to."""
    return case_id.bytes + what.encode()
