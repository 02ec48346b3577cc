"""Access rules: who is let in, and that a view without a rule lets nobody in."""

from collections.abc import Iterator

import pytest
from allauth.account.internal.flows.login import record_authentication
from django.test import Client, RequestFactory, override_settings
from django.urls import get_resolver

from loket.identity.models import Agency, Membership, Person
from loket.identity.types import Role
from loket.web import access
from tests.web import planted


@pytest.fixture(autouse=True)
def _planted() -> Iterator[None]:
    with override_settings(ROOT_URLCONF="tests.web.planted"):
        yield


def person(role: Role | None) -> Person:
    made = Person.objects.create(email="amina@example.org", full_name="Amina")
    if role:
        agency = Agency.objects.create(key="transport", names={"en": "Transport"})
        Membership.objects.create(person=made, agency=agency, role=role)
    return made


def signed_in(someone: Person, *methods: str) -> Client:
    client = Client()
    client.force_login(someone, backend="allauth.account.auth_backends.AuthenticationBackend")
    request = RequestFactory().get("/")
    request.session = client.session
    for method in methods:
        record_authentication(request, someone, method)
    request.session.save()
    return client


def test_a_view_without_a_rule_is_refused(client: Client) -> None:
    response = client.get("/en/undeclared/")
    assert response.status_code == 403
    assert b"must never be seen" not in response.content


def test_the_walk_finds_the_planted_view_without_a_rule() -> None:
    undeclared = [route for route in access.every_route() if route.rule is None]
    assert [route.view for route in undeclared] == [planted.undeclared]
    assert any(route.name == "web:theme" for route in access.every_route())


@override_settings(ROOT_URLCONF="loket.config.urls")
def test_every_real_route_declares_its_rule() -> None:
    assert not [route.pattern for route in access.every_route() if route.rule is None]


def test_a_holder_opens_and_nobody_keeps_the_page(client: Client) -> None:
    response = client.get("/en/held/good/")
    assert response.content == b"good"
    assert "no-store" in response.headers["Cache-Control"]
    assert client.get("/en/held/bad/").status_code == 404
    assert client.get("/en/held/elsewhere/").headers["Location"] == "/en/open/"


def test_public_pages_may_be_kept_as_declared(client: Client) -> None:
    assert client.get("/en/kept/").headers["Cache-Control"] == "public, max-age=300"
    assert client.get("/en/open/").headers["Cache-Control"] == "private, no-cache"
    assert "Cookie" not in client.get("/en/kept/").headers.get("Vary", "")


def test_strangers_are_sent_to_sign_in(client: Client) -> None:
    response = client.get("/en/supervisors/?q=1")
    assert response.headers["Location"] == "/en/sign-in/?next=%2Fen%2Fsupervisors%2F%3Fq%3D1"
    assert client.get("/en/account/").status_code == 302


@pytest.mark.django_db
def test_the_right_post_with_a_second_factor_opens() -> None:
    response = signed_in(person(Role.SUPERVISOR), "code", "mfa").get(
        "/en/supervisors/", headers={"Accept-Encoding": "br, gzip"}
    )
    assert response.status_code == 200
    assert b"Amina" in response.content
    assert "no-store" in response.headers["Cache-Control"]
    assert "Content-Encoding" not in response.headers


@pytest.mark.django_db
def test_without_a_second_factor_it_is_asked_for() -> None:
    response = signed_in(person(Role.SUPERVISOR), "code").get("/en/supervisors/")
    assert response.headers["Location"].startswith("/en/factor/?next=")


@pytest.mark.django_db
@pytest.mark.parametrize("role", [Role.OFFICER, None])
def test_another_post_or_none_is_refused(role: Role | None) -> None:
    client = signed_in(person(role), "code", "mfa")
    assert client.get("/en/supervisors/").status_code == 403
    assert client.get("/en/account/").status_code == 200


def test_somebody_else_s_views_can_be_put_under_a_rule() -> None:
    patterns = list(get_resolver("tests.web.others").url_patterns)
    access.declared(access.Public(), patterns)
    assert [access.rule_of(pattern.callback) for pattern in patterns] == [access.Public()]
