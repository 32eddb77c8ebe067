"""The agent under test where it is a server that speaks OpenAI's chat completions."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from typing import Any

from sparring.adapters.agents.door import AgentDoor, Question, Refused, too_long
from sparring.adapters.agents.environment import Environment
from sparring.adapters.agents.placeholders import scope
from sparring.adapters.json_answers import loads
from sparring.adapters.players.callable_agent import AgentContext
from sparring.adapters.players.chat_messages import from_answer, to_history
from sparring.adapters.players.perspective import BEGINNING
from sparring.domain.agent import Agent, Tool
from sparring.domain.endpoints import OpenAIEndpoint
from sparring.domain.errors import AgentFault
from sparring.domain.templates import compact_json, put_in
from sparring.domain.transcript import AgentMessage, Generation, Message, ToolResult, Transcript, Usage
from sparring.simulation.ports import Clock

MOCKS_HEADER = "X-Sparring-Mocks"
CONVERSATION_HEADER = "X-Sparring-Conversation"
UNREPORTED = "The agent ran this tool itself and did not report the result."


class OpenAIAgent:
    """Asks a chat-completions server for each reply, with the whole conversation."""

    def __init__(
        self,
        endpoint: OpenAIEndpoint,
        agent: Agent,
        context: AgentContext,
        *,
        door: AgentDoor,
        clock: Clock,
        environment: Environment,
        on_text: Callable[[str], None] | None = None,
    ) -> None:
        """Take an agent whose variables are filled in.

        Args:
            on_text: asks the server to stream, and takes the words as they come.

        Raises:
            NotConfigured: an environment variable that the endpoint names is not set.
        """
        self._endpoint = endpoint
        self._agent = agent
        self._context = context
        self._door = door
        self._clock = clock
        self._on_text = on_text
        self._headers, self._secrets = _headers(endpoint, context, environment)
        self._url = environment.put_in(endpoint.base_url).rstrip("/") + "/chat/completions"

    async def reply(self, transcript: Transcript) -> Sequence[Message]:
        """The server's next message, behind the calls that it reports to have made itself.

        Raises:
            AgentFault: it gave no answer of that form.
        """
        began = self._clock.now()
        body = self._body(transcript)
        payload = await self._streamed(body) if self._on_text is not None else await self._ask(body)
        message = _message(payload)
        made = _generation(payload, self._endpoint.model, self._clock.now() - began)
        said = from_answer([message], at=self._clock.now(), calls_so_far=len(transcript))
        return self._own(said, made) if self._endpoint.own_tools else _made(said, made)

    def _body(self, transcript: Transcript) -> dict[str, Any]:
        messages = to_history(transcript)
        if self._agent.instructions:
            messages.insert(0, {"role": "system", "content": self._agent.instructions})
        if all(message["role"] == "system" for message in messages):
            messages.append({"role": "user", "content": BEGINNING})
        for message in messages:
            message.pop("name", None)
        body: dict[str, Any] = {"model": self._endpoint.model, "messages": messages}
        if self._agent.tools and not self._endpoint.own_tools:
            body["tools"] = [_tool(tool) for tool in self._agent.tools]
        for name in ("temperature", "top_p"):
            if (value := getattr(self._agent, name)) is not None:
                body[name] = value
        more: dict[str, Any] = put_in(dict(self._endpoint.body), *scope(self._context, transcript))
        return body | more

    def _question(self, body: Mapping[str, Any]) -> Question:
        return Question(
            url=self._url,
            headers=self._headers,
            body=body,
            max_bytes=self._endpoint.limits.max_bytes,
            guarded=self._endpoint.guarded,
            secrets=self._secrets,
        )

    async def _ask(self, body: Mapping[str, Any]) -> Any:
        return await self._door.ask(self._question(body))

    async def _streamed(self, body: dict[str, Any]) -> Any:
        """The answer of a server that streams; one that does not gives it whole."""
        question = self._question({**body, "stream": True})
        try:
            async with self._door.answering(question) as response:
                if not response.content_type.startswith("text/event-stream"):
                    return await self._door.read(response, question)
                joined = _Joined()
                async for line in _lines(response.content.iter_any(), question):
                    if words := joined.add(line):
                        assert self._on_text is not None
                        self._on_text(words)
                return joined.payload
        except (ValueError, TypeError, LookupError, AttributeError):
            raise AgentFault(
                "The agent streamed what are no chunks of chat completions.", retryable=False
            ) from None
        except Refused as refused:
            # A server that does not stream refuses the request before it does anything with it.
            if refused.status != 400:
                raise
            return await self._ask(body)

    def _own(self, said: Sequence[Message], made: Generation) -> list[Message]:
        """What the server reports to have called has happened already."""
        (message,) = said
        assert isinstance(message, AgentMessage)
        if not message.calls:
            return _made(said, made)
        results = [
            ToolResult(call_id=call.id, name=call.name, text=UNREPORTED, source="agent", at=message.at)
            for call in message.calls
        ]
        calls = AgentMessage(text=None, calls=message.calls, at=message.at)
        spoken = AgentMessage(text=message.text, at=message.at, generation=made)
        return [calls, *results, spoken]


def _headers(
    endpoint: OpenAIEndpoint, context: AgentContext, environment: Environment
) -> tuple[dict[str, str], tuple[str, ...]]:
    own = environment.headers(endpoint.headers)
    secrets = [*own.values()]
    headers = {CONVERSATION_HEADER: context.conversation}
    if context.mocks_url is not None:
        headers[MOCKS_HEADER] = context.mocks_url
    if endpoint.api_key_env:
        key = environment.value(endpoint.api_key_env)
        secrets.append(key)
        headers["Authorization"] = f"Bearer {key}"
    return headers | own, tuple(secrets)


def _tool(tool: Tool) -> dict[str, Any]:
    function: dict[str, Any] = {"name": tool.name, "parameters": tool.parameters}
    if tool.description:
        function["description"] = tool.description
    return {"type": "function", "function": function}


def _message(payload: Any) -> Mapping[str, Any]:
    choices = payload.get("choices") if isinstance(payload, Mapping) else None
    first = choices[0] if isinstance(choices, list) and choices else None
    message = first.get("message") if isinstance(first, Mapping) else None
    if not isinstance(message, Mapping):
        shown = compact_json(payload)[:200]
        raise AgentFault(f"The agent's answer has no choices[0].message: {shown}")
    return {"role": "assistant", "content": message.get("content"), "tool_calls": message.get("tool_calls")}


def _generation(payload: Mapping[str, Any], model: str, seconds: float) -> Generation:
    """How the message came about. What it cost is its owner's to know, and counts as nothing here."""
    used = payload.get("usage")
    usage = None
    if isinstance(used, Mapping):
        counts = [used.get(name) for name in ("prompt_tokens", "completion_tokens")]
        usage = Usage(input=_count(counts[0]), output=_count(counts[1]))
    named = payload.get("model")
    return Generation(
        provider="endpoint",
        model=named if isinstance(named, str) else model,
        cost=0.0,
        usage=usage,
        seconds=seconds,
    )


def _count(value: Any) -> int:
    return value if isinstance(value, int) else 0


def _made(said: Sequence[Message], made: Generation) -> list[Message]:
    return [
        AgentMessage(text=m.text, calls=m.calls, at=m.at, generation=made) if isinstance(m, AgentMessage) else m
        for m in said
    ]


async def _lines(chunks: AsyncIterator[bytes], question: Question) -> AsyncIterator[bytes]:
    buffer, size = b"", 0
    async for chunk in chunks:
        size += len(chunk)
        if size > question.max_bytes:
            raise too_long(question.max_bytes)
        *lines, buffer = (buffer + chunk).split(b"\n")
        for line in lines:
            yield line
    yield buffer


class _Joined:
    """The chunks of a streamed answer, put together to the one that would have come whole."""

    def __init__(self) -> None:
        self._text: list[str] = []
        self._calls: dict[int, dict[str, Any]] = {}
        self._head: dict[str, Any] = {}

    @property
    def payload(self) -> dict[str, Any]:
        calls = [
            {"id": c["id"], "function": {"name": c["name"], "arguments": c["arguments"]}}
            for c in self._calls.values()
        ]
        message = {"content": "".join(self._text) or None, "tool_calls": calls}
        return {**self._head, "choices": [{"message": message}]}

    def add(self, line: bytes) -> str:
        """Take a line; gives the words in it."""
        data = line.strip().removeprefix(b"data:").strip()
        if not line.startswith(b"data:") or data == b"[DONE]":
            return ""
        chunk = loads(data)
        if not isinstance(chunk, dict):
            return ""
        self._head |= {name: chunk[name] for name in ("model", "usage") if chunk.get(name)}
        choices = chunk.get("choices") or [{}]
        delta = choices[0].get("delta") or {}
        for part in delta.get("tool_calls") or ():
            self._add_call(part)
        words = delta.get("content") or ""
        self._text.append(words)
        return str(words)

    def _add_call(self, part: Mapping[str, Any]) -> None:
        call = self._calls.setdefault(part.get("index", 0), {"id": None, "name": "", "arguments": ""})
        function = part.get("function") or {}
        call["id"] = call["id"] or part.get("id")
        call["name"] += function.get("name") or ""
        call["arguments"] += function.get("arguments") or ""
