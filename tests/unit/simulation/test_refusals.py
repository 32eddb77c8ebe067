"""Conflicts are told in the same words by every store."""

import pytest

from sparring.domain.errors import Conflict
from sparring.domain.outcomes import Lifecycle
from sparring.simulation import refusals


@pytest.mark.parametrize(
    ("conflict", "words"),
    [
        (refusals.alias_taken("agent", "D5"), "The alias 'D5' is taken by another agent."),
        (
            refusals.agent_in_use("Bo"),
            "A simulation of the agent 'Bo' is not finished; cancel it, or wait for its end.",
        ),
        (refusals.idempotency_key_used("k"), "A simulation was made with the idempotency key 'k' already."),
        (
            refusals.already_over(Lifecycle.COMPLETED, "cancel"),
            "The simulation is already completed; there is nothing to cancel.",
        ),
        (
            refusals.budget_too_small(5.0, 5.125),
            "The simulation has spent $5.125, and its budget would be $5.00; resume it with a larger one.",
        ),
    ],
)
def test_a_refusal_says_what_stands_in_the_way(conflict, words):
    assert isinstance(conflict, Conflict)
    assert str(conflict) == words
