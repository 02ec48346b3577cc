"""The one place where the present enters; faces and jobs call it, everything else takes `now`."""

from datetime import UTC, datetime


def now() -> datetime:
    """The present moment, aware, in UTC."""
    return datetime.now(UTC)
