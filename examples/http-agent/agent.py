"""A shop's agent as a small HTTP server: it keeps its sessions and runs its tools itself.

python examples/http-agent/agent.py --port 8400
sparring run examples/http-agent/suite.yaml
"""

import argparse

import aiohttp
from aiohttp import web

SESSIONS: dict[str, int] = {}
OPENING_HOURS = {"monday": "9 to 18", "sunday": "closed"}


async def opening_hours(day: str, mocks: str | None) -> str:
    """The tool: the shop's real table, or the mocks of the trial that is being played."""
    if mocks is None:
        return OPENING_HOURS.get(day, "unknown")
    async with (
        aiohttp.ClientSession() as session,
        session.post(f"{mocks}/opening_hours", json={"day": day}) as answer,
    ):
        answer.raise_for_status()
        return (await answer.json())["hours"]


async def chat(request: web.Request) -> web.Response:
    asked = await request.json()
    session = asked["session"] or f"session-{len(SESSIONS) + 1}"
    SESSIONS[session] = SESSIONS.get(session, 0) + 1
    hours = await opening_hours("sunday", request.headers.get("X-Sparring-Mocks"))
    texts = [f"On Sunday we are open: {hours}."]
    if SESSIONS[session] == 1:
        texts.insert(0, "Welcome to the shop.")
    return web.json_response({"session": {"id": session}, "messages": [{"text": text} for text in texts]})


def main() -> None:
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--port", type=int, default=8400)
    app = web.Application()
    app.router.add_post("/chat", chat)
    web.run_app(app, host="127.0.0.1", port=arguments.parse_args().port)


if __name__ == "__main__":
    main()
