"""The endpoints of the SigmaMind dialect."""

from __future__ import annotations

from functools import cache

from fastapi import APIRouter

from sparring.server.json_bodies import JsonRoute
from sparring.server.sigmamind import agents, batch_runs, chats, test_cases, test_runs, webhooks


@cache
def router(prefix: str, tag: str) -> APIRouter:
    """All endpoints under a prefix, made once: they know no services, so that every application can share them."""
    made = APIRouter(prefix=prefix, route_class=JsonRoute, tags=[tag])
    for module in (agents, test_cases, batch_runs, test_runs, chats, webhooks):
        module.add_routes(made)
    return made
