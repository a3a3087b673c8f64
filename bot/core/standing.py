"""Standing: what people said for the whole house, which holds until somebody takes it back."""

from __future__ import annotations

from bot.core import facts, permits
from bot.core.permit import Permit
from bot.core.transcript import Entry
from bot.core.values import Frozen

KINDS = ("house.halted", "house.resumed", *permits.KINDS)
"""The entries that it is folded from; they belong to no incident."""


class Standing(Frozen):
    """Folded from the ledger, so it survives a restart."""

    halted: facts.Halted | None = None
    """The kill switch, while it is pulled."""
    permits: tuple[Permit, ...] = ()
    """Yeses given in advance: asked for, holding, and lately over."""


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
        case _:
            return standing
