"""What people and later judges say of trials, in the store that forgets."""

from __future__ import annotations

from collections.abc import Sequence
from operator import attrgetter

from sparring.domain.errors import NotFound
from sparring.domain.labels import Label
from sparring.domain.rejudgement import Rejudgement
from sparring.domain.simulation import Trial
from sparring.domain.verdict import CheckKind
from sparring.testing.memory_chats import MemoryChats


class MemoryJudgements(MemoryChats):
    """What the `Store` port keeps of labels and later judgements, in dictionaries."""

    def __init__(self) -> None:
        """Begin empty."""
        super().__init__()
        self._trials: dict[str, Trial] = {}
        self._labels: dict[tuple[str, CheckKind, int, str], Label] = {}
        self._rejudgements: list[Rejudgement] = []

    async def save_label(self, label: Label) -> None:
        """Insert or replace a person's label of a check."""
        if label.trial not in self._trials:
            raise NotFound("trial", label.trial)
        self._labels[_label_key(label)] = label

    async def delete_label(self, label: Label) -> None:
        """Take a person's label of a check back."""
        self._labels.pop(_label_key(label), None)

    async def labels(self, simulation_id: str) -> Sequence[Label]:
        """All labels of a simulation's trials."""
        trials = self._trials
        found = [
            label
            for label in self._labels.values()
            if label.trial in trials and trials[label.trial].simulation == simulation_id
        ]
        return sorted(found, key=attrgetter("at", "kind", "index", "by"))

    async def save_rejudgement(self, judgement: Rejudgement) -> None:
        """Store a later judgement of a trial."""
        if judgement.trial not in self._trials:
            raise NotFound("trial", judgement.trial)
        self._rejudgements.append(judgement)

    async def rejudgements(self, simulation_id: str) -> Sequence[Rejudgement]:
        """All later judgements of a simulation's trials."""
        return [found for found in self._rejudgements if found.simulation == simulation_id]


def _label_key(label: Label) -> tuple[str, CheckKind, int, str]:
    return label.trial, label.kind, label.index, label.by
