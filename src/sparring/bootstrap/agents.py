"""From settings to whoever plays the agents, wherever they live."""

from __future__ import annotations

from sparring.adapters.agents.casting import EndpointCasting
from sparring.adapters.agents.mock_worlds import MockWorlds
from sparring.adapters.players.callable_agent import AgentFunction
from sparring.adapters.players.casting import ModelCasting
from sparring.bootstrap.providers import environment
from sparring.settings import Settings
from sparring.simulation.ports import Clock, Models


def endpoint_casting(
    settings: Settings, models: Models, clock: Clock, *, function: AgentFunction | None = None
) -> EndpointCasting:
    """The casting of an installation; its connections are the caller's to close.

    Args:
        function: plays every agent that has neither a model nor an endpoint.

    Raises:
        NotConfigured: the mocks of agents that run their own tools could not be reached as they are set up.
        InvalidInput: the function cannot be called with one to three positional arguments.
    """
    worlds = MockWorlds(clock, host=settings.mocks_host, port=settings.mocks_port, url=settings.mocks_url)
    return EndpointCasting(
        ModelCasting(models, clock),
        clock,
        environment=environment(),
        allow_private=settings.allow_private_networks,
        worlds=worlds,
        function=function,
    )
