"""Ticket: one record of an outside system, and how far it was told of an incident."""

from __future__ import annotations

from collections.abc import Mapping

from bot.core.facts.ticketing import TicketLinked, TicketTold
from bot.core.values import Frozen

OURS = "opened-by-heal"
"""The label of what Heal opened in a tracker: what that sends about it is no alert."""
DISPLAY = "Heal"
"""The same where a ticket system has a column for who opened a record."""

PAGED = "heal-"
"""What the key of every page begins with: what a pager sends about its own page is no alert."""
CALLS = ("Heal could not mend", "Heal takes care of")
"""What the title of every page begins with: where a pager tells of one without its key."""


class Ticket(Frozen):
    """A record of a ticket system or pager; `upto` is the last fact that was settled there."""

    system: str
    reference: str = ""
    upto: int = -1
    missed: tuple[TicketTold, ...] = ()
    """What was given up, oldest first, until it is told after all."""


Tickets = dict[str, Ticket]
"""By system."""


def after(known: Mapping[str, Ticket], fact: TicketLinked | TicketTold) -> Tickets:
    """The tickets of an incident after one more was linked, or told something."""
    ticket = known.get(fact.system, Ticket(system=fact.system))
    reference = fact.reference or ticket.reference
    changes: dict[str, object] = {"reference": reference}
    if isinstance(fact, TicketTold):
        others = tuple(one for one in ticket.missed if one.number != fact.number)
        changes["missed"] = (*others, fact) if fact.why_not else others
        changes["upto"] = max(ticket.upto, fact.number)
    return {**known, fact.system: ticket.model_copy(update=changes)}
