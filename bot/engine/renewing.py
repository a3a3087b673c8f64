"""Asking again for what nobody decided in time, or no life can go on with: by a fresh plan."""

from __future__ import annotations

from bot.core import outcome
from bot.core.facts import Opened, Wish
from bot.core.incident import Incident
from bot.core.lifecycle import State
from bot.engine.healing import WORKFLOW
from bot.engine.world import World

WELL = frozenset({State.RESOLVED, State.ALREADY_HEALTHY, State.REVERTED})
"""Ends after which nothing is left to try."""


def why_not(  # noqa: PLR0911 - one way to say no each
    world: World, earlier: Incident, once: str, *, retry: bool = False
) -> str:
    """
    Why it is not asked again; empty when it can be. `once` names this asking.

    With `retry`, all may be that ended without a healed service; what was undone has its own word.
    """
    if retry and not earlier.over:
        return f"It is not over: {outcome.outcome(earlier)}"
    if retry and earlier.opened.undoes:
        return f"It took a run back: `/heal undo {earlier.opened.undoes}` does that again."
    if not (earlier.askable or (retry and earlier.state not in WELL)):
        return f"There is nothing to ask again: {outcome.outcome(earlier)}"
    if glass := earlier.opened.glass:
        return f"Break-glass wants a reason each time: `/heal break-glass {glass.of} <why>`."
    if earlier.opened.alert is not None and not earlier.fires:
        return "Its alerts are clear by now: there is nothing to ask for."
    if world.cases.standing().halted is not None:
        return "All healing is halted: `/heal resume` first, then ask again."
    other = world.cases.again_for(earlier.id)
    if other is not None and not (once and other.id == world.new_id(once)):
        return f"Somebody asked again already: {outcome.outcome(other)}"
    alert = earlier.opened.alert
    latest = world.cases.latest(alert) if alert else None
    if latest is not None and not latest.over and latest is not other:
        return f"{latest.id} is about the same trouble: {outcome.outcome(latest)}"
    return ""


def opening(earlier: Incident, who: str) -> Opened:
    """The same trouble, or the same wish by this person, anew."""
    wish, opened = earlier.opened.wish, earlier.opened
    return opened.model_copy(
        update={
            "workflow": WORKFLOW,
            "alert": next(iter(earlier.firing), opened.alert) if opened.alert else None,
            "wish": wish.model_copy(update={"by": who, "before": _before(wish)}) if wish else None,
            "again_for": earlier.id,
            "fired": earlier.fired,
            "quiet": None,
        }
    )


def _before(wish: Wish) -> tuple[str, ...]:
    """Everybody whose wish it is: that somebody else asks again makes it nobody's less."""
    return tuple(dict.fromkeys((*wish.before, wish.by)))
