"""What arrives: records as they were found, and what becomes of them beside those that are here."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Container, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, NoReturn, Protocol, TypeVar

import orjson
from pydantic import BaseModel, ValidationError

from sparring.adapters.moving.remainders import with_remainder
from sparring.dialects.complaints import came, complaint
from sparring.dialects.fields import FROM_ELSEWHERE
from sparring.dialects.left_over import LeftOver, left_over
from sparring.dialects.spelling import AGENT, CASE, candidates, settled
from sparring.domain import ids
from sparring.domain.agent import Action, Agent
from sparring.domain.errors import InvalidInput
from sparring.domain.scenario import Scenario, ScenarioSet

Kept = Action | Agent | Scenario | ScenarioSet
KeptT = TypeVar("KeptT", Action, Agent, Scenario, ScenarioSet)
RestoredT = TypeVar("RestoredT", Agent, Scenario)
FormT = TypeVar("FormT", bound=BaseModel)

IMPORTED = "imported"
"""Under this name a record's `extra` holds what came with it and has no counterpart here."""

OURS = "sparring"
"""The field in which an export puts what the vendor's form cannot say."""

_TOLD_PROBLEMS = 10
_TOLD_NAMES = 5
_ORDER: tuple[type[Kept], ...] = (Action, ScenarioSet, Agent, Scenario)


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A vendor's record, and where it was found."""

    record: Mapping[str, Any]
    kind: str
    """What it is, in the vendor's words."""
    where: str
    is_file: bool = True
    """Whether a person's file holds it; what an address answers is trusted less."""

    def text(self, *names: str) -> str | None:
        """The first of the fields that holds a text."""
        values = (self.record.get(name) for name in names)
        return next((value for value in values if isinstance(value, str) and value), None)

    def without(self, *names: str) -> dict[str, Any]:
        """The record without fields that are dealt with elsewhere."""
        ours = (OURS,) if self.is_file else ()
        return {name: value for name, value in self.record.items() if name not in (*names, *ours)}


@dataclass(slots=True)
class Notes:
    """What people should know, each kind once with the records that it concerns."""

    found: dict[str, list[str]] = field(default_factory=dict)

    def add(self, what: str, *names: str) -> None:
        """Note something, of some records or of the whole."""
        known = self.found.setdefault(what, [])
        known += [name for name in names if name not in known]

    def lines(self) -> list[str]:
        """One line each."""
        return [f"{what}{_listed(names)}." for what, names in self.found.items()]


def _listed(names: Sequence[str]) -> str:
    if not names:
        return ""
    more = len(names) - _TOLD_NAMES
    return f" ({', '.join(names[:_TOLD_NAMES])}{f' and {more} more' if more > 0 else ''})"


@dataclass(slots=True)
class Tally:
    """How many records of a kind arrived."""

    new: int = 0
    changed: int = 0
    same: int = 0

    @property
    def total(self) -> int:
        """All of them."""
        return self.new + self.changed + self.same


class Shelf(Protocol):
    """What an import asks of a store."""

    async def find_agent(self, workspace: str, id: str) -> Agent | None:
        """An agent by id or alias."""

    async def find_action(self, workspace: str, id: str) -> Action | None:
        """An action by id."""

    async def find_scenario_set(self, workspace: str, id: str) -> ScenarioSet | None:
        """A set of scenarios by id."""

    async def find_scenario(self, workspace: str, id: str) -> Scenario | None:
        """A scenario by id or alias."""

    async def save_records(self, records: Sequence[Kept]) -> None:
        """Keep all of them or none."""


class EmptyShelf:
    """Holds nothing and keeps nothing: for records that become a file."""

    async def find_agent(self, workspace: str, id: str) -> Agent | None:
        """None."""
        return None

    async def find_action(self, workspace: str, id: str) -> Action | None:
        """None."""
        return None

    async def find_scenario_set(self, workspace: str, id: str) -> ScenarioSet | None:
        """None."""
        return None

    async def find_scenario(self, workspace: str, id: str) -> Scenario | None:
        """None."""
        return None

    async def save_records(self, records: Sequence[Kept]) -> None:
        """Keep nothing."""


@dataclass(slots=True, kw_only=True)
class Arrivals:
    """The records of one import, put beside those that a store holds; stored all together or not at all."""

    store: Shelf
    workspace: str
    now: float
    notes: Notes = field(default_factory=Notes)
    workspace_alias: str | None = None
    """What the workspace was called elsewhere."""
    _problems: list[str] = field(default_factory=list)
    _placed: dict[tuple[type[Kept], str], Kept] = field(default_factory=dict)
    """By kind and id."""
    _aliases: dict[tuple[type[Kept], str], str] = field(default_factory=dict)
    """The ids of those that are placed, by kind and alias."""
    _to_save: set[tuple[type[Kept], str]] = field(default_factory=set)
    _tallies: dict[type[Kept], Tally] = field(default_factory=dict)

    @property
    def for_files(self) -> bool:
        """Whether the records become suites, which no dialect plays in its own way."""
        return isinstance(self.store, EmptyShelf)

    def tally(self, kind: type[Kept]) -> Tally:
        """How many records of a kind there were."""
        return self._tallies.get(kind, Tally())

    def placed(self, kind: type[KeptT]) -> list[KeptT]:
        """The records of a kind, in the order in which they came."""
        return [record for record in self._placed.values() if isinstance(record, kind)]

    def problem(self, found: Found, told: str) -> None:
        """Note what is wrong with a record; nothing is stored then."""
        self._problems.append(f"{found.where}: {told}")

    def form(self, found: Found, form: type[FormT], given: Mapping[str, Any]) -> FormT | None:
        """A record read as a form; None with the mistakes noted."""
        try:
            return form.model_validate(given, context=FROM_ELSEWHERE)
        except ValidationError as error:
            errors = [{**one, "loc": ("body", *one["loc"])} for one in error.errors()]
            self.problem(found, complaint(errors))
            return None

    def id_of(self, found: Found, field: str) -> str | None:
        """The id in a field, None where there is none; something else in its place is a mistake."""
        given = found.record.get(field)
        if given is None or (isinstance(given, str) and given):
            return given
        self.problem(found, f"{field} must be a text; {came(given)}.")
        return None

    def identity(self, found: Found, prefix: str, text: str | None, *called: str) -> tuple[str, str | None] | None:
        """The id and the alias of a record that is not here yet; None with the mistake noted.

        Args:
            text: the id that it had.
            called: what it is called, which makes the id of one that had none.
        """
        if text is None:
            return ids.derived(self.workspace, prefix, *called), None
        try:
            return settled(self.workspace, prefix, text)
        except InvalidInput as error:
            self.problem(found, str(error))
            return None

    async def agent(self, text: str) -> Agent | None:
        """The agent that a text means: one that arrived, or one that is here."""
        return await self._find(Agent, self.store.find_agent, candidates(AGENT, text))

    async def scenario(self, text: str) -> Scenario | None:
        """The scenario that a text means: one that arrived, or one that is here."""
        return await self._find(Scenario, self.store.find_scenario, candidates(CASE, text))

    async def action(self, id: str) -> Action | None:
        """The action of an id: one that arrived, or one that is here."""
        return await self._find(Action, self.store.find_action, (id,))

    async def scenario_set(self, id: str) -> ScenarioSet | None:
        """The set of an id: one that arrived, or one that is here."""
        return await self._find(ScenarioSet, self.store.find_scenario_set, (id,))

    def completed(self, found: Found, made: RestoredT) -> RestoredT:
        """The record with what an export put beside the vendor's form, if a file of somebody's has that."""
        given = found.record.get(OURS)
        if given is None or not found.is_file:
            return made
        try:
            return with_remainder(made, given)
        except InvalidInput as error:
            self.problem(found, str(error))
            return made

    def put(self, record: KeptT, before: KeptT | None) -> KeptT:
        """Take a record in, as it is beside the one that is here; that one where nothing has changed."""
        tally = self._tallies.setdefault(type(record), Tally())
        unchanged = before is not None and _undated(record, before) == before
        kept = before if before is not None and unchanged else record
        key = (type(record), record.id)
        if key not in self._placed:
            tally.new += before is None
            tally.same += unchanged
            tally.changed += before is not None and not unchanged
        elif isinstance(record, Scenario) and not unchanged:
            self.notes.add(
                "the same record came twice with different contents, and what came last counts", record.name
            )
        if not unchanged:
            self._to_save.add(key)
        self._placed[key] = kept
        if (alias := getattr(kept, "alias", None)) is not None:
            self._aliases[type(record), alias] = record.id
        return kept

    def keep(
        self,
        form: BaseModel,
        given: Mapping[str, Any],
        name: str,
        *,
        ignored: Container[str] = (),
        also: Sequence[LeftOver] = (),
    ) -> dict[str, Any]:
        """What of a record has no counterpart, noted, for the `extra` of what becomes of it.

        Args:
            ignored: fields that follow from others.
            also: more of it, noted already.
        """
        parts = [part for part in left_over(form, given) if part.name not in ignored]
        for part in parts:
            self.notes.add(f"{part.name} has no counterpart here; it is kept and acts on nothing", name)
        kept = [{"at": list(part.at), "value": part.value} for part in (*parts, *also)]
        return {IMPORTED: kept} if kept else {}

    def check(self) -> None:
        """Raise InvalidInput where something is wrong, with all that is."""
        if self._problems:
            told = self._problems[:_TOLD_PROBLEMS]
            more = len(self._problems) - len(told)
            told += [f"And {more} more."] if more > 0 else []
            _refuse("\n".join(["Nothing was imported, because these records cannot be used:", *told]))

    async def save(self) -> None:
        """Store everything that is new or changed, all or nothing.

        What came first in a list is stored last, so that lists here, newest first, have the order of the vendor's.
        """
        self.check()
        kept = [(key, self._placed[key]) for key in reversed(self._placed) if key in self._to_save]
        ordered = sorted(kept, key=lambda pair: _ORDER.index(pair[0][0]))
        await self.store.save_records([record for _, record in ordered])

    async def _find(
        self, kind: type[KeptT], find: Callable[[str, str], Awaitable[KeptT | None]], texts: Sequence[str]
    ) -> KeptT | None:
        for text in texts:
            record = self._placed.get((kind, self._aliases.get((kind, text), text)))
            if isinstance(record, kind):
                return record
        for id in texts:
            if (found := await find(self.workspace, id)) is not None:
                return found
        return None


def kept_parts(extra: Mapping[str, Any]) -> list[LeftOver]:
    """What an import kept in a record's `extra`."""
    return [LeftOver(tuple(part["at"]), part["value"]) for part in extra.get(IMPORTED, ())]


def with_extra(extra: Mapping[str, Any], kept: Mapping[str, Any]) -> dict[str, Any]:
    """A record's `extra` with what this import kept, in the place of what an earlier one did."""
    return {**{name: value for name, value in extra.items() if name != IMPORTED}, **kept}


def as_json(record: Mapping[str, Any]) -> dict[str, Any]:
    """A record as it reads once it has gone out."""
    read: dict[str, Any] = orjson.loads(orjson.dumps(record))
    return read


def _undated(record: KeptT, before: KeptT) -> KeptT:
    return replace(record, created_at=before.created_at, updated_at=before.updated_at, revision=before.revision)


def _refuse(message: str) -> NoReturn:
    raise InvalidInput(message)
