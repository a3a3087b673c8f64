"""What a call to Slack failed of, and so what may be done about it; pure."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import NamedTuple

import aiohttp
from slack_sdk.errors import SlackApiError, SlackClientError

from bot.core.errors import TemporaryError

ERRORS = (SlackClientError, aiohttp.ClientError, TimeoutError, OSError)
"""All that a call may raise."""


class Kind(StrEnum):
    """What is known about a call that failed."""

    LIMITED = "limited"
    UNREACHED = "unreached"
    LOST = "lost"
    GONE = "gone"
    REFUSED = "refused"


class Failure(NamedTuple):
    """`retry_after` is in seconds, 0 when Slack named none."""

    kind: Kind
    says: str
    retry_after: float = 0.0


_LOST = frozenset({"internal_error", "fatal_error", "service_unavailable", "request_timeout"})
_GONE = frozenset({"message_not_found", "thread_not_found"})


def read(error: BaseException) -> Failure:
    """
    Judge: not sent and too fast, not sent at all, perhaps sent, its place is gone, or a no.

    Only a call that was never sent, or was answered with a no, has certainly done nothing.
    """
    if isinstance(error, SlackApiError):
        return _answered(error)
    says = f"{type(error).__name__}: {error}".rstrip(": ")
    if isinstance(error, aiohttp.ClientConnectorError):
        return Failure(Kind.UNREACHED, says)
    return Failure(Kind.LOST, says)


def temporary(error: BaseException) -> TemporaryError:
    """The same for those who only want to know when to come again."""
    failure = read(error)
    return TemporaryError(f"Slack did not answer: {failure.says}", failure.retry_after or 1.0)


def _answered(error: SlackApiError) -> Failure:
    response = error.response
    data = getattr(response, "data", None)
    told = data if isinstance(data, Mapping) else {}
    word = str(told.get("error", ""))
    status = int(getattr(response, "status_code", 0) or getattr(response, "status", 0) or 0)
    if status == 429 or word in {"ratelimited", "rate_limited"}:
        return Failure(Kind.LIMITED, "ratelimited", _seconds(getattr(response, "headers", {})))
    if word in _GONE:
        return Failure(Kind.GONE, word)
    if not word or status >= 500 or word in _LOST:
        return Failure(Kind.LOST, word or f"HTTP {status}")
    return Failure(Kind.REFUSED, _in_full(word, told))


def _in_full(word: str, told: Mapping[str, object]) -> str:
    """The error's own details, which name the block or the scope."""
    details = told.get("errors") or told.get("needed")
    return f"{word}: {details}"[:500] if details else word


def _seconds(headers: Mapping[str, str]) -> float:
    named = next((v for k, v in headers.items() if k.lower() == "retry-after"), "1")
    return float(named) if named.isascii() and named.isdigit() else 1.0
