"""What Slack lends a bot for a short while: trigger ids and response URLs."""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from bot.rehearsal.workspace.wire import Json, Refused
from bot.rehearsal.workspace.world import World

USES = 5


@dataclass(frozen=True)
class Trigger:
    """The right to show one view to one person, once and soon; `view_id`: it came from there."""

    user: str
    until: float
    view_id: str | None = None


class Triggers:
    """Every trigger id given out so far."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._given: dict[str, Trigger] = {}
        self._used: set[str] = set()

    def give(self, user: str, view_id: str | None = None) -> str:
        """A new id for what this person just did."""
        name = f"{self._world.seconds()}.{len(self._given)}.{secrets.token_hex(8)}"
        until = self._world.clock.monotonic() + self._world.timing.trigger
        self._given[name] = Trigger(user, until, view_id)
        return name

    def take(self, name: str) -> Trigger:
        """Uses an id up; Refused when it is unknown, used or too old."""
        trigger = self._given.get(name)
        if trigger is None:
            raise Refused("invalid_trigger_id")
        if name in self._used:
            raise Refused("exchanged_trigger_id")
        if self._world.clock.monotonic() > trigger.until:
            raise Refused("expired_trigger_id")
        self._used.add(name)
        return trigger


@dataclass
class Origin:
    """What a response URL answers: a command, or a click on the message `ts` of a channel."""

    channel: str
    user: str
    until: float
    ts: str | None = None
    ephemeral: bool = False
    left: int = USES


class ResponseUrls:
    """Every response URL given out so far."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._given: dict[str, Origin] = {}

    def give(self, channel: str, user: str, about: Json | None = None) -> str:
        """A new URL; `about` is the message that was clicked."""
        about = about or {}
        name = secrets.token_hex(12)
        self._given[name] = Origin(
            channel,
            user,
            self._world.clock.monotonic() + self._world.timing.response_url,
            ts=about.get("ts"),
            ephemeral=bool(about.get("is_ephemeral")),
        )
        return f"{self._world.url}/actions/{self._world.cast.team_id}/{name}"

    def take(self, name: str) -> Origin:
        """Counts one use; Refused when unknown, too old or used five times."""
        origin = self._given.get(name)
        if origin is None or self._world.clock.monotonic() > origin.until:
            raise Refused("expired_url")
        if origin.left <= 0:
            raise Refused("used_url")
        origin.left -= 1
        return origin
