"""The table of wires: how a model is asked, by its name."""

from __future__ import annotations

import re
from collections.abc import Mapping
from fnmatch import fnmatchcase

from sparring.adapters.models.anthropic_messages import AnthropicMessages
from sparring.adapters.models.google_generate import GoogleGenerate
from sparring.adapters.models.openai_chat import OpenAIChat
from sparring.adapters.models.openai_responses import OpenAIResponses
from sparring.adapters.models.provider import Provider
from sparring.adapters.models.wired_model import Wire
from sparring.domain.errors import InvalidInput

WIRES = ("openai.chat", "openai.responses", "anthropic.messages", "google.generate")

FAMILIES = {"openai": "openai.chat", "anthropic": "anthropic.messages", "google": "google.generate"}
"""The wire of each family where nothing else is said."""

_REASONING = re.compile(r"(o\d|codex-|gpt-5(?!-chat)|gpt-[6-9])(?!.*-search)")
"""Models of OpenAI that reason: only its newer wire lets them go on thinking after a tool's result."""


def make_wire(wire: str, provider: Provider, model: str, tier: str | None = None) -> Wire:
    """The wire of that name for one model.

    Args:
        model: as it goes out.
        tier: the service tier to ask for, on the wires of OpenAI.
    """
    match wire:
        case "openai.responses":
            return OpenAIResponses(provider, model, tier)
        case "anthropic.messages":
            return AnthropicMessages(provider, model)
        case "google.generate":
            return GoogleGenerate(provider, model)
    return OpenAIChat(provider, model, tier)


def wire_named(told: str) -> str:
    """The wire that a name means; that of a family means its first one.

    Raises:
        InvalidInput: there is no such wire.
    """
    wire = FAMILIES.get(told, told)
    if wire not in WIRES:
        raise InvalidInput(f"There is no wire {told!r}. There is: {', '.join(WIRES)}.")
    return wire


def wire_of(provider: Provider, model: str, told: Mapping[str, str]) -> str:
    """The wire on which a model is asked.

    Args:
        told: what the configuration says, by pattern; the first that fits counts.

    Raises:
        InvalidInput: the configuration names a wire that is none of the provider's family.
    """
    name = f"{provider.name}:{model}"
    for pattern, wire in told.items():
        if fnmatchcase(name, pattern):
            return _of_family(wire, provider, pattern)
    if provider.wire != "openai":
        return provider.wire
    return "openai.responses" if _REASONING.match(model) else "openai.chat"


def _of_family(wire: str, provider: Provider, pattern: str) -> str:
    if wire.partition(".")[0] != provider.family:
        raise InvalidInput(
            f"wires names {wire} for {pattern!r}, but the address and the key of {provider.name!r} are for the "
            f"family {provider.family}. Name the provider once more under [providers.NAME], with this wire."
        )
    return wire
