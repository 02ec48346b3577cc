"""Who may open what: every view declares its rule, and a view without one is refused.

    @public                    anyone
    @cached_public(300)        the same for everybody, for so many seconds
    @holder(find)              who holds a draft or case: `find(request, **url_arguments)` gives it, or None
    @signed_in                 a person with an account
    @staff(Role.OFFICER, …)    signed in with a second factor, in a post with one of these roles
    ruled(Program(scope), …)   a program with a token; only below /api/, which has a door of its own

The rule is about the door. What is behind it (this agency's case, that team's) stays with each context's
policies.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import wraps
from typing import Any, TypeAlias, TypeVar, cast

from django.http import Http404, HttpRequest, HttpResponseBase
from django.urls import URLPattern, URLResolver, get_resolver

from loket.identity.types import Role, Scope, StaffMember

View = TypeVar("View", bound=Callable[..., HttpResponseBase])
Held = TypeVar("Held")
# Gives what the person holds, None where they hold nothing, or a response that says where to go instead.
Finder: TypeAlias = Callable[..., object]

_RULE = "loket_rule"


@dataclass(frozen=True, slots=True)
class Public:
    """Anyone. With `max_age` (seconds) shared caches may keep the page, unless it varies by cookie."""

    max_age: int = 0


@dataclass(frozen=True, slots=True)
class Holder:
    """Whoever holds what `find` finds."""

    find: Finder


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Anybody with an account."""


@dataclass(frozen=True, slots=True)
class Staff:
    """Staff with one of `roles` (any role where empty) and a second factor passed in this session."""

    roles: frozenset[Role]


@dataclass(frozen=True, slots=True)
class Program:
    """A program with a token that has `scope` in an agency; the view is told which, and sees to the rest."""

    scope: Scope


Rule: TypeAlias = Public | Holder | SignedIn | Staff | Program


@dataclass(frozen=True, slots=True)
class Route:
    """An address pattern such as `en/track/<reference>/`, its full name, view and rule (None: undeclared)."""

    pattern: str
    name: str
    view: Callable[..., HttpResponseBase]
    rule: Rule | None


def ruled(rule: Rule, view: View) -> View:
    """The view under a rule. The view itself stays as it was: it may be somebody else's."""

    @wraps(view)
    def under_rule(*args: Any, **kwargs: Any) -> HttpResponseBase:
        return view(*args, **kwargs)

    setattr(under_rule, _RULE, rule)
    return cast(View, under_rule)


def public(view: View) -> View:
    return ruled(Public(), view)


def cached_public(max_age: int) -> Callable[[View], View]:
    """Public, and the same for everybody for `max_age` seconds."""
    return lambda view: ruled(Public(max_age), view)


def holder(find: Finder) -> Callable[[View], View]:
    """What `find` gives is in `held(request, Type)`. None answers 404; a response is sent as it is."""
    return lambda view: ruled(Holder(find), view)


def signed_in(view: View) -> View:
    return ruled(SignedIn(), view)


def staff(*roles: Role) -> Callable[[View], View]:
    return lambda view: ruled(Staff(frozenset(roles)), view)


def declared(rule: Rule, patterns: list[URLPattern | URLResolver]) -> list[URLPattern | URLResolver]:
    """Somebody else's address patterns (allauth's), all under one rule, changed in place."""
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            declared(rule, pattern.url_patterns)
        elif rule_of(pattern.callback) is None:
            pattern.callback = ruled(rule, pattern.callback)
    return patterns


def rule_of(view: Callable[..., object]) -> Rule | None:
    return getattr(view, _RULE, None)


def rule_of_request(request: HttpRequest) -> Rule | None:
    """The rule of the view that answers; None before it is known and on error pages."""
    return getattr(request, _RULE, None)


def held(request: HttpRequest, kind: type[Held]) -> Held:
    """What the holder's rule found."""
    found = getattr(request, "loket_held", None)
    if not isinstance(found, kind):
        raise Http404
    return found


def staff_member(request: HttpRequest) -> StaffMember:
    """Who is at work. Only behind a staff rule."""
    return cast(StaffMember, request.staff)  # type: ignore[attr-defined]


def every_route() -> Iterator[Route]:
    """All addresses, for the tests that knock at each door."""
    yield from _routes(get_resolver().url_patterns, "", "")


def _routes(patterns: list[Any], before: str, space: str) -> Iterator[Route]:
    for pattern in patterns:
        path = before + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            inner = f"{space}{pattern.namespace}:" if pattern.namespace else space
            yield from _routes(pattern.url_patterns, path, inner)
        else:
            yield Route(path, f"{space}{pattern.name or ''}", pattern.callback, rule_of(pattern.callback))
