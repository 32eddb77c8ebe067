"""The table of wires: how a model is asked, by its name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fnmatch import fnmatchcase

from sparring.adapters.models.anthropic_messages import AnthropicMessages
from sparring.adapters.models.openai_chat import OpenAIChat
from sparring.adapters.models.provider import Provider
from sparring.adapters.models.wired_model import Wire
from sparring.domain.errors import InvalidInput

WIRES: Mapping[str, Callable[[Provider, str, str | None], Wire]] = {
    "openai.chat": OpenAIChat,
    "anthropic.messages": AnthropicMessages,
}
"""From a provider, the model's name as it goes out and a service tier to a wire."""

FAMILIES = {"openai": "openai.chat", "anthropic": "anthropic.messages", "google": "google.generate"}
"""The wire of each family where nothing else is said."""


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
        InvalidInput: the configuration names a wire that does not exist or is none of the provider's family.
    """
    name = f"{provider.name}:{model}"
    for pattern, wire in told.items():
        if fnmatchcase(name, pattern):
            return _of_family(wire_named(wire), provider, pattern)
    if provider.wire != "openai":
        return provider.wire
    return "openai.chat"


def _of_family(wire: str, provider: Provider, pattern: str) -> str:
    if wire.partition(".")[0] != provider.family:
        raise InvalidInput(
            f"wires names {wire} for {pattern!r}, but the address and the key of {provider.name!r} are for the "
            f"family {provider.family}. Name the provider once more under [providers.NAME], with this wire."
        )
    return wire
