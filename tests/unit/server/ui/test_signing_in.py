"""Who sees the pages, for how long, and who may change something from them."""

from dataclasses import replace
from hashlib import sha256

import pytest
from tests.wire.sigmamind.served import KEY, READ_KEY, REVOKED_KEY, serve

from sparring.server.invitation import Invitation
from sparring.server.ui.sessions import AGE
from sparring.testing import FrozenClock

from .visiting import ADDRESS, csrf, visiting


def invited():
    return Invitation(FrozenClock())


async def test_a_page_without_a_cookie_leads_to_the_form_and_back():
    async with visiting(key=None) as (client, _):
        sent_away = await client.get("/?page=2")
        assert (sent_away.status_code, sent_away.headers["location"]) == (303, "/sign-in?next=%2F%3Fpage%3D2")
        form = await client.get(sent_away.headers["location"])
        assert 'value="/?page=2"' in form.text
        back = await client.post("/sign-in", data={"key": KEY, "next": "/?page=2"})
        assert (back.status_code, back.headers["location"]) == (303, "/?page=2")
        assert (await client.get("/")).status_code == 200


async def test_the_cookie_is_kept_from_scripts_and_from_other_sites():
    async with visiting(key=None) as (client, _):
        cookie = (await client.post("/sign-in", data={"key": KEY})).headers["set-cookie"]
    assert cookie.startswith("sparring-8321=")
    assert {"HttpOnly", "SameSite=strict", "Path=/", f"Max-Age={AGE}"} <= set(cookie.split("; "))


async def test_an_invitation_signs_in_once():
    invitation = invited()
    async with visiting(key=None, invitation=invitation) as (client, served):
        assert (await client.get(invitation.path)).headers["location"] == "/"
        assert (await client.get("/")).status_code == 200
        async with visiting(served, key=None) as (other, _):
            refused = await other.get(invitation.path)
    assert refused.status_code == 403
    assert "used before" in refused.text
    assert "set-cookie" not in refused.headers


async def test_a_wrong_token_uses_nothing_up():
    invitation = invited()
    async with visiting(key=None, invitation=invitation) as (client, _):
        assert (await client.get("/sign-in?token=wrong")).status_code == 403
        assert (await client.get(invitation.path)).status_code == 303


async def test_without_an_invitation_no_token_signs_in():
    async with visiting(key=None) as (client, _):
        assert (await client.get("/sign-in?token=anything")).status_code == 403


@pytest.mark.parametrize("key", ["", "wrong", REVOKED_KEY, "ключ"])
async def test_a_wrong_key_meets_words_and_no_cookie(key):
    async with visiting(key=None) as (client, _):
        answer = await client.post("/sign-in", data={"key": key})
    assert answer.status_code == 403
    assert "no valid key" in answer.text
    assert "set-cookie" not in answer.headers


async def test_a_cookie_ends_with_its_age_and_with_its_key():
    async with visiting(key=READ_KEY) as (client, served):
        assert (await client.get("/")).status_code == 200
        stored = await served.store.find_key(sha256(READ_KEY.encode()).hexdigest())
        await served.store.save_key(replace(stored, revoked_at=1.0))
        assert (await client.get("/")).status_code == 303
        await served.store.save_key(stored)
        assert (await client.get("/")).status_code == 200
        await served.clock.sleep(AGE + 1)
        assert (await client.get("/")).status_code == 303


@pytest.mark.parametrize(
    "change", [lambda c: c[:-1] + ("0" if c[-1] != "0" else "1"), lambda c: "fixed.9" + c[7:]]
)
async def test_a_cookie_that_was_changed_opens_nothing(change):
    async with visiting() as (client, _):
        (cookie,) = client.cookies.jar
        value = change(cookie.value)
        client.cookies.clear()
        answer = await client.get("/", headers={"cookie": f"{cookie.name}={value}"})
    assert answer.status_code == 303


@pytest.mark.parametrize(
    "asked", ["//evil.example", "https://evil.example", "/\\evil.example", "/\r\nx", "/sign-in", ""]
)
async def test_signing_in_leads_nowhere_else(asked):
    async with visiting(key=None) as (client, _):
        answer = await client.post("/sign-in", data={"key": KEY, "next": asked})
    assert answer.headers["location"] == "/"


async def test_a_link_from_another_site_is_loaded_again_from_here():
    async with visiting(key=None) as (client, _):
        elsewhere = await client.get("/sign-in?next=/trials/x", headers={"sec-fetch-site": "cross-site"})
        here = await client.get("/sign-in?next=/trials/x", headers={"sec-fetch-site": "same-origin"})
    assert 'http-equiv="refresh" content="0;url=/trials/x"' in elsewhere.text
    assert "refresh" not in here.text


@pytest.mark.parametrize(
    "headers", [{"origin": "http://evil.example"}, {"sec-fetch-site": "cross-site"}, {"origin": "null"}]
)
async def test_a_form_of_another_site_is_refused(headers):
    async with visiting(key=None) as (client, _):
        answer = await client.post("/sign-in", data={"key": KEY}, headers=headers)
    assert answer.status_code == 403
    assert "set-cookie" not in answer.headers


async def test_signing_out_needs_the_secret_of_the_form():
    async with visiting() as (client, _):
        await client.post("/sign-out", data={"csrf": "wrong"})
        page = await client.get("/")
        assert page.status_code == 200
        origin = {"origin": ADDRESS, "sec-fetch-site": "same-origin"}
        await client.post("/sign-out", data={"csrf": csrf(page.text)}, headers=origin)
        assert (await client.get("/")).status_code == 303


async def test_a_key_in_a_header_opens_a_page_for_programs():
    async with visiting(key=None) as (client, _):
        assert (await client.get("/", headers={"x-api-key": KEY})).status_code == 200
        assert (await client.get("/", headers={"x-api-key": "wrong"})).status_code == 303


async def test_every_page_forbids_what_it_does_not_need():
    async with visiting() as (client, _):
        for path in ("/", "/?page=0"):
            answer = await client.get(path)
            policy = answer.headers["content-security-policy"]
            assert "default-src 'none'" in policy
            assert "unsafe" not in policy
            assert answer.headers["x-content-type-options"] == "nosniff"


async def test_static_files_need_no_key_and_are_kept_by_browsers():
    async with visiting(key=None) as (client, _):
        style = await client.get("/static/pages.css")
        assert style.headers["content-type"] == "text/css; charset=utf-8"
        assert "immutable" in style.headers["cache-control"]
        for name in ("pages.html", "..%2fpages.py", "x"):
            assert (await client.get(f"/static/{name}")).status_code == 404


async def test_an_empty_database_says_what_to_do():
    served = await serve()
    async with visiting(served) as (client, _):
        assert "sparring run my-agent/suite.yaml" in (await client.get("/")).text
