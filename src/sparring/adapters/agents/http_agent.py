"""The agent under test where it is a JSON API of any shape: a template of the request, paths into the answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

import jmespath
from jmespath.exceptions import JMESPathError

from sparring.adapters.agents.door import AgentDoor, Question
from sparring.adapters.agents.environment import Environment
from sparring.adapters.agents.openai_agent import CONVERSATION_HEADER, MOCKS_HEADER, UNREPORTED
from sparring.adapters.agents.placeholders import SESSION, scope, session_of
from sparring.adapters.players.callable_agent import AgentContext
from sparring.adapters.players.chat_messages import from_answer
from sparring.domain.endpoints import HttpEndpoint
from sparring.domain.errors import AgentFault
from sparring.domain.templates import as_text, compact_json, fill, put_in
from sparring.domain.transcript import AgentMessage, Generation, Message, ToolCall, ToolResult, Transcript
from sparring.domain.turns import END_TOOL
from sparring.simulation.ports import Clock

_SHOWN = 300


class HttpAgent:
    """Asks a JSON API for each reply."""

    def __init__(
        self,
        endpoint: HttpEndpoint,
        context: AgentContext,
        *,
        door: AgentDoor,
        clock: Clock,
        environment: Environment,
    ) -> None:
        """Take an endpoint.

        Raises:
            NotConfigured: an environment variable that it names is not set.
        """
        self._endpoint = endpoint
        self._context = context
        self._door = door
        self._clock = clock
        self._url = environment.put_in(endpoint.url)
        own = environment.headers(endpoint.headers)
        self._secrets = tuple(own.values())
        self._headers = {CONVERSATION_HEADER: context.conversation}
        if context.mocks_url is not None:
            self._headers[MOCKS_HEADER] = context.mocks_url
        self._headers |= own

    async def reply(self, transcript: Transcript) -> Sequence[Message]:
        """What the API answers: the calls that it reports, then what it says, then its end.

        Raises:
            AgentFault: it gave no answer that can be used.
        """
        scopes = scope(self._context, transcript)
        payload = await self._door.ask(
            Question(
                url=fill(self._url, *scopes, shown=lambda value: quote(as_text(value), safe="")),
                method=self._endpoint.method,
                headers=self._headers,
                body=put_in(self._endpoint.body, *scopes),
                max_bytes=self._endpoint.limits.max_bytes,
                guarded=self._endpoint.guarded,
                secrets=self._secrets,
            )
        )
        reported = self._reported(payload, len(transcript))
        said = self._said(payload, len(transcript))
        ends = self._endpoint.end is not None and bool(_at(payload, self._endpoint.end, "end"))
        if not reported and not said and not ends:
            raise AgentFault(f"The agent's answer has nothing at {self._endpoint.reply!r}: {_shown(payload)}")
        messages = [*reported, *said, *(self._end(len(transcript)) if ends else ())]
        return self._with_session(messages, payload, transcript)

    def _said(self, payload: Any, position: int) -> Sequence[Message]:
        found = _at(payload, self._endpoint.reply, "reply")
        parts = found if isinstance(found, list) else [found]
        parts = [part for part in parts if part is not None and part != ""]
        return from_answer(parts, at=self._clock.now(), calls_so_far=position) if parts else ()

    def _reported(self, payload: Any, position: int) -> list[Message]:
        """The calls that the agent made itself, each with its result."""
        if self._endpoint.tool_calls is None:
            return []
        found = _at(payload, self._endpoint.tool_calls, "tool_calls")
        if found is None:
            return []
        if not isinstance(found, list):
            raise AgentFault(f"The agent's tool calls are no list: {_shown(found)}")
        messages: list[Message] = []
        for number, given in enumerate(found):
            messages += self._round(given, f"own_{position}_{number}")
        return messages

    def _round(self, given: Any, fresh_id: str) -> Sequence[Message]:
        if not isinstance(given, Mapping):
            raise AgentFault(f"The agent reported a tool call that is no object: {_shown(given)}")
        function = given.get("function", given)
        call = {"id": given.get("id") or fresh_id, "function": function}
        made = from_answer([{"tool_calls": [call]}], at=self._clock.now(), calls_so_far=0)
        (spoken,) = made
        assert isinstance(spoken, AgentMessage)
        error, result = given.get("error"), given.get("result", UNREPORTED)
        return [*made, self._result(spoken.calls[0], result if error in (None, False) else error, bool(error))]

    def _result(self, call: ToolCall, value: Any, is_error: bool) -> ToolResult:
        return ToolResult(
            call_id=call.id,
            name=call.name,
            text=as_text(value),
            is_error=is_error,
            source="agent",
            at=self._clock.now(),
        )

    def _end(self, position: int) -> Sequence[Message]:
        call = ToolCall(id=f"end_{position}", name=END_TOOL)
        return [AgentMessage(text=None, calls=(call,), at=self._clock.now())]

    def _with_session(
        self, messages: Sequence[Message], payload: Any, transcript: Transcript
    ) -> Sequence[Message]:
        """The messages with the session that the agent named, so that a trial that goes on later still has it."""
        if self._endpoint.session is None:
            return messages
        session = _at(payload, self._endpoint.session, "session")
        if session is None or session == session_of(transcript):
            return messages
        made = Generation(provider="endpoint", model="", cost=0.0, opaque={SESSION: session})
        return [
            AgentMessage(text=m.text, calls=m.calls, at=m.at, generation=made)
            if isinstance(m, AgentMessage)
            else m
            for m in messages
        ]


def _at(payload: Any, path: str, what: str) -> Any:
    try:
        return jmespath.search(path, payload)
    except JMESPathError as error:
        words = " ".join(str(error).split())[:_SHOWN]
        raise AgentFault(f"The path {path!r} ({what}) cannot be followed in the agent's answer: {words}") from None


def _shown(value: Any) -> str:
    text = compact_json(value)
    return text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"
