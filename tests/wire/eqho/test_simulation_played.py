"""A whole simulation: asked for over HTTP, played by the engine of the process, read over HTTP."""

import asyncio
from contextlib import asynccontextmanager

from tests.wire.sigmamind.served import NOW, serve

from sparring.adapters.engine import InProcessEngine
from sparring.adapters.players.casting import ModelCasting
from sparring.domain.errors import ModelFault
from sparring.domain.evaluation import Finding
from sparring.domain.transcript import ToolCall
from sparring.server.services import DefaultModels
from sparring.simulation.ports import Cast
from sparring.simulation.runner import Runner
from sparring.testing import (
    FakeModel,
    FakeModels,
    FrozenClock,
    Lines,
    MemoryStore,
    agent_says,
    assessed,
    judge_finds,
    user_ends,
    user_says,
)

LEAD = {"instructions": {"task_instructions": "Cancel the order {{order}}."}}
CONFIRMED = {"nl_assertions": ["It is confirmed."]}


class FromFunctions:
    """A casting whose players are made anew for each trial."""

    def __init__(self, user, agent, judge=lambda: judge_finds(Finding.MET)):
        self.make = user, agent, judge

    def cast(self, simulation, scenario, trial):
        user, agent, judge = (make() for make in self.make)
        return Cast(user=user, agent=agent, judge=judge)


@asynccontextmanager
async def playing(casting, **options):
    """A server whose engine plays as soon as it is told to."""
    clock = FrozenClock(NOW)
    store = MemoryStore(clock)
    engine = InProcessEngine(Runner(store, casting, clock), store, concurrency=10)
    served = await serve(store=store, casting=casting, engine=engine, **options)
    await engine.start()
    async with served.client() as client:

        async def made(path, body):
            response = await client.post(path, json=body)
            assert response.status_code == 200, response.text
            return response.json()["_id"]

        async def finished(scenario, *, actions=(), agent=None, **asked):
            """The results of one scenario and its runs, once all is over."""
            ids = [await made("/v1/actions", action) for action in actions]
            owner = {"name": "A", "ai_settings": {"ai_model": "gpt-4o"}, "action_ids": ids, **(agent or {})}
            one = await made("/v1/simulation/scenarios", {"name": "S", "lead_scenario": LEAD, **scenario})
            request = {"agent_id": await made("/eqho/v1/agents", owner), "scenario_ids": [one], **asked}
            result = await made("/v1/simulation", request)
            async for _ in engine.changes(result):
                pass
            shown = (await client.get(f"/v1/simulation/results/{result}")).json()
            runs = (await client.get(f"/v1/simulation/results/{result}/runs")).json()
            for run in runs:
                assert (await client.get(f"/v1/simulation/run/{run['_id']}")).json() == run
            return shown, runs

        try:
            yield client, finished
        finally:
            await engine.stop(grace=1.0)


def action(slug, type="webhook", **fields):
    return {"name": slug, "slug": slug, "instructions": f"{slug}.", "type": type, **fields}


async def test_every_run_is_played_and_judged():
    casting = FromFunctions(
        lambda: Lines([user_says("Cancel it."), user_ends()]),
        lambda: Lines([agent_says("It is cancelled.")]),
        lambda: judge_finds(assessed(Finding.MET, "It says so.", (1, "cancelled"))),
    )
    async with playing(casting) as (_, finished):
        result, runs = await finished({"evaluation_criteria": CONFIRMED}, num_trials=3)
    assert (result["status"], result["completed_runs"], result["total_runs"]) == ("completed", 3, 3)
    assert (result["final_score"], result["pass_hat_ks"]) == (1.0, {"1": 1.0, "2": 1.0, "3": 1.0})
    assert [run["trial"] for run in runs] == [1, 2, 3]
    assert [(m["role"], m["content"]) for m in runs[0]["messages"]] == [
        ("user", "Cancel it."),
        ("assistant", "It is cancelled."),
        ("user", None),
    ]
    (assertion,) = runs[0]["reward_info"]["nl_assertions"]
    assert assertion["evidence"] == [{"message": 1, "quote": "cancelled"}]


async def test_a_simulation_ends_once_it_is_decided_whether_a_bar_is_reached():
    casting = FromFunctions(
        lambda: Lines([user_says("Cancel it."), user_ends()]), lambda: Lines([agent_says("It is cancelled.")])
    )
    async with playing(casting) as (client, finished):
        result, runs = await finished({}, num_trials=32, until_decided="pass^1=0.6")
        assert result["status"] == "completed"
        assert result["status_reason"].startswith("Decided: pass^1 is above 0.6")
        ended = [run["outcome"] for run in runs]
        assert ended.count("cancelled") >= 10
        assert result["final_score"] == 1.0
        asked = {"agent_id": result["agent_id"], "scenario_ids": result["scenario_ids"]}
        for text, told in (
            ("0.9", "must be a text of 8 to 40 characters, such as pass^1=0.9"),
            ("pass^2=0.9", "until_decided: pass^2 is decided by 2 trials of each scenario, and 'S' has fewer"),
        ):
            refused = await client.post("/v1/simulation", json={**asked, "until_decided": text})
            assert (refused.status_code, told in refused.text) == (422, True), refused.text


async def test_models_play_with_what_the_request_and_the_records_say():
    user = FakeModel(["Cancel it.", ToolCall(id="x", name="hang_up", arguments={"reason": "done"})], cost=0.25)
    agent = FakeModel([ToolCall(id="1", name="cancel", arguments={"id": "A1"}), "It is cancelled."], cost=0.5)
    evidence = [{"message": 3, "quote": "It is cancelled."}]
    judge = FakeModel(
        [{"assessments": [{"index": 1, "verdict": "met", "reason": "It says so.", "evidence": evidence}]}]
    )
    models = FakeModels(**{"gpt-4o": agent, "lead": user, "gpt-4.1": judge})
    casting = ModelCasting(models, FrozenClock(NOW))
    lead = {
        **LEAD,
        "actions": {"terminate_call": action("hang_up", "call_transfer", instructions="Hang up politely.")},
    }
    setup = {
        "dynamic_variables": {"order": "A1"},
        "action_mocks": {"cancel": {"rules": [{"when": {"id": "{{order}}"}, "returns": {"done": True}}]}},
        "message_history": [{"role": "system", "content": "It is Monday."}],
    }
    async with playing(casting) as (_, finished):
        result, (run,) = await finished(
            {"lead_scenario": lead, "environment_setup": setup, "evaluation_criteria": CONFIRMED},
            actions=[action("cancel", parameters={"properties": {"id": {"type": "string"}}})],
            agent={"system_prompt": "Cancel orders.", "ai_settings": {"ai_model": "gpt-4o", "temperature": 0.25}},
            simulated_lead_llm_args={"ai_model": "lead", "temperature": 0.75},
        )
    assert (run["termination_reason"], run["error"], run["reward_info"]["reward"]) == ("user_stop", None, 1.0)
    assert (run["agent_cost"], run["user_cost"], result["avg_agent_cost"]) == (1.0, 0.5, 1.0)
    asked = user.requests[0]
    assert (asked.temperature, [tool.name for tool in asked.tools]) == (0.75, ["hang_up"])
    assert "Cancel the order A1." in asked.system
    assert asked.tools[0].description == "Hang up politely."
    asked = agent.requests[0]
    assert (asked.temperature, [tool.name for tool in asked.tools]) == (0.25, ["cancel"])
    assert asked.system.startswith("Cancel orders.")
    assert "It is Monday." in asked.system
    result_of_call = run["messages"][3]
    assert (result_of_call["role"], result_of_call["content"]) == ("tool", '{"done":true}')
    assert (result_of_call["source"], result_of_call["error"]) == ("rule 1", False)


async def test_every_kind_of_check_has_its_result_and_its_part_of_the_reward():
    casting = FromFunctions(
        lambda: Lines([user_says("Cancel it."), user_ends()]),
        lambda: Lines(
            [agent_says(None, cancel={"id": "A1"}), agent_says("It is cancelled, the refund is booked.")]
        ),
    )
    mocks = {"cancel": {"returns": {"done": True}, "set": {"orders.{{arguments.id}}": "cancelled"}}}
    async with playing(casting) as (_, finished):
        result, (run,) = await finished(
            {
                "environment_setup": {"state": {"orders": {"A1": "open"}}, "action_mocks": mocks},
                "evaluation_criteria": {
                    **CONFIRMED,
                    "actions": [{"name": "cancel", "arguments": {"id": {"regex": "^A"}}}],
                    "forbidden": ["issue_refund"],
                    "writes": "exact",
                    "state": {"orders.A1": "cancelled"},
                    "said": ["cancelled", {"contains": "refund", "absent": True}],
                },
            },
            actions=[action("cancel", writes=True)],
        )
    assert run["reward_info"]["reward_breakdown"] == {
        "ACTION": 1.0,
        "FORBIDDEN": 1.0,
        "WRITES": 1.0,
        "STATE": 1.0,
        "SAID": 0.0,
        "NL_ASSERTION": 1.0,
    }
    assert (run["outcome"], run["reward_info"]["reward"], result["final_score"]) == ("failed", 0.0, 0.0)
    found = [(check["kind"], check["finding"]) for check in run["checks"]]
    assert found[-3:] == [("SAID", "met"), ("SAID", "not_met"), ("NL_ASSERTION", "met")]


async def test_an_action_that_ends_is_the_agents_stop():
    casting = FromFunctions(
        lambda: Lines([user_says("Bye.")]), lambda: Lines([agent_says("Goodbye.", transfer={})])
    )
    async with playing(casting) as (_, finished):
        _, (run,) = await finished({}, actions=[action("transfer", "call_transfer")])
    assert (run["termination_reason"], run["outcome"]) == ("agent_stop", "passed")
    assert run["messages"][-1]["source"] == "end"


async def test_the_greeting_is_that_of_the_direction():
    greetings = [
        {"call_type": "inbound", "greeting_type": "static", "text": "Shop, hello!"},
        {"call_type": "outbound", "greeting_type": "ai"},
    ]
    casting = FromFunctions(
        lambda: Lines([user_ends()]), lambda: Lines([agent_says("Am I disturbing you?"), agent_says("x")])
    )
    async with playing(casting) as (_, finished):
        said = []
        for direction in ("inbound", "outbound"):
            setup = {"conversation_direction": direction}
            _, (run,) = await finished({"environment_setup": setup}, agent={"structured_greetings": greetings})
            said.append(run["messages"][0]["content"])
    assert said == ["Shop, hello!", "Am I disturbing you?"]


async def test_a_history_that_ends_with_a_call_goes_on_with_its_result():
    # The lines of both sides that the history holds are counted as said.
    casting = FromFunctions(
        lambda: Lines([user_says("?"), user_ends()]), lambda: Lines([agent_says("?"), agent_says("Shipped.")])
    )
    call = {"id": "c", "name": "find", "arguments": {}}
    setup = {
        "action_mocks": {"find": {"default_return_value": "shipped"}},
        "message_history": [
            {"role": "user", "content": "Where is it?"},
            {"role": "assistant", "content": "", "tool_calls": [call]},
        ],
    }
    async with playing(casting) as (_, finished):
        _, (run,) = await finished({"environment_setup": setup}, actions=[action("find")])
    assert [(m["role"], m["content"]) for m in run["messages"]] == [
        ("user", "Where is it?"),
        ("assistant", ""),
        ("tool", "shipped"),
        ("assistant", "Shipped."),
        ("user", None),
    ]


async def test_an_unmocked_call_is_a_gap_of_the_scenario_and_says_how_to_close_it():
    casting = FromFunctions(
        lambda: Lines([user_says("Where is it?"), user_ends()]),
        lambda: Lines([agent_says(None, find={"id": "A1"}), agent_says("I do not know.")]),
        lambda: judge_finds(Finding.NOT_MET),
    )
    async with playing(casting) as (_, finished):
        result, (run,) = await finished({"evaluation_criteria": CONFIRMED}, actions=[action("find")])
    assert (run["outcome"], run["cause"], run["reward_info"]) == ("error", "mock_gap", None)
    assert result["errored_runs"] == 1
    assert any('find: {rules: [{when: {id: "A1"}' in warning for warning in run["warnings"])


async def test_the_limits_of_the_request_end_a_run_without_reward():
    casting = FromFunctions(lambda: Lines([user_says("And?")] * 9), lambda: Lines([agent_says("Well.")] * 9))
    async with playing(casting) as (_, finished):
        _, (run,) = await finished({"evaluation_criteria": CONFIRMED}, max_steps=5)
    assert (run["termination_reason"], run["reward_info"]["reward"], run["max_steps"]) == ("max_steps", 0.0, 5)
    assert len(run["messages"]) == 5
    assert "limit of steps" in run["reward_info"]["info"]["note"]
    failing = {"action_mocks": {"find": {"default_return_value": "down", "default_is_error": True}}}
    casting = FromFunctions(lambda: Lines([user_says("And?")] * 9), lambda: Lines([agent_says(None, find={})] * 9))
    async with playing(casting) as (_, finished):
        _, (run,) = await finished({"environment_setup": failing}, actions=[action("find")], max_errors=2)
    assert (run["termination_reason"], run["reward_info"]["reward"]) == ("too_many_errors", 0.0)


async def test_what_could_not_be_played_is_an_error_and_no_failure():
    down = ModelFault("The provider is down.", provider="p", model="m", reason="unreachable")
    casting = FromFunctions(lambda: Lines([down] * 4), lambda: Lines([]))
    async with playing(casting) as (_, finished):
        result, (run,) = await finished({})
    assert (run["status"], run["outcome"], run["cause"]) == ("completed", "error", "provider")
    assert "The provider is down." in run["error"]
    assert (result["final_score"], result["errored_runs"], result["completed_runs"]) == (None, 1, 1)


async def test_what_is_edited_later_does_not_change_a_past_simulation():
    casting = FromFunctions(
        lambda: Lines([user_says("Cancel it."), user_ends()]), lambda: Lines([agent_says("It is cancelled.")])
    )
    async with playing(casting) as (client, finished):
        result, runs = await finished({"evaluation_criteria": CONFIRMED})
        scenario, agent = result["scenario_ids"][0], result["agent_id"]
        await client.put(f"/v1/simulation/scenarios/{scenario}", json={"name": "New", "lead_scenario": LEAD})
        await client.put(f"/eqho/v1/agents/{agent}", json={"name": "New"})
        assert (await client.delete(f"/v1/simulation/scenarios/{scenario}")).status_code == 200
        assert (await client.get(f"/v1/simulation/results/{result['_id']}")).json() == result
        assert (await client.get(f"/v1/simulation/results/{result['_id']}/runs")).json() == runs


async def test_an_agent_without_a_model_of_its_own_takes_the_servers():
    casting = FromFunctions(lambda: Lines([user_ends()]), lambda: Lines([]))
    defaults = DefaultModels(user="u", judge="j", agent="gpt-5")
    async with playing(casting, defaults=defaults) as (_, finished):
        result, _ = await finished({}, agent={"ai_settings": None})
    assert result["info"]["agent_info"]["ai_settings"]["ai_model"] == "gpt-5"


async def test_a_mock_of_five_megabytes_is_kept_and_said():
    big = "x" * 5_000_000
    casting = FromFunctions(
        lambda: Lines([user_says("Where is it?"), user_ends()]),
        lambda: Lines([agent_says(None, find={}), agent_says("There.")]),
    )
    setup = {"action_mocks": {"find": {"default_return_value": big, "default_is_error": False}}}
    async with playing(casting) as (client, finished):
        result, (run,) = await finished({"environment_setup": setup}, actions=[action("find")])
        shown = (await client.get(f"/v1/simulation/scenarios/{result['scenario_ids'][0]}")).json()
    assert run["messages"][2]["content"] == big
    assert shown["environment_setup"] == {
        **shown["environment_setup"],
        "action_mocks": {"find": {"default_return_value": big, "default_is_error": False}},
    }


async def test_a_budget_stops_a_simulation_and_a_larger_one_goes_on():
    user = FakeModel([*["Cancel it."] * 30], cost=0.25)
    agent = FakeModel(["It is cancelled. ###BYE###"] * 30, cost=0.5)
    models = FakeModels(**{"gpt-4o": agent, "gpt-4.1-mini": user, "gpt-4.1": FakeModel([])})
    casting = ModelCasting(models, FrozenClock(NOW))
    async with playing(casting) as (client, finished):
        stops = {"stop_tokens": [], "agent_stop_tokens": ["###BYE###"]}
        first, _ = await finished({"environment_setup": stops})
        assert first["spent_usd"] == {"agent": 0.5, "user": 0.25, "judge": 0.0, "total": 0.75}
        asked = {
            "agent_id": first["agent_id"],
            "scenario_ids": first["scenario_ids"],
            "num_trials": 25,
            "max_cost_usd": 3,
        }
        result = (await client.post("/v1/simulation", json=asked)).json()["_id"]
        path = f"/v1/simulation/results/{result}"
        paused = await until(client, path, "paused")
        assert paused["status_reason"].startswith("the budget of $3.00 is spent; it was paused at $")
        assert 3 <= paused["spent_usd"]["total"] == 0.75 * paused["completed_runs"]
        assert paused["completed_runs"] < 25
        too_small = await client.post(f"{path}/resume", json={"max_cost_usd": 2})
        assert (too_small.status_code, "and its budget would be $2.00" in too_small.text) == (409, True)
        assert (await client.post(f"{path}/resume", json={"max_cost_usd": 99})).json()["max_cost_usd"] == 99
        done = await until(client, path, "completed")
    assert (done["completed_runs"], done["spent_usd"]["total"]) == (25, 25 * 0.75)


async def until(client, path, status):
    """The result once it stands so, with nothing at play."""
    async with asyncio.timeout(10):
        while True:
            shown = (await client.get(path)).json()
            runs = (await client.get(f"{path}/runs?messages=false&status=running")).json()
            if shown["status"] == status and not runs:
                return shown
            await asyncio.sleep(0.01)
