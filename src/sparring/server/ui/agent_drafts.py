"""An agent while it is edited: its fields, what was typed into them, and what is wrong with it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from sparring.dialects.endpoints import admitted
from sparring.domain.agent import Agent
from sparring.domain.editing import Flaw, Given, How, Pairs, Reading, Typed, fields_by_path
from sparring.domain.errors import InvalidInput
from sparring.domain.scenario import Scenario
from sparring.server.services import Services
from sparring.server.sigmamind.model_names import check_storable
from sparring.server.ui.form_tree import Cursor, Tree, ordered, restored, tree_of
from sparring.server.ui.mock_answers import CallAnswer
from sparring.server.ui.mock_boxes import answered, first_field, mock_of, questioned, with_examples
from sparring.server.ui.mock_fields import Shown, mock_rows, mocks_given, value_given
from sparring.server.ui.scenario_drafts import by_field

ROOT = "a"
"""Before the names of all fields that are part of the agent."""

_TEXTS = ("name", "instructions", "greeting", "model", "language")
_NUMBERS = ("temperature", "top_p")
_SHOWN = frozenset((*_TEXTS, *_NUMBERS, "opens", "tools", "mocks", "endpoint"))
_NOTHING = Scenario(name="Nothing in particular")
"""The scenario in which calls are answered that are asked about here."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentDraft:
    """One version of an agent on its page."""

    base: Agent
    tree: Tree
    reading: Reading[Agent]
    fields: Mapping[str, str]
    """The form's fields by the parts of the record."""
    focus: str | None = None
    open_row: str | None = None
    answers: Mapping[str, CallAnswer] = field(default_factory=dict)

    @property
    def record(self) -> Agent | None:
        """The agent as it would be stored; None where something has to be mended first."""
        return self.reading.record

    def by_field(self, flaws: Sequence[Flaw]) -> dict[str, list[Flaw]]:
        """What is wrong, by the field in which to mend it; the rest under an empty name."""
        return by_field(flaws, self.fields)


class AgentDrafting:
    """Makes drafts of one agent."""

    def __init__(self, services: Services, base: Agent) -> None:
        """Edit an agent."""
        self._services = services
        self._editing = services.editing
        self._base = base

    def of_record(self) -> AgentDraft:
        """The agent as it is."""
        return self._of_tree(self._tree())

    def of_form(self, fields: Mapping[str, str], order: str = "") -> AgentDraft:
        """What was typed into the form, after an order about its rows."""
        tree, row = ordered(restored(tree_of(fields, ROOT), self._tree()), order, ROOT)
        return replace(self._of_tree(tree), focus=first_field(row), open_row=mock_of(order, ROOT))

    def asked(self, draft: AgentDraft, name: str) -> AgentDraft:
        """With the answer to the call that was typed beside a mock."""
        row = next((row for row in Cursor(draft.tree, ROOT).rows("mocks") if row.name == name), None)
        if row is None:
            return draft
        answer = answered(self._editing, _NOTHING, draft.record or self._with_mocks(draft.tree), row)
        return replace(draft, answers={name: answer}, open_row=name)

    def with_question(self, draft: AgentDraft, tool: str, arguments: str, nth: str) -> AgentDraft:
        """With a question about the mock of a tool, as an address asks it."""
        row = questioned(Cursor(draft.tree, ROOT), tool, arguments, nth)
        if row is None:
            return draft
        return self.asked(draft, row) if arguments.strip() else replace(draft, open_row=row)

    def with_examples(self, draft: AgentDraft) -> AgentDraft:
        """With arguments beside each mock to begin with."""
        agent = draft.record or draft.base
        with_examples(Cursor(draft.tree, ROOT), agent, agent.mocks)
        return draft

    def _of_tree(self, tree: Tree) -> AgentDraft:
        given = self._given(tree)
        composed = self._editing.compose(given)
        reading = self._editing.read_agent(composed.text, base=self._base)
        if composed.flaws:
            known = {flaw.path for flaw in composed.flaws}
            others = tuple(flaw for flaw in reading.flaws if flaw.path not in known)
            reading = Reading(flaws=(*composed.flaws, *others), warnings=reading.warnings)
        return AgentDraft(
            base=self._base,
            tree=tree,
            reading=self._with_address_checked(self._with_model_checked(reading)),
            fields=dict(fields_by_path(given)),
        )

    def _with_model_checked(self, reading: Reading[Agent]) -> Reading[Agent]:
        record = reading.record
        if record is None or record.model == self._base.model:
            return reading
        try:
            check_storable(record.model, self._services.models, field="The model")
        except InvalidInput as error:
            return replace(reading, record=None, flaws=(Flaw(path="model", message=str(error)),))
        return reading

    def _with_address_checked(self, reading: Reading[Agent]) -> Reading[Agent]:
        record = reading.record
        if record is None or record.endpoint is None or record.endpoint == self._base.endpoint:
            return reading
        try:
            return replace(reading, record=replace(record, endpoint=admitted(record.endpoint)))
        except InvalidInput as error:
            told = str(error).removeprefix("endpoint").lstrip(". ")
            return replace(reading, record=None, flaws=(Flaw(path="endpoint", message=told),))

    def _tree(self) -> Tree:
        document = self._editing.agent_document(self._base)
        shown = Shown(self._editing.value_text, self._editing.yaml_text)
        opens = document.get("opens")
        return {
            **{name: document.get(name) or "" for name in _TEXTS},
            **{name: "" if document.get(name) is None else str(document[name]) for name in _NUMBERS},
            "opens": "" if opens is None else ("agent" if opens else "user"),
            "endpoint": self._editing.yaml_text(document.get("endpoint", {})),
            "tools": json.dumps(document.get("tools", []), ensure_ascii=False, indent=2),
            "mocks": mock_rows(document.get("mocks", {}), shown.value, shown.yaml),
        }

    def _given(self, tree: Tree) -> Pairs:
        form = Cursor(tree, ROOT)
        pairs: list[tuple[str, Given]] = [("name", Typed(form.text("name"), field=form.field("name")))]
        instructions = Typed(form.text("instructions"), field=form.field("instructions"))
        if form.has("instructions") or not form.has("endpoint"):
            pairs.append(("instructions", instructions))
        pairs += [(name, Typed(form.text(name), field=form.field(name))) for name in _TEXTS[2:] if form.has(name)]
        pairs += [
            (name, Typed(form.text(name).strip(), How.VALUE, form.field(name)))
            for name in _NUMBERS
            if form.has(name)
        ]
        if form.text("opens") in ("agent", "user"):
            pairs.append(("opens", Typed(str(form.text("opens") == "agent").lower(), How.VALUE)))
        if form.has("endpoint"):
            pairs.append(("endpoint", Typed(form.text("endpoint"), How.YAML, form.field("endpoint"))))
        if form.has("tools"):
            pairs.append(("tools", Typed(form.text("tools"), How.VALUE, form.field("tools"))))
        if (mocks := mocks_given(form.rows("mocks"))) is not None:
            pairs.append(("mocks", mocks))
        return Pairs((*pairs, *self._kept()))

    def _kept(self) -> list[tuple[str, Given]]:
        """What the form has no field for, as it is stored."""
        document = self._editing.agent_document(self._base)
        return [(name, value_given(value)) for name, value in document.items() if name not in _SHOWN]

    def _with_mocks(self, tree: Tree) -> Agent | None:
        """The agent with nothing but the mocks that were typed, where the rest of it has mistakes."""
        composed = self._editing.compose(self._given({"mocks": tree.get("mocks", []), "name": "?"}))
        return None if composed.flaws else self._editing.read_agent(composed.text, base=self._base).record


def kept_words(agent: Agent) -> Sequence[str]:
    """What the form keeps of an agent and does not show, in words."""
    hooks = [tool.name for tool in agent.tools if {name for name in tool.extra if name != "strict"}]
    found: list[Any] = [
        "how it begins where it gets in touch itself" if agent.outbound is not None else None,
        f"what calls of {', '.join(hooks)} are sent to" if hooks else None,
    ]
    return [words for words in found if words]
