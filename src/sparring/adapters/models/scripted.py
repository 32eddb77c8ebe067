"""Models that answer from a script: in process, without a network, the same answers in every run."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Any

import orjson

from sparring.adapters.bundled import SCRIPTS
from sparring.adapters.models.judging_prompts import read_case
from sparring.adapters.models.scenes import Bound, Scene, filled, filled_value, fits, look
from sparring.adapters.models.script_files import load_script
from sparring.adapters.models.scripts import Rule, Script
from sparring.adapters.models.verdicts import Unanswered, assess
from sparring.domain import templates
from sparring.domain.agent import Tool, ToolKind
from sparring.domain.chance import derive
from sparring.domain.errors import ModelFault, NotConfigured
from sparring.domain.outcomes import Role
from sparring.domain.transcript import Generation, ToolCall, Usage
from sparring.domain.turns import END_TOOL, STOP_TOKENS
from sparring.simulation.ports import ModelReply, ModelRequest, Prompt

PROVIDER = "scripted"

_WORD = re.compile(r"\S+\s*|\s+")


class ScriptedModel:
    """Answers with the first rule of its script that fits the conversation so far."""

    def __init__(self, script: Script, name: str | None = None) -> None:
        """Take a script; `name` is what the model is asked for by, else `scripted:` and the script's name."""
        self.name = name or f"{PROVIDER}:{script.name}"
        self.script = script

    async def complete(self, request: ModelRequest) -> ModelReply:
        """Answer once.

        Raises:
            ModelFault: no rule fits; the message names script, role, turn and the last message.
        """
        return self.answer(request)

    async def stream(self, request: ModelRequest, on_text: Callable[[str], None]) -> ModelReply:
        """The same answer, its text told word by word."""
        reply = self.answer(request)
        for word in _WORD.findall(reply.text or ""):
            on_text(word)
        return reply

    def answer(self, request: ModelRequest) -> ModelReply:
        """What `complete` answers; it waits for nothing."""
        scene = look(request, self.script)
        judging = scene.role is Role.JUDGE
        text, calls = self._judged(request, scene) if judging else self._spoken(request, scene)
        generation = Generation(
            provider=PROVIDER,
            model=self.script.name,
            cost=self.script.price.get(scene.role, 0.0),
            usage=Usage(input=_words_in(request), output=_words(text)),
            seconds=0.0,
            finish="tool_calls" if calls else "stop",
        )
        return ModelReply(text=text, calls=calls, generation=generation)

    def _spoken(self, request: ModelRequest, scene: Scene) -> tuple[str | None, tuple[ToolCall, ...]]:
        for rule in self.script.rules[scene.role]:
            bound = fits(rule, scene)
            if bound is None or (rule.times is not None and _spoken_by(rule, scene) >= rule.times):
                continue
            try:
                return _speak(rule, bound, request, scene)
            except KeyError as error:
                what = f"the rule in {rule.place} names {error.args[0]!r}, which has no value here"
                raise self._fault(scene, what) from None
        raise self._fault(scene, "no rule fits")

    def _judged(self, request: ModelRequest, scene: Scene) -> tuple[str, tuple[ToolCall, ...]]:
        case = read_case(request.messages)
        if case is None:
            raise self._fault(scene, "the prompt holds no assertions and transcript that a script could read")
        try:
            return orjson.dumps(assess(self.script.rules[Role.JUDGE], case, scene)).decode(), ()
        except Unanswered as error:
            raise self._fault(scene, str(error)) from None

    def _fault(self, scene: Scene, what: str) -> ModelFault:
        last = scene.fresh[-1].text if scene.fresh else scene.heard[-1] if scene.heard else None
        after = f" after {_shortened(last)!r}" if last and scene.role is not Role.JUDGE else ""
        return ModelFault(
            f"The script {self.script.name!r} has no answer for the {scene.role.value} in turn "
            f"{scene.turn}{after}: {what}. Add a rule to it, such as a last one without conditions.",
            provider=PROVIDER,
            model=self.script.name,
            reason="script",
            retryable=False,
        )


def scripted_model(name: str, base: Path | None = None, *, bundled_only: bool = False) -> ScriptedModel:
    """The scripted model of a bundled name or a file, with or without `scripted:` before it.

    Args:
        base: the folder from which a relative path is taken; the working folder where it is None.
        bundled_only: refuse paths, as everything does that comes over HTTP.

    Raises:
        NotConfigured: there is no such script.
        InvalidInput: the file is no script; the message has its line.
    """
    wanted = name.removeprefix(f"{PROVIDER}:")
    bundled = ", ".join(f"{PROVIDER}:{known}" for known in SCRIPTS)
    if wanted in SCRIPTS:
        return ScriptedModel(_bundled(wanted), f"{PROVIDER}:{wanted}")
    if bundled_only:
        raise NotConfigured(f"There is no bundled script {wanted!r}. There is: {bundled}.")
    path = (base or Path()) / wanted
    if not path.is_file():
        raise NotConfigured(f"There is no bundled script {wanted!r} and no file {path}. Bundled: {bundled}.")
    return ScriptedModel(load_script(path), f"{PROVIDER}:{wanted}")


def end_tool(tools: tuple[Tool, ...]) -> Tool | None:
    """The tool with which a simulated user ends, among those that it is offered."""
    return next((tool for tool in tools if tool.kind is ToolKind.END or tool.name == END_TOOL), None)


@lru_cache(maxsize=16)
def _bundled(name: str) -> Script:
    return load_script(SCRIPTS[name], name)


def _speak(
    rule: Rule, bound: Bound, request: ModelRequest, scene: Scene
) -> tuple[str | None, tuple[ToolCall, ...]]:
    text = filled(_one_of(rule.say, rule, scene), bound) if rule.say else None
    made = [(name, filled_value(arguments, bound)) for name, arguments in rule.calls]
    if rule.end:
        reason = filled(_one_of(rule.end, rule, scene), bound)
        tool = end_tool(request.tools)
        if tool is None:
            text = f"{text}\n{STOP_TOKENS[0]}" if text else STOP_TOKENS[0]
        else:
            made.append((tool.name, _end_arguments(tool, reason)))
    before = sum(len(prompt.calls) for prompt in scene.own)
    calls = tuple(
        ToolCall(id=f"call_{number}", name=name, arguments=arguments)
        for number, (name, arguments) in enumerate(made, before + 1)
    )
    return text, calls


def _end_arguments(tool: Tool, reason: str) -> dict[str, Any]:
    declared = tool.parameters.get("properties")
    return {} if declared and "reason" not in declared else {"reason": reason}


def _one_of(texts: tuple[str, ...], rule: Rule, scene: Scene) -> str:
    return texts[derive(scene.seed, "one of", *texts, scene.length) % len(texts)] if len(texts) > 1 else texts[0]


def _spoken_by(rule: Rule, scene: Scene) -> int:
    """How many of this side's messages the rule could have made."""
    calls = [name for name, _ in rule.calls]
    shapes = [_fixed_parts(text) for text in rule.say]
    return sum(_could_be(prompt, calls, shapes) for prompt in scene.own)


def _could_be(prompt: Prompt, calls: list[str], shapes: list[list[str]]) -> bool:
    if [call.name for call in prompt.calls] != calls:
        return False
    return not shapes or any(_has_parts(prompt.text or "", parts) for parts in shapes)


def _fixed_parts(text: str) -> list[str]:
    """What stands between the names of a text."""
    gaps = dict.fromkeys(templates.names(text), "\0")
    return templates.fill(text, gaps).split("\0")


def _has_parts(text: str, parts: list[str]) -> bool:
    """Whether a text is made of these parts, in order, with anything between them."""
    first, *rest = parts
    if not rest:
        return text == first
    if not text.startswith(first) or not text.endswith(rest[-1]):
        return False
    at = len(first)
    for part in rest:
        at = text.find(part, at)
        if at < 0:
            return False
        at += len(part)
    return True


def _words_in(request: ModelRequest) -> int:
    return _words(request.system) + sum(_prompt_words(prompt) for prompt in request.messages)


def _prompt_words(prompt: Prompt) -> int:
    if "words" not in prompt.memo:
        prompt.memo["words"] = _words(prompt.text)
    return int(prompt.memo["words"])


def _words(text: str | None) -> int:
    return len(text.split()) if text else 0


def _shortened(text: str, size: int = 200) -> str:
    return text if len(text) <= size else f"{text[:size]}..."
