"""The requests that we build have the types of the providers' own SDKs, on every wire."""

from typing import Any

import orjson
import pytest
from recordings import model_on, question_after, recorded, replay
from sdk_types import check_of

from sparring.adapters.mock_llm import openai_wire
from sparring.adapters.models.provider import Provider
from sparring.adapters.models.wires import WIRES, make_wire
from sparring.adapters.players.assessments import ANSWER
from sparring.domain.agent import Tool
from sparring.domain.errors import ModelFault
from sparring.domain.outcomes import Role
from sparring.domain.transcript import ToolCall
from sparring.simulation.ports import ModelRequest, Occasion, Prompt

MODELS = {
    "openai.chat": "gpt-4.1",
    "openai.responses": "gpt-5-mini",
    "anthropic.messages": "claude-sonnet-4-5-20250929",
    "google.generate": "gemini-3-flash-preview",
}
CANCEL = Tool(
    name="cancel",
    description="Cancels a booking",
    parameters={"type": "object", "properties": {"id": {"type": "string"}}, "required": ["id"]},
)
CALLS = (ToolCall(id="call_1", name="cancel", arguments={"id": "A"}), ToolCall(id="call_2", name="now"))
TALK = (
    Prompt(role="assistant", text="Hi! How can I help?"),
    Prompt(role="user", text="Cancel A"),
    Prompt(role="user", text="please"),
    Prompt(role="assistant", text=None, calls=CALLS),
    Prompt(role="tool", text="done", call_id="call_1", name="cancel"),
    Prompt(role="tool", text="no clock", call_id="call_2", name="now", is_error=True),
    Prompt(role="assistant", text="It is cancelled."),
    Prompt(role="assistant", text=None),
    Prompt(role="user", text="Thanks"),
)


def sent(wire: str, request: ModelRequest, model: str | None = None, tier: str | None = None) -> dict[str, Any]:
    """The request as it goes out."""
    provider = Provider(name="it", base_url="http://127.0.0.1", wire=wire)
    return orjson.loads(make_wire(wire, provider, model or MODELS[wire], tier).body(request))


def asked(*prompts: Prompt, role: Role = Role.AGENT, **fields: Any) -> ModelRequest:
    for prompt in prompts:
        prompt.memo.clear()
    return ModelRequest(system="Be kind.", messages=prompts, occasion=Occasion(role=role), **fields)


@pytest.mark.parametrize("wire", WIRES)
def test_a_conversation_with_tools_has_the_sdk_s_types(wire: str) -> None:
    tools = (CANCEL, Tool(name="now"))
    check_of(wire)(sent(wire, asked(*TALK, tools=tools, temperature=0.5, top_p=0.9)))


@pytest.mark.parametrize("wire", WIRES)
def test_a_conversation_that_has_not_begun_has_the_sdk_s_types(wire: str) -> None:
    check_of(wire)(sent(wire, asked()))


@pytest.mark.parametrize("wire", WIRES)
def test_a_judgement_has_the_sdk_s_types(wire: str) -> None:
    check_of(wire)(sent(wire, asked(Prompt(role="user", text="Judge."), role=Role.JUDGE, schema=ANSWER)))


def test_a_judgement_through_a_forced_tool_has_the_sdk_s_types() -> None:
    request = asked(Prompt(role="user", text="Judge."), role=Role.JUDGE, schema=ANSWER)
    body = sent("anthropic.messages", request, model="claude-3-haiku-20240307")
    assert "tool_choice" in body
    check_of("anthropic.messages")(body)


@pytest.mark.parametrize("wire", ["openai.chat", "openai.responses"])
def test_the_priority_tier_has_the_sdk_s_types(wire: str) -> None:
    check_of(wire)(sent(wire, asked(*TALK), tier="priority"))


@pytest.mark.parametrize("wire", WIRES)
def test_every_recorded_conversation_has_the_sdk_s_types_on_every_wire(wire: str) -> None:
    check = check_of(wire)
    seen = calls = 0
    for row in recorded("openai.chat"):
        body = {**row["request"], "messages": [plain(message) for message in row["request"]["messages"]]}
        body["tools"] = [tool for tool in body.get("tools") or () if "function" in tool]
        request = openai_wire.request(openai_wire.check(body), Role.AGENT, 0)
        check(sent(wire, request))
        seen += 1
        calls += any(prompt.calls for prompt in request.messages)
    assert seen == 343
    assert calls > 60


@pytest.mark.parametrize("wire", [wire for wire in WIRES if wire != "openai.chat"])
async def test_what_follows_every_recorded_answer_has_the_sdk_s_types(wire: str) -> None:
    check = check_of(wire)
    seen = opaque = 0
    for row in recorded(wire):
        if asks_for_tools_of_the_provider(row["request"]):
            continue
        try:
            reply = await replay(wire, row)
        except ModelFault:
            continue
        model, _ = model_on(wire, row, MODELS[wire])
        body = orjson.loads(model.wire.body(question_after(reply)))
        held = reply.generation.opaque or {}
        if not {"content", "parts", "output"}.isdisjoint(held):
            opaque += 1
        check(body)
        seen += 1
    assert seen > 110
    assert opaque > 12


def asks_for_tools_of_the_provider(request: dict[str, Any]) -> bool:
    """Whether it names tools that the provider runs itself: none that this project asks for."""
    tools = request.get("tools") or []
    tools = [tools] if isinstance(tools, dict) else tools
    ours = {"custom", "function", "functionDeclarations", "function_declarations"}
    kinds = {
        tool["type"] if "type" in tool else "custom" if "name" in tool else next(iter(tool)) for tool in tools
    }
    return bool(kinds - ours) or "mcp_servers" in request


def plain(message: dict[str, Any]) -> dict[str, Any]:
    """A message with its text only."""
    return {**message, "content": openai_wire.text_of(message)}
