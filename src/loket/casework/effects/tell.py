"""`tell`: other agencies learn of the case, with just the answers named.

    tell: {agencies: offices_to_tell, answers: [full_name, new_address]}

`agencies` is a list of agency keys, or the id of a question whose chosen values are agency keys.
"""

from collections.abc import Collection

from pydantic import BaseModel, ConfigDict, JsonValue, ValidationError

from loket.casework.models import CaseEvent, Notice
from loket.casework.registry import Occasion
from loket.casework.types import Happened
from loket.forms.types import Answers
from loket.identity import queries as identity
from loket.kernel.actors import SYSTEM
from loket.kernel.ids import new_id


class Telling(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    agencies: str | tuple[str, ...]
    answers: tuple[str, ...]


class Tell:
    """Puts a notice into each agency's inbox. The answers stay sealed under the case's key."""

    def problems(self, argument: JsonValue, questions: Collection[str]) -> tuple[str, ...]:
        try:
            telling = Telling.model_validate(argument)
        except ValidationError as problem:
            return tuple(f"{'.'.join(map(str, error['loc']))}: {error['msg']}" for error in problem.errors())
        named = [*telling.answers, *([telling.agencies] if isinstance(telling.agencies, str) else [])]
        return tuple(f"There is no question “{name}”." for name in named if name not in questions)

    def perform(self, occasion: Occasion, argument: JsonValue) -> None:
        telling = Telling.model_validate(argument)
        for key in _chosen(telling, occasion.answers):
            agency = identity.agency(key)
            if agency is None or agency.id == occasion.case.agency_id:
                continue
            _, made = Notice.objects.get_or_create(
                case=occasion.case,
                agency_id=agency.id,
                defaults={"id": new_id(), "questions": list(telling.answers), "told_at": occasion.now},
            )
            if made:
                _on_the_timeline(occasion, agency.key)


def _chosen(telling: Telling, answers: Answers) -> tuple[str, ...]:
    if not isinstance(telling.agencies, str):
        return telling.agencies
    chosen = answers.get(telling.agencies)
    return tuple(str(key) for key in chosen) if isinstance(chosen, tuple) else ()


def _on_the_timeline(occasion: Occasion, agency_key: str) -> None:
    CaseEvent.objects.create(
        id=new_id(),
        case=occasion.case,
        agency_id=occasion.case.agency_id,
        happened=Happened.TOLD,
        at=occasion.now,
        actor_kind=SYSTEM.kind,
        action=agency_key,
        settles_at=occasion.now,
        followed_up_at=occasion.now,
    )


effect = Tell()
