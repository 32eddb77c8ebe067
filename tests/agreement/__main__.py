"""`make agreement`: recorded conversations judged again, beside the verdicts that were recorded.

python -m tests.agreement TRAJECTORIES
"""

import json
import sys
from pathlib import Path

from .actions import compare_actions
from .recordings import Unreadable, read_recordings


def main(path: Path) -> int:
    """Compare, tell, and end with one JSON line; 1 where a figure falls short."""
    try:
        recordings = list(read_recordings(path))
    except Unreadable as error:
        print(error, file=sys.stderr)
        return 1
    print(f"{len(recordings)} conversations of {path}")
    short = False
    figures: dict[str, int] = {}
    for rule in ("exact", "tau2"):
        actions = compare_actions(recordings, rule)
        print(f"expected actions under the rule {rule}: {actions.equal} of {actions.checks} verdicts as recorded")
        print("".join(f"  {line}\n" for line in actions.differing), end="")
        figures |= {"checks": actions.checks, "checks_equal": actions.equal}
        short |= bool(actions.differing)
    print(json.dumps(figures))
    return int(short)


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
