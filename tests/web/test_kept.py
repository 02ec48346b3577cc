"""The token in forms: Django's own, drawn faster."""

from django.http import HttpResponse
from django.middleware.csrf import CsrfViewMiddleware
from django.test import RequestFactory

from loket.web import kept


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
