"""The reference for people: the description that programs read, as a page that needs no script."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from loket.api.examples import Example, examples
from loket.api.openapi import description
from loket.api.problems import KINDS
from loket.kernel.text import marked
from loket.web.access import public

_SCHEMAS = "#/components/schemas/"
_GROUPS: Mapping[str, str] = {
    "applications": marked("Applications"),
    "cases": marked("The agency’s cases"),
    "catalogue": marked("Services and agencies"),
    "description": marked("This description"),
    "drafts": marked("Drafts"),
    "webhooks": marked("Other systems"),
}


@dataclass(frozen=True, slots=True)
class Field:
    """A parameter or a field: its name, type and whether it has to be there."""

    name: str
    kind: str
    needed: bool
    where: str = ""


@dataclass(frozen=True, slots=True)
class OperationShown:
    """An operation with its example. `scope` is empty where everybody may."""

    name: str
    method: str
    address: str
    summary: str
    about: str
    scope: str
    parameters: tuple[Field, ...]
    body: tuple[Field, ...]
    answer: tuple[Field, ...]
    call: str
    status: int
    answered: str


@dataclass(frozen=True, slots=True)
class Group:
    tag: str
    title: str
    operations: tuple[OperationShown, ...]


@dataclass(frozen=True, slots=True)
class ProblemShown:
    code: str
    status: int
    title: str


@dataclass(frozen=True, slots=True)
class ReferencePage:
    groups: tuple[Group, ...]
    problems: tuple[ProblemShown, ...]
    description: str


@public
@require_safe
def show(request: HttpRequest) -> HttpResponse:
    page = ReferencePage(
        groups=_groups(),
        problems=tuple(ProblemShown(kind.code, kind.status, _(kind.title)) for kind in KINDS),
        description=f"{settings.PUBLIC_ADDRESS}/api/v1/openapi.json",
    )
    return render(request, "api/reference.html", {"page": page})


def _groups() -> tuple[Group, ...]:
    found: dict[str, list[OperationShown]] = {}
    for address, methods in description()["paths"].items():
        for method, told in methods.items():
            found.setdefault(told["tags"][0], []).append(_operation(method.upper(), address, told))
    return tuple(Group(tag, _(_GROUPS[tag]), tuple(operations)) for tag, operations in sorted(found.items()))


def _operation(method: str, address: str, told: Mapping[str, Any]) -> OperationShown:
    summary, about = told["summary"], told["description"]
    example = examples()[told["operationId"]]
    scopes = [scope for one in told["security"] for named in one.values() for scope in named]
    answered = told["responses"][example.status].get("content", {}).get("application/json", {})
    body = told.get("requestBody", {}).get("content", {})
    sent: Mapping[str, Any] = next(iter(body.values()), {})
    return OperationShown(
        name=told["operationId"],
        method=method,
        address=address,
        summary=_(summary),
        about=_(about),
        scope=scopes[0] if scopes else "",
        parameters=tuple(
            Field(one["name"], _type(one["schema"]), one["required"], one["in"])
            for one in told.get("parameters", ())
        ),
        body=tuple(_fields(sent.get("schema", {}))),
        answer=tuple(_fields(answered.get("schema", {}))),
        call=_call(method, address, told, example),
        status=example.status,
        answered=_json(example.answer),
    )


def _fields(schema: Mapping[str, Any]) -> Iterator[Field]:
    known = _resolved(schema)
    needed = known.get("required", ())
    for name, one in known.get("properties", {}).items():
        yield Field(name, _type(one), name in needed)


def _resolved(schema: Mapping[str, Any]) -> Mapping[str, Any]:
    reference = schema.get("$ref", "")
    if not reference:
        return schema
    found: Mapping[str, Any] = description()["components"]["schemas"][reference.removeprefix(_SCHEMAS)]
    return found


def _type(schema: Mapping[str, Any]) -> str:
    """A schema in few words: `text | null`, `list of ServiceCard`."""
    if "$ref" in schema:
        return str(schema["$ref"]).removeprefix(_SCHEMAS)
    if "anyOf" in schema:
        return " | ".join(_type(one) for one in schema["anyOf"])
    if "enum" in schema:
        return " | ".join(str(one) for one in schema["enum"])
    if schema.get("type") == "array":
        return f"list of {_type(schema.get('items', {}))}"
    return str(schema.get("format") or schema.get("type") or "any")


def _call(method: str, address: str, told: Mapping[str, Any], example: Example) -> str:
    """The example as curl would send it."""
    headers = [(name, value) for name, value in example.values.items() if name == "Authorization"]
    query = []
    for one in told.get("parameters", ()):
        name = one["name"]
        if name not in example.values:
            continue
        value = example.values[name]
        if one["in"] == "path":
            address = address.replace("{" + name + "}", value)
        elif one["in"] == "query":
            query.append(f"{name}={value.replace(' ', '+')}")
        else:
            headers.append((name, value))
    whole = f"{settings.PUBLIC_ADDRESS}{address}" + (f"?{'&'.join(query)}" if query else "")
    lines = [f"curl '{whole}'" if method == "GET" else f"curl -X {method} '{whole}'"]
    lines += [f"-H '{name}: {value}'" for name, value in headers]
    if "multipart/form-data" in told.get("requestBody", {}).get("content", {}):
        lines.append("-F 'file=@proof.pdf'")
    elif example.body is not None:
        lines += ["-H 'Content-Type: application/json'", f"-d '{_json(example.body)}'"]
    return " \\\n  ".join(lines)


def _json(value: object) -> str:
    return "" if value is None else json.dumps(value, indent=1, ensure_ascii=False)
