"""The mock model server, asked over its socket."""

import asyncio
import json
from contextlib import asynccontextmanager

import aiohttp
import pytest

from sparring.adapters.mock_llm import create_app, running
from sparring.adapters.models.script_files import read_script
from sparring.domain.errors import InvalidInput
from sparring.testing import FrozenClock

END = {
    "type": "function",
    "function": {"name": "end_conversation", "description": "Ends it.", "parameters": {"type": "object"}},
}
LOOK = {"type": "function", "function": {"name": "look", "description": "Looks something up."}}
JUDGING = {"type": "json_schema", "json_schema": {"name": "verdict", "schema": {"type": "object"}}}
CASE = """<assertions>
1. The agent is polite.
2. The agent helps.
</assertions>

<transcript>
[0] user: Hello.
[1] agent: Hello, dear customer.
</transcript>"""


@asynccontextmanager
async def server(*, script=None, **options):
    app = create_app(read_script(script) if script else None, clock=FrozenClock(1_700_000_000), **options)
    async with running(app) as base_url, aiohttp.ClientSession(base_url=base_url + "/") as session:
        yield session


def body(*messages, model="gpt-4o", **more):
    return {"model": model, "messages": [{"role": role, "content": text} for role, text in messages], **more}


async def post(session, sent, *, path="chat/completions", status=200):
    async with session.post(path, json=sent) as response:
        assert response.status == status, await response.text()
        return await response.json()


async def ask(session, *messages, path="chat/completions", **more):
    return await post(session, body(*messages, **more), path=path)


def text(answer):
    return answer["choices"][0]["message"]["content"]


def calls(answer):
    made = answer["choices"][0]["message"].get("tool_calls", [])
    return [(call["id"], call["function"]["name"], json.loads(call["function"]["arguments"])) for call in made]


async def test_an_answer_has_the_providers_form():
    async with server() as session:
        answer = await ask(session, ("system", "Be kind."), ("user", "Hello"))
    choice = answer["choices"][0]
    assert (answer["object"], answer["model"], answer["created"]) == ("chat.completion", "gpt-4o", 1_700_000_000)
    assert answer["id"].startswith("chatcmpl-")
    assert (choice["index"], choice["finish_reason"], choice["message"]["role"]) == (0, "stop", "assistant")
    assert choice["message"]["content"].startswith("Hello, and thank you")
    usage = answer["usage"]
    assert usage["prompt_tokens"] > 0
    assert usage["completion_tokens"] == len(text(answer).split())
    assert usage["total_tokens"] == usage["prompt_tokens"] + usage["completion_tokens"]


async def test_without_a_script_the_user_ends_after_three_messages():
    talk = [("system", "You are Ann.")]
    async with server() as session:
        for _ in range(3):
            talk.append(("user", "How can I help?"))
            answer = await ask(session, *talk, tools=[END])
            assert calls(answer) == []
            talk.append(("assistant", text(answer)))
        talk.append(("user", "You are welcome."))
        last = await ask(session, *talk, tools=[END])
    assert calls(last) == [("call_1", "end_conversation", {"reason": "The question is answered."})]
    assert (text(last), last["choices"][0]["finish_reason"]) == (None, "tool_calls")
    assert len({said for _, said in talk[1:] if said != "How can I help?"}) == 4


async def test_without_a_script_the_user_ends_with_whatever_tool_ends():
    hang_up = {"type": "function", "function": {"name": "bye", "description": "Ends the conversation."}}
    talk = [("assistant", "x"), ("user", "y")] * 3
    async with server() as session:
        assert calls(await ask(session, *talk, tools=[LOOK, hang_up]))[0][1] == "bye"
        assert calls(await ask(session, *talk, tools=[END]))[0][1] == "end_conversation"


async def test_without_a_script_the_judge_finds_everything_met_and_quotes():
    async with server() as session:
        answer = await ask(session, ("system", "x"), ("user", CASE), response_format=JUDGING)
    found = json.loads(text(answer))["assessments"]
    assert [(one["index"], one["verdict"]) for one in found] == [(1, "met"), (2, "met")]
    assert [one["evidence"] for one in found] == [[{"message": 1, "quote": "Hello, dear customer."}]] * 2


ROLES = "agent: [{say: I am the agent}]\nuser: [{say: I am the user}]\njudge: [{verdict: met, reason: x}]"


@pytest.mark.parametrize(
    ("request_body", "role"),
    [
        (body(("user", "Hi")), "agent"),
        (body(("user", "Hi"), tools=[LOOK]), "agent"),
        (body(("user", "Hi"), tools=[END]), "user"),
        (body(("user", CASE), response_format={"type": "json_object"}), "judge"),
        (body(("system", "Give assessments."), ("user", CASE)), "judge"),
        (body(("user", "Hi"), model="my-user"), "user"),
        (body(("user", "Hi"), model="agent", tools=[END]), "agent"),
        (body(("user", CASE), model="openai/judge"), "judge"),
        (body(("user", "Hi"), model="superuser"), "agent"),
        (body(("user", "Hi"), response_format={"type": "text"}), "agent"),
    ],
)
async def test_the_role_is_read_from_the_request(request_body, role, tmp_path):
    record = tmp_path / "record.jsonl"
    async with server(script=ROLES, record_path=record) as session:
        said = text(await post(session, request_body))
    assert json.loads(record.read_text())["role"] == role
    assert said == f"I am the {role}" if role != "judge" else '"met"' in said


async def test_a_script_sees_tools_results_and_parts_of_a_message():
    script = r"""
agent:
  - when: {tool: look, result: '"price":5'}
    say: It is {{results.look.price}}.
  - when: {said: '(?P<code>[A-Z]\d)', system: Be kind, offered: look}
    call: {look: {code: "{{code}}"}}
"""
    messages = [
        {"role": "developer", "content": "Be kind."},
        {"role": "user", "content": [{"type": "text", "text": "It is "}, {"type": "text", "text": "K9"}]},
    ]
    async with server(script=script) as session:
        first = await post(session, {"model": "m", "messages": messages, "tools": [LOOK]})
        assert calls(first) == [("call_1", "look", {"code": "K9"})]
        messages += [
            first["choices"][0]["message"],
            {"role": "tool", "tool_call_id": "call_1", "content": '{"price":5}'},
        ]
        assert text(await post(session, {"model": "m", "messages": messages})) == "It is 5."


async def test_an_answer_from_memory_is_the_one_that_the_script_gives():
    plain = "agent:\n  - {when: {turn: 2}, say: two}\n  - {say: 'turn {{turn}}'}\n"
    slow = plain + "  - {when: {said: never}, say: x}\n"
    talk = [("user", "a")]
    async with server(script=plain) as quick, server(script=slow) as full:
        for _ in range(4):
            first, again, other = [text(await ask(s, *talk)) for s in (quick, quick, full)]
            assert first == again == other
            talk += [("assistant", first), ("user", "b")]
    assert [said for role, said in talk if role == "assistant"] == ["turn 1", "two", "turn 3", "turn 4"]


async def test_the_same_conversation_gets_the_same_answer_and_another_one_its_own():
    script = "agent: [{say: [a, b, c, d, e, f, g, h]}]"
    async with server(script=script) as session:
        answers = {n: text(await ask(session, ("user", f"Hello {n}"))) for n in range(12)}
        for n, before in answers.items():
            assert text(await ask(session, ("user", f"Hello {n}"))) == before
        seeded = {text(await ask(session, ("user", "Hello"), seed=n)) for n in range(12)}
    assert len(set(answers.values())) > 3
    assert len(seeded) > 3


@pytest.mark.parametrize(
    "path", ["/chat/completions", "/v1beta/openai/chat/completions", "/api/v1/chat/completions"]
)
async def test_chat_completions_are_served_under_any_base(path):
    async with server() as session:
        assert text(await ask(session, ("user", "Hi"), path=path))


async def test_the_models_are_listed():
    async with server() as session, session.get("models") as response:
        listed = await response.json()
    assert [model["id"] for model in listed["data"]] == ["agent", "user", "judge"]


@pytest.mark.parametrize("path", ["/v1/embeddings", "/", "/v1/models/x"])
async def test_nothing_else_is_served(path):
    async with server() as session, session.post(path, json={}) as response:
        assert response.status == 404
        assert "Nothing is served at POST" in (await response.json())["error"]["message"]


@pytest.mark.parametrize(
    ("sent", "told"),
    [
        (b'{"model": ', "not valid JSON"),
        (b"[]", "not a JSON object"),
        (b'{"messages": []}', "model parameter"),
        (b'{"model": "m", "messages": []}', "messages parameter"),
        (b'{"model": "m", "messages": ["x"]}', "an object with a role"),
        (b'{"model": "m", "messages": [{"role": "assistant", "tool_calls": 5}]}', "tool_calls of a message"),
        (b'{"model": "m", "messages": [{"role": "user", "content": "x"}], "tools": [5]}', "tools must be a list"),
    ],
)
async def test_a_bad_request_is_refused_in_the_providers_form(sent, told):
    async with server() as session, session.post("chat/completions", data=sent) as response:
        error = (await response.json())["error"]
    assert response.status == 400
    assert error["type"] == "invalid_request_error"
    assert told in error["message"]


async def test_where_the_script_has_no_answer_the_request_is_refused_with_the_reason():
    async with server(script="agent: [{when: {said: never}, say: x}]") as session:
        answer = await post(session, body(("user", "Hi")), status=400)
    assert "no answer for the agent in turn 1 after 'Hi'" in answer["error"]["message"]


async def test_a_call_with_broken_arguments_in_the_history_is_taken_as_it_is():
    said = {"role": "assistant", "content": None, "tool_calls": [
        {"id": "c", "type": "function", "function": {"name": "look", "arguments": "{oops"}}
    ]}  # fmt: skip
    messages = [
        {"role": "user", "content": "x"},
        said,
        {"role": "tool", "tool_call_id": "c", "content": "bad arguments"},
    ]
    async with server(script="agent: [{when: {tool: look}, say: sorry}]") as session:
        assert text(await post(session, {"model": "m", "messages": messages})) == "sorry"


async def test_each_request_is_recorded_before_it_is_answered(tmp_path):
    record = tmp_path / "record.jsonl"
    record.write_text('{"earlier": true}\n')
    async with server(record_path=record, latency_ms=60_000) as session:
        waiting = asyncio.create_task(ask(session, ("user", "Hello"), model="agent"))
        while record.read_text().count("\n") < 2:
            await asyncio.sleep(0)
        line = json.loads(record.read_text().splitlines()[1])
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
    assert (line["time"], line["path"], line["role"]) == (1_700_000_000, "/v1/chat/completions", "agent")
    assert (line["status"], line["fault"]) == (200, None)
    assert line["request"] == body(("user", "Hello"), model="agent")
    assert text(line["answer"]).startswith("Hello, and thank you")


async def test_a_request_that_cannot_be_read_is_recorded_as_it_came(tmp_path):
    record = tmp_path / "record.jsonl"
    async with server(record_path=record) as session, session.post("chat/completions", data=b"\xff{") as response:
        assert response.status == 400
    line = json.loads(record.read_text())
    assert (line["role"], line["request"], line["status"]) == (None, "\ufffd{", 400)


@pytest.mark.slow
async def test_hundreds_of_requests_wait_at_the_same_time():
    async with server(latency_ms=300) as session:
        begin = asyncio.get_running_loop().time()
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(ask(session, ("user", "Hi"))) for _ in range(300)]
        took = asyncio.get_running_loop().time() - begin
    assert len({task.result()["id"] for task in tasks}) == 300
    assert took >= 0.3


async def test_a_port_that_is_taken_is_told():
    async with running(create_app()) as base_url:
        port = int(base_url.split(":")[2].split("/")[0])
        with pytest.raises(InvalidInput, match=f"Port {port} of 127.0.0.1 cannot be used: .*--port"):
            async with running(create_app(), port=port):
                pass


def test_a_record_that_cannot_be_written_is_told(tmp_path):
    with pytest.raises(InvalidInput, match=r"The record .* cannot be written: No such file or directory\."):
        create_app(record_path=tmp_path / "gone" / "record.jsonl")


def test_a_negative_latency_is_told():
    with pytest.raises(InvalidInput, match="0 ms or more, not -5"):
        create_app(latency_ms=-5)
