"""Finds out, field by field, what the program does with what it is sent.

Each field is sent to a server, and what is stored is compared with what is stored without it. A field is acted on
where that differs in anything that is played, judged, shown or told to somebody, and stored only where it is merely
given back.
"""

import copy
import dataclasses
import re
from collections.abc import Mapping
from enum import Enum

from tests.wire.sigmamind.served import WORKSPACE, serve
from vendor_pages import NAMES, Values

from sparring.domain import ids

ACTED_ON, STORED, PASSED_OVER, REFUSED = "acted on", "stored only", "passed over", "refused"

REQUEST = ("url", "method", "headers", "queryParams", "bodyParams")
"""The parts of a tool's `extra` that are the request which a webhook makes."""
FOR_PEOPLE = {
    "Scenario": ("purpose", "notes"),
    "ExpectedAction": ("info", "call_id"),
    "ScenarioSet": ("description",),
    **dict.fromkeys(("SystemMessage", "UserMessage", "AgentMessage", "ToolResult"), ("at",)),
}
"""Fields of the domain that nothing reads but people."""
IDENTITY = ("id", "alias", "created_at", "updated_at", "revision", "seed")
TOLD = ("warnings",)
"""What says that something is only stored, which is no act."""


class Prober:
    """A server that is asked, with records to name."""

    def __init__(self, served, client, names):
        self.served = served
        self.client = client
        self.names = names

    async def status(self, sent, path, sample):
        """What becomes of a field of a request, and of the values that are refused."""
        if sample is NAMES:
            body = self.filled(changed(sent.base, path, "f" * 24))
            answer = await self.client.request(sent.method, self.filled(sent.path), json=body)
            return ACTED_ON if answer.status_code in (400, 404, 422) else PASSED_OVER
        before = await self.stored(sent, sent.base)
        values = sample.all if isinstance(sample, Values) else (sample,)
        found = []
        for value in values:
            body = changed(sent.base, path, value)
            after = await self.stored(sent, body)
            if after is None:
                return f"{REFUSED} ({value})"
            found.append(difference(before, after))
        return next((word for word in (ACTED_ON, STORED) if word in found), PASSED_OVER)

    async def check(self, sent):
        """Two equal requests must be stored as equal, or every field of them would seem to be acted on."""
        first, second = await self.stored(sent, sent.base), await self.stored(sent, sent.base)
        assert first is not None, f"{sent.title}: the base is refused"
        assert whole(first) == whole(second), f"{sent.title}: two equal requests differ"

    async def stored(self, sent, body):
        """What is stored after a request; None where it was refused."""
        if sent.kind == "chat":
            self.names["open_chat"] = await self.new_chat()
        answer = await self.client.request(sent.method, self.filled(sent.path), json=self.filled(body))
        if answer.status_code >= 300:
            return None
        return await self.record(sent.kind, answer.json())

    async def record(self, kind, told):
        store = self.served.store
        desk = {
            "scenario": (store.find_scenario, ("_id", "testCaseId")),
            "agent": (store.find_agent, ("_id", "agentId")),
            "set": (store.find_scenario_set, ("_id",)),
            "action": (store.find_action, ("_id",)),
            "simulation": (store.find_simulation, ("_id", "batchId")),
            "chat": (store.find_chat, ("chatId",)),
            "webhook": (store.find_webhook, ("webhookId",)),
        }
        find, fields = desk[kind]
        text = next(told[name] for name in fields if name in told)
        found = await find(WORKSPACE, hex_of(text))
        if kind != "chat":
            return found
        return found, await store.chat_journal(found.id).load()

    async def new_chat(self):
        body = {"agentId": self.names["agent"], "input": "Hello."}
        return (await self.client.post("/v1/chats", json=body)).json()["chatId"]

    def filled(self, value):
        """A value with the names of records put in."""
        if isinstance(value, str):
            return re.sub(r"(?<!\{)\{(\w+)\}(?!\})", lambda match: self.names.get(match[1], match[0]), value)
        if isinstance(value, Mapping):
            return {key: self.filled(item) for key, item in value.items()}
        return [self.filled(item) for item in value] if isinstance(value, list | tuple) else value


async def prober():
    """A server with records that the samples name."""
    served = await serve()
    client = served.client()
    names = {"agent": "D5D0p7TUs66TTAEAx", "other_agent": "mJzLaPEo425lieb9"}

    async def made(path, field, body):
        return (await client.post(path, json=body)).json()[field]

    lead = {"lead_scenario": {"instructions": {"task_instructions": "Ask."}}}
    for name in ("free_case", "other_free_case"):
        names[name] = await made("/v1/simulation/scenarios", "_id", {"name": name, **lead})
        names[name.replace("case", "scenario")] = names[name]
    names["set"] = await made("/v1/simulation/scenario-sets", "_id", {"name": "Set"})
    action = {"name": "Look", "slug": "look", "instructions": "Looks.", "type": "webhook"}
    names["action"] = await made("/v1/actions", "_id", action)
    found = Prober(served, client, names)
    names["chat"] = await found.new_chat()
    return found


def difference(before, after):
    if acting(before) != acting(after):
        return ACTED_ON
    return STORED if whole(before) != whole(after) else PASSED_OVER


def hex_of(text):
    """The id in an answer as the store knows it."""
    return ids.read(text, "tc", "agent", "batch", "chat", "wh", bare=True) or text


def changed(body, path, value):
    """The body with a value put at a path; `[]` is the first item of a list, `*` the only key of an object."""
    body = copy.deepcopy(body)
    *steps, last = steps_of(path)
    holder = body
    for step, following in zip(steps, [*steps, last][1:], strict=True):
        holder = entered(holder, step, [] if following == 0 else {})
    if last == 0:
        holder[:1] = [value]
    else:
        holder[next(iter(holder)) if last == "*" else last] = value
    return body


def entered(holder, step, blank):
    if step == "*":
        return next(iter(holder.values()))
    if step == 0:
        if not holder:
            holder.append(blank)
        return holder[0]
    if holder.get(step) is None:
        holder[step] = blank
    return holder[step]


def steps_of(path):
    steps = []
    for part in path.split("."):
        name = part.rstrip("[]")
        steps += [name, *[0] * part.count("[]")]
    return steps


def whole(value):
    """A record as plain values, without what tells records apart."""
    return plain(value, lambda kind, name: name not in IDENTITY)


def acting(value):
    """The same without what is only kept."""
    return plain(
        value,
        lambda kind, name: name not in (*IDENTITY, *TOLD, *FOR_PEOPLE.get(kind, ())),
        keep_extra=False,
    )


def plain(value, wanted, *, keep_extra=True):
    if isinstance(value, Enum):
        return value.value
    if dataclasses.is_dataclass(value):
        kind = type(value).__name__
        found = {}
        for one in dataclasses.fields(value):
            inner = getattr(value, one.name)
            if one.name == "extra" and not keep_extra:
                found[one.name] = {name: inner[name] for name in REQUEST if name in inner}
            elif wanted(kind, one.name):
                found[one.name] = plain(inner, wanted, keep_extra=keep_extra)
        return found
    if isinstance(value, Mapping):
        return {
            key: plain(item, wanted, keep_extra=keep_extra) for key, item in value.items() if key != "action_id"
        }
    if isinstance(value, list | tuple):
        return [plain(item, wanted, keep_extra=keep_extra) for item in value]
    return value
