"""Saving and coming back, by link and on paper."""

from datetime import timedelta
from uuid import UUID

import pytest

from loket.applications import actions, queries
from loket.applications.actions.saving import paper_pin
from loket.applications.drafts import KEPT_FOR, AlreadySubmitted, NoSuchDraft
from loket.applications.models import Draft
from loket.forms.types import Channel, Contact
from loket.kernel.actors import APPLICANT
from loket.notifications import queries as notifications
from loket.notifications.types import MessageView, SubjectKind
from tests.applications.filling import begun
from tests.casework import stall
from tests.casework.stall import NOW

pytestmark = pytest.mark.django_db(databases=["default", "keys"])


@pytest.fixture(autouse=True)
def _market() -> None:
    stall.open_market()


def _saved(token: str, language: str = "en") -> str:
    """The token of the link that was sent."""
    links: list[str] = []

    def address_of(link: str) -> str:
        links.append(link)
        return f"https://loket.example/saved/{link}"

    actions.save_by_link(
        token=token, contact=Contact(Channel.EMAIL, "wanjiru@example.com"), address_of=address_of,
        language=language, by=APPLICANT, now=NOW,
    )  # fmt: skip
    return links[0]


def _letters() -> tuple[MessageView, ...]:
    return notifications.messages_of(subject_kind=SubjectKind.DRAFT, subject_id=Draft.objects.get().id)


def test_a_link_opens_the_draft_and_shuts_out_the_old_computer() -> None:
    token = begun()
    link = _saved(token)
    new = actions.return_by_link(link_token=link, now=NOW)
    assert queries.draft(token, NOW) is None
    view = queries.draft(new, NOW)
    assert view is not None
    assert view.answers["full_name"] == "Wanjiru Kamau"


def test_a_second_link_kills_the_first() -> None:
    token = begun()
    first, second = _saved(token), _saved(token)
    with pytest.raises(NoSuchDraft):
        actions.return_by_link(link_token=first, now=NOW)
    assert actions.return_by_link(link_token=second, now=NOW)


def test_the_letter_holds_the_link_and_no_answer_in_the_persons_language() -> None:
    link = _saved(begun(), "sw")
    (letter,) = _letters()
    assert f"https://loket.example/saved/{link}" in letter.body
    assert "Kodi kibanda cha soko" in letter.subject
    assert "Wanjiru" not in letter.subject + letter.body
    assert letter.language == "sw"


def test_a_link_ends_with_the_draft() -> None:
    token = begun()
    link = _saved(token)
    with pytest.raises(NoSuchDraft):
        actions.return_by_link(link_token=link, now=NOW + KEPT_FOR)
    actions.discard(token=token, by=APPLICANT, now=NOW)
    with pytest.raises(NoSuchDraft):
        actions.return_by_link(link_token=link, now=NOW)


def test_after_submitting_no_way_leads_back_in() -> None:
    token = stall.draft()
    link, paper = _saved(token), actions.save_on_paper(token=token, now=NOW)
    stall.submitted(token)
    with pytest.raises(NoSuchDraft):
        actions.return_by_link(link_token=link, now=NOW)
    with pytest.raises(NoSuchDraft):
        actions.return_by_pin(reference=paper.reference, pin=paper.pin, now=NOW)
    with pytest.raises(AlreadySubmitted):
        actions.save_on_paper(token=token, now=NOW)
    with pytest.raises(AlreadySubmitted):
        _saved(token)


def _draft_id(token: str) -> UUID:
    view = queries.draft(token, NOW)
    assert view is not None
    return view.id


def test_the_same_pin_is_shown_again_on_this_computer() -> None:
    token = begun()
    first = actions.save_on_paper(token=token, now=NOW)
    again = actions.save_on_paper(token=token, now=NOW + timedelta(days=1))
    assert (first.reference, first.pin) == (again.reference, again.pin)
    assert first.pin == paper_pin(_draft_id(token))
    assert len(first.pin) == 8
    assert first.pin.isdecimal()


def test_reference_and_pin_open_the_draft_and_shut_out_the_old_computer() -> None:
    token = begun()
    paper = actions.save_on_paper(token=token, now=NOW)
    new = actions.return_by_pin(
        reference=paper.reference.lower().replace("-", " "), pin=f"{paper.pin[:4]}-{paper.pin[4:]}", now=NOW
    )
    assert queries.draft(token, NOW) is None
    assert queries.draft(new, NOW) is not None
    # The paper stays good, also when it is asked for again on the new computer.
    newer = actions.return_by_pin(reference=paper.reference, pin=paper.pin, now=NOW)
    other = actions.save_on_paper(token=newer, now=NOW)
    assert (other.reference, other.pin) == (paper.reference, paper.pin)


def test_guessing_a_pin_ends_after_ten_tries_on_one_reference() -> None:
    paper = actions.save_on_paper(token=begun(), now=NOW)
    wrong = f"{(int(paper.pin) + 1) % 10**8:08d}"
    for _ in range(10):
        with pytest.raises(NoSuchDraft):
            actions.return_by_pin(reference=paper.reference, pin=wrong, now=NOW)
    with pytest.raises(actions.TooOften):
        actions.return_by_pin(reference=paper.reference, pin=paper.pin, now=NOW)


def test_one_address_gets_five_links_an_hour_whoever_asks() -> None:
    for _ in range(5):
        _saved(begun())
    with pytest.raises(actions.TooOften):
        _saved(begun())


def test_a_wrong_pin_or_reference_opens_nothing_and_leaves_the_draft() -> None:
    token = begun()
    paper = actions.save_on_paper(token=token, now=NOW)
    wrong = f"{(int(paper.pin) + 1) % 10**8:08d}"
    for reference, pin in (
        (paper.reference, wrong),
        (paper.reference, ""),
        (paper.reference, paper.pin[:7]),
        (paper.reference, "\x00"),
        ("7K3P-2M9X", paper.pin),
        ("nonsense", paper.pin),
        ("", ""),
    ):
        with pytest.raises(NoSuchDraft):
            actions.return_by_pin(reference=reference, pin=pin, now=NOW)
    assert queries.draft(token, NOW) is not None


def test_a_draft_that_was_not_saved_has_no_pin() -> None:
    token = begun()
    with pytest.raises(NoSuchDraft):
        actions.return_by_pin(reference="", pin=paper_pin(_draft_id(token)), now=NOW)


@pytest.mark.parametrize("token", ["wrong", ""])
def test_a_wrong_token_is_not_saved(token: str) -> None:
    with pytest.raises(NoSuchDraft):
        actions.save_on_paper(token=token, now=NOW)
    with pytest.raises(NoSuchDraft):
        _saved(token)
