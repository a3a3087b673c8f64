"""Calendars as programs write them, for tests."""

from __future__ import annotations


def event(*lines: str, name: str = "release") -> str:
    return "\r\n".join(
        ("BEGIN:VEVENT", f"UID:{name}", "DTSTAMP:20260101T000000Z", f"SUMMARY:{name}", *lines,
         "END:VEVENT")
    )  # fmt: skip


def calendar(*events: str, zones: str = "") -> bytes:
    parts = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//test//EN"]
    text = "\r\n".join([*parts, *([zones] if zones else []), *events, "END:VCALENDAR"])
    return f"{text}\r\n".encode()


WEEKLY = event(
    "DTSTART;TZID=Europe/Berlin:20260102T160000",
    "DTEND;TZID=Europe/Berlin:20260102T180000",
    "RRULE:FREQ=WEEKLY;BYDAY=FR",
    "EXDATE;TZID=Europe/Berlin:20260109T160000",
    name="fridays",
)
"""Every Friday from 16:00 to 18:00 in Berlin, but for the second one of 2026."""
