"""The endpoints of the Eqho dialect."""

from __future__ import annotations

from fastapi import APIRouter

from sparring.server.eqho import results, runs, scenario_sets, scenarios
from sparring.server.json_bodies import JsonRoute


def router(prefix: str, tag: str) -> APIRouter:
    """All endpoints under a prefix."""
    made = APIRouter(prefix=prefix, route_class=JsonRoute, tags=[tag])
    for module in (scenarios, scenario_sets, results, runs):
        module.add_routes(made)
    return made
