"""The desk's page for other systems, and the command that does the same."""

import re
from uuid import UUID

import pytest
from click.testing import CliRunner
from django.test import Client

from loket.config.commands.hooking import webhooks
from loket.kernel import clock
from loket.webhooks.models import Delivery, Endpoint
from tests import county
from tests.desk.conftest import AMINA, DANIEL, SignIn

pytestmark = pytest.mark.django_db(databases=["default", "keys"])
PAGE = "/en/desk/webhooks/"
FORM = {"address": "https://records.example.org/loket", "events": ["case.decided", "case.submitted"]}


@pytest.fixture
def boss(as_staff: SignIn) -> Client:
    return as_staff(DANIEL)


def registered(boss: Client) -> Endpoint:
    assert boss.post(PAGE, FORM).status_code == 200
    return Endpoint.objects.get(removed_at=None)


def parked() -> Delivery:
    county.send(county.INFORMATION, county.INFORMATION_ANSWERS, now=clock.now())
    row = Delivery.objects.get()
    row.state, row.trouble, row.status, row.ended_at = "parked", "failed_there", 503, clock.now()
    row.answer = "<b>We are away</b>"
    row.save()
    return row


def test_an_administrator_adds_a_system_and_sees_its_secret_once(boss: Client) -> None:
    assert "No system is told anything yet." in boss.get(PAGE).content.decode()
    page = boss.post(PAGE, FORM).content.decode()
    assert len(re.findall(r"whsec_[\w+/]{43}=", page)) == 1
    row = Endpoint.objects.get()
    assert (row.events, row.services) == (["case.submitted", "case.decided"], [])
    for path in (PAGE, f"{PAGE}{row.id}/"):
        page = boss.get(path).content.decode()
        assert "https://records.example.org/loket" in page
        assert "whsec_" not in page


def test_what_was_typed_survives_a_refusal(boss: Client) -> None:
    page = boss.post(PAGE, {**FORM, "address": "http://x.example/"}).content.decode()
    assert "The address must begin with https://." in page
    assert 'value="http://x.example/"' in page
    assert page.count(" checked") == 2
    assert "Choose at least one event." in boss.post(PAGE, {"address": FORM["address"]}).content.decode()
    page = boss.post(PAGE, {**FORM, "address": "https://10.0.0.1/"}).content.decode()
    assert "inside a private network" in page
    assert "Write a whole address" in boss.post(PAGE, {**FORM, "address": "\0<script>"}).content.decode()
    assert not Endpoint.objects.exists()


def test_it_is_changed_switched_tested_and_removed(boss: Client) -> None:
    row = registered(boss)
    path = f"{PAGE}{row.id}/"
    changed = {
        "address": "https://other.example.org/",
        "events": ["case.paid"],
        "services": [county.INFORMATION],
    }
    assert boss.post(path, changed).status_code == 302
    row.refresh_from_db()
    assert (row.address, row.events, row.services) == (
        "https://other.example.org/", ["case.paid"], [county.INFORMATION],
    )  # fmt: skip
    assert "A test event is on its way" in boss.post(f"{path}test/", follow=True).content.decode()
    assert "Switched off by hand" in boss.post(f"{path}off/", follow=True).content.decode()
    assert "Switch it on first" in boss.post(f"{path}again/", follow=True).content.decode()
    assert "Works" in boss.post(f"{path}on/", follow=True).content.decode()
    assert "with the former secret too" in boss.post(f"{path}rotate/").content.decode()
    assert boss.post(f"{path}dance/").status_code == 404
    assert "No system" in boss.post(f"{path}remove/", follow=True).content.decode()
    assert boss.get(path).status_code == 404


def test_what_did_not_arrive_is_shown_and_sent_again(boss: Client) -> None:
    row = registered(boss)
    path, one = f"{PAGE}{row.id}/", parked()
    page = boss.get(path).content.decode()
    assert "It failed there (503)" in page
    assert "&lt;b&gt;We are away" in page
    assert one.reference in page
    assert "1 event is sent again." in boss.post(f"{path}again/{one.id}/", follow=True).content.decode()
    one.refresh_from_db()
    assert one.state == "queued"
    assert "sent again already" in boss.post(f"{path}again/{one.id}/", follow=True).content.decode()
    Delivery.objects.update(state="parked", trouble="x", ended_at=clock.now())
    assert "1 event is sent again." in boss.post(f"{path}again/", follow=True).content.decode()


def test_it_is_in_every_language(boss: Client) -> None:
    row = registered(boss)
    parked()
    for language, words in (("id", "Yang tidak sampai"), ("sw", "Ambazo hazikufika")):
        assert words in boss.get(f"/{language}/desk/webhooks/{row.id}/").content.decode()


def test_it_is_nobody_else_s(boss: Client, as_staff: SignIn) -> None:
    row = registered(boss)
    assert as_staff(AMINA).get(PAGE).status_code == 403
    other = as_staff("samuel.barasa@example.org")
    assert "records.example.org" not in other.get(PAGE).content.decode()
    for path in (f"{PAGE}{row.id}/", f"{PAGE}{row.id}/remove/", f"{PAGE}{row.id}/rotate/"):
        assert other.post(path, FORM).status_code == 404
    assert Endpoint.objects.get().removed_at is None


def test_the_command_does_the_same(place: None) -> None:
    def run(*words: str) -> str:
        said = CliRunner().invoke(webhooks, [*words])
        assert said.exit_code == 0, said.output
        return said.output

    assert "No endpoints." in run("list")
    added = run("add", "https://records.example.org/loket", "--agency", "information-commission")
    assert "whsec_" in added
    named = str(Endpoint.objects.get().id)
    assert UUID(named)
    of = (named, "--agency", "information-commission")
    assert run("rotate", *of).startswith("whsec_")
    run("test", *of)
    assert "1 waiting" in run("list", "--agency", "information-commission")
    run("off", *of)
    assert "webhook.test" in run("parked", *of)
    run("on", *of)
    assert "1 deliveries" in run("again", *of)
    run("remove", *of)
    assert "No endpoints." in run("list")
    wrong = CliRunner().invoke(webhooks, ["list", "--agency", "nobody"])
    assert wrong.exit_code == 1
