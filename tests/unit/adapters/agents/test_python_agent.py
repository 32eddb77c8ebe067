"""Agents that are Python code named in a suite."""

import asyncio
import sys

import pytest
from agent_servers import said, visiting

from sparring.adapters.agents.python_agent import load_callable
from sparring.domain.endpoints import PythonEndpoint, ReplyLimits
from sparring.domain.errors import AgentFault, InvalidInput

CODE = """
import asyncio

class Agent:
    def reply(self, message, history, context):
        return f"{message} {len(history)} {context.scenario} {context.mocks_url is not None}"

async def slow(message):
    await asyncio.Event().wait()

def long(message):
    return "é" * 501

agent = Agent()
number = 5

def odd(a, b, c, d):
    pass
"""


@pytest.fixture
def folder(tmp_path, request):
    name = f"code_{abs(hash(request.node.nodeid))}"
    (tmp_path / f"{name}.py").write_text(CODE)
    before = list(sys.path)
    yield str(tmp_path), name
    sys.path[:] = before
    sys.modules.pop(name, None)


async def test_a_name_may_lead_inside_and_the_code_learns_where_the_mocks_are(folder):
    endpoint = PythonEndpoint(callable=f"{folder[1]}:agent.reply", folder=folder[0])
    async with visiting(endpoint) as agent:
        (message,) = await agent.reply(said("Hi"))
    assert message.text == "Hi 1 Refund True"


async def test_code_that_never_answers_is_left_behind(folder):
    endpoint = PythonEndpoint(callable=f"{folder[1]}:slow", folder=folder[0], limits=ReplyLimits(timeout=0.05))
    async with visiting(endpoint) as agent:
        with pytest.raises(AgentFault, match=r"within 0\.05 s"):
            await agent.reply(said("Hi"))


async def test_what_code_says_is_bounded_like_any_answer(folder):
    limits = ReplyLimits(max_bytes=1000)
    endpoint = PythonEndpoint(callable=f"{folder[1]}:long", folder=folder[0], limits=limits)
    async with visiting(endpoint) as agent:
        with pytest.raises(AgentFault, match="longer than 1,000 bytes; its limit is"):
            await agent.reply(said("Hi"))


def test_what_cannot_be_called_is_refused_before_anything_is_played(folder, tmp_path):
    def load(name):
        return load_callable(PythonEndpoint(callable=name, folder=folder[0]))

    with pytest.raises(InvalidInput, match="cannot be imported: ModuleNotFoundError"):
        load("no_such_module:reply")
    (tmp_path / "leaving.py").write_text("raise SystemExit('no key')")
    with pytest.raises(InvalidInput, match="cannot be imported: SystemExit: no key"):
        load("leaving:reply")
    with pytest.raises(InvalidInput, match="has no 'gone'"):
        load(f"{folder[1]}:gone")
    with pytest.raises(InvalidInput, match="is int, which cannot be called"):
        load(f"{folder[1]}:number")
    with pytest.raises(InvalidInput, match=r"must take \(message\)"):
        load(f"{folder[1]}:odd")
    load(f"{folder[1]}:slow")
    other = tmp_path / "other"
    other.mkdir()
    (other / f"{folder[1]}.py").write_text("def slow(message): ...")
    with pytest.raises(InvalidInput, match="was imported before that of"):
        load_callable(PythonEndpoint(callable=f"{folder[1]}:slow", folder=str(other)))
    assert asyncio.iscoroutinefunction(load(f"{folder[1]}:slow"))
