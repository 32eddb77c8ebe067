"""Chance without a generator: every number follows from a seed and the names of what it is for."""

from __future__ import annotations

from hashlib import blake2b


def derive(seed: int, *parts: str | int) -> int:
    """A 63-bit number that depends on the seed and on every part, the same on every machine."""
    digest = blake2b("\x1f".join(map(str, (seed, *parts))).encode("utf-8", "surrogatepass"), digest_size=8)
    return int.from_bytes(digest.digest(), "big") >> 1


def fraction(seed: int, *parts: str | int) -> float:
    """A number in [0, 1) that depends on the seed and on every part."""
    return (derive(seed, *parts) >> 10) / 2**53
