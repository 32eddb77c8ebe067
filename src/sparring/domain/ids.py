"""One 12-byte id in two spellings: 24 hex digits, and 16 base62 digits behind a prefix.

The value is 4 bytes of unix seconds and 8 of entropy. Inside the program an id is its hex spelling.
62**16 is above every id minted before 2051-11-23; later ones have no base62 spelling.
"""

from __future__ import annotations

import string
from hashlib import blake2b

_DIGITS = string.digits + string.ascii_uppercase + string.ascii_lowercase
_VALUES = {digit: value for value, digit in enumerate(_DIGITS)}
_HEX = frozenset("0123456789abcdef")
_LIMIT = 62**16


def mint(seconds: int, entropy: bytes) -> str:
    """The id for a moment (unix seconds) and 8 bytes of entropy, as 24 hex digits."""
    if len(entropy) != 8:
        raise ValueError(f"an id takes 8 bytes of entropy, not {len(entropy)}")
    return (seconds.to_bytes(4, "big") + entropy).hex()


def derived(*parts: str) -> str:
    """The same id for the same thing whenever it comes, made of what it is called.

    Its seconds are 0: an id that no clock gave.
    """
    return mint(0, blake2b("\x1f".join(parts).encode(), digest_size=8).digest())


def minted_at(id: str) -> int:
    """The unix seconds in an id."""
    return int(id[:8], 16)


def to_base62(id: str) -> str:
    """The 16 base62 digits of a hex id.

    Raises:
        ValueError: the value is 62**16 or above and has no such spelling.
    """
    value = int(id, 16)
    if value >= _LIMIT:
        raise ValueError(f"id {id!r} has no spelling in 16 base62 digits")
    digits = []
    for _ in range(16):
        value, digit = divmod(value, 62)
        digits.append(_DIGITS[digit])
    return "".join(reversed(digits))


def from_base62(digits: str) -> str | None:
    """The hex id that 16 base62 digits spell, or None where they spell none."""
    if len(digits) != 16:
        return None
    value = 0
    for digit in digits:
        if digit not in _VALUES:
            return None
        value = value * 62 + _VALUES[digit]
    return f"{value:024x}"


def is_hex(text: str) -> bool:
    """Whether the text is an id in its hex spelling (either case)."""
    return len(text) == 24 and _HEX.issuperset(text.lower())


def read(text: str, *prefixes: str, bare: bool = False) -> str | None:
    """The hex id that a text spells in either way, or None.

    Args:
        text: as it came in.
        prefixes: those allowed before the base62 digits; each may be followed by `_` or by the older `-`.
        bare: whether base62 digits may stand alone.
    """
    if is_hex(text):
        return text.lower()
    for prefix in prefixes:
        for mark in ("_", "-"):
            if text.startswith(prefix + mark) and (found := from_base62(text[len(prefix) + 1 :])):
                return found
    return from_base62(text) if bare else None
