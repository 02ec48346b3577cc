"""Where deliveries may go. An endpoint is somebody's text, and must not make us call our own house.

A name is looked up once for every try; each address it stands for must be one that anybody on the internet
could reach, or in a network that LOKET_WEBHOOKS_PRIVATE allows; and the connection goes to the very address
that was looked at, so that a name that changes its mind in between gains nothing.
"""

import ipaddress
import socket
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address
from typing import TypeAlias
from urllib.parse import urlsplit

from django.conf import settings

from loket.webhooks.types import BadAddress

Ip: TypeAlias = IPv4Address | IPv6Address

_LONGEST = 500
_PORTS = {"https": 443, "http": 80}
_NAT64 = ipaddress.ip_network("64:ff9b::/96")


class AddressRefused(Exception):
    """The name stands for an address that is not to be called."""


@dataclass(frozen=True, slots=True)
class Target:
    """An address taken apart. `path` includes the query; `host` is as TLS and the Host header need it."""

    scheme: str
    host: str
    port: int
    path: str

    @property
    def host_header(self) -> str:
        named = f"[{self.host}]" if ":" in self.host else self.host
        return named if self.port == _PORTS[self.scheme] else f"{named}:{self.port}"


def parsed(address: str) -> Target:
    """Refuses BadAddress; without a look-up, so an address that passes may still be refused when tried."""
    if len(address) > _LONGEST or not address.isascii() or not address.isprintable() or " " in address:
        raise BadAddress(why="not_an_address")
    try:
        parts = urlsplit(address)
        port = parts.port
    except ValueError:
        raise BadAddress(why="not_an_address") from None
    host = (parts.hostname or "").rstrip(".")
    if parts.scheme not in _PORTS or not host or "\\" in address or port == 0:
        raise BadAddress(why="not_an_address")
    if parts.scheme == "http" and not settings.WEBHOOKS_PRIVATE:
        raise BadAddress(why="not_https")
    if parts.username is not None or parts.password is not None or parts.fragment:
        raise BadAddress(why="secret_in_address")
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    target = Target(parts.scheme, host, port or _PORTS[parts.scheme], path)
    literal = _literal(host)
    if literal is not None and not _may_reach(literal, target):
        raise BadAddress(why="private_address")
    if host == "localhost" and not settings.WEBHOOKS_PRIVATE:
        raise BadAddress(why="private_address")
    return target


def looked_up(target: Target) -> tuple[str, ...]:
    """What to connect to. Raises AddressRefused where any is not allowed, OSError where none is known."""
    try:
        found = socket.getaddrinfo(target.host, target.port, type=socket.SOCK_STREAM)
    except UnicodeError:
        raise AddressRefused from None
    ips = dict.fromkeys(str(one[4][0]).partition("%")[0] for one in found)
    if not ips or not all(_may_reach(ipaddress.ip_address(ip), target) for ip in ips):
        raise AddressRefused
    return tuple(ips)


def _may_reach(ip: Ip, target: Target) -> bool:
    inner = _carried(ip)
    if inner is not None:
        return _may_reach(inner, target)
    if any(ip in network for network in settings.WEBHOOKS_PRIVATE if network.version == ip.version):
        return True
    return target.scheme == "https" and ip.is_global and not ip.is_multicast and not ip.is_reserved


def _carried(ip: Ip) -> IPv4Address | None:
    """The IPv4 address that an IPv6 one leads to."""
    if isinstance(ip, IPv4Address):
        return None
    if ip in _NAT64:
        return IPv4Address(int(ip) & 0xFFFFFFFF)
    return ip.ipv4_mapped or ip.sixtofour or (ip.teredo[1] if ip.teredo else None)


def _literal(host: str) -> Ip | None:
    """Also the spellings that only computers read: 127.1, 0x7f000001, 2130706433."""
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        pass
    try:
        return IPv4Address(socket.inet_aton(host))
    except (OSError, UnicodeError):
        return None
