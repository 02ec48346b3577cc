"""Addresses for tests of the doors: one view of each rule, one with none, one that loses its database."""

from django.conf.urls.i18n import i18n_patterns
from django.db import connections
from django.db.utils import ConnectionHandler
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import include, path

from loket.identity.types import Role
from loket.web import access, errors

database = {"away": False}


def undeclared(request: HttpRequest) -> HttpResponse:
    return HttpResponse("must never be seen")


@access.public
def open_to_all(request: HttpRequest) -> HttpResponse:
    return render(request, "web/error.html", {"page": errors.ErrorPage("Hello", ("x" * 2000,))})


@access.cached_public(300)
def kept(request: HttpRequest) -> HttpResponse:
    return HttpResponse("kept")


def find(request: HttpRequest, token: str) -> object:
    if token == "elsewhere":
        return HttpResponseRedirect("/en/open/")
    return token if token == "good" else None


@access.holder(find)
def held(request: HttpRequest, token: str) -> HttpResponse:
    return HttpResponse(access.held(request, str))


@access.signed_in
def account(request: HttpRequest) -> HttpResponse:
    return HttpResponse("account")


@access.staff(Role.SUPERVISOR)
def supervisors(request: HttpRequest) -> HttpResponse:
    return render(
        request,
        "web/error.html",
        {"page": errors.ErrorPage(access.staff_member(request).name, ("x" * 2000,))},
    )


def look_up() -> None:
    if database["away"]:
        gone = {**connections.settings["default"], "PORT": "1", "OPTIONS": {"connect_timeout": 2}}
        ConnectionHandler({"default": gone})["default"].ensure_connection()


@access.public
def records(request: HttpRequest) -> HttpResponse:
    look_up()
    return HttpResponse("here")


def find_in_records(request: HttpRequest) -> object:
    look_up()
    return "found"


@access.holder(find_in_records)
def held_records(request: HttpRequest) -> HttpResponse:
    return HttpResponse("held")


@access.public
def posting(request: HttpRequest) -> HttpResponse:
    return HttpResponse("posted")


urlpatterns = [
    path("", include("loket.web.urls")),
    *i18n_patterns(
        path("undeclared/", undeclared),
        path("open/", open_to_all),
        path("kept/", kept),
        path("held/<str:token>/", held),
        path("account/", account),
        path("supervisors/", supervisors, name="supervisors"),
        path("records/", records),
        path("held-records/", held_records),
        path("posting/", posting),
        path("sign-in/", open_to_all, name="account_login"),
        path("factor/", open_to_all, name="mfa_index"),
        # The layouts' own links lead there.
        path("", include("loket.portal.urls")),
    ),
]
handler404 = "loket.web.errors.not_found"
handler403 = "loket.web.errors.forbidden"
handler500 = "loket.web.errors.failed"
