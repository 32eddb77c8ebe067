"""The pages of agents: what they are told, their scenarios, and what became of them."""

from dataclasses import replace

import pytest
from tests.wire.sigmamind.served import NOW, OTHER_KEY, WORKSPACE, serve

from sparring.domain.agent import Agent, Tool, ToolKind
from sparring.domain.mocks import Answer, ToolMock
from sparring.domain.outcomes import Outcome
from sparring.domain.scenario import Expectations, ScenarioSet
from sparring.server.ui.agent_history import history, points

from .playing import HOSTILE, check, errored, judged, scenario, simulation, store
from .visiting import visiting

AGENT = Agent(
    id="69c50fbd" + 16 * "7",
    workspace=WORKSPACE,
    name="Airline agent",
    instructions="Help {{name}}.",
    model="openai:a",
    greeting="Hello!",
    tools=(Tool(name="look"), Tool(name="refund", writes=True), Tool(name="bye", kind=ToolKind.END)),
    mocks={"look": ToolMock(otherwise=Answer(value="found"))},
    revision=2,
)
HERE = f"/agents/{AGENT.id}"


async def serve_agent(agent=AGENT, *scenarios, **options):
    served = await serve(**options)
    await served.store.save_agent(agent)
    for one in scenarios:
        await served.store.save_scenario(one)
    return served


def of_agent(number, **changes):
    return replace(scenario(number), agent_id=AGENT.id, **changes)


async def shown(served, path=HERE, **options):
    async with visiting(served, **options) as (client, _):
        answer = await client.get(path)
        assert answer.status_code == 200, answer.text
        return answer.text


async def test_an_agent_shows_what_it_is_told_and_what_it_can_do():
    page = await shown(await serve_agent())
    assert "Help {{name}}." in page
    assert '<q class="text">Hello!</q>' in page
    assert '<b>refund</b></span> <span class="badge">writes</span>' in page
    assert '<b>look</b></span> <span class="badge">mocked</span>' in page
    assert '<b>bye</b></span> <span class="badge">ends</span>' in page
    assert "It was not played yet." in page


async def test_an_agent_whose_model_cannot_be_reached_says_what_to_set():
    page = await shown(await serve_agent(replace(AGENT, model="anthropic:claude")))
    assert "It cannot be played now: " in page
    assert "Set ANTHROPIC_API_KEY." in page
    page = await shown(await serve_agent(replace(AGENT, model=None)))
    assert "set SPARRING_AGENT_MODEL" in page


async def test_scenarios_stand_by_set_and_folder_whichever_dialect_they_came_from():
    group = ScenarioSet(id="69c50fbd" + 16 * "9", workspace=WORKSPACE, name="Nightly")
    served = await serve_agent(
        AGENT,
        of_agent(1, folder="Refunds", set_id=group.id, tags=("smoke",), required=True),
        of_agent(2, expect=Expectations(assertions=("A.", "B."))),
        scenario(3, folder="Refunds"),
        replace(scenario(4), agent_id="69c50fbd" + 16 * "0"),
    )
    await served.store.save_scenario_set(group)
    page = await shown(served)
    titles = [
        page.index(f'class="text">{title}</th>') for title in ("Nightly / Refunds", "Refunds", "In no folder")
    ]
    assert titles == sorted(titles)
    assert page.index("Scenario 1") < page.index("Scenario 3") < page.index("Scenario 2")
    assert "Scenario 4" not in page
    assert page.count('<span class="badge">any agent</span>') == 1
    assert '<span class="badge">must pass</span>' in page
    assert "smoke" in page


async def test_scenarios_are_found_by_name_and_the_address_says_so():
    served = await serve_agent(AGENT, of_agent(1, name="Refund refused"), of_agent(2, name="Bag"))
    page = await shown(served, f"{HERE}?text=refund")
    assert "Refund refused" in page
    assert "Bag" not in page
    assert "1 scenario found" in page
    assert "None of that name." in await shown(served, f"{HERE}?text=nothing")


async def test_of_very_many_scenarios_each_folder_shows_some_and_leads_to_the_rest():
    many = [of_agent(number, name=f"Case {number:03}", folder=f"F{number % 2}") for number in range(1, 171)]
    served = await serve_agent(AGENT, *many)
    page = await shown(served)
    assert "170 scenarios" in page
    assert page.count("Case ") == 16
    assert '<a class="small" href="?group=%2FF0#scenarios">77 more</a>' in page
    folder = await shown(served, f"{HERE}?group=%2FF0")
    assert "85 scenarios found" in folder
    assert folder.count("Case ") == 85
    assert "Case 001" not in folder
    assert (await shown(served, f"{HERE}?group=%2FF0&text=016")).count("Case ") == 1


async def played(served, number, agent, results):
    """Keep a simulation of the agent, the later the higher its number."""
    one = simulation(
        of_agent(1, trials=2),
        id=f"69c50fbd{number:015x}f",
        agent=agent,
        name=f"Round {number}",
        created_at=NOW + number,
    )
    await store(served, one, results, first=100 * number)
    return one


def passing(trial):
    return judged(trial)


def failing(trial):
    return judged(trial, check())


async def test_the_history_tells_rates_versions_and_what_was_changed():
    served = await serve_agent()
    other = replace(AGENT, instructions="Help {{name}}.\nBe brief.", tools=AGENT.tools[:2])
    await played(served, 1, AGENT, [passing, failing])
    await played(served, 2, other, [passing, passing])
    await played(served, 3, AGENT, [failing, errored])
    lines = await history(served.store, WORKSPACE, AGENT.id)
    assert [(line.title, line.version, line.rate) for line in lines] == [
        ("Round 3", 1, 0.0),
        ("Round 2", 2, 1.0),
        ("Round 1", 1, 0.5),
    ]
    assert [change.title for change in lines[1].changed] == ["agent instructions", "tool bye"]
    assert [(point.version, point.words.rpartition(": ")[2]) for point in points(lines)] == [
        (1, "0.50 of 2, version 1"),
        (2, "1.00 of 2, version 2"),
        (1, "0.00 of 1, version 1"),
    ]
    page = await shown(served)
    assert '<svg class="plot history"' in page
    assert '<span class="added">+ Be brief.</span>' in page
    assert "agent instructions, tool bye" in page


async def test_what_was_only_tried_is_in_no_history():
    served = await serve_agent()
    one = simulation(of_agent(1), agent=AGENT, source="try")
    await store(served, one, [failing])
    assert await history(served.store, WORKSPACE, AGENT.id) == []


async def test_a_scenario_shows_how_it_did_when_it_was_played_last():
    served = await serve_agent(AGENT, of_agent(1))
    await played(served, 1, AGENT, [passing, passing])
    await played(served, 2, AGENT, [passing, failing])
    assert 'data-label="last played">1 of 2</td>' in await shown(served)


async def test_a_simulation_without_a_verdict_is_listed_and_not_plotted():
    served = await serve_agent()
    await played(served, 1, AGENT, [errored])
    lines = await history(served.store, WORKSPACE, AGENT.id)
    assert (lines[0].rate, lines[0].interval, lines[0].outcomes[Outcome.ERROR]) == (None, None, 1)
    assert points(lines) == []


async def test_all_agents_are_listed_with_the_scenarios_of_none():
    served = await serve_agent(AGENT, of_agent(1), scenario(2))
    page = await shown(served, "/agents")
    assert f'href="{HERE}"' in page
    assert "Scenarios for any agent" in page
    assert "Scenario 2" in page
    assert "Scenario 1" not in page


@pytest.mark.parametrize("path", [HERE, "/agents"])
async def test_hostile_names_are_text(path):
    hostile = replace(
        AGENT,
        name=HOSTILE,
        instructions=f"</pre>{HOSTILE}",
        greeting=HOSTILE,
        tools=(Tool(name=HOSTILE, description=HOSTILE, parameters={HOSTILE: HOSTILE}),),
    )
    page = await shown(
        await serve_agent(hostile, of_agent(1, name=HOSTILE, folder=HOSTILE, tags=(HOSTILE,))), path
    )
    assert "<img" not in page


async def test_another_workspace_has_no_such_agent():
    async with visiting(await serve_agent(), key=OTHER_KEY) as (client, _):
        assert (await client.get(HERE)).status_code == 404
        assert AGENT.name not in (await client.get("/agents")).text
