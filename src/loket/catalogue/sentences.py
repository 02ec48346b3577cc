"""What pydantic found, as a sentence for somebody who writes packs, at a path into the file."""

import difflib
from collections.abc import Callable, Iterable, Mapping
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
    kind = detail["type"]
    if kind in _TELLING:
        return _TELLING[kind](detail)
    return _PLAIN.get(kind) or _as_sentence(detail["msg"])


def _missing(detail: ErrorDetails) -> str:
    return f"“{_last(detail)}” is missing here."


def _unknown_key(detail: ErrorDetails) -> str:
    name = _last(detail)
    return f"There is no key “{name}” here.{suggestion(name, known_keys(detail['loc'][:-1]))}"


def _other_word(detail: ErrorDetails) -> str:
    return f"This must be {_context(detail, 'expected')}."


def _kind_missing(detail: ErrorDetails) -> str:
    name = _context(detail, "discriminator").strip("'")
    return f"“{name}” is missing here."


def _kind_unknown(detail: ErrorDetails) -> str:
    given = _context(detail, "tag")
    known = [word.strip(" '") for word in _context(detail, "expected_tags").split(",")]
    return f"There is no kind “{given}”.{suggestion(given, known)}"


def _other_form(detail: ErrorDetails) -> str:
    return f"This doesn't have the form it must have ({_context(detail, 'pattern')})."


def _too_few(detail: ErrorDetails) -> str:
    least = _context(detail, "min_length")
    return "This may not be empty." if least == "1" else f"There must be at least {least} here."


def _too_many(detail: ErrorDetails) -> str:
    return f"There may be at most {_context(detail, 'max_length')} here."


def _own_words(detail: ErrorDetails) -> str:
    return _as_sentence(_context(detail, "error"))


_TELLING: Mapping[str, Callable[[ErrorDetails], str]] = {
    "missing": _missing,
    "extra_forbidden": _unknown_key,
    "literal_error": _other_word,
    "enum": _other_word,
    "union_tag_not_found": _kind_missing,
    "union_tag_invalid": _kind_unknown,
    "string_pattern_mismatch": _other_form,
    "too_short": _too_few,
    "too_long": _too_many,
    "value_error": _own_words,
}


def _last(detail: ErrorDetails) -> str:
    return str(detail["loc"][-1]) if detail["loc"] else ""


def _context(detail: ErrorDetails, key: str) -> str:
    return str(detail.get("ctx", {}).get(key, ""))


def _as_sentence(words: str) -> str:
    return f"{words[:1].upper()}{words[1:].rstrip('.')}."


def suggestion(given: str, known: Iterable[str]) -> str:
    """A sentence, after a space, that names what may have been meant; empty where nothing is known."""
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
