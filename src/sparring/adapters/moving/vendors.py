"""The vendors that one can move in from."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from sparring.adapters.moving import eqho, eqho_forms, sigmamind, sigmamind_forms
from sparring.adapters.moving.api import VendorApi
from sparring.adapters.moving.arrivals import Arrivals, Found
from sparring.adapters.moving.pages import Listed
from sparring.domain.agent import Action, Agent
from sparring.domain.scenario import Scenario, ScenarioSet


class Forms(Protocol):
    """Records of ours in the vendor's form, without and with their ids."""

    def agent_form(self, agent: Agent, actions: Mapping[str, Action]) -> dict[str, Any]:
        """An agent; the actions, by id, are those that its tools were made as."""

    def scenario_form(self, scenario: Scenario, group: ScenarioSet | None) -> dict[str, Any]:
        """A scenario and the set that it is in."""

    def agent_record(self, agent: Agent, form: Mapping[str, Any]) -> dict[str, Any]:
        """An agent's form after its id."""

    def scenario_as_record(self, scenario: Scenario, agent: Agent, form: Mapping[str, Any]) -> dict[str, Any]:
        """A scenario's form after its id."""

    def document(self, agent: Mapping[str, Any], scenarios: list[dict[str, Any]]) -> dict[str, Any]:
        """All records in lists."""

    def not_the_vendors(self, agent: Mapping[str, Any], scenarios: list[dict[str, Any]]) -> list[str]:
        """The fields in some records that only this project knows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Vendor:
    """What is known of one of them."""

    name: str
    """As people say it."""
    word: str
    """In commands."""
    lists: Mapping[str, str | None]
    """The fields under which records stand in pages of lists, with their kind where it is always the same."""
    kind_of: Callable[[Mapping[str, Any]], str | None]
    """What a record is; None where it is nothing of this vendor's."""
    taken: Sequence[str]
    """The kinds of records that move."""
    url: str
    """Where its API is, without `/v1`."""
    key_variable: str
    """The environment variable that holds the key."""
    fetch: Callable[[VendorApi], Awaitable[list[tuple[str, Listed]]]]
    arrive: Callable[[Sequence[Found], Arrivals], Awaitable[None]]
    forms: Forms
    scenarios: str
    """The list in which an export puts scenarios."""


SIGMAMIND = Vendor(
    name=sigmamind.NAME,
    word="sigmamind",
    lists=sigmamind.LISTS,
    kind_of=sigmamind.kind_of,
    taken=sigmamind.TAKEN,
    url="https://api.sigmamind.ai",
    key_variable="SIGMAMIND_API_KEY",
    fetch=sigmamind.fetch,
    arrive=sigmamind.arrive,
    forms=sigmamind_forms,
    scenarios="testCases",
)
EQHO = Vendor(
    name=eqho.NAME,
    word="eqho",
    lists=eqho.LISTS,
    kind_of=eqho.kind_of,
    taken=eqho.TAKEN,
    url="https://api.eqho.ai",
    key_variable="EQHO_API_KEY",
    fetch=eqho.fetch,
    arrive=eqho.arrive,
    forms=eqho_forms,
    scenarios="scenarios",
)
VENDORS: Mapping[str, Vendor] = {vendor.word: vendor for vendor in (SIGMAMIND, EQHO)}
