"""Who may do what with a case."""

from loket.identity.types import Post, Role, StaffMember

_WORKING = frozenset({Role.OFFICER, Role.SUPERVISOR})
_KEEPING_BOOKS = frozenset({Role.SUPERVISOR, Role.ADMINISTRATOR})
_WRITING = frozenset({Role.PUBLISHER, Role.SUPERVISOR, Role.ADMINISTRATOR})
_LOOKING = _WORKING | {Role.PRIVACY_OFFICER}


def may_work(staff: StaffMember, agency_id: int, team_id: int | None) -> bool:
    """Assigned work: an officer or supervisor of the case's team, or a supervisor of its whole agency."""
    return any(
        post.agency_id == agency_id
        and (
            (post.role in _WORKING and team_id is not None and post.team_id == team_id)
            or (post.role is Role.SUPERVISOR and post.team_id is None)
        )
        for post in staff.posts
    )


def may_withdraw(staff: StaffMember, agency_id: int, team_id: int | None) -> bool:
    """Withdrawing or replacing what was issued: a supervisor of the case's team or of its whole agency."""
    return any(
        post.agency_id == agency_id
        and post.role is Role.SUPERVISOR
        and (post.team_id is None or post.team_id == team_id)
        for post in staff.posts
    )


def may_look(staff: StaffMember, agency_id: int) -> bool:
    """Anyone else of the agency whose role touches cases: only with a typed reason, and it is recorded."""
    return any(post.agency_id == agency_id and post.role in _LOOKING for post in staff.posts)


def may_give_back(staff: StaffMember, agency_id: int, team_id: int | None) -> bool:
    """Giving money back: a supervisor of the case's team or of its whole agency."""
    return any(
        post.agency_id == agency_id and post.role is Role.SUPERVISOR and post.team_id in (None, team_id)
        for post in staff.posts
    )


def counters(staff: StaffMember) -> frozenset[int]:
    """The agencies whose money at the counter this person may take in and match."""
    return frozenset(post.agency_id for post in staff.posts if post.role in _WORKING)


def books(staff: StaffMember) -> frozenset[int]:
    """The agencies whose books this person may see, and whose refunds they may make by hand."""
    return frozenset(post.agency_id for post in staff.posts if post.role in _KEEPING_BOOKS)


def exports(staff: StaffMember, agency_id: int) -> frozenset[int] | None:
    """The teams of the agency whose cases this person may export; None: all of the agency's."""
    posts = [post for post in staff.posts if post.agency_id == agency_id and post.role is Role.SUPERVISOR]
    if any(post.team_id is None for post in posts):
        return None
    return frozenset(post.team_id for post in posts if post.team_id is not None)


def exports_at_server(staff: StaffMember, agency_id: int) -> frozenset[int] | None:
    """The same for whoever sits at the server itself: there an administrator of the agency has all of it."""
    if any(post.agency_id == agency_id and post.role is Role.ADMINISTRATOR for post in staff.posts):
        return None
    return exports(staff, agency_id)


def texts(staff: StaffMember) -> frozenset[int]:
    """The agencies whose messages this person may read before anybody gets them."""
    return frozenset(post.agency_id for post in staff.posts if post.role in _WRITING)


def may_receive(staff: StaffMember, agency_id: int) -> bool:
    """Reading what another agency told this one."""
    return any(post.agency_id == agency_id and post.role in _WORKING for post in staff.posts)


def working_posts(staff: StaffMember) -> tuple[Post, ...]:
    """The posts whose worklists this person sees."""
    return tuple(post for post in staff.posts if post.role in _WORKING)
