"""Many ids in one parameter."""

from collections.abc import Collection
from uuid import UUID

from django.db.models import Q
from django.db.models.expressions import RawSQL


def any_of(ids: Collection[UUID], column: str = "pk") -> Q:
    """Whether the column is one of these. As one array, written out here: a thousand parameters cost Django
    and the driver more than PostgreSQL needs to find the rows."""
    written = "{" + ",".join([one.hex for one in ids]) + "}"
    return Q(**{f"{column}__in": RawSQL("SELECT unnest(%s::uuid[])", (written,))})
