"""What pydantic finds wrong with a request, in sentences."""

from collections.abc import Mapping

from ninja.errors import ValidationError

from loket.api.problems import NOT_AS_DESCRIBED, ApiProblem, FieldError
from loket.kernel.text import Message, marked

_MOST_TOLD = 50
_SENTENCES: Mapping[str, tuple[str, str]] = {
    "extra_forbidden": ("unknown", marked("This address knows no such field")),
    "missing": ("missing", marked("This field is needed")),
}
_OTHERS = ("invalid", marked("This field is not as the description says"))
# Where ninja says where it found a field.
_SOURCES = frozenset({"body", "query", "path", "header", "form", "file"})


def not_as_described(wrong: ValidationError) -> ApiProblem:
    return ApiProblem(NOT_AS_DESCRIBED, errors=tuple(_told(error) for error in wrong.errors[:_MOST_TOLD]))


def _told(error: Mapping[str, object]) -> FieldError:
    code, sentence = _SENTENCES.get(str(error.get("type")), _OTHERS)
    where = error.get("loc")
    steps = [str(step)[:100] for step in where] if isinstance(where, tuple | list) else []
    # ("body", "<the argument's name>", field, …): the middle one is nobody's business.
    if steps and steps[0] == "body":
        steps = ["body", *steps[2:]]
    return FieldError("", ".".join(steps[:10]), Message(sentence), code)
