"""Folding: an incident from its entries, one after the other; the same ones make the same."""

from __future__ import annotations

from datetime import datetime

from bot.core import facts, lifecycle, occurrence, rest, ticket, values
from bot.core.incident import Incident, Timed
from bot.core.occurrence import Fired
from bot.core.transcript import Draft, Entry


def opened(entry: Entry) -> Incident:
    """Begin the fold with the entry that opened it."""
    fact = facts.read(entry.body)
    if not isinstance(fact, facts.Opened):
        raise TypeError(f"entry {entry.seq} is {entry.kind}, which opens no incident")
    begun = Incident(
        id=entry.incident,
        opened=fact,
        opened_at=entry.at,
        alerts={fact.alert.fingerprint: fact.alert} if fact.alert else {},
        seen=1 if fact.alert else 0,
        quiet=fact.quiet,
        fired=_fired(fact, entry),
        story=(Timed(at=entry.at, actor=entry.actor, fact=fact),),
    )
    return values.pare(begun, vars(begun))


def _fired(fact: facts.Opened, entry: Entry) -> tuple[Fired, ...]:
    """To ask again, or more loudly, is no new occurrence."""
    if fact.alert is None or fact.again_for or fact.glass:
        return fact.fired
    fired = Fired(alert=fact.alert.name, at=entry.at, incident=entry.incident)
    return occurrence.after(fact.fired, fired)


def follow(incident: Incident, entry: Draft) -> Incident:
    """Return the incident after one more entry; an illegal move raises IllegalTransition."""
    fact = facts.read(entry.body)
    changes = _changes(incident, fact, entry.at)
    if fact.moves is not None:
        changes["state"] = lifecycle.after(incident.state, fact.moves)
    if not isinstance(fact, facts.Joined):
        told = Timed(at=entry.at, actor=entry.actor, fact=fact)
        changes["story"] = (*incident.story, told)
    return values.changed(incident, {**changes, "told": incident.told + 1})


def may(incident: Incident, fact: facts.Fact) -> None:
    """Raise IllegalTransition when this fact cannot happen now: asked before it is recorded."""
    if fact.moves is not None:
        lifecycle.after(incident.state, fact.moves)


def _joined(incident: Incident, fact: facts.Joined, at: datetime) -> dict[str, object]:
    """It fires once more when it fires where nothing of its incident did."""
    alert = fact.alert
    found: dict[str, object] = {"seen": incident.seen + (1 if alert.firing else 0)}
    if fact.apart:
        return {**found, **rest.waits(incident.apart, incident.apart_more, fact)}
    if alert.firing and not incident.fires:
        fired = Fired(alert=alert.name, at=at, incident=incident.id)
        found["fired"] = occurrence.after(incident.fired, fired)
    return {**found, **rest.joined(incident.alerts, incident.rest, alert)}


def _changes(incident: Incident, fact: facts.AnyFact, at: datetime) -> dict[str, object]:  # noqa: C901, PLR0911, PLR0912 - one arm a kind
    match fact:
        case facts.Joined():
            return _joined(incident, fact, at)
        case facts.GoesOn() | facts.Decided() | facts.Expired() | facts.Quieted():
            return _waited(incident, fact)
        case facts.Planned():
            return {"planned": fact, "built_at": at, "asked": None, "votes": (), "decided": None,
                    "expired": False, "queued": None}  # fmt: skip
        case facts.Rebuilt():
            left = {"queued": None} if fact.changes else {}
            return {"rebuilt": fact, "built_at": at, **left}
        case facts.Edited():
            return {"edits": (*incident.edits, fact), "asked": None}
        case facts.Started():
            return {"started": fact, "started_at": at}
        case facts.Stepped(back=True):
            return {"undone": (*incident.undone, fact)}
        case facts.Stepped():
            return {"steps": (*incident.steps, fact)}
        case facts.Verified(back=True):
            return {"back_verified": fact}
        case facts.Verified():
            return {"verified": fact, "healed_at": at if fact.passed else None}
        case facts.Closed():
            return {"closed": fact, "closed_at": at}
        case facts.TicketLinked() | facts.TicketTold():
            return {"tickets": ticket.after(incident.tickets, fact)}
        case facts.Resumed():
            return {"halted": None}
        case _:
            return _kept(incident, fact)


def _kept(incident: Incident, fact: facts.Fact) -> dict[str, object]:
    """Most are kept as they are: the last one, or all of them in their order."""
    if many := _MANY.get(type(fact)):
        return {many: (*getattr(incident, many), fact)}
    field = _FIELDS.get(type(fact))
    return {field: fact} if field else {}


def _waited(incident: Incident, fact: facts.Fact) -> dict[str, object]:
    """A wait is over: for people, for a time, or for what its service needs."""
    match fact:
        case facts.Quieted():
            return {"quiet": fact.quiet}
        case facts.Decided():
            return {"decided": fact, "waits": None}
        case facts.Expired():
            unheard = incident.asked is not None and incident.decided is None
            return {"expired": unheard, "waits": None}
    return {"waits": None}


_MANY: dict[type[facts.Fact], str] = {
    facts.Voted: "votes", facts.StepVerified: "proofs", facts.Exhibited: "exhibits",
    facts.Raised: "raised",
}  # fmt: skip
_FIELDS: dict[type[facts.Fact], str] = {
    facts.Chosen: "chosen", facts.Diagnosed: "evidence", facts.Asked: "asked",
    facts.Waits: "waits", facts.Claimed: "claimed", facts.Acted: "acted",
    facts.Reverting: "reverting", facts.RolledBack: "rolled_back",
    facts.Kept: "kept", facts.Escalated: "escalated", facts.CameBack: "came_back",
    facts.TakenBack: "taken_back", facts.PassedOn: "passed_on",
    facts.Cancelling: "cancelling", facts.News: "news", facts.Queued: "queued",
    facts.Halted: "halted", facts.Reviewed: "reviewed", facts.Signalled: "signalled",
    facts.Proposed: "problem", facts.Taken: "taken",
}  # fmt: skip
