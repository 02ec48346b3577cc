"""What cases are found and listed by: the answers that a pack flags `indexed` and `display`."""

from loket.casework.models import Case, CaseIndex
from loket.catalogue.compiled import CompiledService
from loket.forms.types import Answers
from loket.identity import queries as identity
from loket.privacy.actions import blind_index

# One field for all of them: an officer types a number and need not say which question it answered.
_FIELD = "answers"


def index_rows(case: Case, service: CompiledService, answers: Answers) -> list[CaseIndex]:
    """What the case is to be found by, not saved yet."""
    digests = {index_digest(case.agency_id, word) for word in _words(service, answers)}
    return [CaseIndex(case=case, agency_id=case.agency_id, digest=digest) for digest in sorted(digests)]


def reindex_case(case: Case, service: CompiledService, answers: Answers) -> None:
    CaseIndex.objects.filter(case=case).delete()
    CaseIndex.objects.bulk_create(index_rows(case, service, answers))


def index_digest(agency_id: int, typed: str) -> bytes:
    """A look-up forgives case, spaces and punctuation."""
    return blind_index(agency_id, _FIELD, "".join(sign for sign in typed.casefold() if sign.isalnum()))


def shown_in_lists(service: CompiledService, answers: Answers, language: str) -> dict[str, str]:
    shown = {}
    for name, question in service.form.questions.items():
        value = answers.get(name)
        if question.definition.display and value is not None:
            centres = identity.agency_known(service.agency_id).centres
            lines = question.kind.summary_among(question.definition, value, language, centres)
            shown[name] = ", ".join(line if isinstance(line, str) else line.msgid for line in lines)[:200]
    return shown


def _words(service: CompiledService, answers: Answers) -> set[str]:
    words = set()
    for name, question in service.form.questions.items():
        value = answers.get(name)
        if question.definition.indexed and value is not None:
            lines = question.kind.summary(question.definition, value, "en")
            words |= {line for line in lines if isinstance(line, str)}
    return words
