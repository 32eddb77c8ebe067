"""The pages that compare: what was changed, what came of each scenario, and two conversations side by side."""

import re
from dataclasses import replace

import pytest
from tests.wire.sigmamind.served import NOW, OTHER_KEY, serve

from sparring.domain.agent import Agent, Tool
from sparring.domain.evaluation import Evidence, Finding
from sparring.domain.scenario import Instructions
from sparring.domain.simulation import Models
from sparring.domain.transcript import AgentMessage, ToolCall, UserMessage

from .playing import HOSTILE, SAID, SIMULATION, check, judged, scenario, simulation, store
from .visiting import visiting

EARLIER = "69c50fbd" + 16 * "a"
BOTH = f"before={EARLIER}&after={SIMULATION}"
PAGE = f"/compare?{BOTH}"
SIDES = f"/compare/trials?{BOTH}"


def failing(trial):
    return judged(trial, check())


def passing(trial):
    return judged(trial, check(Finding.MET))


def agent(**changes):
    return replace(simulation().agent, **changes)


def each(first, second):
    """The results of two scenarios in the order in which their trials are played: by turns."""
    return [result for both in zip(first, second, strict=True) for result in both]


GOOD, BAD = (passing,) * 3, (failing,) * 3


async def two(results=(), others=(), *, before=None, after=None, said=SAID):
    """A server with two simulations of two scenarios."""
    served = await serve()
    first = before or simulation(agent=agent(instructions="Be kind.\nBe brief."))
    first = replace(first, id=EARLIER, created_at=NOW - 3600)
    await store(served, first, results or (passing,) * 6, first=5000)
    await store(served, after or simulation(agent=agent(instructions="Be kind.\nBe rude.")), others, said)
    return served


async def shown(served, address=PAGE, status=200, **options):
    async with visiting(served, **options) as (client, _):
        answer = await client.get(address)
    assert answer.status_code == status, answer.text
    return answer.text


def rows(page):
    """The scenarios of the table, each with what became of it and how often it passed."""
    return re.findall(
        r'<td class="name"><a class="text" href="[^"]+"(?: data-key="f")?>([^<]+)</a>.*?'
        r'<td><span class="\w+"><span aria-hidden="true">(.)</span> ([\w ]+)</span></td>\s*'
        r'<td class="number" data-label="before">([^<]+)</td>\s*<td class="number" data-label="now">([^<]+)<',
        page,
        re.DOTALL,
    )


async def test_it_opens_with_what_was_changed_line_by_line():
    page = await shown(await two(others=each(BAD, GOOD)))
    assert '<span class="text">agent instructions</span> <span class="small soft">+1 −1 lines</span>' in page
    assert '<span class="taken">− Be <b>brief</b>.</span>' in page
    assert '<span class="added">+ Be <b>rude</b>.</span>' in page
    assert "Be kind." not in page
    assert page.index("What was changed") < page.index("What came of it")


async def test_tools_models_and_scenarios_that_were_changed_are_told_as_well():
    looks = Tool(name="look", description="Looks.")
    after = simulation(
        scenario(1, instructions=Instructions(task="Beg.")),
        scenario(2),
        scenario(3),
        agent=agent(model="openai:b", instructions="Be kind.\nBe brief.", tools=(looks,)),
        seed=9,
    )
    page = await shown(await two(others=(passing,) * 9, after=after))
    assert "agent model: openai:a → openai:b" in page
    assert '<span class="text">tool look</span>: new' in page
    assert "seed: 0 → 9" in page
    assert "scenario Scenario 1: task: Ask. → Beg." in page
    assert "≠ changed itself" in page
    assert "1 scenario only in the second: Scenario 3" in page


async def test_each_scenario_is_told_by_a_sign_and_a_word_what_got_worse_first():
    page = await shown(await two(each(GOOD, BAD), each(BAD, GOOD)))
    assert rows(page) == [
        ("Scenario 1", "✗", "broken", "3 of 3", "0 of 3"),
        ("Scenario 2", "✓", "fixed", "0 of 3", "3 of 3"),
    ]


async def test_the_address_says_which_kind_is_listed():
    served = await two(each(GOOD, BAD), each(BAD, BAD))
    page = await shown(served, f"{PAGE}&change=broken")
    assert [row[0] for row in rows(page)] == ["Scenario 1"]
    assert re.search(r'&amp;change=broken#scenarios" aria-current="true">1 ', page)
    assert "None of that kind." in await shown(served, f"{PAGE}&change=nonsense")


async def test_a_sentence_tells_whether_it_is_chance_and_how_many_trials_would_tell():
    page = await shown(await two(others=(failing, *(passing,) * 5)))
    assert '<p class="conclusion flaky">This may be chance: 1 of 2 scenarios got worse' in page
    assert "To be sure of a difference this large, play about" in page
    page = await shown(await two(others=(failing,) * 6))
    assert '<p class="conclusion failed">Worse, and hardly by chance' in page


async def test_another_judge_is_said_first_and_loudly():
    after = simulation(models=Models(user="openai:u", judge="openai:k"))
    page = await shown(await two(others=(passing,) * 6, after=after))
    assert '<div class="obstacle" role="alert">' in page
    assert "The judge model is another one: openai:j before, openai:k now." in page
    assert page.index("obstacle") < page.index("What was changed")


async def test_nothing_changed_is_said_so():
    page = await shown(await two(others=(passing,) * 6, before=simulation()), PAGE)
    assert "agent instructions" in page
    page = await shown(await two(others=(passing,) * 6, before=simulation(), after=simulation()))
    assert "Nothing that is recorded." in page
    assert "No difference: every scenario passed as often as before." in page


async def test_a_simulation_alone_is_compared_with_the_one_before_it():
    served = await two(others=(failing,) * 6)
    async with visiting(served) as (client, _):
        answer = await client.get(f"/compare?after={SIMULATION}")
        assert (answer.status_code, answer.headers["location"]) == (303, PAGE)
        first = await client.get(f"/compare?after={EARLIER}")
        assert "No simulation before it has played one of its scenarios" in first.text
        there = (await client.get(f"/simulations/{SIMULATION}")).text
    assert f'href="/compare?after={SIMULATION}">Compare</a>' in there


async def test_without_any_two_are_chosen_from_the_newest():
    served = await two(others=(failing,) * 6)
    page = await shown(served, "/compare")
    assert f'<option value="{SIMULATION}" selected>' in page
    assert f'<option value="{EARLIER}" selected>' in page
    assert "Choose two." in await shown(served, f"/compare?before={SIMULATION}&after={SIMULATION}")
    assert "Nothing was played yet" in await shown(await serve(), "/compare")


async def test_only_simulations_of_the_same_agent_or_suite_are_offered():
    served = await two(others=(failing,) * 6)
    stranger = Agent(id="69c50fbd" + 16 * "8", workspace=simulation().workspace, name="Other", model="openai:a")
    other = simulation(scenario(9), id="69c50fbd" + 16 * "9", agent=stranger, name="Elsewhere")
    await store(served, other, first=900)
    assert "Elsewhere" not in await shown(served)
    assert "Elsewhere" in await shown(served, "/compare")


async def test_simulations_of_other_workspaces_are_not_found():
    served = await two(others=(failing,) * 6)
    one = scenario(1).id
    for address in (PAGE, f"/compare?after={SIMULATION}", f"{SIDES}&scenario={one}"):
        await shown(served, address, 404, key=OTHER_KEY)
    assert EARLIER not in await shown(served, "/compare", key=OTHER_KEY)


async def test_a_failed_trial_stands_beside_a_passed_one_each_over_its_verdict():
    served = await two(each((failing, passing, passing), GOOD), each((passing, passing, failing), GOOD))
    page = await shown(served, f"{SIDES}&scenario={scenario(1).id}")
    assert re.findall(r">trial (\d)</a></h2>", page) == ["3", "3"]
    page = await shown(served, f"{SIDES}&scenario=Scenario+1&was=1&trial=2")
    assert re.findall(r">trial (\d)</a></h2>", page) == ["1", "2"]
    assert page.count("<h3>Verdict</h3>") == 2
    assert page.count("It never asked.") == 2
    ids = re.findall(r'\bid="([^"]+)"', page)
    assert len(ids) == len(set(ids))
    await shown(served, f"{SIDES}&scenario={scenario(1).id}&trial=9", 404)
    await shown(served, f"{SIDES}&scenario=nobody", 404)


async def test_the_place_where_they_part_is_marked_on_both_sides():
    other = (*SAID[:1], AgentMessage(text="One moment.", calls=(ToolCall(id="7", name="find"),)), *SAID[2:])
    page = await shown(
        await two(others=(failing,) * 6, said=other), f"{SIDES}&scenario={scenario(1).id}&was=1&trial=1"
    )
    assert page.count("Here the words part") == 2
    assert page.count("ere the calls part") == 2
    now = page[page.index('id="now-m-1"') :]
    assert "Here the words part; here the calls part" in now
    same = await shown(await two(others=(failing,) * 6), f"{SIDES}&scenario={scenario(1).id}")
    assert "Both conversations are the same, word for word." in same


async def test_a_scenario_that_only_one_side_has_is_shown_alone():
    after = simulation(scenario(1), scenario(2), scenario(3))
    page = await shown(await two(others=(passing,) * 9, after=after), f"{SIDES}&scenario={scenario(3).id}")
    assert "It has not played this scenario." in page
    assert page.count("<h3>Verdict</h3>") == 1


async def test_hostile_text_is_text_on_these_pages_too():
    bad = check(subject=HOSTILE, reason=HOSTILE, evidence=(Evidence(message=0, quote=HOSTILE),))
    named = scenario(1, name=HOSTILE, instructions=Instructions(task=HOSTILE))
    tools = (Tool(name=HOSTILE, description=HOSTILE),)
    after = simulation(
        named,
        name=HOSTILE,
        agent=agent(instructions=HOSTILE, tools=tools),
        models=Models(user=HOSTILE, judge=HOSTILE),
    )
    served = await two(
        (passing,) * 3,
        (lambda trial: judged(trial, bad),) * 3,
        before=simulation(replace(named, instructions=Instructions(task="Ask."))),
        after=after,
        said=(UserMessage(text=HOSTILE), AgentMessage(text=HOSTILE)),
    )
    for address in (PAGE, "/compare", f"{SIDES}&scenario={named.id}", f"{PAGE}&change=%3Cimg%20src%3Dx%3E"):
        page = await shown(served, address)
        assert "<img" not in page
        assert "onerror=alert(1)&gt;" in page


@pytest.mark.slow
async def test_a_thousand_scenarios_fit_pages_below_a_hundred_kilobytes():
    many = [scenario(number, trials=1) for number in range(1, 1001)]
    served = await two((passing,) * 1000, (failing,) * 1000, before=simulation(*many), after=simulation(*many))
    page = await shown(served, f"{PAGE}&change=broken&page=3")
    assert "Page 3 of 10" in page
    assert "&amp;change=broken&amp;page=4#scenarios" in page
    assert len(page.encode()) < 100_000
