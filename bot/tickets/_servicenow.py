"""What is written to records of ServiceNow, and how it is known to be there."""

from __future__ import annotations

import re

from bot.clients.servicenow import Api, Row
from bot.core.updates import Kind, Update

CHANGE = "servicenow.change"
"""The system that a change request is told as."""
_CODE = re.compile(r"\[(?=/?code\])", re.IGNORECASE)


async def written(api: Api, row: Row, update: Update) -> bool:
    """Whether the journal of a record holds the note of this very update."""
    wanted = {"element_id": row.sys_id, "element": "work_notes", "value": f"LIKE{sign(update)}"}
    return bool(await api.rows("sys_journal_field", wanted, ("value",)))


def sign(update: Update) -> str:
    """How the mark stands in a note: no other mark contains it."""
    return f"[{update.mark}]"


def note(update: Update) -> str:
    """
    The text of a work note.

    ServiceNow takes what stands between [code] and [/code] for HTML: so nothing is.
    """
    lines = (update.title, update.text, _change(update), update.link, sign(update))
    return _CODE.sub("[ ", "\n".join(line for line in lines if line))


def _change(update: Update) -> str:
    """Which change it was done under, where the run begins and at the end."""
    ticket = update.incident.tickets.get(CHANGE)
    said = ticket is not None and ticket.reference and update.kind in {Kind.STARTED, Kind.ENDED}
    return f"change: {ticket.reference}" if said and ticket else ""
