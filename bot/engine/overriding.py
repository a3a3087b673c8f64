"""Break-glass: an incident whose plan policy refused is opened anew, for two people to decide."""

from __future__ import annotations

from bot.core import outcome, redaction
from bot.core.facts import BreakGlass, Opened
from bot.core.incident import Incident
from bot.core.policy import glass
from bot.core.policy.verdict import Ruling
from bot.engine.healing import WORKFLOW
from bot.engine.world import World


def why_not(world: World, earlier: Incident, who: str, once: str) -> str:
    """Why there is nothing to override; empty when there is. `once` names this asking."""
    rulebook = world.library().rulebook
    if not rulebook.break_glass.overrides:
        return "Policy lets nobody override it: break_glass.overrides is empty."
    if not earlier.over or not _was_refused(earlier):
        return f"Policy refused nothing here: {outcome.outcome(earlier)}"
    if earlier.opened.alert is not None and not earlier.fires:
        return "Its alerts are clear by now: there is nothing to heal."
    needed = glass.quorum(rulebook, 1)
    if glass.nobody_left(rulebook, needed, *_asking(earlier, who)):
        return (
            f"Break-glass needs {needed} people of approvers.high beside who asks, and policy "
            "names too few of them."
        )
    same = [one for one in world.cases.open() if _about(one, earlier)]
    if same and not (once and same[0].id == world.new_id(once)):
        return f"{same[0].id} is about the same trouble: {outcome.outcome(same[0])}"
    return ""


def opening(earlier: Incident, who: str, why: str) -> Opened:
    """The same trouble, or the same wish, anew and loudly; its plan is made from nothing."""
    opened = earlier.opened
    return opened.model_copy(
        update={
            "workflow": WORKFLOW,
            "alert": next(iter(earlier.firing), opened.alert) if opened.alert else None,
            "fired": earlier.fired,
            "quiet": None,
            "glass": BreakGlass(of=earlier.id, by=who, why=redaction.text(why)),
        }
    )


def _was_refused(earlier: Incident) -> bool:
    """Whether a plan was made that policy let nobody carry out, at first or at the last moment."""
    if earlier.plan is None or earlier.planned is None or earlier.planned.healthy:
        return False
    late = earlier.started is not None and bool(earlier.started.refused)
    return late or (earlier.planned.ruling is Ruling.DENY and not earlier.planned.overrides)


def _about(one: Incident, earlier: Incident) -> bool:
    own = one.opened.glass is not None and one.opened.glass.of == earlier.id
    return own or (earlier.opened.alert is not None and one.trouble == earlier.trouble)


def _asking(earlier: Incident, who: str) -> tuple[str, ...]:
    wish = earlier.opened.wish
    return (who, wish.by) if wish else (who,)
