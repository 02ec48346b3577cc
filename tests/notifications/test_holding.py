import json
from datetime import UTC, datetime, timedelta

import pytest

from loket.identity.types import AgencyView
from loket.kernel.actors import SYSTEM
from loket.kernel.ids import new_id
from loket.notifications import actions, delivery, queries
from loket.notifications.models import Addressee, Message
from loket.notifications.types import CaseKey, Medium
from loket.privacy import actions as privacy
from loket.privacy.registry import holding
from loket.privacy.types import Clue, Subject, SubjectKind
from tests.notifications.letters import ADDRESS, BODY, sent

pytestmark = pytest.mark.django_db(databases=["default", "keys"])

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)


def test_a_copy_tells_every_message_and_an_erasure_takes_them(agency: AgencyView) -> None:
    case, held = new_id(), holding("messages")
    key_id, key = privacy.create_key(case)
    first = sent(agency.id, NOW, subject_id=case, case_key=CaseKey(key_id, key))
    sent(agency.id, NOW, subject_id=case)
    other = sent(agency.id, NOW)
    subject = Subject(SubjectKind.CASE, case)
    (copy,) = held.export(subject, NOW)
    assert [told["body"] for told in json.loads(copy.content)] == [BODY, BODY]
    privacy.destroy_key(key_id, by=SYSTEM, now=NOW)
    (copy,) = held.export(subject, NOW)
    assert [told.get("address") for told in json.loads(copy.content)] == [None, ADDRESS]
    assert (held.count(subject), held.find(Clue(contact=ADDRESS))) == (2, ())
    assert (held.erase(subject, SYSTEM, NOW), held.erase(subject, SYSTEM, NOW)) == (2, 0)
    assert delivery.deliver(message_id=first.id, now=NOW) is None
    assert list(held.export(subject, NOW)) == []
    assert held.count(Subject(SubjectKind.CASE, other.subject_id)) == 1


def test_what_is_known_of_an_address_nobody_writes_to_goes_after_a_year(agency: AgencyView) -> None:
    held, year = holding("addressees"), timedelta(days=366)
    message = sent(agency.id, NOW)
    for address in (ADDRESS, "gone@example.org"):
        token = queries.preferences_token(Medium.EMAIL, address)
        actions.prefer(token=token, reminders=False, quiet=None, language="", by=SYSTEM, now=NOW)
    assert held.expire(NOW) == 0
    assert held.expire(NOW + year) == 1
    assert bytes(Addressee.objects.get().digest) == bytes(
        Message.objects.get(id=message.id).address_digest or b""
    )
