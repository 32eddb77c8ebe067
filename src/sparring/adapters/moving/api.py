"""A vendor's API, asked for JSON: with patience where that can help, and in clear words where it cannot."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from multidict import CIMultiDict
from yarl import URL

from sparring.adapters.models.retries import Patience, Trouble, retry_after, trouble_of
from sparring.adapters.models.transport import NoAnswer, Received, Silence, Transport
from sparring.dialects.json_documents import read_json
from sparring.domain.errors import InvalidInput, VendorFault
from sparring.simulation.ports import Clock

_WORDS = 200
_VERSION = "/v1"


class NoSuchAddress(VendorFault):
    """The API has nothing at a path."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """Where a vendor's API is, and the key to it."""

    vendor: str
    """Its name, for messages."""
    url: str
    """The host, up to and without `/v1`."""
    key: str
    key_variable: str
    """The environment variable that holds the key."""

    @property
    def base(self) -> URL:
        """The address under which all paths are.

        Raises:
            InvalidInput: it is none.
        """
        try:
            url = URL(self.url.rstrip("/").removesuffix(_VERSION) + _VERSION)
            usable = (
                url.scheme in ("http", "https") and bool(url.host) and not url.query_string and not url.fragment
            )
        except ValueError:
            usable = False
        if not usable:
            raise InvalidInput(f"--url takes an address that begins with http:// or https://, not {self.url!r}.")
        return url


@dataclass(slots=True, kw_only=True)
class VendorApi:
    """Asks one account, one request at a time."""

    account: Account
    transport: Transport
    clock: Clock
    patience: Patience = field(default_factory=Patience)

    def address(self, path: str, query: Mapping[str, str | int]) -> URL:
        """Where a request goes."""
        return self.account.base.joinpath(path.lstrip("/")).with_query(dict(query))

    async def get(self, path: str, **query: str | int) -> Any:
        """The JSON that a path answers.

        Raises:
            NoSuchAddress: there is nothing.
            VendorFault: it refused, kept failing, asked to wait for too long, or answered no JSON.
        """
        url = self.address(path, query)
        headers = CIMultiDict(
            {"X-API-Key": self.account.key, "Accept": "application/json", "User-Agent": "sparring"}
        )
        began, tries = self.clock.now(), 0
        while True:
            tries += 1
            wait = None
            try:
                received = await self.transport.get(url, headers)
            except NoAnswer as error:
                trouble: Trouble | None = Trouble.SILENT if isinstance(error, Silence) else Trouble.FAILING
                fault = VendorFault(f"{url.origin()} gives no answer: {error.detail}. Nothing was imported.")
            else:
                if received.status == 200:
                    return self._content(received, url)
                trouble, wait = trouble_of(received.status), retry_after(received.headers, self.clock.now())
                fault = self._fault(received, url, wait)
            pause = None
            if trouble is not None:
                elapsed = self.clock.now() - began
                pause = self.patience.pause(trouble, tries=tries, elapsed=elapsed, retry_after=wait, chance=0.5)
            if pause is None:
                raise fault
            await self.clock.sleep(pause)

    def _content(self, received: Received, url: URL) -> Any:
        try:
            return read_json(received.body, f"The answer of {url}")
        except InvalidInput as error:
            raise VendorFault(f"{error} Is --url the address of {self.account.vendor}'s API?") from None

    def _fault(self, received: Received, url: URL, wait: float | None) -> VendorFault:
        who, status = self.account.vendor, received.status
        words = f": {told}" if (told := self._words(received.body)) else ""
        if status in (401, 403):
            told = (
                f"{who} refuses the key in {self.account.key_variable} ({status}{words}). Set one that may read."
            )
        elif status in (404, 405):
            return NoSuchAddress(
                f"{who} has nothing to read at {url.path} ({status}{words}). Is --url right? Records that it does not "
                "list can be saved as JSON, and imported from the files. Nothing was imported."
            )
        elif status == 429:
            asked = f" and asks to wait {wait:.0f} s" if wait is not None else ""
            told = f"{who} lets no more requests through (429){asked}. Try again later."
        elif 300 <= status < 400:
            told = (
                f"{url} redirects to {received.headers.get('Location', 'nowhere')}; name that address with --url."
            )
        elif status >= 500:
            told = f"{who} keeps failing at {url.path} ({status}{words}). Try again later."
        else:
            told = f"{who} refuses {url.path} ({status}{words})."
        return VendorFault(f"{told} Nothing was imported.")

    def _words(self, body: bytes) -> str:
        """What an error says of itself, without the key."""
        try:
            content = read_json(body)
        except InvalidInput:
            return ""
        fields = content if isinstance(content, dict) else {}
        texts = [fields[name] for name in ("message", "detail", "error") if isinstance(fields.get(name), str)]
        return (texts[0] if texts else "").replace(self.account.key, "[hidden]")[:_WORDS].rstrip(".")
