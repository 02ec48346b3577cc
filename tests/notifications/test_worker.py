"""The whole way: a real worker, a real mail server, and a worker killed in the middle."""

import logging
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from threading import Event, Thread
from urllib.parse import urlsplit, urlunsplit

import pytest
from django.conf import settings as django_settings

from loket.identity.types import AgencyView
from loket.kernel import clock
from loket.notifications.models import Message
from loket.notifications.pump import Pump
from loket.notifications.types import Medium
from tests.notifications.letters import SECRETS, sent
from tests.notifications.mail_server import Mailbox
from tests.worker import run_worker

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "keys"])

_ROOT = Path(__file__).resolve().parents[2]
_WORKER = """
import sys, django
django.setup()
from django.conf import settings
settings.EMAIL_CHANNEL, settings.EMAIL_HOST, settings.EMAIL_PORT = "smtp", "127.0.0.1", int(sys.argv[1])
settings.DEFAULT_FROM_EMAIL = "no-reply@loket.example"
from threading import Event
from loket.kernel import clock
from loket.notifications.pump import Pump
from loket.notifications.types import Medium
Pump(Medium.EMAIL, clock.now).run(Event())
"""


def test_a_worker_delivers_and_logs_only_ids(
    agency: AgencyView, mailbox: Mailbox, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING, "mail.log")  # the mail server's own
    caplog.set_level(logging.DEBUG)
    message = sent(agency.id, clock.now())
    mailbox.reply = "451 not now, {address}"
    run_worker()
    message.refresh_from_db()
    assert (message.state, message.last_error) == ("queued", "smtp_451")
    mailbox.reply = "250 OK"
    Message.objects.update(due_at=clock.now())
    run_worker()
    message.refresh_from_db()
    assert message.state == "sent"
    assert len(mailbox.mails) == 1
    assert str(message.id) in caplog.text
    assert not [secret for secret in SECRETS if secret in caplog.text]


def test_a_worker_killed_in_the_middle_loses_nothing(agency: AgencyView, mailbox: Mailbox) -> None:
    message = sent(agency.id, clock.now())
    mailbox.hold = True
    worker = start_worker(django_settings.EMAIL_PORT)
    try:
        until(lambda: bool(mailbox.mails), worker)
    finally:
        os.kill(worker.pid, signal.SIGKILL)
        worker.communicate()
    mailbox.hold = False
    message.refresh_from_db()
    assert message.state == "sending"
    run_worker()
    message.refresh_from_db()
    assert message.state == "sending", "its sender may still be alive"
    Message.objects.update(due_at=clock.now() - timedelta(seconds=1))
    run_worker()
    message.refresh_from_db()
    assert (message.state, message.attempts) == ("sent", 2)
    assert len(mailbox.mails) == 2
    assert len({mail["Message-ID"] for mail in mailbox.mails}) == 1


def test_a_pump_sends_what_comes_until_it_is_told_to_stop(agency: AgencyView, mailbox: Mailbox) -> None:
    """Also what comes while it runs, over connections that it keeps, and nothing twice."""
    stop, pump = Event(), Pump(Medium.EMAIL, clock.now, threads=2)
    running = Thread(target=pump.run, args=(stop,))
    running.start()
    try:
        for _ in range(2):
            written = [sent(agency.id, clock.now()) for _ in range(10)]
            deadline = time.monotonic() + 40
            while Message.objects.exclude(state="sent").exists() and time.monotonic() < deadline:
                time.sleep(0.1)
        assert not Message.objects.exclude(state="sent").exists()
    finally:
        stop.set()
        running.join(30)
    assert not running.is_alive()
    ids = {str(mail["Message-ID"]).strip("<>").partition("@")[0] for mail in mailbox.mails}
    assert len(ids) == len(mailbox.mails) == 20
    assert {str(message.id) for message in written} <= ids
    assert len(set(mailbox.peers)) <= 2, "a connection for each thread, not for each message"
    late = sent(agency.id, clock.now())
    time.sleep(1)
    late.refresh_from_db()
    assert late.state == "queued", "it was told to stop"


def start_worker(port: int) -> subprocess.Popen[str]:
    """A worker of its own process, on the tests' databases."""
    environment = {**os.environ, "PYTHONPATH": str(_ROOT / "src")}
    for name, alias in (("LOKET_DATABASE_URL", "default"), ("LOKET_KEYS_URL", "keys")):
        parts = urlsplit(os.environ[name])
        environment[name] = urlunsplit(parts._replace(path=f"/{django_settings.DATABASES[alias]['NAME']}"))
    return subprocess.Popen(
        [sys.executable, "-c", _WORKER, str(port)],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def until(true: Callable[[], bool], worker: subprocess.Popen[str], seconds: float = 40) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        if worker.poll() is not None:
            pytest.fail(f"the worker ended by itself:\n{worker.communicate()[0]}")
        if time.monotonic() > deadline:
            pytest.fail("the worker did not get there")
        time.sleep(0.05)
