"""The agent under test where it is a Python callable that is named in a suite."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

from sparring.adapters.players.callable_agent import count_arguments
from sparring.domain.endpoints import PythonEndpoint
from sparring.domain.errors import InvalidInput


def load_callable(endpoint: PythonEndpoint) -> Callable[..., Any]:
    """The callable that an endpoint names.

    Its folder, where it has one, comes first among the places that modules are imported from, and stays there.

    Raises:
        InvalidInput: there is no such module or name, the module fails, or the callable takes other arguments.
    """
    module_name, _, path = endpoint.callable.partition(":")
    found: Any = _load(module_name, endpoint)
    for name in path.split("."):
        if not hasattr(found, name):
            raise InvalidInput(f"The module {module_name!r} has no {path!r}.", field="endpoint.callable")
        found = getattr(found, name)
    if not callable(found):
        raise InvalidInput(
            f"{endpoint.callable!r} is {type(found).__name__}, which cannot be called.", field="endpoint.callable"
        )
    count_arguments(found)
    return found  # type: ignore[no-any-return]


def _load(name: str, endpoint: PythonEndpoint) -> ModuleType:
    folder = endpoint.folder
    if folder is not None and folder not in sys.path:
        sys.path.insert(0, folder)
    try:
        module = importlib.import_module(name)
    except (Exception, SystemExit) as error:
        raise InvalidInput(
            f"The module {name!r} of the agent cannot be imported: {type(error).__name__}: {error}.",
            field="endpoint.callable",
        ) from error
    _check_place(module, name, folder)
    return module


def _check_place(module: ModuleType, name: str, folder: str | None) -> None:
    """InvalidInput where another module of the same name was there first."""
    if folder is None or module.__file__ is None:
        return
    there = Path(folder).joinpath(*name.split("."))
    wanted = [path.resolve() for path in (there.with_suffix(".py"), there / "__init__.py") if path.is_file()]
    if wanted and Path(module.__file__).resolve() not in wanted:
        raise InvalidInput(
            f"Another module {name!r} ({module.__file__}) was imported before that of {folder}; rename one.",
            field="endpoint.callable",
        )
