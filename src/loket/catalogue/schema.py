"""The service language as a JSON Schema, for editors."""

from pydantic import JsonValue

from loket.catalogue.service import Service

_DIALECT = "https://json-schema.org/draft/2020-12/schema"


def json_schema() -> dict[str, JsonValue]:
    """JSON Schema (draft 2020-12) of a `service.yaml`. It shows the shape; lint knows the rest."""
    return {"$schema": _DIALECT, "title": "A Loket service", **_described()}


def _described() -> dict[str, JsonValue]:
    schema: dict[str, JsonValue] = Service.model_json_schema(by_alias=True)
    schema.pop("title", None)
    return schema
