"""What pydantic found, as a sentence for somebody who writes packs, at a path into the file."""

import difflib
from collections.abc import Iterable, Mapping
from functools import lru_cache

from pydantic import JsonValue
from pydantic_core import ErrorDetails

from loket.catalogue.reading import Path, Plain
from loket.catalogue.service import Service

_PLAIN = {
    "string_type": "This must be text; put it in quotes.",
    "int_type": "This must be a whole number.",
    "int_parsing": "This must be a whole number.",
    "int_from_float": "This must be a whole number.",
    "bool_type": "This must be true or false.",
    "bool_parsing": "This must be true or false.",
    "dict_type": "This must be a set of keys with their values.",
    "mapping_type": "This must be a set of keys with their values.",
    "model_type": "This must be a set of keys with their values.",
    "model_attributes_type": "This must be a set of keys with their values.",
    "tuple_type": "This must be a list.",
    "list_type": "This must be a list.",
    "string_too_short": "This may not be empty.",
}
_LISTED = 12


def real_path(data: Mapping[str, Plain], loc: Iterable[str | int]) -> Path:
    """pydantic's location without what isn't in the file: the tags of unions and marks such as `[key]`.

    A last element that names a missing key is kept off: the path leads to what exists.
    """
    path: Path = ()
    node: Plain = dict(data)
    for part in loc:
        if isinstance(node, dict) and part in node:
            node = node[str(part)]
        elif isinstance(node, list) and isinstance(part, int) and part < len(node):
            node = node[part]
        else:
            continue
        path = (*path, part)
    return path


def sentence(detail: ErrorDetails) -> str:
    """What is wrong and what to write instead."""
    kind, context = detail["type"], detail.get("ctx", {})
    last = detail["loc"][-1] if detail["loc"] else ""
    if kind == "missing":
        return f"“{last}” is missing here."
    if kind == "extra_forbidden":
        return f"There is no key “{last}” here.{_suggestion(str(last), known_keys(detail['loc'][:-1]))}"
    if kind in {"literal_error", "enum"}:
        return f"This must be {context.get('expected', 'one of the known words')}."
    if kind == "union_tag_not_found":
        return f"“{str(context.get('discriminator', 'kind')).strip(chr(39))}” is missing here."
    if kind == "union_tag_invalid":
        given = str(context.get("tag", ""))
        known = [word.strip(" '") for word in str(context.get("expected_tags", "")).split(",")]
        return f"There is no kind “{given}”.{_suggestion(given, known)}"
    if kind == "string_pattern_mismatch":
        return f"This doesn't have the form it must have ({context.get('pattern')})."
    if kind == "value_error":
        return _as_sentence(str(context.get("error", detail["msg"])))
    return _PLAIN.get(kind) or _as_sentence(detail["msg"])


def _as_sentence(words: str) -> str:
    return f"{words[:1].upper()}{words[1:].rstrip('.')}."


def _suggestion(given: str, known: Iterable[str]) -> str:
    names = sorted(set(known))
    close = difflib.get_close_matches(given, names, n=1, cutoff=0.6)
    if close:
        return f" Did you mean “{close[0]}”?"
    if not names:
        return ""
    listed = ", ".join(names[:_LISTED]) + (", …" if len(names) > _LISTED else "")
    return f" Known are: {listed}."


def known_keys(loc: Iterable[str | int]) -> tuple[str, ...]:
    """The keys that a definition may have at a location, from the JSON Schema."""
    schema: Mapping[str, JsonValue] = _schema()
    for part in loc:
        schema = _below(schema, part)
    properties = _resolved(schema).get("properties")
    return tuple(properties) if isinstance(properties, dict) else ()


@lru_cache(maxsize=1)
def _schema() -> Mapping[str, JsonValue]:
    return Service.model_json_schema(by_alias=True)


def _resolved(schema: Mapping[str, JsonValue]) -> Mapping[str, JsonValue]:
    """Follows references, and takes what isn't null where a value may be left out."""
    for _ in range(8):
        reference, any_of = schema.get("$ref"), schema.get("anyOf")
        if isinstance(reference, str):
            schema = _child(_child(_schema(), "$defs"), reference.rpartition("/")[2])
        elif isinstance(any_of, list):
            schema = next(
                (option for option in any_of if isinstance(option, dict) and option.get("type") != "null"), {}
            )
        else:
            break
    return schema


def _below(schema: Mapping[str, JsonValue], part: str | int) -> Mapping[str, JsonValue]:
    here = _resolved(schema)
    if isinstance(part, int):
        return _child(here, "items")
    tagged = _child(_child(here, "discriminator"), "mapping").get(part)
    if isinstance(tagged, str):
        return {"$ref": tagged}
    below = _child(here, "properties").get(part)
    if not isinstance(below, dict):
        below = here.get("additionalProperties") or next(
            iter(_child(here, "patternProperties").values()), None
        )
    return below if isinstance(below, dict) else here


def _child(schema: Mapping[str, JsonValue], key: str) -> Mapping[str, JsonValue]:
    found = schema.get(key)
    return found if isinstance(found, dict) else {}
