"""Files. An upload is stored first; this kind reads references to what is stored.

The fields `id`, `name`, `size` and `type` must come from the stored answer, never from the browser, or one
person could name another's file.
"""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Literal

from pydantic import Field

from loket import expressions
from loket.forms.cleaning import clean, is_clean
from loket.forms.question import Question
from loket.forms.registry import QuestionKind
from loket.forms.types import FileRef, JsonValue, ParseContext, Problem, Raw
from loket.forms.wording import grouped
from loket.kernel.text import Message, marked

WRONG_TYPE = Message(marked("The file “%(name)s” must be one of: %(types)s"))
TOO_BIG = Message(marked("The file “%(name)s” must be %(limit)s MB or smaller"))
TOO_MANY = Message(marked("Too many files: the most is %(limit)s. Remove some first"))
BROKEN = Message(marked("Something went wrong with the upload. Choose the file again"))

_MEDIA_TYPES = {"pdf": "application/pdf", "jpeg": "image/jpeg", "png": "image/png"}
_NAME_LIMIT, _ID_LIMIT = 255, 100
_NAMELESS = "file"
_MEGABYTE = 1024 * 1024
_SIZE_DIGITS = 12


class FileQuestion(Question):
    """`max_mb` is each file's, not their sum."""

    kind: Literal["file"]
    types: tuple[Literal["pdf", "jpeg", "png"], ...] = Field(default=("pdf", "jpeg", "png"), min_length=1)
    max_mb: int = Field(default=10, ge=1, le=100)
    max_files: int = Field(default=1, ge=1, le=20)

    @property
    def media_types(self) -> tuple[str, ...]:
        return tuple(_MEDIA_TYPES[name] for name in self.types)

    @property
    def max_bytes(self) -> int:
        return self.max_mb * _MEGABYTE

    @property
    def type_names(self) -> str:
        return ", ".join(name.upper() for name in self.types)


class File(QuestionKind[FileQuestion, tuple[FileRef, ...]]):
    key = "file"
    settings = FileQuestion
    missing = Message(marked("Choose a file for “%(question)s”"))

    def parse(
        self, question: FileQuestion, raw: Raw, context: ParseContext
    ) -> tuple[FileRef, ...] | Problem | None:
        columns = [raw.get(part, ()) for part in ("id", "name", "size", "type")]
        if len({len(column) for column in columns}) > 1:
            return Problem(BROKEN)
        files = tuple(_reference(*row) for row in zip(*columns, strict=True))
        if len(files) > question.max_files:
            return Problem(TOO_MANY.with_params(limit=question.max_files))
        for file in files:
            problem = Problem(BROKEN) if file is None else _refused(question, file, context.language)
            if problem is not None:
                return problem
        return tuple(file for file in files if file is not None) or None

    def to_json(self, question: FileQuestion, value: tuple[FileRef, ...]) -> JsonValue:
        return [asdict(file) for file in value]

    def from_json(self, question: FileQuestion, data: object) -> tuple[FileRef, ...]:
        if not isinstance(data, list) or not 0 < len(data) <= question.max_files:
            raise ValueError("expected a list of files")
        files = tuple(_from_json(entry) for entry in data)
        if any(_refused(question, file, "en") for file in files):
            raise ValueError("a file is too big, or of another type")
        return files

    def summary(
        self, question: FileQuestion, value: tuple[FileRef, ...], language: str
    ) -> tuple[str | Message, ...]:
        return tuple(file.name for file in value)

    def json_schema(self, question: FileQuestion) -> Mapping[str, JsonValue]:
        file: JsonValue = {
            "type": "object",
            "properties": {
                "id": {"type": "string", "minLength": 1, "maxLength": _ID_LIMIT},
                "name": {"type": "string", "minLength": 1, "maxLength": _NAME_LIMIT},
                "size": {"type": "integer", "minimum": 0, "maximum": question.max_bytes},
                "media_type": {"type": "string", "enum": list(question.media_types)},
            },
            "required": ["id", "name", "size", "media_type"],
            "additionalProperties": False,
        }
        return {"type": "array", "items": file, "minItems": 1, "maxItems": question.max_files}

    def raw_of_json(self, question: FileQuestion, data: object) -> Raw:
        raise ValueError("files are attached, not written")

    def expression_type(self, question: FileQuestion) -> expressions.Type:
        return expressions.list_of(expressions.TEXT)

    def expression_value(self, question: FileQuestion, value: tuple[FileRef, ...]) -> expressions.Value:
        return tuple(file.name for file in value)

    def raw(self, question: FileQuestion, value: tuple[FileRef, ...]) -> Raw:
        return {
            "id": tuple(file.id for file in value),
            "name": tuple(file.name for file in value),
            "size": tuple(str(file.size) for file in value),
            "type": tuple(file.media_type for file in value),
        }


def _reference(file_id: str, name: str, size: str, media_type: str) -> FileRef | None:
    if not (size.isascii() and size.isdigit() and len(size) <= _SIZE_DIGITS):
        return None
    if not is_clean(file_id, limit=_ID_LIMIT):
        return None
    kept = clean(name, limit=_NAME_LIMIT)
    # A file is worth more than its name.
    return FileRef(file_id, kept if isinstance(kept, str) and kept else _NAMELESS, int(size), media_type)


def _refused(question: FileQuestion, file: FileRef, language: str) -> Problem | None:
    if file.media_type not in question.media_types:
        return Problem(WRONG_TYPE.with_params(name=file.name, types=question.type_names))
    if file.size > question.max_bytes:
        return Problem(TOO_BIG.with_params(name=file.name, limit=grouped(question.max_mb, language)))
    return None


def _from_json(entry: object) -> FileRef:
    match entry:
        case {"id": str(id), "name": str(name), "size": int(size), "media_type": str(media), **rest} if (
            not rest
        ):
            file = _reference(id, name, str(size), media)
            if file is not None and file.name == name and not isinstance(size, bool):
                return file
    raise ValueError("expected a reference to a file")


kind = File()
