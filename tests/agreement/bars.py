"""The figures of a comparison, and what they have to reach."""

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass

LEAST_WRITES = 0.96
MOST_FALSE_PASSES = 0.005
MOST_HOPELESS = 0.02
FEW_HOPELESS = 14


@dataclass(frozen=True, kw_only=True)
class Figures:
    """What `make agreement` ends with."""

    checks: int
    """Expected actions with a recorded verdict."""
    checks_equal: int
    writes: int
    """Recorded verdicts on a database."""
    writes_equal: int
    false_passes: int
    replayed: int
    """Conversations that were played again."""
    identical: int
    not_representable: int

    def as_json(self) -> str:
        """One line."""
        return json.dumps(asdict(self))

    def shortcomings(self) -> list[str]:
        """Which figures are not what they have to be, in words."""
        return list(self._shortcomings())

    def _shortcomings(self) -> Iterator[str]:
        if not self.replayed:
            yield "there is no conversation"
        if self.checks_equal < self.checks:
            yield f"{self.checks - self.checks_equal} verdicts on expected actions are not the recorded ones"
        if self.writes_equal < LEAST_WRITES * self.writes:
            yield f"less than {LEAST_WRITES:.0%} of the verdicts on writes are the recorded ones"
        if self.false_passes > MOST_FALSE_PASSES * self.writes:
            yield f"more than {MOST_FALSE_PASSES:.1%} of the verdicts on writes are false passes"
        if self.identical + self.not_representable < self.replayed:
            yield f"{self.replayed - self.identical - self.not_representable} replays are not as recorded"
        if self.not_representable > max(FEW_HOPELESS, MOST_HOPELESS * self.replayed):
            yield f"{self.not_representable} conversations cannot be represented"
