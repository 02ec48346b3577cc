"""Question pages that look the same for everybody are rendered once; nobody sees anybody else's part."""

import re

import pytest
from django.test import Client

from loket.identity import queries as identity
from loket.identity.models import Agency
from tests.portal.visitor import Visitor

pytestmark = pytest.mark.django_db(databases=["default", "keys"])
PAGE = "/en/apply/civil-registry/change-of-address/name/"
_TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')


def _other() -> Visitor:
    return Visitor(Client(enforce_csrf_checks=True))


def test_each_browser_gets_a_token_of_its_own_that_works(visitor: Visitor) -> None:
    first, second = _other(), _other()
    tokens = [set(_TOKEN.findall(one.open(PAGE))) for one in (first, second, first)]
    assert all(len(token) == 1 and len(*token) == 64 for token in tokens)
    assert len(set.union(*tokens)) == 3
    for one, token in ((second, tokens[1]), (first, tokens[2])):
        fields = {"q-full_name": "Zuhura Mwinyi", "csrfmiddlewaretoken": token.pop()}
        assert one.client.post(PAGE, fields).status_code == 302
    assert first.client.post(PAGE, {"q-full_name": "Zuhura Mwinyi"}).status_code == 403


def test_what_somebody_answered_or_mistyped_is_theirs_alone(visitor: Visitor) -> None:
    blank = _TOKEN.sub("", visitor.open(PAGE))
    visitor.post(PAGE, {"q-full_name": "Zuhura Mwinyi"})
    assert "Zuhura Mwinyi" in visitor.open(PAGE)
    mistaken = _other()
    mistaken.client.handler.enforce_csrf_checks = False
    assert "govuk-error-summary" in mistaken.post(PAGE, {"q-full_name": ""})
    assert _TOKEN.sub("", _other().open(PAGE)) == blank


def test_the_page_follows_its_language_its_address_and_its_agency(visitor: Visitor) -> None:
    english = visitor.open(PAGE)
    assert visitor.open(PAGE.replace("/en/", "/id/")) != english
    assert "from=check" in visitor.open(f"{PAGE}?from=check")
    Agency.objects.filter(key="civil-registry").update(names={"en": "House of Names"})
    identity.forget_agencies()
    assert "House of Names" in visitor.open(PAGE)


def test_pages_say_that_they_depend_on_the_cookie_and_are_not_stored(visitor: Visitor) -> None:
    visitor.open(PAGE)
    visitor.open(PAGE)
    assert visitor.response["Cache-Control"] == "no-store, private"
    assert "Cookie" in visitor.response["Vary"]
