"""Suites as tests: the marker `sparring` and the fixture `simulate`, for pytest.

Nothing of the program is loaded before a test asks for it: pytest loads this in every project in which Sparring is
installed.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import pytest

if TYPE_CHECKING:
    from sparring.bootstrap.library import SimulationResult
    from sparring.bootstrap.taping import Taping

_MARKER = (
    "sparring(suite, trials, only, model, user_model, judge_model, fail_under, seed, concurrency, cassettes, agent): "
    "the suite that the fixture `simulate` plays, as `sparring run` would"
)
_PLAYED = ("trials", "only", "model", "user_model", "judge_model", "seed", "concurrency", "agent")
_OPTIONS = ("suite", "fail_under", "cassettes", *_PLAYED)

Simulate = Callable[..., "SimulationResult"]


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add `--sparring-record`."""
    parser.getgroup("sparring").addoption(
        "--sparring-record",
        action="store_true",
        help="ask the models and record their answers where a test names cassettes, instead of replaying them",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Make the marker known."""
    config.addinivalue_line("markers", _MARKER)


@pytest.fixture
def simulate(request: pytest.FixtureRequest) -> Simulate:
    """Plays the suite of the test's marker; the test fails with the reasons where its thresholds are not reached.

    `simulate()` returns the result. Arguments win over the marker's; `gate=False` leaves the verdict to the test.
    The trials are played at the same time, in a thread of their own, so that tests may be sync or async.
    """
    options = _options(request)

    def play(*, gate: bool = True, **more: Any) -> SimulationResult:
        __tracebackhide__ = True
        result = _played(request, _known({**options, **more}))
        if gate:
            _check(result)
        return result

    return play


def _options(request: pytest.FixtureRequest) -> dict[str, Any]:
    given: dict[str, Any] = {}
    for marker in reversed(list(request.node.iter_markers("sparring"))):
        if marker.args:
            _refuse(f"@pytest.mark.sparring takes arguments by name only: {', '.join(_OPTIONS)}.")
        given |= marker.kwargs
    return _known(given)


def _known(given: dict[str, Any]) -> dict[str, Any]:
    for name in given:
        if name not in _OPTIONS:
            _refuse(f"sparring has no option {name!r}; it takes {', '.join(_OPTIONS)}.")
    return given


def _refuse(told: str) -> NoReturn:
    """Fail the test with a sentence alone: what is wrong is in the test or in a file, not in this program."""
    __tracebackhide__ = True
    pytest.fail(told, pytrace=False)


def _played(request: pytest.FixtureRequest, wanted: dict[str, Any]) -> SimulationResult:
    __tracebackhide__ = True
    from sparring.domain.errors import SparringError  # noqa: PLC0415

    if "suite" not in wanted:
        _refuse('No suite is named: @pytest.mark.sparring(suite="suite.yaml"), or simulate(suite=...).')
    try:
        return _in_a_thread(_play(request, wanted))
    except SparringError as error:
        told = str(error)
    _refuse(told)


async def _play(request: pytest.FixtureRequest, wanted: dict[str, Any]) -> SimulationResult:
    from sparring.bootstrap.library import simulate_suite  # noqa: PLC0415
    from sparring.cli.gates import read_bars  # noqa: PLC0415

    bars = wanted.get("fail_under", ())
    return await simulate_suite(
        _beside(request, wanted["suite"]),
        thresholds=read_bars([bars] if isinstance(bars, str) else bars, "fail_under"),
        taping=_taping(request, wanted.get("cassettes")),
        **{name: wanted[name] for name in _PLAYED if name in wanted},
    )


def _beside(request: pytest.FixtureRequest, name: Any) -> Path:
    """A path relative to pytest's root, or to the file of the test where it is not there."""
    from_root: Path = request.config.rootpath / name
    beside: Path = request.path.parent / name
    return from_root if from_root.exists() else beside


def _taping(request: pytest.FixtureRequest, folder: Any) -> Taping | None:
    from sparring.bootstrap.taping import Mode, Taping  # noqa: PLC0415

    if folder is None:
        return None
    record = request.config.getoption("--sparring-record")
    path = request.config.rootpath / folder if record else _beside(request, folder)
    return Taping(mode=Mode.RECORD if record else Mode.REPLAY, folder=path)


def _in_a_thread(work: Coroutine[Any, Any, SimulationResult]) -> SimulationResult:
    """Run to the end in a thread of its own: the test's may have an event loop already."""
    found: list[SimulationResult] = []
    failed: list[BaseException] = []

    def run() -> None:
        try:
            found.append(asyncio.run(work))
        except BaseException as error:
            failed.append(error)

    thread = threading.Thread(target=run, name="sparring")
    thread.start()
    thread.join()
    if failed:
        raise failed[0]
    return found[0]


def _check(result: SimulationResult) -> None:
    """Fail the test with what was not met, why, and the words that show it."""
    __tracebackhide__ = True
    from sparring.domain.gates import Standing  # noqa: PLC0415
    from sparring.reports.sections import faults, sections  # noqa: PLC0415
    from sparring.reports.table import reason_lines  # noqa: PLC0415

    gate = result.gate
    if gate.standing is Standing.CLEARED:
        return
    lines = list(gate.reasons)
    for section in sections(result.result):
        if section.failings:
            figures = section.figures
            lines += ["", f"{section.scenario.name}: {figures.passed} of {figures.planned} trials passed"]
            lines += reason_lines(section)
    for fault in faults(result.result):
        where = ", ".join(f"{name} {number}" for name, number in fault.trials[:3])
        lines += ["", f"could not be judged ({where}): {fault.error}"]
    pytest.fail("\n".join(lines), pytrace=False)
