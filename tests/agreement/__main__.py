"""`make agreement`: recorded conversations judged and played again, beside what was recorded.

python -m tests.agreement TRAJECTORIES
"""

import asyncio
import sys
import tempfile
import time
from collections.abc import Iterable, Sequence
from pathlib import Path

from .actions import compare_actions
from .bars import Figures
from .recordings import Recording, Unreadable, read_recordings
from .replays import replay
from .writes import compare_writes


def main(path: Path) -> int:
    """Compare, tell, and end with one JSON line; 1 where a figure falls short."""
    try:
        recordings = list(read_recordings(path))
    except Unreadable as error:
        print(f"{error}\nName the recorded conversations: make agreement TRAJECTORIES=FILE", file=sys.stderr)
        return 1
    print(f"{len(recordings)} conversations, {sum(len(one.messages) for one in recordings):,} messages of {path}")
    figures = Figures(
        **_actions(recordings),
        **_writes(recordings),
        **_replays(recordings),
    )
    short = figures.shortcomings()
    print("".join(f"Falls short: {line}\n" for line in short), end="")
    print(figures.as_json())
    return 1 if short else 0


def _actions(recordings: Sequence[Recording]) -> dict[str, int]:
    """tau2-bench's own rule is what was recorded; the default rule stands beside it."""
    for rule in ("exact", "tau2"):
        found = compare_actions(recordings, rule)
        print(f"\nExpected actions, rule {rule}: {found.equal} of {found.checks} verdicts as recorded.")
        _list(found.differing)
    return {"checks": found.checks, "checks_equal": found.equal}


def _writes(recordings: Sequence[Recording]) -> dict[str, int]:
    found = compare_writes(recordings)
    print(
        f"\n`writes: exact` beside the database: {found.equal} of {found.verdicts} verdicts as recorded, "
        f"{found.false_passes} false passes."
    )
    _list(found.disagreements)
    return {"writes": found.verdicts, "writes_equal": found.equal, "false_passes": found.false_passes}


def _replays(recordings: Sequence[Recording]) -> dict[str, int]:
    began = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        done = asyncio.run(replay(recordings, Path(folder)))
    identical = [one for one in done if one.difference is None]
    hopeless = [one for one in done if one.difference is not None and one.obstacle is not None]
    wrong = [one for one in done if one.difference is not None and one.obstacle is None]
    print(
        f"\nReplays through the whole engine: {len(identical)} of {len(done)} identical, {len(hopeless)} cannot "
        f"be represented ({time.perf_counter() - began:.0f} s)."
    )
    _list(f"{one.recording}: {one.obstacle}" for one in hopeless)
    _list(f"{one.recording}: {one.difference}" for one in wrong)
    return {"replayed": len(done), "identical": len(identical), "not_representable": len(hopeless)}


def _list(lines: Iterable[object]) -> None:
    for line in lines:
        print(f"  {line}")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("Usage: python -m tests.agreement TRAJECTORIES")
    sys.exit(main(Path(sys.argv[1])))
