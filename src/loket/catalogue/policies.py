"""Who may do what in the catalogue."""

from loket.identity.policies import has_role
from loket.identity.types import Role, StaffMember

_PUBLISHERS = (Role.PUBLISHER, Role.ADMINISTRATOR)


def may_publish(staff: StaffMember, agency_id: int) -> bool:
    """Publishers and administrators of the whole agency; a post in one team isn't enough."""
    return any(has_role(staff, role, agency_id) for role in _PUBLISHERS)
