"""What must be the same on every wire, played against the mock server, which makes the providers' demands."""

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path

import aiohttp
import pytest
from provider_door import KEY, Door, error

from sparring.adapters.mock_llm import create_app, running
from sparring.adapters.models.catalogue import Catalogue
from sparring.adapters.models.provider import Provider
from sparring.adapters.models.retries import Patience
from sparring.adapters.models.script_files import read_script
from sparring.adapters.models.wired_model import WiredModel
from sparring.adapters.models.wires import WIRES, make_wire
from sparring.adapters.players.assessments import ANSWER
from sparring.domain.agent import Tool
from sparring.domain.errors import ModelFault
from sparring.domain.outcomes import Role
from sparring.simulation.ports import ChatModel, ModelReply, ModelRequest, Occasion, Prompt
from sparring.testing.clock import FrozenClock

SCRIPT = """
agent:
  - when: {tool: cancel}
    say: It is cancelled.
  - when: {tool: look}
    say: Let me see to it.
    call: {cancel: {id: A1}}
  - when: {said: cancel}
    call: [{look: {id: A1}}, {look: {id: B2}}]
  - say: Hello to you.
user:
  - end: All is said.
"""
LOOK = Tool(name="look", description="Looks a booking up.")
CANCEL = Tool(
    name="cancel",
    parameters={"type": "object", "properties": {"id": {"type": "string"}}, "required": ["id"]},
)
CASE = """<assertions>
1. The agent is kind.
</assertions>

<transcript>
[0] user: Hi.
[1] agent: Hello.
</transcript>"""
Make = Callable[..., Awaitable[ChatModel]]
Ask = Callable[..., Awaitable[ModelReply]]


def provider(wire: str, base: str) -> Provider:
    host = base.removesuffix("/v1")
    return Provider(name="mock", base_url=base if wire.startswith("openai") else host, wire=wire, api_key="any")


@pytest.fixture
async def make() -> AsyncIterator[Make]:
    """Makes a model on a wire, with the mock server's options as keywords."""
    async with AsyncExitStack() as stack:

        async def model(
            wire: str, name: str = "gemini-3-agent", script: str = SCRIPT, **options: object
        ) -> ChatModel:
            app = create_app(read_script(script), clock=FrozenClock(), **options)  # type: ignore[arg-type]
            base = await stack.enter_async_context(running(app))
            catalogue = Catalogue([provider(wire, base)], clock=FrozenClock(), patience=Patience(tries=1))
            stack.push_async_callback(catalogue.close)
            return catalogue.model(f"mock:{name}")

        yield model


def asked(*prompts: Prompt, role: Role = Role.AGENT, **fields: object) -> ModelRequest:
    return ModelRequest(system="Be kind.", messages=prompts, occasion=Occasion(role=role), **fields)  # type: ignore[arg-type]


def answered(reply: ModelReply) -> list[Prompt]:
    """The reply as it is shown again, and results for its calls."""
    told = Prompt(role="assistant", text=reply.text, calls=reply.calls, opaque=reply.generation.opaque)
    results = (Prompt(role="tool", text="{}", call_id=call.id, name=call.name) for call in reply.calls)
    return [told, *results]


@pytest.mark.parametrize("wire", WIRES)
async def test_a_question_is_answered_in_words(make: Make, wire: str) -> None:
    reply = await (await make(wire)).complete(asked(Prompt(role="user", text="Hi")))
    assert reply.text == "Hello to you."
    assert reply.calls == ()
    assert reply.generation.model == "gemini-3-agent"
    assert reply.generation.usage is not None
    assert reply.generation.usage.output == 3


@pytest.mark.parametrize("wire", WIRES)
async def test_two_rounds_of_tools_are_played_with_their_opaque_parts(make: Make, wire: str) -> None:
    model = await make(wire)
    prompts = [Prompt(role="user", text="Please cancel A1.")]
    first = await model.complete(asked(*prompts, tools=(LOOK, CANCEL)))
    assert [(call.name, call.arguments) for call in first.calls] == [
        ("look", {"id": "A1"}),
        ("look", {"id": "B2"}),
    ]
    assert first.text is None
    prompts += answered(first)
    second = await model.complete(asked(*prompts, tools=(LOOK, CANCEL)))
    assert second.text == "Let me see to it."
    assert [(call.name, call.arguments) for call in second.calls] == [("cancel", {"id": "A1"})]
    prompts += answered(second)
    last = await model.complete(asked(*prompts, tools=(LOOK, CANCEL)))
    assert last.text == "It is cancelled."
    assert (first.generation.opaque is None) == (wire == "openai.chat")


@pytest.mark.parametrize("wire", [wire for wire in WIRES if wire != "openai.chat"])
async def test_opaque_parts_that_the_provider_does_not_take_back_are_left_out_at_once(
    make: Make, wire: str, tmp_path: Path
) -> None:
    record = tmp_path / "asked.jsonl"
    model = await make(wire, record_path=record)
    prompts = [Prompt(role="user", text="Please cancel A1.")]
    reply = await model.complete(asked(*prompts))
    told, *results = answered(reply)
    told.opaque = json.loads(json.dumps(dict(reply.generation.opaque or {})).replace("A1", "A2"))
    assert (await model.complete(asked(*prompts, told, *results))).text == "Let me see to it."
    lines = [json.loads(line) for line in record.read_text().splitlines()]
    assert [line["status"] for line in lines] == [200, 400, 200]
    assert ["A2" in json.dumps(line["request"]) for line in lines] == [False, True, False]


@pytest.mark.parametrize("wire", WIRES)
async def test_a_judge_answers_in_the_asked_form(make: Make, wire: str) -> None:
    model = await make(wire, "judge", script="judge: [{verdict: met, reason: It is kind.}]")
    reply = await model.complete(asked(Prompt(role="user", text=CASE), role=Role.JUDGE, schema=ANSWER))
    (assessment,) = json.loads(reply.text or "")["assessments"]
    assert assessment["verdict"] == "met"
    assert reply.calls == ()


@pytest.mark.parametrize("name", ["claude-3-haiku-20240307-judge", "claude-sonnet-4-20250514"])
async def test_an_older_claude_answers_through_a_forced_tool(make: Make, name: str) -> None:
    model = await make("anthropic.messages", name, script="judge: [{verdict: met, reason: It is kind.}]")
    reply = await model.complete(asked(Prompt(role="user", text=CASE), role=Role.JUDGE, schema=ANSWER))
    assert json.loads(reply.text or "")["assessments"][0]["verdict"] == "met"
    assert reply.calls == ()
    assert "content" not in (reply.generation.opaque or {})


@pytest.mark.parametrize("wire", WIRES)
async def test_a_conversation_may_begin_with_a_greeting(make: Make, wire: str) -> None:
    greeting = Prompt(role="assistant", text="Hi! How can I help?")
    reply = await (await make(wire)).complete(asked(greeting, Prompt(role="user", text="Hi")))
    assert reply.text == "Hello to you."


@pytest.mark.parametrize("wire", WIRES)
async def test_a_model_may_open(make: Make, wire: str) -> None:
    assert (await (await make(wire)).complete(asked())).text == "Hello to you."


@pytest.mark.parametrize("wire", WIRES)
async def test_calls_of_a_history_that_no_model_made_are_taken(make: Make, wire: str) -> None:
    model = await make(wire)
    made = await model.complete(asked(Prompt(role="user", text="cancel")))
    history = answered(made)
    history[0].opaque = None
    assert (await model.complete(asked(Prompt(role="user", text="cancel"), *history))).calls


@pytest.mark.parametrize("wire", WIRES)
async def test_opaque_parts_of_another_provider_are_not_sent(make: Make, wire: str, tmp_path: Path) -> None:
    record = tmp_path / "asked.jsonl"
    model = await make(wire, record_path=record)
    tag = make_wire(wire, provider(wire, "http://127.0.0.1/v1"), "m").tag
    parts = [{"type": "thinking", "thinking": "secret thought", "text": "secret thought"}]
    opaque = {"wire": tag, "provider": "other", "content": parts, "parts": parts, "output": parts}
    opaque["message"] = {"reasoning": "secret thought"}
    said = Prompt(role="assistant", text="Hello.", opaque=opaque)
    await model.complete(asked(Prompt(role="user", text="Hi"), said, Prompt(role="user", text="Go on")))
    said.opaque = {**opaque, "provider": "mock", "wire": "other"}
    said.memo.clear()
    await model.complete(asked(Prompt(role="user", text="Hi"), said, Prompt(role="user", text="Go on")))
    assert "secret thought" not in record.read_text()
    assert len(record.read_text().splitlines()) == 2


TROUBLE = [
    ("length", Role.AGENT, "length"),
    ("filter", Role.USER, "content_filter"),
    ("refusal", Role.JUDGE, "refusal"),
    ("empty", Role.AGENT, "empty"),
    ("429=9999", Role.USER, "rate_limit"),
    ("401", Role.USER, "refused"),
    ("html", Role.USER, "unreadable"),
    ("broken", Role.USER, "unreadable"),
]
NO_SUCH_WORD = {("google.generate", "refusal"): "a refusal is text like any other there"}


@pytest.mark.parametrize(
    ("wire", "kind", "role", "reason"),
    [(wire, *trouble) for wire in WIRES for trouble in TROUBLE if (wire, trouble[0]) not in NO_SUCH_WORD],
)
async def test_what_cannot_be_used_is_a_fault_that_names_role_and_cause(
    make: Make, wire: str, kind: str, role: Role, reason: str
) -> None:
    model = await make(wire, faults=f"{kind}:1")
    with pytest.raises(ModelFault) as caught:
        await model.complete(asked(Prompt(role="user", text="Hi"), role=role))
    blocked = wire == "anthropic.messages" and kind == "filter"
    assert caught.value.reason == ("refusal" if blocked else reason)
    who = {Role.AGENT: "The agent's", Role.USER: "The simulated user's", Role.JUDGE: "The judge's"}[role]
    assert str(caught.value).startswith(f"{who} model mock:gemini-3-agent ")


@pytest.mark.parametrize("wire", WIRES)
async def test_an_agent_that_refuses_in_words_has_said_so(make: Make, wire: str) -> None:
    model = await make(wire, faults="refusal:1")
    reply = await model.complete(asked(Prompt(role="user", text="Hi")))
    assert reply.text == "I'm sorry, I can't help with that."


@pytest.mark.parametrize("wire", WIRES)
async def test_a_stream_says_what_the_whole_answer_says(make: Make, wire: str) -> None:
    """The server streams to whoever asks; every wire reads what it streams."""
    request = asked(Prompt(role="user", text="Please cancel A1."), tools=(LOOK, CANCEL))
    told = []
    for streams in (False, True):
        app = create_app(read_script(SCRIPT), clock=FrozenClock())
        async with running(app) as base, aiohttp.ClientSession() as session:
            place = provider(wire, base)
            spoken = make_wire(wire, place, "agent")
            body = json.loads(spoken.body(request))
            if streams and wire != "google.generate":
                body["stream"] = True
            way = spoken.path.replace(":generate", ":streamGenerate") if streams else spoken.path
            async with session.post(place.base_url + way, json=body) as response:
                assert response.content_type == ("text/event-stream" if streams else "application/json")
                payload = spoken.decode(await response.read(), response.content_type)
            told.append(spoken.read(payload, request))
    whole, streamed = told
    assert whole.calls
    assert streamed.calls == whole.calls
    assert (streamed.text, streamed.finish, streamed.opaque) == (whole.text, whole.finish, whole.opaque)
    assert streamed.usage is not None
    assert whole.usage is not None
    assert streamed.usage.output == whole.usage.output


@pytest.mark.parametrize("wire", WIRES)
async def test_text_is_told_while_it_comes_and_calls_are_in_the_whole_answer(make: Make, wire: str) -> None:
    model = await make(wire)
    assert isinstance(model, WiredModel)
    pieces: list[str] = []
    prompts = [Prompt(role="user", text="Please cancel A1.")]
    told = []
    for _ in range(3):
        reply = await model.stream(asked(*prompts, tools=(LOOK, CANCEL)), pieces.append)
        told.append([call.name for call in reply.calls])
        prompts += answered(reply)
    assert told == [["look", "look"], ["cancel"], []]
    assert pieces == ["Let ", "me ", "see ", "to ", "it.", "It ", "is ", "cancelled."]
    assert reply.generation.usage is not None
    assert reply.generation.usage.output == 3


@pytest.mark.parametrize("wire", WIRES)
def test_a_message_is_encoded_once_in_a_conversation(wire: str) -> None:
    spoken = make_wire(wire, provider(wire, "http://127.0.0.1/v1"), "agent")
    prompts = [
        Prompt(role="user", text="one"),
        Prompt(role="assistant", text="two"),
        Prompt(role="user", text="three"),
    ]
    first = spoken.body(asked(*prompts))
    for prompt in prompts:
        prompt.text = "changed"
    prompts += [Prompt(role="assistant", text="four"), Prompt(role="user", text="five")]
    second = spoken.body(asked(*prompts))
    assert b"changed" not in second
    assert second.startswith(first[: first.index(b"three")])
    for text in (b"one", b"two", b"three", b"four", b"five"):
        assert second.count(text) == 1


@pytest.mark.parametrize("wire", WIRES)
async def test_a_key_is_never_shown_and_its_variable_named(door: Door, ask: Ask, wire: str) -> None:
    told = f"invalid key {KEY}; headers were x-api-key: {KEY}, x-goog-api-key: {KEY}, Authorization: Bearer {KEY}"
    door.plays(error(401, told, type="authentication_error"))
    with pytest.raises(ModelFault, match=r"Check IT_API_KEY\.") as caught:
        await ask("any", asked(Prompt(role="user", text="Hi")), wire=wire)
    assert KEY not in str(caught.value) + repr(caught.value)
    assert KEY not in door.asked[0].path
