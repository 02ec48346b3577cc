"""Who may do what in the catalogue."""

from loket.identity.types import Role, StaffMember

_PUBLISHERS = frozenset({Role.PUBLISHER, Role.ADMINISTRATOR})


def may_publish(staff: StaffMember, agency_id: int) -> bool:
    """Publishers and administrators, each for an agency in which they hold that post."""
    return any(post.agency_id == agency_id and post.role in _PUBLISHERS for post in staff.posts)
