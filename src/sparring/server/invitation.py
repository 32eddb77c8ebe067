"""The one-time address that `serve` prints on the machine it runs on."""

from __future__ import annotations

import hmac
from base64 import b32encode

from sparring.simulation.ports import Clock

PATH = "/sign-in"


class Invitation:
    """A secret that signs in once, without a key."""

    def __init__(self, clock: Clock) -> None:
        """Make the secret up: 160 bits."""
        self._secret = b32encode(clock.entropy(20)).decode().lower()
        self._is_used = False

    @property
    def path(self) -> str:
        """Where it is redeemed, with the secret."""
        return f"{PATH}?token={self._secret}"

    def redeem(self, secret: str) -> bool:
        """Whether this is the secret, which is then used up."""
        fits = hmac.compare_digest(self._secret.encode(), secret.encode("utf-8", "replace"))
        valid = fits and not self._is_used
        self._is_used = self._is_used or fits
        return valid
