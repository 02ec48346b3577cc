"""`loket agency` and `loket staff`: what an installation begins with."""

import pytest
from click.testing import CliRunner, Result

from loket.audit.models import Entry
from loket.config import command
from loket.identity import queries as identity
from loket.identity.types import Post, Role

pytestmark = pytest.mark.django_db
NAMES = ("--name", "en=Water Board", "--name", "id=Dinas Air", "--name", "sw=Bodi ya Maji")
SOMEBODY = ("staff", "add", "Wanjiru@example.org", "--full-name", "Wanjiru Kamau", "--agency", "water-board")


def loket(*words: str) -> Result:
    return CliRunner().invoke(command.main, words)


@pytest.fixture
def board() -> int:
    assert loket("agency", "add", "water-board", *NAMES, "--country", "ke").exit_code == 0
    assert loket("agency", "team", "water-board", "meters", *NAMES).exit_code == 0
    found = identity.agency("water-board")
    assert found is not None
    return found.id


def posts(email: str) -> tuple[Post, ...]:
    person = identity.person_by_email(email)
    assert person is not None
    member = identity.staff_member(person.id)
    return member.posts if member else ()


def test_an_agency_with_a_team_is_made_and_listed(board: int) -> None:
    assert identity.agency_known(board).country == "KE"
    assert "water-board  Water Board  meters" in loket("agency", "list").output


def test_an_agency_that_is_there_stays_as_it_is(board: int) -> None:
    again = loket("agency", "add", "water-board", "--name", "en=Something else")
    assert again.exit_code == 1
    assert "already" in again.output
    assert identity.agency_known(board).names["en"] == "Water Board"


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("agency", "add", "Water Board", *NAMES), 1),
        (("agency", "add", "water", *NAMES, "--timezone", "Nairobi"), 1),
        (("agency", "add", "water", "--name", "xx=Water"), 2),
        (("agency", "add", "water", "--name", "Water"), 2),
        (("agency", "team", "water", "meters", *NAMES), 1),
        (("staff", "list", "water"), 1),
    ],
)
def test_what_cannot_be_is_said_in_a_sentence(words: tuple[str, ...], code: int) -> None:
    said = loket(*words)
    assert said.exit_code == code, said.output
    assert "Traceback" not in said.output
    assert said.output.strip()
    assert identity.agency("water") is None


def test_somebody_gets_a_post_and_is_told_where_to_choose_a_password(board: int) -> None:
    said = loket(*SOMEBODY, "--role", "administrator")
    assert said.exit_code == 0, said.output
    assert "/password/new/" in said.output
    assert posts("wanjiru@example.org") == (Post(board, None, Role.ADMINISTRATOR),)
    assert Entry.objects.filter(action="membership.added").count() == 1
    assert "Wanjiru Kamau: administrator" in loket("staff", "list", "water-board").output


def test_a_post_in_a_team_is_taken_away_again(board: int) -> None:
    post = ("--role", "officer", "--team", "meters")
    assert loket(*SOMEBODY, *post).exit_code == 0
    assert len(posts("wanjiru@example.org")) == 1
    gone = ("staff", "remove", "wanjiru@example.org", "--agency", "water-board", *post)
    assert loket(*gone).exit_code == 0
    assert posts("wanjiru@example.org") == ()
    assert loket(*gone).exit_code == 1


@pytest.mark.parametrize(
    "words",
    [
        ("staff", "add", "wanjiru", "--full-name", "W", "--agency", "water-board", "--role", "officer"),
        ("staff", "add", "w@example.org", "--agency", "water-board", "--role", "officer"),
        (*SOMEBODY, "--role", "officer", "--team", "pipes"),
        (*SOMEBODY, "--role", "king"),
    ],
)
@pytest.mark.usefixtures("board")
def test_nobody_is_made_where_the_post_cannot_be(words: tuple[str, ...]) -> None:
    said = loket(*words)
    assert said.exit_code in {1, 2}, said.output
    assert identity.person_by_email("wanjiru@example.org") is None
    assert identity.person_by_email("w@example.org") is None
