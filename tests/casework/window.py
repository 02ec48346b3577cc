"""A service whose result is made and handed over at a window of the civil registry."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from loket.casework import actions
from loket.casework.models import Case, Collection
from loket.casework.registry import effect_checks
from loket.casework.tracking import letters_of
from loket.catalogue import actions as catalogue
from loket.kernel.actors import SYSTEM
from loket.notifications.models import Message
from loket.notifications.types import SubjectKind
from loket.privacy import actions as privacy
from tests import county
from tests.casework import stall

# A Monday, noon in Nairobi.
NOW = datetime(2026, 11, 16, 9, 0, tzinfo=UTC)
KEY = "family-book"
OFFICER, COLLEAGUE, SUPERVISOR, STRANGER = (
    stall.OFFICER,
    stall.COLLEAGUE,
    stall.SUPERVISOR,
    stall.OTHER_AGENCY,
)

PACK = """
schema: 1
key: family-book
agency: civil-registry
title: {en: Get a family book, id: Mengurus buku keluarga, sw: Pata kitabu cha familia}
summary: {en: A book of your family., id: Buku keluarga Anda., sw: Kitabu cha familia yako.}
languages: [en, id, sw]
promise: {working_days: 5}
takes_minutes: 2
purpose: {en: To make your book., id: Untuk membuat buku Anda., sw: Kutengeneza kitabu chako.}
retention: {days: 30, after: closed}
form:
  pages:
    - id: you
      questions:
        - {id: full_name, kind: name, display: true,
           label: {en: What is your name?, id: Siapa nama Anda?, sw: Jina lako ni nani?}}
    - id: place
      questions:
        - {id: place, kind: centre,
           label: {en: Where will you pick it up?, id: Di mana Anda mengambilnya?, sw: Utachukua wapi?}}
    - id: contact
      questions:
        - {id: contact, kind: contact,
           label: {en: Where shall we write?, id: Ke mana kami menulis?, sw: Tukuandikie wapi?}}
workflow:
  start: look
  stages:
    look:
      kind: review
      team: registry-desk
      label: {en: Being checked, id: Sedang diperiksa, sw: Inakaguliwa}
      actions:
        approve: {to: pickup, label: {en: Approve, id: Setujui, sw: Kubali}}
        refuse: {to: refused, label: {en: Refuse, id: Tolak, sw: Kataa}}
    pickup:
      kind: collect
      team: registry-desk
      at: place
      remind: {days: 7}
      within: {days: 30}
      on_timeout: {to: gone}
      to: done
      label: {en: Your book, id: Buku Anda, sw: Kitabu chako}
    done: {kind: final, outcome: granted, label: {en: You have it, id: Sudah diterima, sw: Umekipata}}
    gone: {kind: final, outcome: withdrawn, label: {en: Not picked up, id: Tidak diambil, sw: Hakipo}}
    refused: {kind: final, outcome: refused, label: {en: Refused, id: Ditolak, sw: Imekataliwa}}
"""
ANSWERS: dict[str, Any] = {
    "full_name": "Wanjiru Kamau",
    "place": "bandarini",
    "contact": {"channel": "email", "address": "wanjiru@example.com"},
}
ON_PAPER: dict[str, Any] = {**ANSWERS, "contact": {"channel": "none", "address": ""}}


def open_window(now: datetime = NOW) -> None:
    county.county(now)
    catalogue.publish(source=PACK, by=SYSTEM, now=now, effects=effect_checks())


def sent(answers: Mapping[str, Any] = ANSWERS, *, now: datetime = NOW) -> Case:
    reference = county.send(KEY, answers, now=now)
    return Case.objects.get(reference=reference)


def approved(case: Case, now: datetime = NOW) -> None:
    """Approved and settled: the thing is being made."""
    stall.act(case, "approve", now=now)
    actions.settle(now=now + actions.UNDO_FOR)


def brought(case: Case, now: datetime = NOW) -> None:
    """At the counter, and its person told."""
    actions.arrived(case_ids=(case.id,), staff=county.staff(OFFICER), now=now)
    actions.settle(now=now + actions.UNDO_FOR)
    case.refresh_from_db()


def collection(case: Case) -> Collection:
    return Collection.objects.filter(case=case).latest("id")


def letters(case: Case) -> list[str]:
    """What the person got, the oldest first."""
    case.refresh_from_db()
    return [message.body for message in letters_of(case, privacy.open_key(case.key_id))]


def messages(case: Case) -> int:
    return Message.objects.filter(subject_kind=SubjectKind.CASE, subject_id=case.id).count()
