"""What one model at one provider does not take, known or learnt from its refusals."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sparring.adapters.models.failures import Failure
from sparring.simulation.ports import ModelRequest

SAMPLING = ("temperature", "top_p")


@dataclass(slots=True, kw_only=True)
class Habits:
    """What is left out of the requests to a model."""

    levels: tuple[str, ...]
    """How the form of an answer can be asked for, the strictest first."""
    form: re.Pattern[str]
    """What a refusal names that is about that form."""
    signs: re.Pattern[str]
    """What a refusal names that is about opaque parts."""
    optional: Mapping[str, re.Pattern[str]] = field(default_factory=dict)
    """Fields that may be left out, and what a refusal of each names."""
    dropped: set[str] = field(default_factory=set)
    """Sampling parameters and optional fields that are not sent."""
    level: int = 0
    """Index in `levels`."""
    opaque: bool = True
    """Whether it takes its own opaque parts back."""

    def learn(self, failure: Failure, request: ModelRequest) -> bool:
        """Take a refusal to heart; whether the same request, encoded anew, may now be taken."""
        if failure.status not in (400, 422):
            return False
        named = f"{failure.param} {failure.words}"
        for name in SAMPLING:
            if name in self.sampling(request) and name in named:
                self.dropped.add(name)
                return True
        for name, pattern in self.optional.items():
            if name not in self.dropped and pattern.search(named):
                self.dropped.add(name)
                return True
        if request.schema is not None and self.level < len(self.levels) - 1 and self.form.search(named):
            self.level += 1
            return True
        if self.opaque and self.signs.search(named) and any(prompt.opaque for prompt in request.messages):
            self.opaque = False
            return True
        return False

    def sampling(self, request: ModelRequest) -> dict[str, Any]:
        """The sampling parameters to send."""
        asked = {"temperature": request.temperature, "top_p": request.top_p}
        return {name: value for name, value in asked.items() if value is not None and name not in self.dropped}

    def sends(self, name: str) -> bool:
        """Whether an optional field is sent."""
        return name not in self.dropped

    @property
    def asks_by(self) -> str:
        """How the form of an answer is asked for."""
        return self.levels[self.level]

    @property
    def state(self) -> tuple[int, int]:
        """Changes whenever a request must be encoded anew but for its messages."""
        return len(self.dropped), self.level
