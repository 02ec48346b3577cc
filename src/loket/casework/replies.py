"""A question back to the applicant, as far as it has been answered."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from uuid import UUID

from loket.applications.drafts import journey_context
from loket.casework import sealing
from loket.casework.models import Case, Inquiry
from loket.casework.types import ReplyPage
from loket.catalogue import queries as catalogue
from loket.catalogue.compiled import CompiledService
from loket.forms.answering import answer_page, answers_from_json, answers_to_json, raw_of
from loket.forms.journey import Journey, JourneyPage
from loket.forms.types import Answers, JourneyContext, Problem
from loket.identity import queries as identity
from loket.identity.types import AgencyView
from loket.privacy import actions as privacy
from loket.privacy.actions import DataKey


@dataclass(frozen=True)
class Reply:
    """`original` are the case's answers, `answers` these with what was answered anew."""

    case: Case
    inquiry: Inquiry
    key: DataKey
    service: CompiledService
    agency: AgencyView
    message: str
    original: Answers
    answers: Answers
    context: JourneyContext
    journey: Journey

    @cached_property
    def pages(self) -> tuple[ReplyPage, ...]:
        """The pages to go through: those with reopened questions, or with ones that came to light."""
        return tuple(page for page in map(self._page, self.journey.pages) if page.open)

    def page(self, page_id: str) -> ReplyPage | None:
        return next((page for page in self.pages if page.id == page_id), None)

    @property
    def first_gap(self) -> str | None:
        """The first page still to be answered."""
        for page in self.pages:
            shown = self.journey.page(page.id)
            if not page.answered or (shown and self.blocking(page, shown.problems)):
                return page.id
        return None

    def blocking(self, page: ReplyPage, problems: Mapping[str, Problem]) -> Mapping[str, Problem]:
        """The problems that have to be mended.

        A closed answer that was good when it was sent, and isn't any more because its term has passed,
        is nothing this person can mend.
        """
        standing = self._standing(page.id) if problems else ()
        return {name: found for name, found in problems.items() if name in page.open or name not in standing}

    def _standing(self, page_id: str) -> Collection[str]:
        """What would be wrong with the page today if nothing were answered anew."""
        page = Journey(self.service.form, self.original, self.context).page(page_id)
        if page is None:
            return ()
        raw = {
            question.id: raw_of(self.service.form, self.original, question.id) for question in page.questions
        }
        return answer_page(self.service.form, self.original, page_id, raw, self.context).problems

    def _page(self, page: JourneyPage) -> ReplyPage:
        """Open are the reopened questions, and those that were not asked when the case was submitted."""
        names = [question.id for question in page.questions]
        opened = tuple(name for name in names if self._is_open(name))
        return ReplyPage(
            page.id,
            opened,
            tuple(name for name in names if name not in opened),
            self._is_answered(page, opened),
        )

    def _is_open(self, name: str) -> bool:
        kind = self.service.form.questions[name].kind
        if not kind.asks or not kind.asked_again:
            return False
        return name in self.inquiry.questions or name not in self.original

    def _is_answered(self, page: JourneyPage, opened: tuple[str, ...]) -> bool:
        """Whether the person went through the page: a reopened answer may well stay as it was."""
        seen = set(self.inquiry.pages_seen)
        return page.id in seen and not set(page.unanswered) & set(opened)


def open_inquiry(case_id: UUID, now: datetime) -> Inquiry | None:
    """What is being asked; an officer may take a question back until it settles."""
    waiting = Inquiry.objects.filter(case_id=case_id, answered_at=None, withdrawn_at=None)
    return waiting.filter(event__settles_at__lte=now).first()


def opened(case: Case, inquiry: Inquiry, now: datetime) -> Reply:
    """Opens the case's key and reads what was asked and answered."""
    service, agency = catalogue.compiled(case.version_id), identity.agency_known(case.agency_id)
    key = privacy.open_key(case.key_id)
    original = sealing.answers_of(key, case, service)
    answers = original
    if inquiry.sealed_reply is not None:
        answers = answers_from_json(
            service.form, sealing.as_record(sealing.unseal(key, case, "reply", inquiry.sealed_reply))
        )
    message = sealing.unseal(key, case, "inquiry", inquiry.sealed_message)
    context = journey_context(agency, case.language, now)
    journey = Journey(service.form, answers, context)
    return Reply(case, inquiry, key, service, agency, str(message), original, answers, context, journey)


def changes(service: CompiledService, before: Answers, after: Answers) -> Mapping[str, object]:
    """What was answered differently, by question: the former and the new answer as stored."""
    old, new = answers_to_json(service.form, before), answers_to_json(service.form, after)
    return {
        name: {"before": old.get(name), "after": new.get(name)}
        for name in sorted(old.keys() | new.keys())
        if old.get(name) != new.get(name)
    }
