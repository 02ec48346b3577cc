"""How often services are started, for what the home page calls popular."""

from datetime import datetime, timedelta

from django.db.models import Count

from loket.applications.models import Draft
from loket.catalogue import actions as catalogue

_RECENT = timedelta(days=30)


def count_starts(*, now: datetime) -> None:
    """Counts the drafts of the last thirty days by service, submitted or not. Idempotent."""
    recent = Draft.objects.filter(created_at__gt=now - _RECENT).order_by()
    counted = recent.values_list("version__service_id").annotate(Count("id"))
    catalogue.record_starts(starts=dict(counted))
