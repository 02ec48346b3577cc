"""Signing in, and changing how one signs in, leaves a record."""

import pytest
from django.test import Client

from loket.audit.models import Entry
from loket.identity.models import Person
from tests.accounts.conftest import PASSWORD
from tests.accounts.test_signing_in import code, password

pytestmark = pytest.mark.django_db(databases=["default", "keys"])


def _recorded() -> list[tuple[str, str]]:
    entries = Entry.objects.filter(action__startswith="staff.").order_by("id")
    return [(entry.action, entry.about_id) for entry in entries]


def test_signing_in_is_recorded_once_both_factors_are_passed(
    client: Client, amina: Person, secret: str
) -> None:
    before = len(_recorded())
    password(client)
    assert len(_recorded()) == before
    client.post("/en/account/sign-in/second-factor/", {"code": code(secret)})
    assert _recorded()[before:] == [("staff.signed_in", str(amina.pk))]


def test_a_changed_password_is_recorded_and_a_refused_one_is_not(client: Client, secret: str) -> None:
    password(client)
    client.post("/en/account/sign-in/second-factor/", {"code": code(secret)})
    new = "quite-another-Pa55word"
    client.post("/en/account/password/", {"oldpassword": "wrong", "password1": new, "password2": new})
    assert "staff.password_changed" not in dict(_recorded())
    client.post("/en/account/password/", {"oldpassword": PASSWORD, "password1": new, "password2": new})
    assert "staff.password_changed" in dict(_recorded())
    assert all(new not in str(entry.facts) for entry in Entry.objects.all())
