"""The models that a simulation would use: named, and reachable, before it is stored."""

from __future__ import annotations

from collections.abc import Iterable

from sparring.domain.errors import InvalidInput, NotConfigured
from sparring.domain.simulation import Models
from sparring.server.services import Services
from sparring.simulation.ports import Models as Reachable


def check_reachable(name: str, models: Reachable, *, field: str) -> None:
    """Take what can be called now.

    Raises:
        NotConfigured: it cannot; the message tells what to set.
    """
    try:
        models.model(name)
    except InvalidInput as error:
        raise NotConfigured(f"{field}: {error}", field=field) from None


def named_models(
    services: Services,
    agents: Iterable[str | None],
    *,
    agent_field: str,
    settings: str,
    user: str | None = None,
    user_field: str | None = None,
    judge: str | None = None,
    judge_field: str | None = None,
) -> Models:
    """The models of user and judge, once every model that would be used can be reached.

    Args:
        agents: the agent's, by scenario.
        agent_field: where a request names the agent's model.
        settings: all that can name it, in words.
        user: the user's, where a request names it; otherwise it is the server's setting.
        user_field: where a request names it.
        judge, judge_field: the same for the judge's.

    Raises:
        NotConfigured: one is not named or cannot be reached; the message tells what to set.
    """
    defaults, reachable = services.defaults, services.models
    for name in dict.fromkeys(agents):
        check_reachable(_set(name, "agent", settings), reachable, field=agent_field)
    player = user or _set(defaults.user, "simulated user", f"SPARRING_USER_MODEL{_OR_A_KEY}")
    assessor = judge or _set(defaults.judge, "judge", f"SPARRING_JUDGE_MODEL{_OR_A_KEY}")
    own = user_field if user is not None else None
    check_reachable(player, reachable, field=own or "The simulated user's model")
    check_reachable(assessor, reachable, field=(judge_field if judge else None) or "The judge's model")
    return Models(user=player, judge=assessor)


_OR_A_KEY = ", or a provider's key such as OPENAI_API_KEY"


def _set(name: str | None, role: str, setting: str) -> str:
    if name is None:
        raise NotConfigured(f"No model is set for the {role}. Set {setting}.")
    return name
