"""API keys: a secret that is shown once, and the record that is kept of it."""

from __future__ import annotations

from base64 import b32encode
from hashlib import sha256

from sparring.domain import ids
from sparring.simulation.ports import Clock
from sparring.simulation.store import ApiKey

PREFIX = "spk_"


def make_key(clock: Clock, workspace: str, *, name: str, role: str = "write") -> tuple[str, ApiKey]:
    """A new secret of 160 bits, and its record."""
    secret = PREFIX + b32encode(clock.entropy(20)).decode().lower()
    record = ApiKey(
        id=ids.mint(int(clock.now()), clock.entropy(8)),
        workspace=workspace,
        name=name,
        digest=sha256(secret.encode()).hexdigest(),
        hint=secret[-4:],
        role=role,
        created_at=clock.now(),
    )
    return secret, record
