"""Background work."""

from django.core.management import call_command
from procrastinate.contrib.django import app


@app.periodic(cron="50 2 * * *")
@app.task(name="accounts.forget_sessions", queueing_lock="accounts.forget_sessions")
def forget_sessions(timestamp: int) -> None:
    """Deletes sessions of staff that have run out."""
    call_command("clearsessions")
