"""Faults on purpose: which requests a mock model server spoils, and how."""

from __future__ import annotations

import re
from dataclasses import dataclass

from sparring.domain.chance import fraction
from sparring.domain.errors import InvalidInput

KINDS = {
    "slow": "the answer comes SECONDS later (30)",
    "broken": "the connection breaks in the middle of the answer",
    "malformed": "the answer is half of its JSON",
    "nothing": "the answer is 200 without a body",
    "html": "the answer is a web page",
    "empty": "the choice holds no text and no call",
    "length": "the answer is cut off at its token limit",
    "filter": "a content filter holds the answer back",
    "refusal": "the model refuses",
}
"""What can go wrong beside a status from 400 to 599, for which SECONDS is its Retry-After (1 at 429)."""

_PART = re.compile(r"\s*(?P<kind>[a-z]+|[0-9]{3})(?:=(?P<seconds>[0-9]+(?:\.[0-9]+)?))?:(?P<share>[0-9.]+)\s*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One way to spoil answers."""

    kind: str
    """A name of KINDS, or `status`."""
    share: float
    """Of all requests."""
    status: int = 200
    seconds: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Faults:
    """Which requests are spoiled; the same ones in every run, by their number and the seed."""

    kinds: tuple[Fault, ...] = ()
    seed: int = 0

    def of(self, number: int) -> Fault | None:
        """The fault of the request of that number, None where it is answered well."""
        if not self.kinds:
            return None
        reach = fraction(self.seed, "fault", number)
        for fault in self.kinds:
            reach -= fault.share
            if reach < 0:
                return fault
        return None


def read_faults(spec: str, *, seed: int = 0) -> Faults:
    """Read `KIND[=SECONDS]:SHARE,...`, such as `429:0.3,500:0.1,slow=5:0.05`.

    Raises:
        InvalidInput: a part cannot be read, names no kind, or the shares come to more than 1.
    """
    kinds = tuple(_read(part) for part in spec.split(",") if part.strip())
    total = sum(fault.share for fault in kinds)
    if total > 1 + 1e-9:
        raise InvalidInput(f"The shares of the faults come to {total:g}; together they can be 1 at most.")
    return Faults(kinds=kinds, seed=seed)


def _read(part: str) -> Fault:
    match = _PART.fullmatch(part)
    try:
        share = float(match["share"]) if match else -1.0
    except ValueError:
        share = -1.0
    if match is None or not 0 <= share <= 1:
        raise InvalidInput(
            f"The fault {part.strip()!r} cannot be read. Write KIND:SHARE or KIND=SECONDS:SHARE, the share "
            f"from 0 to 1, such as 429:0.3 or slow=5:0.05."
        )
    kind, seconds = match["kind"], float(match["seconds"]) if match["seconds"] else None
    if kind.isdecimal():
        if not 400 <= int(kind) <= 599:
            raise InvalidInput(f"The fault {part.strip()!r} is no error status; those are 400 to 599.")
        return Fault(kind="status", share=share, status=int(kind), seconds=seconds)
    if kind not in KINDS:
        raise InvalidInput(f"There is no fault {kind!r}. There is: a status from 400 to 599, {', '.join(KINDS)}.")
    return Fault(kind=kind, share=share, seconds=seconds)
