"""What people do in many stories: start, pay, follow their case, fetch a document, pick something up."""

import subprocess
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import zxingcpp
from PIL import Image

from loket.config.sample import place
from tests.journeys.house import PATIENCE_SECONDS
from tests.journeys.person import CONTINUE, Person, pack
from tests.journeys.secrets import PASSWORD, totp

PICTURE = str(Path(place.__file__).parent / "specimen-card.png")
PRESS = "main form button.govuk-button"


def start(person: Person, key: str) -> None:
    """From the home page to the first question; what it costs is said on the way."""
    service, _ = pack(key)
    person.open()
    person.press(person.link(f"/services/{service.agency}/{key}/"))
    assert person.heading == service.title[person.language]
    assert service.fees[0].label[person.language] in person.page.inner_text("#costs + dl")
    person.press(person.link(f"/apply/{service.agency}/{key}/"))
    assert person.clicks <= 3


def apply(person: Person, key: str, answers: Mapping[str, Any], files: Mapping[str, str]) -> list[str]:
    """To the page on which all is checked; the steps on the way."""
    start(person, key)
    return person.fill_in(key, answers, files)


def send(person: Person) -> str:
    """From the page on which all is checked; the reference."""
    person.press(CONTINUE)
    return person.numbers[0]


def try_to_pay(person: Person, doing: str) -> None:
    """At the page that asks for the money: to the make-believe bank, and one of its buttons."""
    if person.page.locator("[name='way'][value='sandbox']").count():
        person.type("way", "sandbox")
    person.press(PRESS)
    assert "sandbox" in person.page.url, person.words
    person.press(f"button[name='doing'][value='{doing}']")


def pay(person: Person) -> None:
    """And the receipt is there at once."""
    try_to_pay(person, "approve")
    assert person.page.locator(".govuk-panel--confirmation").count() == 1, person.words
    assert person.page.locator(".loket-receipt__number").count() == 1


def follow(person: Person, reference: str, address: str) -> None:
    """From anywhere, by reference and address, to stage and dates."""
    person.open("track/")
    person.type("reference", reference)
    person.type("proof", address)
    person.press(PRESS)


def see_all(person: Person, reference: str, address: str) -> None:
    """The same, and with a one-time code the rest."""
    follow(person, reference, address)
    person.press("form[action$='/track/code/'] button")
    person.type("code", person.code_sent_to(address))
    person.press(PRESS)


def document(person: Person, title: str, folder: Path) -> Path:
    """The document of that name from the case page, once the worker has made it."""
    link = person.page.locator("#papers + ul a", has_text=title)
    until = time.monotonic() + PATIENCE_SECONDS
    while not link.count() and time.monotonic() < until:
        person.page.wait_for_timeout(250)
        person.page.reload()
    assert link.count() == 1, person.words
    answered = person.context.request.get(urljoin(person.page.url, link.get_attribute("href") or ""))
    assert answered.ok
    file = folder / f"{person.language}.pdf"
    file.write_bytes(answered.body())
    assert file.read_bytes().startswith(b"%PDF-")
    return file


def code_on(file: Path) -> str:
    """What the square code on the first page says, as a camera reads it."""
    picture = file.with_suffix("")
    command = ["pdftoppm", "-r", "200", "-png", "-f", "1", "-singlefile", str(file), str(picture)]
    subprocess.run(command, check=True)
    with Image.open(picture.with_suffix(".png")) as page:
        (found,) = zxingcpp.read_barcodes(page)
    return str(found.text)


def sign_in(officer: Person, email: str) -> None:
    officer.open("desk/")
    officer.type("login", email)
    officer.type("password", PASSWORD)
    officer.press(PRESS)
    used = totp()
    officer.type("code", used)
    officer.press(PRESS)
    if "/desk/" not in officer.page.url:
        # A code works once: another story of this half minute has used it.
        while totp() == used:
            officer.page.wait_for_timeout(500)
        officer.type("code", totp())
        officer.press(PRESS)
    assert "/desk/" in officer.page.url, officer.words


def hand_over(officer: Person, reference: str, pin: str) -> None:
    """At the counter, by reference: with the PIN that the person tells; a wrong one does not do."""
    officer.open("desk/counter/")
    officer.type("typed", reference)
    officer.press("form.loket-find button")
    assert reference in officer.heading
    for typed in ("000000" if pin != "000000" else "111111", pin):
        officer.page.locator("#proof").check()
        officer.type("pin", typed)
        officer.press("form:has(#pin) button.govuk-button")
    assert officer.page.locator(".govuk-error-summary").count() == 0, officer.words
