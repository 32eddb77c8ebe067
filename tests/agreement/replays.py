"""Every recording played again through store, engine, runner, casting and the OpenAI wire over HTTP."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from sparring.adapters.clock import SystemClock
from sparring.adapters.engine import InProcessEngine
from sparring.adapters.models.catalogue import Catalogue
from sparring.adapters.models.provider import Provider
from sparring.adapters.players.casting import ModelCasting
from sparring.adapters.store import open_store
from sparring.domain.simulation import Trial
from sparring.domain.transcript import Message, SystemMessage, ToolCall, ToolResult
from sparring.simulation.runner import Runner

from .model_server import model_server
from .recordings import Recording
from .shapes import obstacle
from .staging import PROVIDER, as_simulation

AT_ONCE = 40
"""Trials, and requests in flight."""


@dataclass(frozen=True)
class Replay:
    """What became of one recording."""

    recording: Recording
    stored: Sequence[Message]
    trial: Trial

    @cached_property
    def difference(self) -> str | None:
        """The first one between what was stored and the recording."""
        return first_difference(self.recording, self.stored, self.trial)

    @cached_property
    def obstacle(self) -> str | None:
        """Why the recording cannot be represented."""
        return obstacle(self.recording)


async def replay(recordings: Sequence[Recording], folder: Path) -> list[Replay]:
    """Play the recordings on a fresh database in a folder."""
    clock = SystemClock()
    store = await open_store(f"sqlite:///{folder / 'replays.db'}", clock)
    async with model_server(recordings) as url:
        provider = Provider(name=PROVIDER, base_url=url, needs_key=False, concurrency=AT_ONCE, initial=AT_ONCE)
        models = Catalogue([provider], clock=clock)
        runner = Runner(store, ModelCasting(models, clock, notices_goodbyes=False), clock)
        engine = InProcessEngine(runner, store, concurrency=AT_ONCE)
        try:
            workspace = await store.first_workspace()
            ids = [runner.new_id() for _ in recordings]
            for recording, id in zip(recordings, ids, strict=True):
                told = as_simulation(recording, id=id, scenario_id=runner.new_id(), workspace=workspace)
                await runner.submit(told)
            await engine.start()
            done = []
            for recording, id in zip(recordings, ids, strict=True):
                async for _ in engine.changes(id):
                    pass
                (trial,) = await store.trials(id)
                done.append(Replay(recording, await store.messages(trial.id), trial))
            return done
        finally:
            await engine.stop()
            await models.close()
            await store.close()


def first_difference(recording: Recording, stored: Sequence[Message], trial: Trial) -> str | None:
    """What is not as it was recorded, in words; None where all is the same."""
    renamed: list[tuple[ToolCall, ToolCall]] = []
    for index, (theirs, ours) in enumerate(zip(recording.messages, stored, strict=False)):
        if isinstance(theirs, ToolResult):
            found = _result_difference(theirs, ours, renamed)
        else:
            found = _spoken_difference(theirs, ours)
            renamed = list(zip(theirs.calls, ours.calls, strict=True)) if found is None else []
        if found is not None:
            return f"message {index}: {found}"
    if len(stored) != len(recording.messages):
        return f"{len(stored)} messages, recorded were {len(recording.messages)}: {_end(trial)}"
    if trial.termination is None or trial.termination is not recording.termination:
        return f"{_end(trial)}, recorded was {recording.record.get('termination_reason')}"
    return None if trial.attempt == 1 else f"it took {trial.attempt} attempts"


def _end(trial: Trial) -> str:
    return f"it ended by {trial.termination}" if trial.error is None else trial.error


def _spoken_difference(theirs: Message, ours: Message) -> str | None:
    if type(theirs) is not type(ours):
        return f"{type(ours).__name__}, recorded was {type(theirs).__name__}"
    assert not isinstance(theirs, ToolResult | SystemMessage)
    assert not isinstance(ours, ToolResult | SystemMessage)
    if theirs.text != ours.text:
        return f"the text {ours.text!r}, recorded was {theirs.text!r}"
    if _as_told(theirs.calls) != _as_told(ours.calls):
        return f"the calls {_as_told(ours.calls)}, recorded were {_as_told(theirs.calls)}"
    if len({call.id for call in ours.calls}) < len(ours.calls):
        return "two of its calls have the same id"
    return None


def _result_difference(
    theirs: ToolResult, ours: Message, renamed: Sequence[tuple[ToolCall, ToolCall]]
) -> str | None:
    if not isinstance(ours, ToolResult):
        return f"{type(ours).__name__}, recorded was a result of {theirs.name}"
    if ours.call_id not in {new.id for old, new in renamed if old.id == theirs.call_id}:
        return f"the result of the call {ours.call_id!r}, recorded was that of {theirs.call_id!r}"
    for what in ("text", "is_error", "side"):
        if getattr(theirs, what) != getattr(ours, what):
            return f"{what} {getattr(ours, what)!r}, recorded was {getattr(theirs, what)!r}"
    return None


def _as_told(calls: Sequence[ToolCall]) -> str:
    """Names and arguments in a form in which 1, 1.0 and true are three things, and the order of keys is none."""
    return json.dumps([[call.malformed, call.name, call.arguments] for call in calls], sort_keys=True)
