"""Agents behind a JSON API of any shape: what they are asked, what is read, and whose fault it is."""

import asyncio
import json

import pytest
from agent_servers import said, serving, visiting
from aiohttp import web

from sparring.domain.endpoints import HttpEndpoint, ReplyLimits
from sparring.domain.errors import AgentFault, NotConfigured
from sparring.domain.transcript import AgentMessage, ToolResult, Transcript
from sparring.domain.turns import END_TOOL
from sparring.testing import agent_says, user_says


async def asked(endpoint, transcript=None, *, answer=None, environment=None, **options):
    """What the agent said, and what its server was asked."""
    respond = answer or (lambda http: web.json_response({"reply": "Hello."}))
    async with serving(respond) as (url, seen):
        endpoint = endpoint(url)
        async with visiting(endpoint, environment=environment, **options) as agent:
            messages = await agent.reply(transcript or said("Hi"))
    return messages, seen


async def faulty(answer, **fields):
    with pytest.raises(AgentFault) as fault:
        await asked(lambda url: HttpEndpoint(url=url, **fields), answer=answer)
    assert fault.value.retryable is False
    return str(fault.value)


async def test_the_template_is_filled_with_types_and_the_address_is_escaped():
    body = {
        "all": "{{history}}",
        "text": "{{name}}: {{message}}",
        "n": "{{seed}}",
        "none": "{{session}}",
        "x": "{{y}}",
    }
    endpoint = lambda url: HttpEndpoint(  # noqa: E731
        url=f"{url}/c/{{{{scenario}}}}/{{{{message}}}}",
        headers={"Authorization": "Bearer ${KEY}", "X-Mode": "${MODE:-test}"},
        body=body,
    )
    (message,), ((http, sent),) = await asked(endpoint, said("a/b ?"), environment={"KEY": "k-123"})
    assert message == AgentMessage(text="Hello.", at=7.0)
    assert http.raw_path == "/c/Refund/a%2Fb%20%3F"
    assert json.loads(sent) == {
        "all": [{"role": "user", "content": "a/b ?"}],
        "text": "Ada: a/b ?",
        "n": 7,
        "none": None,
        "x": "{{y}}",
    }
    assert (http.headers["Authorization"], http.headers["X-Mode"]) == ("Bearer k-123", "test")
    assert http.headers["X-Sparring-Conversation"] == "t-1"
    assert "/mocks/" in http.headers["X-Sparring-Mocks"]


async def test_a_variable_that_is_not_set_is_told_before_anything_is_played():
    with pytest.raises(NotConfigured, match="the environment variable KEY, which is not set"):
        async with visiting(HttpEndpoint(url="http://127.0.0.1:1", headers={"X": "${KEY}"})):
            pass


async def test_several_replies_reported_calls_and_the_end_become_messages_in_their_order():
    answer = {
        "out": [{"t": "One."}, {"t": "Two."}],
        "done": True,
        "trace": [
            {"name": "find", "arguments": {"id": 1}, "result": {"ok": True}},
            {"name": "pay", "arguments": '{"usd": 2}', "error": "declined"},
            {"function": {"name": "log", "arguments": "{}"}},
        ],
    }
    endpoint = lambda url: HttpEndpoint(url=url, reply="out[].t", end="done", tool_calls="trace")  # noqa: E731
    messages, _ = await asked(endpoint, answer=lambda http: web.json_response(answer))
    kinds = [m.text if isinstance(m, AgentMessage) and m.text else type(m).__name__ for m in messages]
    assert kinds == [*["AgentMessage", "ToolResult"] * 3, "One.", "Two.", "AgentMessage"]
    results = [m for m in messages if isinstance(m, ToolResult)]
    assert [(r.name, r.text, r.is_error, r.source) for r in results[:2]] == [
        ("find", '{"ok":true}', False, "agent"),
        ("pay", "declined", True, "agent"),
    ]
    assert "did not report" in results[2].text
    assert messages[2].calls[0].arguments == {"usd": 2}
    assert [call.name for call in messages[-1].calls] == [END_TOOL]


async def test_the_session_that_the_agent_names_is_journalled_and_sent_back():
    endpoint = lambda url: HttpEndpoint(url=url, session="sid", body={"sid": "{{session}}"})  # noqa: E731
    answer = lambda http: web.json_response({"reply": "Hello.", "sid": "s-9"})  # noqa: E731
    (first,), _ = await asked(endpoint, answer=answer)
    later = Transcript([user_says("Hi"), first, user_says("And?")])
    _, ((_, sent),) = await asked(endpoint, later, answer=answer)
    assert json.loads(sent) == {"sid": "s-9"}


async def test_all_that_the_user_said_since_is_one_message():
    endpoint = lambda url: HttpEndpoint(url=url, body="{{message}}")  # noqa: E731
    talked = Transcript([user_says("Old"), agent_says("Yes?"), user_says("A"), user_says("B")])
    _, ((_, sent),) = await asked(endpoint, talked)
    assert json.loads(sent) == "A\n\nB"


async def test_nonsense_is_the_agents_fault_and_is_not_asked_again():
    assert "no JSON (text/html; charset=utf-8): <h1>Oops</h1>" in await faulty(
        lambda http: web.Response(text="<h1>Oops</h1>", content_type="text/html")
    )
    assert 'nothing at \'reply\': {"text":"Hi"}' in await faulty(lambda http: web.json_response({"text": "Hi"}))
    assert "The agent returned int" in await faulty(lambda http: web.json_response({"reply": 5}))
    assert "neither text nor a tool call" in await faulty(lambda http: web.json_response({"reply": " "}))
    assert "tool calls are no list" in await faulty(
        lambda http: web.json_response({"reply": "x", "t": 1}), tool_calls="t"
    )
    assert "cannot be followed" in await faulty(
        lambda http: web.json_response({"reply": 1}), reply="length(reply)"
    )


async def test_half_a_surrogate_pair_is_no_reason_not_to_listen():
    answer = lambda http: web.Response(body=b'{"reply": "a\\ud800b"}', content_type="application/json")  # noqa: E731
    (message,), _ = await asked(lambda url: HttpEndpoint(url=url, reply="reply"), answer=answer)
    assert message.text == "a\ud800b"


async def test_refusals_and_redirects_are_told_without_secrets():
    def refuse(http):
        return web.json_response({"key": http.headers["X-Key"]}, status=500)

    with pytest.raises(AgentFault, match=r"answered 500: \{\"key\": \"\[hidden\]\"\}"):
        await asked(
            lambda url: HttpEndpoint(url=url, headers={"X-Key": "${KEY}"}),
            answer=refuse,
            environment={"KEY": "secret"},
        )
    moved = lambda http: web.Response(status=307, headers={"Location": "http://10.0.0.1/"})  # noqa: E731
    assert "answered 307, a redirect to http://10.0.0.1/" in await faulty(moved)


async def test_a_reply_is_bounded_in_time_size_and_number():
    async def slow(http):
        await asyncio.Event().wait()

    assert "within 0.05 s" in await faulty(slow, limits=ReplyLimits(timeout=0.05))
    long = lambda http: web.json_response({"reply": "x" * 5000})  # noqa: E731
    assert "longer than 1,000 bytes" in await faulty(long, limits=ReplyLimits(max_bytes=1000))
    many = lambda http: web.json_response({"reply": ["x"] * 4})  # noqa: E731
    assert "gave 4 messages in one reply" in await faulty(many, limits=ReplyLimits(max_messages=3))


async def test_an_agent_that_hangs_up_in_the_middle_is_asked_once():
    asked_times = []

    def hang_up(http):
        asked_times.append(1)
        http.transport.close()
        return web.Response()

    assert "gave no answer" in await faulty(hang_up)
    assert len(asked_times) == 1


async def test_only_a_connection_that_was_never_made_is_tried_again():
    pauses = []

    class Clock:
        def now(self):
            return 7.0

        def entropy(self, size):
            return bytes(size)

        async def sleep(self, seconds):
            pauses.append(seconds)

    endpoint = HttpEndpoint(url="http://127.0.0.1:1/")
    async with visiting(endpoint, clock=Clock()) as agent:
        with pytest.raises(AgentFault, match=r"cannot be reached at http://127\.0\.0\.1:1: .*Check that it runs"):
            await agent.reply(said("Hi"))
    assert pauses == sorted(pauses) and len(pauses) == 5


async def test_a_guarded_agent_is_not_asked_on_this_machine_unless_that_is_allowed():
    guarded = lambda url: HttpEndpoint(url=url, guarded=True)  # noqa: E731
    with pytest.raises(AgentFault, match="SPARRING_ALLOW_PRIVATE_NETWORKS"):
        await asked(guarded)
    with pytest.raises(AgentFault, match="SPARRING_ALLOW_PRIVATE_NETWORKS"):
        await asked(lambda url: HttpEndpoint(url=url.replace("127.0.0.1", "localhost"), guarded=True))
    (message,), _ = await asked(guarded, allow_private=True)
    assert message.text == "Hello."
