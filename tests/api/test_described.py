"""The description is true: every operation is in it, has a rule, and its example works as shown."""

import copy
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client
from jsonschema import Draft202012Validator

from loket.api.examples import Example, examples
from loket.api.openapi import description
from loket.web.access import Program, Public, every_route
from tests.api.scene import Scene, scene

pytestmark = [pytest.mark.django_db(databases=["default", "keys"]), pytest.mark.usefixtures("at_the_county")]


@dataclass(frozen=True, slots=True)
class Operation:
    name: str
    method: str
    address: str
    told: Mapping[str, Any]


def operations() -> Iterator[Operation]:
    for address, methods in description()["paths"].items():
        for method, told in methods.items():
            yield Operation(told["operationId"], method, address, told)


def test_every_route_of_the_api_is_described_and_has_a_rule() -> None:
    described = {one.address for one in operations()}
    for route in every_route():
        if not route.name.startswith("api:") or route.name in {"api:callback", "api:receipt"}:
            continue
        address = "/" + re.sub(r"<\w+:(\w+)>", r"{\1}", route.pattern)
        assert address in described
        assert isinstance(route.rule, Public | Program)
        described.discard(address)
    assert not described


def test_security_is_told_as_the_rule_holds_it() -> None:
    rules = {route.name: route.rule for route in every_route()}
    for one in operations():
        rule = rules.get(f"api:{one.name}")
        if isinstance(rule, Program):
            assert one.told["security"] == [{"token": [rule.scope.value]}]
        elif rule is not None:
            assert {} in one.told["security"]


def test_every_operation_has_one_example_and_none_is_left_over() -> None:
    assert {one.name for one in operations()} == set(examples())


def test_every_schema_is_one_and_every_reference_leads_somewhere() -> None:
    told = json.loads(json.dumps(description()))
    assert told["openapi"].startswith("3.1.")
    for schema in told["components"]["schemas"].values():
        Draft202012Validator.check_schema(schema)
    for reference in references(told):
        assert reference.rpartition("/")[2] in told["components"]["schemas"]


def test_the_examples_work_and_answer_what_they_show() -> None:
    here = scene()
    wrong = []
    for one in operations():
        example = examples()[one.name]
        answer = tried(one, example, here)
        if answer.status_code != example.status:
            wrong.append((one.name, answer.status_code, answer.content[:300]))
            continue
        wrong += [(one.name, *found) for found in faults(one, example, answer)]
    assert not wrong


def test_a_lie_in_the_description_is_found() -> None:
    """The checks of the test before can fail."""
    here, one = scene(), next(one for one in operations() if one.name == "list_services")
    answer = tried(one, examples()[one.name], here)
    lying = copy.deepcopy(dict(one.told))
    lying["responses"][200]["content"]["application/json"]["schema"] = {"type": "array"}
    assert list(faults(Operation(one.name, one.method, one.address, lying), examples()[one.name], answer))


def tried(one: Operation, example: Example, here: Scene) -> HttpResponse:
    values = {**example.values, **here.values(one.name)}
    address = one.address
    query, headers = {}, {}
    for parameter in one.told.get("parameters", ()):
        name = parameter["name"]
        if name not in values:
            continue
        if parameter["in"] == "path":
            address = address.replace("{" + name + "}", values[name])
        elif parameter["in"] == "query":
            query[name] = values[name]
        else:
            headers[name] = values[name]
    if "Authorization" in values:
        headers["Authorization"] = values["Authorization"]
    if "multipart/form-data" in one.told.get("requestBody", {}).get("content", {}):
        return Client().post(address, {"file": here.upload()}, headers=headers)
    body = here.body(one.name, example.body)
    content = json.dumps(body) if body is not None else ""
    return Client().generic(
        one.method.upper(), address, content, content_type="application/json",
        query_params=query, headers=headers,
    )  # fmt: skip


def faults(one: Operation, example: Example, answer: HttpResponse) -> Iterator[tuple[str, str]]:
    content = one.told["responses"][example.status].get("content", {}).get("application/json")
    if content is None or not answer.content:
        return
    schema = {**content["schema"], "components": description()["components"]}
    for source, found in (("answer", answer.json()), ("example", example.answer)):
        for error in Draft202012Validator(schema).iter_errors(found):
            yield source, error.message
    if shape(example.answer) != shape(answer.json()) and one.name != "read_description":
        yield "shape", f"{shape(example.answer)} and {shape(answer.json())}"


def shape(value: Any) -> object:
    """The fields of an object and of the first in a list, not deeper: what is asked differs by service."""
    if isinstance(value, dict):
        return {name: shape(one) if name == "items" else None for name, one in sorted(value.items())}
    return [shape(value[0])] if isinstance(value, list) and value else None


def references(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for name, one in value.items():
            if name == "$ref":
                yield one
            yield from references(one)
    elif isinstance(value, list):
        for one in value:
            yield from references(one)
