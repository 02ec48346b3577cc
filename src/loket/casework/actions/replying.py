"""The applicant answers what was asked back: the reopened answers, and whatever these make visible."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction

from loket.applications.types import Answered, Upload
from loket.applications.uploads import Owner, take_in, without_files
from loket.casework import explaining, replies, sealing
from loket.casework.actions import moving
from loket.casework.identifying import pin_digest
from loket.casework.indexing import reindex_case, shown_in_lists
from loket.casework.models import Case
from loket.casework.refusals import NotAsked, ReplyNotComplete
from loket.casework.replies import Reply
from loket.casework.types import Happened
from loket.files.types import OwnerKind
from loket.forms.answering import answer_page, answers_to_json, raw_of
from loket.forms.types import NoSuchPage, Raw
from loket.kernel.actors import APPLICANT
from loket.kernel.ids import new_pin
from loket.workflow import engine


@transaction.atomic
def answer_reply_page(
    *,
    case_id: UUID,
    page_id: str,
    raw: Mapping[str, Raw],
    files: Mapping[str, Sequence[Upload]],
    removed: Mapping[str, Sequence[str]],
    now: datetime,
) -> Answered:
    """Keeps the answers of one page until the reply is sent. What wasn't reopened can't be changed.

    Refuses NotAsked, NoSuchPage.
    """
    reply = _locked(case_id, now)
    page = reply.page(page_id)
    if page is None:
        raise NoSuchPage(page=page_id)
    owner = Owner(OwnerKind.CASE, case_id, reply.key, reply.case.agency_id, keeps_removed=True)
    open_files = {name: sent for name, sent in files.items() if name in page.open}
    dropped = {name: ids for name, ids in removed.items() if name in page.open}
    kept = take_in(
        owner, reply.journey.page(page_id), reply.answers, open_files, dropped, by=APPLICANT, now=now
    )
    form = reply.service.form
    fixed = {name: raw_of(form, reply.answers, name) for name in page.closed}
    fields = {**without_files(form, raw), **kept.raw, **fixed}
    result = answer_page(form, kept.answers, page_id, fields, reply.context)
    problems = {**reply.blocking(page, result.problems), **kept.problems}
    answers = kept.answers if problems else result.answers
    reply.inquiry.sealed_reply = sealing.seal(reply.key, reply.case, "reply", answers_to_json(form, answers))
    if not problems and not result.revealed:
        reply.inquiry.pages_seen = sorted({*reply.inquiry.pages_seen, page_id})
    reply.inquiry.save(update_fields=["sealed_reply", "pages_seen"])
    return Answered(None, answers, problems, result.revealed)


@transaction.atomic
def send_reply(*, case_id: UUID, now: datetime) -> str | None:
    """Puts the new answers into the case, keeps the old ones in its history, and moves it on.

    Gives a PIN to show once where no code can reach the person any more. Refuses NotAsked, and
    ReplyNotComplete where a page is still open.
    """
    reply = _locked(case_id, now)
    gap = reply.first_gap
    if gap is not None:
        raise ReplyNotComplete(page=gap)
    case, service = reply.case, reply.service
    answers = reply.journey.live_answers
    changed = replies.changes(service, reply.original, answers)
    case.sealed_answers = sealing.seal_answers(reply.key, case, service, answers)
    case.display = shown_in_lists(service, answers, case.language)
    sealing.keep_contact(reply.key, case, answers)
    pin = _pin_for_the_unreachable(case)
    reindex_case(case, service, answers)
    case.unread = True
    facts = service.decided(reply.journey, reply.context)
    move = engine.answer(service.workflow, case.stage, facts.values, reply.context.evaluating())
    before = moving.snapshot(case)
    moving.enter(case, service, reply.agency, move, now)
    moving.record_move(
        case,
        Happened.ANSWERED,
        move,
        by=APPLICANT,
        now=now,
        before=before,
        settles_at=now,
        sealed=sealing.seal(reply.key, case, "changes", changed),
        trace=explaining.sealed(reply.key, case, service, facts, reply.context, move=move),
    )
    reply.inquiry.answered_at = now
    reply.inquiry.sealed_reply = None
    reply.inquiry.save(update_fields=["answered_at", "sealed_reply"])
    return pin


def _pin_for_the_unreachable(case: Case) -> str | None:
    """A PIN for whoever just gave up the address that codes went to."""
    if case.reachable or case.pin_digest is not None:
        return None
    pin = new_pin()
    case.pin_digest = pin_digest(case.reference, pin)
    return pin


def _locked(case_id: UUID, now: datetime) -> Reply:
    case = Case.objects.select_for_update().filter(id=case_id).first()
    inquiry = replies.open_inquiry(case_id, now)
    if case is None or inquiry is None:
        raise NotAsked()
    return replies.opened(case, inquiry, now)
