"""A task's evaluation criteria as expectations.

Of what tau2-bench multiplies into its reward, `ACTION`, `COMMUNICATE` and `NL_ASSERTION` decide which checks are
required. Assertions are required as well where nothing else would decide, because such a trial would say nothing. `DB`
becomes `writes: exact`: where the tools that write succeeded with just the calls that the task expects, the
database ends up as it should.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import replace

from sparring.adapters.imports.tau2_records import Fields
from sparring.domain.scenario import Expectations, ExpectedAction, ExpectedWords, ExpectedWrites

CRITERIA = ("actions", "communicate_info", "nl_assertions", "reward_basis")
"""The fields that are taken over."""

ACTION = ("action_id", "name", "arguments", "requestor", "compare_args", "info")
"""Those of an expected action."""

_DEFAULT_BASIS = ("DB", "COMMUNICATE")
_TAKEN_OVER = frozenset({"ACTION", "COMMUNICATE", "DB", "NL_ASSERTION"})

_Note = Callable[[str], None]


def read_criteria(criteria: Fields, note: _Note) -> Expectations:
    """The expectations of a task; `note` is told what has no exact counterpart."""
    if not criteria.record:
        return Expectations()
    basis = criteria.texts("reward_basis") if criteria.has("reward_basis") else _DEFAULT_BASIS
    expect = Expectations(
        assertions=tuple(_told(criteria, "nl_assertions", note)),
        actions=tuple(_action(item, required="ACTION" in basis) for item in criteria.items("actions")),
        said=tuple(
            ExpectedWords(contains=words, required="COMMUNICATE" in basis)
            for words in _told(criteria, "communicate_info", note)
        ),
        writes=ExpectedWrites() if "DB" in basis and _database_is_compared(criteria) else None,
    )
    if "NL_ASSERTION" not in basis and _decides(expect):
        expect = replace(expect, optional_assertions=tuple(range(len(expect.assertions))))
    _tell(expect, basis, note)
    return expect


def _told(criteria: Fields, name: str, note: _Note) -> list[str]:
    """The texts of a list that say something."""
    texts = criteria.texts(name)
    found = [text for text in texts if text.strip()]
    if len(found) < len(texts):
        note(f"an empty text in evaluation_criteria.{name} says nothing and is left out")
    return found


def _decides(expect: Expectations) -> bool:
    """Whether a check other than the assertions does."""
    decisive = [*(action.required for action in expect.actions), *(words.required for words in expect.said)]
    return expect.writes is not None or any(decisive)


def _database_is_compared(criteria: Fields) -> bool:
    """tau2-bench compares no database where a task does not say what should have been done to it."""
    return criteria.has("actions") or criteria.has("env_assertions")


def _tell(expect: Expectations, basis: Collection[str], note: _Note) -> None:
    for component in basis:
        if component not in _TAKEN_OVER:
            note(f"the reward's component {component} has no counterpart and is not checked")
    if expect.writes is not None:
        note("the reward's component DB is checked by the calls that write, not by a database")
    elif "DB" in basis:
        note("the reward's component DB is not checked, because the task does not say what should be done")
    if expect.assertions and "NL_ASSERTION" not in basis:
        if expect.optional_assertions:
            note("assertions are checked and shown, but not required, because NL_ASSERTION is not in the reward")
        else:
            note("assertions decide, though NL_ASSERTION is not in the reward, because nothing else would")
    if expect.actions and "ACTION" not in basis:
        note("expected actions are checked and shown, but not required, because ACTION is not in the reward")
    if expect.said and "COMMUNICATE" not in basis:
        note("communicate_info is checked and shown, but not required, because COMMUNICATE is not in the reward")


def _action(fields: Fields, *, required: bool) -> ExpectedAction:
    compared = fields.get("compare_args", list)
    return ExpectedAction(
        name=str(fields.get("name", str, required=True)),
        arguments=fields.get("arguments", dict),
        compare_args=None if compared is None else tuple(map(str, compared)),
        side=fields.side("requestor"),
        match_rule="tau2",
        call_id=fields.text("action_id"),
        info=fields.text("info"),
        required=required,
    )
