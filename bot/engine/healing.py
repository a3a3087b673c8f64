"""
How an incident is healed, from its opening to its end: the stages in their order.

One coroutine per incident, replayed from the ledger after a restart, or a sleep: every `note` and
`say` below is done once and read back ever after, every wait has an absolute deadline. So the names
and the order of what is noted are a contract: change them, and change WORKFLOW with them.
"""

from __future__ import annotations

from bot import ports
from bot.core import redaction
from bot.core.errors import StoreUnavailable
from bot.core.facts import Acted, RolledBack, Stepped
from bot.core.lifecycle import Event
from bot.core.plan import Plan
from bot.engine import (
    approving,
    choosing,
    diagnosing,
    escalating,
    quieting,
    reporting,
    reverting,
    rolling_back,
    running,
    verifying,
    waiting,
    watching,
)
from bot.engine.recording import Story
from bot.engine.world import World

WORKFLOW = "heal-1"
MOST = 1000
"""Characters of an error that are kept."""


async def heal(life: ports.Life, world: World, durable: ports.Durable) -> None:
    """Live one incident. Whatever goes wrong unforeseen ends with a person being called."""
    story = Story(life, world, durable)
    if world.cases.get(life.incident) is None:
        return await reporting.foreign(world, life.incident)
    try:
        if life.recorded("gave_up"):
            return await _end(story)
        await stages(story)
    except StoreUnavailable:
        raise  # nothing may be done or even said until it is back; then this is replayed
    except Exception as error:  # noqa: BLE001 - the edge: record, call a person, stay alive
        await _give_up(story, error)
    finally:
        world.cases.settle(life.incident)


async def stages(story: Story) -> None:
    """Choose, diagnose, agree, run, verify; go back and call a person when it did not help."""
    chosen = None if await quieting.ends(story) else await choosing.choose(story)
    if chosen is None or await waiting.ends(story, 0):
        return None
    if not chosen.runbook:
        return await escalating.hand_over(story, Event.NO_PLAN, f"no runbook: {chosen.why_none}")
    await diagnosing.diagnose(story)

    plan = await approving.agree(story)
    if plan is None or await running.begin(story, plan) is None:
        return None

    acted, steps = await running.carry_out(story, plan)
    if acted.failed or acted.cancelled:
        return await _undo_unfinished(story, plan, acted, steps)

    proof = await verifying.verify(story, plan)
    if not proof.passed:
        back = await rolling_back.roll_back(story, plan, steps)
        return await _did_not_help(story, plan, proof.why, back)

    healed_at = story.incident.healed_at or story.world.clock.now()
    wanted = await watching.way_back(story, plan, healed_at)
    wanted = wanted or await watching.until_clear(story, plan, healed_at)
    if wanted is not None:
        await reverting.revert(story, plan, steps, wanted)
    return None


async def _undo_unfinished(
    story: Story, plan: Plan, acted: Acted, steps: tuple[Stepped, ...]
) -> None:
    back = await rolling_back.roll_back(story, plan, steps)
    if acted.cancelled and back.clean:
        return await escalating.close(story, Event.CANCELLED, f"{acted.cancelled}; {back.says}")
    return await _did_not_help(story, plan, acted.failed or acted.cancelled, back)


async def _did_not_help(story: Story, plan: Plan, why: str, back: RolledBack) -> None:
    event = Event.ROLLED_BACK if back.clean else Event.GAVE_UP
    await escalating.hand_over(story, event, f"it did not help: {why}; {back.says}", plan)


async def _give_up(story: Story, error: Exception) -> None:
    if story.incident.over:
        return
    why = f"Heal itself failed: {type(error).__name__}: {redaction.text(str(error))[:MOST]}"
    await escalating.give_up(story, why)
    await _end(story)


async def _end(story: Story) -> None:
    """A person was called, so nothing more is done here, not even by a later life."""
    told = story.incident.escalated
    await escalating.close(story, Event.GAVE_UP, told.why if told else "")
