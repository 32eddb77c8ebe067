"""What the scripts of scripted models are made of: rules, their conditions and their answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sparring.domain import templates
from sparring.domain.evaluation import Finding
from sparring.domain.outcomes import Role

TurnRange = tuple[int, int | None]
"""First and last turn, both included; None for no last."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """Something to look for in a transcript that is judged."""

    kind: str
    """`agent` or `user` for what they said, `calls` for a tool call, `result` for a tool's answer."""
    pattern: str


@dataclass(frozen=True, slots=True, kw_only=True)
class When:
    """The conditions of a rule; all that are set must hold."""

    scenario: str | None = None
    system: str | None = None
    turn: tuple[TurnRange, ...] = ()
    said: str | None = None
    heard: str | None = None
    spoke: str | None = None
    tool: tuple[str, ...] = ()
    result: str | None = None
    called: tuple[str, ...] = ()
    offered: tuple[str, ...] = ()
    chance: float | None = None
    draw: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    assertion: str | None = None
    shows: tuple[Mark, ...] = ()
    lacks: tuple[Mark, ...] = ()
    none: When | None = None
    """Conditions that must not all hold (`not` in the file)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One thing that a scripted model may answer."""

    place: str
    """Where it stands in its script, for messages."""
    identity: str
    """What its chance is derived from: its own content, so that rules put in before it change nothing."""
    when: tuple[When, ...] = ()
    """Those of the groups around it, then its own."""
    say: tuple[str, ...] = ()
    """One of these."""
    calls: tuple[tuple[str, Mapping[str, Any]], ...] = ()
    end: tuple[str, ...] = ()
    """One of these is the reason of the user's end; empty where it does not end."""
    times: int | None = None
    """How often it may answer in one conversation."""
    finding: Finding = Finding.MET
    """A judge's."""
    reason: tuple[str, ...] = ()
    cite: tuple[Mark, ...] = ()
    quote: tuple[str, ...] = ()
    """Words to cite from whatever message holds them."""

    @property
    def about_results(self) -> bool:
        """Whether it is meant for the moment when tools have just answered."""
        return any(when.tool or when.result is not None for when in self.when)

    @property
    def texts(self) -> tuple[str, ...]:
        """Every text in which names are filled in."""
        inside = (text for _, arguments in self.calls for text in _texts_in(arguments))
        return (*self.say, *self.end, *self.reason, *inside)


@dataclass(frozen=True, slots=True, kw_only=True)
class Script:
    """What a scripted model says in each role."""

    name: str
    rules: Mapping[Role, tuple[Rule, ...]]
    draws: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    """Weights of the values of each draw."""
    price: Mapping[Role, float] = field(default_factory=dict)
    """USD of one answer, made up."""

    def only_by_turn(self, role: Role) -> bool:
        """Whether this role's answers depend on nothing but the turn, as long as no tool has just answered."""
        rules = self.rules[role] if role is not Role.JUDGE else ()
        return bool(rules) and all(_only_by_turn(rule) for rule in rules if not rule.about_results)


def _only_by_turn(rule: Rule) -> bool:
    conditions = all(when == When(turn=when.turn) for when in rule.when)
    named = {name for text in rule.texts for name in templates.names(text)}
    fixed = len(rule.say) <= 1 and len(rule.end) <= 1 and named <= {"turn"}
    return conditions and fixed and not rule.calls and rule.times is None


def _texts_in(value: Any) -> list[str]:
    if isinstance(value, str):
        return [value]
    inside = value.values() if isinstance(value, Mapping) else value if isinstance(value, list) else ()
    return [text for item in inside for text in _texts_in(item)]
