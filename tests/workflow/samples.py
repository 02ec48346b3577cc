"""Small workflows for the tests."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from loket.expressions import Context
from loket.workflow import Workflow

CONTEXT = Context(now=datetime(2026, 11, 23, 9, 0, tzinfo=UTC))
FACTS: Mapping[str, Any] = {"years": 1, "urgent": False}


def label(text: str) -> dict[str, str]:
    return {"en": text}


def licence(**changes: Any) -> dict[str, Any]:
    """A workflow with every kind of stage; `changes` replace stages, None removes one."""
    stages: dict[str, Any] = {
        "sort": {
            "kind": "automatic",
            "label": label("Received"),
            "effects": [{"note": "received"}],
            "choose": [{"when": "years > 2", "to": "board"}, {"to": "check"}],
        },
        "check": {
            "kind": "review",
            "label": label("Being checked"),
            "team": "licensing",
            "within": {"working_days": 2},
            "actions": {
                "approve": {"to": "issue", "label": label("Approve"), "when": "!urgent"},
                "refuse": {
                    "to": "refused",
                    "label": label("Refuse"),
                    "reason": "required",
                    "reasons": [{"value": "expired", "label": label("It expired too long ago")}],
                },
                "ask": {"to": "waiting", "label": label("Ask for more"), "asks": True},
            },
        },
        "board": {
            "kind": "review",
            "label": label("With the board"),
            "team": "board",
            "actions": {"approve": {"to": "issue", "label": label("Approve")}},
        },
        "waiting": {
            "kind": "applicant",
            "label": label("Waiting for you"),
            "says": label("We need something from you."),
            "returns_to": "check",
            "within": {"days": 14},
            "on_timeout": {"to": "lapsed"},
        },
        "issue": {
            "kind": "automatic",
            "label": label("Being issued"),
            "effects": [{"issue": "licence"}, {"tell": ["police", "insurer"]}],
            "to": "granted",
        },
        "granted": {
            "kind": "final",
            "label": label("Granted"),
            "outcome": "granted",
            "effects": [{"count": {"as": "granted"}}],
        },
        "refused": {"kind": "final", "label": label("Refused"), "outcome": "refused"},
        "lapsed": {"kind": "final", "label": label("Closed"), "outcome": "withdrawn", "silent": True},
    }
    for key, stage in changes.items():
        if stage is None:
            stages.pop(key, None)
        else:
            stages[key] = stage
    return {"start": "sort", "stages": stages}


def workflow(**changes: Any) -> Workflow:
    return Workflow.model_validate(licence(**changes))
