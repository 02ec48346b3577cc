"""At a desk: both services with scripts; staff by keyboard alone, from signing in to taking back."""

import pytest
from playwright.sync_api import Page

from tests.county import ADDRESS, ADDRESS_ANSWERS, INFORMATION, INFORMATION_ANSWERS
from tests.journeys.conftest import People
from tests.journeys.person import CONTINUE, Person, pack
from tests.journeys.secrets import PASSWORD, totp

_MANY_TABS = 80
OFFICER = "joseph.ndolo@example.org"


@pytest.mark.parametrize(
    ("key", "answers"),
    [(ADDRESS, ADDRESS_ANSWERS), (INFORMATION, INFORMATION_ANSWERS)],
    ids=["address", "information"],
)
def test_both_services_with_scripts(people: People, key: str, answers: dict[str, object]) -> None:
    person = people("en", desk=True)
    service, _ = pack(key)
    person.open()
    person.press(person.link(f"/{key}/"))
    person.press(person.link(f"/apply/{service.agency}/{key}/"))
    # Nothing answered: the sentence that says so gets the focus.
    person.press(CONTINUE)
    assert "govuk-error-summary" in person.page.evaluate("document.activeElement.className")
    person.fill_in(key, answers)
    person.press(CONTINUE)
    assert person.numbers
    assert person.page.locator("[data-print]").is_visible()


def test_staff_by_keyboard_alone(people: People) -> None:
    applicant = people("en")
    applicant.open(f"apply/information-commission/{INFORMATION}/")
    applicant.fill_in(INFORMATION, {**INFORMATION_ANSWERS, "topic": "Lamps on the quay"})
    applicant.press(CONTINUE)
    reference = applicant.numbers[0]

    officer = people("en", desk=True)
    officer.open("desk/")
    keys = Keys(officer)
    keys.write("#id_login", OFFICER)
    keys.write("#id_password", PASSWORD)
    keys.enter()
    keys.write("#id_code", totp())
    keys.enter()
    assert "/desk/" in officer.page.url, officer.words
    keys.go(f"main a[href$='/{reference}/']")
    assert reference in officer.heading
    keys.go("main a[href$='/act/refuse/']")
    keys.to("main form button.govuk-button")
    keys.enter()
    assert officer.page.locator(".govuk-error-summary").count() == 1
    keys.to("[name='reasons'][value='not_held']")
    officer.page.keyboard.press("Space")
    keys.write("#words", "We looked in both archives.")
    keys.to("main form button.govuk-button")
    keys.enter()
    # Back among the other cases; what was done, and taking it back, stand above them.
    assert reference in officer.page.inner_text(".loket-flash")
    assert reference not in officer.words
    keys.to("form[action*='/undo/'] button")
    keys.enter()
    assert officer.page.locator(f"main a[href$='/{reference}/act/refuse/']").count() == 1
    assert pack(INFORMATION)[0].workflow.stages["check"].label["en"] in officer.words
    keys.to(".loket-nav form button")
    keys.enter()
    officer.open("desk/")
    assert officer.page.locator("#id_password").count() == 1


class Keys:
    """Tab until there, then type, Space or Enter. Whatever gets the focus must show it."""

    def __init__(self, person: Person) -> None:
        self.person = person

    @property
    def page(self) -> Page:
        return self.person.page

    def to(self, selector: str) -> None:
        there = "selector => document.activeElement === document.querySelector(selector)"
        assert self.page.locator(selector).count() >= 1, f"{selector}: {self.person.words}"
        for _ in range(_MANY_TABS):
            if self.page.evaluate(there, selector):
                assert self.page.evaluate(_SHOWS), f"{selector} has the focus and doesn't show it"
                return
            self.page.keyboard.press("Tab")
        raise AssertionError(f"{_MANY_TABS} times Tab did not reach {selector}")

    def write(self, selector: str, text: str) -> None:
        self.to(selector)
        self.page.keyboard.type(text)

    def go(self, selector: str) -> None:
        self.to(selector)
        self.enter()

    def enter(self) -> None:
        with self.page.expect_navigation():
            self.page.keyboard.press("Enter")
        self.person.look()


_SHOWS = """() => {
    const style = getComputedStyle(document.activeElement);
    const outlined = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0;
    // Ticks and radios are drawn beside their invisible inputs.
    const beside = document.activeElement.nextElementSibling;
    const drawn = beside && getComputedStyle(beside, "::before").boxShadow !== "none";
    return outlined || style.boxShadow !== "none" || Boolean(drawn);
}"""
