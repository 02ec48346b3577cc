"""Entries as moulds for others: for whoever makes a made-up past in bulk."""

from loket.audit.models import Entry
from loket.kernel.casting import Row
from loket.kernel.moulded import row_of


def entries_about(kind: str, about_id: str) -> tuple[Row, ...]:
    """Oldest first (1 statement)."""
    rows = Entry.objects.filter(about_kind=kind, about_id=about_id).order_by("id")
    return tuple(row_of(row) for row in rows)


def any_entry_about(kind: str, about_id: str = "") -> bool:
    """Whether there is one, about a thing of this kind or about this very thing (1 statement)."""
    rows = Entry.objects.filter(about_kind=kind)
    return (rows.filter(about_id=about_id) if about_id else rows).exists()
