"""Both library services, from the first answer to the decision, by their actions."""

from datetime import UTC, datetime, timedelta

import pytest

from loket.casework import actions, queries
from loket.casework.models import Case
from loket.casework.types import Happened, Phase
from loket.forms.types import Raw
from loket.workflow.engine import GivenReason
from tests import county

pytestmark = pytest.mark.django_db(databases=["default", "keys"])
NOW = datetime(2026, 11, 16, 9, 0, tzinfo=UTC)


def test_a_change_of_address_is_decided_at_once_and_the_offices_are_told() -> None:
    county.county(NOW)
    reference = county.send(county.ADDRESS, county.ADDRESS_ANSWERS, now=NOW)
    status = queries.case_status(county.case_id(reference), NOW)
    assert status is not None
    assert (status.phase, status.outcome) == (Phase.CLOSED, "granted")
    assert county.settle(NOW) == 1
    told = queries.notices(county.staff("halima.omar@example.org"), received=False)
    assert [notice.reference for notice in told] == [reference]
    notice = actions.open_notice(notice_id=told[0].id, staff=county.staff("halima.omar@example.org"), now=NOW)
    assert [row.question.id for row in notice.rows] == ["full_name", "national_id", "new_address"]


def test_a_request_is_asked_back_answered_and_refused_with_reasons() -> None:
    county.county(NOW)
    reference = county.send(county.INFORMATION, county.INFORMATION_ANSWERS, now=NOW)
    amina = county.staff("amina.wekesa@example.org")
    case = actions.open_for_staff(reference=reference, reason="", staff=amina, now=NOW)
    assert {offer.key for offer in case.actions} >= {"grant", "partly_grant", "refuse", "ask"}
    actions.act(
        case_id=case.id, action="ask", revision=case.revision, reason=GivenReason(),
        message="Which years?", questions=("period_from", "period_to"), staff=amina, now=NOW,
    )  # fmt: skip
    assert queries.open_reply(case.id, NOW) is None
    later = NOW + timedelta(minutes=2)
    county.settle(later)
    reply = queries.open_reply(case.id, later)
    assert reply is not None
    assert [page.open for page in reply.pages] == [("period_from", "period_to")]
    fields: dict[str, Raw] = {
        "period_from": {"day": ("1",), "month": ("1",), "year": ("2024",)},
        "period_to": {"day": ("1",), "month": ("1",), "year": ("2025",)},
        "topic": {"": ("something else entirely",)},
    }
    answered = actions.answer_reply_page(
        case_id=case.id, page_id=reply.pages[0].id, raw=fields, files={}, removed={}, now=later
    )
    assert answered.done, answered.problems
    actions.send_reply(case_id=case.id, now=later)
    county.settle(later)
    case = actions.open_for_staff(reference=reference, reason="", staff=amina, now=later)
    assert case.phase is Phase.OPEN
    assert Case.objects.get(id=case.id).unread is False
    assert [entry.happened for entry in case.timeline] == [
        Happened.SUBMITTED, Happened.MOVED, Happened.ANSWERED,
    ]  # fmt: skip
    actions.act(
        case_id=case.id, action="refuse", revision=case.revision,
        reason=GivenReason(("privacy",), "It names three neighbours."), message="", questions=(),
        staff=amina, now=later,
    )  # fmt: skip
    seen = queries.applicant_case(case.id, later)
    assert seen is not None
    assert seen.decision is None
    done = later + timedelta(minutes=2)
    county.settle(done)
    seen = queries.applicant_case(case.id, done)
    assert seen is not None
    assert seen.decision is not None
    assert seen.decision.reason is not None
    assert seen.decision.reason.words == "It names three neighbours."
    assert len(seen.accesses) == 2
