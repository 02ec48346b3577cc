"""What people write is nowhere in either database but under a seal.

Marked words are planted in everything a person or an officer can write, then every column of every table
of both databases is searched for them, in plain, in hex and in base 64.
"""

import base64
from collections.abc import Iterator
from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
from django.db import connections

from loket.applications import actions as applications
from loket.applications.types import Upload
from loket.casework import actions
from loket.forms.types import Channel, Contact, Raw
from loket.kernel.actors import APPLICANT
from loket.workflow.engine import GivenReason
from tests import county
from tests.casework import stall
from tests.casework.stall import NOW
from tests.files.samples import PDF

pytestmark = pytest.mark.django_db(databases=["default", "keys"])
LATER = NOW + timedelta(minutes=2)
SEALED = {
    "phone": "0733 CANARYPHONE",
    "dishes": "CANARYDISH",
    "file name": "CANARYFILE.pdf",
    "contact": "canaryaddress@example.com",
    "saved to": "canarysaved@example.com",
    "removed answer": "CANARYREMOVED",
    "note": "CANARYNOTE",
    "question back": "CANARYQUESTION",
    "partial reply": "CANARYPARTIAL",
    "reply": "CANARYREPLY",
    "reason": "CANARYREASON",
}
DISPLAYED = "CANARYNAME"


def _tables(database: str) -> Iterator[str]:
    with connections[database].cursor() as cursor:
        cursor.execute(
            "SELECT format('%I.%I', table_schema, table_name) FROM information_schema.tables"
            " WHERE table_type = 'BASE TABLE' AND table_schema NOT IN ('pg_catalog', 'information_schema')"
        )
        yield from [row[0] for row in cursor.fetchall()]


def _found(word: str) -> set[str]:
    """The tables in which the word stands, whatever the column's type."""
    spellings = {word.lower(), word.encode().hex()}
    spellings |= {base64.b64encode(b" " * n + word.encode()).decode()[4:-4].lower() for n in range(3)}
    tables = set()
    for database in ("default", "keys"):
        for table in _tables(database):
            with connections[database].cursor() as cursor:
                cursor.execute(f"SELECT lower(t::text) FROM {table} t")
                if any(spelling in row for (row,) in cursor.fetchall() for spelling in spellings):
                    tables.add(f"{database}:{table}")
    return tables


def _everywhere(words: dict[str, str]) -> dict[str, set[str]]:
    return {name: tables for name, word in words.items() if (tables := _found(word))}


def _file() -> Upload:
    return Upload(SEALED["file name"], BytesIO(PDF))


def _draft() -> str:
    answers: dict[str, Any] = {
        **stall.COOK,
        "full_name": DISPLAYED.title(),
        "phone": SEALED["phone"],
        "dishes": SEALED["dishes"],
        "contact": {"channel": "email", "address": SEALED["contact"]},
    }
    return stall.draft(answers, files={"hygiene": _file})


def _pass_through_everything() -> str:
    """From the first answer to the decision; each sealed word is written on the way. Gives the reference."""
    token = _draft()
    applications.answer(
        token=token, service=county.service(stall.KEY), page_id="you",
        raw={"full_name": {"": (DISPLAYED.title(),)}, "phone": {"": (SEALED["removed answer"],)}},
        files={}, removed={}, language="en", by=APPLICANT, now=NOW,
    )  # fmt: skip
    applications.answer(
        token=token, service=county.service(stall.KEY), page_id="you",
        raw={"full_name": {"": (DISPLAYED.title(),)}, "phone": {"": (SEALED["phone"],)}},
        files={}, removed={}, language="en", by=APPLICANT, now=NOW,
    )  # fmt: skip
    applications.save_by_link(
        token=token, contact=Contact(Channel.EMAIL, SEALED["saved to"]), address_of=lambda link: link,
        language="en", by=APPLICANT, now=NOW,
    )  # fmt: skip
    applications.save_on_paper(token=token, now=NOW)
    assert _everywhere({**SEALED, "name": DISPLAYED}) == {}
    case = stall.submitted(token)
    officer = county.staff(stall.OFFICER)
    actions.open_for_staff(reference=case.reference, reason="", staff=officer, now=NOW)
    actions.add_note(case_id=case.id, text=SEALED["note"], staff=officer, now=NOW)
    actions.send_code(case_id=case.id, language="en", now=NOW)
    stall.act(case, "ask", message=SEALED["question back"], questions=("dishes", "phone"))
    actions.settle(now=LATER)
    new_phone: Raw = {"": (SEALED["partial reply"],)}
    stall.answer_reply(case, "you", LATER, phone=new_phone)
    assert _everywhere(SEALED) == {}
    stall.answer_reply(case, "kitchen", LATER, dishes=SEALED["reply"])
    actions.send_reply(case_id=case.id, now=LATER)
    stall.act(case, "refuse", reason=GivenReason(("full",), SEALED["reason"]), now=LATER)
    actions.settle(now=LATER + timedelta(minutes=2))
    return case.reference


def test_nothing_that_was_written_stands_in_any_table() -> None:
    stall.open_market()
    reference = _pass_through_everything()
    assert _everywhere(SEALED) == {}
    # Seen by the search, and allowed to be: what the pack flags `display`, and references.
    assert _found(DISPLAYED) == {"default:public.casework_case"}
    assert "default:public.casework_case" in _found(reference)


@pytest.mark.parametrize("spelt", [str, lambda word: word.encode().hex(), lambda word: f"xx{word}yy"])
def test_the_search_sees_a_word_that_was_left_lying(spelt: Any) -> None:
    stall.open_market()
    case = stall.sent()
    for column, value in (("display", {"x": spelt("CANARYLEFT")}), ("sealed_contact", b"..CANARYLEFT..")):
        type(case).objects.filter(id=case.id).update(**{column: value})
        assert _found("CANARYLEFT") == {"default:public.casework_case"}
        type(case).objects.filter(id=case.id).update(display={}, sealed_contact=b"")
