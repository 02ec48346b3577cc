"""The desk's side of a story, by casework's actions."""

from datetime import datetime, timedelta

from loket.casework import actions
from loket.kernel import clock
from loket.workflow.engine import GivenReason
from tests import county

_AMINA = "amina.wekesa@example.org"
# Longer than an action can be taken back.
_SETTLED = timedelta(minutes=2)


def asks(reference: str, message: str, questions: tuple[str, ...]) -> None:
    _act(reference, "ask", GivenReason(), message, questions)


def refuses(reference: str, words: str) -> None:
    _act(reference, "refuse", GivenReason(("privacy",), words), "", ())


def _act(reference: str, action: str, reason: GivenReason, message: str, questions: tuple[str, ...]) -> None:
    """Some minutes ago, so that it has settled by now."""
    at: datetime = clock.now() - _SETTLED
    amina = county.staff(_AMINA)
    case = actions.open_for_staff(reference=reference, reason="", staff=amina, now=at)
    actions.act(
        case_id=case.id, action=action, revision=case.revision, reason=reason, message=message,
        questions=questions, staff=amina, now=at,
    )  # fmt: skip
    county.settle(clock.now())
