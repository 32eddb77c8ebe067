"""What all values of the domain have in common, and the defaults that the contract names."""

import importlib
import inspect
import pkgutil
from dataclasses import FrozenInstanceError, fields, is_dataclass, replace
from functools import cached_property

import pytest

from sparring import domain
from sparring.domain.simulation import MAX_ATTEMPTS, Limits
from sparring.domain.transcript import AgentMessage, ToolCall, ToolResult, Usage
from sparring.domain.turns import AnswerTool, Rules

MODULES = [
    importlib.import_module(f"sparring.domain.{module.name}") for module in pkgutil.iter_modules(domain.__path__)
]
VALUES = sorted(
    {
        kind
        for module in MODULES
        for _, kind in inspect.getmembers(module, inspect.isclass)
        if is_dataclass(kind) and kind.__module__ == module.__name__ and "__dataclass_fields__" in vars(kind)
    },
    key=lambda kind: kind.__qualname__,
)


@pytest.mark.parametrize("kind", VALUES, ids=lambda kind: kind.__qualname__)
def test_values_are_frozen_and_slotted(kind):
    assert kind.__dataclass_params__.frozen
    # What is found out once and kept needs a place of its own.
    keeps = any(isinstance(value, cached_property) for value in vars(kind).values())
    assert ("__slots__" in vars(kind)) is not keeps


@pytest.mark.parametrize(
    "kind", [kind for kind in VALUES if len(fields(kind)) > 3], ids=lambda kind: kind.__qualname__
)
def test_values_of_many_parts_are_given_by_name(kind):
    assert all(field.kw_only for field in fields(kind))


def test_a_message_cannot_be_changed_once_it_is_said():
    said = AgentMessage(text="Hi.")
    with pytest.raises(FrozenInstanceError):
        said.text = "Bye."
    assert replace(said, text="Bye.") != said


def test_the_defaults_are_the_contracts():
    assert (Limits().max_steps, Limits().max_errors, Limits().timeout) == (100, 5, 900)
    assert (Rules().max_steps, Rules().max_errors) == (100, 5)
    assert MAX_ATTEMPTS == 4
    assert ToolResult(call_id="c", name="t", text="").is_error is False
    assert AnswerTool(ToolCall(id="c", name="t"), None).ends is False
    assert Usage() == Usage(input=0, output=0, cached=0, reasoning=0)
