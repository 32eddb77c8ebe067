"""The words for how things stand and how they ended: lifecycle, outcome, cause and termination are four fields."""

from __future__ import annotations

from enum import StrEnum


class Lifecycle(StrEnum):
    """Where a simulation or a trial is; says nothing about how it went. Only a simulation is ever paused."""

    QUEUED = "queued"
    RUNNING = "running"
    PAUSED = "paused"
    COMPLETED = "completed"
    CANCELLED = "cancelled"


class Outcome(StrEnum):
    """How a finished trial ended. Only `passed` and `failed` enter a rate."""

    PASSED = "passed"
    FAILED = "failed"
    INCONCLUSIVE = "inconclusive"
    ERROR = "error"
    CANCELLED = "cancelled"


class Cause(StrEnum):
    """Whose doing a failure was."""

    AGENT = "agent"
    SIMULATED_USER = "simulated_user"
    MOCK_GAP = "mock_gap"
    JUDGE = "judge"
    PROVIDER = "provider"
    LIMIT = "limit"


class Termination(StrEnum):
    """Why the talking ended."""

    USER_STOP = "user_stop"
    AGENT_STOP = "agent_stop"
    MAX_STEPS = "max_steps"
    TOO_MANY_ERRORS = "too_many_errors"
    CANCELLED = "cancelled"


class Role(StrEnum):
    """The three roles that a model can have in a trial."""

    AGENT = "agent"
    USER = "user"
    JUDGE = "judge"
