"""
Passes: what a browser carries of somebody who was let in: who, to what, until when.

They are signed, in a cookie that no script reads and no other site sends along with a form.
"""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple, Self

from aiohttp import web

from bot.core import links

COOKIE = "__Host-heal"
"""Browsers keep it only from this very host, over TLS (or on this machine), for all paths."""
LASTS = timedelta(hours=12)
MOST = 20
"""Pages that links opened for one browser; of more the newest."""
_PASS = "pass"  # noqa: S105 - what is signed


class Pass(NamedTuple):
    """Who was let in; `pages` are the incidents that links opened, each with its last second."""

    user: str
    until: int = 0
    """The last second of what signing in opened, which is everything; 0 when nobody signed in."""
    pages: tuple[tuple[str, int], ...] = ()

    def sees_all(self, now: datetime) -> bool:
        return now.timestamp() < self.until

    def opened(self, now: datetime) -> tuple[str, ...]:
        """The incidents that links opened and that are open still."""
        return tuple(incident for incident, until in self.pages if now.timestamp() < until)

    def with_page(self, incident: str, now: datetime) -> Self:
        """The same with one more page."""
        kept = [one for one in self.pages if one[0] != incident and one[1] > now.timestamp()]
        return self._replace(pages=(*kept[1 - MOST :], (incident, last(now))))

    @property
    def ends(self) -> int:
        """The last second of any of it."""
        return max((self.until, *(until for _, until in self.pages)))


def last(now: datetime) -> int:
    """The second in which what begins now ends."""
    return int((now + LASTS).timestamp())


def written(one: Pass, key: bytes) -> str:
    """As text for a cookie."""
    return sealed(key, _PASS, one)


def read(cookie: str, key: bytes, now: datetime) -> Pass | None:
    """Read one; None when we did not write it so, or all of it is over."""
    told = unsealed(key, _PASS, cookie)
    if told is None:
        return None
    user, until, pages = told
    one = Pass(user, until, tuple((name, end) for name, end in pages))
    return one if datetime.fromtimestamp(one.ends, UTC) > now else None


def sealed(key: bytes, what: str, told: object) -> str:
    """Write JSON so that a cookie can carry it and nobody else can have written it."""
    octets = base64.urlsafe_b64encode(json.dumps(told, separators=(",", ":")).encode())
    text = octets.decode().rstrip("=")
    return f"{text}.{links.sign(key, what, text)}"


def unsealed(key: bytes, what: str, given: str) -> Any:
    """Read what was sealed for this; None when we did not seal it so."""
    text, _, mark = given.rpartition(".")
    if not key or not links.signed(key, mark, what, text):
        return None
    return json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))


def give(answer: web.StreamResponse, one: Pass, key: bytes, now: datetime) -> None:
    """Let the browser keep it until the last of it ends."""
    age = max(1, one.ends - int(now.timestamp()))
    keep(answer, COOKIE, written(one, key), age)


def keep(answer: web.StreamResponse, name: str, value: str, age: int) -> None:
    """Set a cookie of ours for so many seconds; 0 takes it away."""
    answer.set_cookie(
        name, value, max_age=age, path="/", secure=True, httponly=True, samesite="Lax"
    )
