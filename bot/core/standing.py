"""Standing: what people said for the whole house, which holds until somebody takes it back."""

from __future__ import annotations

from datetime import datetime

from bot.core import facts, permits
from bot.core.permit import Permit
from bot.core.transcript import Entry
from bot.core.values import Frozen

KINDS = (
    *("house.halted", "house.resumed", "house.frozen", "house.thawed"),
    *("house.policy_taken", "house.policy_refused", "problem.proposed", *permits.KINDS),
)
"""The entries that it is folded from; they belong to no incident."""

MOST = 50
"""Proposed problem records that are listed."""


class Standing(Frozen):
    """Folded from the ledger, so it survives a restart."""

    halted: facts.Halted | None = None
    """The kill switch, while it is pulled."""
    frozen: tuple[facts.Froze, ...] = ()
    """Every freeze that was ordered and not lifted, oldest first; some may be over by now."""
    permits: tuple[Permit, ...] = ()
    """Yeses given in advance: asked for, holding, and lately over."""

    policy: facts.PolicyTaken | None = None
    """The last that was taken while Heal ran; None when it never changed."""
    unread: facts.PolicyRefused | None = None
    """Why what lies on disk is not in force, while it is not."""
    problems: tuple[facts.Proposed, ...] = ()
    """The problem records that were proposed last, oldest first."""

    def frozen_at(self, now: datetime) -> tuple[facts.Froze, ...]:
        """The freezes that hold now; a clock that was set back ends none of them sooner."""
        return tuple(one for one in self.frozen if now < one.until)


def follow(standing: Standing, entry: Entry) -> Standing:
    """Return what holds after one more entry; one that is no order changes nothing."""
    fact = facts.read(entry.body)
    known = permits.follow(standing.permits, fact, entry.at)
    if known is not standing.permits:
        standing = standing.model_copy(update={"permits": known})
    match fact:
        case facts.Halted() as halted:
            return standing.model_copy(update={"halted": halted})
        case facts.Resumed():
            return standing.model_copy(update={"halted": None})
        case facts.Froze() as froze:
            kept = (*standing.frozen_at(entry.at), froze)
            return standing.model_copy(update={"frozen": kept})
        case facts.Thawed() as thawed:
            kept = tuple(one for one in standing.frozen if not thawed.lifts(one))
            return standing.model_copy(update={"frozen": kept})
        case _:
            return standing.model_copy(update=_renewed(standing, fact))


def _renewed(standing: Standing, fact: facts.AnyFact) -> dict[str, object]:
    match fact:
        case facts.PolicyTaken():
            return {"policy": fact, "unread": None}
        case facts.Proposed():
            return {"problems": (*standing.problems, fact)[-MOST:]}
        case facts.PolicyRefused():
            return {"unread": fact}
        case _:
            return {}
