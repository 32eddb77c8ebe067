"""A trial as pages and report show it: the conversation and the verdict, each leading to the other."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sparring.domain.endpoints import address_of, kind_of
from sparring.domain.evaluation import Check, Finding
from sparring.domain.outcomes import Termination
from sparring.domain.scenario import Scenario
from sparring.domain.simulation import Simulation, Trial
from sparring.domain.transcript import Message, Transcript
from sparring.reports import figures
from sparring.reports.excerpts import ShownCall, ShownMessage, shown
from sparring.reports.sections import check_title
from sparring.reports.views.anchors import ALONE, Anchors
from sparring.reports.views.quotes import Cited, Piece, by_message, citations, pieces

ENDINGS: Mapping[Termination, str] = {
    Termination.USER_STOP: "ended by the user",
    Termination.AGENT_STOP: "ended by the agent",
    Termination.MAX_STEPS: "ended by the limit of steps",
    Termination.TOO_MANY_ERRORS: "ended by too many errors in a row",
    Termination.CANCELLED: "cancelled",
}
SIGNS: Mapping[str, str] = {
    "met": "✓", "not_met": "✗", "inconclusive": "?", "passed": "✓", "failed": "✗", "error": "!",
    "cancelled": "–", "running": "◐", "queued": "·",
}  # fmt: skip
"""A shape beside each colour."""

_LONG = 80
"""Characters from which JSON is spread over lines."""

_BAD_SOURCES = ("unmocked", "malformed", "unanswered")
_SOURCES = {
    "agent": "answered by the agent's own",
    "end": "ends the conversation",
    "history": "given",
    "live": "really called",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckView:
    """One check."""

    place: int
    """In the verdict."""
    check: Check
    title: str
    cited: Sequence[Cited]
    anchor: str
    """Where it stands on the page."""

    @property
    def finding(self) -> str:
        """In words."""
        return self.check.finding.value.replace("_", " ")

    @property
    def tone(self) -> str:
        """The class of its colour."""
        return self.check.finding.value.replace("_", "-")

    @property
    def sign(self) -> str:
        """Its shape."""
        return SIGNS[self.check.finding.value]


@dataclass(frozen=True, slots=True, kw_only=True)
class ResultView:
    """The answer to a call."""

    message: ShownMessage
    pieces: Sequence[Piece]
    anchors: Sequence[str]
    cited_by: Sequence[CheckView]
    badge: str
    is_bad: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class CallView:
    """One tool call with its answer."""

    name: str
    brief: str
    """The arguments, on one line."""
    pieces: Sequence[Piece]
    """The arguments as they are shown unfolded."""
    result: ResultView | None
    note: str
    """What is to be said where there is no answer."""

    @property
    def is_open(self) -> bool:
        """Whether it is unfolded from the start: somebody points at it, or something went wrong."""
        result = self.result
        return any(piece.is_quoted for piece in self.pieces) or (
            result is not None and (bool(result.cited_by) or result.is_bad)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageView:
    """One message; a result that answers no call stands alone."""

    message: ShownMessage
    pieces: Sequence[Piece]
    anchors: Sequence[str]
    calls: Sequence[CallView]
    result: ResultView | None
    cited_by: Sequence[CheckView]
    facts: Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialView:
    """A trial with everything that is shown of it."""

    anchors: Anchors
    state: str
    """Its outcome, or where it is as long as it has none."""
    ending: str | None
    """How the talking ended, in words."""
    checks: Sequence[CheckView]
    """What was not met first."""
    messages: Sequence[MessageView]

    @property
    def sign(self) -> str:
        """The shape of its state."""
        return SIGNS[self.state]


def view(trial: Trial, scenario: Scenario, messages: Sequence[Message], anchors: Anchors = ALONE) -> TrialView:
    """A trial.

    Args:
        scenario: with the values of this trial.
        anchors: the places of this trial on the page.
    """
    checks = trial.verdict.checks if trial.verdict is not None else ()
    cited = citations(checks, messages, scenario, anchors)
    views = [
        CheckView(
            place=place, check=check, title=check_title(check), cited=cited[place], anchor=anchors.check(place)
        )
        for place, check in enumerate(checks)
    ]
    return TrialView(
        anchors=anchors,
        state=(trial.outcome or trial.status).value,
        ending=ENDINGS[trial.termination] if trial.termination is not None else None,
        checks=sorted(views, key=_rank),
        messages=_Conversation(scenario, messages, by_message(cited), views).views(),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class TalkView:
    """A conversation that nobody judges."""

    anchors: Anchors
    messages: Sequence[MessageView]


def talk(scenario: Scenario, messages: Sequence[Message], anchors: Anchors = ALONE) -> TalkView:
    """A conversation by itself."""
    return TalkView(anchors=anchors, messages=_Conversation(scenario, messages, {}, ()).views())


class _Conversation:
    """The messages, with each result under its call."""

    def __init__(
        self,
        scenario: Scenario,
        messages: Sequence[Message],
        cited: Mapping[int, Sequence[Cited]],
        checks: Sequence[CheckView],
    ) -> None:
        self._shown = shown(messages, scenario)
        self._cited = cited
        self._checks = checks
        self._given = len(scenario.history)
        paired = Transcript(messages).results()
        self._result_of = {key: index for key, (index, _) in paired.items()}
        self._answers = set(self._result_of.values())
        self._begun = next((one.at for one in self._shown[self._given :] if one.at is not None), None)

    def views(self) -> list[MessageView]:
        return [self._message(one) for one in self._shown if one.index not in self._answers]

    def _message(self, message: ShownMessage) -> MessageView:
        cited = self._cited.get(message.index, ())
        spoken = [one for one in cited if one.quote.is_verbatim]
        parts, anchors = pieces(message.text, spoken)
        is_result = message.role == "tool"
        return MessageView(
            message=message,
            pieces=() if is_result else parts,
            anchors=() if is_result else anchors,
            calls=[self._call(message.index, place, call) for place, call in enumerate(message.calls)],
            result=self._result(message.index) if is_result else None,
            cited_by=self._citing(message.index),
            facts=self._facts(message),
        )

    def _call(self, index: int, place: int, call: ShownCall) -> CallView:
        quoted = [
            one.anchor
            for one in self._cited.get(index, ())
            if not one.quote.is_verbatim and one.quote.words == call.text
        ]
        answer = self._result_of.get((index, place))
        return CallView(
            name=call.name,
            brief=call.arguments,
            pieces=[Piece(text=_spread(call.arguments), is_quoted=bool(quoted), anchors=tuple(quoted))],
            result=None if answer is None else self._result(answer),
            note=_SOURCES["end"] if self._shown[index].role == "user" else "not answered",
        )

    def _result(self, index: int) -> ResultView:
        message = self._shown[index]
        cited = self._cited.get(index, ())
        parts, anchors = pieces(message.text if cited else _spread(message.text), cited)
        source = message.source or ""
        return ResultView(
            message=message,
            pieces=parts,
            anchors=anchors,
            cited_by=self._citing(index),
            badge=source if source in _BAD_SOURCES else _SOURCES.get(source, f"mocked: {source}"),
            is_bad=source in _BAD_SOURCES or message.is_error,
        )

    def _citing(self, index: int) -> list[CheckView]:
        places = dict.fromkeys(one.check for one in self._cited.get(index, ()))
        return [self._checks[place] for place in places]

    def _facts(self, message: ShownMessage) -> list[str]:
        if message.index < self._given:
            return ["given"]
        facts = []
        if message.at is not None and self._begun is not None:
            facts.append(f"+{figures.duration(max(0.0, message.at - self._begun))}")
        if (made := message.generation) is not None:
            if made.seconds is not None:
                facts.append(f"took {figures.duration(made.seconds)}")
            facts.append("cost unknown" if made.cost is None else figures.money(made.cost))
        return facts


def _rank(view: CheckView) -> int:
    order = (Finding.NOT_MET, Finding.INCONCLUSIVE, Finding.MET)
    return order.index(view.check.finding) + (0 if view.check.required else len(order))


def _spread(text: str) -> str:
    """JSON that is long, over several lines; anything else as it is."""
    if len(text) <= _LONG or text[:1] not in "{[":
        return text
    try:
        return json.dumps(json.loads(text), ensure_ascii=False, indent=2)
    except (ValueError, RecursionError):
        return text


def variables(scenario: Scenario) -> list[tuple[str, str]]:
    """Names and values: text as it is, anything else as JSON."""
    return [
        (name, value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str))
        for name, value in scenario.variables.items()
    ]


def models(simulation: Simulation, scenario: Scenario) -> list[tuple[str, str]]:
    """Who played each role."""
    home = simulation.agent.endpoint
    if home is not None:
        agent = f"{kind_of(home)} {address_of(home)}"
    else:
        agent = scenario.model or simulation.agent.model or "the agent's own code"
    return [("agent", agent), ("user", simulation.models.user), ("judge", simulation.models.judge)]
