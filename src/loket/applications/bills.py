"""Bills that an answer looks up: only number and fact come from the browser, all else from the register."""

from collections.abc import Mapping
from uuid import UUID

from loket.forms.cleaning import clean, first
from loket.forms.compiled import CompiledForm
from loket.forms.journey import JourneyPage
from loket.forms.kinds.bill.kind import TYPED, BillQuestion, why_not
from loket.forms.kinds.bill.reading import NUMBER_LIMIT, raw_of_bill
from loket.forms.types import Answers, BillRef, Problem, Raw, Value
from loket.kernel.refusals import Refusal
from loket.kernel.text import Message, marked
from loket.payments import bills
from loket.payments.types import BillView

CHANGED = Message(
    marked("“%(number)s” has changed since you looked it up. Everything is kept: please look at it once more")
)


class BillChanged(Refusal):
    """What was looked up is no longer so: `page` asks for it, `question` has the `problem`."""

    code = "bill_changed"

    def __init__(self, page: str, question: str, problem: Problem) -> None:
        super().__init__(page=page, question=question)
        self.page, self.question, self.problem = page, question, problem


def look_up(page: JourneyPage | None, raw: Mapping[str, Raw], agency_id: int) -> Mapping[str, Raw]:
    """The fields of the page's bill questions, with what was found for them. At most two statements each."""
    found: dict[str, Raw] = {}
    for question in page.questions if page else ():
        if isinstance(question, BillQuestion):
            typed = typed_only(raw.get(question.id, {}))
            found[question.id] = _looked_up(question, typed, agency_id)
    return found


def look_up_sent(form: CompiledForm, raw: Mapping[str, Raw], agency_id: int) -> dict[str, Raw]:
    """The same for fields of any pages: all of `raw`, with nothing found but by us."""
    found = dict(raw)
    for name, fields in raw.items():
        question = form.questions[name].definition if name in form.questions else None
        if isinstance(question, BillQuestion):
            found[name] = _looked_up(question, typed_only(fields), agency_id)
    return found


def without_finds(form: CompiledForm, raw: Mapping[str, Raw]) -> Mapping[str, Raw]:
    """Submitted fields less what a browser may not say of a bill: which it is, and what it costs."""
    return {name: typed_only(fields) if _is_bill(form, name) else fields for name, fields in raw.items()}


def typed_only(fields: Raw) -> Raw:
    return {part: fields[part] for part in TYPED if part in fields}


def newly_found(page: JourneyPage | None, before: Answers, after: Answers) -> tuple[str, ...]:
    """The page's bill questions with another bill than before: it is shown before the person goes on."""
    return tuple(
        question.id
        for question in (page.questions if page else ())
        if isinstance(question, BillQuestion)
        and _bill_id(after.get(question.id)) not in (None, _bill_id(before.get(question.id)))
    )


def numbers_typed(form: CompiledForm, raw: Mapping[str, Raw]) -> tuple[str, ...]:
    """The numbers that answering with these fields would look up, to be counted first."""
    typed = (first(fields, "number").strip() for name, fields in raw.items() if _is_bill(form, name))
    return tuple(bills.plain(number)[:100] for number in typed if number)


def numbers_sent(form: CompiledForm, given: Mapping[str, object]) -> tuple[str, ...]:
    """The same for answers sent as JSON."""
    bills_given = (given[name] for name in given if _is_bill(form, name))
    typed = (str(sent.get("number", "")).strip() for sent in bills_given if isinstance(sent, Mapping))
    return tuple(bills.plain(number)[:100] for number in typed if number)


def problems_now(form: CompiledForm, answers: Answers) -> Mapping[str, Problem]:
    """What is wrong today with the bills of the answers, by question. Two statements each."""
    found = {
        name: _problem(form.questions[name].definition, value, bills.bill(UUID(value.id)))
        for name, value in answers.items()
        if isinstance(value, BillRef)
    }
    return {name: problem for name, problem in found.items() if problem is not None}


def confirm(form: CompiledForm, answers: Answers) -> None:
    """Locks the bills of the answers until the transaction ends.

    Refuses BillChanged where one is not as it was found.
    """
    for name, value in answers.items():
        if not isinstance(value, BillRef):
            continue
        question = form.questions[name]
        now = bills.lock_bill(UUID(value.id))
        problem = _problem(question.definition, value, now)
        if problem is not None:
            raise BillChanged(page=question.page_id, question=name, problem=problem)


def _problem(question: object, found: BillRef, now: BillView | None) -> Problem | None:
    assert isinstance(question, BillQuestion)
    if now is not None and now.state.value not in question.takes:
        return Problem(why_not(now.state.value, found.number), "number")
    if now is None or (now.amount, now.due_on, now.state.value) != (found.amount, found.due_on, found.state):
        return Problem(CHANGED.with_params(number=found.number), "number")
    return None


def _looked_up(question: BillQuestion, typed: Raw, agency_id: int) -> Raw:
    number, fact = (clean(first(typed, part), limit=NUMBER_LIMIT) for part in TYPED)
    if isinstance(number, Problem) or isinstance(fact, Problem):
        return typed
    if not bills.plain(number) or not bills.plain(fact):
        return typed
    found = bills.find_bill(agency_id=agency_id, register=question.look_in, number=number, fact=fact)
    return _raw(found, fact) if found else typed


def _raw(found: BillView, fact: str) -> Raw:
    return raw_of_bill(
        BillRef(
            id=str(found.id),
            number=found.number,
            fact=fact,
            amount=found.amount,
            what=tuple(found.what.items()),
            place=found.place,
            issued_on=found.issued_on,
            due_on=found.due_on,
            state=found.state.value,
        )
    )


def _is_bill(form: CompiledForm, name: str) -> bool:
    return name in form.questions and isinstance(form.questions[name].definition, BillQuestion)


def _bill_id(value: Value) -> str | None:
    return value.id if isinstance(value, BillRef) else None
