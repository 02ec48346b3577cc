"""Nothing about a person stands in any log: answers, addresses, references and tokens are looked for."""

import json
import logging
from collections.abc import Mapping

import pytest
from django.db import DataError, connection
from django.test import Client, override_settings
from django.urls import path
from procrastinate.contrib.django.models import ProcrastinateJob

from loket.config import urls
from loket.kernel import clock
from loket.web.access import every_route
from tests.access import scene as making
from tests.access.doors import doors, strangers
from tests.access.scene import CANARY, Scene, scene
from tests.access.test_matrix import address
from tests.hostile.failing import broken
from tests.hostile.listening import listening
from tests.worker import run_worker

urlpatterns = [path("broken/", broken), *urls.urlpatterns]
handler500 = urls.handler500
pytestmark = pytest.mark.django_db(databases=["default", "keys"])
IP = "203.0.113.77"
TYPED = {
    "q-topic": CANARY,
    "reference": CANARY,
    "proof": f"{CANARY}@example.com",
    "number": CANARY,
    "code": CANARY,
    "text": CANARY,
    "reason": CANARY,
    "q": CANARY,
    "email": f"{CANARY}@example.com",
    "login": f"{CANARY}@example.com",
    "password": CANARY,
}


def marks(seen: Scene) -> Mapping[str, str]:
    cases = (seen.waiting, seen.fresh, seen.moved, seen.at_counter)
    return {
        "an answer or address": CANARY,
        "an IP address": IP,
        "a draft's token": seen.draft.token,
        "a link's token": seen.link,
        "a payment's token": seen.payment,
        "a certificate's number": "7K3P-2M9X-QR5T",
        **{f"reference {number}": case.reference for number, case in enumerate(cases)},
        **{f"staff {email}": email for email in (making.OFFICER, making.RECEIVER, making.SUPERVISOR)},
    }


@pytest.mark.django_db(databases=["default", "keys"], transaction=True)
def test_no_request_and_no_job_writes_a_word_about_anybody() -> None:
    """Every address, asked by who may and told by who may not, with marked words; then all jobs."""
    seen = scene(clock.now())
    someone = next(iter(strangers(seen).values()))
    sent = {"REMOTE_ADDR": IP, "HTTP_X_REQUEST_ID": f"{CANARY}1234567"}
    asked = 0
    with listening() as heard:
        for name, door in doors(seen).items():
            door.opens(seen).get(address(name, door), TYPED, **sent)
            someone.post(address(name, door), {**TYPED, **door.sends}, **sent)
            asked += 2
        number, jobs = _sent_by(seen)
        run_worker()
    assert asked >= 2 * len(list(every_route()))
    assert not heard.leaks(marks(seen))
    answered = [json.loads(line) for line in heard.lines if '"answered"' in line]
    assert len(answered) >= asked * 0.9
    assert all({"request", "route", "ms", "statements", "status"} <= line.keys() for line in answered)
    # What the request led to goes by its number, in the job and in what is logged about it.
    assert jobs
    assert set(jobs) == {number}
    done = [json.loads(line) for line in heard.lines if '"procrastinate' in line and "job_success" in line]
    assert number in {line.get("request") for line in done}


def _sent_by(seen: Scene) -> tuple[str, list[str]]:
    """Sends the draft: the request's number, and those that its jobs carry."""
    known = set(ProcrastinateJob.objects.values_list("id", flat=True))
    door = doors(seen)["portal:check"]
    answer = making.applicant(draft=making.new_draft(seen.now), now=seen.now).post(
        address("portal:check", door)
    )
    assert answer.status_code == 302
    made = ProcrastinateJob.objects.exclude(id__in=known)
    return answer.headers["X-Request-ID"], [job.args.get("request_id", "") for job in made]


def test_errors_of_the_database_keep_what_they_quote() -> None:
    log = logging.getLogger("django.request")
    with listening() as heard, connection.cursor() as cursor:
        try:
            cursor.execute("SELECT %s::integer", [CANARY])
        except DataError as error:
            told = str(error)
            log.exception("Internal Server Error: %s", f"/track/{CANARY}", extra={"status_code": 500})
    assert CANARY in told
    assert any("DataError" in line for line in heard.lines)
    assert not heard.leaks({"an answer": CANARY})


@override_settings(ROOT_URLCONF="tests.hostile.test_logs")
@pytest.mark.parametrize("language", ["en", "id", "sw"])
def test_a_fault_tells_a_number_to_quote_and_the_log_tells_the_same(language: str) -> None:
    client = Client(raise_request_exception=False)
    with listening() as heard:
        response = client.get("/broken/", headers={"accept-language": language})
    number = response.headers["X-Request-ID"]
    assert number in response.content.decode()
    told = [json.loads(line) for line in heard.lines if "ValueError" in line and line.startswith("{")]
    assert told
    assert {line["request"] for line in told} == {number}
    assert "failing.py" in str(told[0]["where"])
    assert not heard.leaks({"an answer": CANARY})


@pytest.mark.parametrize(
    ("logger", "write"),
    [
        ("loket.casework", lambda log: log.info("told %s", f"{CANARY}@example.com")),
        ("loket.casework", lambda log: log.info("told", extra={"fields": {"to": CANARY}})),
    ],
)
def test_a_planted_leak_is_found(logger: str, write) -> None:  # type: ignore[no-untyped-def]
    with listening() as heard:
        write(logging.getLogger(logger))
    assert heard.leaks({"an answer": CANARY})


def test_what_others_put_together_themselves_is_kept_back() -> None:
    with listening() as heard:
        logging.getLogger("somebody.elses").warning(f"could not mail {CANARY}")
        logging.getLogger("somebody.elses").warning("a sentence of its programmer")
    assert not heard.leaks({"an answer": CANARY})
    assert any("a sentence of its programmer" in line for line in heard.lines)


def test_a_request_id_of_a_trusted_proxy_is_kept_and_any_other_is_not() -> None:
    client, given = Client(), "0f8fad5b-d9cb-469f-a165-70867728950e"
    assert client.get("/alive", HTTP_X_REQUEST_ID=given).headers["X-Request-ID"] != given
    with override_settings(REQUEST_ID_FROM_PROXY=True):
        assert client.get("/alive", HTTP_X_REQUEST_ID=given).headers["X-Request-ID"] == given
        for odd in (
            "short1",
            "amina@example.org",
            "+254712345678",
            "0712345678",
            "x" * 90,
            "a b c d e f g 1 2 3",
        ):
            assert client.get("/alive", HTTP_X_REQUEST_ID=odd).headers["X-Request-ID"] != odd
