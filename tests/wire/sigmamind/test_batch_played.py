"""A whole batch: asked for over HTTP, played by the engine of the process, read over HTTP."""

from contextlib import asynccontextmanager

import pytest
from tests.wire.sigmamind.served import NOW, serve

from sparring.adapters.engine import InProcessEngine
from sparring.domain.errors import ModelFault
from sparring.domain.evaluation import Finding
from sparring.server.services import DefaultModels
from sparring.simulation.ports import Cast
from sparring.simulation.runner import Runner
from sparring.simulation.store import Page
from sparring.testing import (
    FrozenClock,
    Lines,
    MemoryStore,
    agent_says,
    assessed,
    judge_finds,
    user_ends,
    user_says,
)

CASE = {"userPrompt": "You want to cancel.", "successCriteria": "It is cancelled."}


class FromFunctions:
    """A casting whose players are made anew for each trial."""

    def __init__(self, user, agent, judge=lambda: judge_finds(Finding.MET)):
        self.make = user, agent, judge

    def cast(self, simulation, scenario, trial):
        user, agent, judge = (make() for make in self.make)
        return Cast(user=user, agent=agent, judge=judge)


@asynccontextmanager
async def playing(casting):
    """A server whose engine plays as soon as it is told to."""
    clock = FrozenClock(NOW)
    store = MemoryStore(clock)
    engine = InProcessEngine(Runner(store, casting, clock), store, concurrency=10)
    served = await serve(store=store, casting=casting, engine=engine)
    await engine.start()
    async with served.client() as client:

        async def finished(*case_fields, agent=None, **asked):
            """The batch of these cases and its runs, once all is over."""
            fields = {
                "agentName": "A",
                "instructions": "I",
                "agentSettings": {"llmModel": "gpt-4o"},
                **(agent or {}),
            }
            owner = (await client.post("/v1/agents", json=fields)).json()["agentId"]
            cases = [
                (await client.post("/v1/test-cases", json={"agentId": owner, **CASE, **case})).json()
                for case in case_fields
            ]
            ids = [case["testCaseId"] for case in cases]
            made = (await client.post("/v1/batch-runs", json={"agentId": owner, "testCases": ids, **asked})).json()
            simulation, *_ = (await store.simulations(None, Page()))[0]
            async for _ in engine.changes(simulation.id):
                pass
            batch = (await client.get(f"/v1/batch-runs/{made['batchId']}")).json()
            listed = (await client.get(f"/v1/test-runs?batchId={made['batchId']}&size=100")).json()["data"]
            runs = [
                (await client.get(f"/v1/test-runs/{run['jobId']}?batchId={made['batchId']}")).json()
                for run in listed
            ]
            assert [{**run, "conversation": []} for run in runs] == [{**run, "conversation": []} for run in listed]
            return batch, runs

        try:
            yield client, finished
        finally:
            await engine.stop(grace=1.0)


async def test_every_attempt_of_every_case_is_played_and_judged():
    casting = FromFunctions(
        lambda: Lines([user_says("Cancel it."), user_ends()]), lambda: Lines([agent_says("It is cancelled.")])
    )
    async with playing(casting) as (_, finished):
        batch, runs = await finished({"attempt": 3}, {"attempt": 2})
    assert (batch["status"], batch["totalAttempts"], batch["successfulAttempts"]) == ("completed", 5, 5)
    assert [run["isSuccessful"] for run in runs] == [True] * 5
    assert runs[0]["conversation"] == [
        {"role": "user", "content": "Cancel it."},
        {"role": "assistant", "content": "It is cancelled."},
    ]


async def test_a_batch_ends_once_it_is_decided_whether_a_bar_is_reached():
    casting = FromFunctions(
        lambda: Lines([user_says("Cancel it."), user_ends()]), lambda: Lines([agent_says("It is cancelled.")])
    )
    async with playing(casting) as (client, finished):
        batch, _ = await finished({"attempt": 32}, untilDecided="pass^1=0.6")
        assert (batch["status"], batch["cancelledAttempts"] >= 10) == ("completed", True)
        assert batch["statusReason"].startswith("Decided: pass^1 is above 0.6")
        cases = [case["testCaseId"] for case in batch["testCases"]]
        asked = {"agentId": batch["agent"]["agentId"], "testCases": cases}
        for text, told in (
            ("0.9", "untilDecided must be a text of 8 to 40 characters, such as pass^1=0.9"),
            ("pass^50=0.9", "untilDecided: pass^50 is decided by 50 trials of each scenario"),
        ):
            refused = await client.post("/v1/batch-runs", json={**asked, "untilDecided": text})
            assert (refused.status_code, told in refused.text) == (400, True), refused.text


async def test_a_tool_without_a_mock_is_answered_from_the_mock_data():
    judged = assessed(Finding.MET, "It was looked up.", (3, "The order has been shipped."), (2, "shipped"))
    casting = FromFunctions(
        lambda: Lines([user_says("Where is it?"), user_ends()]),
        lambda: Lines([agent_says(None, find={}), agent_says("The order has been shipped.")]),
        lambda: judge_finds(judged),
    )
    tool = {"type": "function", "name": "find"}
    state = [{"variableName": "state", "value": "shipped"}]
    async with playing(casting) as (client, finished):
        _, (mocked,) = await finished({"mockData": state}, agent={"tools": [tool]})
        chat = (await client.get(f"/v1/chats/{mocked['chatId']}")).json()
    assert mocked["isSuccessful"] is True
    assert mocked["remarks"] == (
        "It was looked up (message 1: “The order has been shipped.”; tool traffic after message 0: “shipped”)."
    )
    assert [line["content"] for line in mocked["conversation"]] == ["Where is it?", "The order has been shipped."]
    assert chat["dynamicVariables"] == {"state": "shipped"}


async def test_a_mock_of_the_agent_comes_before_the_mock_data():
    seen = []

    class Watching(Lines):
        async def reply(self, transcript):
            seen.extend(message.text for message in transcript if hasattr(message, "call_id"))
            return await super().reply(transcript)

    casting = FromFunctions(
        lambda: Lines([user_says("Where is it?"), user_ends()]),
        lambda: Watching([agent_says(None, find={}), agent_says("Lost.")]),
    )
    agent = {"tools": [{"type": "function", "name": "find"}], "mocks": {"find": {"default_return_value": "lost"}}}
    async with playing(casting) as (_, finished):
        await finished({"mockData": [{"variableName": "state", "value": "shipped"}]}, agent=agent)
    assert seen == ["lost"]


async def test_a_welcome_message_opens_and_the_end_tool_ends():
    casting = FromFunctions(
        lambda: Lines([user_says("Bye.")]),
        lambda: Lines([agent_says("never said"), agent_says("Goodbye.", voice_end_call={})]),
    )
    agent = {
        "welcomeMessageType": "static",
        "welcomeMessage": "Hi {{name}}!",
        "tools": [{"type": "voice_end_call"}],
    }
    async with playing(casting) as (_, finished):
        _, (run,) = await finished({"mockData": [{"variableName": "name", "value": "Jo"}]}, agent=agent)
    assert [line["content"] for line in run["conversation"]] == ["Hi Jo!", "Bye.", "Goodbye."]
    assert run["isSuccessful"] is True


async def test_a_hundred_steps_end_a_run_without_success_and_the_remark_says_so():
    casting = FromFunctions(lambda: Lines([user_says("And?")] * 60), lambda: Lines([agent_says("Well.")] * 60))
    async with playing(casting) as (_, finished):
        batch, (run,) = await finished({})
    assert (run["isSuccessful"], batch["failedAttempts"]) == (False, 1)
    assert "limit of steps" in run["remarks"]
    assert len(run["conversation"]) == 100


async def test_what_could_not_be_played_is_an_error_and_no_failure():
    down = ModelFault("The provider is down.", provider="p", model="m", reason="unreachable")
    casting = FromFunctions(lambda: Lines([down] * 4), lambda: Lines([]))
    async with playing(casting) as (_, finished):
        batch, (run,) = await finished({})
    assert (batch["failedAttempts"], batch["erroredAttempts"]) == (0, 1)
    assert (run["isSuccessful"], run["remarks"], run["status"]) == (None, None, "error")
    assert "The provider is down." in run["error"]


async def test_what_is_edited_later_does_not_change_a_past_batch():
    casting = FromFunctions(
        lambda: Lines([user_says("Cancel it."), user_ends()]), lambda: Lines([agent_says("It is cancelled.")])
    )
    async with playing(casting) as (client, finished):
        before, _ = await finished({"label": "Before"})
        (case,), agent, batch = before["testCases"], before["agent"]["agentId"], before["batchId"]
        await client.put(f"/v1/test-cases/{case['testCaseId']}", json={"label": "After"})
        await client.patch(f"/v1/agents/{agent}", json={"agentName": "Renamed"})
        assert (await client.get(f"/v1/batch-runs/{batch}")).json() == before
        assert (await client.delete(f"/v1/agents/{agent}")).status_code == 204
        assert (await client.get(f"/v1/batch-runs/{batch}?agentId={agent}")).json() == before


async def test_odd_variables_are_a_warning_on_the_batch_before_anything_is_played():
    casting = FromFunctions(
        lambda: Lines([user_says("Cancel it."), user_ends()]), lambda: Lines([agent_says("It is cancelled.")])
    )
    async with playing(casting) as (_, finished):
        batch, (run,) = await finished(
            {
                "label": "Odd",
                "userPrompt": "You are {{nme}}.",
                "mockData": [{"variableName": "name", "value": "Jo"}],
            }
        )
    assert len(batch["warnings"]) == 2
    assert all(warning.startswith("Odd: ") for warning in batch["warnings"])
    assert [f"Odd: {warning}" for warning in run["warnings"]] == batch["warnings"]


@pytest.mark.parametrize(
    ("missing", "variable"), [("user", "SPARRING_USER_MODEL"), ("judge", "SPARRING_JUDGE_MODEL")]
)
async def test_without_a_model_for_a_role_nothing_is_begun(missing, variable):
    names = {"user": "u", "judge": "j", missing: None}
    served = await serve(defaults=DefaultModels(**names))
    async with served.client() as client:
        response = await client.post(
            "/v1/batch-runs", json={"agentId": "D5D0p7TUs66TTAEAx", "testCases": ["tc_d17T6uReChpyfFeP"]}
        )
    assert response.status_code == 400
    assert variable in response.json()["message"]
    assert (await served.store.simulations(None, Page()))[1] == 0


async def test_what_real_models_played_is_not_called_scripted_on_a_demonstration():
    served = await serve()
    demonstration = await serve(store=served.store, demo=True)
    async with served.client() as client, demonstration.client() as visitor:
        made = await client.post(
            "/v1/batch-runs", json={"agentId": "D5D0p7TUs66TTAEAx", "testCases": ["tc_d17T6uReChpyfFeP"]}
        )
        seen = await visitor.get(f"/v1/batch-runs/{made.json()['batchId']}")
        case = await visitor.get("/v1/test-cases/tc_d17T6uReChpyfFeP")
    assert "scripted" not in seen.text
    assert case.json()["scripted"] is True
