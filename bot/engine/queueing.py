"""Queueing: a plan that only the limit of runs at once holds up waits its turn, and is no no."""

from __future__ import annotations

from contextlib import suppress

from bot.core import durations, facts, topics
from bot.core.errors import StoreUnavailable
from bot.core.facts import Decided, Planned, Queued, TurnCame
from bot.core.lifecycle import Event
from bot.core.plan import Plan
from bot.core.policy import concurrency
from bot.engine import deciding, escalating, judging
from bot.engine.recording import Story

LOOK_EVERY = 1.0
"""Seconds between two looks at whether it is its turn."""


async def turn(story: Story, planned: Planned, plan: Plan) -> tuple[str, ...] | None:
    """
    Wait until it may begin: what changed meanwhile, or None when it ended with a no.

    From here until its run begins nobody takes its place: who comes later waits behind it.
    """
    waits = f"queue:{planned.round}"
    if not story.life.recorded(waits) and (
        story.life.recorded("begin") or not _must_wait(story, plan)
    ):
        return ()
    queued = await story.note(waits, Queued, lambda: _place(story, planned, plan), hold=True)
    letter = await _called(story, queued, plan)
    if letter is None:
        bound = durations.in_words(queued.until - queued.at)
        why = f"its turn did not come within {bound}: {queued.why}"
        await escalating.hand_over(story, Event.POLICY_DENIED, why, plan)
        return None
    if isinstance(letter, Decided):
        await deciding.ended(story, planned, letter)
        return None
    changes = (await deciding.rebuilt(story, planned, None)).changes
    if changes:
        story.world.cases.queue.leave(story.life.incident)
    return changes


def _must_wait(story: Story, plan: Plan) -> bool:
    """Take a place, and say whether it has to wait there; a no waits nowhere."""
    world, own = story.world, story.life.incident
    cases, limit = world.cases, world.library().rulebook.concurrency
    waits = concurrency.stands(own, cases.runs.holds, cases.queue.line, limit).place > 0
    if waits or world.preceding:  # else it is judged when it begins, which is now
        made = judging.case(world, story.incident, plan, "")
        if judging.barring(world, story.incident, made) or concurrency.overflows(made):
            return False
    cases.queue.join(own, world.clock.now())
    return waits


async def _place(story: Story, planned: Planned, plan: Plan) -> Queued:
    """Where it stands now, and until when it waits at most."""
    world = story.world
    made, now = judging.case(world, story.incident, plan, ""), world.clock.now()
    stands = concurrency.turn(made)
    return Queued(
        round=planned.round, at=now, place=stands.place, of=stands.of,
        why=concurrency.under_way(made), until=now + made.rulebook.queue.longest,
    )  # fmt: skip


async def _called(story: Story, queued: Queued, plan: Plan) -> facts.AnyFact | None:
    """Wait for the first letter that stands: its turn, or a no; None when the time is up."""
    topic = topics.turn(queued.round)
    await deciding.already_over(story, topic)
    name = f"{story.life.incident} waits its turn"
    looking = story.world.tasks.start(_look(story, queued, plan, topic), name=name)
    try:
        body = await story.life.receive(topic, queued.until)
    finally:
        looking.cancel()
    return facts.read(body) if body is not None else None


async def _look(story: Story, queued: Queued, plan: Plan, topic: str) -> None:
    """Tell of each place that it moves up to, and of its turn."""
    world, told = story.world, queued
    while True:
        stands = concurrency.turn(judging.case(world, story.incident, plan, ""))
        if stands.place == 0:
            letter = TurnCame()
            with suppress(StoreUnavailable):  # then it is told at the next look
                await story.durable.signal(
                    story.life.incident, topic, letter.body, "heal", kind=letter.kind
                )
                return
        elif stands.place < told.place:
            moved = {"place": stands.place, "of": stands.of, "advanced": True}
            told = queued.model_copy(update=moved)
            await story.say(f"queue:{queued.round}:{stands.place}", told)
        await world.clock.sleep(LOOK_EVERY)
