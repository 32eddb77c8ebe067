"""Small servers that stand for agents, and what is around an agent in a trial."""

from contextlib import asynccontextmanager

from aiohttp import web

from sparring.adapters.agents.casting import EndpointCasting
from sparring.adapters.players.callable_agent import AgentContext
from sparring.adapters.players.casting import ModelCasting
from sparring.domain.agent import Agent
from sparring.domain.scenario import Instructions, Scenario
from sparring.domain.simulation import Limits
from sparring.domain.transcript import Transcript
from sparring.simulation.trial import set_stage
from sparring.testing import FakeModels, FrozenClock, user_says

CONTEXT = AgentContext(conversation="t-1", scenario="Refund", trial=2, seed=7, variables={"name": "Ada"})


@asynccontextmanager
async def serving(handler):
    """A server that answers every request by a function of it; gives its address and the requests so far."""
    seen = []

    async def answer(http):
        seen.append((http, await http.read()))
        answered = handler(http)
        return await answered if hasattr(answered, "__await__") else answered

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", answer)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}", seen
    finally:
        await runner.cleanup()


@asynccontextmanager
async def visiting(endpoint, *, agent=None, scenario=None, environment=None, clock=None, **options):
    """The player of an agent that lives elsewhere, in a trial of its own."""
    clock = clock or FrozenClock(7.0)
    casting = EndpointCasting(ModelCasting(FakeModels(), clock), clock, environment=environment or {}, **options)
    tested = agent or Agent(id="a", workspace="w", name="Elsewhere", endpoint=endpoint)
    played = scenario or Scenario(name="Refund", instructions=Instructions())
    visitor = casting.visitor(tested, CONTEXT, set_stage(tested, played, Limits()))
    try:
        yield visitor
    finally:
        visitor.leave()
        await casting.close()


def said(*texts):
    return Transcript([user_says(text) for text in texts])
