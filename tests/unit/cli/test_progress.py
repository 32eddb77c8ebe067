"""The live line: how far it is, and what it costs."""

from sparring.cli.progress import line
from sparring.domain.metrics import summarize
from sparring.domain.outcomes import Lifecycle, Outcome
from sparring.domain.simulation import Trial


def trial(number, status, outcome=None):
    return Trial(
        id=f"{number}", simulation="s", scenario="c", number=number, seed=0, status=status, outcome=outcome
    )


SUMMARY = summarize(
    [
        trial(1, Lifecycle.COMPLETED, Outcome.PASSED),
        trial(2, Lifecycle.COMPLETED, Outcome.ERROR),
        trial(3, Lifecycle.RUNNING),
        trial(4, Lifecycle.QUEUED),
    ]
)


def told(*parts):
    text = line(SUMMARY, *parts[:1], **({"budget": parts[1]} if parts[1:] else {})).plain
    return text.partition("  ")[2]


def test_it_tells_how_far_it_is_and_what_each_role_has_spent():
    spent = {"agent": 0.25, "user": 0.125, "judge": 0.0}
    assert told(spent) == (
        "2/4 done · 1 running · 1 passed · 0 failed · 1 errors · $0.375 spent (agent $0.25, user $0.125)"
    )
    assert told(spent, 5.0).endswith("· $0.375 of $5.00 spent (agent $0.25, user $0.125)")


def test_nothing_spent_is_nothing_and_an_unknown_price_is_no_amount():
    assert told({"agent": 0.0, "user": 0.0, "judge": 0.0}).endswith("· $0 spent")
    assert told({}).endswith("· $0 spent")
    assert told({"agent": None, "user": 0.5}, 5.0).endswith("· – of $5.00 spent")
