"""Replaying: what recorded alerts and plans would have come to under another policy."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime

from pydantic import ValidationError

from bot.core import facts
from bot.core.approval import Request
from bot.core.incident import Incident
from bot.core.library import Library
from bot.core.plan import Plan
from bot.core.policy import preconditions
from bot.core.policy.verdict import Ruling, Verdict
from bot.core.transcript import Entry
from bot.engine import choosing, judging
from bot.engine.world import World
from bot.rehearsal.policy import then
from bot.rehearsal.policy.then import Stopped, Then

PLANNED, CHOSEN = "plan.made", "runbook.chosen"
NO_PLAN = "no plan"
STRICTNESS = {"allow": 0, "ask": 1, "deny": 2, NO_PLAN: 3}

Ticked = Callable[[], None]


@dataclass(frozen=True)
class Answer:
    """What one policy says of one plan; without a ruling it would not have been made."""

    ruling: Ruling | None = None
    verdicts: tuple[Verdict, ...] = ()
    request: Request | None = None
    why: str = ""
    """Why it would not have been made."""

    @property
    def word(self) -> str:
        return self.ruling.name.lower() if self.ruling is not None else NO_PLAN


@dataclass(frozen=True)
class Difference:
    """One moment at which the two policies part."""

    incident: str
    at: datetime
    about: str
    old: str
    new: str
    why: tuple[str, ...]
    looser: bool

    @property
    def transition(self) -> str:
        return f"{self.old} → {self.new}"


@dataclass
class Replay:
    """How many were judged by both, and where they part."""

    judged: int = 0
    as_then: int = 0
    """Of these, how many the old policy rules as it was ruled then."""
    unmatched: int = 0
    """Alerts for which neither has a runbook."""
    unreadable: int = 0
    differences: list[Difference] = field(default_factory=list)

    @property
    def loosened(self) -> list[Difference]:
        return [one for one in self.differences if one.looser]

    def counted(self) -> list[tuple[str, int]]:
        """Each transition with how often it came, the most frequent first."""
        return Counter(one.transition for one in self.differences).most_common()


def replay(stood: Then, old: Library, new: Library, tick: Ticked = lambda: None) -> Replay:
    """Go through all that was recorded since then, with the history as each moment had it."""
    found, clock = Replay(), Stopped(datetime.min.replace(tzinfo=UTC))
    worlds = [then.world(each, stood.cases, clock) for each in (old, new)]
    for entry in stood.past.after(stood.past.head()):
        if entry.kind in {PLANNED, CHOSEN}:
            incident = stood.cases.get(entry.incident)
            try:
                fact = facts.read(entry.body)
            except ValidationError:
                found.unreadable += 1
                continue
            if incident is not None:
                clock.at = entry.at
                _compare(found, entry, fact, incident, worlds)
        stood.cases.take(entry)
        tick()
    return found


def _compare(
    found: Replay, entry: Entry, fact: facts.AnyFact, incident: Incident, worlds: list[World]
) -> None:
    if isinstance(fact, facts.Chosen) and incident.opened.alert is not None:
        chosen = [choosing.choice(world.library(), incident.opened) for world in worlds]
        if not fact.runbook and chosen[0].runbook != chosen[1].runbook:
            found.differences.append(_other_choice(entry, incident, chosen[0], chosen[1]))
        found.unmatched += not any(one.runbook for one in chosen)
    elif isinstance(fact, facts.Planned) and fact.plan is not None and not fact.healthy:
        before, now = (_answer(world, incident, fact, fact.plan) for world in worlds)
        found.judged += 1
        found.as_then += before.ruling is fact.ruling
        why, looser = _parting(before, now)
        if why:
            plan = fact.plan
            about = f"{plan.runbook} on {plan.service} in {plan.environment}"
            one = Difference(entry.incident, entry.at, about, before.word, now.word, why, looser)
            found.differences.append(one)


def _answer(world: World, incident: Incident, made: facts.Planned, plan: Plan) -> Answer:
    """Judge a recorded plan anew, unless this policy would never have come to it."""
    if incident.opened.alert is not None:
        chosen = choosing.choice(world.library(), incident.opened)
        if chosen.runbook != plan.runbook:
            other = f"{chosen.runbook} is chosen" if chosen.runbook else chosen.why_none
            return Answer(why=other)
    judged = judging.judged(world, incident, plan, round_=1, moved=(), unsafe=_unsafe(made))
    asks = judged.ruling is Ruling.ASK
    request = judging.request(world, incident, judged) if asks else None
    return Answer(judged.ruling, judged.verdicts, request)


def _unsafe(made: facts.Planned) -> str:
    """Why the precondition did not hold, as it was read then."""
    found = (one for one in made.verdicts if one.rule == preconditions.RULE)
    return next((one.reason for one in found if one.ruling is not Ruling.ALLOW), "")


def _parting(old: Answer, new: Answer) -> tuple[tuple[str, ...], bool]:
    """What made the difference, and whether more may happen now; nothing when there is none."""
    if old.ruling is not new.ruling:
        moved = tuple(_moved(old, new)) or (new.why or f"before: {old.why}",)
        return moved, STRICTNESS[new.word] < STRICTNESS[old.word]
    if old.request is None or new.request is None:
        return (), False
    why, looser = list[str](), False
    before, now = _people(old.request), _people(new.request)
    if old.request.quorum != new.request.quorum:
        why.append(f"quorum: {old.request.quorum} → {new.request.quorum}")
        looser = new.request.quorum < old.request.quorum
    demanded, demands = _demanded(old.request), _demanded(new.request)
    if demanded != demands:
        said = [", ".join(sorted(each)) or "nobody" for each in (demanded, demands)]
        why.append(f"one of each must agree: {said[0]} → {said[1]}")
        looser = looser or bool(demanded - demands)
    if gone := before - now:
        why.append(f"may not approve any more: {', '.join(sorted(gone))}")
    if come := now - before:
        why.append(f"may approve now: {', '.join(sorted(come))}")
    if set(old.request.excluded) != set(new.request.excluded):
        why.append("whether who asks may approve it themselves")
    freed = set(old.request.excluded) - set(new.request.excluded)
    return tuple(why), looser or bool(come) or bool(freed)


def _people(request: Request) -> set[str]:
    circle = request.everybody
    groups = (f"@{group.removeprefix('@')}" for group in circle.groups)
    return {*groups, *circle.people, *circle.schedules}


def _demanded(request: Request) -> set[str]:
    return {one.name for one in request.demands}


def _moved(old: Answer, new: Answer) -> Iterator[str]:
    before = {one.rule: one for one in old.verdicts}
    for one in new.verdicts:
        was = before.get(one.rule)
        if was is not None and was.ruling is not one.ruling:
            word, said = was.ruling.name.lower(), one.ruling.name.lower()
            yield f"{one.rule}: {word} → {said} ({one.reason}; before: {was.reason})"


def _other_choice(
    entry: Entry, incident: Incident, old: facts.Chosen, new: facts.Chosen
) -> Difference:
    """No plan was recorded for it, so that what it would have said of one is not known."""
    about = f"{incident.opened.title} on {incident.service} in {incident.environment}"
    words = [f"plan of {one.runbook}" if one.runbook else NO_PLAN for one in (old, new)]
    why = new.why_none or old.why_none or "another runbook is chosen"
    return Difference(
        entry.incident, entry.at, about, words[0], words[1], (why,), bool(new.runbook)
    )
