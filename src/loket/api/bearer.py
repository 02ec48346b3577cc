"""Who a program is: the token in its Authorization header."""

from collections.abc import Callable

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest

from loket.api.problems import FORBIDDEN, NO_TOKEN, ApiProblem
from loket.identity import tokens
from loket.identity.types import ApiTokenView
from loket.kernel import clock
from loket.kernel.actors import APPLICANT, Actor, ActorKind
from loket.web.access import Program, Public, Rule

_SCHEME = "bearer"
_LONGEST = 200
_ASK = {"WWW-Authenticate": "Bearer"}


def admit(request: HttpRequest, rule: Rule, view: Callable[..., object]) -> None:
    """Holds the view to its rule. A token that works no more is refused even where none is needed.

    What providers call is no operation of ours: they may have a token of their own kind.
    """
    token = _shown(request) if hasattr(view, "loket_takes") else None
    request.loket_token = token  # type: ignore[attr-defined]
    if isinstance(rule, Program):
        if token is None:
            raise ApiProblem(NO_TOKEN, headers=_ASK)
        if rule.scope not in token.scopes:
            raise ApiProblem(FORBIDDEN)
    elif not isinstance(rule, Public):
        raise PermissionDenied("Below /api/ there are only public addresses and those for programs.")


def token_of(request: HttpRequest) -> ApiTokenView | None:
    found: ApiTokenView | None = getattr(request, "loket_token", None)
    return found


def agencys_token(request: HttpRequest) -> ApiTokenView:
    """Behind a rule for programs there is one."""
    found = token_of(request)
    assert found is not None
    return found


def actor_of(token: ApiTokenView | None) -> Actor:
    """Whose doing it is: the applicant's own, or a program's in their name."""
    return APPLICANT if token is None else Actor(ActorKind.APPLICANT, f"token:{token.prefix}", token.name)


def _shown(request: HttpRequest) -> ApiTokenView | None:
    header = request.META.get("HTTP_AUTHORIZATION")
    if header is None:
        return None
    scheme, _, token = header.partition(" ")
    if scheme.lower() != _SCHEME or len(token) > _LONGEST:
        raise ApiProblem(NO_TOKEN, headers=_ASK)
    found = tokens.token_shown(token.strip(), clock.now())
    if found is None:
        raise ApiProblem(NO_TOKEN, headers=_ASK)
    return found
