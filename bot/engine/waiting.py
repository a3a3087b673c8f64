"""Waiting: while something that a service needs is in trouble, nothing is planned for it."""

from __future__ import annotations

from contextlib import suppress

from bot.core import durations, facts, topics
from bot.core.approval import Ending
from bot.core.errors import StoreUnavailable
from bot.core.facts import Decided, GoesOn, Waits
from bot.core.incident import Incident
from bot.core.lifecycle import Event
from bot.core.needed import Needed
from bot.engine import deciding, escalating
from bot.engine.recording import Story

LOOK_EVERY = 2.0
"""Seconds between two looks at what it waits for."""


async def ends(story: Story, round_: int) -> bool:
    """Wait until nothing that it needs is in trouble; tell whether it ended meanwhile."""
    key = f"waits:{round_}"
    if not story.life.recorded(key) and not _must_wait(story, round_):
        return False
    waits = await story.note(key, Waits, lambda: _place(story, round_), hold=True)
    letter = await _over(story, waits)
    if letter is None:
        bound = durations.in_words(waits.until - waits.at)
        why = f"it waited {bound} for what it needs: {_named(waits.needed)}"
        await escalating.hand_over(story, Event.NO_PLAN, why)
        return True
    if isinstance(letter, Decided):
        await _end(story, letter)
        return True
    return False


def _must_wait(story: Story, round_: int) -> bool:
    """What a person wants now waits for nothing; nor what went on before, in an earlier life."""
    later = ("diagnose", "escalate") if round_ == 0 else (f"plan:{round_}",)
    if any(story.life.recorded(key) for key in later) or not _alone(story.incident):
        return False
    return bool(story.world.library().rulebook.dependencies.wait) and bool(_now(story))


def _alone(known: Incident) -> bool:
    """Whether an alert brought it up, and nobody asked for it or changed its plan."""
    opened = known.opened
    asked = opened.wish or opened.glass or opened.again_for or opened.undoes or known.edits
    return opened.alert is not None and not asked


def _now(story: Story) -> tuple[Needed, ...]:
    return story.world.needed(story.opened.service, story.opened.environment)


async def _place(story: Story, round_: int) -> Waits:
    now, bound = story.world.clock.now(), story.world.library().rulebook.dependencies.wait
    return Waits(round=round_, at=now, until=now + bound, needed=_now(story))


async def _over(story: Story, waits: Waits) -> facts.AnyFact | None:
    """Wait for the first letter that stands; None when the time is up."""
    topic = topics.waiting(waits.round)
    await deciding.already_over(story, topic)
    name = f"{story.life.incident} waits for what it needs"
    looking = story.world.tasks.start(_look(story, waits, topic), name=name)
    try:
        body = await story.life.receive(topic, waits.until)
    finally:
        looking.cancel()
    return facts.read(body) if body is not None else None


async def _look(story: Story, waits: Waits, topic: str) -> None:
    """Tell when it may go on, and of what else it waits for."""
    told, number = waits, 1
    while True:
        now = _now(story)
        if not now:
            letter = GoesOn()
            with suppress(StoreUnavailable):  # then it is told at the next look
                await story.durable.signal(
                    story.life.incident, topic, letter.body, "heal", kind=letter.kind
                )
                return
        elif now != told.needed:
            told = waits.model_copy(update={"needed": now})
            while story.life.recorded(f"waits:{waits.round}:{number}"):
                number += 1
            await story.say(f"waits:{waits.round}:{number}", told)
        await story.world.clock.sleep(LOOK_EVERY)


async def _end(story: Story, decided: Decided) -> None:
    why = f" ({decided.why})" if decided.why else ""
    if decided.ending is Ending.WITHDRAWN:
        says = "the alert cleared by itself while it waited: nothing was executed"
        return await escalating.close(story, Event.ALERT_CLEARED, says)
    event, says = deciding.ENDINGS[decided.ending]
    return await escalating.close(story, event, says + why)


def _named(needed_: tuple[Needed, ...]) -> str:
    named = ", ".join(one.says for one in needed_)
    return f"{named} {'was' if len(needed_) == 1 else 'were'} in trouble"
