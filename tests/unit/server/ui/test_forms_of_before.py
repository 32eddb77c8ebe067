"""Forms that are sent after their writer has signed out, or in anew: nothing that was written is lost."""

from tests.wire.sigmamind.served import KEY, WORKSPACE

from sparring.simulation.store import Page

from .filling import fields
from .playing import HOSTILE
from .visiting import csrf, visiting

WRITTEN = f"\n</textarea>{HOSTILE}\r\n  Two lines."


async def named(served, name):
    agents, _ = await served.store.agents(WORKSPACE, Page(size=100))
    return [agent for agent in agents if agent.name == name]


async def test_what_was_written_before_signing_in_anew_is_sent_again_with_a_click():
    async with visiting() as (client, served):
        page = (await client.get("/agents/new")).text
        sent = {**fields(page), "a.name": "Typed", "a.instructions": WRITTEN, "do": "save"}
        await client.post("/sign-out", data={"csrf": csrf(page)})
        refused = await client.post("/agents/new", data=sent)
        assert (refused.status_code, "load this page again" in refused.text) == (401, True)
        await client.post("/sign-in", data={"key": KEY})
        asked = await client.post("/agents/new", data=sent)
        assert asked.status_code == 403 and "All that you wrote is still here." in asked.text
        assert "<img" not in asked.text
        assert await named(served, "Typed") == []
        again = fields(asked.text, "/agents/new")
        assert {**again, "csrf": ""} == {**sent, "csrf": ""}
        assert (await client.post("/agents/new", data=again)).status_code == 303
        assert len(await named(served, "Typed")) == 1


async def test_a_form_of_another_site_is_not_offered_to_be_sent_again():
    async with visiting() as (client, _):
        told = {"Origin": "http://elsewhere.test"}
        refused = await client.post("/agents/new", data={"a.name": "Theirs", "do": "save"}, headers=told)
    assert refused.status_code == 403
    assert "Theirs" not in refused.text and "came from another site" in refused.text
