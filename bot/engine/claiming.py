"""Claiming: that a step begins is on record before it does, also when a later life takes it up."""

from __future__ import annotations

from typing import NamedTuple

from bot.core.facts import Claimed
from bot.core.plan import PlannedStep
from bot.engine import stopping
from bot.engine.recording import Story


class Claim(NamedTuple):
    """
    The right to do one step once.

    `uncertain` says that an earlier life may have begun it; `began` is when this life came to
    have it, in seconds that never run backwards.
    """

    stop: str
    uncertain: bool
    began: float


async def claim(
    story: Story, step: PlannedStep, key: str, within: float, *, back: bool = False
) -> Claim:
    """
    Write down that this life begins the step, or why nothing more may begin.

    Who takes over from another replica cannot know whether that is dead, or only cut off from
    Postgres and still at it. So it waits until an act of that claim must have ended, which takes
    `within` seconds at most, and claims the step itself, so that the next one knows of it too.
    """
    life, clock = story.life, story.world.clock

    async def act() -> Claimed:
        stop = "" if back else await stopping.why(story)
        return Claimed(number=step.number, back=back, nonce=life.nonce, stop=stop)

    async def again() -> Claimed:
        return Claimed(number=step.number, back=back, nonce=life.nonce, again=True)

    began = clock.monotonic()
    first = await story.note(f"{key}:claim", Claimed, act)
    uncertain = first.nonce != life.nonce
    if uncertain and not first.stop and not life.recorded(key):
        last, following = _newest(story, key)
        if await life.outlive(last, within):
            began = clock.monotonic()
            await story.note(following, Claimed, again)
    return Claim(first.stop, uncertain, began)


def _newest(story: Story, key: str) -> tuple[str, str]:
    """The last claim of a step that is in the record, and the name of the next one."""
    number, last = 2, f"{key}:claim"
    while story.life.recorded(following := f"{key}:claim:{number}"):
        last, number = following, number + 1
    return last, following
