"""Tools that are really called: in a trial, where the installation allows it and no mock answers."""

from dataclasses import replace

import pytest

from sparring.domain.agent import Agent, Tool, ToolKind
from sparring.domain.evaluation import Finding
from sparring.domain.mocks import Answer, ToolMock
from sparring.domain.outcomes import Cause, Outcome
from sparring.domain.scenario import Expectations, ExpectedAction, Scenario
from sparring.domain.simulation import Models, Simulation
from sparring.domain.transcript import ToolResult
from sparring.simulation.control import Control
from sparring.simulation.live_tools import BROKEN_OFF
from sparring.simulation.ports import Cast, WebAnswer, WebFault
from sparring.simulation.runner import Runner
from sparring.testing import FrozenClock, Lines, MemoryStore, agent_says, judge_finds, user_ends, user_says

PARAMETERS = {"type": "object", "properties": {"order": {}, "key": {}}, "required": ["order", "key"]}


def live(name, method="POST"):
    headers = [{"key": "X-Key", "value": "{{key}}"}]
    extra = {"url": f"https://shop.example/{name}/{{{{order}}}}", "method": method, "headers": headers}
    return Tool(name=name, kind=ToolKind.WEBHOOK, live=True, parameters=PARAMETERS, extra=extra)


AGENT = Agent(id="a", workspace="w", name="a", tools=(live("cancel"), live("look", "GET")))
SCENARIO = Scenario(
    id="s",
    name="s",
    variables={"key": "s3cret"},
    expect=Expectations(assertions=("A.",), actions=(ExpectedAction(name="cancel"),)),
)
SIMULATION = Simulation(
    id="b", workspace="w", agent=AGENT, scenarios=(SCENARIO,), models=Models(user="u", judge="j"), source="eqho"
)
CANCELLED = WebAnswer(status=200, text='{"done":true}')
TALK = (agent_says(None, cancel={"order": "A1"}), agent_says("It is cancelled."))


class Killed(BaseException):
    """The process is gone, and nothing of it runs on."""


class Web:
    """Answers as it is told; keeps what it was sent."""

    def __init__(self, *answers):
        self.answers = list(answers)
        self.calls = []

    async def send(self, call):
        self.calls.append(call)
        answer = self.answers.pop(0)
        if isinstance(answer, BaseException):
            raise answer
        return answer

    async def check(self, url):
        """Anything may be asked."""


class House:
    """A store with one simulation, whose players give their lines as often as they are cast."""

    def __init__(self, web, *said, finding=Finding.MET, simulation=SIMULATION, scenario=SCENARIO):
        self.clock = FrozenClock()
        self.store = MemoryStore(self.clock)
        self.simulation = replace(simulation, scenarios=(scenario,))
        self.said = list(said or TALK)
        self.finding = finding
        self.casts = []
        self.runner = Runner(store=self.store, casting=self, clock=self.clock, web=web)

    def cast(self, simulation, scenario, trial):
        self.casts.append(simulation.agent)
        user = Lines([user_says("Cancel A1."), user_ends()])
        return Cast(user=user, agent=Lines(self.said), judge=judge_finds(self.finding))

    def notice(self):
        """Trials are claimed when a test says so."""

    async def claim(self):
        await self.runner.submit(self.simulation)
        (trial,) = await self.store.claim(1)
        return trial

    async def go(self, trial):
        await self.runner.play(self.simulation, trial)
        (ended,) = await self.store.trials("b")
        messages = await self.store.messages(trial.id)
        return ended, [message for message in messages if isinstance(message, ToolResult)]

    async def play(self):
        return await self.go(await self.claim())


async def test_a_live_tool_is_really_called_and_its_result_is_journalled_as_live():
    web = Web(CANCELLED)
    house = House(web)
    ended, (result,) = await house.play()
    assert (ended.outcome, ended.warnings) == (Outcome.PASSED, ())
    assert (result.text, result.is_error, result.source, result.at) == (
        '{"done":true}',
        False,
        "live",
        house.clock.now(),
    )
    (call,) = web.calls
    assert (call.method, call.url) == ("POST", "https://shop.example/cancel/A1")
    assert call.headers == (("X-Key", "s3cret"),)


async def test_the_model_is_not_asked_for_what_the_variables_answer():
    house = House(Web(CANCELLED))
    await house.play()
    (agent,) = house.casts
    assert agent.tool("cancel").parameters["required"] == ["order"]
    (stored,) = [await house.store.find_simulation(None, "b")]
    assert stored.agent == AGENT


@pytest.mark.parametrize(
    ("simulation", "scenario", "source"),
    [
        (replace(SIMULATION, source="sigmamind"), SCENARIO, "unmocked"),
        (SIMULATION, replace(SCENARIO, mocks={"cancel": ToolMock(otherwise=Answer(value="done"))}), "static"),
        (SIMULATION, replace(SCENARIO, variables_answer_tools=True), "mockData"),
        (
            replace(SIMULATION, agent=replace(AGENT, tools=(replace(live("cancel"), live=False),))),
            SCENARIO,
            "unmocked",
        ),
    ],
    ids=["a test run", "with a mock", "answered by variables", "not live"],
)
async def test_nothing_else_is_really_called(simulation, scenario, source):
    web = Web()
    _, results = await House(web, simulation=simulation, scenario=scenario).play()
    assert (results[0].source, web.calls) == (source, [])


async def test_where_it_is_not_allowed_the_call_is_loud_and_says_what_would_allow_it():
    ended, (result,) = await House(None, finding=Finding.NOT_MET).play()
    assert (result.source, result.is_error) == ("unmocked", True)
    assert (ended.outcome, ended.cause) == (Outcome.ERROR, Cause.MOCK_GAP)
    (warning,) = [one for one in ended.warnings if "cancel" in one]
    assert 'mocks: {cancel: {rules: [{when: {order: "A1"}, returns: {}}]}}' in warning
    assert "SPARRING_ALLOW_LIVE_TOOLS=true" in warning


async def test_an_answer_of_failure_is_the_agent_s_to_deal_with():
    ended, (result,) = await House(
        Web(WebAnswer(status=404, text="no such order")), finding=Finding.NOT_MET
    ).play()
    assert (result.text, result.is_error, result.source) == ("HTTP 404: no such order", True, "live")
    assert ended.outcome is Outcome.FAILED


@pytest.mark.parametrize(
    ("finding", "outcome", "cause"),
    [(Finding.MET, Outcome.PASSED, None), (Finding.NOT_MET, Outcome.ERROR, Cause.PROVIDER)],
)
async def test_no_answer_is_told_and_is_never_the_agent_s_failure(finding, outcome, cause):
    web = Web(WebFault("No answer came within 30 s."))
    ended, (result,) = await House(web, finding=finding).play()
    assert (result.text, result.is_error, result.source) == ("No answer came within 30 s.", True, "unanswered")
    assert (ended.outcome, ended.cause) == (outcome, cause)
    told = "The live call of 'cancel' has no answer: No answer came within 30 s."
    assert told in ended.warnings
    assert ended.error == (None if cause is None else told)
    assert (len(web.calls), ended.attempt) == (1, 1)


async def test_a_mock_that_is_missing_does_not_begin_anew_what_was_really_called():
    said = (agent_says(None, cancel={"order": "A1"}), agent_says(None, unknown={}), agent_says("Done."))
    web = Web(CANCELLED)
    ended, results = await House(web, *said, finding=Finding.NOT_MET).play()
    assert [result.source for result in results] == ["live", "unmocked"]
    assert (ended.cause, ended.attempt, ended.take, len(web.calls)) == (Cause.MOCK_GAP, 1, 1, 1)


async def test_after_a_crash_what_was_answered_is_not_called_again():
    web = Web(CANCELLED, Killed())
    said = [agent_says(None, cancel={"order": "A1"}, look={"order": "A1"}), agent_says("Done.")]
    house = House(web, *said)
    trial = await house.claim()
    with pytest.raises(Killed):
        await house.go(trial)
    web.answers = [WebAnswer(status=200, text="gone")]
    ended, results = await house.go(trial)
    assert [result.text for result in results] == ['{"done":true}', "gone"]
    assert [call.method for call in web.calls] == ["POST", "GET", "GET"]
    assert ended.outcome is Outcome.PASSED


async def test_after_a_crash_nobody_calls_again_what_may_have_changed_something():
    web = Web(Killed())
    house = House(web, finding=Finding.NOT_MET)
    trial = await house.claim()
    with pytest.raises(Killed):
        await house.go(trial)
    ended, (result,) = await house.go(trial)
    assert (result.text, result.is_error, result.source) == (BROKEN_OFF, True, "unanswered")
    assert len(web.calls) == 1
    assert (ended.outcome, ended.cause) == (Outcome.ERROR, Cause.PROVIDER)


async def test_a_trial_that_stayed_without_an_answer_begins_anew_when_that_is_asked_for():
    web = Web(WebFault("No answer came within 30 s."), CANCELLED)
    house = House(web, finding=Finding.NOT_MET)
    await house.play()
    await Control(house.store, house.clock, house).retry("w", "b")
    house.finding = Finding.MET
    (trial,) = await house.store.claim(1)
    ended, (result,) = await house.go(trial)
    assert (result.source, ended.outcome, len(web.calls)) == ("live", Outcome.PASSED, 2)
