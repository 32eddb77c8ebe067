"""How ids and moments are written on the wires, and which records a text from outside may mean."""

from __future__ import annotations

from datetime import UTC, datetime

from sparring.domain import ids
from sparring.domain.errors import InvalidInput
from sparring.domain.text import is_storable

AGENT, CASE, BATCH, JOB, CHAT, ITEM, WORKSPACE = "agent", "tc", "batch", "job", "chat", "item", "org"
WEBHOOK = "wh"

_ALIAS_LIMIT = 64


def spell(prefix: str, id: str, alias: str | None = None) -> str:
    """An id as it goes out: its alias where the record has one, otherwise the prefix and 16 digits."""
    if alias is not None:
        return alias if prefix != AGENT or _after(AGENT, alias) is not None else f"{AGENT}_{alias}"
    try:
        return f"{prefix}_{ids.to_base62(id)}"
    except ValueError:
        return id


def spell_chat(job: str, alias: str | None = None) -> str:
    """The id of the chat behind a test run: the digits are the job's."""
    if alias is None:
        return spell(CHAT, job)
    return f"{CHAT}_{_after(JOB, alias) or alias}"


def candidates(prefix: str, text: str) -> tuple[str, ...]:
    """The ids and aliases that a text from outside may mean, in the order in which to look for them.

    Empty where it can mean none, such as a text that is longer than any alias.
    """
    if not 0 < len(text) <= _ALIAS_LIMIT + len(AGENT) + 1 or not is_storable(text):
        return ()
    prefixes = (prefix, "chat-item") if prefix == ITEM else (prefix,)
    decoded = ids.read(text, *prefixes, bare=prefix == AGENT)
    digits = _after(prefix, text)
    found = [decoded, text]
    if prefix == AGENT:
        found += [digits, *(f"{AGENT}{mark}{digits or text}" for mark in "_-")]
    if prefix == CHAT and digits:
        found += [digits, f"{JOB}_{digits}"]
    return tuple(dict.fromkeys(one for one in found if one))


def adopted(prefix: str, text: str) -> tuple[str | None, str | None]:
    """What an id of elsewhere becomes here: the same 12 bytes, or the alias of a record that gets its own.

    Raises:
        InvalidInput: it is too long for an alias, or cannot be stored.
    """
    id = ids.read(text, prefix, bare=prefix == AGENT)
    if id is not None:
        return id, None
    alias = (_after(prefix, text) or text) if prefix == AGENT else text
    if not 0 < len(alias) <= _ALIAS_LIMIT or not is_storable(alias):
        raise InvalidInput(f"an id must be a text of 1 to {_ALIAS_LIMIT} characters; {text[:80]!r} came.")
    return None, alias


def settled(workspace: str, prefix: str, text: str) -> tuple[str, str | None]:
    """The id and the alias of a record that had an id elsewhere; the same whenever it comes to a workspace.

    Raises:
        InvalidInput: as `adopted`.
    """
    id, alias = adopted(prefix, text)
    return id or ids.derived(workspace, prefix, str(alias)), alias


def means(prefix: str, text: str, id: str, alias: str | None = None) -> bool:
    """Whether a text from outside means the record with that id or alias."""
    allowed = candidates(prefix, text)
    return id in allowed or (alias is not None and alias in allowed)


def timestamp(seconds: float) -> str:
    """Unix seconds as ISO 8601 in UTC, with milliseconds and `Z`."""
    moment = datetime.fromtimestamp(seconds, UTC)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _after(prefix: str, text: str) -> str | None:
    """What follows the prefix and its mark, `_` or the older `-`."""
    head, rest = text[: len(prefix)], text[len(prefix) :]
    return rest[1:] if head == prefix and rest[:1] in ("_", "-") else None
