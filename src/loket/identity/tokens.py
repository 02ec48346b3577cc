"""Tokens of programs: issued and revoked by administrators, found by their hash."""

import secrets
from collections.abc import Collection
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db import transaction

from loket.audit import actions as audit
from loket.identity.models import ApiToken
from loket.identity.types import ApiTokenView, IssuedToken, Scope
from loket.kernel.actors import Actor
from loket.kernel.ids import new_id, new_token, token_hash
from loket.kernel.refusals import Refusal
from loket.kernel.remembering import Remembered

# Secret scanners find what begins like this in a repository.
_BEGINS = "loket"
_PREFIX_LETTERS = "23456789abcdefghjkmnpqrstvwxyz"
_PREFIX_LENGTH = 8
_LONGEST_NAME = 100
_LONGEST_LIFE = timedelta(days=3 * 366)
# So long may a token that was revoked in another process still be taken for good.
_REMEMBERED_SECONDS = 5.0

_known: Remembered[bytes, ApiTokenView | None] = Remembered(1_000, _REMEMBERED_SECONDS)
_used: Remembered[tuple[UUID, date], None] = Remembered(1_000)


class TokenProblem(Refusal):
    """A token can't be issued so; `field` says what is wrong."""

    code = "token_problem"


def issue_token(
    *,
    agency_id: int,
    name: str,
    scopes: Collection[Scope],
    expires_at: datetime | None,
    by: Actor,
    now: datetime,
) -> IssuedToken:
    """A token for one program of one agency; whoever asks has to be allowed to. Raises TokenProblem."""
    wrong = {
        "name": not 0 < len(name.strip()) <= _LONGEST_NAME or not name.isprintable(),
        "scopes": not scopes,
        "expires_at": expires_at is not None and not now < expires_at <= now + _LONGEST_LIFE,
    }
    for field, is_wrong in wrong.items():
        if is_wrong:
            raise TokenProblem(field=field)
    prefix = "".join(secrets.choice(_PREFIX_LETTERS) for _ in range(_PREFIX_LENGTH))
    token = f"{_BEGINS}_{prefix}_{new_token()}"
    with transaction.atomic():
        row = ApiToken.objects.create(
            id=new_id(),
            agency_id=agency_id,
            name=name.strip(),
            prefix=prefix,
            token_hash=token_hash(token),
            scopes=sorted(scope.value for scope in scopes),
            created_at=now,
            created_by=by.id,
            expires_at=expires_at,
        )
        audit.record(
            "token.issued",
            by=by,
            about=f"token:{row.pk}",
            now=now,
            agency=agency_id,
            prefix=prefix,
            scopes=" ".join(row.scopes),
        )
    return IssuedToken(token, _view(row))


def revoke_token(*, token_id: UUID, agency_id: int, by: Actor, now: datetime) -> bool:
    """Ends a token of the agency; False where there is none that still works.

    Other processes follow within seconds.
    """
    with transaction.atomic():
        revoked = ApiToken.objects.filter(pk=token_id, agency_id=agency_id, revoked_at=None).update(
            revoked_at=now
        )
        if revoked:
            audit.record("token.revoked", by=by, about=f"token:{token_id}", now=now, agency=agency_id)
    _known.forget()
    return bool(revoked)


def token_shown(token: str, now: datetime) -> ApiTokenView | None:
    """The token that a program shows, where it still works. No statement while remembered, else 1.

    The first use in a day is written down (1 statement more).
    """
    digest = token_hash(token)
    found = _known.get(digest, lambda: _find(digest))
    if found is None or not found.works_at(now):
        return None
    today = now.date()
    if found.last_used_on != today:
        _used.get((found.id, today), lambda: _note_use(found.id, today))
    return found


def tokens_of(agency_id: int) -> tuple[ApiTokenView, ...]:
    """All tokens of an agency, also those that work no more, the latest first (1 statement)."""
    return tuple(
        _view(row) for row in ApiToken.objects.filter(agency_id=agency_id).order_by("-created_at", "-id")
    )


def forget_tokens() -> None:
    """Makes this process look again."""
    _known.forget()
    _used.forget()


def _note_use(token_id: UUID, today: date) -> None:
    ApiToken.objects.filter(pk=token_id).exclude(last_used_on=today).update(last_used_on=today)


def _find(digest: bytes) -> ApiTokenView | None:
    row = ApiToken.objects.filter(token_hash=digest).first()
    return None if row is None else _view(row)


def _view(row: ApiToken) -> ApiTokenView:
    return ApiTokenView(
        id=row.pk,
        agency_id=row.agency_id,
        name=row.name,
        prefix=row.prefix,
        # A newer release may have issued it.
        scopes=frozenset(scope for scope in Scope if scope.value in row.scopes),
        created_at=row.created_at,
        created_by=row.created_by,
        expires_at=row.expires_at,
        last_used_on=row.last_used_on,
        revoked_at=row.revoked_at,
    )
