"""What stages are called: a service's own, and those of a case that was not, or is not yet, paid for."""

from collections.abc import Mapping
from functools import lru_cache

from django.utils import translation
from django.utils.translation import gettext

from loket.casework.types import LocalText
from loket.catalogue.compiled import CompiledService
from loket.kernel.text import LANGUAGES, marked

# Names that no service's own stage may have.
AWAITING_PAYMENT = "awaiting_payment"
LAPSED_UNPAID = "lapsed_unpaid"
PAID_ELSEWHERE = "paid_elsewhere"

OURS = (AWAITING_PAYMENT, LAPSED_UNPAID, PAID_ELSEWHERE)

_LABELS: Mapping[str, str] = {
    AWAITING_PAYMENT: marked("Waiting for payment"),
    LAPSED_UNPAID: marked("Closed because it was not paid"),
    PAID_ELSEWHERE: marked("Closed because somebody has paid already"),
}
_SAID: Mapping[str, str] = {
    AWAITING_PAYMENT: marked("Your application is safe. We begin as soon as it is paid."),
    LAPSED_UNPAID: marked(
        "The payment did not come in time, so nobody has looked at your application. You may apply again."
    ),
    PAID_ELSEWHERE: marked(
        "What you looked up was paid with another application, so you don’t need to pay it again."
    ),
}
_NOTHING: LocalText = {}


def label_of(service: CompiledService, stage: str) -> LocalText:
    found = service.workflow.stages.get(stage)
    return found.label if found else _ours(_LABELS.get(stage, ""))


def said_of(service: CompiledService, stage: str) -> LocalText:
    """What the applicant is told about a stage; nothing where there is nothing to say."""
    found = service.workflow.stages.get(stage)
    return found.says or _NOTHING if found else _ours(_SAID.get(stage, ""))


@lru_cache(maxsize=32)
def _ours(sentence: str) -> LocalText:
    """An interface sentence in every language, as packs write theirs."""
    if not sentence:
        return _NOTHING
    told = {}
    for language in LANGUAGES:
        with translation.override(language):
            told[str(language)] = gettext(sentence)
    return told
