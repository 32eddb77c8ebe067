"""Requests to addresses that came from outside, against a server on the loopback."""

import asyncio

import pytest
from aiohttp import web

from sparring.adapters.web_calls import MAX_REDIRECTS, GuardedWebCaller
from sparring.domain.errors import InvalidInput
from sparring.domain.webhooks import WebCall
from sparring.simulation.ports import WebAnswer, WebFault


async def echo(request):
    return web.json_response(
        {
            "method": request.method,
            "query": request.query_string,
            "key": request.headers.get("X-Key"),
            "type": request.headers.get("Content-Type"),
            "body": await request.text(),
        }
    )


async def never(request):
    await asyncio.Event().wait()


async def long(request):
    return web.Response(text="x" * 2000)


async def latin(request):
    return web.Response(body=b"\xe9", headers={"Content-Type": "text/plain; charset=latin-1"})


@pytest.fixture
async def server():
    """A server that echoes, redirects, is silent, or says too much."""
    other = {}

    async def moved(request):
        status, kind = int(request.match_info["status"]), request.match_info["to"]
        to = {"here": "/echo", "round": request.path, "host": f"http://localhost:{other['port']}/echo"}[kind]
        return web.Response(status=status, headers={"Location": to})

    app = web.Application()
    app.router.add_route("*", "/echo", echo)
    app.router.add_route("*", "/moved/{status}/{to}", moved)
    app.router.add_get("/never", never)
    app.router.add_get("/long", long)
    app.router.add_get("/latin", latin)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    other["port"] = runner.addresses[0][1]
    yield f"http://127.0.0.1:{other['port']}"
    await runner.cleanup()


@pytest.fixture
async def caller():
    made = GuardedWebCaller(allow_private=True, timeout=5, max_bytes=1000)
    yield made
    await made.close()


async def test_a_request_goes_out_as_it_is_told(server, caller):
    call = WebCall(
        method="POST", url=f"{server}/echo?a=1", headers=(("X-Key", "k"),), query=(("b", "ä"),), body={"n": 1}
    )
    answer = await caller.send(call)
    assert answer.status == 200
    assert '"query": "a=1&b=\\u00e4"' in answer.text
    assert '"key": "k", "type": "application/json", "body": "{\\"n\\":1}"' in answer.text


async def test_a_text_goes_out_byte_for_byte(server, caller):
    answer = await caller.send(WebCall(method="POST", url=f"{server}/echo", text='{ "a" : 1 }'))
    assert '{ \\"a\\" : 1 }' in answer.text


@pytest.mark.parametrize(("status", "method"), [(302, "GET"), (307, "POST")])
async def test_a_redirect_is_followed_the_way_it_asks_for(server, caller, status, method):
    answer = await caller.send(
        WebCall(method="POST", url=f"{server}/moved/{status}/here", headers=(("X-Key", "k"),), body={})
    )
    assert f'"method": "{method}"' in answer.text
    assert '"key": "k"' in answer.text


async def test_headers_do_not_go_along_to_another_host(server, caller):
    answer = await caller.send(WebCall(method="GET", url=f"{server}/moved/302/host", headers=(("X-Key", "k"),)))
    assert '"key": null' in answer.text


async def test_a_redirect_is_the_answer_where_none_is_to_be_followed(server, caller):
    answer = await caller.send(WebCall(method="GET", url=f"{server}/moved/302/here", follows=False))
    assert answer == WebAnswer(status=302, text="")


async def test_redirects_without_an_end_are_given_up(server, caller):
    with pytest.raises(WebFault, match=f"more than {MAX_REDIRECTS} times"):
        await caller.send(WebCall(method="GET", url=f"{server}/moved/302/round"))


async def test_an_answer_that_is_too_long_is_refused(server, caller):
    with pytest.raises(WebFault, match="longer than 1,000 bytes"):
        await caller.send(WebCall(method="GET", url=f"{server}/long"))


async def test_an_answer_is_read_in_its_own_letters(server, caller):
    assert (await caller.send(WebCall(method="GET", url=f"{server}/latin"))).text == "é"


async def test_silence_ends_with_the_time(server):
    caller = GuardedWebCaller(allow_private=True, timeout=0.05)
    with pytest.raises(WebFault, match=r"within 0\.05 s"):
        await caller.send(WebCall(method="GET", url=f"{server}/never"))
    await caller.close()


@pytest.mark.parametrize("url", ["http://127.0.0.1:1", "no address", "https://", "ftp://x.example"])
async def test_what_cannot_be_asked_is_a_fault(caller, url):
    with pytest.raises(WebFault):
        await caller.send(WebCall(method="GET", url=url))


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]", "10.0.0.1", "169.254.169.254"])
async def test_private_addresses_are_refused_before_anything_is_sent(host):
    caller = GuardedWebCaller(timeout=5)
    with pytest.raises(WebFault, match="SPARRING_ALLOW_PRIVATE_NETWORKS"):
        await caller.send(WebCall(method="GET", url=f"http://{host}:9/"))
    with pytest.raises(InvalidInput, match="SPARRING_ALLOW_PRIVATE_NETWORKS"):
        await caller.check(f"http://{host}:9/")
    await caller.close()


async def test_a_redirect_to_a_private_address_is_refused(server, monkeypatch):
    """The first address is let through, as a public one would be."""
    from sparring.adapters import web_calls

    seen = []

    def first_is_public(url):
        seen.append(str(url))
        if len(seen) > 1:
            original(url)

    original = web_calls.check_literal
    monkeypatch.setattr(web_calls, "check_literal", first_is_public)
    caller = GuardedWebCaller(timeout=5)
    with pytest.raises(WebFault, match="127"):
        await caller.send(WebCall(method="GET", url=f"{server}/moved/302/here"))
    assert len(seen) == 2
    await caller.close()


async def test_a_name_that_is_not_known_yet_may_become_a_webhook():
    await GuardedWebCaller().check("https://not-known.invalid/hook")
    await GuardedWebCaller(allow_private=True).check("http://127.0.0.1/hook")


async def test_what_cannot_be_sent_is_told_in_a_sentence(server, caller):
    with pytest.raises(WebFault, match=r"^No answer came: ftp://a/b is no http address\.$"):
        await caller.send(WebCall(method="GET", url="ftp://a/b"))
    with pytest.raises(WebFault, match=r"[^.]\.$"):
        await caller.send(WebCall(method="GET", url=f"{server}/echo", headers=(("X-Key", "a\r\nb"),)))
