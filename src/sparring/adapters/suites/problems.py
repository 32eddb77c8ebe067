"""Mistakes in a file: collected with their places, so that one reading tells all of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from sparring.domain.errors import InvalidInput
from sparring.domain.warnings import did_you_mean

_SHOWN = 10


@dataclass(frozen=True, slots=True, order=True)
class Position:
    """A place in a file, counted from 1, as editors do."""

    file: str
    line: int = 0
    column: int = 0

    def __str__(self) -> str:
        """`file:line:column`, which editors and terminals make a link of."""
        if not self.line:
            return self.file
        return f"{self.file}:{self.line}:{self.column}" if self.column else f"{self.file}:{self.line}"


@dataclass(frozen=True, slots=True)
class Problem:
    """One mistake."""

    position: Position
    field: str
    message: str

    def __str__(self) -> str:
        """The mistake as it is shown."""
        return (
            f"{self.position}: {self.field}: {self.message}" if self.field else f"{self.position}: {self.message}"
        )


class SuiteMistakes(InvalidInput):
    """A file that cannot be read as a suite; the message holds the first mistakes."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        """Tell of mistakes.

        Args:
            problems: all of them, in the order of the file; at least one.
        """
        lines = [f"{len(problems)} mistakes:", *(f"  {problem}" for problem in problems[:_SHOWN])]
        if len(problems) > _SHOWN:
            lines.append(f"  and {len(problems) - _SHOWN} more.")
        told = str(problems[0]) if len(problems) == 1 else "\n".join(lines)
        super().__init__(told, field=problems[0].field or None)
        self.problems = problems


@dataclass(slots=True)
class Problems:
    """What was found wrong, and what only looks wrong."""

    errors: list[Problem] = field(default_factory=list)
    warnings: list[Problem] = field(default_factory=list)

    def error(self, position: Position, field: str, message: str) -> None:
        """Note a mistake."""
        self.errors.append(Problem(position, field, message))

    def warning(self, position: Position, field: str, message: str) -> None:
        """Note something that is probably meant otherwise."""
        self.warnings.append(Problem(position, field, message))

    def raise_errors(self) -> None:
        """Raise SuiteMistakes where there are any."""
        if self.errors:
            raise SuiteMistakes(sorted(dict.fromkeys(self.errors), key=lambda error: error.position))


def choice(name: str, names: Iterable[str]) -> str:
    """The name that was probably meant, and all that are allowed."""
    allowed = list(names)
    return f"{did_you_mean(name, allowed)} Allowed: {', '.join(allowed)}."
