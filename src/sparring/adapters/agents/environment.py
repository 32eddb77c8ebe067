"""Environment variables in an agent's address and headers: put in when it is asked, and never stored."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from sparring.domain.endpoints import ENVIRONMENT, Endpoint, OpenAIEndpoint, texts_of
from sparring.domain.errors import NotConfigured

HIDDEN = "[hidden]"


class Environment:
    """The variables that agents may be given."""

    def __init__(self, variables: Mapping[str, str]) -> None:
        """Take the variables, by name."""
        self._variables = variables

    def value(self, name: str) -> str:
        """One variable. NotConfigured where it is not set."""
        found = self._variables.get(name)
        if not found:
            raise NotConfigured(f"The agent needs the environment variable {name}, which is not set.")
        return found

    def put_in(self, text: str) -> str:
        """A text with `${NAME}` and `${NAME:-otherwise}` replaced.

        Raises:
            NotConfigured: a variable is not set and nothing is named in its place.
        """

        def put(match: re.Match[str]) -> str:
            name, otherwise = match[1], match[2]
            return self.value(name) if otherwise is None else self._variables.get(name) or otherwise

        return ENVIRONMENT.sub(put, text)

    def headers(self, headers: Mapping[str, str]) -> dict[str, str]:
        """Headers with their variables put in."""
        return {name: self.put_in(value) for name, value in headers.items()}

    def check(self, endpoint: Endpoint) -> None:
        """Raise NotConfigured where a variable that the endpoint names is not set."""
        for text in texts_of(endpoint):
            self.put_in(text)
        if isinstance(endpoint, OpenAIEndpoint) and endpoint.api_key_env:
            self.value(endpoint.api_key_env)


def hide(text: str, secrets: Iterable[str]) -> str:
    """The text without the values of headers, where a server repeats them."""
    for secret in sorted((one for one in secrets if len(one) >= 4), key=len, reverse=True):
        text = text.replace(secret, HIDDEN)
    return text
