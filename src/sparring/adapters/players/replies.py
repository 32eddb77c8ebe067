"""What is asked of the replies of a model before a player takes them as its own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from sparring.domain.transcript import Generation, Usage
from sparring.simulation.ports import ModelReply


def is_blank(reply: ModelReply) -> bool:
    """Whether a reply holds neither words nor a tool call."""
    return not reply.calls and not (reply.text and reply.text.strip())


def added(generations: Sequence[Generation]) -> Generation:
    """The last of several generations with the cost, tokens and seconds of all: what one message took."""
    last = generations[-1]
    if len(generations) == 1:
        return last
    usages = [made.usage for made in generations if made.usage is not None]
    usage = Usage(
        input=sum(used.input for used in usages),
        output=sum(used.output for used in usages),
        cached=sum(used.cached for used in usages),
        reasoning=sum(used.reasoning for used in usages),
        written=sum(used.written for used in usages),
    )
    return replace(
        last,
        cost=total_cost(generations),
        usage=usage if usages else None,
        seconds=sum(made.seconds or 0.0 for made in generations),
    )


def total_cost(generations: Sequence[Generation]) -> float | None:
    """USD of all together, None where one price is not known."""
    costs = [made.cost for made in generations if made.cost is not None]
    return sum(costs) if len(costs) == len(generations) else None
