"""Nobody's endpoint makes us call our own house."""

import ipaddress
import socket
from typing import Any

import pytest
from pytest_django import Settings

from loket.webhooks import addresses, posting
from loket.webhooks.addresses import AddressRefused, looked_up, parsed
from loket.webhooks.types import BadAddress
from tests.webhooks.receiver import Receiver


@pytest.fixture(autouse=True)
def nothing_private(reachable: None, settings: Settings) -> None:
    settings.WEBHOOKS_PRIVATE = ()


def knows(monkeypatch: pytest.MonkeyPatch, *ips: str) -> list[str]:
    """The system's look-up gives these; the names that were asked for."""
    asked: list[str] = []

    def found(host: str, port: int, *_rest: Any, **_more: Any) -> list[Any]:
        asked.append(host)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (ip, port)) for ip in ips]

    monkeypatch.setattr(socket, "getaddrinfo", found)
    return asked


def test_an_address_is_taken_apart() -> None:
    target = parsed("https://hooks.example.org:8443/in/loket?team=1")
    assert (target.host, target.port, target.path) == ("hooks.example.org", 8443, "/in/loket?team=1")
    assert target.host_header == "hooks.example.org:8443"
    assert parsed("https://hooks.example.org").host_header == "hooks.example.org"
    assert parsed("https://[2001:4860:4860::8888]/").host_header == "[2001:4860:4860::8888]"


@pytest.mark.parametrize(
    ("address", "why"),
    [
        ("http://hooks.example.org/", "not_https"),
        ("ftp://hooks.example.org/", "not_an_address"),
        ("hooks.example.org", "not_an_address"),
        ("https://", "not_an_address"),
        ("https://hooks.example.org:99999/", "not_an_address"),
        ("https://hooks.example.org:0/", "not_an_address"),
        ("https://[::1", "not_an_address"),
        ("https://hooks.example.org/\nX: y", "not_an_address"),
        ("https://hooks.example.org/ x", "not_an_address"),
        ("https://hooks.example.org\\@evil.example/", "not_an_address"),
        ("https://" + "a" * 600 + ".example/", "not_an_address"),
        ("https://дом.example/", "not_an_address"),
        ("https://somebody:word@hooks.example.org/", "secret_in_address"),
        ("https://hooks.example.org/#x", "secret_in_address"),
        ("https://127.0.0.1/", "private_address"),
        ("https://127.1/", "private_address"),
        ("https://2130706433/", "private_address"),
        ("https://0x7f.1/", "private_address"),
        ("https://localhost/", "private_address"),
        ("https://localhost./", "private_address"),
        ("https://10.0.0.8/", "private_address"),
        ("https://172.16.4.4/", "private_address"),
        ("https://192.168.1.1/", "private_address"),
        ("https://169.254.169.254/latest/meta-data/", "private_address"),
        ("https://100.64.0.1/", "private_address"),
        ("https://0.0.0.0/", "private_address"),
        ("https://224.0.0.1/", "private_address"),
        ("https://255.255.255.255/", "private_address"),
        ("https://[::1]/", "private_address"),
        ("https://[::]/", "private_address"),
        ("https://[fe80::1]/", "private_address"),
        ("https://[fd00:ec2::254]/", "private_address"),
        ("https://[::ffff:127.0.0.1]/", "private_address"),
        ("https://[::ffff:a9fe:a9fe]/", "private_address"),
        ("https://[64:ff9b::7f00:1]/", "private_address"),
        ("https://[2002:7f00:1::]/", "private_address"),
    ],
)
def test_an_address_that_leads_nowhere_good_is_refused(address: str, why: str) -> None:
    with pytest.raises(BadAddress) as refused:
        parsed(address)
    assert refused.value.details["why"] == why


def test_a_name_is_judged_by_every_address_it_stands_for(monkeypatch: pytest.MonkeyPatch) -> None:
    target = parsed("https://hooks.example.org/")
    knows(monkeypatch, "93.184.216.34", "2606:2800:220:1:248:1893:25c8:1946")
    assert looked_up(target) == ("93.184.216.34", "2606:2800:220:1:248:1893:25c8:1946")
    for bad in ("127.0.0.1", "10.1.2.3", "169.254.169.254", "::1", "::ffff:10.0.0.1"):
        knows(monkeypatch, "93.184.216.34", bad)
        with pytest.raises(AddressRefused):
            looked_up(target)


def test_what_is_looked_at_is_what_is_called(monkeypatch: pytest.MonkeyPatch, settings: Settings) -> None:
    """A name is asked for once, so that it can't change its mind between the look and the call."""
    with Receiver() as receiver:
        asked = knows(monkeypatch, "127.0.0.1")
        refused = posting.post(f"https://inside.example:{receiver.port}/", b"{}", {})
        assert (refused.trouble, receiver.asked) == ("address_refused", 0)
        settings.WEBHOOKS_PRIVATE = (ipaddress.ip_network("127.0.0.0/8"),)
        headers = {"webhook-id": "x", "webhook-timestamp": "1", "webhook-signature": ""}
        taken = posting.post(f"http://inside.example:{receiver.port}/", b"{}", headers)
        assert (taken.trouble, taken.status) == ("", 204)
        assert receiver.told[0].host == f"inside.example:{receiver.port}"
    # The connection itself looks up the number that it was given.
    assert [host for host in asked if host != "127.0.0.1"] == ["inside.example"] * 2


def test_plain_http_reaches_private_networks_only(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.WEBHOOKS_PRIVATE = (ipaddress.ip_network("10.20.0.0/16"),)
    inside = parsed("http://records.county/")
    knows(monkeypatch, "10.20.0.7")
    assert looked_up(inside) == ("10.20.0.7",)
    for other in ("10.21.0.7", "93.184.216.34", "169.254.169.254"):
        knows(monkeypatch, other)
        with pytest.raises(AddressRefused):
            looked_up(inside)
    with pytest.raises(BadAddress):
        parsed("https://192.168.1.1/")


def test_a_name_that_nobody_knows_is_said_so(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(host: str, port: int, **more: Any) -> list[Any]:
        raise socket.gaierror(-2, "no such name")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    assert posting.post("https://no-such.example/", b"{}", {}).trouble == "unknown_host"
    assert posting.post("https://" + "a" * 70 + ".example/", b"{}", {}).trouble == "unknown_host"
    assert addresses.parsed("https://no-such.example/").port == 443
