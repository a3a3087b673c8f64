"""
Requests to other systems: bounded in time and size, and followed nowhere.

`open_client` is made once and shared. `send` turns what can go wrong on the way into the
errors that authors know; what an answer means is for the caller to say.
"""

from __future__ import annotations

import asyncio
import json
import ssl
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from typing import NoReturn

import httpx
from pydantic import JsonValue

from bot.clients import addresses
from bot.clients.commands import printable
from bot.core.errors import PermanentError, TemporaryError, UncertainError

sys.modules.setdefault("sniffio", None)  # type: ignore[arg-type]  # we run under asyncio only;
# where it is not installed, httpcore looks for it on the whole path several times a request

CONNECTING = 3.0
LARGEST = 1024 * 1024
LONGEST = 30.0
UNSURE_TWICE = frozenset({"POST", "PATCH"})
"""Methods that may do a thing twice when they are sent twice."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back, whole; `place` is the address for people, without its query."""

    status: int
    body: bytes
    retry_after: float
    place: str

    @property
    def fine(self) -> bool:
        return 200 <= self.status < 300

    def json(self) -> JsonValue:
        """Read the body as JSON; PermanentError when it is something else."""
        try:
            return _parsed(self.body)
        except (ValueError, RecursionError):
            raise PermanentError(f"{self.place} did not answer with JSON") from None

    def excerpt(self, hidden: str = "") -> str:
        """The first words of the body, with one secret blacked out."""
        text = printable(self.body.decode("utf-8", "replace"))
        text = text.replace(hidden, "•••") if hidden else text
        return " ".join(text[:2000].split())[:200]

    def refuse(self, method: str, hidden: str = "") -> NoReturn:
        """
        Raise what an unwanted answer means: 408, 425, 429 and 5xx may pass, the rest will not.

        A POST or PATCH that broke inside the server may have been done: that is an UncertainError.
        """
        said = self.excerpt(hidden)
        message = f"{method} {self.place} answered {self.status}" + (f": {said}" if said else "")
        refused = self.status in {408, 425, 429, 503}
        if refused or (self.status >= 500 and method not in UNSURE_TWICE):
            raise TemporaryError(message, self.retry_after)
        raise UncertainError(message) if self.status >= 500 else PermanentError(message)


def open_client(tls: ssl.SSLContext | None = None) -> httpx.AsyncClient:
    """
    Make the one client of the process; whoever makes it closes it.

    Certificates are checked (against `tls` if given), no proxy is taken from the environment,
    and a redirect is an answer like any other: the place it names was not allowed by anyone.
    """
    verify = tls if tls is not None else ssl.create_default_context()
    limits = httpx.Limits(max_connections=50, max_keepalive_connections=0)
    return httpx.AsyncClient(
        transport=addresses.Guarded(
            httpx.AsyncHTTPTransport(verify=verify, limits=limits, trust_env=False)
        ),
        timeout=httpx.Timeout(LONGEST, connect=CONNECTING),
        trust_env=False,
        follow_redirects=False,
        headers={"User-Agent": "heal", "Accept-Encoding": "identity"},
    )


async def send(
    client: httpx.AsyncClient,
    method: str,
    url: httpx.URL,
    *,
    body: JsonValue | bytes = None,
    headers: Mapping[str, str] | None = None,
    within: float = LONGEST,
) -> Answer:
    """
    Send one request and read the whole answer, `within` seconds for everything.

    A `body` of None is no body, octets are JSON already. Raises TemporaryError when the server
    cannot be reached, PermanentError when the answer is too large or packed, or the request is
    none that HTTP knows, and UncertainError when the answer was lost after a POST or PATCH.
    """
    place = str(url.copy_with(query=None))
    content = written(body) if body is not None and not isinstance(body, bytes) else body
    sent = {"Content-Type": "application/json"} if content is not None else {}
    try:
        async with (
            asyncio.timeout(within),
            client.stream(method, url, content=content, headers={**sent, **(headers or {})}) as got,
        ):
            return await _whole(got, place)
    except (httpx.LocalProtocolError, UnicodeEncodeError):
        raise PermanentError(  # its own words repeat the header, which may be a secret
            f"{method} {place} cannot be sent: a header holds a line break or a sign that HTTP "
            "does not know; look for it in the secret that is set"
        ) from None
    except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as error:
        raise TemporaryError(f"{place} cannot be reached: {_why(error)}") from error
    except (httpx.TransportError, TimeoutError) as error:
        lost = f"{method} {place} got no answer: {_why(error)}"
        if method in UNSURE_TWICE:
            raise UncertainError(
                f"{lost}; it may have been done, so it is not sent again"
            ) from error
        raise TemporaryError(lost) from error


def written(body: JsonValue) -> bytes:
    """Write a body as `send` does, for whoever signs it."""
    return json.dumps(body, allow_nan=False).encode()


async def _whole(got: httpx.Response, place: str) -> Answer:
    """Read no more than LARGEST; a packed body could unpack to anything, and was not asked for."""
    if got.headers.get("Content-Encoding", "identity").lower() != "identity":
        raise PermanentError(f"{place} packed its answer although it was asked not to")
    body = bytearray()
    async for piece in got.aiter_raw():
        body += piece
        if len(body) > LARGEST:
            raise PermanentError(f"{place} answered with more than {LARGEST // 1024} KiB")
    wait = got.headers.get("Retry-After", "")
    if not wait and got.status_code == 429:
        wait = got.headers.get("RateLimit-Reset", "")
    seconds = min(float(wait), 3600.0) if wait.isdecimal() and len(wait) < 9 else 1.0
    return Answer(got.status_code, bytes(body), seconds, place)


def _why(error: Exception) -> str:
    return printable(str(error))[:200] or type(error).__name__


def _parsed(body: bytes) -> JsonValue:
    def never(word: str) -> JsonValue:
        raise ValueError(f"{word} is not JSON")

    parsed: JsonValue = json.loads(body, parse_constant=never)
    return parsed
