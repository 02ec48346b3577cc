"""The token in forms: Django's own, drawn faster. Pages kept in pieces, and how they are packed."""

import gzip

import brotli
import pytest
from django.http import HttpResponse
from django.middleware.csrf import CsrfViewMiddleware
from django.test import RequestFactory

from loket.web import kept
from loket.web.packing import Pieces


def _token(secret: str) -> str:
    request = RequestFactory().get("/")
    request.META["CSRF_COOKIE"] = secret
    return str(kept.form_token(request)["csrf_input"]).partition('value="')[2].partition('"')[0]


def test_django_takes_the_token_for_its_own() -> None:
    for _ in range(50):
        request = RequestFactory().post("/", {"csrfmiddlewaretoken": _token(SECRET)})
        request.COOKIES["csrftoken"] = SECRET
        guard = CsrfViewMiddleware(lambda request: HttpResponse())
        guard.process_request(request)
        assert guard.process_view(request, lambda request: HttpResponse(), (), {}) is None


def test_no_mask_comes_twice_and_every_letter_comes() -> None:
    tokens = [_token(SECRET) for _ in range(200)]
    assert len(set(tokens)) == 200
    assert {len(token) for token in tokens} == {64}
    assert len(set("".join(token[:32] for token in tokens))) == 62


SECRET = "abcdefghijklmnopqrstuvwxyzABCDEF"


@pytest.mark.parametrize("answers", ["", "a", "ä" * 300, "<p>one</p>" * 5000, "x" * 70_000])
def test_a_packed_page_is_the_page(answers: str) -> None:
    pieces = Pieces(["<html>" + "head" * 500, "token", "<p>", "rows", "", "token", "</html>"])
    fills = {"token": b"t" * 64, "rows": answers.encode()}
    plain = pieces.plain(fills)
    assert plain.count(b"t" * 64) == 2
    packed = pieces.packed(fills, plain, "gzip, deflate, br, zstd")
    assert packed is not None
    assert packed[0] == "gzip"
    assert gzip.decompress(packed[1]) == plain
    assert pieces.packed(fills, plain, "deflate") is None


def test_no_token_is_compressed_with_anything() -> None:
    pieces = Pieces(["<p>" * 100, "token", "</p>" * 100])
    sizes = set()
    for token in (b"a" * 64, b"<p>" * 21 + b"<", bytes(range(64, 128))):
        packed = pieces.packed({"token": token}, pieces.plain({"token": token}), "gzip")
        assert packed is not None
        assert token in packed[1]
        sizes.add(len(packed[1]))
    assert len(sizes) == 1


def test_a_page_without_holes_is_packed_best() -> None:
    pieces = Pieces(["home" * 1000])
    packed = pieces.packed({}, pieces.plain({}), "gzip, br")
    assert packed is not None
    assert packed[0] == "br"
    assert brotli.decompress(packed[1]) == b"home" * 1000


def test_holes_are_filled_for_each_and_what_was_typed_is_escaped() -> None:
    rendered = []

    def render() -> HttpResponse:
        rendered.append(1)
        return HttpResponse(f"<p>{kept.hole('name')}</p>")

    pages = [
        kept.kept(RequestFactory().get("/"), "holes", render, {"name": name}).content
        for name in ("Zuhura", "<b>Amina</b>", kept.hole("name"))
    ]
    assert pages[:2] == [b"<p>Zuhura</p>", b"<p>&lt;b&gt;Amina&lt;/b&gt;</p>"]
    assert len(rendered) == 1


def test_what_is_the_same_is_no_equal_thing() -> None:
    one, other = ["a"], ["a"]
    assert one == other
    assert kept.Same(one) == kept.Same(one) != kept.Same(other)
