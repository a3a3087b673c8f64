"""While people are asked: a reminder when half of the time is gone, then those who stand in."""

from __future__ import annotations

from datetime import datetime

from bot import ports
from bot.core import approval
from bot.core.facts import Reminded
from bot.engine.recording import Story

WHEN = ((0.5, False), (0.8, True))
"""At which part of the time, and whether it is the fallback's turn."""
SLICE = 30.0
"""Seconds of one wait at most, so that a wall clock that was set is noticed."""


async def remind(story: Story, request: approval.Request) -> None:
    """Note each reminder at its moment, once over all lives; cancelled when it is decided."""
    if request.asked_at is None:
        return
    moments = [
        (request.asked_at + (request.expires_at - request.asked_at) * part, fallback)
        for part, fallback in WHEN
    ]
    for number, (at, fallback) in enumerate(moments):
        await _until(story.world.clock, at)
        following = moments[number + 1 :]
        if following and story.world.clock.now() >= following[0][0]:
            continue  # nobody was here at its moment, and the next one says more
        key = f"remind:{request.round}:{'fallback' if fallback else 'half'}"
        await story.say(key, Reminded(round=request.round, fallback=fallback))


async def _until(clock: ports.Clock, at: datetime) -> None:
    while (left := (at - clock.now()).total_seconds()) > 0:
        await clock.sleep(min(left, SLICE))
