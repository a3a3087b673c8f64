"""One sentence for each kind of entry that concerns the whole house, and no incident."""

from __future__ import annotations

from datetime import timedelta

from bot.core import chain, durations, facts


def said(fact: facts.AnyFact) -> str:  # noqa: C901, PLR0911 - one arm a kind
    """Say an order or what became of a permit, without the full stop; empty for all else."""
    match fact:
        case facts.Halted():
            return f"{fact.by} halted all healing{_why(fact.why)}"
        case facts.Resumed():
            return f"{fact.by} let healing go on{_why(fact.why)}"
        case facts.Froze():
            until = chain.stamp(fact.until)[:19].replace("T", " ")
            return f"{fact.by} froze {fact.place} until {until} UTC{_why(fact.why)}"
        case facts.Thawed():
            return f"{fact.by} lifted the freeze of {fact.place}{_why(fact.why)}"
        case facts.PermitAsked():
            return _asked(fact)
        case facts.PermitVoted(vote=vote):
            word = "yes" if vote.yes else "no"
            return f"{vote.who} said {word} to pre-approval {fact.permit}{_why(vote.why)}"
        case facts.PermitBarred():
            return f"{fact.who} may not decide pre-approval {fact.permit}{_why(fact.why)}"
        case facts.PermitGranted():
            until = chain.stamp(fact.until)[:19].replace("T", " ")
            by = ", ".join(fact.by)
            return f"Pre-approval {fact.permit} was granted by {by} until {until} UTC"
        case facts.PermitRefused():
            return f"Pre-approval {fact.permit} was refused by {fact.by}{_why(fact.why)}"
        case facts.PermitRevoked():
            return f"Pre-approval {fact.permit} was revoked by {fact.by}{_why(fact.why)}"
    return _kept(fact)


def _kept(fact: facts.AnyFact) -> str:
    """What became of runbooks and policy, and of the ledger itself."""
    match fact:
        case facts.PolicyTaken():
            keys = f": {'; '.join(fact.changed)}" if fact.changed else ""
            return f"Policy {fact.digest[:12]} is in force, with {fact.runbooks} runbooks{keys}"
        case facts.PolicyRefused():
            wrong = "; ".join(fact.problems)
            return f"What lies on disk is not in force, policy {fact.keeps[:12]} stays: {wrong}"
        case facts.CheckpointKey():
            return _signs(fact)
        case facts.LedgerSealed():
            return f"{fact.names} were sealed in {fact.file}".capitalize()
        case facts.LedgerRestored():
            unheard = f"; {fact.unheard} messages were left undone" if fact.unheard else ""
            return f"{fact.says[0].upper()}{fact.says[1:]}{unheard}"
    return ""


def _signs(fact: facts.CheckpointKey) -> str:
    now, before = ("+".join(key.split("+")[:2]) for key in (fact.key, fact.before))
    if not before:
        return f"Checkpoints are signed with the key {now} from now on"
    how = "which handed over to it" if fact.handover else "which did NOT hand over to it"
    return f"Checkpoints are signed with the key {now} from now on, after {before}, {how}"


def _asked(fact: facts.PermitAsked) -> str:
    wanted = fact.wanted
    runs = "1 run" if wanted.runs == 1 else f"{wanted.runs} runs"
    lasts = durations.in_words(timedelta(seconds=wanted.lasts))
    return (
        f"{wanted.by} asked for pre-approval {fact.permit}: {wanted.runbook} on "
        f"{wanted.service} in {wanted.environment}, for {lasts} and {runs}{_why(wanted.why)}"
    )


def _why(why: str) -> str:
    return f": {why}" if why else ""
