"""How many requests may be in flight to one model: learnt from its answers."""

from __future__ import annotations


class Window:
    """The number of requests that may be in flight: doubles with a round of good answers, halves at a 429.

    A round is as many good answers as the window is wide. A request carries the number of cuts that had been
    made when it was sent; answers to requests from before the last cut change nothing, so that a burst of 429s
    counts once and late good answers do not undo the cut.
    """

    __slots__ = ("_good", "_maximum", "cuts", "size")

    def __init__(self, *, initial: int, maximum: int) -> None:
        """Begin at `initial`, or at the maximum where that is less."""
        self._maximum = maximum
        self._good = 0
        self.size = min(initial, maximum)
        self.cuts = 0

    def good(self, cuts: int) -> None:
        """An answer came to a request that was sent after `cuts` cuts."""
        if cuts != self.cuts or self.size >= self._maximum:
            return
        self._good += 1
        if self._good >= self.size:
            self.size = min(2 * self.size, self._maximum)
            self._good = 0

    def throttled(self, cuts: int) -> None:
        """A 429 came to a request that was sent after `cuts` cuts."""
        if cuts != self.cuts:
            return
        self.size = max(1, self.size // 2)
        self.cuts += 1
        self._good = 0

    def restart(self) -> None:
        """Begin again with one request at a time."""
        self.size = 1
        self.cuts += 1
        self._good = 0
