"""The transcript as the judge is shown it, and what may be quoted from it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence

from sparring.domain.evaluation import Evidence
from sparring.domain.templates import compact_json
from sparring.domain.transcript import (
    AgentMessage,
    Message,
    SystemMessage,
    ToolCall,
    ToolResult,
    Transcript,
    UserMessage,
)

LONGEST = 20_000
"""Characters of one text, call or result that a judge is shown; of a longer one its beginning and its end."""

_TAIL = 4_000

_OTHER_BREAKS = re.compile("[\r\v\f\x1c-\x1e\x85\u2028\u2029]")

_PLAIN = str.maketrans(
    {
        **dict.fromkeys("‘’‚‛`´′ʼ", "'"),
        **dict.fromkeys("“”„‟«»″", '"'),
        **dict.fromkeys("‐‑‒–—―−", "-"),
    }
)

_HEAD = re.compile(
    r"\s*(?:\[\d+\]\s*)?(?:(?:agent|user|system):|(?:agent|user) calls |result of \S+(?: \(error\))?:)?\s*"
)

_WRAPPING = "\"'“”„«»‘’`"
_LEFT_OUT = "….[] "


class Exhibits:
    """Every message of a transcript in pieces: a text, each call, a result."""

    def __init__(self, transcript: Transcript) -> None:
        """Take a finished conversation."""
        self._pieces = [list(_pieces(message)) for message in transcript]
        self._compressed: dict[tuple[int, int], tuple[str, list[int]]] = {}

    def __len__(self) -> int:
        return len(self._pieces)

    def texts(self, message: int) -> Sequence[str]:
        """What may be quoted from a message, verbatim."""
        return [text for _, text in self._pieces[message]]

    def render(self) -> str:
        """The lines that the judge is shown: each message begins with its number, further lines are indented."""
        return "\n".join(
            f"[{number}] {head}{indented(shortened(text))}"
            for number, pieces in enumerate(self._pieces)
            for head, text in pieces
        )

    def find(self, message: int, quote: str) -> Evidence | None:
        """The evidence that a quote is, with the words as they really stand there; None where they stand nowhere.

        Blanks, quotation marks, dashes and the forms of a character are not compared. A quote that is in exactly
        one other message than the one that is named gets its number put right; one without words names the
        message only.
        """
        if not _compress(quote)[0]:
            return Evidence(message=message) if 0 <= message < len(self) else None
        readings = list(_readings(quote))
        if 0 <= message < len(self):
            for reading in readings:
                if words := self._words(message, reading):
                    return Evidence(message=message, quote=words)
        for reading in readings:
            found = [number for number in range(len(self)) if self._words(number, reading)]
            if len(found) == 1:
                return Evidence(message=found[0], quote=self._words(found[0], reading) or "")
        return None

    def _words(self, message: int, quote: str) -> str | None:
        """The words of a message that a quote is, verbatim."""
        pieces = self._pieces[message]
        if any(quote in text for _, text in pieces):
            return quote
        wanted = _compress(quote)[0]
        for number, (_, text) in enumerate(pieces):
            key = (message, number)
            if key not in self._compressed:
                self._compressed[key] = _compress(text)
            compressed, places = self._compressed[key]
            if wanted and (at := compressed.find(wanted)) >= 0:
                return text[places[at] : places[at + len(wanted) - 1] + 1]
        return None


def indented(text: str) -> str:
    """The text with every further line indented by two spaces, so that none can pass for a head or a tag.

    Whatever else breaks a line is shown as a blank.
    """
    return _OTHER_BREAKS.sub(" ", text.replace("\r\n", "\n")).replace("\n", "\n  ")


def shortened(text: str) -> str:
    """The text, or where it is too long its beginning and its end with a mark between them."""
    if len(text) <= LONGEST:
        return text
    left_out = len(text) - LONGEST
    return f"{text[: LONGEST - _TAIL]} [… {left_out} characters left out …] {text[-_TAIL:]}"


def _pieces(message: Message) -> Iterator[tuple[str, str]]:
    """Heads and texts of a message."""
    match message:
        case SystemMessage(text=text):
            yield "system: ", text
        case ToolResult():
            yield f"result of {_one_line(message.name)}{' (error)' if message.is_error else ''}: ", message.text
        case UserMessage() | AgentMessage():
            side = "user" if isinstance(message, UserMessage) else "agent"
            if message.text or not message.calls:
                yield f"{side}: ", message.text or ""
            for call in message.calls:
                yield f"{side} calls ", _call(call)


def _call(call: ToolCall) -> str:
    given = dict(call.arguments) if call.malformed is None else call.malformed
    return f"{_one_line(call.name)} {compact_json(given)}"


def _one_line(name: str) -> str:
    return " ".join(name.split())


def _readings(quote: str) -> Iterator[str]:
    """The quote as it came, then without what is often put around one: the head of the line, marks, dots."""
    seen = {quote}
    yield quote
    for bare in (quote[_matched(quote) :], quote.strip().strip(_WRAPPING), quote.strip(_LEFT_OUT)):
        for reading in (bare, bare.strip().strip(_WRAPPING).strip(_LEFT_OUT)):
            if reading and reading not in seen:
                seen.add(reading)
                yield reading


def _matched(quote: str) -> int:
    match = _HEAD.match(quote)
    return match.end() if match else 0


def _compress(text: str) -> tuple[str, list[int]]:
    """The characters that are compared, and for each the place in the text that it came from."""
    plain = text.translate(_PLAIN)
    characters: list[str] = []
    places: list[int] = []
    for place, character in enumerate(plain):
        parts = character if character.isalnum() and character.isascii() else _decomposed(character)
        characters.extend(parts)
        places.extend([place] * len(parts))
    return "".join(characters), places


def _decomposed(character: str) -> str:
    """The character in its plainest form, without what has no width."""
    parts = unicodedata.normalize("NFKD", character)
    return "".join(part for part in parts if not part.isspace() and unicodedata.category(part) != "Cf")
