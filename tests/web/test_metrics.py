"""Figures for Prometheus: who may read them, what they count, and that dead processes' counts stay."""

import os
import subprocess
import sys
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path

import pytest
from django.test import Client, override_settings
from prometheus_client import CollectorRegistry

from loket.kernel import clock
from loket.web import figures
from loket.web.standing import Standing
from tests import county

_TOKEN = "a-token-of-the-scraper"
_MOST_SECONDS = 0.000_05


@pytest.mark.parametrize(
    ("on", "token", "sent", "status"),
    [
        (False, "", {"REMOTE_ADDR": "127.0.0.1"}, 404),
        (True, "", {"REMOTE_ADDR": "127.0.0.1"}, 200),
        (True, "", {"REMOTE_ADDR": "10.1.2.3"}, 404),
        (True, "", {"REMOTE_ADDR": "127.0.0.1", "HTTP_X_FORWARDED_FOR": "127.0.0.1"}, 404),
        (True, "", {"REMOTE_ADDR": "127.0.0.1", "HTTP_FORWARDED": "for=127.0.0.1"}, 404),
        (True, _TOKEN, {"REMOTE_ADDR": "127.0.0.1"}, 404),
        (True, _TOKEN, {"REMOTE_ADDR": "10.1.2.3", "HTTP_AUTHORIZATION": f"Bearer {_TOKEN}"}, 200),
        (True, _TOKEN, {"REMOTE_ADDR": "10.1.2.3", "HTTP_AUTHORIZATION": "Bearer another"}, 404),
        (True, _TOKEN, {"REMOTE_ADDR": "10.1.2.3", "HTTP_AUTHORIZATION": "Bearer ünrecht"}, 404),
    ],
)
@pytest.mark.django_db(databases=["default", "keys"])
def test_who_may_read_them(
    tmp_path: Path, on: bool, token: str, sent: Mapping[str, str], status: int
) -> None:
    with override_settings(METRICS_TOKEN=token, METRICS_FOLDER=tmp_path if on else None):
        assert Client().get("/metrics", **sent).status_code == status


@pytest.mark.django_db(databases=["default", "keys"])
def test_they_tell_how_all_stands() -> None:
    now = clock.now()
    county.county(now)
    before = stood()
    county.send(county.INFORMATION, county.INFORMATION_ANSWERS, now=now - timedelta(days=400))
    county.send(county.INFORMATION, county.INFORMATION_ANSWERS, now=now)
    after = stood()
    assert before["loket_database_up"] == {(): 1}
    agency = ("information-commission",)
    assert after["loket_cases_open"][agency] - before["loket_cases_open"].get(agency, 0) == 2
    assert after["loket_cases_late"][agency] - before["loket_cases_late"].get(agency, 0) == 1
    assert after["loket_jobs_waiting"][()] > before["loket_jobs_waiting"][()]
    assert after["loket_job_oldest_seconds"][()] > 86_400 * 300
    assert after["loket_audit_unsealed_seconds"][()] > 0
    assert after["loket_messages_due"].keys() == {("email",), ("sms",)}


@pytest.mark.django_db(databases=["default", "keys"])
def test_the_database_is_not_asked_at_each_look(django_assert_num_queries: type) -> None:
    one = Standing()
    list(one.collect())
    with django_assert_num_queries(0):
        list(one.collect())


def test_processes_count_together_and_the_dead_stay_counted(tmp_path: Path) -> None:
    spent = float(counting(tmp_path, 3, "times").communicate()[0])
    assert spent < _MOST_SECONDS
    living = counting(tmp_path, 2, "stays")
    assert living.stdout is not None
    living.stdout.readline()
    assert added_up(tmp_path) == {("GET", "2xx"): 5, ("other", "5xx"): 5}
    assert len(list(tmp_path.glob("counter_*.db"))) == 2, "the dead in one file, the living one in its own"
    living.kill()
    living.communicate()
    again = counting(tmp_path, 1, "ends")
    again.communicate()
    for _ in range(2):
        assert added_up(tmp_path) == {("GET", "2xx"): 6, ("other", "5xx"): 6}
    assert [path.name for path in tmp_path.glob("counter_*.db")] == ["counter_dead.db"]


def stood() -> Mapping[str, Mapping[tuple[str, ...], float]]:
    return {
        family.name: {tuple(sample.labels.values()): sample.value for sample in family.samples}
        for family in Standing().collect()
    }


def added_up(folder: Path) -> Mapping[tuple[str, str], float]:
    registry = CollectorRegistry()
    with override_settings(METRICS_FOLDER=folder):
        figures.gathered(registry)
    return {
        (sample.labels["method"], sample.labels["status"]): sample.value
        for family in registry.collect()
        for sample in family.samples
        if sample.name == "loket_requests_total" and "timed" not in sample.labels["route"]
    }


def counting(folder: Path, times: int, then: str) -> subprocess.Popen[str]:
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "loket.config.settings",
        "LOKET_METRICS": "1",
        "LOKET_METRICS_FOLDER": str(folder),
        "PYTHONPATH": "src:.",
    }
    return subprocess.Popen(
        [sys.executable, "-m", "tests.web.scraped", str(times), then],
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
