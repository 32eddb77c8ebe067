"""The page on which simulations are started."""

import re
from dataclasses import replace

import pytest
from tests.wire.sigmamind.served import NOW, OTHER_KEY, READ_KEY, WORKSPACE, serve

from sparring.domain.agent import Agent
from sparring.domain.endpoints import HttpEndpoint
from sparring.domain.outcomes import Lifecycle
from sparring.domain.scenario import Expectations, Scenario, ScenarioSet
from sparring.simulation.store import Page

from .playing import HOSTILE, SIMULATION, check, judged, simulation, store
from .visiting import csrf, visiting

AGENT = "69c50fbd" + 16 * "3"
SET = "69c50fbd" + 16 * "4"


def scenario(number, **changes):
    told = {"name": f"Scenario {number}", "agent_id": AGENT, "trials": 3}
    expect = Expectations(assertions=("It helps.",))
    return Scenario(id=f"69c50fbd{number:016x}", workspace=WORKSPACE, expect=expect, **{**told, **changes})


SCENARIOS = (
    scenario(1, folder="Refunds", trials=2),
    scenario(2, folder="Refunds"),
    scenario(3, set_id=SET, folder="Night"),
    scenario(4, agent_id=None),
    scenario(5, agent_id="69c50fbd" + 16 * "9"),
)


async def stocked(*scenarios, agent=None, **options):
    """A server with an agent, the newest, and its scenarios."""
    served = await serve(**options)
    made = agent or Agent(id=AGENT, workspace=WORKSPACE, name="Night desk", model="openai:a", created_at=NOW + 1)
    await served.store.save_agent(made)
    await served.store.save_scenario_set(ScenarioSet(id=SET, workspace=WORKSPACE, name="Smoke"))
    for one in scenarios or SCENARIOS:
        await served.store.save_scenario(one)
    return served


def listed(page):
    """The scenarios that can be chosen: name, whether chosen, whether hidden."""
    found = re.findall(
        r'<div class="choice"( hidden)?[^>]*>\s*<input type="checkbox"[^>]*?( checked)?>'
        r'\s*<label[^>]*><span class="text">([^<]*)',
        page,
    )
    return [(name, bool(checked), bool(hidden)) for hidden, checked, name in found]


def chosen(page):
    return [name for name, is_chosen, _ in listed(page) if is_chosen]


def summed(page):
    """What it comes to, in words."""
    return " ".join(re.sub("<[^>]+>", "", re.search(r'<p class="sum">(.*?)</p>', page, re.DOTALL)[1]).split())


async def sent(client, do, page=None, **fields):
    page = page or (await client.get("/start")).text
    return await client.post("/start", data={"csrf": csrf(page), "do": do, "agent": AGENT, **fields})


async def test_the_newest_agent_comes_with_all_that_it_can_play_by_set_and_folder():
    async with visiting(await stocked()) as (client, _):
        page = (await client.get("/start")).text
    assert '<option value="69c50fbd3333333333333333" selected>Night desk' in page
    assert re.findall(r'<legend><span class="text">([^<]*)<', page) == ["Smoke / Night", "Refunds", "Others"]
    assert chosen(page) == ["Scenario 3", "Scenario 1", "Scenario 2"] + [name for name, _, _ in listed(page)[3:]]
    assert "Scenario 4" in chosen(page) and "Scenario 5" not in page


async def test_it_says_how_many_trials_what_they_cost_and_how_long_they_take():
    async with visiting(await stocked(*SCENARIOS[:2], at_once=2)) as (client, _):
        query = f"/start?agent={AGENT}&scenario={SCENARIOS[0].id}&scenario={SCENARIOS[1].id}"
        page = (await client.get(query)).text
        assert summed(page).startswith("2 scenarios, 5 trials · about $0.05 · about 1 min 40 s")
        assert re.search(r'name="at_once"[^>]* value="" placeholder="2"', page)
        page = (await client.get(f"{query}&trials=10")).text
        assert summed(page).startswith("2 scenarios, 20 trials · about $0.20")


async def test_fewer_trials_at_once_take_longer_and_more_than_the_server_plays_do_not_take_less():
    async with visiting(await stocked(*SCENARIOS[:2], at_once=2)) as (client, _):
        query = f"/start?agent={AGENT}&scenario={SCENARIOS[0].id}&scenario={SCENARIOS[1].id}"
        one = (await client.get(f"{query}&at_once=1")).text
        many = (await client.get(f"{query}&at_once=50")).text
    assert summed(one).startswith("2 scenarios, 5 trials · about $0.05 · about 3 min 20 s")
    assert summed(many).startswith("2 scenarios, 5 trials · about $0.05 · about 1 min 40 s")
    assert re.search(r'name="at_once"[^>]* value="50"', many)


async def test_what_is_started_again_keeps_how_many_trials_may_be_at_play_at_once():
    served = await stocked(*SCENARIOS[:2])
    agent = await served.store.find_agent(WORKSPACE, AGENT)
    await store(served, simulation(*SCENARIOS[:2], agent=agent, at_once=3))
    async with visiting(served) as (client, _):
        page = (await client.get(f"/start?simulation={SIMULATION}")).text
        assert re.search(r'name="at_once"[^>]* value="3"', page)
        other = await sent(client, "agent", page, at_once="3")
        assert other.headers["location"] == f"/start?agent={AGENT}&at_once=3"
        shown = (await client.get(f"/simulations/{SIMULATION}")).text
        assert "<dt>At once</dt><dd>3 trials at most</dd>" in shown


async def test_a_price_that_nobody_knows_is_said_to_be_unknown():
    async def price(simulation):
        return None

    served = await stocked(SCENARIOS[0])
    served.app.state.services = replace(served.app.state.services, price=price)
    async with visiting(served) as (client, _):
        page = (await client.get(f"/start?agent={AGENT}&scenario={SCENARIOS[0].id}")).text
    assert " · at an unknown price · about " in summed(page)


async def test_an_agent_without_scenarios_leads_to_the_editor_of_one():
    served = await stocked(SCENARIOS[4])
    for one in (await served.store.scenarios(WORKSPACE, Page(size=100)))[0]:
        if one.agent_id is None:
            await served.store.delete_scenario(WORKSPACE, one.id)
    async with visiting(served) as (client, _):
        page = (await client.get(f"/start?agent={AGENT}")).text
    assert f'No scenario can be played with this agent yet. <a href="/scenarios/new?agent={AGENT}">' in page


async def test_what_was_played_like_this_before_says_it_better():
    served = await stocked(*SCENARIOS[:2], at_once=1)
    agent = await served.store.find_agent(WORKSPACE, AGENT)
    past = simulation(*SCENARIOS[:2], agent=agent)
    past = replace(past, models=replace(past.models, user="gpt-4.1-mini", judge="gpt-4.1"))
    await store(served, past, [lambda trial: judged(trial, check())] * 5)
    async with visiting(served) as (client, _):
        page = (await client.get(f"/start?simulation={SIMULATION}")).text
        assert "As the last simulation like this went." in page
        assert chosen(page) == ["Scenario 1", "Scenario 2"]
        assert summed(page).startswith("2 scenarios, 5 trials · about $0.035 · about 9.0 s")
        other = (await client.get(f"/start?agent={AGENT}&model=openai:b")).text
        assert "As a typical conversation goes." in other


async def test_it_begins_with_the_models_that_the_agent_was_last_played_with():
    served = await stocked(SCENARIOS[0])
    agent = await served.store.find_agent(WORKSPACE, AGENT)
    past = simulation(SCENARIOS[0], agent=agent)
    await store(served, replace(past, models=replace(past.models, user="openai:gpt-4.1", judge="nowhere:x")))
    async with visiting(served) as (client, _):
        page = (await client.get(f"/start?agent={AGENT}&trials=2")).text
        assert 'name="user_model" value="openai:gpt-4.1"' in page
        assert 'name="judge_model" value=""' in page, "it cannot be reached any more"
        chosen_before = f"/start?agent={AGENT}&scenario={SCENARIOS[0].id}"
        assert 'name="user_model" value=""' in (await client.get(chosen_before)).text, "as it was written"
        other = await sent(client, "agent", page, model="openai:z", judge_model="openai:y")
        assert other.headers["location"] == f"/start?agent={AGENT}"


async def test_it_starts_what_was_chosen():
    served = await stocked()
    async with visiting(served) as (client, _):
        answer = await sent(
            client,
            "start",
            scenario=["", SCENARIOS[0].id, SCENARIOS[3].id],
            trials="4",
            model="openai:b",
            user_model="openai:u",
            judge_model="openai:j",
            budget="$2.50",
            at_once="6",
        )
        assert answer.status_code == 303
        made = await served.store.find_simulation(WORKSPACE, answer.headers["location"].rpartition("/")[2])
    assert [(one.name, one.trials) for one in made.scenarios] == [("Scenario 1", 4), ("Scenario 4", 4)]
    assert (made.agent.model, made.models.user, made.models.judge) == ("openai:b", "openai:u", "openai:j")
    assert (made.max_cost, made.source, made.name, made.status) == (2.5, "pages", "Night desk", Lifecycle.QUEUED)
    assert made.at_once == 6
    assert served.engine.notices == 1
    assert len(await served.store.trials(made.id)) == 8
    assert (await served.store.find_agent(WORKSPACE, AGENT)).model == "openai:a"


async def test_test_cases_are_played_as_in_a_batch_run():
    served = await serve()
    async with visiting(served) as (client, _):
        page = (await client.get("/start")).text
        agent = re.search(r'<option value="(\w+)" selected', page)[1]
        answer = await client.post("/start", data={"csrf": csrf(page), "do": "start", "agent": agent, "scenario": [
            "", *re.findall(r'type="checkbox" name="scenario" value="(\w+)"', page)
        ]})  # fmt: skip
    made = await served.store.find_simulation(WORKSPACE, answer.headers["location"].rpartition("/")[2])
    assert made.scenarios and all(one.variables_answer_tools for one in made.scenarios)


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        ({"scenario": ""}, "Choose at least one scenario."),
        ({"trials": "0"}, "The number of trials must be a whole number from 1 to 100, not &#39;0&#39;."),
        ({"trials": "many"}, "The number of trials must be a whole number"),
        ({"budget": "-1"}, "The budget must be an amount of US dollars above 0, not &#39;-1&#39;."),
        (
            {"at_once": "0"},
            "The number of trials at once must be a whole number from 1 to 10,000, not &#39;0&#39;.",
        ),
        ({"at_once": "two"}, "The number of trials at once must be a whole number"),
        ({"judge_model": "claude-x"}, "Set ANTHROPIC_API_KEY."),
        ({"user_model": "scripted:/etc/passwd"}, "There is no provider for"),
    ],
)
async def test_what_cannot_be_started_is_said_beside_what_was_written(fields, problem):
    served = await stocked()
    async with visiting(served) as (client, _):
        before = await served.store.simulations(WORKSPACE, Page(size=100))
        answer = await sent(client, "start", **{"scenario": ["", SCENARIOS[1].id], **fields})
        assert answer.status_code == 400
        assert problem in answer.text and 'role="alert"' in answer.text
        for name, value in fields.items():
            assert name == "scenario" or f'value="{value}"' in answer.text
        assert await served.store.simulations(WORKSPACE, Page(size=100)) == before


async def test_a_simulation_has_at_most_ten_thousand_trials():
    many = [scenario(number, trials=100) for number in range(1, 103)]
    async with visiting(await stocked(*many)) as (client, _):
        page = (await client.get("/start")).text
    assert "A simulation has at most 10,000 trials; these are 10," in page


async def test_without_scripts_buttons_choose_search_and_sum_up():
    async with visiting(await stocked()) as (client, _):
        none = await sent(client, "none", scenario=[one.id for one in SCENARIOS[:4]])
        page = (await client.get(none.headers["location"])).text
        assert chosen(page) == [] and summed(page) == "0 scenarios, 0 trials"
        group = re.search(r'value="all (\d)"[^>]*aria-label="All of Refunds"', page)[1]
        some = await sent(client, f"all {group}", page, scenario="")
        page = (await client.get(some.headers["location"])).text
        assert chosen(page) == ["Scenario 1", "Scenario 2"]
        found = await sent(client, "search", page, scenario=SCENARIOS[0].id, text="night")
        page = (await client.get(found.headers["location"])).text
        assert [name for name, _, hidden in listed(page) if not hidden] == ["Scenario 3"]
        assert chosen(page) == ["Scenario 1"]
        wider = await sent(client, "all", page, scenario=SCENARIOS[0].id, text="night")
        page = (await client.get(wider.headers["location"])).text
        assert chosen(page) == ["Scenario 3", "Scenario 1"]
        every = await sent(client, "all", page, scenario=SCENARIOS[0].id)
        assert "scenario=" not in every.headers["location"]
        other = await sent(client, "agent", page, scenario=SCENARIOS[0].id, trials="7")
        assert other.headers["location"] == f"/start?agent={AGENT}&trials=7"
        part = await sent(client, "sum", page, scenario=SCENARIOS[0].id)
        assert part.status_code == 200 and "<html" not in part.text
        assert summed(part.text).startswith("1 scenario, 2 trials")


async def test_what_a_simulation_had_and_is_gone_is_told():
    served = await stocked(*SCENARIOS[:2])
    agent = await served.store.find_agent(WORKSPACE, AGENT)
    await store(served, simulation(*SCENARIOS[:2], agent=replace(agent, model="openai:z"), max_cost=3.0))
    await served.store.delete_scenario(WORKSPACE, SCENARIOS[0].id)
    async with visiting(served) as (client, _):
        page = (await client.get(f"/start?simulation={SIMULATION}")).text
        assert "1 scenario of what was asked for is not among these any more." in page
        assert 'name="model" value="openai:z"' in page and 'name="budget" inputmode="decimal" value="3"' in page
        assert 'name="user_model" value="openai:u"' in page
        assert (await client.get("/start?simulation=unknown")).status_code == 200


async def test_an_agent_that_lives_elsewhere_has_no_model_to_choose():
    away = Agent(id=AGENT, workspace=WORKSPACE, name="Away", endpoint=HttpEndpoint(url="https://x.test/chat"))
    async with visiting(await stocked(*SCENARIOS[:1], agent=replace(away, created_at=NOW + 1))) as (client, _):
        page = (await client.get("/start")).text
    assert "The agent&#39;s model" not in page and "The agent's model" not in page


async def test_names_are_text():
    hostile = replace(SCENARIOS[0], name=HOSTILE, folder=HOSTILE, purpose=HOSTILE)
    agent = Agent(id=AGENT, workspace=WORKSPACE, name=HOSTILE, model=HOSTILE, created_at=NOW + 1)
    async with visiting(await stocked(hostile, agent=agent)) as (client, _):
        page = (await client.get("/start?text=%3Cimg&trials=%22%3E%3Cimg%20src=x%3E")).text
    assert "<img" not in page and page.count("&lt;img src=x") > 4


async def test_a_key_that_may_only_read_looks_and_does_not_start():
    async with visiting(await stocked(), key=READ_KEY) as (client, _):
        page = (await client.get("/start")).text
        assert "Your key may only read." in page
        assert (await sent(client, "start", page, scenario=SCENARIOS[0].id)).status_code == 403
    async with visiting(await stocked(), key=OTHER_KEY) as (client, _):
        page = (await client.get(f"/start?agent={AGENT}")).text
        assert "There is no agent yet." in page and "Scenario 1" not in page
