"""What balancers ask: a process lives, and whether it is to be sent requests."""

from collections.abc import Iterator

import pytest
from django.db import connections
from django.test import Client
from pytest_django import DjangoAssertNumQueries, Settings

from loket.web import draining

pytestmark = pytest.mark.django_db(databases=["default", "keys"])


@pytest.fixture(autouse=True)
def _stays() -> Iterator[None]:
    yield
    draining.forget()


@pytest.fixture
def stranger() -> Client:
    return Client(REMOTE_ADDR="198.51.100.7")


@pytest.mark.parametrize("path", ["/live", "/alive"])
def test_living_touches_no_database_and_no_host_name(
    stranger: Client, path: str, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(0), django_assert_num_queries(0, using="keys"):
        response = stranger.get(path, headers={"host": "10.0.0.5"})
    assert (response.status_code, response.content) == (200, b"ok\n")
    assert not response.cookies


def test_ready_says_yes_and_no_more_to_strangers(stranger: Client) -> None:
    response = stranger.get("/ready", headers={"host": "10.0.0.5"})
    assert (response.status_code, response.content) == (200, b"ready\n")
    assert response.headers["Cache-Control"] == "no-store"
    assert not response.cookies


def test_this_machine_is_told_more_unless_a_proxy_asks_for_somebody(client: Client) -> None:
    told = client.get("/ready").json()
    assert told == {
        "ready": True, "main": True, "keys": True, "migrated": True, "draining": False, "worker_seconds": None
    }  # fmt: skip
    assert client.get("/ready", headers={"x-forwarded-for": "198.51.100.7"}).content == b"ready\n"


def test_who_knows_the_token_is_told_more(stranger: Client, settings: Settings) -> None:
    settings.HEALTH_TOKEN = "a long secret"
    assert stranger.get("/ready", headers={"authorization": "Bearer a long secret"}).json()["ready"] is True
    assert stranger.get("/ready", headers={"authorization": "Bearer another"}).content == b"ready\n"


def test_a_process_that_is_about_to_end_is_not_ready_but_lives(client: Client) -> None:
    draining.begin()
    assert client.get("/ready").status_code == 503
    assert client.get("/ready").json()["draining"] is True
    assert client.get("/live").status_code == 200


def test_tables_of_an_older_release_are_not_ready(client: Client) -> None:
    with connections["keys"].cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE app = 'keystore'")
    answer = client.get("/ready")
    assert answer.status_code == 503
    assert (answer.json()["migrated"], answer.json()["keys"]) == (False, True)


def test_tables_of_a_newer_release_are(client: Client) -> None:
    with connections["default"].cursor() as cursor:
        cursor.execute(
            "INSERT INTO django_migrations (app, name, applied) VALUES ('casework', '9999_new', now())"
        )
    assert client.get("/ready").status_code == 200


def test_the_worker_s_last_sign_is_told(client: Client) -> None:
    with connections["default"].cursor() as cursor:
        cursor.execute(
            "INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now() - interval '90 seconds')"
        )
    answer = client.get("/ready")
    assert answer.status_code == 200
    assert 89 < answer.json()["worker_seconds"] < 120


def test_the_databases_are_asked_once_a_second_however_many_ask(
    client: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    client.get("/ready")
    with django_assert_num_queries(0), django_assert_num_queries(0, using="keys"):
        for _ in range(5):
            client.get("/ready")


def test_an_answer_in_draining_ends_its_connection() -> None:
    def application(environ: object, start_response: object) -> list[bytes]:
        start_response("200 OK", [("A", "b")])  # type: ignore[operator]
        return [b""]

    def headers() -> list[tuple[str, str]]:
        seen: list[tuple[str, str]] = []
        draining.parting(application)({}, lambda status, given: seen.extend(given))
        return seen

    assert headers() == [("A", "b")]
    draining.begin()
    assert headers() == [("A", "b"), ("Connection", "close")]
