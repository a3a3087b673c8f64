"""The transcript as the file that is attached to a thread."""

from __future__ import annotations

from collections.abc import Sequence

from bot.core import facts, telling
from bot.core.incident import Incident
from bot.core.transcript import Entry


def as_text(incident: Incident, entries: Sequence[Entry]) -> str:
    """Markdown with the timeline, plan, votes, readings and the place in the hash chain."""
    return telling.transcript(incident, entries)


def line(entry: Entry) -> str:
    """One sentence for an entry, without any markup."""
    return telling.sentence(facts.read(entry.body))
