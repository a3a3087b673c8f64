"""
Leaving: how the house goes, so that nobody loses anything by it.

Readiness turns red first, for a balancer needs a moment to notice. Then no alert is taken any
more, and acts under way get their time; no other one begins. Whoever asks a second time, or a
drain that is too long, ends the process at once: the ledger bears that at any moment.
"""

from __future__ import annotations

import asyncio
import logging
import os
import signal
from collections.abc import Awaitable, Callable
from typing import NoReturn, Self, cast

from pydantic import BaseModel, ConfigDict, Field

from bot import plugins, ports
from bot.clients import commands
from bot.core.errors import StoreUnavailable
from bot.core.lifecycle import State
from bot.store.inbox import Inbox
from bot.store.outbox import Outbox

CLOSING = 25.0
"""Seconds for all that is closed beside the acts: Slack's line, the doors, the ledger."""
TOO_LONG = 1
"""The exit code of a process that could not close in its time."""
log = logging.getLogger(__name__)


class StopSettings(BaseModel):
    """How long a stop may take: `HEAL_STOP_…`; with 25 s for the rest, it is over after that."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    delay: float = Field(
        default=3, ge=0, le=60,
        description="seconds between a red /readyz and the moment from which alerts are refused, "
        "for a balancer to notice",
    )  # fmt: skip
    grace: float = Field(
        default=20, ge=0, le=600,
        description="seconds that acts under way are given to end at a stop",
    )  # fmt: skip

    @property
    def bound(self) -> float:
        """Seconds after which the process is gone in any case."""
        return self.delay + self.grace + CLOSING


class Leaving:
    """What is said and refused on the way out."""

    def __init__(self, told: StopSettings, clock: ports.Clock) -> None:
        self.told = told
        self.why = ""
        """Why this one is not ready any more; empty while it does not leave."""
        self.left = ""
        """What waits for the next life, once everything is closed."""
        self._clock = clock
        self._shut = False

    @classmethod
    def of(cls, sections: plugins.Sections, clock: ports.Clock) -> Self:
        """Read how long; ConfigurationError names what is wrong."""
        told = plugins.configure("stop", StopSettings, sections("stop"))
        return cls(cast("StopSettings", told), clock)

    async def go(self, close: Callable[[], Awaitable[None]]) -> None:
        """Say it first, then close; the process ends by force when that takes too long."""
        why = f"closing took more than {self.told.bound:g} s"
        end = asyncio.get_running_loop().call_later(self.told.bound, at_once, TOO_LONG, why)
        self.why = "Heal is stopping"
        log.info("stopping: /readyz is red now; alerts are taken for %g s more", self.told.delay)
        await self._clock.sleep(self.told.delay)
        log.info("nothing new begins; what is under way gets %g s", self.told.grace)
        await close()
        end.cancel()
        log.info("stopped; left for the next life: %s", self.left)

    def shut(self) -> None:
        """Let nothing in from now on."""
        self.why, self._shut = "Heal is stopping", True

    def refuses(self) -> str:
        """Why no alert is taken; empty while they are."""
        return "Heal is stopping: send it again, the next one takes it" if self._shut else ""

    async def account(self, cases: ports.Cases, inbox: Inbox, outbox: Outbox) -> None:
        """Take down what is left for the next life, while the ledger can still be asked."""
        states = [one.state for one in cases.open()]
        asked = states.count(State.AWAITING_APPROVAL)
        try:
            unsaid = str(await outbox.pending())
        except StoreUnavailable:
            unsaid = "an unknown number of"
        self.left = (
            f"{len(states)} open incidents, {asked} of them wait for people; "
            f"{sum(inbox.waiting().values())} items of the inbox, {unsaid} messages for Slack"
        )


class Asked:
    """Whether somebody wants the process to end: a signal, or a mistake that came to light."""

    def __init__(self) -> None:
        self._once = asyncio.Event()
        self._told = False
        loop = asyncio.get_running_loop()
        for sign in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(sign, self._heard, sign)

    def ask(self) -> None:
        self._once.set()

    async def wait(self) -> None:
        await self._once.wait()

    def _heard(self, sign: signal.Signals) -> None:
        if self._told:
            at_once(128 + sign, f"{sign.name} came again")
        self._told = True
        self._once.set()


def at_once(code: int, why: str) -> NoReturn:
    """End the process as a kill would, but for the commands that it started: they end with it."""
    ended = commands.end_all()
    log.warning("ending at once: %s; %d commands are ended, the next life goes on", why, ended)
    logging.shutdown()
    os._exit(code)
