"""`/simulation`, which plays scenarios, and `/simulation/results`."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace

from fastapi import APIRouter, Response

from sparring.dialects.eqho.translate.records import meta
from sparring.dialects.eqho.translate.results import SOURCE, args_warnings, asks_the_same, kept, until
from sparring.dialects.eqho.wire import runs as wire
from sparring.dialects.eqho.wire.forms import MAX_RUNS, MAX_SCENARIOS
from sparring.dialects.snapshots import snapshot
from sparring.domain.agent import Agent
from sparring.domain.errors import InvalidInput
from sparring.domain.scenario import Scenario
from sparring.domain.simulation import Limits, Models, Simulation
from sparring.domain.warnings import live_warnings, setup_warnings, variable_warnings
from sparring.server.eqho.documented import (
    AgentQuery,
    PageQuery,
    PerPageQuery,
    ResultId,
    SetQuery,
    reading,
    writing,
)
from sparring.server.eqho.records import AtDesk, Desk
from sparring.server.errors import answer
from sparring.server.idempotency import IdempotencyKey, once
from sparring.server.model_names import named_models
from sparring.simulation.runner import check_decidable
from sparring.simulation.store import Page

_PLACE = ("path", "result_id")
_DEFAULTS = Limits()


async def run_simulation(
    body: wire.RunSimulation, desk: AtDesk, idempotency_key: IdempotencyKey = None
) -> Response:
    """Play scenarios in the background. Answers as soon as everything is stored."""
    simulation = await once(
        desk.services.store,
        desk.caller.workspace,
        idempotency_key,
        same=lambda made: asks_the_same(made, body),
        submit=lambda: _submitted(body, desk, idempotency_key),
    )
    return answer(await desk.show_results(simulation))


async def get_result(result_id: ResultId, desk: AtDesk) -> Response:
    """One simulation: how far it is, and its figures."""
    return answer(await desk.show_results(await desk.simulation(result_id, *_PLACE)))


async def list_results(
    desk: AtDesk,
    agent: AgentQuery = None,
    group: SetQuery = None,
    page: PageQuery = 1,
    per_page: PerPageQuery = 25,
) -> Response:
    """The simulations of the account, newest first."""
    found, total = await desk.services.store.simulations(
        desk.caller.workspace,
        Page(offset=(page - 1) * per_page, size=per_page),
        agent_id=None if agent is None else (await desk.agent(agent, "query", "agent_id")).id,
        set_id=None if group is None else (await desk.scenario_set(group, "query", "scenario_set_id")).id,
    )
    shown = [await desk.show_results(simulation) for simulation in found]
    return answer(wire.ResultList(results=shown, meta=meta(page=page, per_page=per_page, total=total)))


async def cancel_result(result_id: ResultId, desk: AtDesk) -> Response:
    """Cancel what is pending, and stop what is running at its next message."""
    control = desk.services.control
    return await _changed(result_id, desk, lambda id: control.cancel(desk.caller.workspace, id))


async def pause_result(result_id: ResultId, desk: AtDesk) -> Response:
    """Let no further run begin; what is running goes on to its end."""
    control = desk.services.control
    return await _changed(result_id, desk, lambda id: control.pause(desk.caller.workspace, id))


async def resume_result(result_id: ResultId, desk: AtDesk, body: wire.Resume | None = None) -> Response:
    """Go on with a paused simulation, with a larger budget where one is given."""
    control, max_cost = desk.services.control, None if body is None else body.max_cost_usd
    return await _changed(result_id, desk, lambda id: control.resume(desk.caller.workspace, id, max_cost=max_cost))


async def retry_result(result_id: ResultId, desk: AtDesk) -> Response:
    """Play again the runs that ended in an error, and only those; they keep their ids."""
    control = desk.services.control
    return await _changed(result_id, desk, lambda id: control.retry(desk.caller.workspace, id))


async def add_trials(result_id: ResultId, body: wire.MoreTrials, desk: AtDesk) -> Response:
    """Play more trials of each scenario; the runs that there are stay as they are."""
    control = desk.services.control
    return await _changed(result_id, desk, lambda id: control.more(desk.caller.workspace, id, body.num_trials))


async def delete_result(result_id: ResultId, desk: AtDesk) -> Response:
    """Remove a simulation that is over with all its runs, and answer what it was."""
    simulation = await desk.simulation(result_id, *_PLACE)
    shown = await desk.show_results(simulation)
    await desk.services.store.delete_simulation(desk.caller.workspace, simulation.id)
    return answer(shown)


def add_routes(router: APIRouter) -> None:
    """Serve these endpoints."""
    many, one = "/simulation/results", "/simulation/results/{result_id}"
    shown = wire.SimulationResults
    router.post("/simulation", response_model=shown, responses=writing(409))(run_simulation)
    router.get(many, response_model=wire.ResultList, responses=reading())(list_results)
    router.get(one, response_model=shown, responses=reading())(get_result)
    changes = (
        ("cancel", cancel_result),
        ("pause", pause_result),
        ("resume", resume_result),
        ("retry", retry_result),
        ("trials", add_trials),
    )
    for path, change in changes:
        router.post(f"{one}/{path}", response_model=shown, responses=writing(409))(change)
    router.delete(one, response_model=shown, responses=writing(409))(delete_result)


async def _changed(result_id: str, desk: Desk, change: Callable[[str], Awaitable[Simulation]]) -> Response:
    """The simulation after a change to the one of that id."""
    simulation = await desk.simulation(result_id, *_PLACE)
    return answer(await desk.show_results(await change(simulation.id)))


async def _submitted(body: wire.RunSimulation, desk: Desk, key: str | None) -> Simulation:
    services = desk.services
    agent = await desk.agent(body.agent_id, "body", "agent_id")
    group = None
    if body.scenario_set_id is not None:
        group = await desk.scenario_set(body.scenario_set_id, "body", "scenario_set_id")
    scenarios = await _scenarios(body, group.id if group is not None else None, desk)
    models = _models(body, agent, scenarios, desk)
    trials = body.num_trials or 1
    played, cases = snapshot(
        agent,
        [replace(scenario, trials=trials) for scenario in scenarios],
        model=services.defaults.agent,
        scripted=desk.is_scripted,
    )
    check_decidable(cases, until(body), field="until_decided")
    simulation = Simulation(
        id=services.runner.new_id(),
        workspace=desk.caller.workspace,
        agent=played,
        scenarios=cases,
        models=models,
        limits=Limits(
            max_steps=body.max_steps or _DEFAULTS.max_steps,
            max_errors=body.max_errors or _DEFAULTS.max_errors,
            timeout=services.trial_timeout,
        ),
        seed=int.from_bytes(services.clock.entropy(4), "big"),
        name=group.name if group is not None else agent.name,
        source=SOURCE,
        set_id=group.id if group is not None else None,
        idempotency_key=key,
        extra=kept(body, key),
        max_cost=body.max_cost_usd,
        until=until(body),
        warnings=_warnings(played, cases, body, live_allowed=services.runner.web is not None),
        created_at=services.clock.now(),
    )
    if simulation.max_cost is not None:
        unseen = await services.budget_warnings(simulation)
        simulation = replace(simulation, warnings=(*simulation.warnings, *unseen))
    await services.runner.submit(simulation)
    services.engine.notice()
    return simulation


async def _scenarios(body: wire.RunSimulation, set_id: str | None, desk: Desk) -> list[Scenario]:
    found = await _of_set(set_id, desk) if set_id is not None else await _named(body.scenario_ids or (), desk)
    count = len(found) * (body.num_trials or 1)
    if count > MAX_RUNS:
        raise InvalidInput(
            f"num_trials must come to at most {MAX_RUNS} runs of one simulation; this comes to {count}.",
            field="num_trials",
        )
    return found


async def _named(texts: Sequence[str], desk: Desk) -> list[Scenario]:
    found: dict[str, Scenario] = {}
    for index, text in enumerate(texts):
        scenario = await desk.scenario(text, "body", "scenario_ids", index)
        if scenario.id in found:
            field = f"scenario_ids[{index}]"
            raise InvalidInput(f"{field} must not repeat a scenario; {text!r} is there already.", field=field)
        found[scenario.id] = scenario
    return list(found.values())


async def _of_set(set_id: str, desk: Desk) -> list[Scenario]:
    newest_first, count = await desk.services.store.scenarios(
        desk.caller.workspace, Page(size=MAX_SCENARIOS), set_id=set_id
    )
    if not 1 <= count <= MAX_SCENARIOS:
        raise InvalidInput(
            f"scenario_set_id must be a set of 1 to {MAX_SCENARIOS} scenarios; this one has {count}.",
            field="scenario_set_id",
        )
    return list(reversed(newest_first))


def _models(body: wire.RunSimulation, agent: Agent, scenarios: Sequence[Scenario], desk: Desk) -> Models:
    own = desk.model_of(agent)
    args = body.simulated_lead_llm_args or wire.LlmArgs()
    models = named_models(
        desk.services,
        [scenario.model or own for scenario in scenarios] if agent.endpoint is None else (),
        agent_field="agent_id",
        settings="ai_settings.ai_model of the agent, or SPARRING_AGENT_MODEL",
        user=args.ai_model,
        user_field="simulated_lead_llm_args.ai_model",
    )
    return replace(models, user_temperature=args.temperature)


def _warnings(
    agent: Agent, scenarios: Sequence[Scenario], body: wire.RunSimulation, *, live_allowed: bool
) -> tuple[str, ...]:
    """What is odd about the request, before anything is played."""
    found = [*args_warnings(agent, body.simulated_lead_llm_args)]
    for scenario in scenarios:
        found += setup_warnings(agent, scenario)
        found += live_warnings(agent, scenario, allowed=live_allowed)
        found += [f"{scenario.name}: {warning}" for warning in variable_warnings(agent, scenario)]
    return tuple(dict.fromkeys(found))
