"""Agents, as this dialect says them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, ClassVar, NotRequired

from pydantic import Field
from typing_extensions import TypedDict

from sparring.dialects.eqho.wire.actions import ActionOfAgent
from sparring.dialects.eqho.wire.endpoints import StrictEndpoint
from sparring.dialects.eqho.wire.forms import History, Identified, Meta, Name, Text
from sparring.dialects.eqho.wire.runs import LlmArgs, LlmArgsRecord
from sparring.dialects.extensions import Documented, left_out
from sparring.dialects.fields import choice

MAX_ACTIONS = 128


class StructuredGreeting(Documented):
    """How the agent begins in one direction."""

    call_type: Annotated[str, *choice("inbound", "outbound")]
    greeting_type: Annotated[str, *choice("static", "ai")]
    """`static`: it says the text. `ai`: its model begins."""
    text: Text | None = None
    communication_tone: Any = None
    greeting_length: Any = None
    mention_ids: Any = None


class AgentBody(Documented):
    """An agent to make, or all of one to put in the place of another."""

    own: ClassVar[frozenset[str]] = frozenset({"endpoint"})

    name: Name
    system_prompt: Text | None = None
    """`{{variables}}` are filled in for each run."""
    ai_settings: LlmArgs | None = None
    action_ids: Annotated[list[str], Field(max_length=MAX_ACTIONS)] | None = None
    """Its tools."""
    structured_greetings: list[StructuredGreeting] | None = None
    disable_greeting: bool | None = None
    """True: it does not begin with a greeting, whatever is given as one."""
    voice_audio_id: Any = None
    role_ids: Any = None
    personality: Any = None
    description: Any = None
    language: Any = None
    avatar: Any = None
    action_flows: Any = None
    script_id: Any = None
    script_ids: Any = None
    data_store_ids: Any = None
    conversation_flow_id: Any = None
    end_conversation_on_goodbye: Any = None
    enable_user_idle_timeout: Any = None
    enable_parallel_tool_calls: Any = None
    greeting_type_inbound: Any = None
    greeting_type_outbound: Any = None
    tts_settings: Any = None
    smart_turn_detection: Any = None
    voice_settings: Any = None
    feature_flags: Any = None
    endpoint: StrictEndpoint | None = left_out()
    """Where the agent lives, if no model of this server plays it; null takes it away, left out it stays."""


ACTED_ON = ("name", "system_prompt", "ai_settings", "action_ids", "structured_greetings", "endpoint")
STORED = tuple(name for name in AgentBody.model_fields if name not in ACTED_ON)
"""The fields that are given back as they came."""


class AgentOfEqho(Identified):
    """An agent as it goes out."""

    name: str
    system_prompt: str
    ai_settings: LlmArgsRecord
    action_ids: Sequence[str]
    structured_greetings: Sequence[Mapping[str, Any]]
    disable_greeting: Any
    voice_audio_id: Any
    role_ids: Any
    personality: Any
    description: Any
    language: Any
    avatar: Any
    action_flows: Any
    script_id: Any
    script_ids: Any
    data_store_ids: Any
    conversation_flow_id: Any
    end_conversation_on_goodbye: Any
    enable_user_idle_timeout: Any
    enable_parallel_tool_calls: Any
    greeting_type_inbound: Any
    greeting_type_outbound: Any
    tts_settings: Any
    smart_turn_detection: Any
    voice_settings: Any
    feature_flags: Any
    history: History
    scripted: NotRequired[bool]
    endpoint: NotRequired[Mapping[str, Any]]


class AgentDetails(AgentOfEqho):
    """An agent with its actions."""

    actions: Sequence[ActionOfAgent]
    roles: Sequence[Any]
    scripts: Sequence[Any]
    data_stores: Sequence[Any]
    greetings: Sequence[Mapping[str, Any]]


class AgentList(TypedDict):
    """A page of agents."""

    agents: Sequence[AgentOfEqho]
    meta: Meta
