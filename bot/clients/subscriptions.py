"""
Subscriptions: calendars that lie elsewhere, fetched again and again; the last good one is kept.

An address may hold a secret, so only its host is ever told.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

import httpx

from bot import ports
from bot.clients import addresses, calendars, http
from bot.clients.calendars import Events
from bot.core.errors import ActionError, PermanentError
from bot.core.policy.timetable import Calendar, day_of

EVERY = timedelta(minutes=5)
WITHIN = 15.0
"""Seconds for one whole answer."""
log = logging.getLogger(__name__)


def address(text: str) -> httpx.URL:
    """Read the address of a calendar; PermanentError unless it is https, or of this machine."""
    try:
        addresses.plain(text.partition("?")[0])
        url = httpx.URL(text)
    except (PermanentError, httpx.InvalidURL):
        raise PermanentError("it is not a plain https address: write it without # and @") from None
    if addresses.of_credentials(url.host):
        raise PermanentError("it leads to where this machine's credentials lie: it is never asked")
    if url.scheme != "https" and not addresses.here(url.host):
        raise PermanentError(
            "it is not https, so anybody on the way could lift a freeze: use https"
        )
    return url


async def fetch(client: httpx.AsyncClient, text: str) -> Events:
    """Fetch a calendar and read it; ActionError says why there is none, naming only the host."""
    url = address(text)
    try:
        answer = await http.send(client, "GET", url, within=WITHIN)
        if not answer.fine:
            raise PermanentError(f"{url.host} answered {answer.status}")
        return await asyncio.to_thread(calendars.read, answer.body)
    except ActionError as error:
        place = str(url.copy_with(query=None))
        raise PermanentError(str(error).replace(place, url.host)) from None
    except ValueError as error:
        raise PermanentError(f"{url.host} answered with what {error}") from None


class Subscriptions:
    """What was fetched, by address; another mapping whenever one was read anew."""

    def __init__(self, client: httpx.AsyncClient, clock: ports.Clock) -> None:
        self._client = client
        self._clock = clock
        self._known: Mapping[str, Calendar] = {}
        self._tried: dict[str, datetime] = {}

    def standing(self) -> Mapping[str, Calendar]:
        return self._known

    async def look(self, wanted: Iterable[tuple[str, str]]) -> None:
        """
        Fetch what was not tried lately, of these addresses with the zones that they are read in.

        What they say today and tomorrow is reckoned here, in a thread, so that no judgement waits.
        """
        zones: dict[str, set[str]] = {}
        for text, zone in wanted:
            zones.setdefault(text, set()).add(zone)
        self._known = {text: one for text, one in self._known.items() if text in zones}
        self._tried = {text: at for text, at in self._tried.items() if text in zones}
        now = self._clock.now()
        due = [text for text in zones if abs(now - self._tried.get(text, now + 2 * EVERY)) >= EVERY]
        await asyncio.gather(*(self._renew(text, zones[text]) for text in due))

    async def _renew(self, text: str, zones: set[str]) -> None:
        now = self._tried[text] = self._clock.now()
        try:
            events = await fetch(self._client, text)
            await asyncio.to_thread(_reckon, events, now, zones)
        except ActionError as error:
            log.warning("a calendar of the policy was not read: %s", error)
            return
        self._known = {**self._known, text: Calendar(events.spans, now)}


def _reckon(events: Events, now: datetime, zones: set[str]) -> None:
    for day in (day_of(now), day_of(now + timedelta(days=1))):
        for zone in zones:
            events.spans(*day, zone)
