"""Standing: what people said for the whole house, which holds until somebody takes it back."""

from __future__ import annotations

from bot.core import facts
from bot.core.transcript import Entry
from bot.core.values import Frozen

KINDS = ("house.halted", "house.resumed")
"""The entries that it is folded from; they belong to no incident."""


class Standing(Frozen):
    """Folded from the ledger, so it survives a restart."""

    halted: facts.Halted | None = None
    """The kill switch, while it is pulled."""


def follow(standing: Standing, entry: Entry) -> Standing:
    """Return what holds after one more entry; one that is no order changes nothing."""
    match facts.read(entry.body):
        case facts.Halted() as halted:
            return standing.model_copy(update={"halted": halted})
        case facts.Resumed():
            return standing.model_copy(update={"halted": None})
        case _:
            return standing
