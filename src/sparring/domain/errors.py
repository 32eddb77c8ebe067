"""Everything that can go wrong, as one tree.

SparringError
├── InvalidInput          the caller can mend it: a field, a file, a command
│   └── NotConfigured     a model, key or address that this installation lacks
├── NotFound              no such record in this workspace
├── Conflict              the record is not in a state that allows this
│   └── NotNow            nor is a simulation, told so that each dialect can name it by its own word
├── VendorFault           a service that records are imported from did not give them
├── TrialFault            not the agent's verdict: this trial could not be played or judged
│   ├── ModelFault        a provider or its model (refused, broken off, unreadable, over its limit)
│   │   └── ProviderDown  nothing answers there at present: the trial waits in the queue
│   ├── UserFault         the simulated user gave nothing that can be used
│   ├── AgentFault        the agent under test, where it is code or an endpoint of the user's
│   ├── JudgeFault        the judge answered, but not in a form that can be trusted
│   ├── MockGap           a tool was called that nothing answers, and the trial did not pass
│   ├── ToolFault         a tool that was really called gave no answer, and the trial did not pass
│   ├── ScenarioFault      the scenario cannot be played as it is written
│   └── LimitReached      the wall clock of a trial
├── Interrupted           this process is stopping; the trial goes on from its journal later
└── StoreError            the database
    ├── StaleAppend       another worker owns this trial: stop quietly
    ├── DatabaseTooNew    written by a newer program
    └── DatabaseUnusable  unwritable, locked, full or not a database

Errors carry facts, never an HTTP status and never a key. `Conflict` is no fault of a trial; a failing agent is
no error at all but a verdict.
"""

from __future__ import annotations

from sparring.domain.outcomes import Cause, Role


class SparringError(Exception):
    """Something went wrong."""

    code = "error"


class InvalidInput(SparringError):
    """What came in cannot be used; the message says what, where, and what is allowed."""

    code = "invalid_input"

    def __init__(self, message: str, *, field: str | None = None) -> None:
        super().__init__(message)
        self.field = field


class NotConfigured(InvalidInput):
    """A model or provider that this installation is not set up for; the message names what to set."""

    code = "not_configured"


class NotFound(SparringError):
    """No such record."""

    code = "not_found"

    def __init__(self, kind: str, id: str) -> None:
        super().__init__(f"No {kind} {id!r} here.")
        self.kind = kind
        self.id = id


class Conflict(SparringError):
    """The record is not in a state that allows this."""

    code = "conflict"


class NotNow(Conflict):
    """A record does not allow this as it stands.

    `kind` is the record's, in the domain's word; `why` goes on where "The <kind>" leaves off.
    """

    def __init__(self, kind: str, why: str) -> None:
        super().__init__(f"The {kind} {why}")
        self.kind = kind
        self.why = why


class VendorFault(SparringError):
    """A service that records are imported from refused, failed, or answered what cannot be read."""

    code = "vendor_fault"


class TrialFault(SparringError):
    """A trial could not be played or judged, through no fault that the agent's verdict should bear.

    `retryable` tells whether playing again can help; `replay` whether the conversation has to begin anew.
    """

    code = "trial_fault"
    cause = Cause.PROVIDER
    retryable = True
    replay = False

    def __init__(self, message: str, *, retryable: bool | None = None) -> None:
        super().__init__(message)
        if retryable is not None:
            self.retryable = retryable


class ModelFault(TrialFault):
    """A provider or its model failed.

    `reason` is one of: refused (by status), unreachable, timeout, unreadable, empty, length, content_filter,
    refusal, rate_limit, script (a scripted model's script has no answer).
    """

    code = "model_fault"

    def __init__(
        self,
        message: str,
        *,
        provider: str,
        model: str,
        reason: str,
        status: int | None = None,
        retry_after: float | None = None,
        retryable: bool = True,
        role: Role | None = None,
        cost: float | None = 0.0,
        hopeless: bool = False,
    ) -> None:
        super().__init__(message, retryable=retryable)
        self.provider = provider
        self.model = model
        self.reason = reason
        self.status = status
        self.retry_after = retry_after
        self.role = role
        """Whose model it is; None where that is not known."""
        self.cost = cost
        """USD of an answer that came and cannot be used; None where its price is not known."""
        self.hopeless = hopeless
        """Whether the model cannot be asked at all: its key is wrong, there is no such model, the account is empty."""


class ProviderDown(ModelFault):
    """A provider does not answer, and is not asked at present; a trial waits in the queue meanwhile."""

    code = "provider_down"

    def __init__(
        self,
        message: str,
        *,
        provider: str,
        model: str,
        reason: str,
        status: int | None = None,
        role: Role | None = None,
        waiting: str,
        until: float,
    ) -> None:
        super().__init__(message, provider=provider, model=model, reason=reason, status=status, role=role)
        self.waiting = waiting
        """What is waited for, and since when, in a few words."""
        self.until = until
        """When it is asked again, in unix seconds."""


class UserFault(TrialFault):
    """The simulated user gave nothing that can be used."""

    code = "user_fault"
    cause = Cause.SIMULATED_USER


class AgentFault(TrialFault):
    """The agent's own code or endpoint failed or broke its contract."""

    code = "agent_fault"
    cause = Cause.AGENT


class JudgeFault(TrialFault):
    """The judge, asked twice, gave no answer that can be trusted."""

    code = "judge_fault"
    cause = Cause.JUDGE

    def __init__(self, message: str, *, cost: float | None = 0.0) -> None:
        super().__init__(message)
        self.cost = cost
        """USD that its answers cost all the same; None where a price is not known."""


class MockGap(TrialFault):
    """The agent called a tool that no mock answers, and the trial did not pass."""

    code = "mock_gap"
    cause = Cause.MOCK_GAP
    replay = True

    def __init__(self, message: str, *, cost: float | None = 0.0) -> None:
        super().__init__(message)
        self.cost = cost
        """USD that the judge's answers cost all the same; None where a price is not known."""


class ToolFault(TrialFault):
    """A tool that was really called gave no answer, and the trial did not pass."""

    code = "tool_fault"
    retryable = False

    def __init__(self, message: str, *, cost: float | None = 0.0) -> None:
        super().__init__(message)
        self.cost = cost
        """USD that the judge's answers cost all the same; None where a price is not known."""


class ScenarioFault(TrialFault):
    """The scenario cannot be played as it is written; the message says which of its mocks or checks is wrong."""

    code = "scenario_fault"
    cause = Cause.MOCK_GAP
    retryable = False


class LimitReached(TrialFault):
    """The trial took longer than its wall-clock limit."""

    code = "limit"
    cause = Cause.LIMIT
    retryable = False


class Interrupted(SparringError):
    """This process is stopping; the trial goes on from its journal when one is started again."""

    code = "interrupted"


class StoreError(SparringError):
    """The database failed."""

    code = "store"


class StaleAppend(StoreError):
    """Another worker has written to this trial; whoever gets this has lost it and stops."""

    code = "stale_append"


class DatabaseTooNew(StoreError):
    """The database was written by a newer version of the program."""

    code = "database_too_new"


class DatabaseUnusable(StoreError):
    """The database cannot be opened or written."""

    code = "database_unusable"
