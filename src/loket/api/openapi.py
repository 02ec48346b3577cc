"""The OpenAPI 3.1 description, made from the operations that run."""

from functools import lru_cache
from typing import Any

from django.urls import reverse

from loket import __version__
from loket.api.bodies import Problem
from loket.api.examples import Example, examples
from loket.api.problems import MEDIA_TYPE
from loket.api.surface import SECURITY, surface

_REFERENCES = "#/components/schemas/{model}"
_ABOUT = (
    "Programs find services, apply, and work cases as people do on the pages. Problems are RFC 9457; "
    "lists have cursors; whoever sends an Idempotency-Key may send again."
)
_TOKEN = {
    "type": "http",
    "scheme": "bearer",
    "description": "An agency's token, with scopes. Public operations take none, or one for a larger pace.",
}


@lru_cache(maxsize=1)
def description() -> dict[str, Any]:
    """Made once a process."""
    made: dict[str, Any] = dict(surface.get_openapi_schema(path_prefix=_below()))
    made["info"] = {"title": "Loket", "version": f"1 ({__version__})", "description": _ABOUT}
    made["servers"] = [{"url": "/"}]
    problem = Problem.model_json_schema(ref_template=_REFERENCES)
    schemas = made["components"].setdefault("schemas", {})
    schemas |= problem.pop("$defs", {})
    schemas["Problem"] = problem
    made["components"]["securitySchemes"] = {SECURITY: _TOKEN}
    known = examples()
    for methods in made["paths"].values():
        for operation in methods.values():
            _exemplify(operation, known.get(operation["operationId"]))
    return made


def _below() -> str:
    """Where the operations are. Asking makes sure that they are known."""
    return reverse("api:read_description").removesuffix("openapi.json")


def _exemplify(operation: dict[str, Any], example: Example | None) -> None:
    if example is None:
        return
    content = operation.get("requestBody", {}).get("content", {}).get("application/json")
    if content is not None and example.body is not None:
        content["example"] = example.body
    answered = operation["responses"].get(example.status, {}).get("content", {})
    for media_type, told in answered.items():
        if media_type != MEDIA_TYPE and example.answer is not None:
            told["example"] = example.answer
    for parameter in operation.get("parameters", ()):
        if parameter["name"] in example.values:
            parameter["example"] = example.values[parameter["name"]]
