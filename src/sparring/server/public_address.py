"""Where people reach this server: what the absolute addresses of pages begin with."""

from __future__ import annotations

from starlette.requests import Request

from sparring.domain.simulation import Simulation, Trial
from sparring.server.services import Services
from sparring.server.ui import addresses


def base_of(request: Request) -> str:
    """The address that is set for it, or the one that the request came to."""
    services: Services = request.app.state.services
    return services.public_url or f"{request.url.scheme}://{request.headers.get('host') or request.url.netloc}"


def simulation_url(base: str, simulation: Simulation) -> str:
    """A simulation's page."""
    return base + addresses.simulation(simulation.id)


def trial_url(base: str, trial: Trial) -> str:
    """A trial's page."""
    return base + addresses.trial(trial.id)
