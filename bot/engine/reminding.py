"""While people are asked: a reminder when half of the time is gone, then those who stand in."""

from __future__ import annotations

from datetime import datetime
from functools import partial

from bot import ports
from bot.core import approval
from bot.core.facts import Reminded
from bot.engine import electing
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
        said = partial(_reminder, story, request, fallback=fallback)
        await story.note(key, Reminded, said, reads=True)


async def _reminder(story: Story, request: approval.Request, *, fallback: bool) -> Reminded:
    """Who stands in is looked up once; those who have said yes already need no letter."""
    who = await electing.standing_in(story.world, request) if fallback else ()
    said = {one.vote.who for one in story.incident.votes if one.round == request.round}
    left = tuple(one for one in who if one not in said)
    return Reminded(round=request.round, fallback=fallback, who=left)


async def _until(clock: ports.Clock, at: datetime) -> None:
    while (left := (at - clock.now()).total_seconds()) > 0:
        await clock.sleep(min(left, SLICE))
