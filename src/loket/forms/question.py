"""What every question has, whatever its kind."""

from collections.abc import Mapping
from typing import Annotated, TypeAlias

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints

_Tag = Annotated[str, StringConstraints(pattern=r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$")]
_Words = Annotated[str, StringConstraints(min_length=1, max_length=10_000, pattern=r"\S")]

# One text in one or more languages, by BCP 47 tag.
LocalText: TypeAlias = Annotated[Mapping[_Tag, _Words], Field(min_length=1)]

# Names that expressions and form fields use; the length keeps field names and columns in bounds.
Identifier: TypeAlias = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,62}$")]

ExpressionSource: TypeAlias = Annotated[str, StringConstraints(min_length=1, max_length=2_000)]


def _number_as_text(given: object) -> object:
    # YAML reads `value: 1` as a number; an option's value is text all the same.
    return str(given) if isinstance(given, int) and not isinstance(given, bool) else given


class Strict(BaseModel):
    """A piece of a definition: immutable, and no key it doesn't know."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Option(Strict):
    """One of the answers to choose from. `value` is what is stored and what expressions see."""

    value: Annotated[
        str,
        BeforeValidator(_number_as_text),
        StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.:-]{0,99}$"),
    ]
    label: LocalText
    hint: LocalText | None = None


class Question(Strict):
    """One thing asked. Each kind adds its own settings in a subclass.

    `when` shows it only where true. `indexed`, `display`, `searchable` and `measure` say how the answer
    may be found and counted, `sensitive` that it is of a special category (health, belief, …).
    """

    id: Identifier
    kind: str
    label: LocalText
    hint: LocalText | None = None
    required: bool = True
    when: ExpressionSource | None = None
    indexed: bool = False
    display: bool = False
    searchable: bool = False
    measure: bool = False
    sensitive: bool = False
