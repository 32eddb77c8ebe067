"""Models that are reached through pydantic-ai, for providers without a wire here. Needs `sparring[providers]`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from pydantic_ai import messages as told
from pydantic_ai.direct import model_request
from pydantic_ai.exceptions import (
    ModelAPIError,
    ModelConnectionError,
    ModelHTTPError,
    UnexpectedModelBehavior,
    UserError,
)
from pydantic_ai.models import Model, ModelRequestParameters, infer_model
from pydantic_ai.output import OutputObjectDefinition
from pydantic_ai.settings import ModelSettings
from pydantic_ai.tools import ToolDefinition

from sparring.adapters.models.circuit import OUTAGE_LIMIT, Closed
from sparring.adapters.models.encoding import with_form
from sparring.adapters.models.exchange import Answer, Attempt, persist
from sparring.adapters.models.failures import Failure, Secrets, fault, of_error
from sparring.adapters.models.gate import Gate
from sparring.adapters.models.outages import outage_fault
from sparring.adapters.models.prices import Prices
from sparring.adapters.models.provider import Provider
from sparring.adapters.models.replies import Replies
from sparring.adapters.models.retries import Patience, Trouble
from sparring.adapters.models.said import Said, Stop, call_id, read_arguments
from sparring.domain.agent import Tool
from sparring.domain.errors import NotConfigured
from sparring.domain.transcript import ToolCall, Usage
from sparring.simulation.ports import Clock, ModelReply, ModelRequest, Prompt

TAG = "pydantic-ai"

_STOPS = {"length": Stop.LENGTH, "content_filter": Stop.FILTERED}


class Elsewhere:
    """One provider that pydantic-ai knows."""

    def __init__(
        self,
        name: str,
        *,
        clock: Clock,
        patience: Patience,
        prices: Prices,
        outage_limit: float = OUTAGE_LIMIT,
    ) -> None:
        """Take pydantic-ai's name for it."""
        self.provider = Provider(name=name, base_url="", needs_key=False)
        self.gate = Gate(self.provider, clock, outage_limit=outage_limit)
        self.clock = clock
        self.patience = patience
        self.prices = prices

    def model(self, name: str, model: str) -> PydanticAIModel:
        """A model of it.

        Raises:
            NotConfigured: a key or a package is missing; the message is pydantic-ai's, which names it.
        """
        try:
            found = infer_model(f"{self.provider.name}:{model}")
        except (UserError, ImportError, ValueError) as error:
            raise NotConfigured(f"The model {name!r} cannot be asked: {error}") from None
        return PydanticAIModel(self, found, name=name, model=model)


class PydanticAIModel:
    """One model behind pydantic-ai. A turn costs more the longer a conversation is, other than on a wire here."""

    def __init__(self, elsewhere: Elsewhere, found: Model, *, name: str, model: str) -> None:
        """Take pydantic-ai's model.

        Args:
            name: as it was asked for.
            model: without the provider.
        """
        self.name = name
        self.provider = elsewhere.provider.name
        self.model = model
        self._elsewhere = elsewhere
        self._found = found
        self._lane = elsewhere.gate.lane(model)
        self._secrets = Secrets(elsewhere.provider)
        self._replies = Replies(
            elsewhere.provider, elsewhere.prices, model=model, tag=TAG, finish_field="finish_reason"
        )

    async def complete(self, request: ModelRequest) -> ModelReply:
        """Answer once, as `ChatModel` says."""
        answer = await self._ask(request)
        if answer.failure is not None:
            raise fault(
                answer.failure,
                provider=self._elsewhere.provider,
                model=self.model,
                role=request.occasion.role,
                tries=answer.tries,
                elapsed=answer.elapsed,
            )
        said = read_response(answer.payload, position=len(request.messages))
        self._lane.settle(answer.permit, said.usage)
        return await self._replies.reply(said, request, answer.seconds, self._lane.tally)

    async def _ask(self, request: ModelRequest) -> Answer:
        elsewhere, occasion = self._elsewhere, request.occasion
        try:
            return await persist(
                lambda: self._once(request),
                self._lane,
                elsewhere.clock,
                elsewhere.patience,
                caller=occasion.seed,
            )
        except Closed as closed:
            raise outage_fault(
                closed,
                provider=elsewhere.provider,
                model=self.model,
                role=occasion.role,
                now=elsewhere.clock.now(),
            ) from None

    async def _once(self, request: ModelRequest) -> Attempt:
        clock = self._elsewhere.clock
        permit = await self._lane.enter(request.occasion.role, _size(request))
        try:
            response = await model_request(
                self._found,
                self._messages(request),
                model_settings=_settings(request),
                model_request_parameters=self._parameters(request),
            )
        except (ModelAPIError, UnexpectedModelBehavior, UserError) as error:
            failure = self._failure(error)
            if failure.trouble is Trouble.THROTTLED:
                self._lane.throttled(permit, {}, failure.words, failure.retry_after)
            return None, failure, permit, clock.now() - permit.sent
        finally:
            self._lane.leave(permit)
        self._lane.good(permit, {})
        return response, None, permit, clock.now() - permit.sent

    def _failure(self, error: Exception) -> Failure:
        words = self._secrets.hide(" ".join(str(error).split()))[:400]
        if isinstance(error, ModelHTTPError):
            body = error.body if isinstance(error.body, dict) else {}
            told_error = body.get("error") or body or words
            return of_error(
                told_error, status=error.status_code, retry_after=error.retry_after, secrets=self._secrets
            )
        if isinstance(error, ModelConnectionError):
            return Failure(reason="unreadable", words=words, trouble=Trouble.FAILING)
        if isinstance(error, ModelAPIError):
            return Failure(reason="refused", words=words, trouble=Trouble.FAILING, retry_after=error.retry_after)
        if isinstance(error, UnexpectedModelBehavior):
            return Failure(reason="unreadable", words=words, trouble=Trouble.FAILING)
        return Failure(reason="refused", words=words)

    def _messages(self, request: ModelRequest) -> list[told.ModelMessage]:
        system = with_form(request.system, None if self._takes_schemas else request.schema)
        turns: list[told.ModelMessage] = []
        parts: list[Any] = [told.SystemPromptPart(content=system)] if system else []
        for prompt in request.messages:
            if prompt.role != "assistant":
                parts.append(_part(prompt))
                continue
            if parts:
                turns.append(told.ModelRequest(parts=parts))
            parts = []
            turns.append(self._response(prompt))
        if parts:
            turns.append(told.ModelRequest(parts=parts))
        return turns

    def _response(self, prompt: Prompt) -> told.ModelResponse:
        opaque = prompt.opaque or {}
        if opaque.get("wire") == TAG and opaque.get("provider") == self.provider and "response" in opaque:
            (kept,) = told.ModelMessagesTypeAdapter.validate_python([opaque["response"]])
            return kept
        return told.ModelResponse(parts=list(_spoken(prompt)))

    def _parameters(self, request: ModelRequest) -> ModelRequestParameters:
        tools = [_tool(tool) for tool in request.tools]
        if request.schema is None or not self._takes_schemas:
            return ModelRequestParameters(function_tools=tools)
        form = OutputObjectDefinition(json_schema=dict(request.schema.body), name=request.schema.name, strict=True)
        return ModelRequestParameters(function_tools=tools, output_mode="native", output_object=form)

    @property
    def _takes_schemas(self) -> bool:
        return bool(self._found.profile.get("supports_json_schema_output"))


def read_response(response: Any, *, position: int = 0) -> Said:
    """What a response of pydantic-ai's says. `position` makes ids for calls that came without one of their own."""
    texts = [part.content for part in response.parts if part.part_kind == "text"]
    usage = response.usage
    used = Usage(
        input=usage.input_tokens,
        output=usage.output_tokens,
        cached=usage.cache_read_tokens,
        written=usage.cache_write_tokens,
        reasoning=(usage.details or {}).get("reasoning_tokens", 0),
    )
    return Said(
        text="".join(texts) if texts else None,
        calls=_calls(response.parts, position),
        finish=response.finish_reason,
        stop=_STOPS.get(response.finish_reason or ""),
        model=response.model_name,
        usage=used if used.input or used.output else None,
        cost=_cost(response),
        opaque=_opaque(response),
    )


def _calls(parts: Sequence[Any], position: int) -> tuple[ToolCall, ...]:
    calls: list[ToolCall] = []
    used: set[str] = set()
    for part in parts:
        if part.part_kind == "tool-call":
            arguments, malformed = read_arguments(part.args)
            id = call_id(part.tool_call_id, used, position=position)
            calls.append(ToolCall(id=id, name=part.tool_name, arguments=arguments, malformed=malformed))
    return tuple(calls)


def _opaque(response: Any) -> dict[str, Any] | None:
    """The whole response where it holds more than texts and calls."""
    plain = ("text", "tool-call")
    if all(part.part_kind in plain and not part.provider_details and not part.id for part in response.parts):
        return None
    (kept,) = told.ModelMessagesTypeAdapter.dump_python([response], mode="json")
    return {"response": kept}


def _cost(response: Any) -> float | None:
    """USD as pydantic-ai prices it; None where it does not know."""
    try:
        return float(response.cost().total_price)
    except (AssertionError, LookupError, ValueError):
        return None


def _size(request: ModelRequest) -> int:
    """About the bytes that a request takes."""
    return len(request.system) + sum(len(prompt.text or "") for prompt in request.messages)


def _settings(request: ModelRequest) -> ModelSettings:
    settings = ModelSettings()
    if request.temperature is not None:
        settings["temperature"] = request.temperature
    if request.top_p is not None:
        settings["top_p"] = request.top_p
    return settings


def _part(prompt: Prompt) -> Any:
    if prompt.role == "tool":
        return told.ToolReturnPart(
            tool_name=prompt.name or "",
            content=prompt.text or "",
            tool_call_id=prompt.call_id or "",
            outcome="failed" if prompt.is_error else "success",
        )
    return told.UserPromptPart(content=prompt.text or "")


def _spoken(prompt: Prompt) -> Iterator[Any]:
    if prompt.text or not prompt.calls:
        yield told.TextPart(content=prompt.text or "")
    for call in prompt.calls:
        yield told.ToolCallPart(tool_name=call.name, args=dict(call.arguments), tool_call_id=call.id)


def _tool(tool: Tool) -> ToolDefinition:
    parameters = dict(tool.parameters) or {"type": "object", "properties": {}}
    return ToolDefinition(
        name=tool.name, description=tool.description or None, parameters_json_schema=parameters, strict=False
    )
