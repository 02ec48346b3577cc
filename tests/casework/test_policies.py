"""Who may do what: one table."""

import pytest

from loket.casework import policies
from loket.identity.types import Post, Role, StaffMember
from loket.kernel.ids import new_id

HERE, ELSEWHERE, DESK, BACK_OFFICE = 1, 2, 10, 11
WORKS, LOOKS, RECEIVES = "works", "looks", "receives"

# What a post allows on a case of the desk in the agency HERE.
TABLE: dict[Post, set[str]] = {
    Post(HERE, DESK, Role.OFFICER): {WORKS, LOOKS, RECEIVES},
    Post(HERE, DESK, Role.SUPERVISOR): {WORKS, LOOKS, RECEIVES},
    Post(HERE, BACK_OFFICE, Role.OFFICER): {LOOKS, RECEIVES},
    Post(HERE, BACK_OFFICE, Role.SUPERVISOR): {LOOKS, RECEIVES},
    Post(HERE, None, Role.OFFICER): {LOOKS, RECEIVES},
    Post(HERE, None, Role.SUPERVISOR): {WORKS, LOOKS, RECEIVES},
    Post(HERE, None, Role.PRIVACY_OFFICER): {LOOKS},
    Post(HERE, DESK, Role.PRIVACY_OFFICER): {LOOKS},
    **{
        Post(HERE, team, role): set()
        for team in (None, DESK)
        for role in (Role.PUBLISHER, Role.ANALYST, Role.ADMINISTRATOR)
    },
    **{Post(ELSEWHERE, None, role): set() for role in Role},
    # A team's number means nothing in another agency.
    Post(ELSEWHERE, DESK, Role.OFFICER): set(),
}


def _staff(*posts: Post) -> StaffMember:
    return StaffMember(new_id(), "Somebody", posts)


@pytest.mark.parametrize(
    ("post", "allowed"), TABLE.items(), ids=[f"{one.role}-{one.agency_id}-{one.team_id}" for one in TABLE]
)
def test_a_post_allows_what_the_table_says(post: Post, allowed: set[str]) -> None:
    staff = _staff(post)
    found = {
        WORKS: policies.may_work(staff, HERE, DESK),
        LOOKS: policies.may_look(staff, HERE),
        RECEIVES: policies.may_receive(staff, HERE),
    }
    assert {name for name, may in found.items() if may} == allowed


def test_every_role_is_in_the_table() -> None:
    assert {post.role for post in TABLE if post.agency_id == HERE} == set(Role)


def test_a_case_without_a_team_is_worked_by_supervisors_of_the_whole_agency_only() -> None:
    assert not policies.may_work(_staff(Post(HERE, DESK, Role.SUPERVISOR)), HERE, None)
    assert not policies.may_work(_staff(Post(HERE, None, Role.OFFICER)), HERE, None)
    assert policies.may_work(_staff(Post(HERE, None, Role.SUPERVISOR)), HERE, None)


def test_nobody_may_do_anything_without_a_post() -> None:
    staff = _staff()
    assert not policies.may_work(staff, HERE, DESK)
    assert not policies.may_look(staff, HERE)
    assert policies.working_posts(staff) == ()


def test_posts_add_up_but_do_not_mix() -> None:
    """An officer elsewhere who is an analyst here is no officer here."""
    staff = _staff(Post(ELSEWHERE, DESK, Role.OFFICER), Post(HERE, None, Role.ANALYST))
    assert not policies.may_work(staff, HERE, DESK)
    assert not policies.may_look(staff, HERE)
    assert [post.agency_id for post in policies.working_posts(staff)] == [ELSEWHERE]
