"""A shop's agent as a Python function that runs its tools itself.

sparring run examples/python-agent/suite.yaml
"""

import aiohttp


async def call_tool(mocks_url, name, **arguments):
    """A tool of the trial that is being played."""
    async with aiohttp.ClientSession() as session, session.post(f"{mocks_url}/{name}", json=arguments) as answer:
        answer.raise_for_status()
        return await answer.json()


async def reply(message, history, context):
    """What the shop says to a message."""
    found = await call_tool(context.mocks_url, "opening_hours", day="sunday")
    greeting = [] if any(said["role"] == "assistant" for said in history) else ["Welcome to the shop."]
    return [*greeting, f"On Sunday we are open: {found['hours']}."]
