"""Marking: by its metadata a message of ours is known again, whatever else it says."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from pydantic import JsonValue

EVENT = "heal"
"""The metadata's event type."""


class Mark(NamedTuple):
    """Which slot a message is, and which version of it stands there."""

    slot: str
    version: int


def metadata(mark: Mark) -> dict[str, JsonValue]:
    """Ids only: every app in the channel can read it."""
    return {"event_type": EVENT, "event_payload": {"slot": mark.slot, "version": mark.version}}


def read(message: Mapping[str, JsonValue], me: str) -> Mark | None:
    """Read the mark of a message that this bot user wrote; None when it is not one of ours."""
    said = message.get("metadata")
    if message.get("user") != me or not isinstance(said, dict) or said.get("event_type") != EVENT:
        return None
    about = said.get("event_payload")
    slot = about.get("slot") if isinstance(about, dict) else None
    if not isinstance(about, dict) or not isinstance(slot, str):
        return None
    version = about.get("version")
    return Mark(slot, version if isinstance(version, int) else 0)
