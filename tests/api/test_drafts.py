"""Filling in by program, step by step: kept or refused as on the pages, held by its token alone."""

import json
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client

from loket.applications.models import Draft
from loket.casework.models import Case
from loket.files.models import StoredFile
from tests import county
from tests.api.scene import PDF, PROOF, SimpleUploadedFile

pytestmark = [pytest.mark.django_db(databases=["default", "keys"]), pytest.mark.usefixtures("at_the_county")]
BEGIN = "/api/v1/services/information-commission/freedom-of-information-request/drafts"
DRAFT = "/api/v1/draft"


def call(method: str, address: str, draft: str = "", body: Any = None) -> HttpResponse:
    headers = {"Loket-Draft": draft} if draft else {}
    content = json.dumps(body) if body is not None else ""
    return Client().generic(method, address, content, content_type="application/json", headers=headers)


def attach(draft: str, content: bytes = PDF, name: str = "proof.pdf", question: str = PROOF) -> HttpResponse:
    sent = {"file": SimpleUploadedFile(name, content)}
    return Client().post(f"{DRAFT}/files/{question}", sent, headers={"Loket-Draft": draft})


def begun(**answers: Any) -> str:
    told = call("POST", BEGIN, body={"answers": answers})
    assert told.status_code == 201, told.content
    return str(told.json()["draft_token"])


def test_a_draft_is_filled_in_bit_by_bit_and_sent_once() -> None:
    draft = begun(topic="Cost of the market road")
    first = call("GET", DRAFT, draft).json()
    assert first["answers"] == {"topic": "Cost of the market road"}
    assert "full_name" in first["open"]
    assert "draft_token" not in first
    rest = {**county.INFORMATION_ANSWERS, "about_me": True}
    told = call("PATCH", DRAFT, draft, {"answers": rest}).json()
    assert told["open"] == [PROOF]
    early = call("POST", f"{DRAFT}/submission", draft)
    assert (early.status_code, [one["question"] for one in early.json()["errors"]]) == (422, [PROOF])
    assert attach(draft).status_code == 201
    sent = call("POST", f"{DRAFT}/submission", draft)
    assert sent.status_code == 201
    again = call("POST", f"{DRAFT}/submission", draft)
    assert again.json() == sent.json()
    assert Case.objects.get().reference == sent.json()["reference"]
    over = call("PATCH", DRAFT, draft, {"answers": {"topic": "Other"}})
    assert (over.status_code, over.json()["code"]) == (409, "conflict")
    assert call("GET", DRAFT, draft).json()["reference"] == sent.json()["reference"]


def test_all_that_is_sent_is_kept_or_nothing() -> None:
    draft = begun(topic="Cost of the market road")
    wrong = call("PATCH", DRAFT, draft, {"answers": {"topic": "Bridge", "period_from": "yesterday"}})
    assert (wrong.status_code, wrong.json()["errors"][0]["question"]) == (422, "period_from")
    assert call("GET", DRAFT, draft).json()["answers"]["topic"] == "Cost of the market road"
    emptied = call("PATCH", DRAFT, draft, {"answers": {"period_to": None}}).json()
    assert emptied["answers"]["period_to"] is None
    needed = call("PATCH", DRAFT, draft, {"answers": {"topic": None}})
    assert [(one["question"], one["code"]) for one in needed.json()["errors"]] == [("topic", "missing")]


def test_files_are_taken_in_by_the_same_rules() -> None:
    draft = begun(**{**county.INFORMATION_ANSWERS, "about_me": True})
    bad = attach(draft, b"MZ not a pdf", "proof.pdf")
    assert (bad.status_code, bad.json()["errors"][0]["question"]) == (422, PROOF)
    assert attach(draft, question="topic").status_code == 404
    assert attach(draft, question="no_such").status_code == 404
    none = Client().post(f"{DRAFT}/files/{PROOF}", {"other": "x"}, headers={"Loket-Draft": draft})
    assert none.status_code == 400
    kept = attach(draft).json()["files"]
    assert [one["name"] for one in kept] == ["proof.pdf"]
    # A program may not say which stored files it means.
    named = call("PATCH", DRAFT, draft, {"answers": {PROOF: kept}})
    assert named.json()["errors"][0]["code"] == "wrong_shape"
    assert call("DELETE", f"{DRAFT}/files/{PROOF}/{kept[0]['id']}", draft).status_code == 204
    assert call("DELETE", f"{DRAFT}/files/{PROOF}/{kept[0]['id']}", draft).status_code == 404
    assert call("GET", DRAFT, draft).json()["open"] == [PROOF]
    assert not StoredFile.objects.exists()


def test_without_its_token_there_is_no_draft() -> None:
    draft = begun(topic="Roads")
    for wrong in ("A" * 43, draft[:-1] + ("A" if draft[-1] != "A" else "B")):
        for method, address in (("GET", DRAFT), ("PATCH", DRAFT), ("POST", f"{DRAFT}/submission")):
            body = {"answers": {}} if method == "PATCH" else None
            told = call(method, address, wrong, body)
            assert (told.status_code, told.json()["code"]) == (404, "no-such-draft")
    assert call("GET", DRAFT).status_code == 422
    assert call("DELETE", DRAFT, draft).status_code == 204
    assert call("DELETE", DRAFT, draft).status_code == 204
    assert not Draft.objects.exists()
    assert call("GET", DRAFT, draft).status_code == 404
