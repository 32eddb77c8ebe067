"""A scenario while it is edited: where it came from, what was typed, and what is wrong with it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from sparring.domain.agent import Agent
from sparring.domain.editing import Flaw, Reading, fields_by_path, nearest
from sparring.domain.scenario import Instructions, Scenario
from sparring.server.services import Editing
from sparring.server.ui.form_tree import Cursor, Tree, ordered, restored, tree_of
from sparring.server.ui.mock_answers import CallAnswer
from sparring.server.ui.mock_boxes import answered, first_field, mock_of, questioned, with_examples
from sparring.server.ui.mock_fields import Shown
from sparring.server.ui.scenario_fields import ROOT, scenario_given, scenario_tree

FORM, YAML = "form", "yaml"
TABS = (FORM, YAML)

_NO_AGENT = Agent(id="", workspace="", name="")


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """One version of a scenario on its page."""

    base: Scenario
    """What is edited, with the agent and the set that are chosen."""
    agent: Agent | None
    tab: str
    tree: Tree = field(default_factory=dict)
    """The fields of the form."""
    text: str = ""
    """The YAML."""
    reading: Reading[Scenario] = field(default_factory=Reading)
    fields: Mapping[str, str] = field(default_factory=dict)
    """The form's fields by the parts of the record."""
    focus: str | None = None
    """The field in which the caret goes."""
    open_row: str | None = None
    """The row that is unfolded."""
    answers: Mapping[str, CallAnswer] = field(default_factory=dict)
    """What calls were answered, by the mock's row."""

    @property
    def record(self) -> Scenario | None:
        """The scenario as it would be stored; None where something has to be mended first."""
        return self.reading.record

    def by_field(self, flaws: Sequence[Flaw]) -> dict[str, list[Flaw]]:
        """What is wrong, by the field in which to mend it; the rest under an empty name."""
        return by_field(flaws, self.fields if self.tab == FORM else {})


def by_field(flaws: Sequence[Flaw], fields: Mapping[str, str]) -> dict[str, list[Flaw]]:
    """Flaws by the fields in which they are to be mended; those of no field under an empty name.

    Args:
        fields: by the parts of the record.
    """
    found: dict[str, list[Flaw]] = {}
    for flaw in flaws:
        found.setdefault(nearest(flaw.path, dict(fields)) or "", []).append(flaw)
    return found


class Drafting:
    """Makes drafts of one scenario."""

    def __init__(self, editing: Editing, base: Scenario, agent: Agent | None) -> None:
        """Edit a scenario that is played with an agent."""
        self._editing = editing
        self._base = base
        self._agent = agent
        self._shown = Shown(editing.value_text, editing.yaml_text)

    def of_record(self, scenario: Scenario, tab: str) -> Draft:
        """A scenario as it is."""
        return self._of_text(self._editing.scenario_text(scenario), tab, self._tree(scenario))

    def of_text(self, text: str) -> Draft:
        """What was written as YAML."""
        return self._of_text(text, YAML, {})

    def of_form(self, fields: Mapping[str, str], order: str = "") -> Draft:
        """What was typed into the form, after an order about its rows."""
        tree, row = ordered(restored(tree_of(fields, ROOT), self._tree(self._base)), order, ROOT)
        return replace(self._of_tree(tree), focus=first_field(row), open_row=mock_of(order, ROOT))

    def switched(self, draft: Draft, tab: str) -> Draft:
        """The same in the other spelling; as it is where it cannot be understood there."""
        if draft.record is not None:
            return replace(self.of_record(draft.record, tab), reading=draft.reading)
        return replace(draft, tab=YAML)

    def asked(self, draft: Draft, name: str) -> Draft:
        """With the answer to the call that was typed beside a mock."""
        row = next((row for row in Cursor(draft.tree, ROOT).rows("mocks") if row.name == name), None)
        if row is None:
            return draft
        scenario = draft.record or self._world(draft.tree)
        answer = answered(self._editing, scenario, self._agent or _NO_AGENT, row)
        return replace(draft, answers={name: answer}, open_row=name)

    def with_question(self, draft: Draft, tool: str, arguments: str, nth: str) -> Draft:
        """With a question about the mock of a tool, as an address asks it."""
        row = questioned(Cursor(draft.tree, ROOT), tool, arguments, nth)
        if row is None:
            return draft
        return self.asked(draft, row) if arguments.strip() else replace(draft, open_row=row)

    def with_examples(self, draft: Draft) -> Draft:
        """With arguments beside each mock to begin with."""
        mocks = draft.record.mocks if draft.record is not None else {}
        with_examples(Cursor(draft.tree, ROOT), self._agent, mocks)
        return draft

    def _of_tree(self, tree: Tree) -> Draft:
        given = scenario_given(tree)
        composed = self._editing.compose(given)
        reading = self._read(composed.text)
        if composed.flaws:
            known = {flaw.path for flaw in composed.flaws}
            others = tuple(flaw for flaw in reading.flaws if flaw.path not in known)
            reading = Reading(flaws=(*composed.flaws, *others), warnings=reading.warnings)
        return Draft(
            base=self._base,
            agent=self._agent,
            tab=FORM,
            tree=tree,
            text=composed.text,
            reading=reading,
            fields=dict(fields_by_path(given)),
        )

    def _of_text(self, text: str, tab: str, tree: Tree) -> Draft:
        fields = dict(fields_by_path(scenario_given(tree))) if tree else {}
        return Draft(
            base=self._base,
            agent=self._agent,
            tab=tab,
            tree=tree,
            text=text,
            reading=self._read(text),
            fields=fields,
        )

    def _read(self, text: str) -> Reading[Scenario]:
        return self._editing.read_scenario(text, base=self._base, agent=self._agent)

    def _tree(self, scenario: Scenario) -> Tree:
        return scenario_tree(self._editing.scenario_document(scenario), self._shown)

    def _world(self, tree: Tree) -> Scenario | None:
        """The scenario with nothing but what answers calls, where the rest of it has mistakes."""
        known: Tree = {
            name: tree[name] for name in ("variables", "mocks", "state", "answer_tools") if name in tree
        }
        composed = self._editing.compose(scenario_given({**known, "name": "?", "task_instructions": "?"}))
        return None if composed.flaws else self._read(composed.text).record


def blank(workspace: str) -> Scenario:
    """What a new scenario begins with."""
    return Scenario(workspace=workspace, instructions=Instructions(), trials=1)
