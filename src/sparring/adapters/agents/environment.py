"""Environment variables in an agent's address and headers: put in when it is asked, and never stored."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from sparring.domain.endpoints import Endpoint, HttpEndpoint, OpenAIEndpoint
from sparring.domain.errors import NotConfigured

_PLACE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)(?::-([^{}]*))?\}")

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

        return _PLACE.sub(put, text)

    def headers(self, headers: Mapping[str, str]) -> dict[str, str]:
        """Headers with their variables put in."""
        return {name: self.put_in(value) for name, value in headers.items()}

    def check(self, endpoint: Endpoint) -> None:
        """Raise NotConfigured where a variable that the endpoint names is not set."""
        for text in _texts(endpoint):
            self.put_in(text)
        if isinstance(endpoint, OpenAIEndpoint) and endpoint.api_key_env:
            self.value(endpoint.api_key_env)


def names_in(endpoint: Endpoint) -> list[str]:
    """The environment variables that an endpoint names."""
    names = [match[1] for text in _texts(endpoint) for match in _PLACE.finditer(text)]
    if isinstance(endpoint, OpenAIEndpoint) and endpoint.api_key_env:
        names.append(endpoint.api_key_env)
    return names


def hide(text: str, secrets: Iterable[str]) -> str:
    """The text without the values of headers, where a server repeats them."""
    for secret in sorted((one for one in secrets if len(one) >= 4), key=len, reverse=True):
        text = text.replace(secret, HIDDEN)
    return text


def _texts(endpoint: Endpoint) -> Iterator[str]:
    match endpoint:
        case OpenAIEndpoint(base_url=url, headers=headers) | HttpEndpoint(url=url, headers=headers):
            yield url
            yield from headers.values()
        case _:
            pass
