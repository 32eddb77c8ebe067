"""What was said, without tool traffic: a run's conversation, a chat, and where in it the judge's evidence is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Literal

from sparring.dialects.sigmamind import wire
from sparring.dialects.spelling import ITEM, spell, spell_chat, timestamp
from sparring.domain import ids
from sparring.domain.chance import derive
from sparring.domain.outcomes import Outcome
from sparring.domain.scenario import Scenario
from sparring.domain.simulation import Trial
from sparring.domain.transcript import AgentMessage, Message, UserMessage
from sparring.domain.turns import STOP_TOKENS, without_tokens

Role = Literal["user", "assistant"]


def conversation(messages: Sequence[Message], scenario: Scenario) -> list[wire.Line]:
    """The texts of both sides, stop tokens taken out."""
    return [wire.Line(role=role, content=text) for _, role, text in _spoken(messages, scenario)]


def places(messages: Sequence[Message], scenario: Scenario) -> dict[int, str]:
    """How to name each message of a transcript to somebody who sees the conversation only, counted from 0."""
    numbers = {index: number for number, (index, _, _) in enumerate(_spoken(messages, scenario))}
    named: dict[int, str] = {}
    last = "before the first message"
    for index in range(len(messages)):
        if index in numbers:
            named[index] = f"message {numbers[index]}"
            last = f"after {named[index]}"
        else:
            named[index] = f"tool traffic {last}"
    return named


def chat(
    trial: Trial,
    messages: Sequence[Message],
    scenario: Scenario,
    *,
    agent: wire.AgentSummary,
    created_at: float,
    scripted: bool = False,
) -> wire.Chat:
    """The chat behind a test run."""
    items = [item(trial.id, index, role, text) for index, role, text in _spoken(messages, scenario)]
    record = wire.Chat(
        chatId=spell_chat(trial.id, trial.alias),
        agent=agent,
        createdAt=timestamp(created_at),
        status=status_of(trial),
        transcript=as_lines(items),
        response=_last_reply(items),
        messages=items,
        dynamicVariables=dict(scenario.variables),
    )
    if scripted:
        record["scripted"] = True
    return record


def spoken(
    messages: Sequence[Message], *, user_tokens: tuple[str, ...], agent_tokens: tuple[str, ...]
) -> Iterator[tuple[int, Role, str]]:
    """Each text with its place in the transcript and who said it, stop tokens taken out."""
    for index, message in enumerate(messages):
        match message:
            case UserMessage():
                role: Role = "user"
                tokens = user_tokens
            case AgentMessage():
                role, tokens = "assistant", agent_tokens
            case _:
                continue
        text = without_tokens(message.text or "", tokens)
        if text:
            yield index, role, text


def item(conversation: str, index: int, role: Role, text: str) -> wire.ChatItem:
    """A message of a chat or trial; its id follows from its place there."""
    entropy = derive(0, conversation, index).to_bytes(8, "big")
    id = spell(ITEM, ids.mint(ids.minted_at(conversation), entropy))
    return wire.ChatItem(id=id, role=role, type="message", content=[text])


def as_lines(items: Sequence[wire.ChatItem]) -> str:
    """What was said, a line each."""
    names = {"user": "User", "assistant": "Agent"}
    return "\n".join(f"{names[one['role']]}: {one['content'][0]}" for one in items)


def _spoken(messages: Sequence[Message], scenario: Scenario) -> Iterator[tuple[int, Role, str]]:
    user_tokens = STOP_TOKENS if scenario.stop_tokens is None else scenario.stop_tokens
    return spoken(messages, user_tokens=user_tokens, agent_tokens=scenario.agent_stop_tokens)


def _last_reply(items: Sequence[wire.ChatItem]) -> Sequence[wire.ChatItem]:
    """What the agent said last, up to what the user said before it."""
    end = max((number for number, one in enumerate(items, 1) if one["role"] == "assistant"), default=0)
    start = end
    while start and items[start - 1]["role"] == "assistant":
        start -= 1
    return items[start:end]


def status_of(trial: Trial) -> Literal["in_progress", "ended", "error"]:
    """How the chat behind a trial stands."""
    if trial.outcome is Outcome.ERROR:
        return "error"
    return "ended" if trial.is_over else "in_progress"
