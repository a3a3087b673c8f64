"""One sentence for each kind of entry that says what another system was told."""

from __future__ import annotations

from bot.core import facts


def said(fact: facts.AnyFact) -> str:
    """Say what was told to whom, or why it was not, without the full stop; empty for all else."""
    match fact:
        case facts.Signalled(why_not=why) if why:
            return f"The gateway was NOT told that it recovered: {why}"
        case facts.Signalled():
            return f"The gateway was told that it recovered, at try {fact.tries}"
        case facts.TicketLinked():
            new = "" if fact.reference else ", where a record is opened for it"
            return f"From now on {_record(fact)} is kept in step with it{new}"
        case facts.TicketTold(why_not=why):
            told = f"was told, at try {fact.tries}: {fact.title}"
            return f"{_record(fact)} {f'was NOT told ({fact.title}): {why}' if why else told}"
        case facts.TicketAgain():
            return f"{fact.by} wants told once more what was given up"
    return ""


def _record(fact: facts.TicketLinked | facts.TicketTold) -> str:
    return f"{fact.system} {fact.reference}".rstrip()
