"""Python code plays scenarios against a callable: no server, no file, no database."""

import asyncio
import threading

import pytest

from sparring import Agent, Scenario, simulate, simulate_suite
from sparring.adapters.bundled import AIRLINE_SUITE
from sparring.domain.errors import InvalidInput, NotConfigured
from sparring.domain.outcomes import Cause, Outcome
from sparring.domain.transcript import AgentMessage

MODELS = {"user_model": "scripted:polite", "judge_model": "scripted:polite"}

CANCEL = Scenario(name="Cancel", task="Cancel your order.", assertions=["The agent cancels the order."])
PARCEL = Scenario(name="Parcel", task="Ask where your parcel is.", assertions=["The agent looks into it."])


@pytest.fixture(autouse=True)
def nothing_is_configured(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("OPENAI_API_KEY", "ANTHROPIC_API_KEY", "GEMINI_API_KEY", "OLLAMA_BASE_URL"):
        monkeypatch.delenv(name, raising=False)
    for name in ("SPARRING_USER_MODEL", "SPARRING_JUDGE_MODEL", "SPARRING_AGENT_MODEL"):
        monkeypatch.delenv(name, raising=False)


async def answers(message):
    return f"You said {message!r}."


class Answering:
    def __init__(self):
        self.histories = []

    async def __call__(self, message, history):
        self.histories.append(len(history))
        return "Thank you."


def blocks(message):
    return threading.current_thread().name


async def test_an_async_callable_is_played_and_judged():
    result = await simulate(CANCEL, answers, trials=3, **MODELS)
    assert (result.passed, result.failed, result.pass_hat(3)) == (3, 0, 1.0)
    assert "Cancel" in str(result)
    said = [message.text for message in result.transcripts[result.trials[0].id]]
    assert said[1] == f"You said {said[0]!r}."


async def test_an_object_that_can_be_called_gets_the_history_that_it_asks_for():
    agent = Answering()
    result = await simulate(CANCEL, agent, **MODELS)
    assert result.passed == 1
    assert agent.histories == sorted(set(agent.histories))


async def test_a_sync_callable_does_not_hold_up_the_loop():
    result = await simulate(CANCEL, blocks, **MODELS)
    messages = result.transcripts[result.trials[0].id]
    said = {message.text for message in messages if isinstance(message, AgentMessage)}
    assert said
    assert threading.current_thread().name not in said


async def test_several_scenarios_are_played_in_one_simulation():
    result = await simulate([CANCEL, PARCEL], answers, trials=2, **MODELS)
    assert [len(result.trials), result.passed] == [4, 4]
    assert result.simulation.name == "2 scenarios"


async def test_simulations_run_side_by_side_in_one_loop():
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(simulate(CANCEL, answers, trials=2, **MODELS)) for _ in range(3)]
    assert [task.result().passed for task in tasks] == [2, 2, 2]


async def test_a_simulation_that_is_cancelled_ends():
    called = asyncio.Event()

    async def never(message):
        called.set()
        await asyncio.Event().wait()

    task = asyncio.create_task(simulate(CANCEL, never, **MODELS))
    await called.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_an_agent_with_a_model_is_played_without_code_of_ones_own():
    agent = Agent(id="", workspace="", name="Polite", model="scripted:polite", instructions="Be kind.")
    assert (await simulate(CANCEL, agent, **MODELS)).passed == 1


def boom(message):
    raise ValueError("out of order")


@pytest.mark.parametrize(
    ("agent", "told"), [(boom, "ValueError: out of order"), (lambda message: None, "NoneType")]
)
async def test_code_that_fails_is_an_error_and_no_failing_agent(agent, told):
    result = await simulate(CANCEL, agent, **MODELS)
    (trial,) = result.trials
    assert (trial.outcome, trial.cause) == (Outcome.ERROR, Cause.AGENT)
    assert told in trial.error
    assert (result.passed, result.failed) == (0, 0)
    with pytest.raises(InvalidInput, match="0 were judged"):
        result.pass_hat(1)


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ({"trials": 0}, "trials takes 1 to 100, not 0"),
        ({"trials": 101}, "trials takes 1 to 100, not 101"),
        ({"trials": 1.5}, "trials takes 1 to 100, not 1.5"),
        ({"trials": "3"}, "trials takes 1 to 100, not '3'"),
        ({"trials": True}, "trials takes 1 to 100, not True"),
        ({"concurrency": 0}, "concurrency takes 1 or more, not 0"),
        ({"concurrency": None}, "concurrency takes 1 or more, not None"),
        ({"scenario": []}, "at least one Scenario"),
        ({"scenario": None}, "takes a Scenario or several, not None"),
        ({"scenario": "Cancel"}, "takes a Scenario or several, not 'Cancel'"),
        ({"agent": "my_agent"}, "an Agent or a callable, not str"),
        ({"agent": lambda: "Hello."}, r"must take \(message\)"),
        ({"user_model": "gtp-4o"}, "gpt-4o"),
        ({"judge_model": "scripted:none-such"}, "none-such"),
    ],
    ids=lambda value: value if isinstance(value, str) else "-".join(value),
)
async def test_what_cannot_be_used_is_told_before_anything_is_played(arguments, told):
    with pytest.raises(InvalidInput, match=told):
        await simulate(**{"scenario": CANCEL, "agent": answers, **MODELS, **arguments})


async def test_without_models_it_says_what_to_set():
    with pytest.raises(NotConfigured, match="SPARRING_USER_MODEL"):
        await simulate(CANCEL, answers)


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ({"trials": 0}, "trials takes 1 to 100, not 0"),
        ({"trials": "3"}, "trials takes 1 to 100, not '3'"),
        ({"concurrency": 0}, "concurrency takes 1 or more, not 0"),
        ({"agent": 3}, "agent takes a callable, not int"),
        ({"only": "nobody"}, "has 'nobody' in its name"),
    ],
    ids=lambda value: value if isinstance(value, str) else "-".join(value),
)
async def test_what_a_suite_cannot_be_played_with_is_told(arguments, told):
    with pytest.raises(InvalidInput, match=told):
        await simulate_suite(AIRLINE_SUITE, **arguments)


async def test_one_word_chooses_scenarios_as_a_list_of_one_does():
    result = await simulate_suite(AIRLINE_SUITE, only="Out of", trials=1)
    assert [scenario.name for scenario in result.simulation.scenarios] == ["Out of scope"]
