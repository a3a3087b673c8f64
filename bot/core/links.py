"""
Links: the addresses of our pages, and the signed ones by which one person may open one of them.

A plain address opens nothing by itself: whoever follows it has to sign in. A signed one says for
whom it was made and until when, and is only ever handed to that person in private.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from datetime import UTC, datetime, timedelta
from typing import NamedTuple
from urllib.parse import quote, urlencode

OPENS = timedelta(hours=1)
"""How long a signed link opens its page for the first time."""
_LINK = "link"
BY, UNTIL, SIGNED = "by", "until", "signed"
"""What a signed address says of itself, as the names in its query."""


class Links(NamedTuple):
    """Where our pages are, without a slash at the end, and what signs; empty where there are none.

    >>> Links("https://heal.example.org", b"key").page("inc-1")
    'https://heal.example.org/incidents/inc-1'
    >>> Links().page("inc-1")
    ''
    """

    url: str = ""
    key: bytes = b""

    def page(self, incident: str) -> str:
        """The address of an incident's page for whoever signs in there; empty without pages."""
        return f"{self.url}{path(incident)}" if self.url else ""

    def opening(self, incident: str, user: str, now: datetime) -> str:
        """The address that opens this page for this user for an hour; empty without pages."""
        if not (self.url and self.key):
            return ""
        where, until = path(incident), str(int((now + OPENS).timestamp()))
        mark = sign(self.key, _LINK, where, user, until)
        return f"{self.url}{where}?{urlencode({BY: user, UNTIL: until, SIGNED: mark})}"


class Opened(NamedTuple):
    """What a signed address says: who may open it, and whether it is too late by now."""

    user: str
    expired: bool


def path(incident: str) -> str:
    """Where the page of an incident lies."""
    return f"/incidents/{quote(incident, safe='')}"


def opened(
    key: bytes, where: str, user: str, until: str, mark: str, now: datetime
) -> Opened | None:
    """Read a signed address; None when its signature is not ours for exactly this page and user."""
    if not key or not signed(key, mark, _LINK, where, user, until):
        return None
    return Opened(user, now >= datetime.fromtimestamp(int(until), UTC))


def sign(key: bytes, *words: str) -> str:
    """Sign these words, the first of which says what for; no two lists of words are alike."""
    told = "".join(f"{len(word)}:{word}" for word in words)
    made = hmac.new(key, told.encode(errors="surrogatepass"), hashlib.sha256).digest()
    return base64.urlsafe_b64encode(made).decode().rstrip("=")


def signed(key: bytes, mark: str, *words: str) -> bool:
    """Whether this is the signature of these words, in a time that tells nothing of it."""
    given = mark.encode(errors="replace")
    return hmac.compare_digest(given, sign(key, *words).encode())


def key_of(secret: str) -> bytes:
    """Make the key of signatures out of a secret that is kept for something else."""
    return hmac.new(secret.encode(), b"heal pages 1", hashlib.sha256).digest()
