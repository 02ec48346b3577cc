"""Naughty strings in every field of every kind, over HTTP: said in a sentence or kept as they are."""

import html
import re
from collections.abc import Sequence

import pytest
from django.test import Client

from loket.limits.memory import MemoryBuckets
from loket.portal import pace
from tests.hostile.strings import MARKUP, OURS, listed

pytestmark = pytest.mark.django_db(databases=["default", "keys"])
# Each new draft needs a look at the limiter.
_A_DRAFT = 100


@pytest.fixture(autouse=True)
def _unhurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """More is answered in a minute than any person could; what is refused for that tells nothing."""
    monkeypatch.setattr(pace, "_answers", MemoryBuckets(limit=10**9, seconds=1.0))
    monkeypatch.setattr(pace, "BILLS", pace.Pace("portal-bill", 10**9))
    monkeypatch.setattr(pace, "_TRIES_OF_A_NUMBER", 10**9)


def fields_on(page: str) -> tuple[str, ...]:
    """The names of what may be typed or chosen on a page."""
    found = re.findall(r'<(?:input|textarea|select)[^>]*\sname="(q-[^"]+)"', page)
    return tuple(dict.fromkeys(found))


def in_every_field(address: str, strings: Sequence[str]) -> list[tuple[object, str]]:
    """What went wrong: other than 200 with a problem named, or markup that came through."""
    fields = fields_on(Client().get(address).content.decode())
    assert len(fields) > 18, fields
    plain = Client().post(address, dict.fromkeys(fields, "plain")).content.decode()
    wrong: list[tuple[object, str]] = []
    for start in range(0, len(strings), _A_DRAFT):
        client = Client()
        for string in strings[start : start + _A_DRAFT]:
            response = client.post(address, dict.fromkeys(fields, string))
            page = response.content.decode()
            if response.status_code != 200 or "govuk-error-summary" not in page:
                wrong.append((response.status_code, string[:60]))
            wrong += [(mark, string) for mark in unescaped(page, string, plain)]
    return wrong


def in_every_address(strings: Sequence[str]) -> list[tuple[object, str]]:
    client = Client()
    wrong: list[tuple[object, str]] = []
    for path in ("/en/search/?q=", "/en/track/?next=", "/en/?lang=", "/en/privacy/?x="):
        name, _, key = path.rstrip("=").partition("?")
        plain = client.get(name, {key: "plain"}).content.decode()
        for string in strings:
            response = client.get(name, {key: string[:2000]})
            if response.status_code != 200:
                wrong.append((response.status_code, string))
            wrong += [(mark, string) for mark in unescaped(response.content.decode(), string, plain)]
    return wrong


def test_every_string_in_every_field_is_answered_in_words(everything: str) -> None:
    assert not in_every_field(everything, OURS)


def test_every_string_in_an_address_is_harmless(everything: str) -> None:
    assert not in_every_address(OURS)


@pytest.mark.prove
def test_a_whole_list_of_naughty_strings_is_answered_in_words(everything: str) -> None:
    strings = listed()
    assert len(strings) > 400, "the list does not lie beside the checkout"
    assert not in_every_field(everything, strings)
    assert not in_every_address(strings)


@pytest.mark.parametrize("kind", ["text", "long_text", "name"])
def test_what_a_text_takes_is_shown_again_as_it_was_typed(everything: str, kind: str) -> None:
    wrong = []
    plain = _typed_and_checked(everything, kind, "plain words")
    for string in MARKUP:
        for page, before in zip(_typed_and_checked(everything, kind, string), plain, strict=True):
            assert string in html.unescape(page), string
            wrong += [(mark, string) for mark in unescaped(page, string, before)]
    assert not wrong


def _typed_and_checked(address: str, kind: str, string: str) -> tuple[str, str]:
    client = Client()
    client.post(address, {f"q-{kind}": string, "q-declaration": "yes"})
    checked = client.get(address.replace("/all/", "/check/"))
    return client.get(address).content.decode(), checked.content.decode()


def test_the_look_for_markup_finds_it() -> None:
    assert unescaped("<p><b>hi</b></p>", "<b>hi</b>", "<p>plain</p>") == ["<b>"]
    assert not unescaped("<p>&lt;b&gt;hi&lt;/b&gt;</p>", "<b>hi</b>", "<p>plain</p>")


def unescaped(page: str, string: str, plain: str) -> list[str]:
    """Opening tags of the string that the page has more of than the page of a plain word."""
    marks = dict.fromkeys(re.findall(r"<[^/<>][^<>]{0,200}>", string))
    return [mark for mark in marks if page.count(mark) > plain.count(mark)]
