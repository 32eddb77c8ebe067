"""The boxes beside mocks that tell what a call would be answered, in whatever form the mocks stand."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from sparring.domain.agent import Agent
from sparring.domain.mocks import ToolMock
from sparring.domain.scenario import Scenario
from sparring.server.services import Editing
from sparring.server.ui.form_tree import Cursor
from sparring.server.ui.mock_answers import CallAnswer, answer_to, example_arguments

_FIRST_FIELD = {
    "variables": "name",
    "mocks": "tool",
    "rules": "value",
    "sequence": "value",
    "assertions": "text",
    "actions": "name",
    "forbidden": "name",
    "said": "text",
}
"""Where the caret goes in a new row, by its list; in all others to the path."""


def answered(editing: Editing, scenario: Scenario | None, agent: Agent | None, row: Cursor) -> CallAnswer:
    """What the call that was typed beside a mock is answered.

    Args:
        scenario, agent: None where what answers has mistakes.
        row: the mock.
    """
    if scenario is None or agent is None:
        return CallAnswer(text="What answers calls has mistakes; mend them first.")
    ask = row.inside("ask")
    arguments = editing.read_object(ask.text("arguments"))
    if arguments.record is None:
        return CallAnswer(text=" ".join(flaw.message for flaw in arguments.flaws))
    nth = ask.text("nth").strip()
    number = int(nth) if nth.isdecimal() and len(nth) < 4 else 1
    return answer_to(scenario, agent, row.text("tool"), arguments.record, max(1, number))


def questioned(form: Cursor, tool: str, arguments: str, nth: str) -> str | None:
    """The row of a tool's mock, with a question put beside it; None where it has no mock."""
    for row in form.rows("mocks"):
        if row.text("tool") == tool:
            if arguments.strip():
                row.tree["ask"] = {"arguments": arguments, "nth": nth}
            return row.name
    return None


def with_examples(form: Cursor, agent: Agent | None, mocks: Mapping[str, ToolMock]) -> None:
    """Put arguments to begin with beside each mock that has none."""
    for row in form.rows("mocks"):
        tool = row.text("tool")
        if "ask" not in row.tree:
            known = agent.tool(tool) if agent is not None else None
            row.tree["ask"] = {"arguments": example_arguments(known, mocks.get(tool)), "nth": ""}


def first_field(row: str | None) -> str | None:
    """The field of a new row in which the caret goes."""
    if row is None:
        return None
    kind = row.rsplit(".", 2)[-2]
    return f"{row}.{_FIRST_FIELD.get(kind, 'path')}"


def with_flaws(fields: Iterable[str]) -> set[str]:
    """The mocks in which something has to be mended.

    Args:
        fields: those that have flaws.
    """
    return {".".join(name.split(".")[:3]) for name in fields if name.split(".")[1:2] == ["mocks"]}


def mock_of(order: str, root: str) -> str | None:
    """The mock that an order is about."""
    parts = order.partition(" ")[2].split(".")
    return ".".join(parts[:3]) if parts[:2] == [root, "mocks"] and len(parts) > 2 else None
