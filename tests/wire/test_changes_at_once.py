"""Changes of one record at the same time, through either dialect: none is lost."""

import asyncio

from tests.wire.sigmamind.served import serve

from sparring.dialects.sigmamind.demo import NEW_AGENT
from sparring.testing import FrozenClock, MemoryStore

SCENARIO = {"name": "A", "lead_scenario": {"instructions": {"task_instructions": "Cancel."}}}


class Slow(MemoryStore):
    """Others get their turns between what is found and what becomes of it."""

    async def find_scenario(self, *asked):
        return await lingering(await super().find_scenario(*asked))

    async def find_agent(self, *asked):
        return await lingering(await super().find_agent(*asked))


async def lingering(found):
    for _ in range(100):
        await asyncio.sleep(0)
    return found


async def at_once(client, *requests):
    async with asyncio.TaskGroup() as asked:
        tasks = [asked.create_task(client.request(method, path, json=body)) for method, path, body in requests]
    return [task.result() for task in tasks]


async def test_fields_that_are_changed_at_once_are_all_changed_and_every_change_counts():
    served = await serve(store=Slow(FrozenClock()))
    async with served.client() as client:
        id = (await client.post("/v1/simulation/scenarios", json=SCENARIO)).json()["_id"]
        case = f"/v1/test-cases/{id}"
        changes = [("PATCH", case, body) for body in ({"label": "B"}, {"attempt": 7}, {"userPrompt": "Stay."})]
        assert {response.status_code for response in await at_once(client, *changes)} == {200}
        told = (await client.get(case)).json()
        assert (told["label"], told["attempt"], told["userPrompt"]) == ("B", 7, "Stay.")
        one = f"/v1/simulation/scenarios/{id}"
        puts = [("PUT", one, {**SCENARIO, "name": f"N{number}"}) for number in range(5)]
        revisions = [response.json()["history"]["revision"] for response in await at_once(client, *puts)]
        assert sorted(revisions) == [4, 5, 6, 7, 8]


async def test_what_is_deleted_while_it_is_changed_does_not_come_back():
    served = await serve(store=Slow(FrozenClock()))
    async with served.client() as client:
        one = f"/v1/simulation/scenarios/{(await client.post('/v1/simulation/scenarios', json=SCENARIO)).json()['_id']}"
        deleted, changed = await at_once(client, ("DELETE", one, None), ("PUT", one, SCENARIO))
        assert (deleted.status_code, changed.status_code) == (200, 404)
        assert (await client.get(one)).status_code == 404


async def test_settings_of_an_agent_that_are_changed_at_once_are_all_changed():
    served = await serve(store=Slow(FrozenClock()))
    async with served.client() as client:
        agent = f"/v1/agents/{NEW_AGENT}"
        changes = [{"agentSettings": {name: 0.5}} for name in ("llmTemperature", "llmTopP", "ttsSpeed")]
        await at_once(client, *(("PATCH", agent, body) for body in changes))
        settings = (await client.get(agent)).json()["agentSettings"]
        assert [settings.get(name) for name in ("llmTemperature", "llmTopP", "ttsSpeed")] == [0.5, 0.5, 0.5]
