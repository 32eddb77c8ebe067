"""The demo's agent in other places: each answers from the same script, and runs its tools itself."""

from contextlib import asynccontextmanager

import aiohttp
from aiohttp import web

from sparring.adapters.bundled import AIRLINE_SUITE
from sparring.adapters.models.scripted import scripted_model
from sparring.adapters.suites import load_suite
from sparring.domain.outcomes import Role
from sparring.domain.transcript import ToolCall
from sparring.simulation.ports import ModelRequest, Occasion, Prompt

AGENT = load_suite(AIRLINE_SUITE).agent


class AirlineAgent:
    """One conversation's agent."""

    def __init__(self, seed):
        self._model = scripted_model("airline")
        self._seed = seed
        self._prompts = [Prompt(role="assistant", text=AGENT.greeting)]

    async def answer(self, message, call_tool):
        """The texts that it says to a message, after calling its tools."""
        self._prompts.append(Prompt(role="user", text=message))
        said = []
        while True:
            occasion = Occasion(role=Role.AGENT, seed=self._seed)
            reply = self._model.answer(
                ModelRequest(system=AGENT.instructions, messages=self._prompts, occasion=occasion)
            )
            self._prompts.append(Prompt(role="assistant", text=reply.text, calls=reply.calls))
            if reply.text:
                said.append(reply.text)
            if not reply.calls:
                return said
            for call in reply.calls:
                self._prompts.append(await self._result(call, call_tool))

    async def _result(self, call: ToolCall, call_tool):
        text, is_error = await call_tool(call.name, dict(call.arguments))
        return Prompt(role="tool", text=text, call_id=call.id, name=call.name, is_error=is_error)


def caller(session, mocks_url):
    """Calls tools where the trial's mocks are."""

    async def call_tool(name, arguments):
        async with session.post(f"{mocks_url}/{name}", json=arguments) as response:
            return await response.text(), response.status != 200

    return call_tool


_AGENTS = {}


async def reply(message, history, context):
    """The agent as Python code."""
    agent = _AGENTS.setdefault(context.conversation, AirlineAgent(context.seed))
    async with aiohttp.ClientSession() as session:
        return await agent.answer(message, caller(session, context.mocks_url))


@asynccontextmanager
async def airline_server():
    """An HTTP agent with sessions of its own."""
    agents = {}

    async def chat(http):
        asked = await http.json()
        agent = agents.setdefault(asked["session"], AirlineAgent(asked["seed"]))
        call_tool = caller(session, http.headers["X-Sparring-Mocks"])
        said = await agent.answer(asked["text"], call_tool)
        return web.json_response({"messages": [{"kind": "text", "body": text} for text in said]})

    app = web.Application()
    app.router.add_post("/chat", chat)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    async with aiohttp.ClientSession() as session:
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        try:
            yield f"http://127.0.0.1:{runner.addresses[0][1]}"
        finally:
            await runner.cleanup()
