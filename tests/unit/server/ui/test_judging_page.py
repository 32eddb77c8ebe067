"""Judging again from the pages."""

import asyncio
import re
from dataclasses import replace

from tests.wire.sigmamind.served import NOW, OTHER_KEY, READ_KEY, serve

from sparring.domain.errors import JudgeFault
from sparring.domain.evaluation import Finding, Verdict
from sparring.domain.outcomes import Outcome
from sparring.domain.rejudgement import Rejudgement

from .playing import HOSTILE, SIMULATION, check, judged, scenario, simulation, store
from .visiting import csrf, visiting

PAGE = f"/simulations/{SIMULATION}"
JUDGING = f"{PAGE}/judging"


def failing(trial):
    return judged(trial, check())


def passing(trial):
    return judged(trial, check(Finding.MET))


def found(trial, finding, *, judging="1", judge="openai:other", reason="It did ask.", **changes):
    outcome = Outcome.PASSED if finding is Finding.MET else Outcome.FAILED
    verdict = Verdict(outcome=outcome, reward=None, breakdown={}, checks=(check(finding, reason=reason),))
    told = {"judge": judge, "outcome": outcome, "verdict": verdict, "created_at": NOW + 60, "cost": 0.01}
    return Rejudgement(
        id=f"{judging}-{trial.id}", judging=judging, simulation=SIMULATION, trial=trial.id, **{**told, **changes}
    )


async def judged_again(*judgements, **options):
    """A server with a simulation of three trials, and what judging them again came to."""
    served = await serve(**options)
    trials = await store(served, simulation(scenario(trials=3)), (failing, failing, passing))
    for make in judgements:
        for one in make(trials):
            await served.store.save_rejudgement(one)
    return served


async def shown(served, path=JUDGING):
    async with visiting(served) as (client, _):
        answer = await client.get(path)
    assert answer.status_code == 200, answer.text
    return answer.text


async def test_each_occasion_says_what_it_has_changed():
    first = lambda trials: [found(one, one.verdict.checks[0].finding) for one in trials]  # noqa: E731
    second = lambda trials: [  # noqa: E731
        found(trials[0], Finding.NOT_MET, judging="2", votes=3),
        found(trials[1], Finding.MET, judging="2", votes=3),
        found(trials[2], Finding.MET, judging="2", votes=3),
    ]
    page = await shown(await judged_again(first, second))
    assert page.index("1 of 3 checks flipped, 1 trial turned") < page.index(
        "0 of 3 checks flipped, 0 trials turned"
    )
    assert "pass^1 0.33 → 0.67" in page and "3 votes each" in page
    assert "openai:other" in page and "(before: openai:j)" in page and "$0.03" in page
    assert "not met → met: It did ask." in page
    assert "Everything was found as before." in page


async def test_what_could_not_be_judged_is_told():
    failed = lambda trials: [  # noqa: E731
        found(trials[0], Finding.MET, outcome=Outcome.ERROR, verdict=None, error="The judge is down.")
    ]
    assert "The judge is down." in await shown(await judged_again(failed))


async def test_it_is_judged_in_the_background_while_one_looks():
    asked, go_on = [], asyncio.Event()

    async def judge(simulation, model, votes, on_judged):
        asked.append((simulation.id, model, votes))
        on_judged(1, 3)
        await go_on.wait()
        on_judged(3, 3)

    served = await judged_again(judge_again=judge)
    async with visiting(served) as (client, _):
        page = (await client.get(JUDGING)).text
        assert "Judge 3 conversations" in page and "It was not judged again yet." in page
        sent = {"csrf": csrf(page), "judge": " openai:best ", "votes": "3"}
        answer = await client.post(JUDGING, data=sent)
        assert (answer.status_code, answer.headers["location"]) == (303, JUDGING)
        await asyncio.sleep(0)
        page = (await client.get(JUDGING)).text
        assert "Judging: 1 of 3" in page and f'data-live="{JUDGING}/events"' in page
        assert (await client.post(JUDGING, data=sent)).status_code == 409
        go_on.set()
        heard = (await client.get(f"{JUDGING}/events")).text
        assert re.findall(r"event: (\w+)", heard)[-1] == "over"
        assert "data-live" not in (await client.get(JUDGING)).text
    assert asked == [(SIMULATION, "openai:best", 3)]


async def test_why_it_came_to_an_end_is_told():
    async def judge(simulation, model, votes, on_judged):
        raise JudgeFault("No judge is here.")

    served = await judged_again(judge_again=judge)
    async with visiting(served) as (client, _):
        page = (await client.get(JUDGING)).text
        await client.post(JUDGING, data={"csrf": csrf(page), "votes": "1"})
        await client.get(f"{JUDGING}/events")
        assert '<p role="alert" class="failed text">No judge is here.</p>' in (await client.get(JUDGING)).text


async def test_what_cannot_be_judged_with_is_refused():
    served = await judged_again()
    async with visiting(served) as (client, _):
        page = (await client.get(JUDGING)).text
        for fields in ({"votes": "16"}, {"votes": ""}, {"votes": "1", "judge": "scripted:/etc/passwd"}):
            assert (await client.post(JUDGING, data={"csrf": csrf(page), **fields})).status_code == 400


async def test_who_may_only_read_looks_and_others_do_not_even_that():
    served = await judged_again()
    async with visiting(served, key=READ_KEY) as (client, _):
        page = (await client.get(JUDGING)).text
        assert "Your key may only read." in page
        assert (await client.post(JUDGING, data={"csrf": csrf(page), "votes": "1"})).status_code == 403
    async with visiting(served, key=OTHER_KEY) as (client, _):
        for path in (JUDGING, f"{JUDGING}/events"):
            assert (await client.get(path)).status_code == 404


async def test_the_page_of_the_simulation_leads_there():
    assert f'href="{JUDGING}"' in await shown(await judged_again(), PAGE)


async def test_what_a_judge_says_is_text():
    hostile = lambda trials: [found(trials[0], Finding.MET, reason=HOSTILE, judge=HOSTILE)]  # noqa: E731
    served = await judged_again(hostile)
    await served.store.save_simulation(
        replace(simulation(scenario(name=HOSTILE)), id="69c50fbd" + 16 * "5", name=HOSTILE), ()
    )
    page = await shown(served)
    assert "<img" not in page and page.count("&lt;img src=x") >= 2
    assert "<img" not in await shown(served, "/simulations/69c50fbd" + 16 * "5" + "/judging")


async def test_what_cannot_be_asked_for_is_said_beside_what_was_written():
    async with visiting(await judged_again()) as (client, _):
        sent = {"csrf": csrf((await client.get(JUDGING)).text), "judge": "nowhere:x", "votes": "3"}
        refused = await client.post(JUDGING, data=sent)
        assert refused.status_code == 400
        assert 'name="judge" value="nowhere:x" aria-invalid="true"' in refused.text
        assert 'value="3"' in refused.text and "There is no provider for" in refused.text
        refused = await client.post(JUDGING, data={**sent, "judge": "openai:j", "votes": "many"})
        assert 'value="many" aria-invalid="true"' in refused.text and 'value="openai:j"' in refused.text
