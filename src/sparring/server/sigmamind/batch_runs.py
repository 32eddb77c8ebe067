"""`/batch-runs`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from fastapi import APIRouter, Response

from sparring.dialects.sigmamind import wire
from sparring.dialects.sigmamind.translate.batch_runs import (
    SOURCE,
    Tally,
    asks_the_same,
    batch_record,
    created_batch,
    kept,
    snapshot,
    until,
)
from sparring.dialects.sigmamind.translate.wrapper import wrapped
from sparring.domain.agent import Agent
from sparring.domain.errors import InvalidInput
from sparring.domain.outcomes import Lifecycle, Outcome
from sparring.domain.scenario import Scenario
from sparring.domain.simulation import Limits, Models, Simulation, trial_count
from sparring.domain.warnings import variable_warnings
from sparring.server.errors import answer
from sparring.server.idempotency import IdempotencyKey, once
from sparring.server.model_names import named_models
from sparring.server.public_address import simulation_url
from sparring.server.sigmamind.documented import AgentQuery, BatchId, PageQuery, SizeQuery, reading, writing
from sparring.server.sigmamind.records import AtDesk, Desk
from sparring.simulation.runner import check_decidable
from sparring.simulation.store import Page

MAX_STEPS = 100


async def create_batch_run(
    body: wire.CreateBatchRun, desk: AtDesk, idempotency_key: IdempotencyKey = None
) -> Response:
    """Play test cases in the background, each as often as it says. Answers as soon as everything is stored."""
    simulation = await once(
        desk.services.store,
        desk.caller.workspace,
        idempotency_key,
        same=lambda made: asks_the_same(made, body),
        submit=lambda: _submitted(body, desk, idempotency_key),
    )
    agent = desk.played_summary(simulation.agent)
    made = created_batch(
        simulation,
        _played_cases(simulation, desk),
        workspace=desk.caller.workspace_name,
        agent=agent,
        url=simulation_url(desk.base, simulation),
    )
    return answer(made, 201)


async def get_batch_run(batch_id: BatchId, desk: AtDesk, agent: AgentQuery = None) -> Response:
    """One batch run: its test cases as they are played, and how many attempts ended how."""
    return answer(await _shown(await desk.batch(batch_id, agent=agent), desk))


async def list_batch_runs(
    desk: AtDesk, agent: AgentQuery = None, page: PageQuery = 0, size: SizeQuery = 10
) -> Response:
    """The batch runs of an agent, or of the workspace, newest first."""
    owner = await desk.agent(agent) if agent is not None else None
    found, total = await desk.services.store.simulations(
        desk.caller.workspace,
        Page(offset=page * size, size=size),
        agent_id=owner.id if owner is not None else None,
    )
    return answer(
        wrapped([await _shown(simulation, desk) for simulation in found], page=page, size=size, total=total)
    )


async def cancel_batch_run(batch_id: BatchId, desk: AtDesk, agent: AgentQuery = None) -> Response:
    """Cancel what is queued, and stop what is running at its next message."""
    batch, control = await desk.batch(batch_id, agent=agent), desk.services.control
    return answer(await _shown(await control.cancel(desk.caller.workspace, batch.id), desk))


async def pause_batch_run(batch_id: BatchId, desk: AtDesk, agent: AgentQuery = None) -> Response:
    """Let no further attempt begin; what is running goes on to its end."""
    batch, control = await desk.batch(batch_id, agent=agent), desk.services.control
    return answer(await _shown(await control.pause(desk.caller.workspace, batch.id), desk))


async def resume_batch_run(
    batch_id: BatchId, desk: AtDesk, body: wire.ResumeBatchRun | None = None, agent: AgentQuery = None
) -> Response:
    """Go on with a paused batch run, with a larger budget where one is given."""
    batch, control = await desk.batch(batch_id, agent=agent), desk.services.control
    max_cost = None if body is None else body.max_cost_usd
    return answer(await _shown(await control.resume(desk.caller.workspace, batch.id, max_cost=max_cost), desk))


async def retry_batch_run(batch_id: BatchId, desk: AtDesk, agent: AgentQuery = None) -> Response:
    """Play again the attempts that ended in an error, and only those; they keep their ids."""
    batch, control = await desk.batch(batch_id, agent=agent), desk.services.control
    return answer(await _shown(await control.retry(desk.caller.workspace, batch.id), desk))


async def add_attempts(
    batch_id: BatchId, body: wire.MoreAttempts, desk: AtDesk, agent: AgentQuery = None
) -> Response:
    """Play more attempts of each test case; those that there are stay as they are."""
    batch, control = await desk.batch(batch_id, agent=agent), desk.services.control
    try:
        changed = await control.more(desk.caller.workspace, batch.id, body.num_trials)
    except InvalidInput as error:
        raise InvalidInput(f"numTrials: {error}", field="numTrials") from None
    return answer(await _shown(changed, desk))


def add_routes(router: APIRouter) -> None:
    """Serve these endpoints."""
    one, many = "/batch-runs/{batchId}", "/batch-runs"
    created, full = wire.CreatedBatchRun, wire.BatchRun
    router.post(many, status_code=201, response_model=created, responses=writing(409))(create_batch_run)
    router.get(many, response_model=wire.BatchRunPage, responses=reading())(list_batch_runs)
    router.get(one, response_model=full, responses=reading())(get_batch_run)
    changes = (
        ("cancel", cancel_batch_run),
        ("pause", pause_batch_run),
        ("resume", resume_batch_run),
        ("retry", retry_batch_run),
        ("trials", add_attempts),
    )
    for path, change in changes:
        router.post(f"{one}/{path}", response_model=full, responses=writing(409))(change)


async def _submitted(body: wire.CreateBatchRun, desk: Desk, key: str | None) -> Simulation:
    services = desk.services
    agent = await desk.agent(body.agent_id)
    cases = await _cases(body.test_cases, agent, desk)
    models = _models(agent, cases, desk)
    played, scenarios = snapshot(agent, cases, model=services.defaults.agent, scripted=desk.is_scripted)
    check_decidable(scenarios, until(body), field="untilDecided")
    simulation = Simulation(
        id=services.runner.new_id(),
        workspace=desk.caller.workspace,
        agent=played,
        scenarios=scenarios,
        models=models,
        limits=Limits(max_steps=MAX_STEPS, timeout=services.trial_timeout),
        seed=int.from_bytes(services.clock.entropy(4), "big"),
        name=agent.name,
        source=SOURCE,
        idempotency_key=key,
        extra=kept(body),
        max_cost=body.max_cost_usd,
        until=until(body),
        warnings=_warnings(played, scenarios),
        created_at=services.clock.now(),
    )
    if simulation.max_cost is not None:
        unseen = await services.budget_warnings(simulation)
        simulation = replace(simulation, warnings=(*simulation.warnings, *unseen))
    await services.runner.submit(simulation)
    services.engine.notice()
    return simulation


async def _cases(texts: Sequence[str], agent: Agent, desk: Desk) -> list[Scenario]:
    found: dict[str, Scenario] = {}
    for index, named in enumerate(texts):
        field = f"testCases[{index}]"
        case = await desk.find_case(named)
        if case is None:
            raise InvalidInput(f"{field} must be the id of a test case; {named[:100]!r} is none.", field=field)
        if case.agent_id not in (None, agent.id):
            raise InvalidInput(f"{field} must be a test case of this agent; {named!r} is another's.", field=field)
        if case.id in found:
            raise InvalidInput(f"{field} must not repeat a test case; {named!r} is there already.", field=field)
        found[case.id] = case
    count = trial_count(list(found.values()))
    if count > wire.MAX_TRIALS:
        raise InvalidInput(
            f"testCases must come to at most {wire.MAX_TRIALS} attempts in one batch run; these come to {count}.",
            field="testCases",
        )
    return list(found.values())


def _models(agent: Agent, cases: Sequence[Scenario], desk: Desk) -> Models:
    own = desk.model_of(agent)
    return named_models(
        desk.services,
        [case.model or own for case in cases] if agent.endpoint is None else (),
        agent_field="llmModel",
        settings="agentSettings.llmModel, the test case's llmModel or SPARRING_AGENT_MODEL",
    )


def _warnings(agent: Agent, scenarios: Sequence[Scenario]) -> tuple[str, ...]:
    """What is odd about the variables of each test case, before anything is played."""
    told = (
        f"{scenario.name}: {warning}"
        for scenario in scenarios
        for warning in variable_warnings(agent, scenario, told_to_tools=bool(agent.tools))
    )
    return tuple(dict.fromkeys(told))


async def _shown(simulation: Simulation, desk: Desk) -> wire.BatchRun:
    return batch_record(
        simulation,
        _played_cases(simulation, desk),
        await _tally(simulation, desk),
        workspace=desk.caller.workspace_name,
        agent=desk.played_summary(simulation.agent),
        url=simulation_url(desk.base, simulation),
    )


def _played_cases(simulation: Simulation, desk: Desk) -> list[wire.TestCase]:
    return [desk.show_played(scenario, simulation.agent) for scenario in simulation.scenarios]


async def _tally(simulation: Simulation, desk: Desk) -> Tally:
    return Tally(
        passed=await _count(simulation, desk, outcome=Outcome.PASSED),
        failed=await _count(simulation, desk, outcome=Outcome.FAILED),
        inconclusive=await _count(simulation, desk, outcome=Outcome.INCONCLUSIVE),
        errored=await _count(simulation, desk, outcome=Outcome.ERROR),
        cancelled=await _count(simulation, desk, status=Lifecycle.CANCELLED),
        spent=await desk.services.control.spent(simulation.id),
    )


async def _count(
    simulation: Simulation, desk: Desk, *, outcome: Outcome | None = None, status: Lifecycle | None = None
) -> int:
    _, total = await desk.services.store.trial_page(simulation.id, Page(size=1), outcome=outcome, status=status)
    return total
