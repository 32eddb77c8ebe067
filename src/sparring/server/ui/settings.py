"""API keys, models and providers, the database, and what is set."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from sparring.domain.errors import InvalidInput, NotFound
from sparring.domain.outcomes import Cause, Outcome
from sparring.domain.simulation import Trial
from sparring.reports.figures import count
from sparring.server.services import Services
from sparring.server.ui.forms import whole
from sparring.server.ui.pages import Form, KnownVisitor, back_to, page, services_of, tallies_of
from sparring.server.ui.sessions import Visitor
from sparring.simulation.store import Old, Page

ADDRESS = "/settings"

_NAME = 100
"""Characters of a key's name."""
_ROLES = ("write", "read")
_DAY = 86_400.0
_MOST_DAYS = 36_500
_AT_ONCE = 20
"""Records of each kind that are taken out in one transaction."""
_LOOKED_AT = 60
"""The newest simulations, in which errors of providers are looked for."""
_ERRORS = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleModel:
    """Who plays a role where nobody else is named."""

    role: str
    model: str | None
    by: str
    """What says so."""
    problem: str | None
    """Why it cannot be asked."""


async def show(
    request: Request,
    visitor: KnownVisitor,
    older: Annotated[int | None, Query(ge=1, le=_MOST_DAYS)] = None,
) -> Response:
    """The page."""
    return await _page(request, visitor, older=older)


async def create(request: Request, visitor: KnownVisitor, form: Form) -> Response:
    """Make a key; the answer is the page with its secret, which nothing keeps and no other page shows."""
    services, name, role = services_of(request), form.get("name", "").strip(), form.get("role", "")
    if not 1 <= len(name) <= _NAME:
        raise InvalidInput(f"A key's name has 1 to {_NAME} characters.", field="name")
    if role not in _ROLES:
        raise InvalidInput(f"A key's role is {' or '.join(_ROLES)}.", field="role")
    secret, key = services.new_key(visitor.workspace, name, role)
    await services.store.save_key(key)
    return await _page(request, visitor, secret=secret)


async def revoke(request: Request, visitor: KnownVisitor, form: Form, key_id: str) -> Response:
    """Revoke a key; whoever is signed in with it is so no longer."""
    services = services_of(request)
    key = next((key for key in await services.store.keys(visitor.workspace) if key.id == key_id), None)
    if key is None:
        raise NotFound("key", key_id)
    if key.revoked_at is None:
        await services.store.save_key(replace(key, revoked_at=services.clock.now()))
    return back_to(f"{ADDRESS}#keys")


async def reach(request: Request, visitor: KnownVisitor, form: Form, name: str) -> Response:
    """Knock at a provider's door."""
    answer = await services_of(request).installation.reach(name)
    return await _page(request, visitor, told=f"{name}: {answer}")


async def prune(request: Request, visitor: KnownVisitor, form: Form) -> Response:
    """Take out what is over for longer than so many days."""
    services = services_of(request)
    days = whole(form, "older", what="The number of days", least=1, most=_MOST_DAYS)
    before, gone = services.clock.now() - days * _DAY, Old()
    while (part := await services.store.prune(before, _AT_ONCE)) != Old():
        gone += part
    return await _page(request, visitor, told=f"{_told(gone)} gone.")


def add_routes(router: APIRouter) -> None:
    """Serve this page."""
    router.get(ADDRESS)(show)
    router.post(f"{ADDRESS}/keys")(create)
    router.post(f"{ADDRESS}/keys/{{key_id}}/revoke")(revoke)
    router.post(f"{ADDRESS}/providers/{{name}}/reach")(reach)
    router.post(f"{ADDRESS}/prune")(prune)


def _told(old: Old) -> str:
    simulations, chats = count(old.simulations, "simulation"), count(old.chats, "chat")
    return f"{simulations}, {chats} and {count(old.deliveries, 'delivery', 'deliveries')}"


async def _page(
    request: Request,
    visitor: Visitor,
    *,
    secret: str | None = None,
    told: str | None = None,
    older: int | None = None,
) -> Response:
    """The page.

    Args:
        secret: of a key that was just made.
        told: what has just happened.
        older: days; how much is over for longer is told.
    """
    services = services_of(request)
    old = Old() if older is None else await services.store.prunable(services.clock.now() - older * _DAY)
    return page(
        request,
        "settings.html.jinja",
        keys=await services.store.keys(visitor.workspace),
        fixed=services.api_key is not None,
        secret=secret,
        told=told,
        roles=_roles(services),
        installation=services.installation,
        providers=services.installation.providers(),
        errors=await _errors(request, visitor),
        size=await services.store.size(),
        older=older,
        old=_told(old) if old != Old() else "",
    )


def _roles(services: Services) -> list[RoleModel]:
    defaults = services.defaults
    named = {knob.name for knob in services.installation.knobs if knob.is_set}
    return [
        _role(services, "simulated user", defaults.user, "SPARRING_USER_MODEL", named),
        _role(services, "judge", defaults.judge, "SPARRING_JUDGE_MODEL", named),
        _role(services, "agent", defaults.agent, "SPARRING_AGENT_MODEL", named),
    ]


def _role(services: Services, role: str, model: str | None, variable: str, named: set[str]) -> RoleModel:
    problem = None
    if model is not None:
        try:
            services.models.model(model)
        except InvalidInput as error:
            problem = str(error)
    by = variable if variable in named else "the demo" if services.demo else "the listed default"
    return RoleModel(role=role, model=model, by=by if model is not None else f"set {variable}", problem=problem)


async def _errors(request: Request, visitor: Visitor) -> Sequence[Trial]:
    """The newest trials that a provider has failed."""
    store, tallies = services_of(request).store, tallies_of(request)
    simulations, _ = await store.simulations(visitor.workspace, Page(size=_LOOKED_AT))
    found: dict[str | None, Trial] = {}
    for simulation in simulations:
        tally = await tallies.of(store, simulation)
        if not tally.outcomes[Outcome.ERROR]:
            continue
        errored, _ = await store.trial_page(simulation.id, Page(size=50), outcome=Outcome.ERROR)
        for trial in sorted(errored, key=lambda trial: trial.completed_at or 0.0, reverse=True):
            if trial.cause is Cause.PROVIDER:
                found.setdefault(trial.error, trial)
        if len(found) >= _ERRORS:
            break
    return list(found.values())[:_ERRORS]
