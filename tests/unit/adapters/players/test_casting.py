"""Who plays whom, with the scenario's variables filled in."""

from dataclasses import replace

import pytest

from sparring.adapters.agents.casting import EndpointCasting
from sparring.adapters.players.casting import ModelCasting
from sparring.adapters.players.filling import filled_agent, filled_scenario
from sparring.domain.agent import Agent, Tool
from sparring.domain.authoring import Scenario as ShortScenario
from sparring.domain.errors import InvalidInput, NotConfigured
from sparring.domain.mocks import Answer, ToolMock
from sparring.domain.outcomes import Outcome, Role
from sparring.domain.scenario import Expectations, Instructions, Scenario
from sparring.domain.simulation import Models, Simulation, Trial
from sparring.domain.transcript import ToolCall, Transcript
from sparring.simulation import trial as trials
from sparring.testing import FakeModel, FakeModels, FrozenClock, MemoryStore, agent_says, user_says

SCHEMA = {"type": "object", "properties": {"id": {"type": "string", "description": "Such as {{code}}."}}}
AGENT = Agent(
    id="a",
    workspace="w",
    name="Airline",
    model="agent",
    instructions="Today is {{today}}.",
    tools=(Tool(name="cancel", description="Cancels {{code}}.", parameters=SCHEMA), Tool(name="find")),
)
SCENARIO = Scenario(
    id="s",
    name="Refund",
    persona="{{name}}, {{unheard_of}}",
    instructions=Instructions(task="Cancel {{code}}.", reason="{{code}}", known="{{name}}", unknown=None),
    variables={"today": "2024-05-15", "code": "{{name}}", "name": "Amelia"},
    expect=Expectations(assertions=("{{name}} is cancelled.",)),
    user_tools=(Tool(name="look", description="Look at {{code}}."),),
    mocks={"cancel": ToolMock(otherwise=Answer(value="ok"))},
)
SIMULATION = Simulation(
    id="b", workspace="w", agent=AGENT, scenarios=(SCENARIO,), models=Models(user="user", judge="judge")
)
TRIAL = Trial(id="t", simulation="b", scenario="s", number=3, seed=77)


def met(number, quote):
    evidence = [{"message": number, "quote": quote}]
    return {"assessments": [{"index": 1, "reason": "So it is.", "evidence": evidence, "verdict": "met"}]}


def test_variables_are_put_into_every_text_of_the_user_and_the_judge_once():
    filled = filled_scenario(SCENARIO)
    told = filled.instructions
    assert filled.persona == "Amelia, {{unheard_of}}"
    assert (told.task, told.reason, told.known, told.unknown) == ("Cancel {{name}}.", "{{name}}", "Amelia", None)
    assert filled.expect.assertions == ("Amelia is cancelled.",)
    assert filled.user_tools[0].description == "Look at {{name}}."


def test_variables_are_put_into_the_agents_instructions_and_its_tools():
    filled = filled_agent(AGENT, SCENARIO.variables)
    assert filled.instructions == "Today is 2024-05-15."
    cancel, find = filled.tools
    assert cancel.description == "Cancels {{name}}."
    assert cancel.parameters["properties"]["id"]["description"] == "Such as {{name}}."
    assert cancel.parameters["properties"]["id"]["type"] == "string"
    assert find is AGENT.tools[1]


def test_tools_without_variables_stay_the_same_object_so_that_a_wire_can_keep_them():
    plain = replace(AGENT, tools=(Tool(name="find", parameters={"type": "object", "enum": [["a"], 1]}),))
    assert filled_agent(plain, {"a": "b"}).tools is plain.tools


def test_a_scenario_of_the_short_form_is_filled_as_well():
    short = ShortScenario(
        name="Refund", task="Cancel {{code}}.", assertions=["{{code}}"], variables={"code": "X7"}
    )
    filled = filled_scenario(short)
    assert (filled.instructions.task, filled.expect.assertions) == ("Cancel X7.", ("X7",))


async def test_every_role_is_played_by_its_own_model_and_knows_the_occasion():
    user = FakeModel(["Cancel it.", ToolCall(id="e", name="end_conversation", arguments={"reason": "done"})])
    agent = FakeModel([ToolCall(id="c", name="cancel"), "Done."])
    judge = FakeModel([met(3, "Done.")])
    casting = ModelCasting(FakeModels(user=user, agent=agent, judge=judge), FrozenClock())
    store = MemoryStore(FrozenClock())
    done = await trials.play(
        SIMULATION,
        SCENARIO,
        TRIAL,
        cast=casting.cast(SIMULATION, SCENARIO, TRIAL),
        journal=store.journal(TRIAL),
        clock=FrozenClock(),
    )
    assert done.outcome is Outcome.PASSED
    assert [len(model.requests) for model in (user, agent, judge)] == [2, 2, 1]
    assert done.costs == pytest.approx({"user": 0.02, "agent": 0.02, "judge": 0.01})
    for role, model in ((Role.USER, user), (Role.AGENT, agent), (Role.JUDGE, judge)):
        occasion = model.requests[0].occasion
        assert (occasion.role, occasion.scenario, occasion.trial, occasion.seed) == (role, "Refund", 3, 77)
    assert agent.requests[0].system == "Today is 2024-05-15."
    assert "1. Amelia is cancelled." in judge.requests[0].messages[0].text
    assert "Today is 2024-05-15." in judge.requests[0].messages[0].text


async def test_each_trial_gets_fresh_players():
    user = FakeModel(["One.", "Two."])
    models = FakeModels(user=user, agent=FakeModel([]), judge=FakeModel([]))
    casting = ModelCasting(models, FrozenClock())
    for line in ("Hi!", "Hello!"):
        await casting.cast(SIMULATION, SCENARIO, TRIAL).user.speak(Transcript([agent_says(line)]))
    assert [[prompt.text for prompt in request.messages] for request in user.requests] == [["Hi!"], ["Hello!"]]


async def test_the_scenarios_model_takes_the_place_of_the_agents():
    own = FakeModel(["Hello."])
    casting = ModelCasting(FakeModels(user=own, judge=own, own=own), FrozenClock())
    cast = casting.cast(SIMULATION, replace(SCENARIO, model="own"), TRIAL)
    (said,) = await cast.agent.reply(Transcript([user_says("Hi")]))
    assert said.text == "Hello."


@pytest.mark.parametrize("missing", ["agent", "user", "judge"])
def test_a_model_that_cannot_be_reached_is_told_before_anything_is_said(missing):
    there = {name: FakeModel([]) for name in ("agent", "user", "judge") if name != missing}
    with pytest.raises(NotConfigured, match=missing):
        ModelCasting(FakeModels(**there), FrozenClock()).cast(SIMULATION, SCENARIO, TRIAL)


def test_an_agent_without_a_model_is_told_by_name():
    casting = ModelCasting(FakeModels(), FrozenClock())
    with pytest.raises(NotConfigured, match="'Airline' has no model"):
        casting.cast(replace(SIMULATION, agent=replace(AGENT, model=None)), SCENARIO, TRIAL)


async def test_goodbyes_are_left_to_the_model_where_the_casting_says_so():
    user = FakeModel(["Bye bye."])
    models = FakeModels(user=user, agent=FakeModel([]), judge=FakeModel([]))
    cast = ModelCasting(models, FrozenClock(), notices_goodbyes=False).cast(SIMULATION, SCENARIO, TRIAL)
    said = await cast.user.speak(Transcript([user_says("Thanks, bye!"), agent_says("Goodbye!")]))
    assert said.text == "Bye bye."


async def test_a_function_takes_the_agents_place_beside_the_models():
    seen = []

    async def agent(message, history, context):
        seen.append((message, context))
        return "Done."

    user = FakeModel(["Cancel it.", "Ciao. ###STOP###"])
    models = FakeModels(user=user, judge=FakeModel([met(1, "Done.")]))
    models_only = ModelCasting(models, FrozenClock())
    casting = EndpointCasting(models_only, FrozenClock(), environment={}, function=agent)
    simulation = replace(SIMULATION, agent=replace(AGENT, model=None))
    store = MemoryStore(FrozenClock())
    done = await trials.play(
        simulation,
        SCENARIO,
        TRIAL,
        cast=casting.cast(simulation, SCENARIO, TRIAL),
        journal=store.journal(TRIAL),
        clock=FrozenClock(),
    )
    await casting.close()
    assert done.outcome is Outcome.PASSED
    ((message, context),) = seen
    assert message == "Cancel it."
    assert (context.conversation, context.scenario, context.trial, context.seed) == ("t-1", "Refund", 3, 77)
    assert context.variables == SCENARIO.variables


def test_a_function_that_cannot_be_called_is_refused_at_once():
    with pytest.raises(InvalidInput, match=r"must take \(message\)"):
        EndpointCasting(
            ModelCasting(FakeModels(), FrozenClock()), FrozenClock(), environment={}, function=lambda: "hi"
        )
