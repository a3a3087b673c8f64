"""Rounds: the plan of one round of asking, noted with what it has in place of the last one."""

from __future__ import annotations

from bot.core import difference
from bot.core.facts import Planned
from bot.engine import diagnosing, judging, planning
from bot.engine.recording import Story


async def plan(
    story: Story, round_: int, moved: tuple[str, ...] = (), shown: Planned | None = None
) -> Planned:
    """
    Note the plan of this round of asking, together with what then becomes of it.

    `shown` is the plan that people saw before; what an edit of it comes to is said in sentences.
    """

    async def act() -> Planned:
        known = story.incident
        seen = diagnosing.just_now(story)
        built = await planning.build(story.world, known, round_, moved, seen)
        made = judging.marked(story.world, known, built)
        if shown is None or shown.plan is None or made.plan is None:
            return made
        edited = any(one.round == shown.round for one in known.edits)
        comes_to = difference.difference(shown.plan, made.plan) if edited else ()
        said = tuple(line for line in comes_to if line not in {"params changed", *moved})
        return made.model_copy(update={"moved": (*moved, *said), "replaces": shown.digest})

    return await story.note(f"plan:{round_}", Planned, act, hold=True, reads=True)
