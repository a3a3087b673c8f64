"""What became of an escalation, in a sentence each."""

from __future__ import annotations

from bot.core import facts


def said(fact: facts.AnyFact) -> str:
    """Say one, without its full stop; empty for any other kind."""
    match fact:
        case facts.Raised():
            whom = ", ".join(fact.calls) or "nobody, for nobody is named"
            return f"Nobody said that they have it, so level {fact.level} is called: {whom}"
        case facts.Taken(at=""):
            return f"{fact.by} has it"
        case facts.Taken():
            return f"{fact.by} has it, says {fact.at}"
        case facts.Unheard():
            levels = "1 level was" if fact.levels == 1 else f"{fact.levels} levels were"
            return f"{levels} called, and nobody said that they have it"
    return ""
