"""Scenarios in a list, by the set and the folder that they are in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from sparring.domain.scenario import Scenario
from sparring.simulation.store import Page, Store

_SETS = 500
_WHOLE = 150
"""Scenarios up to which all are listed at once."""
_FIRST = 8
"""Scenarios of each group that are listed of more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ScenarioLine:
    """One scenario."""

    scenario: Scenario
    expected: int
    """How many checks it has."""
    last: tuple[int, int] | None = None
    """How many of how many judged trials passed when it was played last."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """The scenarios of one folder within one set."""

    title: str
    query: str
    """What lists all of them, and no others."""
    lines: Sequence[ScenarioLine]
    more: int
    """How many are not listed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """Which scenarios are wanted."""

    text: str = ""
    """In the name; letter case does not count."""
    group: str = ""
    """One set and folder, as `query` names them; empty for all."""

    def fits(self, scenario: Scenario) -> bool:
        """Whether a scenario is wanted."""
        return self.text.lower() in scenario.name.lower() and self.group in ("", _key(scenario))


async def grouped(
    store: Store,
    workspace: str,
    scenarios: Sequence[Scenario],
    choice: Choice,
    last: Mapping[str, tuple[int, int]] | None = None,
) -> list[Group]:
    """By set, then by folder; what is in no set or folder comes last.

    Args:
        scenarios: those that fit the choice.
        last: how they did when they were played last, by id.
    """
    sets, _ = await store.scenario_sets(workspace, Page(size=_SETS))
    names = {group.id: group.name for group in sets}
    found: dict[str, list[Scenario]] = {}
    for scenario in scenarios:
        found.setdefault(_key(scenario), []).append(scenario)
    shown = len(scenarios) if choice.group or len(scenarios) <= _WHOLE else _FIRST

    def order(key: str) -> tuple[bool, str, bool, str]:
        set_id, _, folder = key.partition("/")
        name = names.get(set_id, "")
        return not name, name.lower(), not folder, folder.lower()

    return [_group(key, found[key], names, choice, last or {}, shown) for key in sorted(found, key=order)]


def _group(
    key: str,
    scenarios: Sequence[Scenario],
    names: Mapping[str, str],
    choice: Choice,
    last: Mapping[str, tuple[int, int]],
    shown: int,
) -> Group:
    set_id, _, folder = key.partition("/")
    by_name = sorted(scenarios, key=lambda scenario: scenario.name.lower())
    query = {"group": key, **({"text": choice.text} if choice.text else {})}
    return Group(
        title=" / ".join(part for part in (names.get(set_id, ""), folder) if part) or "In no folder",
        query=f"?{urlencode(query)}",
        lines=[_line(scenario, last) for scenario in by_name[:shown]],
        more=max(0, len(scenarios) - shown),
    )


def _line(scenario: Scenario, last: Mapping[str, tuple[int, int]]) -> ScenarioLine:
    expect = scenario.expect
    checks = (*expect.assertions, *expect.actions, *expect.forbidden, *expect.state, *expect.said)
    return ScenarioLine(
        scenario=scenario, expected=len(checks) + (expect.writes is not None), last=last.get(scenario.id)
    )


def _key(scenario: Scenario) -> str:
    return f"{scenario.set_id or ''}/{scenario.folder or ''}"
