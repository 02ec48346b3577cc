"""The API as django-ninja knows it: its operations, who may use each, what each takes in."""

import re
from collections.abc import Callable, Mapping
from typing import Any, NoReturn, TypeAlias

from django.http import HttpRequest, HttpResponseBase
from django.urls import URLPattern, path
from ninja import NinjaAPI
from ninja.parser import Parser

from loket.api.problems import MEDIA_TYPE
from loket.api.reading import Takes
from loket.web.access import Program, Rule, ruled

View: TypeAlias = Callable[..., HttpResponseBase]

SECURITY = "token"
_PARAMETER = re.compile(r"\{(\w+)\}")


class ReadAlready(Parser):
    """The door read the body, to tell what is wrong with it in its own way."""

    def parse_body(self, request: HttpRequest) -> dict[str, Any]:
        body: dict[str, Any] = request.loket_body  # type: ignore[attr-defined]
        return body


class Surface(NinjaAPI):
    """Problems are the door's business, so nothing is made of exceptions here."""

    def on_exception(self, request: HttpRequest, exc: Any) -> NoReturn:
        raise exc


surface = Surface(
    title="Loket",
    version="1",
    openapi_url=None,
    docs_url=None,
    parser=ReadAlready(),
    urls_namespace="api-surface",
)

_rules: dict[str, Rule] = {}
_takes: dict[str, dict[str, Takes]] = {}
_names: dict[str, str] = {}


def operation(
    method: str,
    address: str,
    *,
    rule: Rule,
    answers: Mapping[int, object],
    tag: str,
    summary: str,
    about: str,
    problems: tuple[int, ...] = (),
    takes: Takes = Takes.NOTHING,
    more: Mapping[str, Any] | None = None,
) -> Callable[[View], View]:
    """An operation under a rule, which all operations at one address share.

    `summary` and `about` are marked for translation: the page for people says them in its language.
    """
    if _rules.setdefault(address, rule) != rule:
        raise ValueError(f"{address} has two rules")
    if takes is not Takes.NOTHING:
        _takes.setdefault(address, {})[method] = takes

    def registered(view: View) -> View:
        _names.setdefault(address, view.__name__)
        surface.api_operation(
            [method],
            address,
            response=dict(answers),
            by_alias=True,
            operation_id=view.__name__,
            url_name=view.__name__,
            summary=summary,
            description=about,
            tags=[tag],
            openapi_extra=_with_more(_described(rule, problems), more or {}),
        )(view)
        return view

    return registered


def urls() -> list[URLPattern]:
    """One address pattern for each address, under its rule."""
    found = []
    for router in surface._get_bound_routers():
        for address, path_view in router.path_operations.items():
            view = ruled(_rules[address], path_view.get_view())
            view.loket_takes = _takes.get(address, {})  # type: ignore[attr-defined]
            route = _PARAMETER.sub(_converted, address).lstrip("/")
            found.append(path(route, view, name=_names[address]))
    return found


def _converted(parameter: re.Match[str]) -> str:
    """Words of ours and ids only: what else is in an address leads nowhere."""
    name = parameter[1]
    return f"<uuid:{name}>" if name.endswith("_id") else f"<slug:{name}>"


def _with_more(described: dict[str, Any], more: Mapping[str, Any]) -> dict[str, Any]:
    """What an operation says besides; its own answers stand beside the problems."""
    responses = {**described["responses"], **more.get("responses", {})}
    return {**described, **more, "responses": responses}


def _described(rule: Rule, problems: tuple[int, ...]) -> dict[str, Any]:
    """Security and problems, as OpenAPI tells them."""
    said = {"content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}}
    extra: dict[str, Any] = {
        "responses": {status: {"description": "A problem", **said} for status in (*problems, "default")}
    }
    if isinstance(rule, Program):
        extra["security"] = [{SECURITY: [rule.scope.value]}]
    else:
        extra["security"] = [{}, {SECURITY: []}]
    return extra
