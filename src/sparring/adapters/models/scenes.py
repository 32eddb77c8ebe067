"""What a scripted model looks at: the conversation so far, as its rules ask for it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson

from sparring.adapters.models.scripts import Rule, Script, TurnRange, When
from sparring.domain import patterns, templates
from sparring.domain.chance import fraction
from sparring.domain.outcomes import Role
from sparring.simulation.ports import ModelRequest, Prompt

Bound = dict[str, Any]
"""What the patterns of a rule caught, by name."""

_ALONE = re.compile(r"\{\{\s*([^{}\s]+)\s*\}\}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """A conversation at the moment when a model is to answer."""

    role: Role
    scenario: str
    seed: int
    system: str
    turn: int
    heard: Sequence[str]
    """What the other side said."""
    own: Sequence[Prompt]
    """This side's own messages."""
    fresh: Sequence[Prompt]
    """The tool results that the last message is waiting for an answer to."""
    results: Mapping[str, Any]
    """The last result of each tool, as JSON where it is."""
    offered: frozenset[str]
    length: int
    draws: Mapping[str, str] = field(default_factory=dict)
    """What each draw of the script came to in this trial."""

    @property
    def names(self) -> Bound:
        """What every text of a script can name."""
        return {
            "turn": self.turn,
            "scenario": self.scenario,
            "draw": dict(self.draws),
            "results": dict(self.results),
        }


def look(request: ModelRequest, script: Script) -> Scene:
    """The scene of a request."""
    prompts = request.messages
    role = request.occasion.role
    return Scene(
        role=role,
        scenario=request.occasion.scenario,
        seed=request.occasion.seed,
        system=request.system,
        turn=_turn(prompts, role),
        heard=[prompt.text or "" for prompt in prompts if prompt.role == "user"],
        own=[prompt for prompt in prompts if prompt.role == "assistant"],
        fresh=_fresh(prompts),
        results={prompt.name: _parsed(prompt.text) for prompt in prompts if prompt.role == "tool" and prompt.name},
        offered=frozenset(tool.name for tool in request.tools),
        length=len(prompts),
        draws=draw_all(script.draws, request.occasion.seed),
    )


def turn_of(role: Role, told: int, answered: int) -> int:
    """The turn that is due.

    Args:
        told: messages that came from the other side.
        answered: own messages without calls.
    """
    return answered + 1 if role is Role.USER else max(told, 1)


def draw_all(draws: Mapping[str, Mapping[str, float]], seed: int) -> dict[str, str]:
    """What each draw comes to under a trial's seed."""
    return {name: _drawn(weights, fraction(seed, "draw", name)) for name, weights in draws.items()}


def fits(rule: Rule, scene: Scene) -> Bound | None:
    """What a talking rule's patterns caught, or None where it does not fit."""
    if bool(scene.fresh) is not rule.about_results:
        return None
    bound = scene.names
    for when in rule.when:
        caught = conditions_hold(when, scene, (rule.identity, scene.length))
        if caught is None:
            return None
        bound.update(caught)
    return bound


def conditions_hold(when: When, scene: Scene, chance: tuple[str | int, ...]) -> Bound | None:
    """What one set of conditions caught, or None where one of them does not hold.

    Args:
        chance: what a draw of chance is derived from, beside the seed.
    """
    if not (_turn_fits(when.turn, scene.turn) and _draws_fit(when, scene) and _calls_fit(when, scene)):
        return None
    if when.none is not None and conditions_hold(when.none, scene, (*chance, "not")) is not None:
        return None
    bound: Bound = {}
    for name, pattern, texts in _searches(when, scene):
        caught = _search(name, pattern, texts)
        if caught is None:
            return None
        bound.update(caught)
    if when.chance is not None and fraction(scene.seed, "chance", *chance) >= when.chance:
        return None
    return bound


def _turn(prompts: Sequence[Prompt], role: Role) -> int:
    told = sum(prompt.role == "user" for prompt in prompts)
    answered = sum(prompt.role == "assistant" and not prompt.calls for prompt in prompts)
    return turn_of(role, told, answered)


def _fresh(prompts: Sequence[Prompt]) -> list[Prompt]:
    fresh: list[Prompt] = []
    for prompt in reversed(prompts):
        if prompt.role != "tool":
            break
        fresh.insert(0, prompt)
    return fresh


def _parsed(text: str | None) -> Any:
    try:
        return orjson.loads(text or "")
    except orjson.JSONDecodeError:
        return text or ""


def _drawn(weights: Mapping[str, float], share: float) -> str:
    reach = share * sum(weights.values())
    for option, weight in weights.items():
        reach -= weight
        if reach < 0:
            return option
    return max(weights, key=lambda option: weights[option])


def _turn_fits(ranges: Sequence[TurnRange], turn: int) -> bool:
    return not ranges or any(first <= turn and (last is None or turn <= last) for first, last in ranges)


def _draws_fit(when: When, scene: Scene) -> bool:
    return all(scene.draws[name] in options for name, options in when.draw.items())


def _calls_fit(when: When, scene: Scene) -> bool:
    if when.tool and not any(result.name in when.tool for result in scene.fresh):
        return False
    if not all(name in scene.offered for name in when.offered):
        return False
    return not when.called or set(when.called) <= {call.name for prompt in scene.own for call in prompt.calls}


def _searches(when: When, scene: Scene) -> Iterator[tuple[str, str, Sequence[str]]]:
    """Each pattern with the texts that it is looked for in, the newest last."""
    if when.scenario is not None:
        yield "", when.scenario, [scene.scenario]
    if when.system is not None:
        yield "system", when.system, [scene.system]
    if when.heard is not None:
        yield "heard", when.heard, scene.heard
    if when.spoke is not None:
        yield "spoke", when.spoke, [prompt.text or "" for prompt in scene.own]
    if when.said is not None:
        yield "said", when.said, scene.heard[-1:]
    if when.result is not None:
        named = [result for result in scene.fresh if not when.tool or result.name in when.tool]
        yield "result", when.result, [result.text or "" for result in named]


def _search(name: str, pattern: str, texts: Sequence[str]) -> Bound | None:
    for text in reversed(texts):
        match = patterns.compiled(pattern).search(text)
        if match is not None:
            caught = {group: value or "" for group, value in match.groupdict().items()}
            return {**caught, name: [match[0], *(group or "" for group in match.groups())]} if name else caught
    return None


def filled(text: str, bound: Bound) -> str:
    """A text of a script with its names put in.

    Raises:
        KeyError: a name has no value here.
    """
    for name in templates.names(text):
        templates.look_up(name, bound)
    return templates.fill(text, bound)


def filled_value(value: Any, bound: Bound) -> Any:
    """An argument of a call: `{{name}}` alone keeps the type of what it names.

    Raises:
        KeyError: a name has no value here.
    """
    if isinstance(value, str):
        alone = _ALONE.fullmatch(value)
        return templates.look_up(alone[1], bound) if alone else filled(value, bound)
    if isinstance(value, Mapping):
        return {key: filled_value(item, bound) for key, item in value.items()}
    if isinstance(value, list):
        return [filled_value(item, bound) for item in value]
    return value
