"""Keys, models, providers, the database and what is set, on one page."""

import re
from dataclasses import replace
from hashlib import sha256

import pytest
from tests.wire.sigmamind.served import NOW, READ_KEY, WORKSPACE, serve

from sparring.server.installation import Installation, Knob, ProviderState
from sparring.server.services import DefaultModels
from sparring.simulation.store import Page
from sparring.testing import FrozenClock, MemoryStore

from .playing import HOSTILE, errored, judged, scenario, simulation, store
from .visiting import csrf, visiting


async def knocked(name):
    return f"Answered 200 to {name}."


INSTALLATION = Installation(
    version="1.2.3",
    database="sqlite:///here.db",
    providers=lambda: [
        ProviderState(
            name="openai", address="https://api.openai.test/v1", listed={"judge": "gpt-4.1"}, in_flight=3
        ),
        ProviderState(name="anthropic", address="https://anthropic.test", missing="ANTHROPIC_API_KEY"),
        ProviderState(name="local", address="http://local.test", down="refused", down_since=NOW),
    ],
    reach=knocked,
    knobs=[
        Knob(name="SPARRING_JUDGE_MODEL", value="gpt-4.1", is_set=True),
        Knob(name="SPARRING_CONCURRENCY", value="100", is_set=False),
    ],
)


class Sized(MemoryStore):
    """As large as a file."""

    async def size(self):
        return 3_400_000


def rows(page, section):
    """The texts of a section's table, cell by cell."""
    part = page[page.index(f'id="{section}"') :]
    table = part[: part.index("</table>")]
    return [
        [
            " ".join(re.sub("<[^>]+>", " ", cell).split())
            for cell in re.findall(r"<td[^>]*>(.*?)</td>", row, re.DOTALL)
        ]
        for row in re.findall(r"<tr>(.*?)</tr>", table, re.DOTALL)[1:]
    ]


async def test_it_tells_what_is_installed_and_what_is_missing():
    store = Sized(FrozenClock(NOW))
    async with visiting(await serve(installation=INSTALLATION, store=store)) as (client, _):
        page = (await client.get("/settings")).text
    assert "Sparring 1.2.3" in page
    assert "sqlite:///here.db" in page and "3.4 MB" in page
    assert rows(page, "providers") == [
        ["openai", "configured, 3 requests under way", "https://api.openai.test/v1", "judge gpt-4.1", "Knock"],
        ["anthropic", "not configured: set ANTHROPIC_API_KEY", "https://anthropic.test", "", ""],
        ["local", "down since 2026-03-26 10:52 UTC : refused", "http://local.test", "", "Knock"],
    ]
    assert rows(page, "models") == [
        ["simulated user", "gpt-4.1-mini", "the listed default", "ready"],
        ["judge", "gpt-4.1", "SPARRING_JUDGE_MODEL", "ready"],
        ["agent", "none", "set SPARRING_AGENT_MODEL", "only agents that name theirs can be played"],
    ]
    assert rows(page, "installation")[1] == ["SPARRING_CONCURRENCY", "100", "default"]


async def test_a_model_that_cannot_be_asked_says_what_to_set():
    defaults = DefaultModels(user=None, judge="claude-x", agent="gpt-4.1")
    async with visiting(await serve(defaults=defaults)) as (client, _):
        models = rows((await client.get("/settings")).text, "models")
    assert models[0] == ["simulated user", "none", "set SPARRING_USER_MODEL", "nothing can be played without"]
    assert "Set ANTHROPIC_API_KEY." in models[1][3]


async def test_a_key_is_made_and_its_secret_is_shown_once():
    served = await serve()
    async with visiting(served) as (client, _):
        page = (await client.get("/settings")).text
        made = await client.post("/settings/keys", data={"csrf": csrf(page), "name": " ci ", "role": "read"})
        assert made.status_code == 200 and made.headers["cache-control"] == "no-store"
        secret = re.search(r'id="secret" class="secret">(spk_\w+)<', made.text)[1]
        again = (await client.get("/settings")).text
        assert secret not in again and "shown this once" not in again
        assert ["ci", f"…{secret[-4:]}", "read", "2026-03-26 10:52 UTC", "active", "Revoke"] in rows(again, "keys")
    key = await served.store.find_key(sha256(secret.encode()).hexdigest())
    assert (key.name, key.role, key.workspace) == ("ci", "read", WORKSPACE)
    async with visiting(served, key=secret) as (client, _):
        assert (await client.get("/settings")).status_code == 200


@pytest.mark.parametrize("fields", [{"name": " "}, {"name": "x" * 101}, {"name": "a", "role": "owner"}])
async def test_a_key_needs_a_name_and_a_role(fields):
    served = await serve()
    before = await served.store.keys()
    async with visiting(served) as (client, _):
        page = (await client.get("/settings")).text
        told = await client.post("/settings/keys", data={"csrf": csrf(page), "role": "write", **fields})
    assert told.status_code == 400
    assert await served.store.keys() == before


async def test_a_revoked_key_opens_nothing_any_more():
    served = await serve()
    (readers, *_) = [key for key in await served.store.keys(WORKSPACE) if key.name == READ_KEY]
    async with visiting(served, key=READ_KEY) as (reader, _), visiting(served) as (client, _):
        page = (await client.get("/settings")).text
        assert f'aria-label="Revoke {READ_KEY}"' in page
        assert "yours" in (await reader.get("/settings")).text
        sent = await client.post(f"/settings/keys/{readers.id}/revoke", data={"csrf": csrf(page)})
        assert (sent.status_code, sent.headers["location"]) == (303, "/settings#keys")
        assert (await reader.get("/settings")).status_code == 303
        row = next(row for row in rows((await client.get("/settings")).text, "keys") if row[0] == READ_KEY)
        assert row[4] == "revoked 2026-03-26 10:52 UTC"
        again = await client.post(f"/settings/keys/{readers.id}/revoke", data={"csrf": csrf(page)})
        assert again.status_code == 303
        unknown = await client.post("/settings/keys/unknown/revoke", data={"csrf": csrf(page)})
        assert unknown.status_code == 404


async def test_keys_of_other_workspaces_are_not_there():
    served = await serve()
    (other,) = [key for key in await served.store.keys() if key.workspace != WORKSPACE]
    async with visiting(served) as (client, _):
        page = (await client.get("/settings")).text
        assert other.hint not in [row[1] for row in rows(page, "keys")]
        sent = await client.post(f"/settings/keys/{other.id}/revoke", data={"csrf": csrf(page)})
    assert sent.status_code == 404


async def test_a_provider_says_on_request_what_it_answers():
    async with visiting(await serve(installation=INSTALLATION)) as (client, _):
        page = (await client.get("/settings")).text
        sent = await client.post("/settings/providers/openai/reach", data={"csrf": csrf(page)})
        assert "openai: Answered 200 to openai." in sent.text


async def test_the_last_errors_of_providers_are_told_once_each():
    served = await serve()
    other = lambda trial: replace(errored(trial, "openai: 429 slow down"), completed_at=NOW + 9)  # noqa: E731
    await store(served, simulation(scenario(trials=4)), (errored, errored, other, judged))
    async with visiting(served) as (client, _):
        page = (await client.get("/settings")).text
    assert re.findall(r'<div class="text error">([^<]*)', page) == [
        "openai: 429 slow down",
        "The provider refused.",
    ]


async def test_what_is_old_is_counted_before_it_goes():
    served = await serve()
    await store(served, simulation(scenario(trials=1)), (judged,))
    await served.clock.sleep(100 * 86_400)
    async with visiting(served) as (client, _):
        assert "1 simulation, " not in (await client.get("/settings?older=365")).text
        page = (await client.get("/settings?older=90")).text
        told = re.search(r"1 simulation, (\d chats?) and 0 deliveries are over for longer than that.", page)
        assert (await served.store.simulations(WORKSPACE, Page(size=1)))[1] == 1
        sent = await client.post("/settings/prune", data={"csrf": csrf(page), "older": "90"})
        assert f"1 simulation, {told[1]} and 0 deliveries gone." in sent.text
        assert "Nothing is over for longer than that." in (await client.get("/settings?older=90")).text
        assert (await client.post("/settings/prune", data={"csrf": csrf(page), "older": "0"})).status_code == 400
    assert await served.store.simulations(WORKSPACE, Page(size=1)) == ([], 0)


async def test_who_may_only_read_sees_and_changes_nothing():
    served = await serve(installation=INSTALLATION)
    async with visiting(served, key=READ_KEY) as (client, _):
        page = (await client.get("/settings?older=90")).text
        assert "Your key may only read." in page
        assert "Revoke" not in page and "Knock" not in page and "/settings/prune" not in page
        for path in ("keys", "providers/openai/reach", "prune"):
            sent = {"csrf": csrf(page), "name": "x", "role": "write", "older": "90"}
            assert (await client.post(f"/settings/{path}", data=sent)).status_code == 403


async def test_names_and_errors_are_text():
    served = await serve()
    await store(served, simulation(scenario(trials=1)), (lambda trial: errored(trial, HOSTILE),))
    async with visiting(served) as (client, _):
        page = (await client.get("/settings")).text
        await client.post("/settings/keys", data={"csrf": csrf(page), "name": HOSTILE, "role": "write"})
        page = (await client.get("/settings")).text
    assert "<img" not in page and page.count("&lt;img src=x") >= 3
