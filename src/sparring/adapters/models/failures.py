"""What a provider sends instead of an answer: read, told in a sentence, and kept free of secrets."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from yarl import URL

from sparring.adapters.models.provider import Provider
from sparring.adapters.models.rate_headers import pause_in_words
from sparring.adapters.models.retries import Trouble, trouble_of
from sparring.adapters.redaction import Redaction
from sparring.domain.errors import ModelFault
from sparring.domain.outcomes import Role

LONGEST_WORDS = 400
_NO_CREDIT = frozenset({"insufficient_quota", "billing_hard_limit_reached", "billing_not_active"})
_NO_CREDIT_WORDS = re.compile(r"(?i)credit balance is too low")
_TOO_LARGE = re.compile(r"(?i)\brequest too large\b")
_NO_MODEL = re.compile(
    r"(?i)\bmodel\w*\b.{0,80}\b(?:not[ _]exist|not[ _]found|decommissioned|deprecated|retired|shut down"
    r"|no longer (?:available|supported))"
)
_WRONG_KEY = frozenset({"API_KEY_INVALID", "API_KEY_EXPIRED"})
_SECONDS = re.compile(r"\d+(\.\d+)?s")
_TITLE = re.compile(r"(?is)<title[^>]*>(.*?)</title>")

WHO = {
    Role.AGENT: "The agent's model",
    Role.USER: "The simulated user's model",
    Role.JUDGE: "The judge's model",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """An answer that is none."""

    reason: str
    """As in `ModelFault`."""
    status: int | None = None
    words: str = ""
    """The provider's own, shortened, without secrets."""
    code: str = ""
    """The provider's, such as `model_not_found`."""
    param: str = ""
    """The field of the request that the provider names."""
    trouble: Trouble | None = None
    """Whether asking again can help."""
    retry_after: float | None = None
    no_credit: bool = False
    """The account is empty, which no waiting mends."""
    unknown_model: bool = False
    """The provider does not know the model, or no longer."""

    @property
    def is_outage(self) -> bool:
        """Whether the provider itself may be down: nothing came from it, or it failed by its own account."""
        return self.trouble in (Trouble.FAILING, Trouble.SILENT) and (self.status is None or self.status >= 500)

    @property
    def is_hopeless(self) -> bool:
        """Whether the model cannot be asked at all, so that everything else that needs it fails as well."""
        return self.status in (401, 404) or self.unknown_model or self.no_credit or self.code in _WRONG_KEY

    @property
    def status_word(self) -> str:
        """The status where it is one of an error, else what came instead of an answer."""
        return str(self.status) if self.status is not None and self.status >= 300 else self.reason

    @property
    def briefly(self) -> str:
        """What happened, in a word or two."""
        match self.reason:
            case "unreachable":
                return "no connection"
            case "timeout":
                return "no answer"
        return str(self.status) if self.status is not None else "broken connections"


class Secrets(Redaction):
    """The values of a provider that must not be seen, and how they are taken out of a text."""

    def __init__(self, provider: Provider) -> None:
        """Know a provider's key and headers."""
        super().__init__([provider.api_key or "", *provider.headers.values()])


def of_error(error: Any, *, status: int, retry_after: float | None, secrets: Secrets) -> Failure:
    """The failure that an `error` object tells of; providers' gateways send one with status 200, too."""
    fields = error if isinstance(error, Mapping) else {"message": error}
    details = [detail for detail in fields.get("details") or () if isinstance(detail, Mapping)]
    reason = next((detail["reason"] for detail in details if detail.get("reason") in _WRONG_KEY), None)
    code = reason or fields.get("code") or fields.get("type") or fields.get("status")
    for inner in (fields.get("code"), fields.get("status_code")):
        if status < 400 and isinstance(inner, int) and 400 <= inner <= 599:
            status = inner
    words = _words(fields)
    no_credit = status == 429 and not _NO_CREDIT.isdisjoint({str(code), str(fields.get("type"))})
    no_credit = no_credit or (status == 400 and _NO_CREDIT_WORDS.search(words) is not None)
    trouble = Trouble.FAILING if status < 400 else trouble_of(status)
    hopeless = no_credit or (status == 429 and _TOO_LARGE.search(words) is not None)
    if retry_after is None:
        retry_after = _retry_delay(details)
    if retry_after is None and status == 429:
        retry_after = pause_in_words(words)
    return Failure(
        reason="rate_limit" if status == 429 else "refused",
        status=status,
        words=shortened(words, secrets),
        code=str(code or ""),
        param=str(fields.get("param") or ""),
        trouble=None if hopeless else trouble,
        retry_after=retry_after,
        no_credit=no_credit,
        unknown_model=status == 404
        or (status in (400, 410, 422) and _NO_MODEL.search(f"{code} {words}") is not None),
    )


def of_text(
    body: bytes, content_type: str, *, status: int, retry_after: float | None, secrets: Secrets
) -> Failure:
    """The failure that a body tells of which is no JSON of an API: HTML, half a JSON, nothing."""
    text = body[:20_000].decode("utf-8", "replace").strip()
    title = _TITLE.search(text)
    words = shortened(title[1] if title else text, secrets)
    if status >= 400:
        reason = "rate_limit" if status == 429 else "refused"
        return Failure(
            reason=reason, status=status, words=words, trouble=trouble_of(status), retry_after=retry_after
        )
    if 300 <= status < 400:
        return Failure(reason="refused", status=status, words="a redirect, which is not followed")
    if not text:
        words = "nothing at all"
    elif title or "html" in content_type or text[:1] == "<":
        words = f"a page of HTML, not JSON: {words}"
    else:
        words = f"something that is not whole JSON ({content_type or 'no content type'}): {words}"
    return Failure(
        reason="unreadable", status=status, words=words, trouble=Trouble.FAILING, retry_after=retry_after
    )


def shortened(text: str, secrets: Secrets) -> str:
    """At most 400 characters on one line, without secrets."""
    line = secrets.hide(" ".join(text.split()))
    return line if len(line) <= LONGEST_WORDS else line[: LONGEST_WORDS - 1] + "…"


def fault(
    failure: Failure,
    *,
    provider: Provider,
    model: str,
    role: Role,
    tries: int = 1,
    elapsed: float = 0.0,
    near: Iterable[str] = (),
    successor: str | None = None,
) -> ModelFault:
    """The failure as an error that names role, provider, model, status, the provider's words and what to do.

    Args:
        tries: how often the provider was asked.
        elapsed: seconds from the first time to the last.
        near: names of models that resemble the one that the provider does not know.
        successor: what is configured to be named instead of it.
    """
    who = f"{WHO[role]} {provider.name}:{model}"
    asked = f" (asked {tries} times over {elapsed:.0f} s)" if tries > 1 else ""
    advice = _advice(failure, provider, model, list(near), successor)
    return ModelFault(
        f"{who} {_happened(failure, provider)}{asked}. {advice}".rstrip(),
        provider=provider.name,
        model=model,
        reason=failure.reason,
        status=failure.status,
        retry_after=failure.retry_after,
        retryable=failure.trouble is not None,
        role=role,
        hopeless=failure.is_hopeless,
    )


def address_name(provider: Provider) -> str:
    """What to look at where a provider is not at its address."""
    return provider.url_variable or f"the base_url of {provider.name}"


def _happened(failure: Failure, provider: Provider) -> str:
    words = failure.words.rstrip(".")
    match failure.reason:
        case "unreachable":
            return f"cannot be reached at {_place(provider)}: {words}"
        case "timeout":
            return f"gave {words}"
        case "unreadable" if failure.status is None:
            return f"broke off: {words}"
        case "unreadable":
            return f"answered {failure.status} with {words}"
    said = f": {words}" if words else " without a word"
    return f"answered {failure.status}{said}"


def _advice(failure: Failure, provider: Provider, model: str, near: list[str], successor: str | None) -> str:
    address = address_name(provider)
    if failure.reason == "unreachable":
        return f"Check that the server is running and that {address} is its address."
    if failure.reason == "timeout":
        return "The model is overloaded or very slow; try a faster one, or fewer trials at once."
    if failure.unknown_model:
        return _other_model(failure, address, model, near, successor)
    if failure.status is None or (failure.status == 400 and not failure.no_credit):
        return _mendable(failure, provider, model)
    if failure.reason == "unreadable":
        return f"Check {address}: the address may not be that of the API, or something stands before it."
    if failure.status < 400:
        return f"Check {address}: it is not the address of the API itself."
    if failure.status >= 500:
        return f"The fault is at {provider.name}; try again later."
    return _account_advice(failure, provider)


def _mendable(failure: Failure, provider: Provider, model: str) -> str:
    """What to do about a refusal that has a known cure."""
    if failure.code in _WRONG_KEY:
        return f"Check {provider.key_variable or 'the key'}."
    if "/v1/responses" in failure.words:
        return f'In sparring.toml, under [wires], write "{provider.name}:{model}" = "openai.responses".'
    return ""


def _other_model(failure: Failure, address: str, model: str, near: list[str], successor: str | None) -> str:
    if successor is not None:
        return f"Its configured successor is {successor!r}: name that instead."
    known = f" Its names closest to that: {', '.join(near)}." if near else ""
    place = f", and that {address} is the address of the API" if failure.status == 404 else ""
    return f"Check the name {model!r}{place}.{known}"


def _account_advice(failure: Failure, provider: Provider) -> str:
    key = provider.key_variable or f"the key of {provider.name}"
    if failure.status == 402 or failure.no_credit:
        return f"Add credit to the account behind {key}; waiting does not help."
    match failure.status:
        case 401:
            return f"Check {key}." if provider.api_key else f"Set {key}."
        case 403:
            return f"The account behind {key} may not use this model; check its permissions and its region."
        case 429:
            return f"Wait, lower the concurrency of {provider.name}, or raise the limits of the account."
    return ""


def _place(provider: Provider) -> str:
    """Its address without what a query or a user part may hold."""
    url = URL(provider.base_url)
    return str(url.with_query(None).with_user(None))


def _words(fields: Mapping[str, Any]) -> str:
    """The message, with what stands behind it where a gateway only passes it on."""
    message = fields.get("message")
    words = message if isinstance(message, str) else "" if message is None else str(message)
    metadata = fields.get("metadata")
    raw = metadata.get("raw") if isinstance(metadata, Mapping) else None
    if raw:
        words = f"{words}: {raw}" if words else str(raw)
    return words or str(fields.get("type") or fields.get("code") or "")


def _retry_delay(details: Iterable[Mapping[str, Any]]) -> float | None:
    """Seconds to wait as Google tells them, in the body of a 429."""
    for detail in details:
        told = str(detail.get("retryDelay") or "")
        if _SECONDS.fullmatch(told):
            return float(told[:-1])
    return None
