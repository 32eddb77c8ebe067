"""What is on a tape: the questions and answers of one role in one trial, a line each.

A line holds what was asked as well, so that a change of the prompts can be told; of the conversation only what came
since the line before. Neither keys nor headers are part of a question.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from hashlib import blake2b
from pathlib import Path
from typing import Any

from sparring.adapters.store import codec
from sparring.domain.errors import InvalidInput
from sparring.domain.transcript import AgentMessage
from sparring.simulation.ports import ModelReply, ModelRequest, Occasion, Prompt

FORMAT = 1
_ABOUT = "cassettes.json"
_PATH = re.compile(r"(?<=^scripted:).*/")
"""A script's folder, which is another one on another machine."""
_SLUG = re.compile(r"[^a-z0-9]+")

Plain = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What a model was asked, without what only the wire adds."""

    model: str
    system: str
    messages: tuple[Plain, ...]
    rest: Plain
    """Tools, the form of the answer, temperature."""

    @property
    def digest(self) -> str:
        """The same for the same question."""
        asked = [self.model, self.system, self.messages, self.rest]
        return blake2b(codec.dump(_sorted(asked)), digest_size=12).hexdigest()


@dataclass(slots=True)
class Line:
    """A question with its answer."""

    question: Question
    reply: ModelReply
    used: bool = False


@dataclass(slots=True)
class Tape:
    """The lines of one role in one trial, in the order in which they were recorded."""

    path: Path
    lines: list[Line] = field(default_factory=list)
    played: list[Line] = field(default_factory=list)
    """Those that this play took or added, in its order."""
    by_digest: dict[str, list[Line]] = field(default_factory=dict)
    fresh: bool = False

    def take(self, question: Question) -> ModelReply | None:
        """The first answer to that question that was not taken yet."""
        for line in self.by_digest.get(question.digest, ()):
            if not line.used:
                line.used = True
                self.played.append(line)
                return line.reply
        return None

    def add(self, question: Question, reply: ModelReply) -> None:
        """Put a line at the end; it is in the file when this returns.

        Raises:
            InvalidInput: the file cannot be written.
        """
        line = Line(question, reply, used=True)
        before = self.played[-1].question if self.played else None
        self.played.append(line)
        if self.fresh:
            _write(self.path, codec.dump(_plain(line, before)) + b"\n", append=len(self.played) > 1)

    def expected(self) -> Question | None:
        """What the recording was asked at this point; None where it holds nothing more."""
        position = len(self.played)
        return self.lines[position].question if position < len(self.lines) else None

    def keep_played(self, *, to_the_end: bool) -> None:
        """Write the tape anew with what was played, where that differs from what it held.

        Args:
            to_the_end: whether the trial got there: what nothing asked for is left out only then.
        """
        kept = [*self.played, *(line for line in self.lines if not (to_the_end or line.used))]
        if self.fresh or not self.played or [id(line) for line in kept] == [id(line) for line in self.lines]:
            return
        before: Sequence[Question | None] = [None, *(line.question for line in kept)]
        lines = [codec.dump(_plain(line, last)) for line, last in zip(kept, before, strict=False)]
        _write(self.path, b"\n".join(lines) + b"\n", append=False)


class Cassettes:
    """A folder of tapes: one for each scenario, trial and role."""

    def __init__(self, folder: Path, *, fresh: bool) -> None:
        """Open a folder.

        Args:
            fresh: whether tapes are recorded anew rather than read.

        Raises:
            InvalidInput: nothing was recorded there, or by a newer release.
        """
        self.folder = folder
        self._fresh = fresh
        self._tapes: dict[Occasion, Tape] = {}
        if not fresh:
            self.about: Mapping[str, Any] = _read_about(folder)

    def tape(self, occasion: Occasion) -> Tape:
        """The tape of one role in one trial.

        Raises:
            InvalidInput: its file cannot be read.
        """
        place = replace(occasion, seed=0)
        found = self._tapes.get(place)
        if found is None:
            path = self.folder / _name(occasion.scenario) / f"{occasion.trial:03d}-{occasion.role}.jsonl"
            lines = [] if self._fresh else _read(path)
            found = self._tapes[place] = Tape(path, lines, fresh=self._fresh)
            for line in lines:
                found.by_digest.setdefault(line.question.digest, []).append(line)
        return found

    def write_about(self, told: Mapping[str, Any]) -> None:
        """Note what a replay must know, such as the models' names."""
        _write(self.folder / _ABOUT, codec.dump({"format": FORMAT, **told}) + b"\n", append=False)

    def keep_played(self, ended: Collection[tuple[str, int]]) -> None:
        """Leave on each tape that was played what the play has used or added.

        Args:
            ended: scenario and number of the trials that got to their end. The tapes of the others keep what was not
                asked for as well.
        """
        for occasion, tape in self._tapes.items():
            tape.keep_played(to_the_end=(occasion.scenario, occasion.trial) in ended)


def question_of(model: str, request: ModelRequest) -> Question:
    """What a request asks a model."""
    tools = [{"name": t.name, "description": t.description, "parameters": t.parameters} for t in request.tools]
    rest = {
        "tools": tools or None,
        "schema": None if request.schema is None else {"name": request.schema.name, "body": request.schema.body},
        "temperature": request.temperature,
        "top_p": request.top_p,
    }
    return Question(
        model=_PATH.sub("", model),
        system=request.system,
        messages=tuple(_shown(prompt) for prompt in request.messages),
        rest={name: value for name, value in rest.items() if value is not None},
    )


def _shown(prompt: Prompt) -> Plain:
    told = {
        "role": prompt.role,
        "text": prompt.text,
        "calls": [{"name": call.name, "arguments": call.arguments} for call in prompt.calls] or None,
        "name": prompt.name,
        "is_error": prompt.is_error or None,
    }
    return {name: value for name, value in told.items() if value is not None}


def _plain(line: Line, before: Question | None) -> Plain:
    question = line.question
    kept = _common(question.messages, before.messages if before is not None else ())
    told: Plain = {"kept": kept, "messages": list(question.messages[kept:])}
    for name in ("model", "system", "rest"):
        if before is None or getattr(before, name) != getattr(question, name):
            told[name] = getattr(question, name)
    reply = line.reply
    said = AgentMessage(text=reply.text, calls=reply.calls, generation=reply.generation)
    return {**told, "reply": codec.to_plain(said)}


def _common(messages: Sequence[Plain], before: Sequence[Plain]) -> int:
    count = 0
    for one, other in zip(messages, before, strict=False):
        if one != other:
            break
        count += 1
    return count


def _read(path: Path) -> list[Line]:
    try:
        text = path.read_bytes()
    except FileNotFoundError:
        return []
    except OSError as error:
        raise InvalidInput(f"{path}: cannot be read: {error.strerror}.") from None
    lines: list[Line] = []
    for number, body in enumerate(text.splitlines(), 1):
        try:
            lines.append(_line(codec.load(body), lines[-1].question if lines else None))
        except (ValueError, KeyError, TypeError, AttributeError):
            raise InvalidInput(f"{path}:{number}: this is no recorded answer. Record the suite anew.") from None
    return lines


def _line(told: Plain, before: Question | None) -> Line:
    parts = {name: told[name] if name in told else getattr(before, name) for name in ("model", "system", "rest")}
    earlier = before.messages[: told["kept"]] if before is not None else ()
    said = codec.from_plain(told["reply"])
    assert isinstance(said, AgentMessage) and said.generation is not None
    reply = ModelReply(text=said.text, calls=said.calls, generation=said.generation)
    return Line(Question(messages=(*earlier, *told["messages"]), **parts), reply)


def _read_about(folder: Path) -> Mapping[str, Any]:
    try:
        about = codec.load((folder / _ABOUT).read_bytes())
    except OSError:
        raise InvalidInput(
            f"Nothing was recorded in {folder}: play once with --record {folder}, or pytest with --sparring-record."
        ) from None
    except ValueError:
        raise InvalidInput(f"{folder / _ABOUT} is no JSON. Record the suite anew.") from None
    if not isinstance(about, dict) or about.get("format") != FORMAT:
        raise InvalidInput(f"{folder} was recorded by another release of Sparring. Record the suite anew.")
    return about


def _write(path: Path, content: bytes, *, append: bool) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("ab" if append else "wb") as file:
            file.write(content)
    except OSError as error:
        raise InvalidInput(f"Cannot write {path}: {error.strerror}.") from None


def _name(scenario: str) -> str:
    """A folder's name: readable, and different for different scenarios."""
    slug = _SLUG.sub("-", scenario.lower()).strip("-")[:48]
    return f"{slug}-{blake2b(scenario.encode('utf-8', 'surrogatepass'), digest_size=4).hexdigest()}"


def _sorted(value: Any) -> Any:
    """The value with the keys of its mappings in order."""
    if isinstance(value, Mapping):
        return {key: _sorted(value[key]) for key in sorted(value)}
    if isinstance(value, list | tuple):
        return [_sorted(item) for item in value]
    return value
