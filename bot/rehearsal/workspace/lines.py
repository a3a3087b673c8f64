"""What it takes to reach the bot: a line, and what came back on it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Protocol

from bot.rehearsal.workspace.wire import Json


class Kind(StrEnum):
    """What is sent, in the words of Socket Mode."""

    EVENT = "events_api"
    COMMAND = "slash_commands"
    INTERACTION = "interactive"


@dataclass(frozen=True)
class Attempt:
    """Which try this is, counted from 0, and why Slack tries again."""

    number: int = 0
    reason: str = ""


@dataclass(frozen=True)
class Reply:
    """Whether the bot acknowledged; `body` is what it said with it, `reason` why it did not."""

    acked: bool
    body: Any = None
    reason: str = ""
    retry: bool = True


class Line(Protocol):
    """Socket Mode or HTTP."""

    async def send(self, kind: Kind, payload: Json, attempt: Attempt) -> Reply:
        """Delivers once and waits for the acknowledgement, never longer than Slack does."""
