"""Who holds which role where. Other contexts build their own policies on these two questions."""

from loket.identity.types import Role, StaffMember


def has_role(staff: StaffMember, role: Role, agency_id: int, team_id: int | None = None) -> bool:
    """Whether `staff` holds `role` for one team, or for the whole agency where `team_id` is None.

    A post in the whole agency covers its teams; a post in a team covers that team and nothing else.
    """
    return any(
        post.role == role and post.agency_id == agency_id and post.team_id in (None, team_id)
        for post in staff.posts
    )


def has_role_somewhere(staff: StaffMember, role: Role, agency_id: int) -> bool:
    """Whether `staff` holds `role` in the agency or any of its teams: enough for a menu, not for a case."""
    return any(post.role == role and post.agency_id == agency_id for post in staff.posts)
