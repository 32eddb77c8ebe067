"""The routes of all pages; none of them is part of the API's documents."""

from __future__ import annotations

from functools import cache

from fastapi import APIRouter

from sparring.server.ui import (
    agent_editor,
    agent_page,
    chat_page,
    compare,
    judging,
    overview,
    scenario_editor,
    settings,
    side_by_side,
    sign_in,
    simulation,
    simulation_control,
    start,
    static,
    trial,
)
from sparring.server.ui.pages import PageRoute


@cache
def router() -> APIRouter:
    """All pages, made once: they know no services, so that every application can share them."""
    made = APIRouter(route_class=PageRoute, include_in_schema=False)
    parts = (
        static,
        sign_in,
        overview,
        simulation,
        simulation_control,
        judging,
        start,
        trial,
        agent_editor,
        agent_page,
        chat_page,
        scenario_editor,
        compare,
        side_by_side,
        settings,
    )
    for part in parts:
        part.add_routes(made)
    return made
