"""The page of a simulation: figures, failures, filters, events, cancelling and export."""

import asyncio
import re
import time
from dataclasses import replace

import pytest
from tests.wire.sigmamind.served import OTHER_KEY, READ_KEY, serve

from sparring.domain.evaluation import CheckKind, Evidence, Finding
from sparring.domain.outcomes import Lifecycle, Outcome
from sparring.domain.transcript import AgentMessage, ToolCall

from .playing import HOSTILE, SIMULATION, check, errored, judged, scenario, simulation, store
from .visiting import ADDRESS, csrf, visiting

PAGE = f"/simulations/{SIMULATION}"


def failing(*checks):
    return lambda trial: judged(trial, *(checks or (check(),)))


def passing(trial):
    return judged(trial, check(Finding.MET))


def undecided(trial):
    return judged(trial, check(Finding.INCONCLUSIVE, reason="Too short."), outcome=Outcome.INCONCLUSIVE)


MIXED = (failing(), passing, failing(check(reason="It was rude.")), passing, passing, errored)


async def shown(results=MIXED, query="", one=None, **options):
    """The page as text."""
    served = await serve(**options)
    await store(served, one or simulation(), results)
    async with visiting(served) as (client, _):
        answer = await client.get(f"{PAGE}{query}")
    assert answer.status_code == 200, answer.text
    return answer.text


def cells(page):
    """The trials of the grid: scenario number, trial number, state, and whether they are dimmed."""
    return re.findall(r'class="c (\w+)( dim)?" href="/trials/\w+" title="trial (\d+): \w+"', page)


def listed(page):
    """The trials of the list."""
    return re.findall(r'class="name"><a class="text" href="/trials/[^"]+">([^<]+)</a>', page)


async def test_lifecycle_and_result_are_told_apart():
    page = await shown()
    assert "<b>3 of 6 passed</b>" in page
    assert '<dt>Lifecycle</dt><dd class="completed">completed' in page
    assert ">2 failed</a>" in page and ">1 error</a>" in page
    assert "1 provider" in page


async def test_the_grid_has_a_row_by_scenario_and_a_cell_by_trial():
    page = await shown()
    assert [(state, number) for state, _, number in cells(page)] == [
        ("failed", "1"), ("failed", "2"), ("passed", "3"), ("passed", "1"), ("passed", "2"), ("error", "3"),
    ]  # fmt: skip
    assert '<td class="flaky">flaky</td>' in page


async def test_failures_are_grouped_by_check_with_the_proof_of_the_newest():
    page = await shown()
    assert ">2 of 3</a>" in page
    newest = re.search(r'href="(/trials/\w+#q-0-0)" data-key="f">Newest failure<', page)[1]
    line = re.search(r'<a class="text" href="([^"]+)">The agent asks who it is.</a>', page)[1]
    assert line == newest
    assert "Scenario 1 · It never asked." in page


async def test_each_failure_says_with_which_act_it_began():
    looked = ToolCall(id="1", name="look_up_identity")
    greeting, answer = AgentMessage(text="Hello."), AgentMessage(text="Here you are: gate 7.")
    good = (greeting, AgentMessage(text=None, calls=(looked,)), answer)
    served = await serve()
    trials = await store(
        served, simulation(scenario(trials=5)), (failing(), failing(), failing(), passing, passing)
    )
    for trial, said in zip(trials, [(greeting, answer)] * 3 + [good] * 2, strict=True):
        again = replace(trial, take=2)
        await served.store.journal(again).append(0, said)
        await served.store.save_trial(again)
    async with visiting(served) as (client, _):
        page = (await client.get(PAGE)).text
    act = re.search(r'<a class="text" href="([^"]+)"><span class="number">3 of 5</span> ([^<]+)</a>', page)
    assert act[2] == "skipped look_up_identity"
    assert act[1] == f"/trials/{trials[2].id}#m-1"


async def test_acts_of_some_failed_trials_say_that_they_are_of_those_that_were_looked_at(monkeypatch):
    monkeypatch.setattr("sparring.server.ui.simulation._COMPARED", 2)
    page = await shown((failing(), failing(), failing(), passing), one=simulation(scenario(trials=4)))
    assert re.findall(r'<span class="number">(\d of \d)</span> looked at said', page) == ["2 of 2"]


async def test_an_agent_without_a_model_is_told_by_those_of_its_scenarios():
    one = simulation(scenario(1, model="openai:b"), scenario(2, model="openai:c"))
    page = await shown(one=replace(one, agent=replace(one.agent, model=None)))
    assert "agent openai:b, openai:c · user" in page


async def test_checks_that_were_not_decided_are_lines_of_their_own():
    page = await shown((undecided, undecided, passing, passing, passing, passing))
    assert '<span class="badge">undecided</span>' in page
    assert "Too short." in page


async def test_what_could_not_be_judged_is_told_by_cause_and_words():
    page = await shown()
    assert "provider: The provider refused." in page
    assert 'href="?outcome=error&amp;cause=provider"' in page


async def test_the_plot_tells_its_figures_in_words_too():
    page = await shown()
    words = re.search(r'role="img" aria-label="([^"]+)"', page)[1]
    assert words.startswith("pass^1 0.67 (")
    assert "pass^3 0.00" in words


async def test_a_single_scenario_has_intervals_as_well():
    page = await shown((passing, failing(), passing), one=simulation(scenario()))
    assert page.count("whisker") == 3


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("?outcome=failed", ["Scenario 1, 1", "Scenario 1, 2"]),
        ("?cause=provider", ["Scenario 2, 3"]),
        ("?outcome=passed&scenario=" + scenario(1).id, ["Scenario 1, 3"]),
        ("?text=RUDE", ["Scenario 1, 2"]),
        ("?text=refused", ["Scenario 2, 3"]),
        ("?text=scenario+2&outcome=passed", ["Scenario 2, 1", "Scenario 2, 2"]),
        ("?text=here+you", ["Scenario 1, 1", "Scenario 1, 2", "Scenario 1, 3", "Scenario 2, 1", "Scenario 2, 2"]),
        ("?outcome=nonsense", []),
        ("?sort=newest&outcome=passed", ["Scenario 1, 3", "Scenario 2, 2", "Scenario 2, 1"]),
        ("?sort=slowest&outcome=failed", ["Scenario 1, 2", "Scenario 1, 1"]),
        ("?sort=nonsense&outcome=error", ["Scenario 2, 3"]),
    ],
)
async def test_the_address_says_which_trials_are_listed(query, expected):
    page = await shown(query=query)
    assert listed(page)[-len(expected) :] == expected if expected else "No trial fits." in page
    assert ("found" in page) == ("sort=" not in query or "outcome" in query)


async def test_what_the_filters_leave_out_is_dimmed_in_the_grid_and_scenarios_without_any_go():
    page = await shown(query="?outcome=failed")
    assert cells(page) == [("failed", "", "1"), ("failed", "", "2"), ("passed", " dim", "3")]


async def test_a_filter_is_kept_when_a_page_is_turned():
    one = simulation(scenario(trials=120))
    page = await shown([failing()] * 120, query="?outcome=failed&sort=slowest&page=2", one=one)
    assert 'href="?outcome=failed&amp;sort=slowest"' in page
    assert 'href="?outcome=failed&amp;sort=slowest&amp;page=3"' in page
    assert "Page 2 of 3" in page


@pytest.mark.slow
async def test_a_thousand_trials_fit_a_page_of_a_hundred_kilobytes():
    one = simulation(*(scenario(number, trials=20) for number in range(1, 51)))
    page = await shown([failing() if number % 3 else passing for number in range(1000)], one=one)
    assert len(page.encode()) < 100_000
    assert "Page 1 of 2" in page
    assert "10 more</a>" in page or "5 more</a>" in page


@pytest.mark.slow
async def test_pages_of_a_thousand_trials_take_little_time():
    one = simulation(*(scenario(number, trials=20) for number in range(1, 51)))
    served = await serve()
    trials = await store(served, one, [failing() if number % 3 else passing for number in range(1000)])
    async with visiting(served) as (client, _):
        for path in ("/", PAGE, f"{PAGE}?outcome=failed&text=rude", f"/trials/{trials[4].id}", f"{PAGE}/judging"):
            took = []
            for _ in range(4):
                begun = time.process_time()
                assert (await client.get(path)).status_code == 200
                took.append(time.process_time() - begun)
            assert min(took) < 0.3, path


async def test_hostile_text_is_text_on_this_page_too():
    one = simulation(scenario(name=HOSTILE, folder=HOSTILE), name=HOSTILE, warnings=(HOSTILE,))
    bad = check(subject=HOSTILE, reason=HOSTILE, evidence=(Evidence(message=0, quote=HOSTILE),))
    call = check(kind=CheckKind.FORBIDDEN, subject=HOSTILE, reason=HOSTILE)
    wrong = lambda trial: replace(errored(trial, HOSTILE), warnings=(HOSTILE,))  # noqa: E731
    page = await shown((failing(bad, call), wrong, failing(bad)), one=one, query="?text=%3Cimg%20src%3Dx")
    assert "<img" not in page
    assert page.count("onerror=alert(1)&gt;") > 10


async def test_a_simulation_that_plays_is_live_and_can_be_cancelled():
    served = await serve()
    await store(served, simulation(), (passing,))
    async with visiting(served) as (client, _):
        page = (await client.get(PAGE)).text
        assert f'data-live="{PAGE}/events"' in page
        assert '<meta http-equiv="refresh" content="5">' in page
        sent = await client.post(f"{PAGE}/cancel", data={"csrf": csrf(page)})
        assert (sent.status_code, sent.headers["location"]) == (303, PAGE)
        assert served.engine.notices == 1
        assert (await served.store.find_simulation(None, SIMULATION)).status is Lifecycle.CANCELLED
        over = (await client.get(PAGE)).text
        assert "data-live" not in over and f"{PAGE}/cancel" not in over
        assert over.count('<td class="cancelled">cancelled</td>') == 7, "both scenarios, and five trials"
        again = await client.post(f"{PAGE}/cancel", data={"csrf": csrf(page)})
        assert again.status_code == 409


async def test_cancelling_needs_our_form_and_a_key_that_may_write():
    served = await serve()
    await store(served, simulation())
    for key in ("spk_write", READ_KEY):
        async with visiting(served, key=key) as (client, _):
            page = (await client.get(PAGE)).text
            sent = {"csrf": "wrong" if key == "spk_write" else csrf(page)}
            assert (await client.post(f"{PAGE}/cancel", data=sent)).status_code == 403
    assert (await served.store.find_simulation(None, SIMULATION)).status is Lifecycle.QUEUED


async def test_a_simulation_is_paused_resumed_and_given_another_budget():
    served = await serve()
    await store(served, simulation(max_cost=0.5), (passing,))
    async with visiting(served) as (client, _):

        async def press(what, **fields):
            page = (await client.get(PAGE)).text
            return await client.post(f"{PAGE}/{what}", data={"csrf": csrf(page), **fields})

        assert (await press("pause")).status_code == 303
        page = (await client.get(PAGE)).text
        assert '<dd class="paused">paused: 1 of 6 over<div class="text held">Paused on request</div></dd>' in page
        assert '<td class="paused">paused 1 of 3</td>' in page and '<td class="paused">paused 0 of 3</td>' in page
        assert f'action="{PAGE}/pause"' not in page
        sent = {"csrf": csrf(page), "max_cost": "much"}
        came_from = {"Referer": f"{ADDRESS}{PAGE}?outcome=failed"}
        refused = await client.post(f"{PAGE}/resume", data=sent, headers=came_from)
        assert refused.status_code == 400
        assert f'<a href="{PAGE}?outcome=failed">Back, to try again</a>' in refused.text
        elsewhere = {"Referer": "http://elsewhere.test/simulations"}
        assert "Back, to" not in (await client.post(f"{PAGE}/resume", data=sent, headers=elsewhere)).text
        assert (await press("resume", max_cost="$1,000")).status_code == 303
        simulated = await served.store.find_simulation(None, SIMULATION)
        assert (simulated.status, simulated.max_cost) == (Lifecycle.RUNNING, 1000.0)
        assert (await press("pause")).status_code == 303
        assert (await press("pause")).status_code == 409


async def test_what_errored_is_played_again_and_more_is_played():
    served = await serve()
    await store(served, simulation(), MIXED)
    async with visiting(served) as (client, _):
        page = (await client.get(PAGE)).text
        assert "Play 1 error again" in page
        sent = await client.post(f"{PAGE}/retry", data={"csrf": csrf(page)})
        assert (sent.status_code, sent.headers["location"]) == (303, PAGE)
        progress = await served.store.progress(SIMULATION)
        assert progress[Lifecycle.QUEUED] == 1
        assert "error again" not in (await client.get(PAGE)).text
        sent = await client.post(f"{PAGE}/more", data={"csrf": csrf(page), "num_trials": "5"})
        assert sent.status_code == 303
        assert len(await served.store.trials(SIMULATION)) == 10
        for number in ("", "0", "101", "five", "²"):
            sent = await client.post(f"{PAGE}/more", data={"csrf": csrf(page), "num_trials": number})
            assert sent.status_code == 400 and "1 to 100" in sent.text


class Changing:
    """An engine in which something happens twice."""

    def notice(self):
        pass

    async def changes(self, simulation_id):
        yield simulation_id
        yield simulation_id


async def test_events_tell_of_each_change_and_of_the_end():
    served = await serve(engine=Changing())
    await store(served, simulation())
    async with visiting(served) as (client, _):
        answer = await client.get(f"{PAGE}/events")
    assert answer.headers["content-type"].startswith("text/event-stream")
    assert re.findall(r"event: (\w+)", answer.text) == ["change", "change", "over"]


@pytest.mark.parametrize(
    ("form", "ending"),
    [("html", "html"), ("json", "json"), ("junit", "xml"), ("markdown", "md"), ("csv", "csv")],
)
async def test_results_are_taken_along_as_files(form, ending):
    served = await serve()
    await store(served, simulation(), MIXED)
    async with visiting(served) as (client, _):
        answer = await client.get(f"{PAGE}/export/{form}")
    assert answer.text == f"{form} {SIMULATION} {ADDRESS}"
    assert answer.headers["content-disposition"] == f'attachment; filename="sparring-{SIMULATION}.{ending}"'


async def test_simulations_of_others_and_unknown_forms_are_not_found():
    served = await serve()
    await store(served, simulation(), MIXED)
    async with visiting(served) as (client, _):
        assert (await client.get(f"{PAGE}/export/pdf")).status_code == 404
        assert (await client.get("/simulations/unknown")).status_code == 404
        assert (await client.get(f"{PAGE}?page=0")).status_code == 400
        listed_there = (await client.get("/")).text
    assert f'href="{PAGE}"' in listed_there and 'data-key="f">The agent asks who it is.</a>' in listed_there
    async with visiting(served, key=OTHER_KEY) as (client, _):
        for path in (PAGE, f"{PAGE}/events", f"{PAGE}/export/html"):
            assert (await client.get(path)).status_code == 404
        assert PAGE not in (await client.get("/")).text


async def test_events_end_when_the_server_is_told_to_stop():
    stopping = asyncio.Event()

    class Waiting(Changing):
        """An engine in which one thing happens, then a signal comes."""

        async def changes(self, simulation_id):
            yield simulation_id
            stopping.set()
            await asyncio.Event().wait()

    served = await serve(engine=Waiting(), stopping=stopping)
    await store(served, simulation())
    async with visiting(served) as (client, _):
        answer = await client.get(f"{PAGE}/events")
    assert re.findall(r"event: (\w+)", answer.text) == ["change"]
