"""A case begins: what stands in its row, and what only under its key."""

from datetime import UTC, datetime, timedelta

import pytest

from loket.casework import queries, sealing
from loket.casework.models import CaseIndex
from loket.casework.types import Phase
from loket.files import queries as files
from loket.files.types import FileMissing, OwnerKind
from loket.privacy import actions as privacy
from tests import county
from tests.casework import stall
from tests.casework.stall import NOW
from tests.casework.test_replying import certificate

pytestmark = pytest.mark.django_db(databases=["default", "keys"])


@pytest.fixture(autouse=True)
def _market() -> None:
    stall.open_market()


def test_only_display_answers_stand_in_the_row() -> None:
    assert stall.sent().display == {"full_name": "Wanjiru Kamau", "goods": "Clothes"}


def test_display_is_in_the_language_of_the_application() -> None:
    assert stall.sent(language="sw").display["goods"] == "Nguo"


def test_a_host_whose_clock_is_behind_tells_where_the_case_is() -> None:
    """It was sent by another host a moment ago, which is a moment to come for this one."""
    case = stall.sent()
    status = queries.case_status(case.id, NOW - timedelta(seconds=1))
    assert status is not None
    assert status.phase is Phase.OPEN


def test_indexed_answers_become_digests() -> None:
    case = stall.sent()
    (row,) = CaseIndex.objects.filter(case=case)
    assert len(bytes(row.digest)) == 32
    empty = stall.sent({**stall.ANSWERS, "phone": None})
    assert not CaseIndex.objects.filter(case=empty).exists()


def test_the_answers_open_with_the_key_of_the_case() -> None:
    case = stall.sent()
    key = privacy.open_key(case.key_id)
    answers = sealing.answers_of(key, case, county.service(stall.KEY))
    assert (answers["full_name"], answers["metres"]) == ("Wanjiru Kamau", 4)
    assert sealing.contact_of(key, case).address == "wanjiru@example.com"


def test_what_one_case_sealed_does_not_pass_for_anothers_or_for_another_piece() -> None:
    case, other = stall.sent(), stall.sent()
    key = privacy.open_key(case.key_id)
    with pytest.raises(privacy.SealBroken):
        sealing.unseal(key, other, "answers", case.sealed_answers)
    with pytest.raises(privacy.SealBroken):
        sealing.unseal(key, case, "contact", case.sealed_answers)
    with pytest.raises(privacy.SealBroken):
        sealing.unseal(privacy.open_key(other.key_id), case, "answers", case.sealed_answers)


@pytest.mark.parametrize(
    ("sent", "due"),
    [
        # Three working days in Nairobi, to the end of the day.
        (datetime(2026, 11, 16, 9, 0, tzinfo=UTC), datetime(2026, 11, 19, 20, 59, 59, tzinfo=UTC)),
        # Late on Monday evening in UTC is Tuesday in Nairobi.
        (datetime(2026, 11, 16, 22, 0, tzinfo=UTC), datetime(2026, 11, 20, 20, 59, 59, tzinfo=UTC)),
        # Friday: over the weekend.
        (datetime(2026, 11, 20, 9, 0, tzinfo=UTC), datetime(2026, 11, 25, 20, 59, 59, tzinfo=UTC)),
    ],
)
def test_the_promise_is_in_working_days_of_the_office(sent: datetime, due: datetime) -> None:
    assert stall.sent(now=sent).due_at == due


def test_a_promise_at_christmas_skips_the_holidays() -> None:
    sent = datetime(2026, 12, 23, 9, 0, tzinfo=UTC)
    case = stall.sent({**stall.ANSWERS, "from_day": "2027-02-01"}, now=sent)
    # Thursday, Monday and Tuesday: Friday is Christmas Day.
    assert case.due_at == datetime(2026, 12, 29, 20, 59, 59, tzinfo=UTC)


@pytest.mark.parametrize(
    # No channel of the tests' installation carries text messages.
    ("answers", "has_pin", "has_digest"),
    [(stall.ANSWERS, False, True), (stall.BY_PHONE, True, True), (stall.ON_PAPER, True, False)],
)
def test_a_pin_is_for_those_who_cannot_be_reached(
    answers: dict[str, object], has_pin: bool, has_digest: bool
) -> None:
    case = stall.sent(answers)
    assert (case.pin_digest is not None, case.contact_digest is not None) == (has_pin, has_digest)
    status = queries.case_status(case.id, NOW)
    assert status is not None
    assert status.can_receive_code is not has_pin


def test_files_are_sealed_anew_under_the_key_of_the_case() -> None:
    token = stall.draft(stall.COOK, files={"hygiene": certificate})
    case = stall.submitted(token)
    seen = queries.applicant_case(case.id, NOW)
    assert seen is not None
    (ref,) = seen.files
    assert queries.applicant_file(case.id, stall.as_id(ref.id)).content == certificate().content.read()
    other = stall.sent()
    for owner, key in ((other.id, case.key_id), (case.id, other.key_id)):
        with pytest.raises((FileMissing, privacy.SealBroken)):
            files.open_file(
                file_id=stall.as_id(ref.id), owner_kind=OwnerKind.CASE, owner_id=owner,
                key=privacy.open_key(key),
            )  # fmt: skip


def test_the_first_event_says_where_the_case_is() -> None:
    case = stall.sent()
    (event,) = stall.events(case)
    assert (event.happened, event.to_stage, event.settles_at) == ("submitted", "look", NOW)
    status = queries.case_status(case.id, NOW)
    assert status is not None
    assert (status.reference, status.stage["en"], len(status.steps)) == (case.reference, "We look at it", 1)


def test_an_unknown_case_has_no_status() -> None:
    event_id = stall.events(stall.sent())[0].id
    assert queries.case_status(event_id, NOW) is None
    assert queries.applicant_case(event_id, NOW) is None
    assert queries.open_reply(event_id, NOW) is None
