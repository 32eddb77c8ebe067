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
    items = [(role, _item(trial.id, index, role, text)) for index, role, text in _spoken(messages, scenario)]
    record = wire.Chat(
        chatId=spell_chat(trial.id, trial.alias),
        agent=agent,
        createdAt=timestamp(created_at),
        status=_status(trial),
        transcript="\n".join(
            f"{'User' if role == 'user' else 'Agent'}: {item['content'][0]}" for role, item in items
        ),
        response=[item for role, item in _last_reply(items)],
        messages=[item for _, item in items],
        dynamicVariables=dict(scenario.variables),
    )
    if scripted:
        record["scripted"] = True
    return record


def _spoken(messages: Sequence[Message], scenario: Scenario) -> Iterator[tuple[int, Role, str]]:
    user_tokens = STOP_TOKENS if scenario.stop_tokens is None else scenario.stop_tokens
    for index, message in enumerate(messages):
        match message:
            case UserMessage():
                role: Role = "user"
                tokens = user_tokens
            case AgentMessage():
                role, tokens = "assistant", scenario.agent_stop_tokens
            case _:
                continue
        text = without_tokens(message.text or "", tokens)
        if text:
            yield index, role, text


def _item(trial_id: str, index: int, role: Role, text: str) -> wire.ChatItem:
    entropy = derive(0, trial_id, index).to_bytes(8, "big")
    id = spell(ITEM, ids.mint(ids.minted_at(trial_id), entropy))
    return wire.ChatItem(id=id, role=role, type="message", content=[text])


def _last_reply(items: Sequence[tuple[Role, wire.ChatItem]]) -> Sequence[tuple[Role, wire.ChatItem]]:
    """What the agent said last, up to what the user said before it."""
    end = max((number for number, (role, _) in enumerate(items, 1) if role == "assistant"), default=0)
    start = end
    while start and items[start - 1][0] == "assistant":
        start -= 1
    return items[start:end]


def _status(trial: Trial) -> Literal["in_progress", "ended", "error"]:
    if trial.outcome is Outcome.ERROR:
        return "error"
    return "ended" if trial.is_over else "in_progress"
