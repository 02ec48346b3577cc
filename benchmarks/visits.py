"""What visitors do: a whole journey, one page, one POST. Each is a generator of requests (see wire)."""

import itertools
import json
import random
import re
from collections.abc import Callable, Generator, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from benchmarks.wire import Answer, BadAnswer, Browser, Request, TurnedAway, Visit, form

AGENCY = "county-revenue"
TWO_PAGES, BY_QUESTION = "social-assistance", "social-assistance-by-question"
# About 700 characters, as the peers got.
_REASON = (
    "My employer closed the workshop at the end of last month and I have not found other work yet. "
    "My wife looks after our two small children and my mother, who is ill and lives with us. "
    "Our savings went on her medicine. We are two months behind with the rent and the landlord has "
    "written that we must leave if we do not pay by the end of next month. "
    "I have applied for eleven jobs and go to the employment office each week; in March I begin a course "
    "for electricians, which takes half a year and for which I get no pay. "
    "With help for rent and food over these months we could stay in our home, the children could stay in "
    "their school, and I could finish the course and look after my family again."
)
_PAGES: Mapping[str, tuple[str, ...]] = {
    "person": ("given_name", "family_name", "date_of_birth", "email", "phone", "street", "city", "postcode"),
    "household": (
        "household_size", "monthly_income", "housing", "start_date", "reason", "declaration",
    ),
}  # fmt: skip
_REFERENCE = re.compile(rb'loket-reference">([0-9A-Z]{4}-[0-9A-Z]{4})<')
_numbers = itertools.count(1)


@dataclass(frozen=True, slots=True)
class Tracked:
    """What leads back to a case: its reference with a mail address, or the cookie of whoever applied."""

    reference: str
    email: str
    grant: str


def person() -> tuple[str, str]:
    """Somebody new: an internet address, and a mail address that nobody else has."""
    number = next(_numbers)
    # Each their own, or all would share one café's limits.
    address = f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"
    return address, f"person{number}-{random.getrandbits(48):x}@home.example"


def answers(email: str) -> dict[str, object]:
    """The 14 answers as the API takes them."""
    return {
        "given_name": "Zuhura",
        "family_name": "Mwinyi",
        "date_of_birth": "1988-04-12",
        "email": {"channel": "email", "address": email},
        "phone": "+254712345678",
        "street": "Jacaranda Street 14",
        "city": "Tumaini",
        "postcode": "00100",
        "household_size": 5,
        "monthly_income": 18500,
        "housing": "rented",
        "start_date": f"{datetime.now(UTC):%Y-%m-%d}",
        "reason": _REASON,
        "declaration": True,
    }


def fields(question: str, value: object) -> dict[str, str]:
    """One answer as a browser's form sends it."""
    name = f"q-{question}"
    if question in {"date_of_birth", "start_date"}:
        year, month, day = str(value).split("-")
        return {f"{name}-day": str(int(day)), f"{name}-month": str(int(month)), f"{name}-year": year}
    if isinstance(value, dict):
        return {name: "email", f"{name}-email": value["address"], f"{name}-phone": ""}
    return {name: "yes" if value is True else str(value)}


def journey(service: str) -> Visit:
    """Start, each page shown and answered, check, submit, confirmation."""
    address, email = person()
    yield from applying(service, Browser(address), email)


def address_of(service: str) -> str:
    return f"/en/apply/{AGENCY}/{service}/"


def applying(service: str, browser: Browser, email: str) -> Generator[Request, Answer, Answer]:
    """The confirmation."""
    given = answers(email)
    base = address_of(service)
    at = _leads_to((yield browser.get(base, "start")))
    while not at.endswith("/check/"):
        page = at.rstrip("/").rpartition("/")[2]
        shown = yield browser.get(at, "page")
        _is(shown, 200, at)
        browser.keep(shown)
        asked = _PAGES.get(page) or (page.replace("-", "_"),)
        typed = {"csrfmiddlewaretoken": browser.token.decode()}
        for question in asked:
            typed |= fields(question, given[question])
        answered = yield browser.post(at, "answer", form(typed))
        browser.keep(answered)
        at = _leads_to(answered)
    shown = yield browser.get(at, "check")
    _is(shown, 200, at)
    submitted = yield browser.post(at, "submit", form({"csrfmiddlewaretoken": browser.token.decode()}))
    browser.keep(submitted)
    done = _leads_to(submitted)
    shown = yield browser.get(done, "confirmation")
    _is(shown, 200, done)
    return shown


def followed(service: str, keep: Callable[[Tracked], None]) -> Visit:
    """A journey whose confirmation is read and followed; `keep` gets what leads back to its case."""
    address, email = person()
    browser = Browser(address, packed=False)
    confirmation = yield from applying(service, browser, email)
    found = _REFERENCE.search(confirmation.body)
    if not found:
        raise BadAnswer("the confirmation has no reference")
    token = form({"csrfmiddlewaretoken": browser.token.decode()})
    browser.keep((yield browser.post(f"/en/apply/{AGENCY}/{service}/follow/", "follow", token)))
    keep(Tracked(found[1].decode(), email, browser.cookies[b"loket-case"].decode()))


def one_page(path: str, step: str, cookies: Mapping[str, str]) -> Visit:
    """The same page once more, over the same connection."""
    browser = Browser(person()[0], cookies={name.encode(): value.encode() for name, value in cookies.items()})
    _is((yield browser.get(path, step)), 200, path)


def tracked(cases: Iterator[Tracked]) -> Visit:
    """The stage and dates of a case, as whoever just applied looks at them."""
    browser = Browser(person()[0], cookies={b"loket-case": next(cases).grant.encode()})
    _is((yield browser.get("/en/track/case/", "tracking")), 200, "the tracker")


def looked_up(cases: Iterator[Tracked]) -> Visit:
    """By reference and mail address: the form, the look-up, the case."""
    case, browser = next(cases), Browser(person()[0])
    form_shown = yield browser.get("/en/track/", "track_form")
    _is(form_shown, 200, "the tracker's form")
    browser.keep(form_shown)
    typed = {"csrfmiddlewaretoken": browser.token.decode(), "reference": case.reference, "proof": case.email}
    found = yield browser.post("/en/track/", "look_up", form(typed))
    browser.keep(found)
    _is((yield browser.get(_leads_to(found), "tracking")), 200, "the tracker")


def whole_application(path: str, token: str) -> Visit:
    """All 14 answers by one POST of a program."""
    address, email = person()
    extra = f"Authorization: Bearer {token}\r\n".encode() if token else b""
    key = f"Idempotency-Key: {random.getrandbits(96):x}\r\n".encode()
    browser = Browser(address, extra=extra + key)
    body = json.dumps({"answers": answers(email), "language": "en"}).encode()
    _is((yield browser.send(path, "api", body)), 201, path)


def ceiling() -> Visit:
    """The same 14 answers to a plain view that writes one row."""
    address, email = person()
    browser = Browser(address)
    typed: dict[str, str] = {}
    for question, value in answers(email).items():
        typed |= fields(question, value)
    _is((yield browser.post("/", "ceiling", form(typed))), 302, "the ceiling")


def _leads_to(answer: Answer) -> str:
    _is(answer, 302, "what should lead on")
    return answer.header(b"location").decode("ascii")


def _is(answer: Answer, status: int, what: str) -> None:
    if answer.status == 503:
        raise TurnedAway
    if answer.status != status:
        raise BadAnswer(f"{what} answered {answer.status}: {answer.head[:300]!r} {answer.body[:300]!r}")
