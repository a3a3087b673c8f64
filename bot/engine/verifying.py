"""Verifying: healed means that the criteria held for the whole hold time, on fresh evidence."""

from __future__ import annotations

from bot.core.expressions import Finding
from bot.core.facts import Reading, Verified
from bot.core.plan import Criteria, Plan
from bot.engine import filling, reading, restoring, stopping
from bot.engine.recording import Story
from bot.engine.world import World


async def verify(story: Story, plan: Plan) -> Verified:
    """Note whether it helped."""

    async def act() -> Verified:
        if plan.undoes:
            return await restoring.compared(story.world, plan.steps, back=False)
        return await watch(story.world, plan, stopping.left(story, story.world.limits.total))

    return await story.note("verify", Verified, act, reads=True)


async def watch(world: World, plan: Plan, left: float) -> Verified:
    """
    Read again and again: it passes when it held long enough, and fails when time is up.

    `left` is how many seconds of the whole run's time there are still.
    """
    criteria = plan.criteria
    limit = min(min(criteria.within, world.limits.verify) + criteria.hold, max(0.0, left))
    clock = world.clock
    began = clock.monotonic()
    since: float | None = None
    checks = 0
    while True:
        checks += 1
        readings, found = await _look(world, plan, criteria, limit)
        now = clock.monotonic()
        since = (now if since is None else since) if found.held else None
        held = 0.0 if since is None else now - since
        passed = since is not None and held >= criteria.hold
        if passed or now - began >= limit:
            return Verified(
                passed=passed,
                why=_why(criteria, found, held, passed=passed),
                checks=checks,
                held=round(held, 3),
                seconds=round(now - began, 3),
                readings=readings,
            )
        await clock.sleep(min(criteria.every, max(0.0, limit - (now - began))))


async def _look(
    world: World, plan: Plan, criteria: Criteria, within: float
) -> tuple[tuple[Reading, ...], Finding]:
    readings = await reading.read_all(world.plugins, criteria.probes, within)
    return readings, filling.holds(criteria.success, plan.names, readings)


def _why(criteria: Criteria, found: Finding, held: float, *, passed: bool) -> str:
    if passed:
        return f"{criteria.success} held for {held:.0f} s"
    if found.held:
        return f"{criteria.success} held for {held:.0f} s only, not for {criteria.hold:g} s"
    return f"{criteria.success} does not hold: {found.error or 'it is false'}"
