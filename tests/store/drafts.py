"""Drafts for the tests of the store and of what stands on it."""

from __future__ import annotations

from datetime import UTC, datetime

from bot.core.transcript import Draft

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


def draft(
    key: str,
    *,
    kind: str = "step.ended",
    incident: str = "inc-1",
    body: str = "{}",
    at: datetime = NOON,
) -> Draft:
    return Draft(at=at, incident=incident, actor="heal", kind=kind, key=key, body=body)
