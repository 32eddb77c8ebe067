"""`try`: a person talks to an agent in the terminal."""

from __future__ import annotations

import asyncio
import sys
import threading
from collections.abc import Iterable, Sequence
from contextlib import suppress
from pathlib import Path

from sparring.bootstrap.trying import Trying, open_trying
from sparring.cli.files import write
from sparring.cli.terminal import colored, note, say
from sparring.domain.endpoints import address_of
from sparring.domain.errors import InvalidInput, TrialFault
from sparring.domain.templates import compact_json
from sparring.domain.transcript import (
    AgentMessage,
    Message,
    ToolResult,
    Transcript,
    UserMessage,
)
from sparring.reports.lettering import harmless, painted
from sparring.settings import read_settings
from sparring.simulation.trial import converse

HELP = (
    "/restart begins anew, /save FILE writes a scenario of this conversation, /quit ends (// for a text with /)."
)


class _Quit(Exception):
    """The person has had enough."""


class _Restart(Exception):
    """The person wants to begin anew."""


async def try_agent(target: str, *, only: str | None, model: str | None, database: str | None) -> int:
    """Talk to an agent until the person quits."""
    settings = read_settings(database_url=database)
    async with open_trying(settings, target, only=only, model=model) as trying:
        agent = trying.agent
        where = address_of(agent.endpoint) if agent.endpoint is not None else agent.model
        note(f"{agent.name} ({where}), with the tools of {trying.scenario.name!r}. {HELP}")
        keyboard = _Keyboard()
        with suppress(_Quit):
            while True:
                with suppress(_Restart):
                    await _Session(trying, keyboard).hold()
    return 0


class _Keyboard:
    """Reads lines in a thread of its own, which does not keep the process alive."""

    def __init__(self) -> None:
        self._asks = sys.stdin.isatty()
        self._lines: asyncio.Queue[str | None] = asyncio.Queue()
        self._wanted = threading.Semaphore(0)
        self._loop = asyncio.get_running_loop()
        threading.Thread(target=self._read, daemon=True).start()

    async def line(self) -> str:
        """The next line. _Quit at the end of the input."""
        self._wanted.release()
        line = await self._lines.get()
        if line is None:
            raise _Quit
        if not self._asks:
            say(f"you: {line}")
        return line

    def _read(self) -> None:
        while True:
            self._wanted.acquire()
            try:
                line: str | None = input("you: " if self._asks else "")
            except (EOFError, UnicodeDecodeError):
                line = None
            # The loop may be gone while this thread still waits for a key.
            with suppress(RuntimeError):
                self._loop.call_soon_threadsafe(self._lines.put_nowait, line)


class _Session:
    """One conversation: the person's side, and the journal that shows the other side."""

    def __init__(self, trying: Trying, keyboard: _Keyboard) -> None:
        self._trying = trying
        self._keyboard = keyboard
        self._stored: list[Message] = []
        self._streamed: list[str] = []
        self._talk = trying.talk(self._hear)

    async def hold(self) -> None:
        """Talk until one of the commands says otherwise."""
        try:
            while True:
                try:
                    await converse(
                        self._talk.stage, user=self, agent=self._talk.agent, journal=self, clock=self._trying.clock
                    )
                except TrialFault as fault:
                    spoken = self._take_back()
                    note(f"{_newline(self._streamed)}error: {fault}")
                    self._streamed.clear()
                    if not spoken:
                        await self._command()
                    continue
                note("The conversation is over.")
                while True:
                    await self._command()
        finally:
            self._talk.leave()

    async def speak(self, transcript: Transcript) -> UserMessage:
        """What the person says next; commands are carried out on the way."""
        while True:
            line = (await self._keyboard.line()).strip()
            if line.startswith("/") and not line.startswith("//"):
                self._carry_out(line)
            elif line:
                return UserMessage(text=line.removeprefix("/") if line.startswith("//") else line)

    async def load(self) -> Sequence[Message]:
        """What was said so far."""
        return tuple(self._stored)

    async def append(self, position: int, messages: Sequence[Message]) -> None:
        """Keep messages, and show those of the agent's side."""
        self._stored.extend(messages)
        for message in messages:
            self._show(message)

    def _hear(self, words: str) -> None:
        if not self._streamed:
            sys.stdout.write("agent: ")
        self._streamed.append(words)
        sys.stdout.write(harmless(words))
        sys.stdout.flush()

    def _show(self, message: Message) -> None:
        match message:
            case AgentMessage(text=text, calls=calls):
                if self._streamed:
                    say()
                    self._streamed.clear()
                elif text:
                    say(f"agent: {harmless(text)}")
                for call in calls:
                    arguments = compact_json(dict(call.arguments)) if call.malformed is None else call.malformed
                    _aside(f"  → {call.name} {arguments}")
            case ToolResult(text=text, is_error=is_error, source=source):
                _aside(f"  ← {text} [{'error, ' if is_error else ''}{source}]")
            case _:
                pass

    async def _command(self) -> None:
        """Something other than a message, where none can be said."""
        line = (await self._keyboard.line()).strip()
        if line.startswith("/"):
            self._carry_out(line)
        elif line:
            note(HELP)

    def _carry_out(self, line: str) -> None:
        command, _, rest = line.partition(" ")
        match command:
            case "/quit":
                raise _Quit
            case "/restart":
                note("A new conversation.")
                raise _Restart
            case "/save":
                self._save(rest.strip())
            case _:
                note(HELP)

    def _save(self, name: str) -> None:
        if not name:
            note("Name a file: /save scenario.yaml")
            return
        path = Path(name)
        try:
            if path.exists():
                raise InvalidInput(f"{path} is there already; name another file.")
            write(path, self._trying.as_suite(self._talk, Transcript(self._stored), path))
        except InvalidInput as error:
            note(f"error: {error}")
            return
        note(
            f"Written: {path}. Say in it what must come of it (expect: assertions: ...), then: sparring run {path}"
        )

    def _take_back(self) -> bool:
        """Forget the person's last message, so that it can be said again; False where there is none."""
        places = [index for index, message in enumerate(self._stored) if isinstance(message, UserMessage)]
        del self._stored[places[-1] if places else 0 :]
        return bool(places)


def _aside(text: str) -> None:
    say(painted(harmless(text), "dim", colored()))


def _newline(streamed: Iterable[str]) -> str:
    return "\n" if any(streamed) else ""
