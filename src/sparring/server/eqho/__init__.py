"""The endpoints of the Eqho dialect."""

from __future__ import annotations

from functools import cache

from fastapi import APIRouter

from sparring.server.eqho import actions, agents, results, runs, scenario_sets, scenarios
from sparring.server.json_bodies import JsonRoute


@cache
def router(prefix: str, tag: str) -> APIRouter:
    """All endpoints under a prefix but those of agents; made once, since they know no services."""
    made = APIRouter(prefix=prefix, route_class=JsonRoute, tags=[tag])
    for module in (scenarios, scenario_sets, results, runs, actions):
        module.add_routes(made)
    return made


@cache
def agents_router(prefix: str, tag: str) -> APIRouter:
    """The endpoints of agents under a prefix; at `/v1` those of the other dialect are served."""
    made = APIRouter(prefix=prefix, route_class=JsonRoute, tags=[tag])
    agents.add_routes(made)
    return made
