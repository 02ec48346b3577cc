"""Questions back, and their answers."""

from datetime import UTC, datetime, timedelta
from io import BytesIO
from typing import Any
from uuid import UUID

import pytest
from django.db import IntegrityError, transaction

from loket.applications.types import Upload
from loket.casework import actions, queries, sealing
from loket.casework.models import Case, CaseEvent, Inquiry
from loket.casework.refusals import NotAsked, ReplyNotComplete
from loket.casework.types import Happened, Phase
from loket.files import queries as files
from loket.files.models import StoredFile
from loket.files.types import OwnerKind
from loket.forms.types import Answers, NoSuchPage, Raw
from loket.privacy import actions as privacy
from tests import county
from tests.casework import stall
from tests.casework.stall import NOW
from tests.files.samples import PDF

pytestmark = pytest.mark.django_db(databases=["default", "keys"])
LATER = NOW + timedelta(minutes=2)


@pytest.fixture(autouse=True)
def _market() -> None:
    stall.open_market()


def _answers(case: Case) -> Answers:
    case.refresh_from_db()
    return sealing.answers_of(privacy.open_key(case.key_id), case, county.service(stall.KEY))


def _changes(case: Case) -> Any:
    event = CaseEvent.objects.filter(case=case, happened=Happened.ANSWERED).latest("id")
    return sealing.unseal(privacy.open_key(case.key_id), case, "changes", event.sealed_details or b"")


def _day(year: int, month: int, day: int) -> Raw:
    return {"day": (str(day),), "month": (str(month),), "year": (str(year),)}


def certificate(name: str = "old.pdf") -> Upload:
    return Upload(name, BytesIO(PDF))


def test_exactly_the_named_questions_can_be_changed() -> None:
    case = stall.sent()
    stall.asked(case, "metres")
    reply = queries.open_reply(case.id, LATER)
    assert reply is not None
    assert [(page.id, page.open, page.closed) for page in reply.pages] == [
        ("size", ("metres",), ("from_day",))
    ]
    answered = stall.answer_reply(
        case, "size", LATER, metres="7", from_day=_day(2027, 1, 1), full_name="Somebody Else"
    )
    assert answered.done, answered.problems
    actions.send_reply(case_id=case.id, now=LATER)
    answers = _answers(case)
    assert answers["metres"] == 7
    assert str(answers["from_day"]) == "2026-12-01"
    assert answers["full_name"] == "Wanjiru Kamau"
    assert _changes(case) == {"metres": {"before": 4, "after": 7}}


def test_a_page_without_a_reopened_question_is_not_there() -> None:
    case = stall.sent()
    stall.asked(case, "metres")
    for page in ("you", "kitchen", "no_such_page"):
        with pytest.raises(NoSuchPage):
            stall.answer_reply(case, page, LATER, full_name="Somebody Else")


def test_a_reply_moves_the_case_on_and_marks_it_unread() -> None:
    case = stall.sent()
    officer = county.staff(stall.OFFICER)
    actions.open_for_staff(reference=case.reference, reason="", staff=officer, now=NOW)
    stall.asked(case, "metres")
    stall.answer_reply(case, "size", LATER, metres="7")
    actions.send_reply(case_id=case.id, now=LATER)
    case.refresh_from_db()
    assert (case.stage, case.phase, case.stage_due_at, case.unread) == ("look", Phase.OPEN, None, True)
    inquiry = Inquiry.objects.get(case=case)
    assert (inquiry.answered_at, inquiry.sealed_reply) == (LATER, None)
    with pytest.raises(NotAsked):
        actions.send_reply(case_id=case.id, now=LATER)
    with pytest.raises(NotAsked):
        stall.answer_reply(case, "size", LATER, metres="9")


def test_a_reopened_answer_may_stay_as_it_was_but_must_be_looked_at() -> None:
    case = stall.sent()
    stall.asked(case, "metres")
    with pytest.raises(ReplyNotComplete) as refused:
        actions.send_reply(case_id=case.id, now=LATER)
    assert refused.value.details == {"page": "size"}
    stall.answer_reply(case, "size", LATER, metres="4")
    actions.send_reply(case_id=case.id, now=LATER)
    assert _changes(case) == {}


def test_a_wrong_answer_is_refused_and_the_page_stays_open() -> None:
    case = stall.sent()
    stall.asked(case, "metres")
    answered = stall.answer_reply(case, "size", LATER, metres="a lot")
    assert set(answered.problems) == {"metres"}
    with pytest.raises(ReplyNotComplete):
        actions.send_reply(case_id=case.id, now=LATER)


def test_a_partial_reply_survives() -> None:
    case = stall.sent()
    stall.asked(case, "metres", "full_name")
    stall.answer_reply(case, "you", LATER, full_name="Wanjiru N. Kamau")
    reply = queries.open_reply(case.id, LATER + timedelta(days=2))
    assert reply is not None
    assert (reply.answers["full_name"], reply.original["full_name"]) == ("Wanjiru N. Kamau", "Wanjiru Kamau")
    assert reply.first_gap == "size"
    assert [page.answered for page in reply.pages] == [True, False]
    assert _answers(case)["full_name"] == "Wanjiru Kamau"


def test_questions_that_come_to_light_must_be_answered() -> None:
    case = stall.sent()
    stall.asked(case, "goods")
    stall.answer_reply(case, "goods", LATER, goods="food")
    reply = queries.open_reply(case.id, LATER)
    assert reply is not None
    assert [(page.id, page.open) for page in reply.pages] == [
        ("goods", ("goods",)),
        ("kitchen", ("hygiene", "dishes")),
    ]
    with pytest.raises(ReplyNotComplete) as refused:
        actions.send_reply(case_id=case.id, now=LATER)
    assert refused.value.details == {"page": "kitchen"}
    answered = actions.answer_reply_page(
        case_id=case.id, page_id="kitchen", raw={"dishes": {"": ("Githeri",)}},
        files={"hygiene": [certificate()]}, removed={}, now=LATER,
    )  # fmt: skip
    assert answered.done, answered.problems
    actions.send_reply(case_id=case.id, now=LATER)
    assert _answers(case)["dishes"] == "Githeri"


def test_an_answer_that_hides_others_drops_them_and_history_keeps_them() -> None:
    case = stall.submitted(stall.draft(stall.COOK, files={"hygiene": certificate}))
    stall.asked(case, "goods")
    stall.answer_reply(case, "goods", LATER, goods="clothes")
    actions.send_reply(case_id=case.id, now=LATER)
    assert "dishes" not in _answers(case)
    assert _changes(case)["dishes"] == {"before": "Githeri", "after": None}


def test_a_file_replaced_in_a_reply_is_kept_in_the_history() -> None:
    case = stall.submitted(stall.draft(stall.COOK, files={"hygiene": certificate}))
    (old,) = _answers(case)["hygiene"]  # type: ignore[misc]
    stall.asked(case, "hygiene")
    answered = actions.answer_reply_page(
        case_id=case.id, page_id="kitchen", raw={}, files={"hygiene": [certificate("new.pdf")]},
        removed={"hygiene": [old.id]}, now=LATER,
    )  # fmt: skip
    assert answered.done, answered.problems
    actions.send_reply(case_id=case.id, now=LATER)
    assert [ref.name for ref in _answers(case)["hygiene"]] == ["new.pdf"]  # type: ignore[attr-defined]
    assert _changes(case)["hygiene"]["before"][0]["id"] == old.id
    opened = files.open_file(
        file_id=UUID(old.id), owner_kind=OwnerKind.CASE, owner_id=case.id,
        key=privacy.open_key(case.key_id),
    )  # fmt: skip
    assert (opened.ref.name, opened.content) == ("old.pdf", PDF)


def test_a_file_for_a_closed_question_is_ignored() -> None:
    case = stall.submitted(stall.draft(stall.COOK, files={"hygiene": certificate}))
    (old,) = _answers(case)["hygiene"]  # type: ignore[misc]
    stall.asked(case, "dishes")
    actions.answer_reply_page(
        case_id=case.id, page_id="kitchen", raw={"dishes": {"": ("Ugali",)}},
        files={"hygiene": [certificate("new.pdf")]}, removed={"hygiene": [old.id]}, now=LATER,
    )  # fmt: skip
    actions.send_reply(case_id=case.id, now=LATER)
    assert _answers(case)["hygiene"] == (old,)
    assert StoredFile.objects.filter(owner_id=case.id).count() == 1


def test_a_closed_answer_whose_day_is_over_does_not_stand_in_the_way() -> None:
    """The stall was wanted from 1 December; the question comes on 3 December, about the size."""
    case = stall.sent()
    asked_at = datetime(2026, 12, 3, 9, 0, tzinfo=UTC)
    stall.asked(case, "metres", now=asked_at)
    later = asked_at + timedelta(minutes=2)
    answered = stall.answer_reply(case, "size", later, metres="7")
    assert answered.done, answered.problems
    actions.send_reply(case_id=case.id, now=later)
    assert _answers(case)["metres"] == 7


def test_a_reopened_answer_whose_day_is_over_has_to_be_mended() -> None:
    case = stall.sent()
    asked_at = datetime(2026, 12, 3, 9, 0, tzinfo=UTC)
    stall.asked(case, "from_day", now=asked_at)
    later = asked_at + timedelta(minutes=2)
    assert set(stall.answer_reply(case, "size", later, from_day=_day(2026, 12, 1)).problems) == {"from_day"}
    with pytest.raises(ReplyNotComplete):
        actions.send_reply(case_id=case.id, now=later)
    assert stall.answer_reply(case, "size", later, from_day=_day(2026, 12, 9)).done


def test_what_staff_lists_and_looks_up_follows_the_reply() -> None:
    case = stall.sent()
    stall.asked(case, "full_name", "phone")
    stall.answer_reply(case, "you", LATER, full_name="Wanjiru Njeri", phone="0799 000 111")
    actions.send_reply(case_id=case.id, now=LATER)
    officer = county.staff(stall.OFFICER)
    case.refresh_from_db()
    assert case.display["full_name"] == "Wanjiru Njeri"
    assert actions.look_up(staff=officer, typed="0799000111", now=NOW) == (case.reference,)
    assert actions.look_up(staff=officer, typed="0712345678", now=NOW) == ()


def test_a_mended_contact_is_the_one_written_to_and_known_by() -> None:
    case = stall.sent()
    stall.asked(case, "contact")
    new: Raw = {"": ("email",), "email": ("njeri@example.com",)}
    assert stall.answer_reply(case, "contact", LATER, contact=new).done
    actions.send_reply(case_id=case.id, now=LATER)
    case.refresh_from_db()
    contact = sealing.contact_of(privacy.open_key(case.key_id), case)
    assert contact.address == "njeri@example.com"
    found = actions.find_by_contact(reference=case.reference, contact="njeri@example.com", now=LATER)
    assert found == case.id


def test_one_question_back_is_open_at_a_time() -> None:
    case = stall.sent()
    event = stall.asked(case, "metres")
    with pytest.raises(IntegrityError), transaction.atomic():
        Inquiry.objects.create(
            case=case, event=stall.events(case)[0], questions=[], sealed_message=b"", asked_at=NOW
        )
    assert Inquiry.objects.get(case=case).event_id == event.id


def test_a_second_question_reopens_only_its_own_answers() -> None:
    case = stall.sent()
    stall.asked(case, "metres")
    stall.answer_reply(case, "size", LATER, metres="7")
    actions.send_reply(case_id=case.id, now=LATER)
    stall.asked(case, "goods", now=LATER)
    reply = queries.open_reply(case.id, LATER + timedelta(minutes=2))
    assert reply is not None
    assert [(page.id, page.open, page.answered) for page in reply.pages] == [("goods", ("goods",), False)]


def test_a_question_is_not_open_before_it_settles() -> None:
    case = stall.sent()
    stall.asked(case, "metres")
    assert queries.open_reply(case.id, NOW) is None
    with pytest.raises(NotAsked):
        stall.answer_reply(case, "size", NOW + timedelta(seconds=59), metres="7")


def test_a_reply_after_the_time_out_is_refused() -> None:
    case = stall.sent()
    stall.asked(case, "metres")
    stall.answer_reply(case, "size", LATER, metres="7")
    over = NOW + timedelta(days=15)
    assert actions.time_out(case_id=case.id, now=over)
    with pytest.raises(NotAsked):
        actions.send_reply(case_id=case.id, now=over)
    assert _answers(case)["metres"] == 4


def test_a_reply_to_a_case_nobody_asked_is_refused() -> None:
    case = stall.sent()
    with pytest.raises(NotAsked):
        stall.answer_reply(case, "size", NOW, metres="7")
    with pytest.raises(NotAsked):
        actions.send_reply(case_id=stall.events(case)[0].id, now=NOW)


def test_the_applicant_reads_what_is_asked_and_staff_what_changed() -> None:
    case = stall.sent()
    stall.asked(case, "metres", message="How many metres, please?")
    seen = queries.applicant_case(case.id, LATER)
    assert seen is not None
    assert seen.inquiry is not None
    assert seen.inquiry.message == "How many metres, please?"
    assert [label["en"] for label in seen.inquiry.questions] == ["How many metres?"]
    stall.answer_reply(case, "size", LATER, metres="7")
    actions.send_reply(case_id=case.id, now=LATER)
    staff_sees = actions.open_for_staff(
        reference=case.reference, reason="", staff=county.staff(stall.OFFICER), now=LATER
    )
    assert [label["en"] for label in staff_sees.timeline[-1].changed] == ["How many metres?"]
    assert staff_sees.inquiry is None
