"""The records that the reference pages name in their examples, for a server that demonstrates."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from sparring.dialects.sigmamind import wire
from sparring.dialects.sigmamind.translate.agents import new_agent
from sparring.dialects.sigmamind.translate.test_cases import new_case
from sparring.domain import ids
from sparring.domain.agent import Agent
from sparring.domain.chat import Chat, ChatStatus
from sparring.domain.scenario import Scenario
from sparring.domain.transcript import AgentMessage, Message

NEW_AGENT = "D5D0p7TUs66TTAEAx"
DEMO_AGENT = "mJzLaPEo425lieb9"
CASE = "tc_d17T6uReChpyfFeP"
CHAT = "chat-d17T6uReChpyfFeP"
WORKSPACE = "org_V6eZ2zg8ziDx5pft"
"""The alias of the workspace that holds them."""

_INSTRUCTIONS = """\
You answer for a subscription service. You are talking to {{customer_name}}, whose account is {{account_status}}.

When a customer wants to cancel, acknowledge the request, offer alternatives (a pause, a smaller plan), and \
confirm the cancellation if the customer insists. Stay polite with people who are angry."""

_GREETING = "Hello! My name is Grace, and I'm calling on behalf of SigmaMind AI. Am I speaking with Michael?"


def demo_records(
    workspace: str, now: float, new_id: Callable[[], str]
) -> tuple[tuple[Agent, ...], tuple[Scenario, ...]]:
    """The two agents and the test case of the pages, under the pages' ids.

    Args:
        now: unix seconds of their creation.
        new_id: gives a fresh id.
    """
    agents = tuple(
        _aliased_agent(name, alias, id=new_id(), workspace=workspace, now=now)
        for name, alias in (("Demo Agent", DEMO_AGENT), ("New AI Agent", NEW_AGENT))
    )
    case = new_case(_case(), id=new_id(), workspace=workspace, agent_id=agents[-1].id, now=now)
    return agents, (replace(case, alias=CASE),)


def demo_chat(workspace: str, agents: Sequence[Agent]) -> tuple[Chat, tuple[Message, ...]]:
    """The chat of the pages, under its id there, with what was said in it; it is still with the first agent."""
    began = 1618912800.0
    id = ids.read(CHAT, "chat")
    assert id is not None
    chat = Chat(
        id=id,
        workspace=workspace,
        agent=agents[0],
        variables={"customer_name": "Mike", "account_id": "ACC-001"},
        status=ChatStatus.ENDED,
        alias=CHAT,
        created_at=began,
        updated_at=began,
        ended_at=began,
    )
    return chat, (AgentMessage(text=_GREETING, at=began),)


def _aliased_agent(name: str, alias: str, *, id: str, workspace: str, now: float) -> Agent:
    body = wire.CreateAgent.model_validate(
        {"agentName": name, "instructions": _INSTRUCTIONS, "agentSettings": {"llmModel": "gpt-4o-mini"}}
    )
    return replace(new_agent(body, id=id, workspace=workspace, now=now), alias=alias)


def _case() -> wire.CreateTestCase:
    return wire.CreateTestCase.model_validate(
        {
            "agentId": NEW_AGENT,
            "label": "Angry Customer - Cancellation Flow",
            "llmModel": "gpt-4o-mini",
            "mockData": [
                {"variableName": "customer_name", "value": "John Doe"},
                {"variableName": "account_status", "value": "active"},
            ],
            "userPrompt": "You are an angry customer who wants to cancel your subscription.",
            "attempt": 5,
            "successCriteria": (
                "The agent should acknowledge the cancellation request, present retention alternatives, and "
                "confirm the cancellation if the customer insists."
            ),
        }
    )
