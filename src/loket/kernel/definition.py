"""What every part of a pack is made of: texts in languages, keys, sources of expressions."""

from collections.abc import Mapping
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

Key = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
LanguageCode = Annotated[str, StringConstraints(pattern=r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$")]
Words = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=2000)]
LocalText = Annotated[Mapping[LanguageCode, Words], Field(min_length=1)]
Source = Annotated[str, StringConstraints(min_length=1, max_length=2000)]


class Part(BaseModel):
    """A piece of a definition: never changed, and no key it doesn't know."""

    model_config = ConfigDict(frozen=True, extra="forbid")
