"""The short form in which a scenario is written in Python."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields
from typing import Any

from sparring.domain import scenario as full
from sparring.domain.errors import InvalidInput
from sparring.domain.mocks import Answer, ToolMock


class Scenario(full.Scenario):
    """A scenario by its everyday words; every field of the long form may be given as well.

    Args:
        name: how it is called in reports.
        persona: who the simulated user is.
        task: what it is to do.
        reason: why it gets in touch.
        known: what it knows.
        unknown: what it does not know, and admits.
        assertions: sentences that the judge must confirm.
        forbidden: tools that must not be called.
        mocks: by tool, what every call answers (any JSON value), or a ToolMock.
        long_form: fields of `sparring.domain.scenario.Scenario`.

    Raises:
        InvalidInput: a field is given in both forms, or is none.
    """

    __slots__ = ()

    def __init__(
        self,
        *,
        name: str,
        persona: str | None = None,
        task: str | None = None,
        reason: str | None = None,
        known: str | None = None,
        unknown: str | None = None,
        assertions: Sequence[str] = (),
        forbidden: Sequence[str] = (),
        mocks: Mapping[str, Any] | None = None,
        **long_form: Any,
    ) -> None:
        allowed = {field.name for field in fields(full.Scenario)}
        stray = [field for field in long_form if field not in allowed]
        if stray:
            raise InvalidInput(f"A scenario has no field {stray[0]!r}.", field=stray[0])
        told = {"task": task, "reason": reason, "known": known, "unknown": unknown}
        given = {field: text for field, text in told.items() if text is not None}
        if given:
            if "instructions" in long_form:
                raise InvalidInput("Give `instructions`, or `task` and its like, not both.", field="instructions")
            long_form["instructions"] = full.Instructions(**given)
        if assertions or forbidden:
            if "expect" in long_form:
                raise InvalidInput("Give `expect`, or `assertions` and `forbidden`, not both.", field="expect")
            if isinstance(assertions, str):
                raise InvalidInput("`assertions` takes a list of sentences, not one text.", field="assertions")
            long_form["expect"] = full.Expectations(
                assertions=tuple(assertions),
                forbidden=tuple(full.ForbiddenAction(name=tool) for tool in forbidden),
            )
        super().__init__(
            name=name,
            persona=persona,
            mocks={
                tool: mock if isinstance(mock, ToolMock) else ToolMock(otherwise=Answer(value=mock))
                for tool, mock in (mocks or {}).items()
            },
            **long_form,
        )
