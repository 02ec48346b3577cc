"""Nobody writes into the head of an e-mail: what people type reaches letters as text or not at all."""

import pytest
from django.core import mail
from django.test import override_settings

from loket.applications import actions as applications
from loket.forms.registry import KINDS
from loket.forms.types import ParseContext, Problem
from loket.kernel import clock
from loket.kernel.actors import APPLICANT
from tests import county
from tests.portal.visitor import Visitor
from tests.worker import run_worker

INJECTED = (
    "a@example.com\r\nBcc: everybody@example.com",
    "a@example.com\nSubject: Won",
    "a@example.com%0aBcc: b@example.com",
    "a@example.com, b@example.com",
    "a@example.com;b@example.com",
    "<a@example.com> b@example.com",
    '"a\r\nBcc: b"@example.com',
    "a@example.com\u2028Bcc: b@example.com",
)


@pytest.mark.parametrize("typed", INJECTED)
def test_an_address_is_one_address(typed: str) -> None:
    kind = KINDS["contact"]
    question = kind.settings(id="contact", kind="contact", label={"en": "How?"})
    read = kind.parse(
        question, {"": ("email",), "email": (typed,)}, ParseContext(clock.now().date(), "KE", "en")
    )
    assert isinstance(read, Problem)


@pytest.mark.django_db(databases=["default", "keys"], transaction=True)
def test_answers_with_line_ends_never_reach_the_head_of_a_letter() -> None:
    now = clock.now()
    county.county(now)
    answers = {**county.ADDRESS_ANSWERS, "full_name": "Zuhura Mwinyi Bcc: x@example.com"}
    with override_settings(EMAIL_BACKEND="django.core.mail.backends.locmem.EmailBackend"):
        applications.submit(
            token=county.fill_in(county.ADDRESS, answers, now=now), language="en", by=APPLICANT, now=now
        )
        county.settle(now)
        run_worker()
    assert mail.outbox
    for letter in mail.outbox:
        head, _, _body = letter.message().as_string().partition("\n\n")
        assert letter.recipients() == ["zuhura@example.com"]
        assert "x@example.com" not in head
        assert "\n" not in letter.subject


@pytest.mark.django_db(databases=["default", "keys"])
def test_the_visitor_is_told_at_the_field(visitor: Visitor) -> None:
    visitor.open("apply/civil-registry/change-of-address/")
    visitor.post(visitor.path, {"q-full_name": "Zuhura Mwinyi"})
    page = visitor.post(
        "apply/civil-registry/change-of-address/save/", {"q-way": "email", "q-way-email": INJECTED[0]}
    )
    assert "govuk-error-summary" in page
    assert visitor.page_id == "save"
