"""What a service's form says: pages, questions, checks and calculated values, as data."""

from typing import TYPE_CHECKING, Annotated, TypeAlias, Union

from pydantic import Field

from loket.forms.question import ExpressionSource, Identifier, LocalText, Option, Question, Strict
from loket.forms.registry import KINDS

__all__ = ["Calculated", "Check", "Form", "LocalText", "Option", "Page", "Question"]

if TYPE_CHECKING:
    AnyQuestion: TypeAlias = Question
else:
    # Folders decide which kinds there are, so the union is made when this module is first imported.
    AnyQuestion = Annotated[
        Union[tuple(found.settings for found in KINDS.all().values())],  # noqa: UP007
        Field(discriminator="kind"),
    ]

# A form larger than this is a mistake or an attack; the real ones seen have below 450 fields.
_MOST_PAGES = 300
_MOST_QUESTIONS = 200


class Check(Strict):
    """Must be true before the page is complete; `message` says what to change.

    `at` is the question the message belongs to; without it, the page's first.
    """

    check: ExpressionSource
    message: LocalText
    at: Identifier | None = None


class Page(Strict):
    """What is asked at once. `title` is shown where the page has more than one question."""

    id: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]{0,62}$")]
    title: LocalText | None = None
    when: ExpressionSource | None = None
    questions: tuple[AnyQuestion, ...] = Field(min_length=1, max_length=_MOST_QUESTIONS)
    checks: tuple[Check, ...] = ()


class Calculated(Strict):
    """A value that expressions may use by its id, worked out from answers."""

    id: Identifier
    value: ExpressionSource
    label: LocalText | None = None


class Form(Strict):
    pages: tuple[Page, ...] = Field(min_length=1, max_length=_MOST_PAGES)
    calculated: tuple[Calculated, ...] = ()
