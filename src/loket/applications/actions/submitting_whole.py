"""Submitting a whole application at once, as programs do: the same journey, and no draft in between."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from uuid import UUID

from django.db import IntegrityError, connection, transaction

from loket.applications import bills
from loket.applications.actions.answering_some import NotAnswered
from loket.applications.actions.saving import paper_pin
from loket.applications.actions.submitting import REFERENCE_TRIES, Sending, publish, unreachable
from loket.applications.drafts import journey_context
from loket.applications.models import SentOnce
from loket.applications.types import OnceKey, SubmittedWhole
from loket.catalogue.compiled import CompiledService
from loket.forms.types import Answers
from loket.forms.whole import answer_whole, in_order, raw_of_json
from loket.identity import queries as identity
from loket.identity.types import AgencyView
from loket.kernel.actors import Actor
from loket.kernel.ids import new_id, new_reference
from loket.kernel.refusals import Refusal
from loket.privacy import actions as privacy

# Longer than a long week-end of a partner's system that was down.
_REMEMBERED_FOR = timedelta(days=7)
# Waits for whoever sends the same at this moment: if they fail, this one goes on.
_FIRST = """
INSERT INTO applications_sentonce (digest, body_digest, reference, draft_id, has_pin, expires_at)
VALUES (%s, %s, %s, %s, %s, %s) ON CONFLICT (digest) DO NOTHING RETURNING 1
"""


class OnceKeyReused(Refusal):
    """Something else was sent under this key before."""

    code = "once_key_reused"


class _SentBefore(Exception):
    """Leaves the transaction: another has done it."""


def submit_whole(
    *,
    service: CompiledService,
    given: Mapping[str, object],
    language: str,
    once: OnceKey | None,
    by: Actor,
    now: datetime,
) -> SubmittedWhole:
    """Submits answers sent as JSON by question id: what submitting a draft of them would have done.

    Under the same `once` it happens once; sent again, what happened first is told again. What was refused
    leaves no trace. Statements: those of `submit` but for the draft's two, and one for `once`.
    Raises NotAnswered, OnceKeyReused.
    """
    digests = _digests(once) if once else None
    for attempt in range(REFERENCE_TRIES):
        try:
            return _submit(service, given, language, digests, by, now)
        except _SentBefore:
            if before := _told_before(digests):
                return before
        except NotAnswered:
            # Good the first time, and the service or the day has changed since.
            if before := _told_before(digests):
                return before
            raise
        except IntegrityError:
            if attempt == REFERENCE_TRIES - 1:
                raise
    raise AssertionError("unreachable")


def purge_sent_once(*, now: datetime) -> int:
    """Forgets the keys whose time is over; says how many."""
    return SentOnce.objects.filter(expires_at__lte=now).delete()[0]


def _submit(
    service: CompiledService,
    given: Mapping[str, object],
    language: str,
    digests: tuple[bytes, bytes] | None,
    by: Actor,
    now: datetime,
) -> SubmittedWhole:
    agency = identity.agency_known(service.agency_id)
    answers = _answers(service, agency, given, language, now)
    reference, draft_id = new_reference(), new_id()
    # Seals nothing: without a draft there are no files to carry over.
    key, _wrapped = privacy.new_wrapped_key()
    with transaction.atomic():
        if digests is not None and not _is_first(
            digests, reference, draft_id, unreachable(answers), now + _REMEMBERED_FOR
        ):
            raise _SentBefore
        _confirm_bills(service, answers)
        sending = Sending(reference, agency.id, service.version_id, language, answers, draft_id, key)
        pin = publish(sending, by=by, now=now)
    return SubmittedWhole(reference, pin, again=False)


def _answers(
    service: CompiledService,
    agency: AgencyView,
    given: Mapping[str, object],
    language: str,
    now: datetime,
) -> Answers:
    form = service.form
    raw, misshapen = raw_of_json(form, given, language)
    found = bills.look_up_sent(form, raw, agency.id)
    result = answer_whole(form, found, journey_context(agency, language, now))
    problems = {**result.problems, **misshapen}
    if problems:
        raise NotAnswered(in_order(form, problems))
    return result.answers


def _confirm_bills(service: CompiledService, answers: Answers) -> None:
    try:
        bills.confirm(service.form, answers)
    except bills.BillChanged as changed:
        raise NotAnswered({changed.question: changed.problem}) from changed


def _digests(once: OnceKey) -> tuple[bytes, bytes]:
    """Keyed: answers can be guessed."""
    return (
        privacy.digest("sent-once", f"{len(once.owner)}:{once.owner}:{once.key}"),
        privacy.digest("sent-once-body", once.body.decode("latin-1")),
    )


def _is_first(
    digests: tuple[bytes, bytes], reference: str, draft_id: UUID, has_pin: bool, expires_at: datetime
) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(_FIRST, [*digests, reference, draft_id, has_pin, expires_at])
        return cursor.fetchone() is not None


def _told_before(digests: tuple[bytes, bytes] | None) -> SubmittedWhole | None:
    """What was answered the first time. Raises OnceKeyReused."""
    if digests is None:
        return None
    before = SentOnce.objects.filter(digest=digests[0]).first()
    if before is None:
        return None
    if bytes(before.body_digest) != digests[1]:
        raise OnceKeyReused()
    pin = paper_pin(before.draft_id) if before.has_pin else None
    return SubmittedWhole(before.reference, pin, again=True)
