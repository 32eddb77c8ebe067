"""A comparison in words: the sentences that a terminal and a page show alike."""

from __future__ import annotations

from sparring.domain.comparison import Change, Comparison, Conclusion, Pair
from sparring.domain.setups import Alteration, Facet
from sparring.reports import figures

_NAMES = 5
_MANY = 1000
"""Trials a scenario that nobody plays."""

_LEADS = {
    Conclusion.WORSE: "Worse, and hardly by chance",
    Conclusion.BETTER: "Better, and hardly by chance",
    Conclusion.MIXED: "Some worse, some better, and hardly by chance",
    Conclusion.CHANCE: "This may be chance",
}


def conclusion(comparison: Comparison) -> str:
    """What the comparison comes to, in a sentence or two."""
    found = comparison.conclusion
    if found is Conclusion.NOTHING:
        return "Nothing can be compared: no scenario was judged on both sides."
    if found is Conclusion.EQUAL:
        return "No difference: every scenario passed as often as before."
    lead = f"{_LEADS[found]}: {moved(comparison)}"
    if found is Conclusion.MIXED:
        return f"{lead}; so much movement appears by chance in {reruns(comparison.moved_by_chance)} reruns."
    if abs(comparison.difference) < 1e-9:
        return f"{lead}; on average nothing changed."
    return f"{lead}; a difference this large appears by chance in {reruns(comparison.chance or 0.0)} reruns."


def moved(comparison: Comparison) -> str:
    """How many scenarios got worse, and how many better."""
    of = figures.count(len(comparison.counts), "scenario")
    worse, better = comparison.worse, comparison.better
    if worse and better:
        return f"{worse} of {of} got worse, {better} got better"
    return f"{worse or better} of {of} got {'worse' if worse else 'better'}"


def reruns(chance: float) -> str:
    """A chance as so many of so many."""
    if chance >= 0.095:
        return f"{chance * 100:.0f} of 100"
    if chance >= 0.00095:
        return f"{chance * 1000:.0f} of 1,000"
    return "less than 1 of 1,000"


def outlook(comparison: Comparison) -> str | None:
    """What it would take to know more; None where enough is known."""
    needed = comparison.trials_needed
    if comparison.conclusion is Conclusion.EQUAL and comparison.detectable is not None:
        played = figures.count(comparison.trials, "trial")
        return f"With {played} a scenario a difference of {comparison.detectable:.2f} or more would mostly show."
    if needed is None:
        return None
    if needed > _MANY:
        return f"To be sure of so small a difference would take more than {_MANY:,} trials a scenario."
    if needed <= comparison.trials:
        return "A few more trials would tell."
    many = f"about {needed:,} trials a scenario instead of {comparison.trials}"
    return f"To be sure of a difference this large, play {many}."


def shift(difference: float) -> str:
    """A difference of two rates, with its sign."""
    if abs(difference) < 0.005:
        return "±0.00" if abs(difference) < 1e-9 else f"{'+' if difference > 0 else '−'}<0.01"
    return f"{'+' if difference > 0 else '−'}{abs(difference):.2f}"


def shift_interval(bounds: tuple[float, float]) -> str:
    """Both ends of a difference."""
    return f"{shift(bounds[0])} to {shift(bounds[1])}"


def same(comparison: Comparison) -> str | None:
    """The scenarios of which nothing has to be said, in one line; None where there are none."""
    steady = [pair.counts for pair in comparison.pairs if pair.change is Change.SAME]
    always = sum(counts is not None and counts.after == 1 for counts in steady)
    never = len(steady) - always
    told = [f"{always} passed every time" if always else "", f"{never} never did" if never else ""]
    return f"{len(steady)} the same: {', '.join(filter(None, told))}" if steady else None


def unpaired(comparison: Comparison) -> list[str]:
    """The scenarios that are not compared, and why."""
    told = {
        Change.ADDED: "only in the second",
        Change.REMOVED: "only in the first",
        Change.UNJUDGED: "without a judged trial on both sides",
    }
    lines = []
    for change, why in told.items():
        names = [pair.name for pair in comparison.pairs if pair.change is change]
        if names:
            more = f" and {len(names) - _NAMES} more" if len(names) > _NAMES else ""
            lines.append(f"{figures.count(len(names), 'scenario')} {why}: {', '.join(names[:_NAMES])}{more}")
    return lines


def caveats(comparison: Comparison) -> list[str]:
    """What a reader has to know before believing the figures."""
    altered = sum(pair.is_altered and pair.counts is not None for pair in comparison.pairs)
    return [
        *(f"{obstacle} The difference may come from there." for obstacle in comparison.obstacles),
        *(
            [f"≠ {figures.count(altered, 'scenario is another one', 'scenarios are others')} now."]
            if altered
            else []
        ),
    ]


def in_a_word(altered: Alteration) -> str | None:
    """The change in one line, where it fits on one; None for one that has to be shown by its lines."""
    was, now = altered.before, altered.after
    if altered.facet is Facet.TOOL and not altered.part:
        return "new" if was is None else "gone"
    texts = [text if text is not None else "unset" for text in (was, now)]
    if any("\n" in text or len(text) > 60 for text in texts):
        return None
    return " → ".join(texts)


def rates(pair: Pair) -> tuple[str, str]:
    """How often it passed, before and now."""
    return tuple(  # type: ignore[return-value]
        f"{tally.passed} of {tally.judged}" if tally is not None else figures.UNKNOWN
        for tally in (pair.before, pair.after)
    )
