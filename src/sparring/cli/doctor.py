"""`doctor`: what is configured, reachable and missing, and what to do."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from sparring import version
from sparring.adapters.models.provider import Provider
from sparring.adapters.suites import load_suite
from sparring.bootstrap import playing
from sparring.bootstrap.installation import missing, without_secrets
from sparring.bootstrap.live import Tried, configured, expected_cost, try_models
from sparring.bootstrap.services import Services, open_services
from sparring.cli.terminal import colored, note, say
from sparring.domain.endpoints import PythonEndpoint
from sparring.domain.errors import AgentFault, InvalidInput, SparringError, StoreError
from sparring.domain.outcomes import Role
from sparring.settings import Settings, read_settings, stray_variables
from sparring.simulation.store import Page

_MOST_AGENTS = 100
"""The newest agents that are looked at."""

MARKS = {"ok": ("✓", "32"), "off": ("–", "2"), "odd": ("!", "33"), "missing": ("✗", "31")}


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at."""

    what: str
    state: str
    """`ok`, `off` (not set up, and need not be), `odd` (probably meant otherwise), or `missing`."""
    told: str


async def examine(
    *,
    as_json: bool,
    database: str | None,
    suites: Sequence[Path] = (),
    live: bool = False,
    models: Sequence[str] = (),
) -> int:
    """Look at everything; 0 where trials can be played, 2 where something is missing.

    Args:
        suites: files whose agents and models are looked at as well.
        live: whether to try models as well.
        models: which; those that are configured where none is named.
    """
    settings = read_settings(database_url=database)
    findings = [Finding("sparring", "ok", version())]
    findings += [Finding("settings", "odd", told) for told in stray_variables()]
    try:
        async with open_services(settings) as services:
            findings.append(
                Finding("database", "ok", f"{without_secrets(settings.database_url)}, migrations in order")
            )
            findings += [await _provider(services, provider) for provider in services.models.providers]
            findings += _roles(services)
            findings += _allowed(settings)
            findings.append(await _mocks(services))
            findings += [await _suite(services, path) for path in suites]
            findings += [finding async for finding in _stored_agents(services)]
            if live:
                findings += [finding async for finding in _live(services, models)]
    except SparringError as error:
        what = "database" if isinstance(error, StoreError) else "configuration"
        findings.append(Finding(what, "missing", str(error)))
    if as_json:
        say(json.dumps([asdict(finding) for finding in findings]))
    else:
        _print(findings)
    return 2 if any(finding.state == "missing" for finding in findings) else 0


async def _provider(services: Services, provider: Provider) -> Finding:
    what = f"provider {provider.name}"
    if (variable := missing(services.settings, provider)) is not None:
        return Finding(what, "off", f"not configured; set {variable}")
    reached = await services.models.reach(provider.name)
    return Finding(what, "ok" if reached.ok else "missing", f"{provider.base_url} · {reached.detail}")


def _roles(services: Services) -> list[Finding]:
    """What the two roles that are not under test would be played by."""
    settings = services.settings
    named = {Role.USER: settings.user_model, Role.JUDGE: settings.judge_model}
    return [_role(services, role, name) for role, name in named.items()]


def _allowed(settings: Settings) -> list[Finding]:
    """What is allowed that is not by default."""
    found = []
    if settings.allow_live_tools:
        told = "webhook actions without a mock are really called in simulations of the API"
        found.append(Finding("live tools", "ok", f"SPARRING_ALLOW_LIVE_TOOLS=true: {told}"))
    if settings.allow_private_networks:
        told = "agents, tools and webhooks of the API may be at addresses of this network"
        found.append(Finding("networks", "ok", f"SPARRING_ALLOW_PRIVATE_NETWORKS=true: {told}"))
    return found


async def _mocks(services: Services) -> Finding:
    """Where the mocks of agents that run their own tools are served."""
    try:
        address = await services.casting.serve_mocks()
    except InvalidInput as error:
        return Finding("mocks", "odd", f"{error} That is as it should be while another process plays there.")
    settings = services.settings
    told = address if settings.mocks_port else f"at any free port of {settings.mocks_host}"
    return Finding("mocks", "ok", f"{told}, for agents that run their own tools")


async def _suite(services: Services, path: Path) -> Finding:
    """Whether a suite can be played now, its agent included where that lives elsewhere."""
    what = f"suite {path}"
    try:
        suite = load_suite(path)
        simulation = await playing.prepare(services, suite, playing.Wishes(), source="cli", folder=path.parent)
        agent, models = simulation.agent, simulation.models
        where = agent.model or "no model of its own"
        if agent.endpoint is not None:
            where = await services.casting.knock(agent.endpoint)
    except (InvalidInput, AgentFault) as error:
        return Finding(what, "missing", str(error))
    return Finding(what, "ok", f"agent {where} · user {models.user} · judge {models.judge}")


async def _stored_agents(services: Services) -> AsyncIterator[Finding]:
    """Whether the agents are there that came through the API and live elsewhere."""
    found, _ = await services.store.agents(await services.store.first_workspace(), Page(size=_MOST_AGENTS))
    for agent in found:
        endpoint = agent.endpoint
        if endpoint is None or isinstance(endpoint, PythonEndpoint) or not endpoint.guarded:
            continue
        try:
            yield Finding(f"agent {agent.name}", "ok", await services.casting.knock(endpoint))
        except (InvalidInput, AgentFault) as error:
            yield Finding(f"agent {agent.name}", "odd", str(error))


async def _live(services: Services, named: Sequence[str]) -> AsyncIterator[Finding]:
    """How each model does, the price told before."""
    names = named or configured(services.settings, services.models)
    if not names:
        yield Finding("live", "off", "no model is configured; set a provider's key, or name one with --model")
        return
    cost, unknown = await asyncio.to_thread(expected_cost, services.models, names, services.clock.now())
    note(f"Trying {', '.join(names)}: {_price(cost, names, unknown)}. Ctrl-C stops.")
    async for tried in try_models(services.models, names):
        yield _told(tried)


def _price(cost: float, names: Sequence[str], unknown: Sequence[str]) -> str:
    if len(unknown) == len(set(names)):
        return "for a price that no list tells"
    beside = f", and what these cost, which is not known: {', '.join(unknown)}" if unknown else ""
    return f"about ${cost:.3f}{beside}"


def _told(tried: Tried) -> Finding:
    cost = "price not known" if tried.cost is None else f"${tried.cost:.4f}"
    told = [f"{', '.join(tried.parts)} ({cost})"] if tried.parts else []
    return Finding(
        f"live {tried.model}", "missing" if tried.problems else "ok", "; ".join([*told, *tried.problems])
    )


def _role(services: Services, role: Role, name: str | None) -> Finding:
    what = f"{role} model"
    chosen = name or services.models.default_model(role)
    if chosen is None:
        told = (
            f"none; set SPARRING_{role.upper()}_MODEL or a provider's key (suites on scripted: models need none)"
        )
        return Finding(what, "off", told)
    status = services.models.status(chosen)
    if status.problem is not None:
        return Finding(what, "missing", status.problem)
    return Finding(what, "ok", f"{chosen}{'' if name else ' (the listed default)'}")


def _print(findings: Sequence[Finding]) -> None:
    longest = max(len(finding.what) for finding in findings)
    for finding in findings:
        mark, colour = MARKS[finding.state]
        shown = f"\x1b[{colour}m{mark}\x1b[0m" if colored() else mark
        say(f"{shown} {finding.what:<{longest}}  {finding.told}")
