"""Signing in: password, then always a second factor."""

import re
import time

import pytest
from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal import auth as totp
from django.http import HttpResponse
from django.test import Client

from loket.identity.models import Person
from loket.notifications.models import Message
from tests.accounts.conftest import AMINA, PASSWORD

pytestmark = pytest.mark.django_db(databases=["default", "keys"])
_DESK = "/en/desk/cases/"


def code(secret: str, ahead: int = 0) -> str:
    shown: str = totp.format_hotp_value(totp.hotp_value(secret, int(time.time()) // 30 + ahead))
    return shown


def password(client: Client, typed: str = PASSWORD, email: str = AMINA, **more: str) -> HttpResponse:
    return client.post("/en/account/sign-in/", {"login": email, "password": typed, **more})  # type: ignore[return-value]


def test_a_password_and_a_code_open_the_desk(client: Client, secret: str) -> None:
    assert password(client, next=_DESK).headers["Location"] == "/en/account/sign-in/second-factor/"
    assert client.get(_DESK).status_code == 302
    page = client.get("/en/account/sign-in/second-factor/").content.decode()
    assert code(secret) not in page
    done = client.post("/en/account/sign-in/second-factor/", {"code": code(secret)})
    assert done.headers["Location"] == _DESK
    assert client.get(_DESK).status_code == 200


def test_a_wrong_password_or_code_is_told_at_its_field(client: Client, secret: str) -> None:
    wrong = password(client, "not this one").content.decode()
    assert "The e-mail address or the password is not right." in wrong
    assert AMINA in wrong
    password(client)
    page = client.post("/en/account/sign-in/second-factor/", {"code": "000000"}).content.decode()
    assert 'id="id_code-error-1"' in page
    assert client.get(_DESK).status_code == 302


def test_a_code_works_once(client: Client, secret: str) -> None:
    used = code(secret)
    password(client)
    client.post("/en/account/sign-in/second-factor/", {"code": used})
    other = Client()
    password(other)
    again = other.post("/en/account/sign-in/second-factor/", {"code": used})
    assert "This code is not right" in again.content.decode()


def test_guessing_ends_after_ten_tries_on_any_host(client: Client, secret: str, settings: object) -> None:
    for _ in range(10):
        password(client, "guess")
    page = password(client).content.decode()
    assert "Too many tries" in page


def test_the_first_sign_in_sets_up_a_second_factor(client: Client, amina: Person) -> None:
    assert password(client, next=_DESK).headers["Location"] == _DESK
    asked = client.get(_DESK).headers["Location"]
    assert asked.startswith("/en/account/second-factor/?next=")
    assert "Set up your second factor" in client.get(asked).content.decode()
    page = client.get("/en/account/second-factor/app/").content.decode()
    assert "<svg" in page
    assert " style=" not in page
    found = re.search(r'loket-key">(\w+)<', page)
    assert found
    done = client.post("/en/account/second-factor/app/", {"code": code(found[1])})
    assert done.headers["Location"] == "/en/account/second-factor/codes/"
    codes = client.get("/en/account/second-factor/codes/").content.decode()
    assert codes.count("loket-key") == 10
    assert client.get("/en/account/second-factor/codes/").content.decode().count("loket-key") == 0
    assert f'href="{_DESK}"' in client.get("/en/account/second-factor/").content.decode()
    assert client.get(_DESK).status_code == 200
    stored = Authenticator.objects.get(user=amina, type="totp").data["secret"]
    assert found[1] not in stored


def test_an_old_session_is_asked_for_the_password_before_a_factor_changes(
    client: Client, secret: str
) -> None:
    password(client)
    client.post("/en/account/sign-in/second-factor/", {"code": code(secret)})
    session = client.session
    session["account_authentication_methods"] = [
        {**record, "at": time.time() - 3600} for record in session["account_authentication_methods"]
    ]
    session.save()
    asked = client.get("/en/account/second-factor/codes/new/").headers["Location"]
    assert asked.startswith("/en/account/confirm/?next=")
    assert client.get(asked).status_code == 200
    wrong = client.post(asked, {"password": "no"})
    assert "This is not your password." in wrong.content.decode()
    assert client.post(asked, {"password": PASSWORD}).headers["Location"].endswith("/codes/new/")
    assert client.get("/en/account/second-factor/codes/new/").status_code == 200


def test_a_recovery_code_opens_once(client: Client, secret: str, amina: Person) -> None:
    spare = RecoveryCodes.activate(amina).get_unused_codes()[0]
    for _time, status in ((1, 302), (2, 200)):
        browser = Client()
        password(browser)
        response = browser.post("/en/account/sign-in/second-factor/", {"code": spare})
        assert response.status_code == status


def test_the_only_second_factor_stays(client: Client, secret: str, amina: Person) -> None:
    password(client)
    client.post("/en/account/sign-in/second-factor/", {"code": code(secret)})
    page = client.post("/en/account/second-factor/app/remove/").content.decode()
    assert "This is your only second factor" in page
    assert Authenticator.objects.filter(user=amina, type="totp").exists()


def test_signing_out_closes_the_desk(client: Client, secret: str) -> None:
    password(client)
    client.post("/en/account/sign-in/second-factor/", {"code": code(secret)})
    client.post("/en/account/sign-out/")
    assert client.get(_DESK).status_code == 302


@pytest.mark.parametrize("elsewhere", ["https://evil.example/", "//evil.example/", "javascript:alert(1)"])
def test_nobody_is_led_elsewhere(client: Client, secret: str, elsewhere: str) -> None:
    password(client, next=elsewhere)
    done = client.post("/en/account/sign-in/second-factor/", {"code": code(secret), "next": elsewhere})
    assert done.headers["Location"] == "/en/desk/"


@pytest.mark.parametrize("address", ["sign-up/", "signup/", "email/"])
def test_nobody_signs_up(client: Client, address: str) -> None:
    assert client.get(f"/en/account/{address}").status_code == 404


def test_a_new_password_comes_by_a_link_in_the_person_s_language(client: Client, amina: Person) -> None:
    client.post("/en/account/password/new/", {"email": "nobody@example.org"})
    assert not Message.objects.exists()
    sent = client.post("/en/account/password/new/", {"email": AMINA})
    assert sent.headers["Location"] == "/en/account/password/new/sent/"
    message = Message.objects.get()
    assert (message.purpose, message.language, message.subject_kind) == ("new_password", "sw", "person")


def test_the_link_sets_the_password_once(client: Client, amina: Person) -> None:
    address = (
        f"/en/account/password/new/{user_pk_to_url_str(amina)}-{default_token_generator.make_token(amina)}/"
    )
    shown = client.get(address, follow=True)
    form = shown.redirect_chain[-1][0]
    short = client.post(form, {"password1": "short", "password2": "short"})
    assert short.status_code == 200
    fresh = "nine patient herons"
    assert client.post(form, {"password1": fresh, "password2": fresh}).status_code == 302
    amina.refresh_from_db()
    assert amina.check_password(fresh)
    assert "no longer works" in Client().get(address, follow=True).content.decode()


@pytest.mark.parametrize(
    "address",
    [
        "sign-in/", "password/new/", "password/new/sent/", "password/new/done/", "closed/",
    ],
)  # fmt: skip
@pytest.mark.parametrize("language", ["en", "id", "sw"])
def test_pages_before_signing_in_need_no_session(
    client: Client, db: None, address: str, language: str, django_assert_max_num_queries: object
) -> None:
    with django_assert_max_num_queries(0):  # type: ignore[operator]
        response = client.get(f"/{language}/account/{address}")
    assert response.status_code == 200
    assert f'<html lang="{language}"' in response.content.decode()


def test_every_page_of_somebody_signed_in_opens(client: Client, secret: str) -> None:
    password(client)
    client.post("/en/account/sign-in/second-factor/", {"code": code(secret)})
    for address in (
        "second-factor/", "second-factor/passkeys/", "second-factor/passkeys/add/", "password/",
        "second-factor/app/remove/", "confirm/", "confirm/code/", "sign-out/",
    ):  # fmt: skip
        response = client.get(f"/en/account/{address}")
        assert response.status_code == 200, address
        assert " style=" not in response.content.decode()
        assert response.content.decode().count("<script>") == 1
