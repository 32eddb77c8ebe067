"""Which model a name means, and whether it can be reached."""

from __future__ import annotations

import asyncio
import difflib
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from yarl import URL

from sparring.adapters.models.circuit import OUTAGE_LIMIT
from sparring.adapters.models.exchange import Exchange
from sparring.adapters.models.gate import Gate
from sparring.adapters.models.prices import Prices, nearest_models
from sparring.adapters.models.provider import Provider
from sparring.adapters.models.retries import Patience
from sparring.adapters.models.sharing import Sharing
from sparring.adapters.models.transport import NoAnswer, Transport
from sparring.adapters.models.wired_model import WiredModel
from sparring.adapters.models.wires import WIRES, make_wire, wire_named, wire_of
from sparring.adapters.shares import Ledger
from sparring.domain.errors import InvalidInput, NotConfigured
from sparring.domain.outcomes import Role
from sparring.simulation.ports import ChatModel, Clock

if TYPE_CHECKING:
    from sparring.adapters.models.pydantic_ai_model import Elsewhere

FAST_TIER = "-fast-tier"
"""Ends a name that asks OpenAI for its priority tier."""

SCRIPTED = "scripted"

ELSEWHERE = ("bedrock", "cohere", "google-cloud", "huggingface", "xai")
"""Providers without a wire here, reached through pydantic-ai where that is installed. All others that it knows
speak a wire of ours, and are named under `[providers.NAME]`."""

_FAMILIES = (
    (re.compile(r"gpt-|o\d"), "openai"),
    (re.compile(r"claude-"), "anthropic"),
    (re.compile(r"gemini-"), "google"),
)
_WELL_KNOWN_KEYS = {
    "openai": "OPENAI_API_KEY",
    "anthropic": "ANTHROPIC_API_KEY",
    "google": "GEMINI_API_KEY",
    "ollama": "OLLAMA_BASE_URL",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelStatus:
    """What would come of asking for a model."""

    name: str
    provider: str | None
    problem: str | None = None
    """Why it cannot be asked, and what to do; None where it can."""

    @property
    def ready(self) -> bool:
        """Whether it can be asked."""
        return self.problem is None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reached:
    """What came of knocking at a provider's door."""

    provider: str
    ok: bool
    detail: str
    """A sentence: what it answered, and what to do where that was nothing good."""


class Catalogue:
    """All models of an installation; every model of a provider shares its connections and its limit."""

    def __init__(
        self,
        providers: Sequence[Provider],
        *,
        clock: Clock,
        scripted: Callable[[str], ChatModel] | None = None,
        override: Callable[[str], ChatModel | None] | None = None,
        patience: Patience | None = None,
        transport: Transport | None = None,
        wires: Mapping[str, str] | None = None,
        successors: Mapping[str, str] | None = None,
        outage_limit: float = OUTAGE_LIMIT,
        ledger: Ledger | None = None,
    ) -> None:
        """Take the providers, the preferred ones first; of two with the same name the later counts.

        Args:
            scripted: makes the model for what follows `scripted:`.
            override: asked first, with the whole name; None leaves the name to the providers.
            patience: how long calls go on in the face of trouble.
            transport: how requests are sent, closed with the catalogue.
            wires: from names of models, `provider:model` with `*` for anything, to the wires to ask them on; the
                first that fits counts, and the table of `wires` after them.
            successors: from names of models to what to name instead once the provider has retired them.
            outage_limit: seconds for which a provider may be down before calls fail; 0 waits for none.
            ledger: divides the providers' limits among all processes that play on one database; None for one that
                plays alone.

        Raises:
            InvalidInput: a provider cannot be used; the message names it and what is wrong.
        """
        self._wires = {pattern: wire_named(wire) for pattern, wire in (wires or {}).items()}
        self._successors = dict(successors or {})
        self._providers = {provider.name: provider for provider in providers}
        for provider in self._providers.values():
            _check(provider)
        self._clock = clock
        self._scripted = scripted
        self._override = override
        self._patience = patience or Patience()
        self._outage_limit = outage_limit
        self._sharing = Sharing(ledger, lambda: self.gates, clock) if ledger is not None else None
        self._renewing: asyncio.Task[None] | None = None
        self._transport = transport or Transport()
        self._prices = Prices(clock)
        self._exchanges: dict[str, Exchange] = {}
        self._elsewhere: dict[str, Elsewhere] = {}
        self._models: dict[str, ChatModel] = {}

    @property
    def providers(self) -> Sequence[Provider]:
        """All providers, configured or not, in the order of preference."""
        return tuple(self._providers.values())

    def model(self, name: str) -> ChatModel:
        """The model of that name, the same one each time.

        Raises:
            NotConfigured: its provider lacks a key; the message names the variable to set.
            InvalidInput: no provider goes by that name; the message lists the closest ones.
        """
        found = self._models.get(name)
        if found is None:
            found = self._models[name] = self._find(name)
        return found

    def status(self, name: str) -> ModelStatus:
        """What `model` would say, without raising."""
        provider = name.partition(":")[0] if ":" in name else family(name)
        try:
            self.model(name)
        except InvalidInput as error:
            return ModelStatus(name=name, provider=provider, problem=str(error))
        return ModelStatus(name=name, provider=provider)

    def default_model(self, role: Role) -> str | None:
        """The listed default of the first provider that is configured and lists one; None where none does."""
        for provider in self._providers.values():
            if provider.missing is None and role in provider.defaults:
                return f"{provider.name}:{provider.defaults[role]}"
        return None

    async def reach(self, name: str) -> Reached:
        """Knock at the door of a provider: ask for its list of models, which costs nothing."""
        provider = self._provider(name)
        try:
            received = await self._exchange(provider).look(provider.models_path)
        except NoAnswer as error:
            address = provider.url_variable or f"its base_url, {provider.base_url}"
            detail = f"No answer: {error.detail}. Check the network, and {address}."
            return Reached(provider=name, ok=False, detail=detail)
        if received.status in (401, 403):
            key = provider.key_variable or "its key"
            return Reached(provider=name, ok=False, detail=f"Answered {received.status}: check {key}.")
        return Reached(provider=name, ok=received.status < 500, detail=f"Answered {received.status}.")

    @property
    def gates(self) -> Sequence[Gate]:
        """The gates of all providers that have been asked for."""
        exchanges, elsewhere = self._exchanges.values(), self._elsewhere.values()
        return [*(exchange.gate for exchange in exchanges), *(other.gate for other in elsewhere)]

    def is_down(self, provider: str, model: str) -> bool:
        """Whether a model is not asked at present because its provider is down."""
        lanes = (gate.lanes.get(model) for gate in self.gates if gate.provider.name == provider)
        return any(lane is not None and lane.circuit.outage is not None for lane in lanes)

    def holdups(self) -> list[str]:
        """What calls wait for now after a 429, in a few words each."""
        now = self._clock.now()
        return [told for gate in self.gates if (told := gate.holdup(now)) is not None]

    async def close(self) -> None:
        """Let go of all connections."""
        if self._renewing is not None:
            self._renewing.cancel()
        await self._transport.close()

    def _find(self, name: str) -> ChatModel:
        if self._override is not None and (found := self._override(name)) is not None:
            return found
        prefix, colon, rest = name.partition(":")
        if not colon:
            prefix, rest = family(name) or "", name
        if colon and prefix == SCRIPTED:
            return self._script(rest)
        if not prefix:
            raise InvalidInput(_no_family(name))
        if not rest:
            raise InvalidInput(f"{name!r} names no model: write {prefix}:MODEL.")
        if prefix not in self._providers and prefix in ELSEWHERE:
            return self._at(prefix).model(name, rest)
        provider = self._provider(prefix)
        if provider.missing is not None:
            raise NotConfigured(f"The model {name!r} cannot be asked: set {provider.missing}.")
        fast = provider.name == "openai" and rest.endswith(FAST_TIER)
        model, tier = (rest.removesuffix(FAST_TIER), "priority") if fast else (rest, None)
        wire = make_wire(wire_of(provider, model, self._wires), provider, model, tier)
        return WiredModel(
            self._exchange(provider),
            wire,
            self._prices,
            name=name,
            model=model,
            tier=tier,
            successor=self._successors.get(name, self._successors.get(model)),
        )

    def _script(self, what: str) -> ChatModel:
        if self._scripted is None:
            raise NotConfigured(
                f"The model 'scripted:{what}' cannot be used here: scripted models are not allowed."
            )
        return self._scripted(what)

    def _provider(self, name: str) -> Provider:
        if (provider := self._providers.get(name)) is not None:
            return provider
        if name in _WELL_KNOWN_KEYS:
            raise NotConfigured(f"The provider {name!r} is not configured: set {_WELL_KNOWN_KEYS[name]}.")
        known = [*self._providers, SCRIPTED]
        near = difflib.get_close_matches(name, known, 3)
        listed = f"Closest: {', '.join(near)}." if near else f"There are: {', '.join(known)}."
        raise InvalidInput(
            f"There is no provider {name!r}. {listed} A server of your own is named in sparring.toml, "
            f"under [providers.{name}]; a model's name that holds a colon itself follows its provider, "
            "as in ollama:qwen3:8b."
        )

    def _at(self, name: str) -> Elsewhere:
        if name not in self._elsewhere:
            try:
                from sparring.adapters.models.pydantic_ai_model import Elsewhere  # noqa: PLC0415
            except ImportError as error:
                raise NotConfigured(
                    f"The provider {name!r} is reached through pydantic-ai, which is not installed ({error}): "
                    "install sparring[providers], and what pydantic-ai wants for it."
                ) from None
            made = self._elsewhere[name] = Elsewhere(
                name,
                clock=self._clock,
                patience=self._patience,
                prices=self._prices,
                outage_limit=self._outage_limit,
            )
            self._share(made.gate)
        return self._elsewhere[name]

    def _exchange(self, provider: Provider) -> Exchange:
        if provider.name not in self._exchanges:
            made = self._exchanges[provider.name] = Exchange(
                provider, self._transport, self._clock, self._patience, outage_limit=self._outage_limit
            )
            self._share(made.gate)
        return self._exchanges[provider.name]

    def _share(self, gate: Gate) -> None:
        if self._sharing is not None:
            self._sharing.join(gate)
            if self._renewing is None:
                self._renewing = asyncio.create_task(self._sharing.run(), name="shares of limits")


def family(name: str) -> str | None:
    """The provider of a bare name."""
    return next((provider for pattern, provider in _FAMILIES if pattern.match(name)), None)


def _no_family(name: str) -> str:
    near = [
        model
        for address in (
            "https://api.openai.com",
            "https://api.anthropic.com",
            "https://generativelanguage.googleapis.com",
        )
        for model in nearest_models(address, name, count=2)
        if family(model)
    ]
    listed = f" Closest: {', '.join(near)}." if near else ""
    return (
        f"No provider is known for the model {name!r}.{listed} Names that begin with gpt-, o and a digit, "
        "claude- or gemini- stand by themselves; all others are written as provider:name, such as ollama:qwen3."
    )


def _check(provider: Provider) -> None:
    if provider.wire not in WIRES and provider.wire != "openai":
        raise InvalidInput(
            f"The provider {provider.name!r} has the wire {provider.wire!r}; allowed: {', '.join(WIRES)}."
        )
    try:
        url = URL(provider.base_url)
        usable = url.scheme in ("http", "https") and bool(url.host)
    except ValueError:
        usable = False
    if not usable:
        where = provider.url_variable or f"[providers.{provider.name}] base_url"
        raise InvalidInput(f"{where} is no address: {provider.base_url!r}. It begins with http:// or https://.")
    key = (provider.api_key or "").strip()
    for where, value in {provider.key_variable or "the key": key, **provider.headers}.items():
        if not value.isascii() or not value.isprintable():
            raise InvalidInput(
                f"{where} of the provider {provider.name!r} holds a character that no header can carry, "
                "such as a line break."
            )
