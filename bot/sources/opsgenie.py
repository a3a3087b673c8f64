"""Alerts of Opsgenie: its outgoing webhook."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Annotated

from pydantic import Field, JsonValue

from bot.clients.senders import Sender
from bot.core import labels, sent
from bot.core.alert import Alert, Severity
from bot.core.labels import Name, Pair
from bot.core.posted import Posted
from bot.core.sent import Sent
from bot.core.ticket import PAGED
from bot.sources._resources import typed

KIND = "Opsgenie's webhook"
BEGUN, OVER = frozenset({"Create"}), frozenset({"Close", "Delete"})
"""What begins or ends an alert; what else is done to it, as a note, changes nothing here."""
TAKEN = "Acknowledge"
PRIORITIES = {
    **dict.fromkeys(("P1", "P2"), Severity.CRITICAL),
    **dict.fromkeys(("P4", "P5"), Severity.INFO),
}
_END = 253_402_300_800
"""The first second of the year 10000."""
_TAG = re.compile(r"([A-Za-z_][\w./-]{0,99})\s*[:=]\s*(.+)")
Milliseconds = Annotated[int, Field(ge=0, lt=_END * 1000)]
Nanoseconds = Annotated[int, Field(ge=0, lt=_END * 10**9)]


class _Alert(Sent):
    id: Name = Field(alias="alertId")
    message: str
    alias: str | None = None
    created: Milliseconds = Field(alias="createdAt")
    updated: Nanoseconds | None = Field(default=None, alias="updatedAt")
    tags: list[str] | None = None
    details: dict[str, JsonValue] | None = None
    priority: str | int | None = None
    entity: str | None = None
    description: str | None = None


class _Message(Sent):
    action: Name
    alert: _Alert


class _Done(Sent):
    action: Name


class Opsgenie(Sender):
    """It signs nothing: a token or a user is one of its custom headers."""

    name = "opsgenie"

    def hints(self, posted: Posted) -> bool:
        return sent.read(_Done, posted.body, KIND).action == TAKEN

    def parse(self, posted: Posted) -> list[Alert]:
        action = sent.read(_Done, posted.body, KIND).action
        if action not in BEGUN | OVER:
            return []
        one, over = sent.read(_Message, posted.body, KIND).alert, action in OVER
        if (one.alias or "").startswith(PAGED):
            return []  # Heal's own page
        said = _said(one)
        severity = PRIORITIES.get(said.get("priority", ""), Severity.WARNING)
        ended = datetime.fromtimestamp(one.updated // 10**9, UTC) if one.updated else posted.at
        return [
            sent.alert(
                source=self.name,
                name=said.get("alertname") or one.message,
                fingerprint=labels.named(self.name, one.id),
                firing=not over,
                severity=labels.severity(said) if "severity" in said else severity,
                labels=said,
                annotations={
                    "summary": one.message,
                    "description": one.description or "",
                    "opsgenie_alert": one.id,
                },
                starts_at=datetime.fromtimestamp(one.created / 1000, UTC),
                ends_at=ended if over else None,
                confidence=labels.confidence(said),
            )
        ]


def _said(one: _Alert) -> dict[str, str]:
    """Labels: what its tags and details agree on, its entity and its priority."""
    said = labels.agreed([*_pairs(one)])
    own = {"entity": one.entity or "", "priority": _priority(one.priority)}
    return said | typed(said) | {name: text for name, text in own.items() if text}


def _pairs(one: _Alert) -> Iterator[Pair]:
    for tag in one.tags or ():
        if found := _TAG.fullmatch(tag.strip()):
            yield found[1], found[2]
    for name, value in (one.details or {}).items():
        if isinstance(value, str):
            yield name, value


def _priority(given: str | int | None) -> str:
    """Older messages have the number alone."""
    if isinstance(given, int):
        return f"P{given}" if 1 <= given <= 5 else ""
    return given or ""


PLUGIN = Opsgenie
