"""Verifying: healed means that the criteria held for the whole hold time, on fresh evidence."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import AbstractContextManager

from bot.core.expressions import Finding
from bot.core.facts import Proof, StepVerified, Verified
from bot.core.plan import Criteria, Plan
from bot.core.values import Facts
from bot.engine import filling, reading, restoring, stopping
from bot.engine.recording import Story
from bot.engine.tracing import Trace
from bot.engine.world import World
from bot.ports import headway


async def verify(story: Story, plan: Plan) -> Verified:
    """Note whether it helped."""

    async def act() -> Verified:
        if plan.undoes:
            return await restoring.compared(story.world, plan.steps, back=False)
        left = stopping.left(story, story.world.limits.total)
        with _followed(story):
            proof = await watch(story.world, plan.criteria, plan.names, left)
        return Verified(**dict(proof))

    return await story.note("verify", Verified, act, reads=True)


async def between(story: Story, plan: Plan, number: int, then: Criteria) -> StepVerified:
    """Note whether what must hold after a step holds; it ends early when people stop the run."""

    async def act() -> StepVerified:
        why = ""

        async def stop() -> bool:
            nonlocal why
            why = await stopping.asked(story)
            return bool(why)

        left = stopping.left(story, story.world.limits.act)
        with _followed(story):
            proof = await watch(story.world, then, plan.names, left, stop)
        told = {**dict(proof), "why": why or proof.why}
        return StepVerified(number=number, stopped=bool(why), **told)

    return await story.note(f"step:{number}:then", StepVerified, act, reads=True)


def _followed(story: Story) -> AbstractContextManager[None]:
    return story.world.cases.underway.followed(story.life.incident, story.world.clock)


async def watch(
    world: World,
    criteria: Criteria,
    names: Facts,
    left: float,
    stop: Callable[[], Awaitable[bool]] | None = None,
) -> Proof:
    """
    Read again and again: it passes when it held long enough, and fails when time is up.

    `left` is how many seconds of the run's time there are still; `stop` ends it before.
    """
    limit = min(min(criteria.within, world.limits.verify) + criteria.hold, max(0.0, left))
    clock, trace = world.clock, Trace(criteria, names)
    began = clock.monotonic()
    since: float | None = None
    checks = 0
    while True:
        checks += 1
        counts: list[str] = []
        with headway.heard(counts.append):
            readings = await reading.read_all(world.plugins, criteria.probes, limit)
        found = filling.holds(criteria.success, names, readings)
        now = clock.monotonic()
        trace.note(now - began, readings)
        since = (now if since is None else since) if found.held else None
        held = 0.0 if since is None else now - since
        passed = since is not None and held >= criteria.hold
        if passed or now - began >= limit or (stop is not None and await stop()):
            return Proof(
                passed=passed,
                why=_why(criteria, found, held, passed=passed),
                checks=checks,
                held=round(held, 3),
                seconds=round(now - began, 3),
                readings=readings,
                series=trace.series,
            )
        headway.say(_how_far(criteria, counts, held, holds=found.held))
        await clock.sleep(min(criteria.every, max(0.0, limit - (now - began))))


def _how_far(criteria: Criteria, counts: list[str], held: float, *, holds: bool) -> str:
    """While it holds how long it did; before that what probes counted, if they did."""
    if holds:
        return f"{held:.0f} of {criteria.hold:.0f} s that it has to hold are over"
    return "; ".join(dict.fromkeys(counts)) or "it does not hold yet"


def _why(criteria: Criteria, found: Finding, held: float, *, passed: bool) -> str:
    if passed:
        return f"{criteria.success} held for {held:.0f} s"
    if found.held:
        return f"{criteria.success} held for {held:.0f} s only, not for {criteria.hold:g} s"
    return f"{criteria.success} does not hold: {found.error or 'it is false'}"
