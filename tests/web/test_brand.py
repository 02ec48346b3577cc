"""Whose page it is: the front door's own look and an agency's."""

from collections.abc import Iterator

import pytest
from django.template import engines
from django.test import Client, RequestFactory
from django.utils import translation
from pytest_django.fixtures import Settings

from loket.identity import queries
from loket.identity.models import Agency
from loket.web import shell

LOGO = '<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _fresh() -> Iterator[None]:
    queries.forget_agencies()
    yield
    queries.forget_agencies()


def brand(language: str, logo: str) -> shell.Brand:
    Agency.objects.create(
        key="transport", names={"en": "Transport", "sw": "Usafiri"}, brand_colour="#8a1538", logo_svg=logo
    )
    agency = queries.agency("transport")
    assert agency is not None
    with translation.override(language):
        return shell.agency_brand(agency)


def test_an_agency_speaks_under_its_name_and_colours(client: Client) -> None:
    made = brand("sw", "")
    assert (made.name, made.home, made.own_mark) == ("Usafiri", "/sw/", True)
    assert b"#8a1538" in client.get(made.sheet).content


def test_an_agency_s_logo_can_run_nothing(client: Client) -> None:
    made = brand("en", LOGO)
    response = client.get(made.mark)
    assert response.content.decode() == LOGO
    policy = response.headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'")
    assert "script-src" not in policy
    assert "immutable" in response.headers["Cache-Control"]
    assert client.get("/theme/nobody/0000000000.svg").status_code == 404


def test_the_parts_around_a_page_never_mix_brands_or_languages() -> None:
    agency = brand("en", "")
    template = engines["jinja2"].get_template("web/error.html")
    page = {"title": "Hello", "paragraphs": ()}
    seen = []
    for language, own in [("en", None), ("sw", None), ("en", agency), ("en", None)]:
        request = RequestFactory().get(f"/{language}/")
        if own:
            request.loket_brand = own  # type: ignore[attr-defined]
        with translation.override(language):
            seen.append(template.render({**shell.chrome(request), "page": page, "messages": ()}))
    assert "<span>Transport</span>" in seen[2]
    assert "Transport" not in seen[3]
    assert seen[0] == seen[3]
    assert 'href="/sw/"' in seen[1]
    assert "programu huria" in seen[1]


def test_the_header_names_the_place_in_the_page_s_language(settings: Settings) -> None:
    settings.PLACE_NAME = {"en": "Tumaini County", "sw": "Kaunti ya Tumaini"}
    agency = brand("sw", "")
    assert agency.place == "Kaunti ya Tumaini"
    with translation.override("sw"):
        assert shell.site_brand().place == "Kaunti ya Tumaini"
    settings.PLACE_NAME = {"": "Tumaini"}
    with translation.override("id"):
        assert shell.site_brand().place == "Tumaini"
    settings.PLACE_NAME = {}
    assert shell.site_brand().place == ""
