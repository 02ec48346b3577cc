"""Sessions, sign-in and messages: skipped on pages of anybody, there for whoever brings what needs them."""

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory

from loket.web.known import KnownPeople


def _has_session(path: str, **cookies: str) -> bool:
    seen = []

    def view(request: HttpRequest) -> HttpResponse:
        seen.append(all(hasattr(request, name) for name in ("session", "user", "_messages")))
        return HttpResponse()

    request = RequestFactory().get(path)
    request.COOKIES.update(cookies)
    KnownPeople(view)(request)
    return seen == [True]


@pytest.mark.parametrize(
    "path", ["/en/", "/sw/apply/a/b/", "/en/services/a/b/", "/id/search/", "/en/life/x/"]
)
def test_pages_of_anybody_have_none(path: str) -> None:
    assert not _has_session(path)
    assert not _has_session(path, messages="")
    assert _has_session(path, sessionid="brought")
    assert _has_session(path, messages="a message")


@pytest.mark.parametrize(
    "path", ["/en/desk/", "/en/account/login/", "/en/track/reply/check/", "/applying/", "/en/applying/", "/"]
)
def test_all_others_have_them(path: str) -> None:
    assert _has_session(path)
