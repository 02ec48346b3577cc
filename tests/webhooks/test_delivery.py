"""Deliveries reach a real receiver, whatever it does, and none is lost."""

import os
import signal
import ssl
import time
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest

from loket.identity import actions as people
from loket.identity.actions import AgencyProfile
from loket.identity.types import Role
from loket.kernel import clock
from loket.kernel.actors import SYSTEM
from loket.notifications.models import Message
from loket.webhooks import actions, delivery, queries
from loket.webhooks.delivery import claim, hand_over, pause_after, settle
from loket.webhooks.models import Delivery, Endpoint
from loket.webhooks.pump import Pump
from loket.webhooks.types import EndpointOff, EventType, NoSuchDelivery, NoSuchEndpoint, State
from tests.access.scene import employ
from tests.notifications.test_worker import until
from tests.portal.test_budgets import Counted
from tests.webhooks.certificates import certificate
from tests.webhooks.conftest import AGENCY, Deliver
from tests.webhooks.processes import start_worker
from tests.webhooks.receiver import Mood, Receiver

DB = pytest.mark.django_db(databases=["default", "keys"])


def tried(place: int, endpoint: UUID) -> UUID:
    return actions.send_test(agency_id=place, endpoint_id=endpoint, by=SYSTEM, now=clock.now())


@DB
def test_a_test_event_arrives_signed(
    place: int, endpoint: UUID, receiver: Receiver, deliver: Deliver
) -> None:
    made = Delivery.objects.get(id=tried(place, endpoint))
    assert deliver() == [State.DELIVERED]
    (told,) = receiver.told
    assert told.genuine == (True,)
    assert told.id == f"evt_{made.event_id.hex}" == told.event["id"]
    assert (told.event["type"], told.path) == ("webhook.test", "/loket?for=registry")
    assert told.host == f"127.0.0.1:{receiver.port}"
    assert deliver() == []


@DB
def test_the_receiver_notices_a_false_signature(
    place: int, endpoint: UUID, receiver: Receiver, deliver: Deliver
) -> None:
    """So that the other tests mean something."""
    receiver.secrets = ["whsec_" + "A" * 43 + "="]
    tried(place, endpoint)
    deliver()
    assert receiver.told[0].genuine == (False,)


@DB
def test_two_secrets_sign_while_one_follows_the_other(
    place: int, endpoint: UUID, receiver: Receiver, deliver: Deliver
) -> None:
    new = actions.rotate_secret(agency_id=place, endpoint_id=endpoint, by=SYSTEM, now=clock.now())
    receiver.secrets.append(new)
    tried(place, endpoint)
    deliver()
    Endpoint.objects.update(former_until=clock.now())
    tried(place, endpoint)
    deliver()
    assert [told.genuine for told in receiver.told] == [(True, True), (False, True)]


@DB
def test_secrets_are_sealed(endpoint: UUID, receiver: Receiver) -> None:
    row = Endpoint.objects.get()
    assert receiver.secrets[0].encode() not in bytes(row.sealed_secret)
    assert receiver.secrets[0][6:].encode() not in bytes(row.sealed_secret)


@DB
@pytest.mark.parametrize(
    ("mood", "status", "trouble"),
    [
        (Mood.BROKEN, 500, "failed_there"),
        (Mood.BUSY, 429, "refused"),
        (Mood.ELSEWHERE, 307, "redirected"),
        (Mood.SILENT, None, "timeout"),
        (Mood.HEAD_TRICKLES, None, "timeout"),
        (Mood.HANGS_UP, None, "broken_answer"),
        (Mood.NONSENSE, None, "broken_answer"),
        (Mood.HUGE_HEAD, None, "broken_answer"),
    ],
)
def test_a_bad_answer_is_tried_again_under_the_same_id(
    place: int, endpoint: UUID, receiver: Receiver, deliver: Deliver,
    mood: Mood, status: int | None, trouble: str,
) -> None:  # fmt: skip
    made, receiver.mood = tried(place, endpoint), mood
    begun = time.monotonic()
    assert deliver() == [State.QUEUED]
    assert time.monotonic() - begun < 6
    row = Delivery.objects.get(id=made)
    assert (row.status, row.trouble) == (status, trouble)
    assert row.due_at > clock.now() + timedelta(seconds=20)
    assert len(row.answer) <= 500
    assert "\x00" not in row.answer
    if mood is Mood.BUSY:
        assert row.due_at > clock.now() + timedelta(seconds=7000)
    assert deliver() == []
    assert receiver.asked == 1, "nobody is followed elsewhere"
    receiver.mood = Mood.TAKES
    Delivery.objects.update(due_at=clock.now())
    assert deliver() == [State.DELIVERED]
    assert receiver.told[0].event["id"] == f"evt_{row.event_id.hex}"
    assert Endpoint.objects.get().failures == 0


@DB
def test_an_answer_that_never_ends_is_an_answer(
    place: int, endpoint: UUID, receiver: Receiver, deliver: Deliver
) -> None:
    tried(place, endpoint)
    receiver.mood = Mood.BODY_TRICKLES
    assert deliver() == [State.DELIVERED]


@DB
def test_a_receiver_that_went_away_is_tried_again(place: int, endpoint: UUID, deliver: Deliver) -> None:
    Endpoint.objects.update(address="http://127.0.0.1:1/")
    tried(place, endpoint)
    assert deliver() == [State.QUEUED]
    assert Delivery.objects.get().trouble == "unreachable"


@DB
def test_after_the_last_try_it_is_parked_and_can_be_sent_again(
    place: int, endpoint: UUID, receiver: Receiver, deliver: Deliver
) -> None:
    made, receiver.mood = tried(place, endpoint), Mood.BROKEN
    Delivery.objects.update(give_up_at=clock.now())
    assert deliver() == [State.PARKED]
    (parked,) = queries.parked(agency_id=place, endpoint_id=endpoint, limit=10)
    assert (parked.status, parked.trouble) == (500, "failed_there")
    assert parked.answer.startswith("<h1>Our database  is away</h1>")
    receiver.mood = Mood.TAKES
    actions.send_again(agency_id=place, delivery_id=made, by=SYSTEM, now=clock.now())
    assert deliver() == [State.DELIVERED]
    with pytest.raises(NoSuchDelivery):
        actions.send_again(agency_id=place, delivery_id=made, by=SYSTEM, now=clock.now())


@DB
def test_all_are_sent_again_with_their_ids(
    place: int, endpoint: UUID, receiver: Receiver, deliver: Deliver
) -> None:
    ids = {tried(place, endpoint) for _ in range(3)}
    before = set(Delivery.objects.values_list("event_id", flat=True))
    actions.switch_off(agency_id=place, endpoint_id=endpoint, by=SYSTEM, now=clock.now())
    assert deliver() == []
    with pytest.raises(EndpointOff):
        actions.send_all_again(agency_id=place, endpoint_id=endpoint, by=SYSTEM, now=clock.now())
    actions.switch_on(agency_id=place, endpoint_id=endpoint, by=SYSTEM, now=clock.now())
    assert actions.send_all_again(agency_id=place, endpoint_id=endpoint, by=SYSTEM, now=clock.now()) == 3
    assert deliver() == [State.DELIVERED] * 3
    assert {UUID(told.id[4:]) for told in receiver.told} == before
    assert len(ids) == 3


@DB
def test_gone_switches_the_endpoint_off_and_says_so(
    place: int, endpoint: UUID, receiver: Receiver, deliver: Deliver
) -> None:
    employ("boss@example.org", AGENCY, Role.ADMINISTRATOR, clock.now())
    tried(place, endpoint)
    Delivery.objects.update(due_at=clock.now() - timedelta(hours=1))
    tried(place, endpoint)
    receiver.mood = Mood.GONE
    (first, *_rest) = claim(endpoint_id=endpoint, limit=1, now=clock.now())
    assert settle(hand_over(first, clock.now), now=clock.now()) is State.PARKED
    assert Endpoint.objects.get().off == "gone"
    assert {row.state for row in Delivery.objects.all()} == {"parked"}
    assert Message.objects.filter(purpose="webhook_disabled").count() == 1


@DB
def test_failing_long_enough_switches_it_off(
    place: int, endpoint: UUID, receiver: Receiver, deliver: Deliver
) -> None:
    receiver.mood = Mood.BROKEN
    tried(place, endpoint)
    long_ago = clock.now() - delivery.FAILING_FOR
    Endpoint.objects.update(failures=delivery.FAILURES - 2, failing_since=long_ago)
    deliver()
    assert Endpoint.objects.get().off == ""
    Endpoint.objects.update(failing_since=clock.now())
    Delivery.objects.update(due_at=clock.now())
    deliver()
    assert Endpoint.objects.get().off == "", "often, but not for long"
    Endpoint.objects.update(failing_since=long_ago)
    Delivery.objects.update(due_at=clock.now())
    deliver()
    row = Endpoint.objects.get()
    assert (row.off, Delivery.objects.get().state) == ("failing", "parked")


@DB
def test_a_sender_that_died_is_followed_by_another(
    place: int, endpoint: UUID, receiver: Receiver, deliver: Deliver
) -> None:
    tried(place, endpoint)
    (dead,) = claim(endpoint_id=endpoint, limit=1, now=clock.now())
    assert deliver() == [], "it may still be alive"
    Delivery.objects.update(due_at=clock.now())
    assert deliver() == [State.DELIVERED]
    assert settle(hand_over(dead, clock.now), now=clock.now()) is None
    assert len({told.id for told in receiver.told}) == 1
    assert Delivery.objects.get().state == "delivered"


@DB
def test_claiming_costs_the_same_however_many_there_are(place: int, endpoint: UUID) -> None:
    counted = []
    for more in (1, 3):
        for _ in range(more):
            tried(place, endpoint)
        with Counted() as found:
            claim(endpoint_id=endpoint, limit=50, now=clock.now())
        counted.append(len(found.statements))
    assert counted == [3, 3]


@DB
def test_pauses_grow_to_four_hours() -> None:
    for attempt in range(1, 40):
        expected = min(30 * 2 ** (attempt - 1), 4 * 3600)
        assert 0.79 * expected <= pause_after(attempt).total_seconds() <= 1.21 * expected
    assert len({pause_after(3) for _ in range(20)}) > 1


@DB
def test_another_agency_s_endpoint_is_nobody_s_business(endpoint: UUID) -> None:
    profile = AgencyProfile(names={"en": "Registry"})
    other = people.upsert_agency(key="civil-registry", profile=profile, by=SYSTEM, now=clock.now())
    named = {"agency_id": other.id, "endpoint_id": endpoint, "by": SYSTEM, "now": clock.now()}
    for action in (
        actions.rotate_secret, actions.switch_on, actions.switch_off, actions.remove, actions.send_test,
        actions.send_all_again,
    ):  # fmt: skip
        with pytest.raises(NoSuchEndpoint):
            action(**named)  # type: ignore[operator]
    with pytest.raises(NoSuchEndpoint):
        queries.endpoint(agency_id=other.id, endpoint_id=endpoint)
    assert queries.parked(agency_id=other.id, endpoint_id=endpoint, limit=5) == ()


@DB
def test_what_is_old_is_forgotten_and_what_is_removed_is_gone(
    place: int, endpoint: UUID, deliver: Deliver
) -> None:
    tried(place, endpoint)
    deliver()
    later = clock.now() + timedelta(days=6)
    assert actions.forget_old(now=later) == 0
    assert actions.forget_old(now=later + timedelta(days=2)) == 1
    tried(place, endpoint)
    actions.remove(agency_id=place, endpoint_id=endpoint, by=SYSTEM, now=clock.now())
    assert not Delivery.objects.exists()
    row = Endpoint.objects.get()
    assert (row.address, bytes(row.sealed_secret), bytes(row.wrapped_key)) == ("", b"", b"")
    assert queries.endpoints([place]) == ()


@DB
def test_over_tls_the_name_is_checked(place: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    right, wrong = certificate(tmp_path, "127.0.0.1"), certificate(tmp_path, "elsewhere.example")
    for made, expected, trouble in ((right, State.DELIVERED, ""), (wrong, State.QUEUED, "certificate")):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(made)
        monkeypatch.setenv("SSL_CERT_FILE", str(made))
        with Receiver(context) as receiver:
            endpoint, secret = actions.register(
                agency_id=place, address=receiver.address, events=[EventType.CLOSED], services=(),
                by=SYSTEM, now=clock.now(),
            )  # fmt: skip
            receiver.secrets = [secret]
            tried(place, endpoint)
            (taken,) = claim(endpoint_id=endpoint, limit=1, now=clock.now())
            outcome = hand_over(taken, clock.now)
            assert (outcome.reply.trouble, settle(outcome, now=clock.now())) == (trouble, expected)
            assert len(receiver.told) == (expected is State.DELIVERED)
    monkeypatch.delenv("SSL_CERT_FILE")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(right)
    with Receiver(context) as receiver:
        Endpoint.objects.update(address=receiver.address)
        Delivery.objects.update(due_at=clock.now())
        outcome = hand_over(claim(endpoint_id=endpoint, limit=1, now=clock.now())[0], clock.now)
        assert outcome.reply.trouble == "certificate", "nobody vouches for it"


_WORKER = """
import ipaddress, django
django.setup()
from django.conf import settings
settings.WEBHOOKS_PRIVATE = (ipaddress.ip_network("127.0.0.0/8"),)
from threading import Event
from loket.kernel import clock
from loket.webhooks.pump import Pump
Pump(clock.now).run(Event())
"""


@pytest.mark.django_db(transaction=True, databases=["default", "keys"])
def test_the_pump_serves_everybody_beside_one_that_hangs_and_survives_a_kill(
    place: int, endpoint: UUID, receiver: Receiver
) -> None:
    with Receiver() as slow:
        slow.mood = Mood.SILENT
        hanging, _secret = actions.register(
            agency_id=place, address=slow.address, events=[EventType.CLOSED], services=(),
            by=SYSTEM, now=clock.now(),
        )  # fmt: skip
        for _ in range(6):
            tried(place, hanging)
        for _ in range(10):
            tried(place, endpoint)
        worker = start_worker(_WORKER)
        try:
            until(lambda: len(receiver.told) == 10 and slow.asked > 0, worker, 60)
            assert slow.asked <= 4
        finally:
            os.kill(worker.pid, signal.SIGKILL)
            worker.communicate()
    assert Delivery.objects.filter(endpoint=hanging, state="sending").exists()
    Endpoint.objects.filter(id=hanging).update(address=receiver.address)
    Delivery.objects.filter(state="sending").update(due_at=clock.now())
    Pump(clock.now).drain()
    assert set(Delivery.objects.values_list("state", flat=True)) == {"delivered"}
    assert len({told.id for told in receiver.told}) == 16
