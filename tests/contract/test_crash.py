"""A crash after any message changes nothing: the trial goes on from its journal as if nothing had been."""

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sparring.adapters.store import open_store
from sparring.domain.agent import Agent, Tool, ToolKind
from sparring.domain.evaluation import Finding
from sparring.domain.mocks import Answer, Rule, ToolMock
from sparring.domain.scenario import Expectations, Scenario
from sparring.domain.simulation import Limits, Models, Simulation
from sparring.domain.transcript import AgentMessage, ToolCall, UserMessage
from sparring.simulation.ports import Cast
from sparring.simulation.runner import Runner
from sparring.testing import FrozenClock, Lines, MemoryStore, agent_says, judge_finds, user_ends, user_says

from .records import HERE, MESSAGES

TOOLS = ("look", "book", "unknown", "hang_up")

MOCKS = {
    "look": ToolMock(
        rules=(Rule(when={}, answer=Answer(value={"n": 1}), times=1),),
        sequence=(Answer(value="first"), Answer(value="second", is_error=True)),
        otherwise=Answer(value="{{name}}"),
    ),
    "book": ToolMock(sequence=(Answer(value=1),), otherwise=Answer(value="gone", is_error=True)),
}

CALLS = st.lists(
    st.builds(ToolCall, id=st.sampled_from(["a", "b", ""]), name=st.sampled_from(TOOLS)), min_size=1, max_size=3
).map(tuple)
TEXTS = st.sampled_from(["Hello.", "Hello.", "naïve 🙂", "\ud800\0", "Bye ###STOP###"])


def lines(kind, most):
    """What one side says: texts, calls, or both."""
    said = st.builds(kind, text=TEXTS)
    done = st.builds(kind, text=st.none() | st.just("") | TEXTS, calls=CALLS)
    return st.lists(said | done, min_size=most // 2, max_size=most)


def a_simulation(*, history=(), greeting=None, max_steps=14):
    scenario = Scenario(
        id="c" * 24,
        workspace=HERE,
        name="s",
        history=history,
        mocks=MOCKS,
        variables={"name": "Amelia"},
        expect=Expectations(assertions=("It is kind.",)),
    )
    tools = (Tool(name="hang_up", kind=ToolKind.END),)
    return Simulation(
        id="e" * 24,
        workspace=HERE,
        agent=Agent(id="a" * 24, workspace=HERE, name="a", greeting=greeting, tools=tools),
        scenarios=(scenario,),
        models=Models(user="u", judge="j"),
        limits=Limits(max_steps=max_steps),
    )


class Casting:
    """The same lines for every cast, with a count of those that were given out."""

    def __init__(self, user, agent):
        self.user, self.agent = user, agent
        self.players = []

    def cast(self, simulation, scenario, trial):
        given = (Lines(self.user), Lines(self.agent))
        self.players += given
        return Cast(user=given[0], agent=given[1], judge=judge_finds(Finding.MET))

    @property
    def asked(self):
        return sum(player.asked for player in self.players)


async def played(store, simulation, casting, *, stored=()):
    """The messages and the fate of the simulation's trial, after a process died when these were stored."""
    runner = Runner(store=store, casting=casting, clock=FrozenClock())
    await runner.submit(simulation)
    (trial,) = await store.claim(1)
    await store.journal(trial).append(0, stored)
    await store.release_running()
    (trial,) = await store.claim(1)
    await runner.play(await store.find_simulation(None, simulation.id), trial)
    (trial,) = await store.trials(simulation.id)
    return list(await store.messages(trial.id)), replace(trial, id="", take=1)


def lines_in(messages, simulation):
    """How many of the messages were spoken by players: neither given before nor the greeting."""
    begins = max(len(simulation.scenarios[0].history), 1 if simulation.agent.greeting is not None else 0)
    return sum(isinstance(message, UserMessage | AgentMessage) for message in messages[begins:])


@given(
    user=lines(UserMessage, 8),
    agent=lines(AgentMessage, 12),
    greeting=st.sampled_from([None, "Hi!"]),
    history=st.sampled_from([(), (user_says("Before"),), (user_says("Before"), agent_says("So", look={}))]),
)
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
async def test_a_crash_after_any_message_changes_nothing(user, agent, greeting, history):
    simulation = a_simulation(history=history, greeting=greeting)
    undisturbed, fate = await played(MemoryStore(FrozenClock()), simulation, Casting(user, agent))
    if fate.attempt > 1:
        return  # After a mock gap it began anew, with a journal of its own.
    for cut in (0, *range(len(history), len(undisturbed) + 1)):
        casting = Casting(user, agent)
        resumed, same_fate = await played(
            MemoryStore(FrozenClock()), simulation, casting, stored=undisturbed[:cut]
        )
        assert resumed == undisturbed
        assert same_fate == fate
        assert casting.asked == lines_in(undisturbed, simulation) - lines_in(undisturbed[:cut], simulation)


@pytest.mark.parametrize("cut", range(10))
async def test_a_crash_after_any_message_changes_nothing_in_a_file(cut, tmp_path):
    user = [user_says("Cancel it."), user_says("Yes."), user_ends()]
    spoken = [agent_says("Sure?"), agent_says(None, look={"id": "X"}, book={}), agent_says("Done.")]
    agent = [agent_says("The greeting stands for this one."), *spoken]
    simulation = a_simulation(greeting="Hi!")
    kept = []
    for name, stored in (("whole", 0), ("cut", cut)):
        casting = Casting(user, agent)
        store = await open_store(f"sqlite:///{tmp_path / name}.db", FrozenClock())
        prefix = kept[0][0][:stored] if kept else ()
        kept.append(await played(store, simulation, casting, stored=prefix))
        await store.close()
    (undisturbed, fate), (resumed, same_fate) = kept
    assert len(undisturbed) == 9
    assert resumed == undisturbed
    assert same_fate == fate
    assert casting.asked == lines_in(undisturbed, simulation) - lines_in(undisturbed[:cut], simulation)


async def test_what_was_stored_is_there_after_the_file_is_opened_again(tmp_path):
    url = f"sqlite:///{tmp_path / 'kept.db'}"
    simulation = a_simulation()
    store = await open_store(url, FrozenClock())
    await Runner(store=store, casting=Casting([], []), clock=FrozenClock()).submit(simulation)
    (trial,) = await store.claim(1)
    await store.journal(trial).append(0, MESSAGES)
    await store.close()
    again = await open_store(url, FrozenClock())
    assert tuple(await again.messages(trial.id)) == MESSAGES
    assert await again.trials(simulation.id) == [trial]
    await again.close()
