"""Ending an incident, and handing it to a person when Heal cannot or may not end it well."""

from __future__ import annotations

from bot.core import calling
from bot.core.facts import Closed, Escalated, StepEnding
from bot.core.incident import Incident
from bot.core.lifecycle import Event
from bot.core.plan import Plan
from bot.engine import electing, passing_on
from bot.engine.recording import Story
from bot.engine.world import World

TO = "oncall"


async def close(story: Story, event: Event, says: str) -> None:
    """End the incident by this event; what waited behind it goes on by itself."""
    async with story.world.taking(story.incident.trouble):
        then = await passing_on.pass_on(story, "pass")
        await story.say("close", Closed(event=event, says=says))
    if then:
        await story.durable.start(then)


async def hand_over(
    story: Story, event: Event, why: str, plan: Plan | None = None, to: str = ""
) -> None:
    """
    Call a person with what is known, then end the incident by this event.

    Who asked for something that was not even begun is told so; nobody else is woken for it.
    """
    wish = story.opened.wish
    to = to or (wish.by if wish and not story.incident.ran else "")
    await call(story, "escalate", why, plan, event, to)
    await close(story, event, why)


async def call(
    story: Story, key: str, why: str, plan: Plan | None, event: Event, to: str = ""
) -> None:
    """
    Call a person; what the runbook's author wanted said when it does not help comes along.

    It is written down with the end of the incident, which follows.
    """
    to = to or (plan.escalate_to if plan else TO)
    say = plan.escalate_say if plan and story.incident.ran else ""

    async def called() -> Escalated:
        calls = await electing.named(story.world, to)
        rules = story.world.library().rulebook
        call = Escalated(to=to, why=why, say=say, calls=calls)
        call = calling.decided(story.incident, event, rules, call)
        return call.model_copy(update=paging(story.world, story.incident, wanted=call.page))

    await story.note(key, Escalated, called, hold=True)


async def give_up(story: Story, why: str) -> None:
    """Call a person because Heal itself failed, with what its run has changed by then."""
    known = story.incident
    await call(story, "gave_up", why + left(known), known.plan, Event.GAVE_UP)


def left(known: Incident) -> str:
    """What the run has changed by now, for nobody takes it back but a person."""
    claim, plan, ended = known.claimed, known.plan, {step.number for step in known.steps}
    if not known.ran or plan is None or known.rolled_back is not None:
        return ""
    says = {step.number: step.scope.says for step in plan.steps}
    undone = {step.number for step in known.undone if step.ending is StepEnding.DONE}
    left = [f"step {s.number} ({says[s.number]}): {s.ending}" for s in known.steps
            if s.applied and s.number not in undone]  # fmt: skip
    if claim and not claim.stop and not claim.back and claim.number not in ended:
        left.append(f"step {claim.number} ({says[claim.number]}): begun, its end is unknown")
    return f"; left as it is: {', '.join(left) or 'nothing was changed'}"


def paging(world: World, incident: Incident, *, wanted: bool) -> dict[str, bool]:
    """Whether a call pages at once, or is held back because so many do: two fields of its fact."""
    most = world.library().rulebook.escalation.most_pages
    page = wanted and world.pages.may(incident, world.clock.monotonic(), most)
    return {"page": page, "held": wanted and not page}
