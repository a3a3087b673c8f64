"""What became of an escalation, in a sentence each."""

from __future__ import annotations

from bot.core import facts

FEW = 10
"""Incidents that a sentence names."""


def said(fact: facts.AnyFact) -> str:
    """Say one, without its full stop; empty for any other kind."""
    match fact:
        case facts.Raised():
            whom = ", ".join(fact.calls) or "nobody, for nobody is named"
            said = f"Nobody said that they have it, so level {fact.level} is called: {whom}"
            return said + held(fact)
        case facts.Gathered(incidents=names):
            rest = f" and {len(names) - FEW} more" if len(names) > FEW else ""
            many = "1 incident" if len(names) == 1 else f"{len(names)} incidents"
            return (
                f"One page tells of {many} whose own was held back: {', '.join(names[:FEW])}{rest}"
            )
        case facts.Taken(at=""):
            return f"{fact.by} has it"
        case facts.Taken():
            return f"{fact.by} has it, says {fact.at}"
        case facts.Unheard():
            levels = "1 level was" if fact.levels == 1 else f"{fact.levels} levels were"
            return f"{levels} called, and nobody said that they have it"
    return ""


def held(fact: facts.Escalated | facts.Raised) -> str:
    """Say that it does not page by itself, as the sentence goes on; empty when it does."""
    return "; its page is held back, and sent as one with others" if fact.held else ""
