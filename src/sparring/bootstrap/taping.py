"""Recording what models answer, and playing a suite on recorded answers."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from enum import StrEnum
from pathlib import Path

from sparring.adapters.cassettes.taped_model import RecordedModel, ReplayedModel
from sparring.adapters.cassettes.tapes import Cassettes
from sparring.adapters.clock import SystemClock
from sparring.adapters.suites import Suite
from sparring.bootstrap.playing import Wishes
from sparring.bootstrap.providers import catalogue
from sparring.domain.simulation import Simulation, Trial
from sparring.settings import Settings
from sparring.simulation.ports import ChatModel


class Mode(StrEnum):
    """What is done with recorded answers."""

    RECORD = "record"
    REPLAY = "replay"
    CHANGED = "changed"
    """Recorded answers are given, and the models asked where a question was not recorded."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Taping:
    """What is to be recorded or replayed, and where."""

    mode: Mode
    folder: Path


@dataclass(slots=True)
class Taped:
    """Open tapes."""

    mode: Mode | None = None
    cassettes: Cassettes | None = None
    override: Callable[[str], ChatModel | None] | None = None
    about: Mapping[str, str] = field(default_factory=dict)

    def wishes(self, wishes: Wishes, suite: Suite) -> Wishes:
        """The wishes, with the recording's models where neither they nor the suite name one."""
        return replace(
            wishes,
            model=wishes.model or (None if _has_agent(suite) else self.about.get("agent_model")),
            user_model=wishes.user_model or (None if suite.user_model else self.about.get("user_model")),
            judge_model=wishes.judge_model or (None if suite.judge_model else self.about.get("judge_model")),
        )

    def begin(self, simulation: Simulation) -> None:
        """Note what a replay of a simulation must know."""
        if self.cassettes is not None and self.mode is Mode.RECORD:
            told = {"user_model": simulation.models.user, "judge_model": simulation.models.judge}
            agent = {"agent_model": simulation.agent.model} if simulation.agent.model else {}
            self.cassettes.write_about({"suite": simulation.name, **told, **agent})

    def end(self, simulation: Simulation, trials: Sequence[Trial]) -> None:
        """Leave on the tapes what was used or added, and what trials that were not judged have not got to.

        Raises:
            InvalidInput: a tape cannot be written.
        """
        if self.cassettes is not None and self.mode is Mode.CHANGED:
            names = {scenario.id: scenario.name for scenario in simulation.scenarios}
            judged = {(names[trial.scenario], trial.number) for trial in trials if trial.verdict is not None}
            self.cassettes.keep_played(judged)


@asynccontextmanager
async def taped(settings: Settings, taping: Taping | None) -> AsyncIterator[Taped]:
    """The tapes of a play.

    Raises:
        InvalidInput: there is nothing recorded, or it cannot be read or written.
    """
    if taping is None:
        yield Taped()
        return
    cassettes = Cassettes(taping.folder, fresh=taping.mode is Mode.RECORD)
    models = catalogue(settings, SystemClock())

    def model(name: str) -> ChatModel:
        if taping.mode is Mode.RECORD:
            return RecordedModel(models.model(name), cassettes)
        live = (lambda: models.model(name)) if taping.mode is Mode.CHANGED else None
        return ReplayedModel(name, cassettes, live)

    about = {} if taping.mode is Mode.RECORD else {key: str(value) for key, value in cassettes.about.items()}
    try:
        yield Taped(taping.mode, cassettes, model, about)
    finally:
        await models.close()


def _has_agent(suite: Suite) -> bool:
    return suite.agent.model is not None or suite.agent.endpoint is not None
