"""The `url` of records leads to their pages, from outside as well."""

import pytest
from tests.unit.server.ui.playing import SIMULATION, errored, judged, scenario, simulation, store
from tests.unit.server.ui.visiting import csrf, visiting
from tests.wire.sigmamind.served import serve

from sparring.dialects.spelling import spell

BATCH = spell("batch", SIMULATION, None)


async def served(**options):
    """A server with a simulation of two trials."""
    made = await serve(**options)
    return made, await store(made, simulation(scenario(trials=2)), (judged, errored))


@pytest.mark.parametrize("door", ["", "/sigmamind", "/eqho"])
async def test_every_record_leads_to_its_page(door):
    made, trials = await served()
    async with made.client() as client:

        async def got(path):
            return (await client.get(f"{door}/v1/{path}")).json()

        found = {
            "batches": (await got("batch-runs"))["data"] if door != "/eqho" else [],
            "batch": [await got(f"batch-runs/{BATCH}")] if door != "/eqho" else [],
            "test runs": (await got(f"test-runs?batchId={BATCH}"))["data"] if door != "/eqho" else [],
            "results": (await got("simulation/results"))["results"] if door != "/sigmamind" else [],
            "result": [await got(f"simulation/results/{SIMULATION}")] if door != "/sigmamind" else [],
            "runs": await got(f"simulation/results/{SIMULATION}/runs") if door != "/sigmamind" else [],
        }
        for kind, records in found.items():
            for record in records:
                assert record["url"].startswith("http://testserver/"), kind
                assert (await client.get(record["url"])).status_code == 200
        shown = {record["url"] for records in found.values() for record in records}
        assert shown == {
            f"http://testserver/simulations/{SIMULATION}",
            *(f"http://testserver/trials/{trial.id}" for trial in trials),
        }


async def test_behind_a_proxy_the_address_that_is_set_counts():
    made, _ = await served(public_url="https://sparring.example.com")
    async with made.client() as client:
        record = (await client.get(f"/v1/simulation/results/{SIMULATION}")).json()
    assert record["url"] == f"https://sparring.example.com/simulations/{SIMULATION}"


async def test_behind_a_proxy_forms_come_from_the_address_that_is_set():
    made, _ = await served(public_url="https://sparring.example.com")
    async with visiting(made) as (client, _):
        page = (await client.get("/start")).text
        for origin, status in (("https://sparring.example.com", 303), ("https://elsewhere.example.com", 403)):
            sent = {"csrf": csrf(page), "do": "recalculate"}
            answer = await client.post("/start", data=sent, headers={"Origin": origin})
            assert answer.status_code == status
        there = {"Origin": "https://sparring.example.com"}
        signed = await client.post("/sign-in", data={"key": "spk_write"}, headers=there)
        assert "Secure" in signed.headers["set-cookie"]
