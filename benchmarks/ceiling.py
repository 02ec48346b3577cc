"""The ceiling: a plain Django view with one INSERT, served as Loket is, on the same database server.

A module of settings, addresses and one view at once, and the WSGI application too. Figures told as a share of
what it reaches hold on any machine.

Run: python -m benchmarks.ceiling    (makes its table)
"""

import json
import os
from urllib.parse import unquote, urlsplit

import django
from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.db import connection
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import path

_ADDRESS = urlsplit(os.environ["CEILING_DATABASE"])
_INSERT = "INSERT INTO ceiling (answers) VALUES (%s)"

settings.configure(
    SECRET_KEY="the ceiling signs nothing",
    ALLOWED_HOSTS=["127.0.0.1"],
    ROOT_URLCONF=__name__,
    USE_TZ=True,
    DATABASES={
        "default": {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": _ADDRESS.path.lstrip("/"),
            "USER": unquote(_ADDRESS.username or ""),
            "PASSWORD": unquote(_ADDRESS.password or ""),
            "HOST": _ADDRESS.hostname,
            "PORT": str(_ADDRESS.port),
            # As in Loket's own settings.
            "CONN_HEALTH_CHECKS": True,
            "OPTIONS": {"pool": {"min_size": 1, "max_size": 4, "timeout": 3}},
        }
    },
    LOGGING_CONFIG=None,
)
django.setup()


def take(request: HttpRequest) -> HttpResponse:
    """Reads a form of 14 fields and stores them in one row."""
    if request.method == "POST":
        with connection.cursor() as cursor:
            cursor.execute(_INSERT, [json.dumps(request.POST.dict())])
        return HttpResponseRedirect("/")
    return HttpResponse("There is nothing here but a form to send.")


urlpatterns = [path("", take)]
application = get_wsgi_application()


def make_table() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE TABLE IF NOT EXISTS ceiling (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, "
            "answers jsonb NOT NULL, at timestamptz NOT NULL DEFAULT now())"
        )


if __name__ == "__main__":
    make_table()
