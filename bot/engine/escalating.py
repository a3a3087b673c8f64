"""Ending an incident, and handing it to a person when Heal cannot or may not end it well."""

from __future__ import annotations

from bot.core.facts import Closed, Escalated
from bot.core.lifecycle import Event
from bot.core.plan import Plan
from bot.engine import electing
from bot.engine.recording import Story

TO = "oncall"


async def close(story: Story, event: Event, says: str) -> None:
    """End the incident by this event."""
    await story.say("close", Closed(event=event, says=says))


async def hand_over(
    story: Story, event: Event, why: str, plan: Plan | None = None, to: str = ""
) -> None:
    """
    Call a person with what is known, then end the incident by this event.

    Who asked for something that was not even begun is told so; nobody else is woken for it.
    """
    wish = story.opened.wish
    to = to or (wish.by if wish and not story.incident.ran else "")
    await call(story, "escalate", why, plan, to)
    await close(story, event, why)


async def call(story: Story, key: str, why: str, plan: Plan | None, to: str = "") -> None:
    """
    Call a person; what the runbook's author wanted said when it does not help comes along.

    It is written down with the end of the incident, which follows.
    """
    to = to or (plan.escalate_to if plan else TO)
    say = plan.escalate_say if plan and story.incident.ran else ""

    async def called() -> Escalated:
        calls = await electing.named(story.world, to)
        return Escalated(to=to, why=why, say=say, calls=calls)

    await story.note(key, Escalated, called, hold=True)
