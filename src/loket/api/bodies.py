"""The shapes of what is sent and answered, from which the description is made."""

from typing import Annotated, Any, Literal

from ninja import Schema
from pydantic import ConfigDict, Field

LanguageCode = Literal["en", "id", "sw"]
Key = Annotated[str, Field(pattern=r"^[a-z][a-z0-9]*(-[a-z0-9]+)*$", max_length=60)]


class Sent(Schema):
    """Refuses fields that it doesn't know."""

    model_config = ConfigDict(extra="forbid", strict=True)


class NewApplication(Sent):
    """Answers by the question's id, each as the service's definition describes it."""

    answers: dict[str, Any]
    language: LanguageCode | None = None


class Submitted(Schema):
    """An application that began."""

    reference: str
    status_address: str
    pay_address: str | None = None
    pin: str | None = None
