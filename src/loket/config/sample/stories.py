"""What people of the population ask, and what becomes of it: a few courses, each in several shapes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from pydantic import BaseModel, ConfigDict
from ruamel.yaml import YAML

from loket.config.sample.lives import Course, Kind, Step
from loket.forms.types import JsonValue
from loket.notifications.types import Medium

INFORMATION, ADDRESS = "freedom-of-information-request", "change-of-address"
DESK = ("amina.wekesa@example.org", "joseph.ndolo@example.org", "grace.atieno@example.org")
REGISTRY = ("esther.chebet@example.org",)

# What stands in the example for everybody's own; no two alike, and none part of another.
_EXAMPLE = {
    "name": "Xqname Xqfamily",
    "email": "xqmail.Xqmail@example.org",
    "phone": "+254127654321",
    "topic": "Xqtopic",
    "information": "Xqinformation",
    "national_id": "90807061",
    "born_on": "1961-07-13",
    "old_street": "91 Xqold",
    "new_street": "92 Xqnew",
    "old_town": "Xqhere",
    "new_town": "Xqthere",
    "old_postcode": "98979",
    "new_postcode": "96959",
    "moved_on": "2001-02-14",
}


class Sayings(BaseModel):
    """What is said, by language."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    topics: Mapping[str, tuple[tuple[str, str], ...]]
    urgent: Mapping[str, str]
    asks: Mapping[str, str]
    replies: Mapping[str, str]
    refuses: Mapping[str, str]
    parts: Mapping[str, str]


@cache
def sayings() -> Sayings:
    return Sayings.model_validate(YAML(typ="safe").load(Path(__file__).parent / "population.yaml"))


@dataclass(frozen=True, slots=True)
class Shape:
    """How somebody answers. `fields` are the answers that are everybody's own."""

    service: str
    medium: Medium | None
    answers: Mapping[str, JsonValue]
    fields: tuple[str, ...]

    def course(self, language: str, staff: str, steps: tuple[Step, ...]) -> Course:
        answers = {**self.answers}
        if answers.get("urgent"):
            answers["urgency_reason"] = sayings().urgent[language]
        return Course(self.service, language, staff, answers, steps)

    @property
    def example(self) -> tuple[str, ...]:
        return tuple(_EXAMPLE[name] for name in self.fields)


_FIELDS = {Medium.EMAIL: "email", Medium.SMS: "phone"}


def _shape(service: str, medium: Medium | None, **answers: JsonValue) -> Shape:
    address = _EXAMPLE[_FIELDS[medium]] if medium else ""
    contact: JsonValue = {"channel": medium.value if medium else "none", "address": address}
    everything: dict[str, JsonValue] = {
        "full_name": _EXAMPLE["name"],
        **answers,
        "contact": contact,
        "declaration": True,
    }
    written = str(everything)
    fields = tuple(name for name, text in _EXAMPLE.items() if text in written)
    return Shape(service, medium, everything, fields)


def _asking(medium: Medium | None, *, access: str = "inspect", urgent: bool = False) -> Shape:
    return _shape(
        INFORMATION,
        medium,
        topic=_EXAMPLE["topic"],
        information=_EXAMPLE["information"],
        period_from=None,
        period_to=None,
        form_of_access=access,
        email_address=_EXAMPLE["email"] if access == "email" else None,
        about_me=False,
        urgent=urgent,
        for_organisation=False,
    )


def _place(when: str) -> Mapping[str, JsonValue]:
    return {
        "line1": _EXAMPLE[f"{when}_street"],
        "line2": "",
        "town": _EXAMPLE[f"{when}_town"],
        "region": "",
        "postcode": _EXAMPLE[f"{when}_postcode"],
        "country": "",
    }


def _moving(medium: Medium | None, tell: Sequence[str]) -> Shape:
    return _shape(
        ADDRESS,
        medium,
        date_of_birth=_EXAMPLE["born_on"],
        national_id=_EXAMPLE["national_id"],
        who_is_moving="me",
        old_address=_place("old"),
        new_address=_place("new"),
        move_date=_EXAMPLE["moved_on"],
        letters_to_new_address=True,
        agencies_to_tell=list(tell) or None,
    )


# With their share of what is sent.
SHAPES: tuple[tuple[float, Shape], ...] = (
    (0.34, _asking(Medium.SMS)),
    (0.20, _asking(Medium.EMAIL, access="email")),
    (0.05, _asking(None)),
    (0.06, _asking(Medium.SMS, urgent=True)),
    (0.15, _moving(Medium.SMS, ["tax-authority"])),
    (0.12, _moving(Medium.EMAIL, ["tax-authority", "electoral-commission"])),
    (0.05, _moving(Medium.SMS, [])),
    (0.03, _moving(None, [])),
)


def take() -> Step:
    return Step(Kind.TAKE)


def decide(action: str, language: str) -> Step:
    said = sayings()
    if action == "refuse":
        return Step(Kind.ACT, action, "investigation", said.refuses[language])
    if action == "partly_grant":
        return Step(Kind.ACT, action, "privacy", said.parts[language])
    return Step(Kind.ACT, action)


def ask(language: str) -> Step:
    return Step(Kind.ACT, "ask", says=sayings().asks[language], about="information")


def reply(language: str) -> Step:
    return Step(Kind.REPLY, says=sayings().replies[language], about="information")


REMIND, LAPSE = Step(Kind.REMIND), Step(Kind.TIME_OUT)
