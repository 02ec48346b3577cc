"""Writes: one transaction each."""

from loket.applications.actions.answering import answer
from loket.applications.actions.answering_some import (
    NoSuchFile,
    NotAnswered,
    answer_some,
    attach,
    detach,
)
from loket.applications.actions.counting import count_starts
from loket.applications.actions.discarding import discard, purge_expired
from loket.applications.actions.saving import (
    TooOften,
    return_by_link,
    return_by_pin,
    save_by_link,
    save_on_paper,
)
from loket.applications.actions.submitting import pin_of, submit
from loket.applications.actions.submitting_whole import (
    OnceKeyReused,
    purge_sent_once,
    submit_whole,
)

__all__ = [
    "NoSuchFile",
    "NotAnswered",
    "OnceKeyReused",
    "TooOften",
    "answer",
    "answer_some",
    "attach",
    "count_starts",
    "detach",
    "discard",
    "pin_of",
    "purge_expired",
    "purge_sent_once",
    "return_by_link",
    "return_by_pin",
    "save_by_link",
    "save_on_paper",
    "submit",
    "submit_whole",
]
