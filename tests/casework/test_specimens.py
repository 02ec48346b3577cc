"""Messages shown before anybody gets them: all of them, and the very words that are sent."""

import re

import pytest

from loket.casework import actions, specimens
from loket.casework.models import Case
from loket.casework.specimens import Told
from loket.catalogue import queries as catalogue
from loket.identity import queries as identity
from loket.kernel import clock
from loket.kernel.actors import APPLICANT
from loket.notifications import actions as notifying
from loket.notifications import queries as notifications
from loket.notifications.types import Medium, MessageView, SubjectKind
from loket.privacy import actions as privacy
from loket.workflow.definition import Automatic
from tests import county

pytestmark = pytest.mark.django_db(databases=["default", "keys"])


@pytest.fixture(autouse=True)
def _county() -> None:
    county.county(clock.now())


def shown(key: str, language: str = "en") -> tuple[specimens.Specimen, ...]:
    live = next(one for one in catalogue.all_live() if one.key == key)
    agency = identity.agency_known(live.agency_id)
    return specimens.specimens(catalogue.compiled(live.version_id), agency, language, clock.now())


def first_message(reference: str) -> MessageView:
    actions.settle(now=clock.now())
    case = Case.objects.get(reference=reference)
    return notifications.messages_of(
        subject_kind=SubjectKind.CASE, subject_id=case.id, key=privacy.open_key(case.key_id)
    )[0]


@pytest.mark.parametrize("language", ["en", "id", "sw"])
def test_what_is_shown_is_what_is_sent(language: str) -> None:
    reference = county.send(
        county.INFORMATION, county.INFORMATION_ANSWERS, now=clock.now(), language=language
    )
    sent = first_message(reference)
    told = [one.text for one in shown(county.INFORMATION, language) if one.told is Told.SUBMITTED]
    written = {(text.subject, text.body.replace("7K3P-2M9X", reference), text.language) for text in told}
    subject = sent.subject.replace(reference, "7K3P-2M9X")
    assert (subject, sent.body, language) in written


def test_every_service_shows_every_stage_that_is_told_in_every_language() -> None:
    for live in catalogue.all_live():
        compiled = catalogue.compiled(live.version_id)
        told = {key: stage for key, stage in compiled.workflow.stages.items() if not stage.silent}
        expected = {stage.label["en"] for stage in told.values() if not isinstance(stage, Automatic)}
        counts = set()
        for language in specimens.languages_of(compiled):
            found = shown(live.key, language)
            assert expected <= {one.stage.get("en") for one in found}, live.key
            broken = [one.told for one in found if re.search(r"%\(|%s|None|\{", one.text.body)]
            assert not broken, (live.key, language)
            assert all(one.text.subject and one.text.language == language for one in found)
            counts.add(len(found))
        assert len(counts) == 1, live.key
        assert {Told.CODE, Told.SUBMITTED, Told.MONEY_BACK} <= {one.told for one in found}


def test_services_with_fees_and_counters_tell_of_them() -> None:
    card = {one.told for one in shown(county.CARD)}
    assert {Told.FEE_DUE, Told.PAID, Told.LAPSED, Told.ARRIVED, Told.SENT_ON, Told.REMIND_UNPAID} <= card
    assert {Told.COLLECTED, Told.UNCOLLECTED, Told.REMIND_UNCOLLECTED} <= card
    assert Told.REMIND_EXPIRY in {one.told for one in shown(county.LICENCE)}
    assert Told.PAID_ELSEWHERE in {one.told for one in shown(county.FINE)} - card
    assert not {Told.FEE_DUE, Told.ARRIVED} & {one.told for one in shown(county.INFORMATION)}


def test_the_language_chosen_for_an_address_is_the_language_of_letters() -> None:
    token = notifications.preferences_token(Medium.EMAIL, "odhiambo@example.com")
    notifying.prefer(token=token, reminders=True, quiet=None, language="sw", by=APPLICANT, now=clock.now())
    reference = county.send(county.INFORMATION, county.INFORMATION_ANSWERS, now=clock.now())
    sent = first_message(reference)
    assert sent.language == "sw"
    assert "Tumepokea" in sent.body
    assert "/sw/track/" in sent.body
    # The case itself stays as the person filled it in.
    assert Case.objects.get(reference=reference).language == "en"
