"""Connections to the databases: given up in bounded time when the network goes silent."""

import pytest
from django.db import connections


@pytest.mark.django_db(databases=["default", "keys"])
@pytest.mark.parametrize("alias", ["default", "keys"])
def test_a_server_that_vanishes_without_a_word_is_given_up(alias: str) -> None:
    connections[alias].ensure_connection()
    known = {option.keyword: option.val for option in connections[alias].connection.pgconn.info}
    silent = sum(int(known[name]) for name in (b"keepalives_idle", b"keepalives_interval"))
    assert 0 < silent <= 20
    assert 0 < int(known[b"tcp_user_timeout"]) <= 20_000
