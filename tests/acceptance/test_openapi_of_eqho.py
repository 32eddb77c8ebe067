"""The OpenAPI document of the Eqho dialect and the server agree, whatever is sent."""

import asyncio

import pytest
from operations import Document
from tests.wire.sigmamind.served import serve

from sparring.dialects.sigmamind.demo import NEW_AGENT

EXAMPLES = 10
SCENARIO = {
    "name": "Cancel",
    "lead_scenario": {"instructions": {"task_instructions": "You want to cancel."}},
    "evaluation_criteria": {"nl_assertions": ["It is cancelled."]},
}


async def with_records():
    """A server with a simulation of which everything has been played, and the ids of its records."""
    served = await serve()
    async with served.client() as client:

        async def made(path, body):
            return (await client.post(path, json=body)).json()["_id"]

        group = await made("/v1/simulation/scenario-sets", {"name": "Cancellations"})
        scenario = await made("/v1/simulation/scenarios", {**SCENARIO, "scenario_set_id": group})
        action = {"name": "Look", "slug": "look", "instructions": "Looks.", "type": "webhook"}
        asked = {"agent_id": NEW_AGENT, "scenario_ids": [scenario], "num_trials": 4}
        known = {
            "agent_id": NEW_AGENT,
            "scenario_id": scenario,
            "scenario_set_id": group,
            "action_id": await made("/v1/actions", action),
            "result_id": await made("/v1/simulation", asked),
        }
        await served.play()
        runs = await client.get(f"/v1/simulation/results/{known['result_id']}/runs")
    return served, {**known, "run_id": runs.json()[0]["_id"]}


served, known = asyncio.run(with_records())
document = Document(served.app, "/openapi/eqho.json")


@pytest.mark.parametrize("operation", document.operations)
def test_whatever_is_sent_gets_a_documented_answer(operation):
    document.check(operation, aim_at_known_records, EXAMPLES)


def aim_at_known_records(case):
    """Put ids in that exist, so that what is behind the search for records is reached as well."""
    removes = case.method == "DELETE"
    for place in (case.path_parameters, case.query, case.body):
        if isinstance(place, dict) and not removes:
            place.update({name: id for name, id in known.items() if name in place})
            if "scenario_ids" in place:
                place["scenario_ids"] = [known["scenario_id"]]
                place.pop("scenario_set_id", None)
            if "action_ids" in place:
                place["action_ids"] = [known["action_id"]]
