"""Addresses as a package that knows nothing of access rules brings them."""

from django.http import HttpRequest, HttpResponse
from django.urls import path


def foreign(request: HttpRequest) -> HttpResponse:
    return HttpResponse("foreign")


urlpatterns = [path("foreign/", foreign)]
