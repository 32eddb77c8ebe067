"""Which addresses may be asked on behalf of somebody else."""

import asyncio
import socket

import pytest
from aiohttp import ClientSession

from sparring.adapters.addresses import PrivateAddress, check_address, check_literal, guarded_connector, is_private
from sparring.domain.errors import InvalidInput

PRIVATE = [
    "127.0.0.1",
    "10.1.2.3",
    "172.16.0.1",
    "192.168.1.1",
    "169.254.169.254",
    "100.64.0.1",
    "0.0.0.0",
    "224.0.0.1",
    "255.255.255.255",
    "::1",
    "::",
    "fe80::1%eth0",
    "fd00::1",
    "ff02::1",
    "::ffff:127.0.0.1",
    "2002:7f00:1::",
    "64:ff9b::a00:1",
]


@pytest.mark.parametrize("address", PRIVATE)
def test_addresses_of_this_machine_or_network_are_private(address):
    assert is_private(address)


@pytest.mark.parametrize("address", ["8.8.8.8", "1.1.1.1", "2606:4700:4700::1111", "::ffff:8.8.8.8"])
def test_addresses_that_everybody_can_reach_are_not(address):
    assert not is_private(address)


@pytest.mark.parametrize("url", ["http://127.0.0.1/x", "http://[::1]:80", "https://169.254.169.254/latest"])
async def test_a_private_address_is_refused_with_what_allows_it(url):
    with pytest.raises(PrivateAddress, match="SPARRING_ALLOW_PRIVATE_NETWORKS"):
        check_literal(url)
    with pytest.raises(PrivateAddress):
        await check_address(url, False)
    await check_address(url, True)


@pytest.mark.parametrize("url", ["ftp://example.com", "example.com/x", "http://", "http://a:99999"])
async def test_what_is_no_http_address_is_refused(url):
    with pytest.raises(InvalidInput, match="no address"):
        await check_address(url, True)


@pytest.mark.parametrize("host", ["127.1", "2130706433", "0x7f000001", "0177.0.0.1"])
def test_a_private_number_in_an_old_spelling_is_refused(host):
    with pytest.raises(PrivateAddress):
        check_literal(f"http://{host}:80/")


async def test_a_name_that_leads_to_this_machine_is_refused_where_it_is_resolved():
    listener = await asyncio.start_server(lambda *_: None, "127.0.0.1", 0, family=socket.AF_INET)
    port = listener.sockets[0].getsockname()[1]
    async with listener, ClientSession(connector=guarded_connector()) as session:
        with pytest.raises(PrivateAddress):
            await session.get(f"http://localhost:{port}/")
