"""Who decided and why they were allowed to, and who was told: the people in a transcript."""

from __future__ import annotations

from collections.abc import Iterator

from bot.core import chain, facts
from bot.core.approval import Ending
from bot.core.circle import Seen
from bot.core.incident import Incident, Timed
from bot.core.telling.blocks import Block, Bullet, Heading, table
from bot.core.telling.sentences import sentence

_DECIDING = facts.Voted | facts.Barred | facts.Decided | facts.Edited | facts.Allowed
_NAMES = ("UTC", "Who", "What", "Allowed, or not, because", "Who it was then")


def deciding(incident: Incident) -> Iterator[Block]:
    """Every click on its plans: who, what, when, and what made it count or kept it out."""
    told = [one for one in incident.story if isinstance(one.fact, _DECIDING)]
    if told:
        yield Heading(2, "Who decided, and why they might")
        yield table(_NAMES, (_clicked(one) for one in told))


def told(incident: Incident) -> Iterator[Block]:
    """Whom Heal called on, and what it knows of what came of that."""
    lines = list(_told(incident))
    if lines:
        yield Heading(2, "Who was told")
        yield from map(Bullet, lines)


def _clicked(one: Timed) -> tuple[str, ...]:
    fact, seen = one.fact, getattr(one.fact, "seen", None)
    when = chain.stamp(one.at)
    members = _members(seen) if isinstance(seen, Seen) else ""
    return when, one.actor, sentence(fact), _ground(fact), members


def _ground(fact: facts.AnyFact) -> str:  # noqa: C901, PLR0911 - one arm a kind
    match fact:
        case facts.Voted(vote=vote, grounds=grounds):
            if grounds is None:
                return "checked at the click; by which group was not recorded then"
            held = grounds.get(vote.who, ())
            return _standing(vote.who, held) or "under no word of the request any more"
        case facts.Barred(why=said):
            return f"not allowed: {said}"
        case facts.Edited(by=who, seen=Seen() as seen):
            return _standing(who, seen.of(who)) or "asked for the run themselves"
        case facts.Decided(permit=permit) if permit is not None:
            return f"a yes in advance: pre-approval {permit.id}"
        case facts.Decided(by=()):
            return "nobody: time or an alert ended it"
        case facts.Decided(by=(who, *_), seen=Seen() as seen):
            return _standing(who, seen.of(who))
        case facts.Decided(ending=Ending.APPROVED | Ending.REJECTED):
            return "their votes, above"
        case facts.Decided():
            return "an order, checked when it was given"
        case facts.Allowed():
            return "policy asks nobody for it: see its verdicts"
    return ""


def _standing(who: str, held: tuple[str, ...]) -> str:
    return ", ".join("named by policy" if word == who else f"one of {word}" for word in held)


def _members(seen: Seen) -> str:
    parts = []
    for word, people in seen.members.items():
        more = seen.counts[word] - len(people)
        those = ", ".join(people) or "nobody"
        parts.append(f"{word}: {those}{f' and {more} more' if more else ''}")
    parts += [f"{word} could not be asked about: {reason}" for word, reason in seen.unknown.items()]
    return f"read {chain.stamp(seen.at)}; {'; '.join(parts) or 'nobody'}"


def _told(incident: Incident) -> Iterator[str]:
    opened = incident.opened
    if opened.channel:
        thread = f", thread {opened.thread}" if opened.thread else ""
        yield f"Its card: channel {opened.channel}{thread}"
    for one in incident.story:
        when = chain.stamp(one.at)
        match one.fact:
            case facts.Asked(request=request):
                late = f"; later: {', '.join(request.late)}" if request.late else ""
                yield f"{when}: asked {', '.join(request.first) or 'nobody'}{late}"
            case facts.Reminded(who=who, fallback=fallback):
                whom = ", ".join(who) or ("those who stand in" if fallback else "those asked")
                yield f"{when}: reminded {whom}"
            case facts.Snoozed(by=by, until=until):
                yield f"{when}: {by} wants to be reminded at {chain.stamp(until)}"
            case facts.Escalated() as call:
                yield f"{when}: called {', '.join(call.whom)}: {call.why}"
            case facts.TicketTold(why_not=""):
                continue  # each stands in the timeline
            case facts.Raised() | facts.Taken() | facts.Unheard() | facts.Gathered():
                yield f"{when}: {sentence(one.fact)}"
            case (facts.Signalled() | facts.Proposed() | facts.TicketLinked() | facts.TicketTold()
                  | facts.TicketAgain()):  # fmt: skip
                yield f"{when}: {sentence(one.fact)}"
