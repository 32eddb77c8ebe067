"""Finding records by whatever id a request gives, and showing them with what only the server knows of them."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Annotated, TypeVar

from fastapi import Depends, Request
from fastapi.exceptions import RequestValidationError

from sparring.dialects.eqho.translate.results import results_record
from sparring.dialects.eqho.translate.runs import run_record
from sparring.dialects.eqho.translate.scenarios import scenario_record
from sparring.dialects.eqho.wire.runs import SimulationResults, SimulationRun
from sparring.dialects.eqho.wire.scenarios import ScenarioRecord
from sparring.dialects.fields import ERROR_TYPE
from sparring.dialects.snapshots import SCRIPTED, is_scripted
from sparring.dialects.spelling import AGENT, BATCH, CASE, JOB, candidates
from sparring.domain import ids
from sparring.domain.agent import Action, Agent
from sparring.domain.errors import NotFound
from sparring.domain.metrics import summarize
from sparring.domain.scenario import Scenario, ScenarioSet
from sparring.domain.simulation import Simulation, Trial
from sparring.domain.warnings import setup_warnings
from sparring.server.auth import Caller, KnownCaller
from sparring.server.public_address import base_of, simulation_url, trial_url
from sparring.server.services import Services

RecordT = TypeVar("RecordT")
Place = tuple[str | int, ...]
"""Where in a request an id stands: its source, then field by field."""

_NOBODY = Agent(id="", workspace="", name="")


@dataclass(frozen=True, slots=True)
class Desk:
    """One caller's view of the records.

    An id of neither form is refused with the place where it stands; one that nothing has is NotFound.
    """

    services: Services
    caller: Caller
    base: str
    """What the addresses of pages begin with."""

    @property
    def in_turn(self) -> asyncio.Lock:
        """Held from the reading of a record to its storing, so that no change at the same time is lost."""
        return self.services.turns.of(self.caller.workspace)

    async def agent(self, text: str, *place: str | int) -> Agent:
        """The agent that a text means."""
        return await self._by_either_form("agent", AGENT, text, place, self.services.store.find_agent)

    async def scenario(self, text: str, *place: str | int) -> Scenario:
        """The scenario that a text means."""
        return await self._by_either_form("scenario", CASE, text, place, self.services.store.find_scenario)

    async def simulation(self, text: str, *place: str | int) -> Simulation:
        """The simulation that a text means."""
        return await self._by_either_form("result", BATCH, text, place, self.services.store.find_simulation)

    async def trial(self, text: str, *place: str | int) -> Trial:
        """The trial that a text means."""
        return await self._by_either_form("run", JOB, text, place, self.services.store.find_trial)

    async def scenario_set(self, text: str, *place: str | int) -> ScenarioSet:
        """The set of scenarios that a text means."""
        return await self._by_hex("scenario set", text, place, self.services.store.find_scenario_set)

    async def action(self, text: str, *place: str | int) -> Action:
        """The action that a text means."""
        return await self._by_hex("action", text, place, self.services.store.find_action)

    async def show_scenario(self, scenario: Scenario) -> ScenarioRecord:
        """A scenario as it goes out, with what is probably meant otherwise in it."""
        agent = None
        if scenario.agent_id is not None:
            agent = await self.services.store.find_agent(self.caller.workspace, scenario.agent_id)
        warnings = setup_warnings(agent or _NOBODY, scenario if agent is not None else _without_tools(scenario))
        return scenario_record(scenario, [warning.removeprefix(f"{scenario.name}: ") for warning in warnings])

    async def show_results(self, simulation: Simulation) -> SimulationResults:
        """A simulation as it goes out."""
        trials = await self.services.store.trials(simulation.id)
        under_way = simulation.completed_at is None
        spent = await self.services.control.spent(simulation.id) if under_way else None
        summary = summarize(trials, spent=spent)
        return results_record(
            simulation,
            trials,
            summary,
            scripted=self._any_scripted(simulation),
            url=simulation_url(self.base, simulation),
        )

    async def show_run(self, simulation: Simulation, trial: Trial, *, messages: bool = True) -> SimulationRun:
        """A run as it goes out."""
        said = await self.services.store.messages(trial.id) if messages else None
        scripted = self._played_by_script(simulation, simulation.scenario(trial.scenario))
        return run_record(simulation, trial, said, scripted=scripted, url=trial_url(self.base, trial))

    def model_of(self, agent: Agent) -> str | None:
        """The name of the model that an agent answers by, or None."""
        return agent.model or self.services.defaults.agent

    def is_scripted(self, model: str | None) -> bool:
        """Whether a model would answer from a script now."""
        return model is not None and (self.services.demo or model.startswith(SCRIPTED))

    def _any_scripted(self, simulation: Simulation) -> bool:
        return any(self._played_by_script(simulation, scenario) for scenario in simulation.scenarios)

    def _played_by_script(self, simulation: Simulation, scenario: Scenario) -> bool:
        return is_scripted(scenario, scenario.model or self.model_of(simulation.agent))

    async def _by_either_form(
        self,
        kind: str,
        prefix: str,
        text: str,
        place: Place,
        find: Callable[[str, str], Awaitable[RecordT | None]],
    ) -> RecordT:
        for id in candidates(prefix, text):
            if record := await find(self.caller.workspace, id):
                return record
        if ids.read(text, prefix, bare=prefix == AGENT) is None:
            raise _no_id(text, place, f"must be an id: 24 hex digits, or `{prefix}_` and 16 base62 digits")
        raise NotFound(kind, text)

    async def _by_hex(
        self, kind: str, text: str, place: Place, find: Callable[[str, str], Awaitable[RecordT | None]]
    ) -> RecordT:
        if not ids.is_hex(text):
            raise _no_id(text, place, "must be an id of 24 hex digits")
        record = await find(self.caller.workspace, text.lower())
        if record is None:
            raise NotFound(kind, text)
        return record


def _without_tools(scenario: Scenario) -> Scenario:
    """The scenario without all that depends on an agent's tools, which nobody knows yet."""
    return replace(scenario, user_tools=(), expect=replace(scenario.expect, writes=None))


def _no_id(text: str, place: Place, told: str) -> RequestValidationError:
    return RequestValidationError([{"type": ERROR_TYPE, "loc": place, "msg": told, "input": text}])


async def _desk(request: Request, caller: KnownCaller) -> Desk:
    return Desk(request.app.state.services, caller, base_of(request))


AtDesk = Annotated[Desk, Depends(_desk)]
