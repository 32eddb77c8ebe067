"""Where a PostgreSQL database is, and how it is named without its password."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from psycopg import ProgrammingError
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from sparring.domain.errors import InvalidInput

SCHEMES = ("postgresql://", "postgres://")

_FORM = "postgresql://USER:PASSWORD@HOST:PORT/DATABASE"

_QUOTED = re.compile('"([^"]*)"')

_UNLESS_SAID: Mapping[str, Any] = {
    "application_name": "sparring",
    "client_encoding": "UTF8",
    # A server or a network that is gone without a word is noticed in seconds instead of hours.
    "connect_timeout": 10,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 20_000,
}


@dataclass(frozen=True, slots=True)
class Address:
    """What the driver connects to."""

    conninfo: str
    """With everything that the URL leaves open; holds the password."""
    name: str
    """For people; does not hold the password."""


def address(url: str) -> Address:
    """Where a database URL leads.

    Raises:
        InvalidInput: it is not of the form that PostgreSQL knows.
    """
    if not url.startswith(SCHEMES):
        raise InvalidInput(f"The database URL {_begin(url)} is not of the form {_FORM}.")
    try:
        said = conninfo_to_dict(url)
    except ProgrammingError as error:
        told = _without_secrets(str(error).strip(), url)
        raise InvalidInput(f"The database URL is not of the form {_FORM}: {told}.") from None
    if "@" in str(said.get("host", "")):
        raise InvalidInput(
            "The database URL has more than one @. Write one that belongs to the password as %40, a : as %3A and a / "
            "as %2F."
        )
    parts = {**_UNLESS_SAID, **said}
    return Address(make_conninfo("", **parts), _name(said))


def _begin(url: str) -> str:
    return repr(url.partition("://")[0] + "://...")


def _without_secrets(told: str, url: str) -> str:
    """What the driver says of a URL, without what it repeats of the user and the password."""
    secret = url.partition("://")[2].rpartition("@")[0]
    return _QUOTED.sub(lambda quoted: '"..."' if quoted[1] in secret or url in quoted[1] else quoted[0], told)


def _name(said: Mapping[str, Any]) -> str:
    user = f"{said['user']}@" if "user" in said else ""
    host = said.get("host") or said.get("hostaddr") or "localhost"
    port = f":{said['port']}" if "port" in said else ""
    return f"postgresql://{user}{host}{port}/{said.get('dbname', '')}"
