"""Which model names a record may hold."""

from __future__ import annotations

from difflib import get_close_matches

from sparring.dialects.sigmamind.names import PAGE_MODELS
from sparring.domain.errors import InvalidInput
from sparring.server.model_names import check_reachable
from sparring.simulation.ports import Models


def check_storable(name: str | None, models: Models, *, field: str) -> None:
    """Take the names of the reference pages, and any `provider:name` that can be reached.

    Raises:
        InvalidInput: it is neither; the message lists the closest names, or tells what to set.
    """
    if name is None or name in PAGE_MODELS:
        return
    if ":" not in name:
        closest = ", ".join(get_close_matches(name, PAGE_MODELS, n=3, cutoff=0.0))
        raise InvalidInput(
            f"{field} must be one of the {len(PAGE_MODELS)} documented model names, or provider:name of a "
            f"configured provider; {name[:100]!r} came. The closest names: {closest}.",
            field=field,
        )
    check_reachable(name, models, field=field)
