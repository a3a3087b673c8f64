"""Why an incident went as it did: from what was decided and recorded then, never judged anew."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple, TypeVar

from bot.core import facts, outcome, visible
from bot.core.approval import Request
from bot.core.facts.fact import Fact
from bot.core.incident import Incident
from bot.core.policy import wording
from bot.core.policy.verdict import Ruling, Verdict
from bot.core.telling.sentences import sentence

F = TypeVar("F", bound=Fact)
DOES = {Ruling.ALLOW: "allows", Ruling.ASK: "asks", Ruling.DENY: "denies"}
RULED = {
    Ruling.ALLOW: "Policy allowed it without asking",
    Ruling.ASK: "Policy asked people",
    Ruling.DENY: "Policy said no",
}
_MENTION = re.compile(r"<@(\w+)>")
SHORT = 12
"""Digits of a hash that people compare; the plan's own and the policy's."""


class Part(NamedTuple):
    """One question that somebody has, and its answer in lines."""

    title: str
    lines: tuple[str, ...]
    folded: bool = False
    """Whether it may be left for who asks for all of it."""


def why(incident: Incident) -> tuple[Part, ...]:
    """Answer what a person asks afterwards: why this, how risky, who says so, what changed."""
    parts = (
        Part(incident.opened.title, (_MENTION.sub(r"\1", outcome.outcome(incident)),)),
        *_choice(incident),
        *_judged(incident),
        *_people(incident),
        *_rounds(incident),
        *_begun(incident),
        *_hashes(incident),
    )
    return tuple(
        part._replace(title=visible.line(part.title), lines=tuple(map(visible.line, part.lines)))
        for part in parts
    )


def plans(incident: Incident) -> tuple[facts.Planned, ...]:
    """Every plan that was made for it, or could not be, in the order of the rounds."""
    return tuple(_all(incident, facts.Planned))


def round_of(incident: Incident, digest: str) -> int:
    """The round of its newest plan whose hash begins so; 0 when none does."""
    rounds = (one.round for one in plans(incident) if one.digest.startswith(digest))
    return max(rounds, default=0)


def _all(incident: Incident, kind: type[F]) -> Iterator[F]:
    return (one.fact for one in incident.story if isinstance(one.fact, kind))


def _choice(incident: Incident) -> Iterator[Part]:
    chosen = incident.chosen
    if chosen is None:
        yield Part("Which runbook", ("None was chosen yet.",))
        return
    if chosen.runbook:
        yield Part(f"Why {chosen.runbook}", chosen.because or ("nothing else fits",))
    else:
        yield Part("Why no runbook", (chosen.why_none or "none fits",))
    if chosen.misses:
        others = tuple(f"{miss.runbook}: {miss.reason}" for miss in chosen.misses)
        yield Part("Why no other", others)


def _judged(incident: Incident) -> Iterator[Part]:
    planned = incident.planned
    if planned is None:
        if incident.chosen is not None and incident.chosen.runbook:
            yield Part("Why there is no plan", ("None was made before it ended.",)
                       if incident.over else ("None was made yet.",))  # fmt: skip
        return
    if planned.plan is None or planned.healthy:
        yield Part("Why there is no plan", (sentence(planned),))
        return
    if planned.risk is not None:
        title = f"Risk: {planned.risk.level}, {planned.risk.score} of 100"
        yield Part(title, planned.risk.reasons)
    yield from _policy(planned)


def _policy(planned: facts.Planned) -> Iterator[Part]:
    """The strictest first; what allows can be many, and is folded then."""
    strict = sorted(planned.verdicts, key=lambda verdict: -verdict.ruling)
    yield Part(
        RULED[planned.ruling],
        tuple(_verdict(one) for one in strict if one.ruling is not Ruling.ALLOW)
        or ("No rule had anything against it.",),
    )
    if calm := [one for one in strict if one.ruling is Ruling.ALLOW]:
        title = f"{wording.count(len(calm), 'rule')} had nothing against it"
        yield Part(title, tuple(f"{one.rule}: {one.reason}" for one in calm), folded=True)


def _verdict(one: Verdict) -> str:
    return f"{one.rule} {DOES[one.ruling]}: {one.reason}"


def _people(incident: Incident) -> Iterator[Part]:
    asked = {one.request.round: one.request for one in _all(incident, facts.Asked)}
    if incident.asked is not None and asked:
        yield Part("Who may decide", tuple(_may(asked[max(asked)])))
    said = tuple(_said(incident, asked))
    if said:
        yield Part("Who decided", said)


def _may(request: Request) -> Iterator[str]:
    also = "".join(f" and somebody of {one.name}" for one in request.demands)
    needed = f"{wording.count(request.quorum, 'yes')}{also}"
    yield (
        f"{', '.join(_named(request)) or 'nobody'}: {needed} "
        f"needed until {wording.moment(request.expires_at)}"
    )
    if request.excluded:
        yield f"not {', '.join(request.excluded)}, who asked for it"
    if request.fallback:
        yield f"called only late: {', '.join(request.fallback)}"


def _named(request: Request) -> Iterator[str]:
    circle = request.everybody
    yield from (f"members of {group}" for group in circle.groups)
    yield from circle.people
    yield from (f"who is on call by {schedule}" for schedule in circle.schedules)


def _said(incident: Incident, asked: dict[int, Request]) -> Iterator[str]:
    for one in incident.story:
        match one.fact:
            case facts.Voted(round=number, vote=vote, grounds=grounds):
                how = "" if grounds else _eligible(vote.who, asked.get(number))
                yield f"{_stop(sentence(one.fact))} at {wording.moment(one.at)}{how}"
            case facts.Barred() | facts.Decided():
                yield f"{_stop(sentence(one.fact))} at {wording.moment(one.at)}"
            case facts.Allowed():
                yield "Nobody was asked: policy allowed it by itself"


def _eligible(who: str, request: Request | None) -> str:
    """By what somebody was allowed to say it, as the request of that round names people."""
    if request is None:
        return ""
    if who in request.people:
        return ", whom policy names"
    groups = " or ".join(request.groups)
    return f", a member of {groups} when it was checked, at the click" if groups else ""


def _rounds(incident: Incident) -> Iterator[Part]:
    changes = [f"before round {one.round}: {line}" for one in plans(incident) for line in one.moved]
    if changes:
        yield Part("What changed after it was shown", tuple(changes))


def _begun(incident: Incident) -> Iterator[Part]:
    if incident.started is not None and incident.started.refused:
        yield Part("Why it did not begin after all", incident.started.refused)


def _hashes(incident: Incident) -> Iterator[Part]:
    lines = tuple(
        f"round {one.round}: plan {one.digest[:SHORT]}, policy {one.plan.policy_digest[:SHORT]}, "
        f"runbook {one.plan.runbook_digest[:SHORT]}"
        for one in plans(incident)
        if one.plan is not None
    )
    if lines:
        yield Part("Judged by", lines)


def _stop(text: str) -> str:
    return text.removesuffix(".")
