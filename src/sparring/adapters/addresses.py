"""Which addresses may be asked on behalf of somebody else: none of this machine's or its network's.

A name is checked where it is resolved, for the very addresses that the connection then takes, so that a name that
resolves differently the second time gains nothing.
"""

from __future__ import annotations

import asyncio
import ipaddress
import socket

from aiohttp import TCPConnector
from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.resolver import ThreadedResolver
from yarl import URL

from sparring.domain.errors import InvalidInput

_NAT64 = ipaddress.ip_network("64:ff9b::/96")


class PrivateAddress(InvalidInput):
    """An address that only this machine or its network knows."""

    code = "private_address"

    def __init__(self, host: str, address: str) -> None:
        where = host if host == address else f"{host} ({address})"
        super().__init__(
            f"{where} is an address of this machine or of a private network, which is not asked on behalf of the "
            "API. SPARRING_ALLOW_PRIVATE_NETWORKS=true allows it."
        )


async def check_address(url: str, allow_private: bool) -> None:
    """Look where an address leads.

    Raises:
        PrivateAddress: it leads to this machine or a private network, and that is not allowed.
        InvalidInput: it is no http address, or its host is not known.
    """
    host, port = _parts(url)
    if allow_private:
        return
    try:
        found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise InvalidInput(f"The host {host!r} of {url!r} is not known.") from None
    for *_, where in found:
        _check(host, str(where[0]))


def is_private(address: str) -> bool:
    """Whether an IP address is anything but one that the whole internet can reach."""
    ip: ipaddress.IPv4Address | ipaddress.IPv6Address = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address):
        teredo = ip.teredo
        inner = ip.ipv4_mapped or ip.sixtofour or (teredo[1] if teredo else None)
        if inner is None and ip in _NAT64:
            inner = ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
        if inner is not None:
            return is_private(str(inner))
    return not ip.is_global or ip.is_multicast


def guarded_connector(**options: object) -> TCPConnector:
    """Connections that are made to public addresses only; each resolves anew.

    An address that is written as a number is not resolved: `check_literal` is for those.
    """
    return TCPConnector(resolver=_PublicResolver(), use_dns_cache=False, **options)  # type: ignore[arg-type]


def check_literal(url: str | URL) -> None:
    """Refuse an address whose host is written as a private number.

    Raises:
        PrivateAddress: it is.
        InvalidInput: it is no http address.
    """
    host, _ = _parts(str(url))
    try:
        address = str(ipaddress.ip_address(host.partition("%")[0]))
    except ValueError:
        try:
            # Old spellings, such as 127.1 or one large number, which resolvers understand all the same.
            address = socket.inet_ntoa(socket.inet_aton(host))
        except (OSError, UnicodeError):
            return
    _check(host, address)


class _PublicResolver(AbstractResolver):
    """Resolves names, and refuses those of which any address is private."""

    def __init__(self) -> None:
        self._inner = ThreadedResolver()

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        found = await self._inner.resolve(host, port, family)
        for one in found:
            _check(host, one["host"])
        return found

    async def close(self) -> None:
        await self._inner.close()


def _check(host: str, address: str) -> None:
    if is_private(address):
        raise PrivateAddress(host, address)


def _parts(url: str) -> tuple[str, int]:
    try:
        parsed = URL(url)
        host, port = parsed.host, parsed.port
    except ValueError:
        host, port = None, None
    if not host or port is None or parsed.scheme not in ("http", "https"):
        raise InvalidInput(f"{url!r} is no address: it begins with http:// or https:// and names a host.")
    return host, port
