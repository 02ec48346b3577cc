"""Printed sign-ins, and the refusal to have any where data is real."""

import pytest
from django.test import Client, override_settings

from loket.identity.models import Person
from loket.portal.accounts import demo
from tests.accounts.conftest import AMINA

pytestmark = pytest.mark.django_db(databases=["default", "keys"])


def test_outside_the_demo_there_is_neither_password_nor_code(amina: Person, secret: str) -> None:
    with pytest.raises(demo.OnlyInDemo):
        demo.make_sign_ins((AMINA,))
    with pytest.raises(demo.OnlyInDemo):
        demo.code_now(amina.pk)


@override_settings(DEMO=True)
def test_a_newcomer_gets_in_with_what_the_pages_show(client: Client, amina: Person) -> None:
    amina.set_unusable_password()
    amina.save()
    (printed,) = demo.make_sign_ins((AMINA,))
    assert demo.make_sign_ins((AMINA,)) == (printed,)
    for _twice in range(2):
        client.post("/en/account/sign-out/")
        client.post("/en/account/sign-in/", {"login": printed.email, "password": printed.password})
        page = client.get("/en/account/sign-in/second-factor/").content.decode()
        shown = demo.code_now(amina.pk)
        assert shown in page
        client.post("/en/account/sign-in/second-factor/", {"code": shown})
        assert client.get("/en/desk/cases/").status_code == 200
