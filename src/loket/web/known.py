"""Sessions, sign-in and messages, only where they may be needed.

People who look for a service and fill in its form are nobody to us: their pages keep nothing in a session,
ask nobody to sign in and leave no message for the next page. So those requests skip the three (a tenth of
what the frame of a request costs), unless the browser brings something that only they can read.
"""

import re
from collections.abc import Callable
from typing import TypeAlias, cast

from django.conf import settings
from django.contrib.auth.middleware import AuthenticationMiddleware
from django.contrib.messages.middleware import MessageMiddleware
from django.contrib.sessions.middleware import SessionMiddleware
from django.http import HttpRequest, HttpResponseBase

Next: TypeAlias = Callable[[HttpRequest], HttpResponseBase]

_OF_ANYBODY = re.compile(r"/[a-z]{2}/(?:$|(?:apply|services|life|agencies|search)/)")


class KnownPeople:
    """Django's three in their order, or none of them."""

    def __init__(self, get_response: Next) -> None:
        self._plain = get_response
        # Django's types allow for asynchronous ones.
        self._known = cast(Next, SessionMiddleware(AuthenticationMiddleware(MessageMiddleware(get_response))))

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        brings = settings.SESSION_COOKIE_NAME in request.COOKIES or request.COOKIES.get("messages")
        if brings or not _OF_ANYBODY.match(request.path_info):
            return self._known(request)
        return self._plain(request)
