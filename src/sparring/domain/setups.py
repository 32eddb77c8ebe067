"""What a simulation was played with, as named texts, and what of it another one has changed."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import MISSING, Field, dataclass, field, fields, is_dataclass
from difflib import SequenceMatcher
from enum import StrEnum
from typing import Any, TypeVar

from sparring.domain.agent import Agent, Tool
from sparring.domain.endpoints import address_of
from sparring.domain.scenario import Scenario
from sparring.domain.simulation import Simulation

ItemT = TypeVar("ItemT")

Parts = Mapping[str, str]
"""Texts by name."""

_BOOKKEEPING = (
    *(
        "id",
        "workspace",
        "name",
        "label",
        "folder",
        "purpose",
        "notes",
        "tags",
        "required",
        "trials",
        "alias",
        "extra",
    ),
    *("agent_id", "set_id", "created_at", "updated_at", "revision"),
)
"""What of a scenario changes nothing in how it is played and judged."""


_FOLDER = re.compile(r"(?<=^scripted:).*/")


class Facet(StrEnum):
    """What part of the setup it is; the order is that in which changes are told."""

    AGENT = "agent"
    TOOL = "tool"
    MODEL = "model"
    """Of the simulated user or the judge."""
    LIMIT = "limit"
    SCENARIO = "scenario"


@dataclass(frozen=True, slots=True, kw_only=True)
class Setup:
    """Everything that decides how trials fall out, but for chance."""

    agent: Parts = field(default_factory=dict)
    models: Parts = field(default_factory=dict)
    """`user`, `judge` and, where it is set, `user temperature`."""
    limits: Parts = field(default_factory=dict)
    tools: Mapping[str, Parts] = field(default_factory=dict)
    """The agent's, by name."""
    scenarios: Mapping[str, Parts] = field(default_factory=dict)
    """By name."""
    is_whole: bool = True
    """False where some of it was not recorded, so that what is missing tells nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line of a text that was changed."""

    sign: str
    """`-` was there before, `+` is there now."""
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Alteration:
    """One text that is another one now."""

    facet: Facet
    name: str
    """Of the tool or the scenario; else which of the facet's texts it is."""
    part: str = ""
    """Which text of a tool or a scenario; empty where the whole of it came or went."""
    before: str | None
    """None: it was not there."""
    after: str | None
    """None: it is not there any more."""

    @property
    def title(self) -> str:
        """Which text it is, in words."""
        match self.facet:
            case Facet.AGENT:
                return f"agent {self.name}"
            case Facet.MODEL:
                return self.name if " " in self.name else f"{self.name} model"
            case Facet.LIMIT:
                return self.name
            case Facet.TOOL | Facet.SCENARIO:
                return f"{self.facet.value} {self.name}" + (f": {self.part}" if self.part else "")

    @property
    def lines(self) -> tuple[Line, ...]:
        """The lines that went and came, in their order."""
        was, now = (text.splitlines() if text is not None else [] for text in (self.before, self.after))
        found: list[Line] = []
        for kind, first, end, start, stop in SequenceMatcher(None, was, now, autojunk=False).get_opcodes():
            if kind != "equal":
                found += [Line(sign="-", text=text) for text in was[first:end]]
                found += [Line(sign="+", text=text) for text in now[start:stop]]
        return tuple(found)


def setup_of(simulation: Simulation) -> Setup:
    """What a simulation was played with, from its snapshots."""
    models, limits = simulation.models, simulation.limits
    warmth = models.user_temperature
    return Setup(
        agent=_agent(simulation.agent),
        models={
            "user": _model(models.user),
            "judge": _model(models.judge),
            **({} if warmth is None else {"user temperature": str(warmth)}),
        },
        limits={**_parts(limits, ()), "seed": str(simulation.seed)},
        tools={tool.name: _tool(tool) for tool in simulation.agent.tools},
        scenarios={scenario.name: _scenario(scenario) for scenario in simulation.scenarios},
    )


def _model(name: str) -> str:
    """A model's name without the folder of a script, which is another one on another machine."""
    return _FOLDER.sub("", name)


def alterations(before: Setup, after: Setup) -> tuple[Alteration, ...]:
    """What is not as it was, of what both sides have recorded; scenarios only where both have played them."""
    whole = before.is_whole and after.is_whole
    both = [name for name in before.scenarios if name in after.scenarios]
    found = [
        *_texts(Facet.AGENT, before.agent, after.agent, whole),
        *(_tools(before.tools, after.tools) if whole else ()),
        *_texts(Facet.MODEL, before.models, after.models, whole),
        *_texts(Facet.LIMIT, before.limits, after.limits, whole),
    ]
    for name in both if whole else ():
        found += _within(Facet.SCENARIO, name, before.scenarios[name], after.scenarios[name])
    return tuple(found)


def _texts(facet: Facet, before: Parts, after: Parts, whole: bool) -> Iterator[Alteration]:
    for name, was, now in _pairs(before, after):
        if was != now and (whole or None not in (was, now)):
            yield Alteration(facet=facet, name=name, before=was, after=now)


def _tools(before: Mapping[str, Parts], after: Mapping[str, Parts]) -> Iterator[Alteration]:
    for name, was, now in _pairs(before, after):
        if was is None or now is None:
            yield Alteration(facet=Facet.TOOL, name=name, before=_whole(was), after=_whole(now))
        else:
            yield from _within(Facet.TOOL, name, was, now)


def _within(facet: Facet, name: str, before: Parts, after: Parts) -> Iterator[Alteration]:
    for part, was, now in _pairs(before, after):
        if was != now:
            yield Alteration(facet=facet, name=name, part=part, before=was, after=now)


def _pairs(
    before: Mapping[str, ItemT], after: Mapping[str, ItemT]
) -> list[tuple[str, ItemT | None, ItemT | None]]:
    return [(name, before.get(name), after.get(name)) for name in dict.fromkeys((*before, *after))]


def _whole(parts: Parts | None) -> str | None:
    return None if parts is None else "\n".join(f"{name}: {text}" for name, text in parts.items())


def _agent(agent: Agent) -> Parts:
    endpoint = {} if agent.endpoint is None else {"address": address_of(agent.endpoint)}
    told = ("name", "instructions", "model", "greeting", "opens", "temperature", "top_p", "outbound", "language")
    return {**_parts(agent, (), only=(*told, "mocks")), **endpoint}


def _tool(tool: Tool) -> Parts:
    return _parts(tool, ("name", "extra", "derived"))


def _scenario(scenario: Scenario) -> Parts:
    return {
        **_parts(scenario.instructions, ()),
        **_parts(scenario, (*_BOOKKEEPING, "instructions", "expect")),
        **_parts(scenario.expect, ()),
    }


def _parts(record: Any, without: Sequence[str], *, only: Sequence[str] | None = None) -> dict[str, str]:
    """The fields of a record as texts, but for those that are as they always are."""
    return {
        one.name.replace("_", " "): _model(value) if one.name == "model" else _text(value)
        for one in fields(record)
        if one.name not in without and (only is None or one.name in only)
        if (value := getattr(record, one.name)) != _default(one)
    }


def _text(value: Any) -> str:
    if isinstance(value, str):
        return str(value)
    if isinstance(value, tuple) and all(isinstance(item, str) for item in value):
        return "\n".join(value)
    return json.dumps(_plain(value), ensure_ascii=False, indent=2, sort_keys=True, default=str)


def _plain(value: Any) -> Any:
    """A value as JSON has it; what is as it always is, is left out of a record."""
    if is_dataclass(value):
        return {
            one.name: _plain(item) for one in fields(value) if (item := getattr(value, one.name)) != _default(one)
        }
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value


def _default(one: Field[Any]) -> Any:
    return one.default if one.default_factory is MISSING else one.default_factory()
