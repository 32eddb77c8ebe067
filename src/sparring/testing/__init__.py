"""Public fakes for the ports: players that speak given lines, models that give given replies, a memory store,
a clock that stands still."""

from sparring.testing.clock import FrozenClock
from sparring.testing.conformance import check_agent
from sparring.testing.memory import MemoryStore
from sparring.testing.models import FakeModel, FakeModels
from sparring.testing.players import Lines, agent_says, assessed, judge_finds, user_ends, user_says

__all__ = [
    "FakeModel",
    "FakeModels",
    "FrozenClock",
    "Lines",
    "MemoryStore",
    "agent_says",
    "assessed",
    "check_agent",
    "judge_finds",
    "user_ends",
    "user_says",
]
