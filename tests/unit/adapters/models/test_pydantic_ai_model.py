"""Models behind pydantic-ai: its own fakes answer."""

import builtins
import sys
from collections.abc import Callable
from typing import Any

import pytest

pytest.importorskip("pydantic_ai", reason="pydantic-ai is not installed; the extra `providers` has it.")

from pydantic_ai import messages as told
from pydantic_ai.exceptions import (
    ModelConnectionError,
    ModelHTTPError,
    ModelRateLimitError,
    UnexpectedModelBehavior,
)
from pydantic_ai.models.function import AgentInfo, FunctionModel
from pydantic_ai.usage import RequestUsage

from sparring.adapters.models.catalogue import ELSEWHERE, Catalogue
from sparring.adapters.models.prices import Prices
from sparring.adapters.models.pydantic_ai_model import Elsewhere, PydanticAIModel
from sparring.adapters.models.retries import Patience
from sparring.domain.agent import Tool
from sparring.domain.errors import ModelFault, NotConfigured
from sparring.domain.outcomes import Role
from sparring.domain.transcript import ToolCall
from sparring.simulation.ports import ModelRequest, Occasion, Prompt, Schema
from sparring.testing.clock import FrozenClock

SCHEMA = Schema(name="verdict", body={"type": "object", "properties": {"met": {"type": "boolean"}}})
NOW = Tool(name="now", description="The time.")


class Behind:
    """What answers in pydantic-ai's place, and what it was asked."""

    def __init__(self) -> None:
        self.replies: list[Any] = ["Hello."]
        self.asked: list[tuple[list[told.ModelMessage], AgentInfo]] = []

    def __call__(self, messages: list[told.ModelMessage], info: AgentInfo) -> told.ModelResponse:
        self.asked.append((messages, info))
        reply = self.replies.pop(0) if len(self.replies) > 1 else self.replies[0]
        if isinstance(reply, Exception):
            raise reply
        if isinstance(reply, str):
            reply = told.ModelResponse(
                parts=[told.TextPart(reply)], usage=RequestUsage(input_tokens=7, output_tokens=2)
            )
        return reply


@pytest.fixture
def behind() -> Behind:
    return Behind()


@pytest.fixture
def model(behind: Behind) -> PydanticAIModel:
    return made(behind)


def made(behind: Callable[..., told.ModelResponse], **profile: Any) -> PydanticAIModel:
    clock = FrozenClock()
    elsewhere = Elsewhere("cohere", clock=clock, patience=Patience(tries=3), prices=Prices(clock))
    found = FunctionModel(behind, model_name="command", profile=profile or None)
    return PydanticAIModel(elsewhere, found, name="cohere:command", model="command")


def asked(*prompts: Prompt, role: Role = Role.AGENT, **fields: Any) -> ModelRequest:
    prompts = prompts or (Prompt(role="user", text="Hi"),)
    return ModelRequest(system="Be kind.", messages=prompts, occasion=Occasion(role=role), **fields)


async def test_a_question_is_answered_with_its_tokens(behind: Behind, model: PydanticAIModel) -> None:
    reply = await model.complete(asked(temperature=0.2, top_p=0.9))
    assert reply.text == "Hello."
    assert reply.generation.provider == "cohere"
    assert reply.generation.usage is not None
    assert (reply.generation.usage.input, reply.generation.usage.output) == (7, 2)
    assert reply.generation.opaque is None
    ((messages, info),) = behind.asked
    assert [part.content for part in messages[0].parts] == ["Be kind.", "Hi"]
    assert (info.model_settings or {})["temperature"] == 0.2


async def test_tools_calls_and_results_are_told(behind: Behind, model: PydanticAIModel) -> None:
    behind.replies = [told.ModelResponse(parts=[told.ToolCallPart("now", '{"zone": "UTC"}', "c1")]), "Noon."]
    reply = await model.complete(asked(tools=(NOW,)))
    assert reply.calls == (ToolCall(id="c1", name="now", arguments={"zone": "UTC"}),)
    answered = Prompt(role="assistant", text=reply.text, calls=reply.calls, opaque=reply.generation.opaque)
    result = Prompt(role="tool", text="12:00", call_id="c1", name="now")
    assert (
        await model.complete(asked(Prompt(role="user", text="Hi"), answered, result, tools=(NOW,)))
    ).text == "Noon."
    messages, info = behind.asked[1]
    assert [tool.name for tool in info.function_tools] == ["now"]
    assert [part.part_kind for message in messages for part in message.parts] == [
        "system-prompt",
        "user-prompt",
        "tool-call",
        "tool-return",
    ]


async def test_thinking_goes_back_unchanged_to_the_same_provider_only(
    behind: Behind, model: PydanticAIModel
) -> None:
    thinking = told.ThinkingPart("Hm.", signature="EqQB", provider_name="cohere")
    behind.replies = [told.ModelResponse(parts=[thinking, told.TextPart("Hello.")]), "Again."]
    opaque = dict((await model.complete(asked())).generation.opaque or {})
    for provider, kinds in (("cohere", ["thinking", "text"]), ("other", ["text"])):
        said = Prompt(role="assistant", text="Hello.", opaque={**opaque, "provider": provider})
        await model.complete(asked(Prompt(role="user", text="Hi"), said, Prompt(role="user", text="And?")))
        assert [part.part_kind for part in behind.asked[-1][0][1].parts] == kinds
    assert behind.asked[1][0][1].parts[0].signature == "EqQB"


@pytest.mark.parametrize("takes", [True, False])
async def test_a_judgement_is_asked_for_by_its_schema_or_in_words(behind: Behind, takes: bool) -> None:
    behind.replies = ['```json\n{"met": true}\n```']
    model = made(behind, supports_json_schema_output=takes)
    reply = await model.complete(asked(schema=SCHEMA, role=Role.JUDGE))
    assert reply.text == '{"met": true}'
    messages, info = behind.asked[0]
    assert (info.model_request_parameters.output_mode == "native") == takes
    assert ('"met"' in messages[0].parts[0].content) != takes


@pytest.mark.parametrize(("finish", "reason"), [("length", "length"), ("content_filter", "content_filter")])
async def test_what_cannot_be_used_is_a_fault(
    behind: Behind, model: PydanticAIModel, finish: Any, reason: str
) -> None:
    behind.replies = [told.ModelResponse(parts=[told.TextPart("Half")], finish_reason=finish)]
    with pytest.raises(ModelFault) as caught:
        await model.complete(asked(role=Role.USER))
    assert caught.value.reason == reason
    assert str(caught.value).startswith("The simulated user's model cohere:command")


@pytest.mark.parametrize(
    ("error", "reason", "tries"),
    [
        (ModelHTTPError(400, "command", {"error": {"message": "No such field."}}), "refused", 1),
        (ModelHTTPError(503, "command", "busy"), "refused", 3),
        (ModelConnectionError("command", "it broke"), "unreadable", 3),
        (UnexpectedModelBehavior("no JSON"), "unreadable", 3),
    ],
)
async def test_what_fails_is_tried_again_where_that_can_help(
    behind: Behind, model: PydanticAIModel, error: Exception, reason: str, tries: int
) -> None:
    behind.replies = [error]
    with pytest.raises(ModelFault) as caught:
        await model.complete(asked())
    assert (caught.value.reason, len(behind.asked)) == (reason, tries)


async def test_a_rate_limit_is_waited_out(behind: Behind, model: PydanticAIModel) -> None:
    limit = type("Limit", (ModelHTTPError, ModelRateLimitError), {})
    behind.replies = [limit(429, "command", {"message": "slow down"}), "There."]
    assert (await model.complete(asked())).text == "There."


def test_a_provider_whose_package_is_missing_says_what_to_install() -> None:
    with pytest.raises(NotConfigured, match=r"'cohere:command-r' cannot be asked: .*cohere"):
        Catalogue([], clock=FrozenClock()).model("cohere:command-r")


def test_without_pydantic_ai_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "sparring.adapters.models.pydantic_ai_model", raising=False)
    real = builtins.__import__

    def absent(name: str, *rest: Any, **more: Any) -> Any:
        if name.startswith("pydantic_ai"):
            raise ImportError("No module named 'pydantic_ai'")
        return real(name, *rest, **more)

    monkeypatch.setattr(builtins, "__import__", absent)
    with pytest.raises(NotConfigured, match=r"install sparring\[providers\]"):
        Catalogue([], clock=FrozenClock()).model("bedrock:us.amazon.nova-pro-v1:0")


@pytest.mark.slow
def test_every_provider_elsewhere_is_one_that_pydantic_ai_knows() -> None:
    from pydantic_ai.providers import infer_provider_class

    for name in ELSEWHERE:
        try:
            infer_provider_class(name)
        except ImportError:
            continue
