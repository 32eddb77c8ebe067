"""Addresses at which nothing is: a page for people, and the body of the API for programs."""

import pytest

from .visiting import visiting

BROWSER = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}


@pytest.mark.parametrize("key", ["spk_write", None])
async def test_a_browser_gets_a_page(key):
    async with visiting(key=key) as (client, _):
        answer = await client.get("/simulation/nothing", headers=BROWSER)
    assert answer.status_code == 404
    assert answer.headers["content-type"].startswith("text/html")
    assert "Nothing is served at /simulation/nothing." in answer.text
    assert ("Sign out" in answer.text) == (key is not None)


@pytest.mark.parametrize(
    ("path", "headers"), [("/nothing", {}), ("/v1/nothing", BROWSER), ("/eqho/v1/nothing", BROWSER)]
)
async def test_programs_and_the_api_get_json(path, headers):
    async with visiting() as (client, _):
        answer = await client.get(path, headers=headers)
    assert answer.status_code in (401, 404)
    assert answer.headers["content-type"] == "application/json"


async def test_what_stands_in_the_address_is_text():
    async with visiting() as (client, _):
        page = (await client.get("/<img src=x onerror=alert(1)>", headers=BROWSER)).text
    assert "<img" not in page and "&lt;img" in page
