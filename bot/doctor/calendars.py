"""Calendars: whether those that freezes and maintenance name can be read, and what is next."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import timedelta

from bot.clients import subscriptions
from bot.core.errors import ActionError, ConfigurationError
from bot.core.policy.sections import Window
from bot.core.policy.timetable import Spans
from bot.core.policy.wording import count, moment
from bot.core.recurrence import Span
from bot.doctor.finding import Finding, failed, ok
from bot.doctor.patient import Patient

AHEAD = timedelta(days=60)


async def read(patient: Patient) -> Sequence[Finding]:
    """One finding a calendar: those at an address are fetched now."""
    library = patient.library
    if isinstance(library, ConfigurationError):
        return []  # said with the library already
    rulebook = library.rulebook
    windows = [one for one in (*rulebook.freezes, *rulebook.maintenance) if one.calendar]
    return await asyncio.gather(*(_read(patient, one) for one in windows))


async def _read(patient: Patient, window: Window) -> Finding:
    name, calendar = f"calendar of {window.name}", window.calendar or ""
    held = {} if isinstance(patient.library, ConfigurationError) else patient.library.calendars
    if calendar in held:
        return await _told(patient, window, f"{calendar} is read", held[calendar].spans)
    try:
        events = await subscriptions.fetch(patient.rig.http, calendar)
    except ActionError as error:
        remedy = (
            "mend it, or write another into policy/rules.yaml: until then its plans are asked for"
        )
        return failed(name, str(error), remedy)
    host = subscriptions.address(calendar).host
    said = f"{host} answers with {count(events.count, 'event')}"
    return await _told(patient, window, said, events.spans)


async def _told(patient: Patient, window: Window, said: str, spans: Spans) -> Finding:
    now = patient.clock.now()
    found = await asyncio.to_thread(spans, now, now + AHEAD, window.timezone or "UTC")
    return ok(f"calendar of {window.name}", f"{said}; {_next(found)}")


def _next(found: Sequence[Span]) -> str:
    if not found:
        return f"nothing in the next {AHEAD.days} days"
    return f"next from {moment(found[0].starts)} until {moment(found[0].ends)}"
