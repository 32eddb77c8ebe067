"""The first page: simulations, how agents do, and what failed lately."""

import re

from tests.wire.sigmamind.served import NOW, WORKSPACE, serve

from sparring.domain.agent import Agent
from sparring.domain.evaluation import Finding
from sparring.domain.simulation import plan
from sparring.simulation.store import Page
from sparring.testing import FrozenClock, MemoryStore

from .playing import HOSTILE, SIMULATION, check, errored, judged, scenario, simulation, store
from .visiting import visiting


def failing(trial, subject="The agent asks who it is."):
    return judged(trial, check(subject=subject))


def passing(trial):
    return judged(trial, check(Finding.MET))


async def played(*rounds, **options):
    """A server on which one agent was played several times, the last round the newest."""
    served = await serve(**options)
    for number, results in enumerate(rounds):
        agent = Agent(id="69c50fbd" + 16 * "2", workspace=WORKSPACE, name="Night desk", model="openai:a")
        one = simulation(scenario(trials=len(results)), id=f"69c50fbd{number + 500:016x}", agent=agent)
        await _keep(served, one, results, 1000 * (number + 1))
    return served


async def _keep(served, one, results, first):
    ids = [f"69c50fbd{first + number:016x}" for number in range(len(results))]
    await served.store.save_simulation(one, plan(one, ids))
    await served.store.claim(len(results), simulation=one.id)
    for trial, result in zip(await served.store.trials(one.id), results, strict=True):
        await served.store.save_trial(result(trial))


async def shown(served, path="/"):
    async with visiting(served) as (client, _):
        answer = await client.get(path)
    assert answer.status_code == 200, answer.text
    return answer.text


def trends(page):
    return re.findall(r'aria-label="pass\^1, oldest to newest: ([^"]*)"', page)


async def test_an_agent_has_its_figures_and_where_they_go():
    rounds = ([failing] * 3 + [passing], [failing, passing], [passing, passing, passing, failing])
    page = await shown(await played(*rounds))
    assert trends(page) == ["0.25, 0.50, 0.75"]
    assert ">Night desk</a>" in page
    assert re.search(r'data-label="pass\^1">0.75<', page) and re.search(r'data-label="change">\+0.25<', page)
    assert "0.30–0.95" in page


async def test_simulations_in_which_nothing_was_judged_are_in_no_trend():
    page = await shown(await played([passing], [errored]))
    assert trends(page) == ["1.00"]
    assert "Nothing has failed." in page


async def test_what_failed_lately_stands_once_with_the_proof_of_the_newest():
    other = lambda trial: failing(trial, "The agent is kind.")  # noqa: E731
    page = await shown(await played([failing, other], [failing, passing, failing], [passing]))
    lines = re.findall(
        r'<span class="often failed">([^<]*)</span>\s*<div><a class="text" href="([^"]*)"( data-key="f")?>([^<]*)',
        page,
    )
    assert [(count, title, bool(key)) for count, _, key, title in lines] == [
        ("2 of 3", "The agent asks who it is.", True),
        ("1 of 2", "The agent is kind.", False),
    ]
    newest = f"69c50fbd{2002:016x}"
    assert lines[0][1] == f"/trials/{newest}#q-0-0"


async def test_the_simulations_of_one_agent_have_an_address():
    served = await played([passing])
    await store(
        served, simulation(name="Other", agent=Agent(id="69c50fbd" + 16 * "7", workspace=WORKSPACE, name="B"))
    )
    both = await shown(served)
    assert both.count("/simulations/69c50fbd") >= 2
    page = await shown(served, "/?agent=69c50fbd" + 16 * "7")
    assert ">Other</a>" in page and "Night desk" not in page
    assert "Nothing was played with this agent yet." in await shown(served, "/?agent=unknown")


async def test_pages_are_turned():
    served = await played(*[[passing]] * 45)
    first = await shown(served)
    assert "Page 1 of 3" in first and 'href="/?page=2"' in first
    last = await shown(served, "/?page=3")
    assert last.count('class="completed"') == 5 and trends(last) == []


async def test_what_is_over_is_counted_once_and_what_plays_each_time():
    counted = []

    class Counting(MemoryStore):
        async def trial_page(self, simulation_id, page, **options):
            counted.append(simulation_id)
            return await super().trial_page(simulation_id, page, **options)

    served = await played([failing], store=Counting(FrozenClock(NOW)))
    await store(served, simulation())
    async with visiting(served) as (client, _):
        await client.get("/")
        over = counted.count(f"69c50fbd{500:016x}")
        before = len(counted)
        await client.get("/")
        assert counted.count(f"69c50fbd{500:016x}") == over
        assert len(counted) > before


async def test_where_nothing_was_played_it_says_where_to_start():
    served = await serve()
    page = await shown(served)
    assert "Nothing was played yet." in page
    assert 'href="/start"' in page and "sparring run" in page
    agents, _ = await served.store.agents(WORKSPACE, Page(size=100))
    for agent in agents:
        await served.store.delete_agent(WORKSPACE, agent.id)
    assert 'href="/agents/new"' in await shown(served)
    async with visiting(served) as (client, _):
        assert 'href="/agents/new"' in (await client.get("/start")).text


async def test_a_simulation_that_plays_says_how_far_it_is():
    served = await serve()
    await store(served, simulation(), (passing,))
    page = await shown(served)
    assert "running 1 of 6" in page
    assert f'data-live="/simulations/{SIMULATION}/events"' in page
    assert "data-live" not in await shown(await played([passing]))


async def test_what_a_simulation_waits_for_stands_beside_it():
    served = await serve()
    await store(served, simulation(), (passing,))
    await served.store.explain(SIMULATION, "waiting for <openai>")
    assert "waiting for &lt;openai&gt;</div></td>" in await shown(served)


async def test_names_are_text():
    served = await serve()
    agent = Agent(id="69c50fbd" + 16 * "2", workspace=WORKSPACE, name=HOSTILE)
    one = simulation(scenario(name=HOSTILE), name=HOSTILE, agent=agent)
    await store(served, one, [lambda trial: failing(trial, HOSTILE)] * 3)
    page = await shown(served)
    assert "<img" not in page and page.count("&lt;img src=x") >= 5
