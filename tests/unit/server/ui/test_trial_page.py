"""The page of a trial: what it shows, where it leads, and what it keeps."""

import re
from dataclasses import replace

import pytest
from tests.wire.sigmamind.served import OTHER_KEY, READ_KEY, serve

from sparring.domain.agent import Agent
from sparring.domain.endpoints import HttpEndpoint
from sparring.domain.evaluation import CheckKind, Evidence, Finding
from sparring.domain.scenario import Instructions
from sparring.domain.transcript import AgentMessage, ToolCall, ToolResult, UserMessage

from .playing import HOSTILE, SAID, SIMULATION, check, errored, judged, scenario, simulation, store
from .visiting import csrf, visiting


def failing(*checks):
    return lambda trial: judged(trial, *(checks or (check(),)))


async def shown(*results, one=None, key=None, **options):
    """The page of the first trial, as text."""
    served = await serve()
    trials = await store(served, one or simulation(), results or (failing(),), **options)
    async with visiting(served, **({} if key is None else {"key": key})) as (client, _):
        answer = await client.get(f"/trials/{trials[0].id}")
    assert answer.status_code == 200, answer.text
    return answer.text


async def test_a_reason_points_at_the_marked_words_and_the_message_at_its_check():
    page = await shown()
    assert '<a href="#q-0-0">It never asked.</a>' in page
    assert '<mark><span id="q-0-0">Here you are</span></mark>: gate 7.' in page
    assert '<a class="badge not-met" href="#check-0" title="not met: The agent asks who it is.">' in page


async def test_words_that_two_checks_quote_are_marked_once_and_found_from_both():
    second = check(Finding.MET, subject="Other", index=1, evidence=(Evidence(message=1, quote="you are"),))
    third = check(Finding.MET, subject="Third", index=2)
    page = await shown(failing(check(), second, third))
    assert (
        '<mark><span id="q-0-0"><span id="q-1-0"><span id="q-2-0">Here you are</span></span></span></mark>' in page
    )


async def test_evidence_that_names_a_call_or_an_answer_leads_into_the_unfolded_call():
    made = check(kind=CheckKind.ACTION, subject="look", evidence=(Evidence(message=2, quote='look {"id":"X"}'),))
    answer = check(subject="Gate", evidence=(Evidence(message=3, quote='"gate": 7'),))
    page = await shown(failing(made, answer))
    assert '<pre><mark><span id="q-0-0">{&#34;id&#34;:&#34;X&#34;}</span></mark></pre>' in page
    assert '<pre>{<mark><span id="q-1-0">&#34;gate&#34;: 7</span></mark>}</pre>' in page
    assert '<details class="call" open>' in page


async def test_where_an_agent_of_ones_own_lives_stands_among_the_models():
    one = simulation()
    away = replace(one.agent, endpoint=HttpEndpoint(url="https://bot.test/{{id}}"))
    page = await shown(one=replace(one, agent=away))
    assert '<dt>agent</dt><dd class="mono text">http https://bot.test/{{id}}</dd>' in page


async def test_a_message_that_evidence_only_names_is_marked_as_a_whole():
    page = await shown(failing(check(evidence=(Evidence(message=1),))))
    assert '<mark><span id="q-0-0">Here you are: gate 7.</span></mark>' in page


async def test_evidence_beyond_the_conversation_is_passed_over():
    page = await shown(failing(check(evidence=(Evidence(message=99, quote="x"),))))
    assert "It never asked." in page
    assert "<mark>" not in page


async def test_calls_carry_their_answers_with_the_source():
    page = await shown()
    assert "mocked: rule 2" in page
    assert '<span class="badge failed">unmocked</span>' in page
    assert page.count('class="call" open') == 1
    assert "###STOP###" not in page


@pytest.mark.parametrize(
    ("source", "badge"),
    [
        ("live", '<span class="badge">really called</span>'),
        ("unanswered", '<span class="badge failed">unanswered</span>'),
    ],
)
async def test_a_call_that_was_really_made_says_so(source, badge):
    said = [
        UserMessage(text="Cancel it."),
        AgentMessage(text=None, calls=(ToolCall(id="1", name="cancel"),)),
        ToolResult(call_id="1", name="cancel", text="done", source=source, is_error=source == "unanswered"),
    ]
    assert badge in await shown(said=said)


async def test_messages_tell_when_how_fast_and_for_how_much():
    page = await shown()
    assert "+0 ms · took 1.5 s · $0.002" in page
    assert "+2.5 s · took 1.5 s · $0.002" in page


async def test_a_trial_that_could_not_be_judged_says_why():
    page = await shown(errored)
    assert "Could not be judged: The provider refused." in page
    assert "cause: provider" in page
    assert "There is no verdict." in page


async def test_a_trial_that_waits_says_so():
    served = await serve()
    trials = await store(served, simulation())
    async with visiting(served) as (client, _):
        page = (await client.get(f"/trials/{trials[0].id}")).text
    assert "It is still queued" in page
    assert "Nothing was said yet." in page


async def test_hostile_text_is_text_wherever_it_stands():
    written = scenario(
        name=HOSTILE,
        persona=HOSTILE,
        purpose=HOSTILE,
        notes=HOSTILE,
        instructions=Instructions(task=HOSTILE, reason=HOSTILE, known=HOSTILE, unknown=HOSTILE),
        variables={HOSTILE: HOSTILE, "deep": {HOSTILE: [HOSTILE]}},
        trials=1,
        model=HOSTILE,
    )
    one = simulation(written, name=HOSTILE, agent=Agent(id="x", workspace="", name=HOSTILE))
    said = (
        UserMessage(text=HOSTILE),
        AgentMessage(text=HOSTILE, calls=(ToolCall(id="1", name=HOSTILE, arguments={HOSTILE: HOSTILE}),)),
        ToolResult(call_id="1", name=HOSTILE, text=HOSTILE, source=HOSTILE),
        ToolResult(call_id="2", name=HOSTILE, text=HOSTILE),
        AgentMessage(text=None, calls=(ToolCall(id="3", name="x", malformed=HOSTILE),)),
    )
    found = check(subject=HOSTILE, reason=HOSTILE, evidence=(Evidence(message=1, quote=HOSTILE[:9]),))
    hostile = lambda trial: replace(judged(trial, found), warnings=(HOSTILE,), error=HOSTILE)  # noqa: E731
    page = await shown(hostile, one=one, said=said)
    assert "<img" not in page
    assert "onerror=alert(1)&gt;" in page
    assert "49" not in page.replace("&#34;", "").partition("<main")[2].partition("seed")[0]


async def test_failed_trials_are_gone_through_by_scenario_then_number():
    served = await serve()
    passing = lambda trial: judged(trial, check(Finding.MET))  # noqa: E731
    trials = await store(served, simulation(), (failing(), failing(), passing, passing, failing(), errored))
    first = {(trial.scenario, trial.number): trial.id for trial in trials}
    one, two = scenario(1).id, scenario(2).id
    order = [first[one, 1], first[one, 3], first[two, 1]]
    async with visiting(served) as (client, _):
        pages = [(await client.get(f"/trials/{id}")).text for id in order]
        between = (await client.get(f"/trials/{first[one, 2]}")).text
    assert [f'href="/trials/{order[1]}#q-0-0" data-key="j"' in page for page in pages] == [True, False, False]
    assert [f'href="/trials/{order[1]}#q-0-0" data-key="k"' in page for page in pages] == [False, False, True]
    assert 'data-key="j"' not in pages[2]
    assert "2 of 3 failed" in pages[1]
    assert f'href="/trials/{order[0]}#q-0-0" data-key="k"' in between
    assert f'href="/trials/{order[1]}#q-0-0" data-key="j"' in between
    assert "3 failed" in between and "of 3 failed" not in between


async def test_an_opinion_is_stored_changed_and_taken_back():
    served = await serve()
    trials = await store(served, simulation(), (failing(check(index=4)),))
    async with visiting(served) as (client, _):
        path = f"/trials/{trials[0].id}"
        fields = {
            "csrf": csrf((await client.get(path)).text),
            "check": "0",
            "opinion": "disagree",
            "note": HOSTILE,
        }
        sent = await client.post(f"{path}/labels", data=fields)
        assert (sent.status_code, sent.headers["location"]) == (303, f"{path}#check-0")
        (stored,) = await served.store.labels(SIMULATION)
        assert (stored.kind, stored.index, stored.agrees) == (CheckKind.ASSERTION, 4, False)
        assert (stored.finding, stored.note, stored.by) == (Finding.NOT_MET, HOSTILE, "fixed")
        page = (await client.get(path)).text
        assert "You disagree" in page
        assert "<img" not in page
        await client.post(f"{path}/labels", data={**fields, "opinion": "agree", "note": ""})
        assert [label.agrees for label in await served.store.labels(SIMULATION)] == [True]
        await client.post(f"{path}/labels", data={**fields, "opinion": "none"})
        assert list(await served.store.labels(SIMULATION)) == []


@pytest.mark.parametrize(
    ("fields", "status"),
    [({"csrf": "wrong"}, 403), ({}, 400), ({"check": "7"}, 400), ({"check": "x"}, 400), ({"note": "\0"}, 400)],
)
async def test_a_form_that_is_not_ours_or_fits_nothing_stores_nothing(fields, status):
    served = await serve()
    trials = await store(served, simulation(), (failing(),))
    async with visiting(served) as (client, _):
        path = f"/trials/{trials[0].id}"
        sent = {"csrf": csrf((await client.get(path)).text), "opinion": "agree", **fields}
        assert (await client.post(f"{path}/labels", data=sent)).status_code == status
    assert list(await served.store.labels(SIMULATION)) == []


async def test_a_key_that_may_read_sees_no_form_and_sends_none():
    served = await serve()
    trials = await store(served, simulation(), (failing(),))
    async with visiting(served, key=READ_KEY) as (client, _):
        path = f"/trials/{trials[0].id}"
        page = (await client.get(path)).text
        assert "/labels" not in page
        sent = await client.post(f"{path}/labels", data={"csrf": csrf(page), "check": "0", "opinion": "agree"})
        assert sent.status_code == 403


async def test_the_scenario_comes_as_a_suite():
    served = await serve()
    trials = await store(served, simulation(), (failing(),))
    async with visiting(served) as (client, _):
        answer = await client.get(f"/trials/{trials[0].id}/scenario.yaml")
    assert answer.text == "name: Scenario 1\n"
    assert answer.headers["content-type"].startswith("text/plain")


async def test_trials_of_another_workspace_do_not_exist():
    served = await serve()
    trials = await store(served, simulation(), (failing(),))
    async with visiting(served, key=OTHER_KEY) as (client, _):
        for path in (f"/trials/{trials[0].id}", "/trials/unknown", f"/trials/{trials[0].id}/scenario.yaml"):
            answer = await client.get(path)
            assert answer.status_code == 404
            assert answer.headers["content-type"].startswith("text/html")


async def test_events_tell_of_each_message_and_of_the_end():
    served = await serve()
    trials = await store(served, simulation())

    class Clock:
        """Something happens at each look."""

        def __init__(self):
            self.steps = iter((self.begin, self.speak, self.nothing, self.end))

        def now(self):
            return served.clock.now()

        async def sleep(self, seconds):
            await next(self.steps)()

        async def begin(self):
            (self.trial,) = await served.store.claim(1)

        async def speak(self):
            await served.store.journal(self.trial).append(0, SAID[:2])

        async def nothing(self):
            pass

        async def end(self):
            await served.store.save_trial(judged(self.trial, check()))

    async with visiting(served) as (client, _):
        services = served.app.state.services
        served.app.state.services = replace(services, clock=Clock())
        answer = await client.get(f"/trials/{trials[0].id}/events")
        assert answer.headers["content-type"].startswith("text/event-stream")
        page = (await client.get(f"/trials/{trials[0].id}")).text
        assert "data-live" not in page
        assert f'data-live="/trials/{trials[1].id}/events"' in (await client.get(f"/trials/{trials[1].id}")).text
    told = re.findall(r"event: (\w+)\ndata: (\d+)", answer.text)
    assert told == [("change", "0"), ("change", "0"), ("change", "2"), ("change", "2"), ("over", "2")]
