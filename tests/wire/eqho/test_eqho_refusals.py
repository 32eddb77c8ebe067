"""Refusals that no story tells: too much, unexpected, many at once."""

import logging

from tests.wire.sigmamind.served import WORKSPACE, serve

from sparring.dialects.sigmamind.demo import NEW_AGENT
from sparring.domain.scenario import Scenario
from sparring.simulation.store import Page
from sparring.testing import FrozenClock, MemoryStore

SCENARIOS = "/v1/simulation/scenarios"
LEAD = {"instructions": {"task_instructions": "Cancel."}}


async def test_a_body_over_ten_megabytes_is_refused_in_this_dialects_form():
    served = await serve()
    async with served.client() as client:
        response = await client.post(SCENARIOS, content=b" " * (10 * 1024 * 1024 + 1))
    assert response.status_code == 413
    assert response.json() == {"detail": "The body is larger than 10 MiB, which is the most that is taken."}


async def test_what_nobody_expected_is_a_500_without_internals(caplog):
    class Broken(MemoryStore):
        async def scenarios(self, *asked, **filters):
            raise RuntimeError("secret")

    served = await serve(store=Broken(FrozenClock()))
    with caplog.at_level(logging.CRITICAL):
        async with served.client() as client:
            response = await client.get(SCENARIOS)
    assert response.status_code == 500
    assert response.json().keys() == {"detail"}
    assert "secret" not in response.text


async def test_of_very_many_mistakes_a_hundred_are_told():
    served = await serve()
    body = {"name": "A", "lead_scenario": LEAD, "evaluation_criteria": {"nl_assertions": [""] * 5000}}
    async with served.client() as client:
        response = await client.post(SCENARIOS, json=body)
    assert response.status_code == 422
    assert len(response.json()["detail"]) == 100


async def test_an_object_with_very_many_unknown_fields_is_read_in_no_time():
    served = await serve()
    many = {f"forbiden_{number}": 1 for number in range(50_000)}
    body = {"name": "A", "lead_scenario": LEAD, "evaluation_criteria": {f"field_{n}": 1 for n in range(50_000)}}
    async with served.client() as client:
        response = await client.post(SCENARIOS, json={**body, "environment_setup": {"dynamic_variables": many}})
    assert response.status_code == 200
    assert len(response.json()["environment_setup"]["dynamic_variables"]) == 50_000


async def test_a_record_of_another_account_does_not_exist():
    served = await serve()
    async with served.client("spk_other") as other, served.client() as client:
        group = (await other.post("/v1/simulation/scenario-sets", json={"name": "Theirs"})).json()["_id"]
        action = {"name": "Look", "slug": "look", "instructions": "Looks.", "type": "webhook"}
        theirs = (await other.post("/v1/actions", json=action)).json()["_id"]
        body = {"name": "A", "lead_scenario": LEAD, "scenario_set_id": group}
        assert (await client.post(SCENARIOS, json=body)).status_code == 404
        agent = {"name": "A", "action_ids": [theirs]}
        assert (await client.post("/eqho/v1/agents", json=agent)).status_code == 404
        for path in (f"/v1/simulation/scenario-sets/{group}", f"/v1/actions/{theirs}"):
            assert (await client.get(path)).status_code == 404
        for path, plural in (("/v1/simulation/scenario-sets", "scenario_sets"), ("/v1/actions", "actions")):
            assert (await client.get(path)).json()[plural] == []


async def test_a_simulation_has_at_most_ten_thousand_runs_and_a_set_at_most_five_hundred_scenarios():
    served = await serve()
    async with served.client() as client:
        group = (await client.post("/v1/simulation/scenario-sets", json={"name": "Many"})).json()["_id"]

        async def refusal(count, **asked):
            while (await served.store.scenarios(WORKSPACE, Page(), set_id=group))[1] < count:
                number = served.runner.new_id()
                await served.store.save_scenario(Scenario(id=number, workspace=WORKSPACE, name="A", set_id=group))
            body = {"agent_id": NEW_AGENT, "scenario_set_id": group, **asked}
            response = await client.post("/v1/simulation", json=body)
            assert response.status_code == 422
            return response.json()["detail"][0]["msg"]

        assert "at most 10000 runs" in await refusal(101, num_trials=100)
        assert "1 to 500 scenarios; this one has 501" in await refusal(501)


async def test_a_method_that_is_not_served_is_a_405_under_the_dialects_own_name_too():
    served = await serve()
    told = "{} is not served at /eqho/v1/agents{}; allowed: {}."
    async with served.client() as client:
        for method, path, allowed in (
            ("DELETE", "", "GET, POST"),
            ("PATCH", f"/{NEW_AGENT}", "GET, PUT"),
            ("POST", f"/{NEW_AGENT}/details", "GET"),
        ):
            response = await client.request(method, f"/eqho/v1/agents{path}")
            assert (response.status_code, response.headers["Allow"]) == (405, allowed)
            assert response.json() == {"detail": told.format(method, path, allowed)}


async def test_what_may_be_a_text_or_an_object_is_refused_as_such():
    served = await serve()
    criteria = {"nl_assertions": [None], "writes": True}
    action = {"name": "A", "slug": "a", "instructions": "Does.", "type": "webhook", "execution_order": 1.5}
    async with served.client() as client:
        scenario = {"name": "A", "lead_scenario": LEAD, "evaluation_criteria": criteria}
        told = (await client.post(SCENARIOS, json=scenario)).json()["detail"]
        assert [problem["msg"] for problem in told] == [
            "evaluation_criteria.nl_assertions[0] must be a text or an object; null came.",
            "evaluation_criteria.writes must be a text or an object; true came.",
        ]
        (problem,) = (await client.post("/v1/actions", json=action)).json()["detail"]
        assert problem["msg"].startswith("execution_order must be a whole number from ")
