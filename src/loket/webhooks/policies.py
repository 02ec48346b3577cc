"""Who may say where an agency's events go."""

from loket.identity.policies import has_role
from loket.identity.types import Role, StaffMember


def may_manage(staff: StaffMember, agency_id: int) -> bool:
    """An administrator of the whole agency."""
    return has_role(staff, Role.ADMINISTRATOR, agency_id)
