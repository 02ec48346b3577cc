"""What follows from an event: its effects and one letter, exactly once."""

from collections.abc import Collection, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from pydantic import JsonValue

from loket.casework import actions, jobs
from loket.casework.models import Case, CaseEvent, Notice
from loket.casework.registry import EFFECTS, Occasion
from loket.kernel import clock
from loket.notifications import queries as notifications
from loket.notifications.models import Message
from loket.notifications.types import MessageView, SubjectKind
from loket.privacy import actions as privacy
from loket.privacy.types import Subject
from loket.privacy.types import SubjectKind as PersonalKind
from tests import county
from tests.casework import stall
from tests.casework.at_once import at_once
from tests.casework.stall import NOW
from tests.worker import run_worker

pytestmark = pytest.mark.django_db(databases=["default", "keys"])
LATER = NOW + timedelta(minutes=1)


@pytest.fixture(autouse=True)
def _market() -> None:
    stall.open_market()


def _letters(case: Case) -> tuple[MessageView, ...]:
    return notifications.messages_of(
        subject_kind=SubjectKind.CASE, subject_id=case.id, key=privacy.open_key(case.key_id)
    )


def test_the_applicant_is_told_of_each_settled_stage_once() -> None:
    case = stall.sent()
    stall.act(case, "approve")
    assert actions.settle(now=LATER) == 2
    assert actions.settle(now=LATER) == 0
    received, granted = _letters(case)
    assert received.subject == granted.subject == f"Rent a market stall: {case.reference}"
    assert "We have your application" in received.body
    assert "You have a stall" in granted.body
    assert "Read the decision" in granted.body


def test_letters_hold_nothing_but_title_reference_stage_and_office() -> None:
    case = stall.sent()
    stall.act(case, "ask", message="How many metres, Wanjiru?", questions=("metres",))
    actions.settle(now=LATER)
    for letter in _letters(case):
        for secret in ("Wanjiru", "Kamau", "0712", "Clothes", "How many", "Esther", "wanjiru@"):
            assert secret not in letter.subject + letter.body


def test_letters_are_in_the_language_of_the_application() -> None:
    case = stall.sent(language="sw")
    stall.act(case, "approve")
    actions.settle(now=LATER)
    received, granted = _letters(case)
    assert {received.language, granted.language} == {"sw"}
    assert granted.subject == f"Kodi kibanda cha soko: {case.reference}"
    assert "Hali yake sasa: Una kibanda." in granted.body
    assert f"/sw/track/?reference={case.reference}" in granted.body


def test_a_letter_speaks_of_its_own_stage_though_the_case_went_on() -> None:
    """The worker was away: the case was passed on and decided before anything was sent."""
    case = stall.sent()
    stall.act(case, "pass_on")
    stall.act(case, "good", by=stall.INSPECTOR)
    actions.settle(now=LATER)
    received, passed_on, granted = _letters(case)
    assert "Follow it here" in received.body
    assert "Follow it here" in passed_on.body
    assert "Read the decision" in granted.body


def test_nobody_is_written_to_who_gave_no_address() -> None:
    case = stall.sent(stall.ON_PAPER)
    stall.act(case, "approve")
    assert actions.settle(now=LATER) == 2
    assert not Message.objects.filter(subject_id=case.id).exists()


def test_a_silent_stage_is_not_told() -> None:
    case = stall.sent()
    stall.act(case, "file")
    actions.settle(now=LATER)
    assert len(_letters(case)) == 1


def test_an_applicant_is_thanked_for_the_answer() -> None:
    case = stall.sent()
    stall.asked(case, "metres")
    stall.answer_reply(case, "size", LATER, metres="5", from_day="")
    actions.send_reply(case_id=case.id, now=LATER)
    assert actions.settle(now=LATER) == 3
    *before, thanks = _letters(case)
    # The question was answered before its letter went out: nobody is asked for what they gave.
    assert [letter.body.splitlines()[1] for letter in before] == ["It is now: We look at it."]
    assert "We have your answer" in thanks.body


def test_of_two_questions_only_the_open_one_is_asked_by_letter() -> None:
    case = stall.sent()
    stall.asked(case, "metres")
    stall.answer_reply(case, "size", LATER, metres="5", from_day="")
    actions.send_reply(case_id=case.id, now=LATER)
    case.refresh_from_db()
    stall.asked(case, "metres", now=LATER)
    actions.settle(now=LATER + timedelta(hours=1))
    waiting = county.service(stall.KEY).workflow.stages["waiting"].label["en"]
    asked = [letter for letter in _letters(case) if waiting in letter.body]
    assert len(asked) == 1


def test_a_text_message_goes_to_the_number() -> None:
    case = stall.sent(stall.BY_PHONE)
    actions.settle(now=NOW)
    assert [letter.medium.value for letter in _letters(case)] == ["sms"]


def test_notices_reach_other_agencies_once_and_stand_on_the_timeline() -> None:
    case = stall.sent()
    stall.act(case, "pass_on")
    stall.act(case, "good", by=stall.INSPECTOR)
    actions.settle(now=LATER)
    notice = Notice.objects.get(case=case)
    assert notice.questions == ["full_name"]
    assert [event.action for event in stall.events(case) if event.happened == "told"] == ["tax-authority"]


def test_an_unknown_event_has_nothing_to_follow() -> None:
    assert not actions.follow_up(event_id=stall.sent().id, now=LATER)


class Breaking:
    """An effect that fails until it is mended; what it did before must not stay."""

    broken = True

    def problems(self, argument: JsonValue, questions: Collection[str]) -> tuple[str, ...]:
        return ()

    def perform(self, occasion: Occasion, argument: JsonValue) -> None:
        Notice.objects.create(
            case=occasion.case, agency_id=occasion.case.agency_id, questions=[], told_at=occasion.now
        )
        if self.broken:
            raise ConnectionError("away")


@pytest.fixture
def breaking() -> Iterator[Breaking]:
    """A plug-in of the test's own, in the registry as any other."""
    effect = Breaking()
    found: Any = EFFECTS.all()
    found["breaking"] = effect
    yield effect
    del found["breaking"]


def test_a_failing_effect_rolls_back_and_is_tried_again(breaking: Breaking) -> None:
    case = stall.sent()
    event = stall.events(case)[0]
    event.effects = [{"key": "breaking", "argument": None, "stage": "sort"}]
    event.save()
    with pytest.raises(ConnectionError), transaction.atomic():
        actions.follow_up(event_id=event.id, now=NOW)
    event.refresh_from_db()
    assert event.followed_up_at is None
    assert not Notice.objects.filter(case=case).exists()
    assert not Message.objects.filter(subject_id=case.id).exists()
    breaking.broken = False
    assert actions.follow_up(event_id=event.id, now=NOW)
    assert Notice.objects.filter(case=case).count() == 1
    assert Message.objects.filter(subject_id=case.id).count() == 1


@pytest.mark.django_db(transaction=True, databases=["default", "keys"])
def test_two_workers_at_once_follow_up_once() -> None:
    case = stall.sent()
    event = stall.events(case)[0]

    def work() -> bool:
        return actions.follow_up(event_id=event.id, now=NOW)

    assert sorted(map(str, at_once(work, work))) == ["False", "True"]
    assert Message.objects.filter(subject_id=case.id).count() == 1


@pytest.mark.django_db(transaction=True, databases=["default", "keys"])
def test_the_jobs_do_it_when_it_has_settled() -> None:
    now = clock.now()
    case = stall.sent({**stall.ANSWERS, "from_day": (now + timedelta(days=9)).date().isoformat()}, now=now)
    event = stall.act(case, "approve", now=now)
    run_worker()
    first, second = stall.events(case)
    assert first.followed_up_at is not None
    assert second.followed_up_at is None
    _run_at_once("casework.follow_up", str(event.id))
    run_worker()
    event.refresh_from_db()
    assert event.followed_up_at is not None
    assert Message.objects.filter(subject_id=case.id, state="sent").count() == 2


@pytest.mark.django_db(transaction=True, databases=["default", "keys"])
def test_timers_move_every_case_that_ran_out_though_one_of_them_fails() -> None:
    past = clock.now() - timedelta(days=30)
    broken, sound = (
        stall.sent({**stall.ANSWERS, "from_day": clock.now().date().isoformat()}, now=past) for _ in range(2)
    )
    for case in (broken, sound):
        stall.asked(case, "metres", now=past)
    privacy.destroy_keys_of(broken.id, by=county.staff(stall.OFFICER).actor, now=past)
    jobs.run_timers(timestamp=0)
    jobs.run_timers(timestamp=60)
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM procrastinate_jobs WHERE task_name = 'casework.time_out'")
        assert cursor.fetchone() == (2,)
    run_worker()
    sound.refresh_from_db()
    broken.refresh_from_db()
    assert (sound.stage, broken.stage) == ("reminded", "waiting")


def _run_at_once(task: str, event_id: str) -> None:
    """Lets the clock run to the job's moment."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE procrastinate_jobs SET scheduled_at = now() "
            "WHERE task_name = %s AND args->>'event_id' = %s",
            [task, event_id],
        )


def test_an_erased_case_is_left_alone() -> None:
    case = stall.sent()
    event = stall.act(case, "approve")
    CaseEvent.objects.filter(case=case).exclude(id=event.id).update(followed_up_at=NOW)
    privacy.erase_subject(
        subject=Subject(PersonalKind.CASE, case.id), by=county.staff(stall.PRIVACY_OFFICER).actor, now=NOW
    )
    assert not actions.follow_up(event_id=event.id, now=LATER)
    assert actions.settle(now=LATER) == 0
